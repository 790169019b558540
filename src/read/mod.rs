//! Finds files, splits them into pages and decodes the pages.
//!
//! `walk` finds the files below a folder, `units` splits a file into units (the file itself, its records, or the
//! members of an archive), and `load` decodes a unit into a page. Splitting streams the file; decoding takes most of
//! the time and can run on all cores.

mod archive;
mod charset;
mod file_kind;
mod file_names;
mod jsonl;
mod load;
mod magic_numbers;
mod not_read;
mod page_errors;
mod prefetch;
mod repair;
mod unit;
mod units;
mod walk;

pub use file_kind::{Compression, ContentType, FileKind, SourceFile, file_kind, recognize, sniff};
pub use file_names::{escape_path, member_name_of_escaped, unescape_path};
pub use load::{Loaded, load};
pub use not_read::NotRead;
pub use page_errors::MAX_PAGE_BYTES;
pub use unit::{LostPages, RawPage, ReadResult, Unit, Unreadable};
pub use units::{Units, units, units_at};
pub use walk::{FoundFile, Walk, size_and_mtime, walk, walked_folders};
