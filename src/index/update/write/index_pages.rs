//! Cleans the pages to index, adds them to the index writer, and records the outcome in the manifest.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::documents::{IndexTarget, add_page, delete_page};
use crate::clean::{self, SiteTemplate};
use crate::error::{Error, Result};
use crate::index::page_entry::input_hash;
use crate::index::store::manifest::{Manifest, PageEntry, PageOutcome};
use crate::index::update::invalidate::CommitPlan;
use crate::index::update::read_pages::{LoadedPage, files_to_reread, reread};
use crate::index::update::update_options::{Progress, UpdateContext, UpdateReport};
use crate::model::PageId;

/// The number of pages after which the progress is reported.
const PROGRESS_INTERVAL: u64 = 64;

/// A page that was added to the index writer.
pub struct IndexedPage {
    pub id: PageId,
    /// The input hash of the version that was indexed.
    pub hash: u64,
    pub url: Option<String>,
    pub outcome: PageOutcome,
}

/// Indexes all pages in `pages_to_reindex` that can be read. Pages that are not in memory are read from their files.
pub fn index_pages(
    context: &UpdateContext,
    manifest: &Manifest,
    plan: &mut CommitPlan,
    target: IndexTarget,
    report: &mut UpdateReport,
) -> Result<Vec<IndexedPage>> {
    let loaded = std::mem::take(&mut plan.loaded);
    let CommitPlan { pages_to_reindex, templates, .. } = plan;
    let total = pages_to_reindex.len() as u64;
    let (done, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
    let no_template = SiteTemplate::default();
    let index_page = |loaded: LoadedPage| -> Result<IndexedPage> {
        let LoadedPage { page, parsed, site } = loaded;
        // The previous version is deleted only now, so that it stays in the index if the page can't be read.
        if pages_to_reindex.get(&page.id) == Some(&true) {
            delete_page(target, &page.id);
        }
        let template = templates.get(&site).unwrap_or(&no_template);
        let document = clean::clean_with_rules(parsed, template, &context.rules.of(&site, &page.id.path));
        let outcome = add_page(target, &page, &document)?;
        bytes.fetch_add(page.text.len() as u64, Ordering::Relaxed);
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(PROGRESS_INTERVAL) || done == total {
            (context.options.progress)(Progress::Indexing { done, total });
        }
        Ok(IndexedPage { hash: input_hash(&page), id: page.id, url: document.url, outcome })
    };
    let is_to_read = |id: &PageId| pages_to_reindex.contains_key(id) && !loaded.contains_key(id);
    let files = files_to_reread(context, manifest, is_to_read);
    let (mut indexed, problems) = reread(files, index_page)?;
    let from_memory: Vec<LoadedPage> = loaded.into_values().collect();
    indexed.extend(from_memory.into_par_iter().map(index_page).collect::<Result<Vec<_>>>()?);
    report.bytes = bytes.into_inner();
    report_new_problems(problems, report);
    Ok(indexed)
}

/// Adds to the report the problems that only the second pass over the pages found (see `read_pages`).
pub fn report_new_problems(problems: Vec<Error>, report: &mut UpdateReport) {
    report.reported.extend(report.problems.iter().map(|error| error.to_string()));
    for error in problems {
        if report.reported.insert(error.to_string()) {
            report.problems.push(error);
        }
    }
}

/// Writes the outcomes of the indexed pages to the manifest. If a page could not be read, its previous entry is kept,
/// and the next update tries again.
pub fn record_outcomes(previous: &Manifest, manifest: &mut Manifest, plan: &CommitPlan, indexed: Vec<IndexedPage>) {
    let mut indexed: HashMap<PageId, IndexedPage> = indexed.into_iter().map(|page| (page.id.clone(), page)).collect();
    let previous: HashMap<PageId, &PageEntry> = previous.entries().collect();
    for file in &mut manifest.files {
        let mut is_settled = true;
        file.pages.retain_mut(|page| {
            let id = page.id(&file.path);
            if !plan.pages_to_reindex.contains_key(&id) {
                return true;
            }
            let Some(indexed) = indexed.remove(&id) else {
                is_settled = false;
                let Some(old) = previous.get(&id) else {
                    return false;
                };
                page.clone_from(old);
                // No page has this hash, so the next update indexes the page even if its text is unchanged: its
                // template may have changed.
                page.hash = 0;
                return true;
            };
            // If the page changed between the two passes, the next update reads its file again.
            is_settled &= indexed.hash == page.hash;
            page.outcome = indexed.outcome;
            true
        });
        if !is_settled {
            file.modified = 0;
        }
    }
}
