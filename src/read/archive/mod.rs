//! Reads the pages of tar, zip and web archives (WARC).

pub mod http;
mod members;
mod stream;
mod tar;
mod warc;
mod zip;

pub use self::tar::read_tar;
pub use stream::BUFFER_BYTES;
pub use warc::read_warc;
pub use zip::read_zip;
