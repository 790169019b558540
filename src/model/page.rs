//! A page as it was read: its identity, its decoded text and the metadata stated outside the text.

use serde::{Deserialize, Serialize};

/// Identifies a page: a file, or one record of a file with several records.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageId {
    /// The file, by the name under which the index stores it (see `index::BaseDir`).
    pub path: String,
    /// The name of the record within the file; `None` if the page is the whole file.
    ///
    /// For a line of a `.jsonl` file this is its `id` or `_id`, or "line 7" without one. In an archive it is the path
    /// of the member or the URL of the page; for a line of a `.jsonl` member, it is the path and the name of the line
    /// ("a/b.jsonl#line 7").
    pub record: Option<String>,
}

impl PageId {
    /// The string that identifies the page in the index. Record names never contain U+001F.
    pub fn key(&self) -> String {
        match &self.record {
            Some(record) => format!("{}\u{1f}{record}", self.path),
            None => self.path.clone(),
        }
    }
}

impl std::fmt::Display for PageId {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match &self.record {
            Some(record) => write!(f, "{}#{record}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// The markup language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Text,
    Html,
    Markdown,
}

/// A page as it was read: decoded, but neither parsed nor cleaned.
#[derive(Clone, Debug)]
pub struct Page {
    pub id: PageId,
    /// The position of the page among the pages of its file, counted from 0.
    pub index_in_file: u32,
    /// For a page that is a line of a `.jsonl` file, the number of that line, counted from 1.
    pub line: Option<u32>,
    pub format: Format,
    pub text: String,
    /// What the record or archive states about the page, outside its text.
    pub metadata: PageMetadata,
    /// A note for the user if the bytes were not plain UTF-8: the detected encoding, or what was replaced.
    pub note: Option<String>,
}

impl Page {
    /// A page that is a whole file, without stated metadata. `path` names it in the index and in messages.
    pub fn new(path: impl Into<String>, format: Format, text: impl Into<String>) -> Page {
        Page {
            id: PageId { path: path.into(), record: None },
            index_in_file: 0,
            line: None,
            format,
            text: text.into(),
            metadata: PageMetadata::default(),
            note: None,
        }
    }
}

/// What a page states about itself: fields of a record or of an HTML head; for a page of a web archive its URL.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageMetadata {
    pub url: Option<String>,
    pub title: Option<String>,
    pub date: Option<String>,
    pub source: Option<String>,
    pub lang: Option<String>,
}
