//! PageMetadata the files that have changed, which pages have to be indexed again?
//!
//! A page whose text changed, and a page on which the same lines are no longer the template of its site, or are
//! now. Each changed file is read once, for the hashes of its pages and of their lines.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;
use smallvec::SmallVec;
use xxhash_rust::xxh3::Xxh3;

use super::run::{Plan, Progress, UpdateOptions, UpdateReport};
use crate::clean::{self, PageFingerprint, ParsedPage, SiteTemplate, UserRules};
use crate::error::{Error, Result};
use crate::index::reader::{IndexState, open, state};
use crate::index::store::manifest::{FileEntry, Manifest, PageEntry, PageOutcome};
use crate::index::store::paths::BaseDir;
use crate::index::user_files::read_rules;
use crate::model::{Document, Line, Page, PageId, PageMetadata};
use crate::read::{self, Loaded, Unit};

/// Texts read here are kept up to this many bytes, so that a small update reads nothing twice.
const KEPT_BYTES: usize = 16 << 20;
/// A file changed this shortly before it was read may change again without its time telling.
const RACY_NANOSECONDS: i64 = 2_000_000_000;

/// A page that was read in this run.
pub struct Fresh {
    pub entry: PageEntry,
    /// Kept from this reading, if there was room.
    pub parsed: Option<(Page, ParsedPage)>,
}

/// What was read, by file and record.
pub type FreshPages = HashMap<String, HashMap<Option<String>, Fresh>>;

/// The pages of one file in their order, and how many of its units could not be read.
struct Looked {
    pages: Vec<Fresh>,
    unread: usize,
}

impl Plan {
    /// Reads the changed files for what their pages are now.
    pub fn look_into_changed_files(&mut self, options: &UpdateOptions, report: &mut UpdateReport) -> FreshPages {
        let kept_bytes = AtomicUsize::new(0);
        let done = AtomicU64::new(0);
        let of = self.to_read.len() as u64;
        let problems = Mutex::new(Vec::new());
        let notes = Mutex::new(Vec::new());
        let look = |unit: Result<Unit>, unread: &AtomicUsize| -> Option<Fresh> {
            let page = match unit.and_then(read::load) {
                Ok(Loaded::Page(page)) => *page,
                Ok(Loaded::Note(note)) => {
                    lock_of(&notes).push(note);
                    return None;
                }
                Err(error) => {
                    unread.fetch_add(1, Ordering::Relaxed);
                    lock_of(&problems).push(error);
                    return None;
                }
            };
            if let Some(note) = &page.note {
                lock_of(&notes).push(format!("{}: {note}", page.id));
            }
            let parsed = clean::parse(&page);
            let entry = entry(&page, &parsed);
            if self.dictionary.is_none() {
                self.sample.offer(entry.hash, parsed.lines.iter().map(|line| line.text.as_str()));
            }
            let bytes = page.text.len();
            let has_room = kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= KEPT_BYTES;
            Some(Fresh { entry, parsed: has_room.then_some((page, parsed)) })
        };
        let looked: Vec<Looked> = self
            .to_read
            .par_iter()
            .map(|file| {
                let unread = AtomicUsize::new(0);
                let units = read::units(&file.source).par_bridge();
                let mut pages: Vec<Fresh> = units.filter_map(|unit| look(unit, &unread)).collect();
                pages.sort_by_key(|page| page.entry.index_in_file);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                (options.progress)(Progress::Reading { done, of });
                Looked { pages, unread: unread.into_inner() }
            })
            .collect();
        let mut files: BTreeMap<String, FileEntry> =
            std::mem::take(&mut self.manifest.files).into_iter().map(|file| (file.path.clone(), file)).collect();
        let mut fresh = FreshPages::new();
        for (file, Looked { pages, unread }) in self.to_read.iter().zip(looked) {
            let name = &file.source.name;
            let old = files.remove(name);
            let mut by_record: HashMap<Option<String>, Fresh> = HashMap::with_capacity(pages.len());
            let mut replaced = Vec::new();
            for page in pages {
                match by_record.entry(page.entry.record.clone()) {
                    Entry::Vacant(vacant) => {
                        vacant.insert(page);
                    }
                    Entry::Occupied(mut first) => match (first.get().entry.line, page.entry.line) {
                        (Some(line), Some(own)) => {
                            let id = first.key().as_deref().unwrap_or("");
                            let reason = format!("line {line} has the id {id:?} too; only that page is used");
                            lock_of(&problems).push(Error::page(format!("{name}:{own}"), reason));
                        }
                        // What stands later in an archive was added later: it replaces what is before it.
                        _ => {
                            replaced.extend(first.key().clone());
                            first.insert(page);
                        }
                    },
                }
            }
            if let Some(example) = replaced.first() {
                let more =
                    if replaced.len() > 1 { format!(" (like {} others)", replaced.len() - 1) } else { String::new() };
                let note =
                    format!("{name}#{example}: several members of the archive have this name{more}; the last is used");
                lock_of(&notes).push(note);
            }
            let mut entries: Vec<PageEntry> = by_record.values().map(|page| page.entry.clone()).collect();
            if unread > 0 {
                // Which record an unreadable line was can't be told, so none that is missing is removed.
                let old = old.iter().flat_map(|file| &file.pages);
                entries.extend(old.filter(|page| !by_record.contains_key(&page.record)).cloned());
            }
            entries.sort_by(|one, other| one.record.cmp(&other.record));
            let is_settled = unread == 0 && self.begun - file.modified > RACY_NANOSECONDS;
            let modified = if is_settled { file.modified } else { 0 };
            files.insert(name.clone(), FileEntry { path: name.clone(), size: file.size, modified, pages: entries });
            fresh.insert(name.clone(), by_record);
        }
        self.manifest.files = files.into_values().collect();
        report.problems.extend(problems.into_inner().unwrap_or_default());
        report.notes.extend(notes.into_inner().unwrap_or_default());
        report.problems.sort_by_cached_key(|error| error.to_string());
        report.notes.sort();
        fresh
    }

