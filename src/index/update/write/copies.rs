//! Indexes pages with the same title and passages once.
//!
//! In each set of copies, the page with the smallest id is indexed with its passages. Each other page gets one
//! document, a copy marker, which has the hash of the content. The choice depends only on the pages, not on the order
//! in which they were added. So when a page is added, changed or removed, another page may become a copy or stop being
//! one, and has to be read although it didn't change.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use tantivy::Term;

use super::documents::{IndexTarget, add_copy, add_copy_marker, add_page, delete_page};
use super::index_pages::{IndexedPage, report_new_problems};
use crate::clean::{self, SiteTemplate};
use crate::error::Result;
use crate::index::page_entry::input_hash;
use crate::index::store::manifest::Manifest;
use crate::index::update::invalidate::build_templates;
use crate::index::update::read_pages::{LoadedPage, files_to_reread, reread};
use crate::index::update::update_options::{UpdateContext, UpdateReport};
use crate::model::PageId;

/// Pages that must be read again because they become copies (`true`) or stop being copies (`false`).
type StatusChanges = BTreeMap<PageId, bool>;

/// Keeps the passages of one page of each set of copies, and replaces those of the other pages with copy markers. The
/// pages of this update were all indexed with their passages, as if they had no copies; `urls` are their URLs.
pub fn settle_copies(
    context: &UpdateContext,
    manifest: &mut Manifest,
    templates: &HashMap<String, SiteTemplate>,
    target: IndexTarget,
    urls: &HashMap<PageId, Option<String>>,
    report: &mut UpdateReport,
) -> Result<()> {
    let (changes, sites) = replace_new_copies(manifest, target, urls)?;
    if changes.is_empty() {
        return Ok(());
    }
    let missing = sites.into_iter().filter(|site| !templates.contains_key(site)).collect();
    let more_templates = build_templates(manifest, &missing);
    let no_template = SiteTemplate::default();
    let index_page = |loaded: LoadedPage| {
        let LoadedPage { page, parsed, site } = loaded;
        let template = templates.get(&site).or_else(|| more_templates.get(&site)).unwrap_or(&no_template);
        let document = clean::clean_with_rules(parsed, template, &context.rules.of(&site, &page.id.path));
        delete_page(target, &page.id);
        let is_copy = changes.get(&page.id) == Some(&true);
        let outcome = if is_copy { add_copy } else { add_page }(target, &page, &document)?;
        Ok(IndexedPage { hash: input_hash(&page), id: page.id, url: None, outcome })
    };
    let files = files_to_reread(context, manifest, |id| changes.contains_key(id));
    let (indexed, problems) = reread(files, index_page)?;
    record_changes(manifest, &changes, indexed);
    report_new_problems(problems, report);
    Ok(())
}

/// Finds the pages of this update that are copies, and replaces the passages of each with a copy marker. Returns the
/// other pages whose status changes, and their sites.
fn replace_new_copies(
    manifest: &mut Manifest,
    target: IndexTarget,
    urls: &HashMap<PageId, Option<String>>,
) -> Result<(StatusChanges, HashSet<String>)> {
    let first = first_by_content(manifest);
    let mut changes = StatusChanges::new();
    let mut sites = HashSet::new();
    for file in &mut manifest.files {
        for page in &mut file.pages {
            let id = page.id(&file.path);
            let is_copy = page.outcome.passages > 0 && first[&page.outcome.content] != id;
            if is_copy == page.outcome.is_copy {
                continue;
            }
            match urls.get(&id) {
                Some(url) if is_copy => {
                    // The document of its boilerplate has another key, so it is not deleted.
                    target.writer.delete_term(Term::from_field_text(target.fields.page, &id.key()));
                    add_copy_marker(target, &id, url.as_deref(), page.outcome.content)?;
                    page.outcome.is_copy = true;
                }
                _ => {
                    sites.insert(page.site.clone());
                    changes.insert(id, is_copy);
                }
            }
        }
    }
    Ok((changes, sites))
}

/// Returns the page with the smallest id for each content hash.
fn first_by_content(manifest: &Manifest) -> HashMap<u64, PageId> {
    let mut first = HashMap::new();
    for (id, page) in manifest.entries().filter(|(_, page)| page.outcome.passages > 0) {
        match first.entry(page.outcome.content) {
            Entry::Vacant(vacant) => drop(vacant.insert(id)),
            Entry::Occupied(mut known) if id < *known.get() => drop(known.insert(id)),
            Entry::Occupied(_) => {}
        }
    }
    first
}

/// Writes the new outcomes to the manifest. A page that can't be read now keeps its outcome; its file is read again by
/// the next update, as is the file of a page that has changed since.
fn record_changes(manifest: &mut Manifest, changes: &StatusChanges, indexed: Vec<IndexedPage>) {
    let mut indexed: HashMap<PageId, IndexedPage> = indexed.into_iter().map(|page| (page.id.clone(), page)).collect();
    for file in &mut manifest.files {
        for page in &mut file.pages {
            let id = page.id(&file.path);
            if !changes.contains_key(&id) {
                continue;
            }
            let indexed = indexed.remove(&id);
            if indexed.as_ref().is_none_or(|indexed| indexed.hash != page.hash) {
                file.modified = 0;
            }
            if let Some(indexed) = indexed {
                page.outcome = indexed.outcome;
            }
        }
    }
}
