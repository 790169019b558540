//! The input and output of an update: its options, progress and report, and the context that its phases share.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clean::UserRules;
use crate::error::Error;
use crate::index::store::paths::BaseDir;
use crate::read::NotRead;

/// The sources of an update, and how to run it.
pub struct UpdateOptions<'a> {
    pub index: &'a Path,
    /// Files and folders, and `-` for standard input. If empty, the update reads the roots of the index.
    pub paths: &'a [PathBuf],
    /// The root of a new index if `paths` is empty. With neither, the update fails.
    pub default_path: Option<&'a Path>,
    /// Whether to build a new generation instead of updating the current one.
    pub rebuild: bool,
    /// Whether to keep all lines of the pages, now and in later updates. The index keeps this setting until it is
    /// rebuilt.
    pub keep_all: bool,
    /// How long to wait for another process that writes to the index.
    pub lock_timeout: Duration,
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

impl<'a> UpdateOptions<'a> {
    /// Updates the index in `index` with `paths`, or builds it. Waits up to 30 seconds for another writer, and reports
    /// no progress.
    pub fn new(index: &'a Path, paths: &'a [PathBuf]) -> UpdateOptions<'a> {
        UpdateOptions {
            index,
            paths,
            default_path: None,
            rebuild: false,
            keep_all: false,
            lock_timeout: Duration::from_secs(30),
            progress: &|_| {},
        }
    }
}

/// The phase that an update is in.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Another process, described here, is writing to the index.
    Waiting(String),
    /// Reading new and changed files.
    Reading { done: u64, total: u64 },
    /// Indexing pages.
    Indexing { done: u64, total: u64 },
    /// Merging segments.
    Merging,
}

/// The result of an update.
#[derive(Debug, Default)]
pub struct UpdateReport {
    pub added: u64,
    pub changed: u64,
    pub removed: u64,
    /// Unchanged pages that were cleaned again because their site template or the user rules changed.
    pub cleaned_again: u64,
    /// Totals of the index after the update.
    pub pages: u64,
    pub passages: u64,
    pub dropped_lines: u64,
    /// Pages that have the same content as another page. A search finds them together with that page.
    pub copies: u64,
    /// Pages indexed in this update that lost more words in cleaning than they kept.
    pub losses: Vec<ContentLoss>,
    /// Bytes of text of the pages indexed in this update.
    pub bytes: u64,
    pub elapsed: Duration,
    /// Pages and paths that could not be read. The update continued without them.
    pub problems: Vec<Error>,
    /// The messages of the problems that were found when the changed files were first read. Pages that are read again
    /// for indexing don't report them a second time.
    pub(crate) reported: HashSet<String>,
    /// Remarks for the user, one line each.
    pub notes: Vec<String>,
    /// Roots that can't be read now; their pages stay in the index.
    pub kept_roots: Vec<String>,
    /// What is not read: files below the roots, and members and responses in the archives that were read in this
    /// update.
    pub not_read: NotRead,
}

/// A page that lost more words in cleaning than it kept.
#[derive(Clone, Debug)]
pub struct ContentLoss {
    /// The path as the user would write it.
    pub path: String,
    pub record: Option<String>,
    pub lost_words: u32,
    pub kept_words: u32,
}

/// The input that is the same in all phases of an update.
pub struct UpdateContext<'a> {
    pub options: &'a UpdateOptions<'a>,
    pub base: BaseDir,
    pub rules: UserRules,
    /// When the update started, in nanoseconds since 1970.
    pub started: i64,
}