    /// Finds the pages to index, and the templates of the sites concerned.
    pub fn mark_dirty(&mut self, fresh: &mut FreshPages, report: &mut UpdateReport) -> HashMap<String, SiteTemplate> {
        let before: HashMap<PageId, &PageEntry> = self.before.entries().collect();
        let mut still_there = HashSet::new();
        let mut concerned: HashSet<String> = HashSet::new();
        for file in &mut self.manifest.files {
            for page in &mut file.pages {
                let id = page.id(&file.path);
                still_there.insert(id.clone());
                match before.get(&id) {
                    Some(old) if old.hash == page.hash && old.site == page.site => {
                        page.template_fingerprint = old.template_fingerprint;
                        page.outcome = old.outcome;
                    }
                    old => {
                        concerned.extend(old.map(|old| old.site.clone()));
                        concerned.insert(page.site.clone());
                        *if old.is_some() { &mut report.changed } else { &mut report.added } += 1;
                        self.dirty.insert(id, old.is_some());
                    }
                }
            }
        }
        for (id, page) in &before {
            if !still_there.contains(id) {
                concerned.insert(page.site.clone());
                report.removed += 1;
                self.removed.push(id.clone());
            }
        }
        if self.manifest.settings != self.before.settings {
            concerned.extend(self.manifest.pages().map(|page| page.site.clone()));
        }
        let templates = self.templates(&concerned);
        for file in &mut self.manifest.files {
            for page in &mut file.pages {
                let Some(template) = templates.get(&page.site) else {
                    continue;
                };
                let rules = self.rules.of(&page.site, &file.path).fingerprint();
                let fingerprint = template.fingerprint(&page.fingerprint) ^ rules;
                let id = page.id(&file.path);
                if fingerprint != page.template_fingerprint && !self.dirty.contains_key(&id) {
                    report.cleaned_again += 1;
                    self.dirty.insert(id, true);
                }
                page.template_fingerprint = fingerprint;
            }
        }
        // Only what will be indexed is kept in memory.
        for pages in fresh.values_mut() {
            pages.retain(|_, page| match &page.parsed {
                Some((read, _)) => self.dirty.contains_key(&read.id),
                None => false,
            });
            pages.shrink_to_fit();
        }
        templates
    }

    pub fn templates(&self, sites: &HashSet<String>) -> HashMap<String, SiteTemplate> {
        let mut sketches: HashMap<&str, Vec<&PageFingerprint>> = HashMap::new();
        for page in self.manifest.pages().filter(|page| sites.contains(&page.site)) {
            sketches.entry(&page.site).or_default().push(&page.fingerprint);
        }
        sketches.into_par_iter().map(|(site, sketches)| (site.to_string(), SiteTemplate::of(&sketches))).collect()
    }
}

/// A page as the manifest keeps it, before it is cleaned.
fn entry(page: &Page, parsed: &ParsedPage) -> PageEntry {
    PageEntry {
        record: page.id.record.clone(),
        hash: content_hash(page),
        site: site(page, parsed),
        fingerprint: PageFingerprint::of(&parsed.lines),
        template_fingerprint: 0,
        index_in_file: page.index_in_file,
        line: page.line,
        outcome: PageOutcome::default(),
        bytes: page.text.len() as u64,
    }
}

/// Of all that decides what a page becomes, but for the other pages of its site.
pub fn content_hash(page: &Page) -> u64 {
    let mut hash = Xxh3::new();
    let PageMetadata { url, title, date, source, lang } = &page.metadata;
    for part in [url, title, date, source, lang] {
        hash.update(part.as_deref().unwrap_or("\u{0}").as_bytes());
        hash.update(b"\x1f");
    }
    hash.update(&[page.format as u8]);
    hash.update(&page.line.unwrap_or(0).to_le_bytes());
    hash.update(page.text.as_bytes());
    hash.digest()
}

