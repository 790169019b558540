//! Units: pages that are read but not yet decoded, and notes.

use std::io::{BufRead, Read};

use super::archive::http::BodyEncoding;
use super::page_errors::{MAX_PAGE_BYTES, cannot_be_read, location, too_large};
use crate::error::Result;
use crate::model::Format;

/// The longest page id, in bytes. tantivy drops terms of more than 65,530 bytes, and a page whose id is not in the index
/// can't be removed from it.
pub const MAX_ID_BYTES: usize = 1000;

/// The smallest part of a file that can be decoded independently.
pub enum Unit {
    Page(RawPage),
    /// A message that isn't about any one page.
    Note(String),
}

/// A page that is not yet decoded.
pub struct RawPage {
    pub(super) file: String,
    /// Its name in the archive, or the name of the `.jsonl` member it is a line of; `None` outside archives.
    pub(super) member: Option<String>,
    /// Its position among the pages of the file, from 0.
    pub(super) index_in_file: u32,
    pub(super) body: RawBody,
    pub(super) bytes: Vec<u8>,
}

/// How the bytes of a page are decoded.
pub(super) enum RawBody {
    Page(Format),
    /// A line of a `.jsonl` file, numbered from 1.
    Record {
        line: u32,
    },
    /// A response body, or what a crawler extracted from it.
    Web {
        format: Format,
        url: Option<String>,
        encoding: BodyEncoding,
    },
}

impl RawPage {
    /// Reads a file or member to its end. Fails if it is larger than `MAX_PAGE_BYTES`.
    pub fn read(file: &str, member: Option<&str>, format: Format, reader: &mut dyn BufRead) -> Result<RawPage> {
        let location = location(file, member);
        let mut bytes = Vec::new();
        reader.take(MAX_PAGE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| cannot_be_read(&location, &error))?;
        if bytes.len() as u64 > MAX_PAGE_BYTES {
            return Err(too_large(&location));
        }
        let member = member.map(str::to_string);
        Ok(RawPage { file: file.to_string(), member, index_in_file: 0, body: RawBody::Page(format), bytes })
    }

    /// Approximate memory use in bytes.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.file.len() + self.member.as_ref().map_or(0, String::len)
    }
}
