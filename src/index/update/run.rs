//! Runs an update from lock to report. `update_once` calls the phases in order; each has its own module.

use std::time::Instant;

use super::index_folder::{check_folder, remove_unused_files, update_head};
use super::invalidate::{CommitPlan, invalidate};
use super::previous::load_previous;
use super::read_pages::read_changed_files;
use super::scan::scan;
use super::update_options::{ContentLoss, Progress, UpdateContext, UpdateOptions, UpdateReport};
use super::write::commit::commit;
use crate::error::{Error, Result};
use crate::index::integrity::corruption_guard::with_corruption_guard;
use crate::index::store::generation::unix_nanos;
use crate::index::store::head::Head;
use crate::index::store::manifest::{Manifest, PageEntry, Settings, StdinCopy, Totals};
use crate::index::store::paths::{BaseDir, STDIN};
use crate::index::store::{lock, stdin_copy};
use crate::index::user_files::read_rules;
use crate::model::PageId;

/// Brings an index up to date with its sources, or builds it. On an error, the index stays as it was. Pages that can't
/// be read are listed in the report, and their indexed versions are kept.
pub fn update(options: &UpdateOptions) -> Result<UpdateReport> {
    let started = Instant::now();
    check_folder(options.index)?;
    let waiting = |holder: &str| (options.progress)(Progress::Waiting(holder.to_string()));
    let lock = lock::acquire(options.index, options.lock_timeout, &waiting)?;
    let report = update_locked(options, started);
    if report.is_err() && Head::read(options.index).is_ok_and(|head| head.is_none()) {
        lock.remove();
    }
    report
}

fn update_locked(options: &UpdateOptions, started: Instant) -> Result<UpdateReport> {
    // Standard input can only be read once, so it is saved before anything can fail.
    let reads_stdin = options.paths.iter().any(|path| path.as_os_str() == STDIN);
    let stdin = if reads_stdin { Some(stdin_copy::save(options.index)?) } else { None };
    let attempt = |damage| with_corruption_guard(options.index, || update_once(options, damage, stdin.clone()));
    let mut report = match attempt(None) {
        Err(damage @ Error::Damaged { .. }) => attempt(Some(damage))?,
        report => report?,
    };
    report.elapsed = started.elapsed();
    Ok(report)
}

/// Updates the index, or rebuilds it if it has `damage`. `new_stdin` is the copy of standard input that was just read.
fn update_once(options: &UpdateOptions, damage: Option<Error>, new_stdin: Option<StdinCopy>) -> Result<UpdateReport> {
    let mut report = UpdateReport::default();
    let (base, started) = (BaseDir::of(options.index)?, unix_nanos());
    let mut previous = load_previous(options, damage, &mut report)?;
    // A rebuild because of damage or another format keeps the previous setting; one that the user requested doesn't.
    let keep_all = options.keep_all || !options.rebuild && previous.keep_all;
    let context = UpdateContext { options, base, rules: read_rules(options.index, keep_all)?, started };
    let keeps_stdin = !options.rebuild || options.paths.is_empty();
    let stdin = new_stdin.or(previous.stdin.take().filter(|_| keeps_stdin));
    let scanned = scan(&context, &mut previous, stdin.as_ref(), &mut report)?;
    let settings = Settings { keep_all, rules: context.rules.fingerprint() };
    let updated = previous.manifest.updated;
    let mut manifest = Manifest { roots: scanned.roots, files: scanned.files, stdin, settings, updated };

    let mut plan = CommitPlan::default();
    // Most updates find no change and skip invalidation, which has to go through all pages.
    let mut is_unchanged = scanned.to_read.is_empty() && manifest == previous.manifest;
    if !is_unchanged || previous.generation.is_none() {
        let has_dictionary = previous.generation.as_ref().is_some_and(|current| current.dictionary_file.is_some());
        let kept = read_changed_files(&context, &scanned.to_read, has_dictionary, &mut manifest, &mut report);
        plan = invalidate(&context, &previous.manifest, &mut manifest, kept, &mut report);
        is_unchanged = manifest == previous.manifest;
    }
    let pages_to_reindex = match &previous.generation {
        Some(current) if is_unchanged => {
            update_head(options.index, &manifest)?;
            let named = [Some(current.manifest_file.as_str()), current.dictionary_file.as_deref()];
            remove_unused_files(options.index, &current.name, &named, manifest.stdin.as_ref());
            plan.pages_to_reindex
        }
        _ => commit(&context, &previous, &mut manifest, plan, &mut report)?,
    };
    summarize(&context, &manifest, |id| pages_to_reindex.contains_key(id), &mut report);
    Ok(report)
}

/// Adds the totals of the index to the report, and the pages indexed in this update that lost most of their words.
/// Pages indexed earlier were reported at that time.
fn summarize(
    context: &UpdateContext,
    manifest: &Manifest,
    was_indexed: impl Fn(&PageId) -> bool,
    report: &mut UpdateReport,
) {
    report.pages = manifest.pages().count() as u64;
    let Totals { passages, dropped_lines, copies, .. } = manifest.totals();
    (report.passages, report.dropped_lines, report.copies) = (passages, dropped_lines, copies);
    let loss = |(id, page): (PageId, &PageEntry)| ContentLoss {
        path: context.base.show(&id.path),
        record: id.record,
        lost_words: page.outcome.lost_words,
        kept_words: page.outcome.words,
    };
    let losses = manifest.entries().filter(|(id, page)| page.outcome.lost_most() && was_indexed(id));
    report.losses = losses.map(loss).collect();
}
