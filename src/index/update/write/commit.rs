//! Writes an update to a generation and commits it.
//!
//! Crash safety: readers see tantivy's last commit in the generation that the head file names. The manifest is written
//! before the commit, whose payload names the manifest. The head file of a new generation is written after the commit.
//! A process killed at any moment leaves the previous state or the new one, and perhaps files that no commit names. The
//! next update removes them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use tantivy::indexer::NoMergePolicy;
use tantivy::{IndexSettings, IndexWriter};

use super::backpressure::Backpressure;
use super::copies::settle_copies;
use super::documents::{IndexTarget, delete_page};
use super::index_pages::{index_pages, record_outcomes};
use super::merge::merge_segments;
use crate::error::{Error, Result};
use crate::index::schema::{self, Fields};
use crate::index::store::compression::Compressor;
use crate::index::store::directory::{WritableDirectory, WriteFailure};
use crate::index::store::generation::{CommitPayload, unix_nanos};
use crate::index::store::head::Head;
use crate::index::store::manifest::{Manifest, Totals};
use crate::index::store::verify::{SegmentFiles, verify_segments};
use crate::index::term_tokenizer::{OnDocument, tokenizers};
use crate::index::update::index_folder::{
    MANIFEST_PREFIX, next_generation, remove_failed_generation, remove_unused_files, update_head,
};
use crate::index::update::invalidate::CommitPlan;
use crate::index::update::previous::PreviousIndex;
use crate::index::update::update_options::{Progress, UpdateContext, UpdateReport};
use crate::model::PageId;
use crate::norwegian::ANALYSIS_VERSION;

/// Sources smaller than this, and updates of fewer than `SMALL_UPDATE_PAGES` pages, are indexed by one thread, which
/// leaves one segment. Other thresholds were not tried.
const SMALL_BUILD_BYTES: u64 = 4 << 20;
const SMALL_UPDATE_PAGES: usize = 100;

/// Maximum number of indexing threads that tantivy allows.
const MAX_THREADS: usize = 8;

/// tantivy's memory budget for each indexing thread. Below about 15 MB tantivy writes a segment for every document.
const WRITER_BYTES: usize = 80 << 20;

/// The block size of tantivy's document store. The passages are already compressed (see `compression`), and a search
/// reads a block for each passage. With 4 KiB instead of tantivy's 16 KiB, the index of 98,348 pages is 5 % larger and
/// a search takes 8 % less time.
const STORE_BLOCK_BYTES: usize = 4 << 10;

/// Indexes and removes pages, completes the manifest, and commits index and manifest together. An error leaves the
/// previous commit in place. Returns the pages that the plan named for indexing (see
/// `CommitPlan::pages_to_reindex`).
pub fn commit(
    context: &UpdateContext,
    previous: &PreviousIndex,
    manifest: &mut Manifest,
    plan: CommitPlan,
    report: &mut UpdateReport,
) -> Result<BTreeMap<PageId, bool>> {
    let failure = WriteFailure::default();
    // tantivy's errors don't say why a file could not be written; `failure` does.
    write_commit(context, previous, manifest, plan, report, &failure)
        .map_err(|error| failure.cause_of(error))
        .inspect_err(|_| {
            if previous.generation.is_none() {
                remove_failed_generation(context.options.index);
            }
        })
}

