//! Which pages does the index hold, and as what were they read?

use std::path::Path;

use postcard::fixint;
use serde::{Deserialize, Serialize};

use super::checksum;
use crate::clean::PageFingerprint;
use crate::error::{Error, Result};
use crate::index::schema::FORMAT;
use crate::model::PageId;
use crate::read::FileKind;

/// Everything an update needs to know of the pages that it doesn't read again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The paths a person gave, as stored (see `paths`), sorted; "-" is standard input.
    pub roots: Vec<String>,
    /// Sorted by path.
    pub files: Vec<FileEntry>,
    /// Where the text that came on standard input is kept, inside the index.
    pub stdin: Option<StdinCopy>,
    /// As what the pages were cleaned.
    pub settings: Settings,
    /// When it was written, in seconds since 1970.
    pub updated: i64,
}

/// What decides about lines beside the pages themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Nothing is dropped.
    pub keep_all: bool,
    /// Of the person's rules and of `keep_all` (see `UserRules::fingerprint`).
    pub rules: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StdinCopy {
    pub file: String,
    pub kind: FileKind,
}

/// A file as it was when it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    /// As stored (see `paths`).
    pub path: String,
    pub size: u64,
    /// Nanoseconds since 1970; 0 makes the next update read the file again.
    pub modified: i64,
    pub pages: Vec<PageEntry>,
}

/// A page as it stands in the index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageEntry {
    pub record: Option<String>,
    /// Of what was read: the text, and what the record says of itself.
    #[serde(with = "fixint::le")]
    pub hash: u64,
    /// Pages of one site share a template.
    pub site: String,
    pub fingerprint: PageFingerprint,
    /// Of the recurrence of its lines when it was cleaned (see `SiteTemplate::fingerprint`), and of the rules that hold for
    /// it.
    #[serde(with = "fixint::le")]
    pub template_fingerprint: u64,
    /// Where it stands among the pages of its file.
    pub index_in_file: u32,
    /// Of a line of a `.jsonl` file: which line.
    pub line: Option<u32>,
    /// Of the decoded text.
    pub bytes: u64,
    pub outcome: PageOutcome,
}

/// What cleaning made of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageOutcome {
    pub passages: u32,
    /// Of its passages, those that other pages have too.
    pub repeated: u32,
    /// In its passages.
    pub words: u32,
    /// Lines that hold something and are not indexed.
    pub dropped_lines: u32,
    /// Words in dropped lines that a reader might miss (see `JudgedLine::may_be_missed`).
    pub lost_words: u32,
    /// A hash of the title and the passages; 0 for a page without passages.
    #[serde(with = "fixint::le")]
    pub content: u64,
    /// Another page with the same content stands in the index for this one.
    pub is_copy: bool,
    /// Something is left of it beside title, date and headings.
    pub has_body: bool,
}

impl PageOutcome {
    /// Whether cleaning took out more than it left, and enough to wonder.
    pub fn lost_most(&self) -> bool {
        self.lost_words > self.words && self.lost_words >= MIN_LOST_WORDS
    }
}

/// What all pages together came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// In the index, so without those of copies.
    pub passages: u64,
    pub repeated: u64,
    pub words: u64,
    pub dropped_lines: u64,
    pub copies: u64,
}

/// A page of fewer lost words is a menu and a line.
const MIN_LOST_WORDS: u32 = 50;

impl Manifest {
    pub fn pages(&self) -> impl Iterator<Item = &PageEntry> {
        self.files.iter().flat_map(|file| &file.pages)
    }

    /// Every page with its name.
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

    /// Writes the file and waits until it is on the disk.
    pub fn save(&self, path: &Path) -> Result<()> {
        let bytes = postcard::to_stdvec(self).expect("plain structs of strings and numbers always encode");
        checksum::write_file(path, &bytes, SEED)
    }

    /// Reads a manifest from a file that is open: an update since may have removed it. `path` is for messages.
    pub fn read(file: &std::fs::File, path: &Path) -> Result<Manifest> {
        let bytes = checksum::read_file(file, path, SEED)?;
        let unreadable = |_| Error::Damaged { file: path.to_path_buf(), reason: "can't be read".to_string() };
        postcard::from_bytes(&bytes).map_err(unreadable)
    }
}

/// The checksum of a manifest of another format is never right.
const SEED: u64 = FORMAT as u64;

impl PageEntry {
    /// Which page it is, in the file of this path.
    pub fn id(&self, path: &str) -> PageId {
        PageId { path: path.to_string(), record: self.record.clone() }
    }
}
