//! The manifest: the files and pages that an index was built from, encoded with postcard and followed by a checksum.

use std::path::Path;

use postcard::fixint;
use serde::{Deserialize, Serialize};

use super::checksum;
use crate::clean::PageFingerprint;
use crate::error::{Error, Result};
use crate::index::schema::FORMAT;
use crate::model::PageId;
use crate::read::FileKind;

/// What an update needs to know about the pages that it doesn't read again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The stored names (see `paths`) of the roots, sorted; `-` is standard input.
    pub roots: Vec<String>,
    /// Sorted by path.
    pub files: Vec<FileEntry>,
    /// The copy of standard input, if that is a root.
    pub stdin: Option<StdinCopy>,
    /// The settings that the pages were cleaned with.
    pub settings: Settings,
    /// The time of the update that wrote it, in seconds since 1970.
    pub updated: i64,
}

/// Settings that cleaning depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Whether all lines are kept.
    pub keep_all: bool,
    /// The fingerprint of the user's rules and of `keep_all` (see `UserRules::fingerprint`).
    pub rules: u64,
}

/// A copy of standard input (see `stdin_copy`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StdinCopy {
    /// The file name of the copy in the folder of the index.
    pub file: String,
    pub kind: FileKind,
}

/// A file as it was when it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its stored name (see `paths`).
    pub path: String,
    pub size: u64,
    /// The modification time in nanoseconds since 1970; 0 makes the next update read the file again.
    pub modified: i64,
    /// Sorted by record.
    pub pages: Vec<PageEntry>,
}

/// An indexed page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageEntry {
    pub record: Option<String>,
    /// A hash of the text and of the metadata that the record states.
    #[serde(with = "fixint::le")]
    pub hash: u64,
    /// The name of its site: pages of one site share a template.
    pub site: String,
    /// The hashes from which the site template is built.
    pub fingerprint: PageFingerprint,
    /// The template fingerprint with which it was cleaned (see `SiteTemplate::fingerprint`), combined with the
    /// fingerprint of the rules that apply to it. When it changes, the page is cleaned again.
    #[serde(with = "fixint::le")]
    pub template_fingerprint: u64,
    /// Its index among the pages of its file.
    pub index_in_file: u32,
    /// The line number of a page in a `.jsonl` file.
    pub line: Option<u32>,
    /// The length of the decoded text.
    pub bytes: u64,
    pub outcome: PageOutcome,
}

/// The result of cleaning a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageOutcome {
    pub passages: u32,
    /// The number of its passages that occur on other pages of its site, too.
    pub repeated: u32,
    /// The number of words in its passages.
    pub words: u32,
    /// The number of lines that are neither blank nor content.
    pub dropped_lines: u32,
    /// Words in dropped lines that may be content (see `ClassifiedLine::may_be_lost_content`).
    pub lost_words: u32,
    /// A hash of the title and the passages; 0 for a page without passages.
    #[serde(with = "fixint::le")]
    pub content: u64,
    /// Whether another page with the same content is indexed instead of this page.
    pub is_copy: bool,
    /// Whether it has content other than title, date and headings.
    pub has_body: bool,
}

impl PageOutcome {
    /// Whether cleaning dropped more words than it kept, and enough of them to report.
    pub fn lost_most(&self) -> bool {
        self.lost_words > self.words && self.lost_words >= MIN_LOST_WORDS
    }
}

/// Totals over all pages.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Indexed passages. The passages of copies are not indexed.
    pub passages: u64,
    pub repeated: u64,
    pub words: u64,
    pub dropped_lines: u64,
    pub copies: u64,
}

/// Smaller losses are not reported: a page that loses fewer words is usually just a menu with a line of text.
const MIN_LOST_WORDS: u32 = 50;

impl Manifest {
    pub fn pages(&self) -> impl Iterator<Item = &PageEntry> {
        self.files.iter().flat_map(|file| &file.pages)
    }

    /// All pages with their ids.
    pub fn entries(&self) -> impl Iterator<Item = (PageId, &PageEntry)> {
        self.files.iter().flat_map(|file| file.pages.iter().map(|page| (page.id(&file.path), page)))
    }

    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for PageOutcome { passages, repeated, words, dropped_lines, is_copy, .. } in
            self.pages().map(|page| page.outcome)
        {
            totals.dropped_lines += u64::from(dropped_lines);
            if is_copy {
                totals.copies += 1;
            } else {
                totals.passages += u64::from(passages);
                totals.repeated += u64::from(repeated);
                totals.words += u64::from(words);
            }
        }
        totals
    }

    /// Writes the file and syncs it.
    pub fn save(&self, path: &Path) -> Result<()> {
        let bytes = postcard::to_stdvec(self).expect("plain structs of strings and numbers always encode");
        checksum::write_file(path, &bytes, SEED)
    }

    /// Reads a manifest from an open file, which an update may have removed by now. `path` is for messages.
    pub fn read(file: &std::fs::File, path: &Path) -> Result<Manifest> {
        let bytes = checksum::read_file(file, path, SEED)?;
        let damaged = |_| Error::Damaged { file: path.to_path_buf(), reason: "the file can't be read".to_string() };
        postcard::from_bytes(&bytes).map_err(damaged)
    }
}

/// The seed of the checksum: the number of the index format, so that the checksum of a manifest of another format is always wrong.
const SEED: u64 = FORMAT as u64;

impl PageEntry {
    /// The id of the page; `path` is the stored name of its file.
    pub fn id(&self, path: &str) -> PageId {
        PageId { path: path.to_string(), record: self.record.clone() }
    }
}
