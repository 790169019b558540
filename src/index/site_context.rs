//! Cleans single pages outside an update, with the user rules and the site template from the manifest.

use std::collections::HashMap;
use std::path::Path;

use smallvec::SmallVec;

use super::page_entry::{page_entry, site_name};
use super::reader::{IndexState, open, state};
use super::store::manifest::{Manifest, PageEntry};
use super::store::paths::BaseDir;
use super::user_files::read_rules;
use crate::clean::{self, ParsedPage, SiteTemplate, UserRules};
use crate::error::Result;
use crate::model::{Document, Line, Page, PageId};

/// The pages of an index and the user rules.
pub struct SiteContext {
    base: BaseDir,
    manifest: Manifest,
    rules: UserRules,
    /// Whether there is an index that this version of treff can read. Without one, every page is the only page of its
    /// site.
    pub is_indexed: bool,
    /// Templates by site, built on first use: all pages of a large file usually share one.
    templates: HashMap<String, SiteTemplate>,
    /// Line occurrences by site, built on first use.
    occurrences: HashMap<String, LineOccurrences>,
}

/// The pages of a site on which each line occurs.
struct LineOccurrences {
    pages: Vec<PageId>,
    /// By the hash of a line: the number of pages, and the indexes of the first `MAX_EXAMPLES` of them in `pages`.
    by_line: HashMap<u32, (u32, SmallVec<[u32; MAX_EXAMPLES]>)>,
}

/// Number of example pages for each line: two to show, and one more because one of them may be the page itself.
const MAX_EXAMPLES: usize = 3;

impl LineOccurrences {
    fn of_site(manifest: &Manifest, site: &str) -> LineOccurrences {
        let mut occurrences = LineOccurrences { pages: Vec::new(), by_line: HashMap::new() };
        for (id, page) in manifest.entries().filter(|(_, page)| page.site == site) {
            for line in &page.fingerprint.lines {
                let (count, examples) = occurrences.by_line.entry(*line).or_default();
                *count += 1;
                if examples.len() < MAX_EXAMPLES {
                    examples.push(occurrences.pages.len() as u32);
                }
            }
            occurrences.pages.push(id);
        }
        occurrences
    }
}

impl SiteContext {
    /// Opens the index in a folder, if there is one that this version of treff can read.
    pub fn open(index: &Path) -> Result<SiteContext> {
        let is_indexed = state(index)? == IndexState::Current;
        let manifest = if is_indexed { open(index)?.manifest()? } else { Manifest::default() };
        let rules = read_rules(index, manifest.settings.keep_all)?;
        Ok(SiteContext {
            base: BaseDir::of(index)?,
            manifest,
            rules,
            is_indexed,
            templates: HashMap::new(),
            occurrences: HashMap::new(),
        })
    }

    /// Returns the name that the index has for a file. The pages given to `clean` and `line_occurrences` must have
    /// it as their path.
    pub fn stored_name(&self, path: &Path) -> Result<String> {
        self.base.stored_name(path)
    }

    /// Cleans a page with the template of its site. The template counts the page as it is now, not as it is indexed.
    pub fn clean(&mut self, page: &Page, parsed: ParsedPage) -> Result<Document> {
        let entry = page_entry(page, &parsed, site_name(page, &parsed));
        let rules = self.rules.of(&entry.site, &page.id.path);
        if self.indexed_entry(&page.id).is_none_or(|indexed| indexed.fingerprint != entry.fingerprint) {
            return Ok(clean::clean_with_rules(parsed, &self.template(&entry, &page.id.path), &rules));
        }
        if !self.templates.contains_key(&entry.site) {
            let template = self.template(&entry, &page.id.path);
            self.templates.insert(entry.site.clone(), template);
        }
        Ok(clean::clean_with_rules(parsed, &self.templates[&entry.site], &rules))
    }

    /// Returns, for each line of a page, the number of other pages of the site on which it occurs, and up to two of
    /// them.
    pub fn line_occurrences(&mut self, page: &Page, parsed: &ParsedPage) -> Vec<(usize, Vec<PageId>)> {
        let site = site_name(page, parsed);
        if !self.occurrences.contains_key(&site) {
            self.occurrences.insert(site.clone(), LineOccurrences::of_site(&self.manifest, &site));
        }
        let (occurrences, indexed) = (&self.occurrences[&site], self.indexed_entry(&page.id));
        let on_other_pages = |line: &Line| {
            let hash = clean::line_hash(&line.text).unwrap_or_default();
            let Some((count, examples)) = occurrences.by_line.get(&hash) else {
                return (0, Vec::new());
            };
            // The count includes the page itself if it was indexed with this line.
            let is_counted = indexed.is_some_and(|entry| entry.fingerprint.lines.binary_search(&hash).is_ok());
            let others = examples.iter().map(|index| &occurrences.pages[*index as usize]).filter(|id| **id != page.id);
            (*count as usize - usize::from(is_counted), others.take(MAX_EXAMPLES - 1).cloned().collect())
        };
        parsed.lines.iter().map(on_other_pages).collect()
    }

    fn indexed_entry(&self, page: &PageId) -> Option<&PageEntry> {
        let file = self.manifest.files.iter().find(|file| file.path == page.path)?;
        let index = file.pages.binary_search_by(|other| other.record.cmp(&page.record));
        index.ok().map(|index| &file.pages[index])
    }

    fn template(&self, entry: &PageEntry, path: &str) -> SiteTemplate {
        let is_other = |(id, other): &(PageId, &PageEntry)| {
            other.site == entry.site && (id.path != path || other.record != entry.record)
        };
        let others = self.manifest.entries().filter(is_other).map(|(_, other)| &other.fingerprint);
        SiteTemplate::of(&others.chain([&entry.fingerprint]).collect::<Vec<_>>())
    }
}
