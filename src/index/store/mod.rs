//! The files of an index on disk: names, formats, checksums and locks.
//! Everything here works on one file or folder, and is independent of searching and updating.

pub mod checksum;
pub mod compression;
pub mod directory;
pub mod generation;
pub mod head;
pub mod lock;
pub mod manifest;
pub mod paths;
pub mod stdin_copy;
pub mod stored_fields;
pub mod verify;