/// The name of the site that a page belongs to: its host, else for a line of a `.jsonl` file this and its source, else
/// its folder, which may lie in an archive.
pub fn site(page: &Page, parsed: &ParsedPage) -> String {
    let path = &page.id.path;
    let without_address = || match (&page.id.record, page.line) {
        (Some(_), Some(_)) => format!("{path}\u{1f}{}", page.metadata.source.as_deref().unwrap_or("")),
        (Some(member), None) => format!("{path}\u{1f}{}/", member.rsplit_once('/').map_or("", |(folder, _)| folder)),
        (None, _) => Path::new(path).parent().map(|folder| format!("{}/", folder.display())).unwrap_or_default(),
    };
    parsed.metadata.url.as_deref().and_then(clean::host).unwrap_or_else(without_address)
}

/// The other pages of an index and a person's rules, for judging a page outside an update.
pub struct SiteContext {
    base: BaseDir,
    manifest: Manifest,
    rules: UserRules,
    /// Whether there is an index that this version can read.
    pub is_indexed: bool,
    /// The templates of sites as they are indexed: the pages of a large file ask for the same one.
    indexed: HashMap<String, SiteTemplate>,
    /// The same for `standing`.
    lines: HashMap<String, SiteLines>,
}

/// In which pages of a site each line stands.
struct SiteLines {
    pages: Vec<PageId>,
    /// By the hash of the line: how many, and the first three of them.
    stand_in: HashMap<u32, (u32, SmallVec<[u32; 3]>)>,
}

impl SiteLines {
    fn of(manifest: &Manifest, site: &str) -> SiteLines {
        let mut lines = SiteLines { pages: Vec::new(), stand_in: HashMap::new() };
        for (id, page) in manifest.entries().filter(|(_, page)| page.site == site) {
            for line in &page.fingerprint.lines {
                let (count, examples) = lines.stand_in.entry(*line).or_default();
                *count += 1;
                if examples.len() < 3 {
                    examples.push(lines.pages.len() as u32);
                }
            }
            lines.pages.push(id);
        }
        lines
    }
}

impl SiteContext {
    /// Those of the index in a folder; none where there is no index that this version can read.
    pub fn of(index: &Path) -> Result<SiteContext> {
        let is_indexed = state(index)? == IndexState::Current;
        let manifest = if is_indexed { open(index)?.manifest()? } else { Manifest::default() };
        let rules = read_rules(index, manifest.settings.keep_all)?;
        Ok(SiteContext {
            base: BaseDir::of(index)?,
            manifest,
            rules,
            is_indexed,
            indexed: HashMap::new(),
            lines: HashMap::new(),
        })
    }

    /// Names the file of pages as the index does, for `clean` and `standing`.
    pub fn name_of(&self, path: &Path) -> Result<String> {
        self.base.store(path)
    }

    /// Cleans a page with the template of its site, the page counted as it is now.
    pub fn clean(&mut self, page: &Page, parsed: ParsedPage) -> Result<Document> {
        let own = entry(page, &parsed);
        if self.indexed_as(&page.id).is_none_or(|indexed| indexed.fingerprint != own.fingerprint) {
            let rules = self.rules.of(&own.site, &page.id.path);
            return Ok(clean::clean_with_rules(parsed, &self.template(&own, &page.id.path), &rules));
        }
        if !self.indexed.contains_key(&own.site) {
            let template = self.template(&own, &page.id.path);
            self.indexed.insert(own.site.clone(), template);
        }
        Ok(clean::clean_with_rules(parsed, &self.indexed[&own.site], &self.rules.of(&own.site, &page.id.path)))
    }

    /// For each line of a page in how many other pages of its site it stands, and two of them.
    pub fn standing(&mut self, page: &Page, parsed: &ParsedPage) -> Vec<(usize, Vec<PageId>)> {
        let site = site(page, parsed);
        if !self.lines.contains_key(&site) {
            self.lines.insert(site.clone(), SiteLines::of(&self.manifest, &site));
        }
        let (lines, own) = (&self.lines[&site], self.indexed_as(&page.id));
        let standing = |line: &Line| {
            let hash = clean::line_hash(&line.text).unwrap_or_default();
            let Some((count, examples)) = lines.stand_in.get(&hash) else {
                return (0, Vec::new());
            };
            // The page itself is counted too, as far as it was indexed with this line.
            let is_counted = own.is_some_and(|own| own.fingerprint.lines.binary_search(&hash).is_ok());
            let others = examples.iter().map(|place| &lines.pages[*place as usize]).filter(|id| **id != page.id);
            (*count as usize - usize::from(is_counted), others.take(2).cloned().collect())
        };
        parsed.lines.iter().map(standing).collect()
    }

    fn indexed_as(&self, page: &PageId) -> Option<&PageEntry> {
        let file = self.manifest.files.iter().find(|file| file.path == page.path)?;
        let place = file.pages.binary_search_by(|other| other.record.cmp(&page.record));
        place.ok().map(|place| &file.pages[place])
    }

    fn template(&self, own: &PageEntry, path: &str) -> SiteTemplate {
        let is_other = |(id, other): &(PageId, &PageEntry)| {
            other.site == own.site && (id.path != path || other.record != own.record)
        };
        let others = self.manifest.entries().filter(is_other).map(|(_, other)| &other.fingerprint);
        SiteTemplate::of(&others.chain([&own.fingerprint]).collect::<Vec<_>>())
    }
}

/// A poisoned lock holds what was pushed before the panic, which is still true.
pub fn lock_of<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
