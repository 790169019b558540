//! Given the pages that are there now, what must change in the index?
//!
//! `scan` compares the files with the manifest, `dirty` reads the changed ones and finds which pages have to be
//! indexed again, `write` indexes them and commits, all at once.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::commit as write;
use super::invalidate::FreshPages;
use crate::clean::UserRules;
use crate::error::{Error, Result};
use crate::index::integrity::corruption_guard::with_corruption_guard;
use crate::index::store::compression::Sample;
use crate::index::store::directory::WriteFailure;
use crate::index::store::manifest::{Manifest, PageEntry, StdinCopy, Totals};
use crate::index::store::paths::{BaseDir, STDIN};
use crate::index::store::{lock, stdin_copy};
use crate::model::PageId;
use crate::read::SourceFile;

/// What to bring up to date, and how.
pub struct UpdateOptions<'a> {
    pub index: &'a Path,
    /// Files and folders, `-` for standard input; none for the paths that the index was built from.
    pub paths: &'a [PathBuf],
    /// What is read when there are neither.
    pub default_path: &'a Path,
    /// Forget what is indexed and begin afresh.
    pub rebuild: bool,
    /// Drop nothing from the pages, from now on; an index that does so already goes on until it is rebuilt.
    pub keep_all: bool,
    /// How long to wait for another process that writes.
    pub patience: Duration,
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// What an update is at.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Another process writes; who it is.
    Waiting(String),
    /// Files to look into, and how many were.
    Reading {
        done: u64,
        of: u64,
    },
    /// Pages to index, and how many were.
    Indexing {
        done: u64,
        of: u64,
    },
    Merging,
}

/// What an update did.
#[derive(Debug, Default)]
pub struct UpdateReport {
    /// Pages by what became of them.
    pub added: u64,
    pub changed: u64,
    pub removed: u64,
    /// Pages cleaned again because other pages changed what recurs.
    pub cleaned_again: u64,
    /// What the index holds now.
    pub pages: u64,
    pub passages: u64,
    pub dropped_lines: u64,
    /// Pages whose content another page has, and that are found with it.
    pub copies: u64,
    /// Pages cleaned in this run that lost more words than they kept.
    pub losses: Vec<ContentLoss>,
    /// Bytes of text read for the pages that were indexed in this run.
    pub bytes: u64,
    pub elapsed: Duration,
    /// Pages and paths that could not be read; the others were.
    pub problems: Vec<Error>,
    /// What is worth knowing, one line each.
    pub notes: Vec<String>,
    /// Paths that can't be read now, and whose pages stay in the index.
    pub kept_roots: Vec<String>,
    /// Files of other kinds below the paths.
    pub ignored: usize,
}

/// A page of which cleaning left less than it took.
#[derive(Clone, Debug)]
pub struct ContentLoss {
    /// As a person would write it.
    pub path: String,
    pub record: Option<String>,
    pub lost_words: u32,
    pub kept_words: u32,
}

/// Brings the index up to date with its pages. Errors leave it as it was; a page that can't be read is named
/// in the report, and stays indexed as it was.
pub fn update(options: &UpdateOptions) -> Result<UpdateReport> {
    let begun = Instant::now();
    write::check_folder(options.index)?;
    let waiting = |holder: &str| (options.progress)(Progress::Waiting(holder.to_string()));
    let _lock = lock::acquire(options.index, options.patience, &waiting)?;
    // Before all else, since it comes only once.
    let is_given = options.paths.iter().any(|path| path.as_os_str() == STDIN);
    let stdin = if is_given { Some(stdin_copy::save(options.index)?) } else { None };
    let follow = |damage| with_corruption_guard(options.index, || follow(options, damage, stdin.clone()));
    let mut report = match follow(None) {
        Err(damage @ Error::Damaged { .. }) => follow(Some(damage))?,
        report => report?,
    };
    report.elapsed = begun.elapsed();
    Ok(report)
}

/// Makes the index follow its pages, or builds it anew where it is damaged.
fn follow(options: &UpdateOptions, damage: Option<Error>, given_now: Option<StdinCopy>) -> Result<UpdateReport> {
    let mut report = UpdateReport::default();
    let mut plan = Plan::make(options, damage, given_now, &mut report)?;
    // Most updates find nothing, and to find out which pages are concerned looks at all of them.
    let mut is_unchanged = plan.to_read.is_empty() && plan.manifest == plan.before;
    let (mut fresh, mut templates) = (FreshPages::new(), HashMap::new());
    if !is_unchanged || plan.generation.is_none() {
        fresh = plan.look_into_changed_files(options, &mut report);
        templates = plan.mark_dirty(&mut fresh, &mut report);
        is_unchanged = plan.manifest == plan.before;
    }
    match &plan.generation {
        Some(generation) if is_unchanged => {
            write::follow_head(options.index, &plan.manifest)?;
            let named = [Some(plan.manifest_file.as_str()), plan.dictionary.as_deref()];
            write::tidy(options.index, generation, &named, plan.manifest.stdin.as_ref());
        }
        _ => plan
            .commit(options, fresh, &templates, &mut report)
            .map_err(|error| plan.failure.cause_of(error))
            .inspect_err(|_| write::clear_away(options.index, plan.generation.as_deref()))?,
    }
    report.pages = plan.manifest.pages().count() as u64;
    let Totals { passages, dropped_lines, copies, .. } = plan.manifest.totals();
    (report.passages, report.dropped_lines, report.copies) = (passages, dropped_lines, copies);
    report.losses = plan.losses();
    Ok(report)
}

/// What an update is going to do.
pub(super) struct Plan {
    pub base: BaseDir,
    /// The generation to write into; none to begin one.
    pub generation: Option<String>,
    /// What is indexed, and the file that says so.
    pub before: Manifest,
    pub manifest_file: String,
    /// The generation's dictionary, if it has one, and pages to make one of.
    pub dictionary: Option<String>,
    pub sample: Sample,
    /// What will be indexed.
    pub manifest: Manifest,
    /// Files that are new or changed.
    pub to_read: Vec<ToRead>,
    /// Pages to index, and whether they stand in the index already.
    pub dirty: BTreeMap<PageId, bool>,
    pub removed: Vec<PageId>,
    /// A person's own.
    pub rules: UserRules,
    /// When the update began, in nanoseconds since 1970.
    pub begun: i64,
    /// What went wrong while it was written.
    pub failure: WriteFailure,
}

impl Plan {
    /// Of the pages that were cleaned in this run: who saw the others named before need not see them again.
    fn losses(&self) -> Vec<ContentLoss> {
        let cleaned =
            self.manifest.entries().filter(|(id, page)| page.outcome.lost_most() && self.dirty.contains_key(id));
        let loss = |(id, page): (PageId, &PageEntry)| ContentLoss {
            path: self.base.show(&id.path),
            record: id.record,
            lost_words: page.outcome.lost_words,
            kept_words: page.outcome.words,
        };
        cleaned.map(loss).collect()
    }
}

/// A file to read, as it was when it was found.
pub(super) struct ToRead {
    pub source: SourceFile,
    pub size: u64,
    pub modified: i64,
}
