//! Of pages with the same content, which one stands in the index for all?
//!
//! The one whose name is the smallest: that depends on the pages alone, not on the order in which they came. So a page
//! that is added, changed or removed may take that place from another page or leave it to one, which then has to be
//! read although nothing in it has changed.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use tantivy::Term;

use super::commit::{Done, name_problems, read_again, remove};
use super::documents::{Target, add_copy, add_page, add_place};
use super::invalidate::{content_hash, site};
use super::run::{Plan, UpdateOptions, UpdateReport};
use crate::clean::{self, ParsedPage, SiteTemplate};
use crate::error::Result;
use crate::model::{Page, PageId};

impl Plan {
    /// Makes of each set of copies one the page that is indexed. All pages of this run were written as if there were
    /// no others; `addresses` are theirs.
    pub fn settle_copies(
        &mut self,
        options: &UpdateOptions,
        templates: &HashMap<String, SiteTemplate>,
        target: Target,
        addresses: &HashMap<PageId, Option<String>>,
        report: &mut UpdateReport,
    ) -> Result<()> {
        let first = self.first_of_each();
        // Each with what it is to be.
        let mut to_read = BTreeMap::new();
        let mut sites = Vec::new();
        for file in &mut self.manifest.files {
            for page in &mut file.pages {
                let id = page.id(&file.path);
                let is_copy = page.outcome.passages > 0 && first[&page.outcome.content] != id;
                if is_copy == page.outcome.is_copy {
                    continue;
                }
                match addresses.get(&id) {
                    Some(url) if is_copy => {
                        target.writer.delete_term(Term::from_field_text(target.fields.page, &id.key()));
                        add_place(target, &id, url.as_deref(), page.outcome.content)?;
                        page.outcome.is_copy = true;
                    }
                    _ => {
                        sites.push(page.site.clone());
                        to_read.insert(id, is_copy);
                    }
                }
            }
        }
        if to_read.is_empty() {
            return Ok(());
        }
        let missing = sites.into_iter().filter(|site| !templates.contains_key(site)).collect();
        let more_templates = self.templates(&missing);
        let empty = SiteTemplate::default();
        let problems = Mutex::new(Vec::new());
        let write = |page: Page, parsed: ParsedPage| {
            let site = site(&page, &parsed);
            let template = templates.get(&site).or_else(|| more_templates.get(&site)).unwrap_or(&empty);
            let document = clean::clean_with_rules(parsed, template, &self.rules.of(&site, &page.id.path));
            remove(target, &page.id);
            let is_copy = to_read.get(&page.id) == Some(&true);
            let add = if is_copy { add_copy } else { add_page };
            let outcome = add(target, &page, &document)?;
            Ok(Done { hash: content_hash(&page), id: page.id, url: None, outcome })
        };
        let files = self.files_to_read(options.index, |id, _| to_read.contains_key(id));
        let mut done: HashMap<PageId, Done> =
            read_again(files, write, &problems)?.into_iter().map(|page| (page.id.clone(), page)).collect();
        for file in &mut self.manifest.files {
            for page in &mut file.pages {
                let id = page.id(&file.path);
                if !to_read.contains_key(&id) {
                    continue;
                }
                // What can't be read now stays as it was; it is looked at again next time, as is what has changed.
                let is_settled = done.get(&id).is_some_and(|done| done.hash == page.hash);
                if let Some(done) = done.remove(&id) {
                    page.outcome = done.outcome;
                }
                if !is_settled {
                    file.modified = 0;
                }
            }
        }
        name_problems(problems, report);
        Ok(())
    }

    /// The page with the smallest name of each content.
    fn first_of_each(&self) -> HashMap<u64, PageId> {
        let mut first = HashMap::new();
        for (id, page) in self.manifest.entries().filter(|(_, page)| page.outcome.passages > 0) {
            match first.entry(page.outcome.content) {
                Entry::Vacant(vacant) => drop(vacant.insert(id)),
                Entry::Occupied(mut known) if id < *known.get() => drop(known.insert(id)),
                Entry::Occupied(_) => {}
            }
        }
        first
    }
}