fn write_commit(
    context: &UpdateContext,
    previous: &PreviousIndex,
    manifest: &mut Manifest,
    mut plan: CommitPlan,
    report: &mut UpdateReport,
    failure: &WriteFailure,
) -> Result<BTreeMap<PageId, bool>> {
    let folder = context.options.index;
    let (name, dictionary_file) = match &previous.generation {
        Some(current) => (current.name.clone(), current.dictionary_file.clone()),
        None => (next_generation(folder)?, None),
    };
    let is_new = previous.generation.is_none();
    let generation = folder.join(&name);
    let backpressure = Arc::new(Backpressure::default());
    let (index, fields) = open_index(&generation, is_new, &backpressure, failure)?;
    let mut writer = open_writer(&index, &generation, thread_count(manifest, &plan))?;
    let sample = std::mem::take(&mut plan.sample);
    let (compressor, dictionary_file) = Compressor::new(&generation, dictionary_file, sample, unix_nanos())?;
    let target = IndexTarget { writer: &writer, fields, backpressure: &backpressure, compressor: &compressor };

    plan.removed.iter().for_each(|id| delete_page(target, id));
    let indexed = index_pages(context, manifest, &mut plan, target, report)?;
    let urls: HashMap<PageId, Option<String>> =
        indexed.iter().map(|page| (page.id.clone(), page.url.clone())).collect();
    record_outcomes(&previous.manifest, manifest, &plan, indexed);
    settle_copies(context, manifest, &plan.templates, target, &urls, report)?;

    manifest.updated = unix_nanos() / 1_000_000_000;
    let manifest_file = format!("{MANIFEST_PREFIX}{}", unix_nanos());
    manifest.save(&generation.join(&manifest_file))?;
    commit_writer(&mut writer, manifest, &manifest_file, dictionary_file.as_deref())?;
    (context.options.progress)(Progress::Merging);
    merge_segments(&mut writer, &index, &generation, is_new)?;
    writer.garbage_collect_files().wait()?;
    drop(writer);

    if is_new {
        new_head(&name, manifest).write(folder)?;
    } else {
        update_head(folder, manifest)?;
    }
    let named = [Some(manifest_file.as_str()), dictionary_file.as_deref()];
    remove_unused_files(folder, &name, &named, manifest.stdin.as_ref());
    Ok(plan.pages_to_reindex)
}

fn open_index(
    generation: &Path,
    is_new: bool,
    backpressure: &Arc<Backpressure>,
    failure: &WriteFailure,
) -> Result<(tantivy::Index, Fields)> {
    let (schema, fields) = schema::schema();
    let mut index = if is_new {
        std::fs::create_dir_all(generation).map_err(Error::io(generation, "create"))?;
        let settings = IndexSettings {
            docstore_compression: tantivy::store::Compressor::None,
            docstore_blocksize: STORE_BLOCK_BYTES,
            ..IndexSettings::default()
        };
        tantivy::Index::create(WritableDirectory::open(generation, failure)?, schema, settings)?
    } else {
        tantivy::Index::open(WritableDirectory::open(generation, failure)?)?
    };
    let backpressure = Arc::clone(backpressure);
    let on_document: OnDocument = Arc::new(move || backpressure.leave());
    index.set_tokenizers(tokenizers(&on_document));
    Ok((index, fields))
}

fn open_writer(index: &tantivy::Index, generation: &Path, threads: usize) -> Result<IndexWriter> {
    // To find the pages to delete, tantivy reads these files, on a thread that must not panic.
    verify_segments(index, generation, SegmentFiles::Postings, &index.searchable_segment_metas()?)?;
    let writer: IndexWriter = index.writer_with_num_threads(threads, WRITER_BYTES * threads)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    // An update that was killed before its commit leaves files behind, and this one may have to create files with the same names.
    writer.garbage_collect_files().wait()?;
    Ok(writer)
}

fn thread_count(manifest: &Manifest, plan: &CommitPlan) -> usize {
    let bytes: u64 = manifest.files.iter().map(|file| file.size).sum();
    let is_small = bytes < SMALL_BUILD_BYTES || plan.pages_to_reindex.len() < SMALL_UPDATE_PAGES;
    if is_small { 1 } else { rayon::current_num_threads().min(MAX_THREADS) }
}

/// Commits what the writer has, with a payload that names the manifest and the compression dictionary.
fn commit_writer(
    writer: &mut IndexWriter,
    manifest: &Manifest,
    manifest_file: &str,
    dictionary_file: Option<&str>,
) -> Result<()> {
    let Totals { passages, repeated, words, copies, .. } = manifest.totals();
    let payload = CommitPayload {
        manifest: manifest_file.to_string(),
        dictionary: dictionary_file.map(str::to_string),
        pages: manifest.pages().count() as u64,
        passages,
        repeated,
        words,
        copies,
    };
    let payload = serde_json::to_string(&payload).expect("plain numbers and strings always encode");
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&payload);
    prepared.commit()?;
    Ok(())
}

/// Returns the head file that makes a new generation the current one.
fn new_head(generation: &str, manifest: &Manifest) -> Head {
    Head {
        format: schema::FORMAT,
        analysis: ANALYSIS_VERSION,
        treff: env!("CARGO_PKG_VERSION").to_string(),
        generation: generation.to_string(),
        roots: manifest.roots.clone(),
        keep_all: manifest.settings.keep_all,
    }
}
