//! Units, which the readers of files emit: pages that are not yet decoded, notes, and counts of what is not read.

use std::io::{BufRead, Read};

use super::archive::http::BodyEncoding;
use super::file_kind::ContentType;
use super::page_errors::{MAX_PAGE_BYTES, TrailingData, cannot_be_read, location, too_large};
use crate::error::{Error, Result};
use crate::model::Format;

/// The longest page id, in bytes. tantivy drops terms of more than 65,530 bytes, and a page whose id is not in the
/// index can't be removed from it.
pub const MAX_ID_BYTES: usize = 1000;

/// What a reader emits: a page, a note, or a count of what is not read.
pub enum Unit {
    Page(RawPage),
    /// A message that isn't about a particular page.
    Note(String),
    /// Things that are not pages, or not of a type that is read: a noun in the singular, and their number.
    NotRead(String, u64),
}

/// A part of a file that can't be read.
#[derive(Debug)]
pub struct Unreadable {
    pub error: Error,
    pub lost: LostPages,
}

/// What reading a part of a file returns.
pub type ReadResult<T> = std::result::Result<T, Unreadable>;

/// The pages that an unreadable part of a file may contain.
#[derive(Clone, Debug, PartialEq)]
pub enum LostPages {
    /// The page with this record name. `index_in_file` is the position that the page would have.
    One { record: Option<String>, index_in_file: u32 },
    /// Pages whose names can't be known. The file is readable before and after them.
    Unnamed,
    /// All pages of the file, or of its member `member`, from position `from` in the file on. `record` is the first of
    /// them, if its name is known.
    Rest { record: Option<String>, member: Option<String>, from: u32 },
}

impl LostPages {
    /// All pages of a file.
    pub fn all() -> LostPages {
        LostPages::Rest { record: None, member: None, from: 0 }
    }
}

impl From<Unreadable> for Error {
    fn from(part: Unreadable) -> Error {
        part.error
    }
}

/// A page that is not yet decoded.
pub struct RawPage {
    pub(super) file: String,
    /// Its name in the archive, or the name of the `.jsonl` member it is a line of; `None` outside archives.
    pub(super) member: Option<String>,
    /// Its position among the pages of the file, from 0. Pages that can't be read are counted, too.
    pub(super) index_in_file: u32,
    pub(super) body: RawBody,
    pub(super) bytes: Vec<u8>,
    /// A note about how the bytes were read.
    pub(super) note: Option<String>,
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
        /// `None` if it can be recognized only by the content.
        format: Option<Format>,
        url: Option<String>,
        encoding: BodyEncoding,
        /// The crawler's note about the body.
        note: Option<String>,
    },
    /// A page that a browser saved in one file.
    Mhtml,
}

/// Shortens a name to at most `MAX_ID_BYTES`. A shortened name ends in a hash of the full one, so that different names
/// stay different.
pub fn shorten_name(name: &str) -> String {
    if name.len() <= MAX_ID_BYTES {
        return name.to_string();
    }
    let hash = xxhash_rust::xxh3::xxh3_64(name.as_bytes());
    let mut end = MAX_ID_BYTES - 20;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…{hash:016x}", &name[..end])
}

/// How a file that is one page is decoded; `None` for files with several.
pub(super) fn page_body(content: ContentType) -> Option<RawBody> {
    match content {
        ContentType::Page(format) => Some(RawBody::Page(format)),
        ContentType::Mhtml => Some(RawBody::Mhtml),
        _ => None,
    }
}

impl RawPage {
    /// Reads a file or member to its end. Fails if it is larger than `MAX_PAGE_BYTES`. Other data after gzip data is
    /// ignored, with a note.
    pub(super) fn read(file: &str, member: Option<&str>, body: RawBody, reader: &mut dyn BufRead) -> Result<RawPage> {
        let location = location(file, member);
        let mut bytes = Vec::new();
        let note = match reader.take(MAX_PAGE_BYTES + 1).read_to_end(&mut bytes) {
            Ok(_) => None,
            Err(error) if TrailingData::is(&error) => Some(format!("{error}, which is ignored")),
            Err(error) => return Err(cannot_be_read(&location, &error)),
        };
        if bytes.len() as u64 > MAX_PAGE_BYTES {
            return Err(too_large(&location));
        }
        let member = member.map(str::to_string);
        Ok(RawPage { file: file.to_string(), member, index_in_file: 0, body, bytes, note })
    }

    /// Approximate memory use in bytes.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.file.len() + self.member.as_ref().map_or(0, String::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortened_names_stay_distinct() {
        let names: Vec<String> = ["a", "b"].map(|end| shorten_name(&format!("{}{end}", "å".repeat(2000)))).into();
        assert!(names[0].len() <= MAX_ID_BYTES && names[0] != names[1]);
        assert_eq!(shorten_name("å.html"), "å.html");
    }
}
