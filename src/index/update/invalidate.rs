//! Decides which pages to index again: pages whose content changed, and pages whose site template or user rules
//! changed.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::read_pages::{KeptPages, LoadedPage};
use super::update_options::{UpdateContext, UpdateReport};
use crate::clean::{PageFingerprint, SiteTemplate};
use crate::index::store::compression::Sample;
use crate::index::store::manifest::{Manifest, PageEntry};
use crate::model::PageId;

/// What a commit has to do.
#[derive(Default)]
pub struct CommitPlan {
    /// The pages to index, and whether the index contains a previous version of each.
    pub pages_to_reindex: BTreeMap<PageId, bool>,
    /// The pages to delete.
    pub removed: Vec<PageId>,
    /// The templates of all sites with a page that was added, changed or removed.
    pub templates: HashMap<String, SiteTemplate>,
    /// The pages to index that are already in memory.
    pub loaded: HashMap<PageId, LoadedPage>,
    /// Text to train the compression dictionary on, if the generation has none.
    pub sample: Sample,
}

/// Compares the pages with the previous manifest. Sets the template fingerprint of every page of an affected site, and
/// copies the outcome of unchanged pages.
pub fn invalidate(
    context: &UpdateContext,
    previous: &Manifest,
    manifest: &mut Manifest,
    kept: KeptPages,
    report: &mut UpdateReport,
) -> CommitPlan {
    let mut plan = CommitPlan { loaded: kept.pages, sample: kept.sample, ..CommitPlan::default() };
    let mut affected_sites = find_changed_pages(previous, manifest, &mut plan, report);
    if manifest.settings != previous.settings {
        affected_sites.extend(manifest.pages().map(|page| page.site.clone()));
    }
    plan.templates = build_templates(manifest, &affected_sites);
    find_changed_templates(context, manifest, &mut plan, report);
    let CommitPlan { loaded, pages_to_reindex, .. } = &mut plan;
    loaded.retain(|id, _| pages_to_reindex.contains_key(id));
    loaded.shrink_to_fit();
    plan
}

/// Finds pages that were added, changed or removed. Returns their sites.
fn find_changed_pages(
    previous: &Manifest,
    manifest: &mut Manifest,
    plan: &mut CommitPlan,
    report: &mut UpdateReport,
) -> HashSet<String> {
    let previous: HashMap<PageId, &PageEntry> = previous.entries().collect();
    let mut existing = HashSet::new();
    let mut affected_sites = HashSet::new();
    for file in &mut manifest.files {
        for page in &mut file.pages {
            let id = page.id(&file.path);
            existing.insert(id.clone());
            match previous.get(&id) {
                Some(old) if old.hash == page.hash && old.site == page.site => {
                    page.template_fingerprint = old.template_fingerprint;
                    page.outcome = old.outcome;
                }
                old => {
                    affected_sites.extend(old.map(|old| old.site.clone()));
                    affected_sites.insert(page.site.clone());
                    *if old.is_some() { &mut report.changed } else { &mut report.added } += 1;
                    plan.pages_to_reindex.insert(id, old.is_some());
                }
            }
        }
    }
    for (id, page) in &previous {
        if !existing.contains(id) {
            affected_sites.insert(page.site.clone());
            report.removed += 1;
            plan.removed.push(id.clone());
        }
    }
    affected_sites
}

/// Finds unchanged pages to clean again because their template or their user rules changed.
fn find_changed_templates(
    context: &UpdateContext,
    manifest: &mut Manifest,
    plan: &mut CommitPlan,
    report: &mut UpdateReport,
) {
    for file in &mut manifest.files {
        for page in &mut file.pages {
            let Some(template) = plan.templates.get(&page.site) else {
                continue;
            };
            let rules = context.rules.of(&page.site, &file.path).fingerprint();
            let fingerprint = template.fingerprint(&page.fingerprint) ^ rules;
            let id = page.id(&file.path);
            if fingerprint != page.template_fingerprint && !plan.pages_to_reindex.contains_key(&id) {
                report.cleaned_again += 1;
                plan.pages_to_reindex.insert(id, true);
            }
            page.template_fingerprint = fingerprint;
        }
    }
}

/// Builds the templates of the given sites from the fingerprints of their pages.
pub fn build_templates(manifest: &Manifest, sites: &HashSet<String>) -> HashMap<String, SiteTemplate> {
    let mut fingerprints: HashMap<&str, Vec<&PageFingerprint>> = HashMap::new();
    for page in manifest.pages().filter(|page| sites.contains(&page.site)) {
        fingerprints.entry(&page.site).or_default().push(&page.fingerprint);
    }
    fingerprints.into_par_iter().map(|(site, pages)| (site.to_string(), SiteTemplate::of(&pages))).collect()
}
