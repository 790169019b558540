//! Errors of pages, records and archive members that can't be read.

use crate::error::Error;

/// Maximum size of a page after decompression. A larger page is a dump or an attack; the limit keeps a 1 GB file or a
/// gzip bomb from filling memory.
pub const MAX_PAGE_BYTES: u64 = 64 << 20;
/// The advice at the end of messages about damaged archives.
pub const REPLACE_ARCHIVE: &str = "replace the archive with an intact copy";

/// The error if other data follows the last gzip member of a file.
#[derive(Debug)]
pub struct TrailingData;

impl std::fmt::Display for TrailingData {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("the gzip data is followed by other data")
    }
}

impl std::error::Error for TrailingData {}

impl TrailingData {
    /// Whether an error means that all gzip data was read, but other data follows.
    pub fn is(error: &std::io::Error) -> bool {
        error.get_ref().is_some_and(|error| error.is::<TrailingData>())
    }
}

/// How messages name a file, or a member of an archive: `FILE` or `FILE#MEMBER`.
pub fn location(file: &str, member: Option<&str>) -> String {
    member.map_or_else(|| file.to_string(), |member| format!("{file}#{member}"))
}

pub fn cannot_be_read(location: &str, error: &std::io::Error) -> Error {
    Error::page(location, format!("cannot be read: {}", io_reason(error)))
}

/// Why a stream could not be read any further.
pub fn io_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "truncated data".to_string(),
        _ => crate::error::reason(error),
    }
}

pub fn too_large(location: &str) -> Error {
    let limit = MAX_PAGE_BYTES >> 20;
    let reason = format!(
        "larger than {limit} MB, the limit for one page; split it, or store its pages as lines of a .jsonl file"
    );
    Error::page(location, reason)
}

/// Says how many pages of a partly readable archive were read.
pub fn pages_before(count: u32) -> String {
    match count {
        0 => "no pages were read before this point".to_string(),
        1 => "1 page was read before this point".to_string(),
        count => format!("{count} pages were read before this point"),
    }
}
