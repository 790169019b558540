//! Given the pages that are there now, what must change in the index?
//!
//! First every changed file is read once, for the hashes of its pages and their lines. Then the templates of
//! the sites concerned are known, and with them which pages have to be cleaned again although they are
//! unchanged. Last, those pages are cleaned, cut into passages and committed, all at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use tantivy::indexer::NoMergePolicy;
use tantivy::{IndexWriter, TantivyDocument, Term};
use xxhash_rust::xxh3::Xxh3;

use super::manifest::{FileEntry, Manifest, PageEntry, Stdin};
use super::paths::{Base, STDIN, is_below};
use super::schema::{self, Fields, Stored};
use super::{Head, Payload, lock, page_hash};
use crate::clean::{self, Parsed, Sketch, Template};
use crate::error::{Error, Result};
use crate::norwegian::ANALYSIS_VERSION;
use crate::page::{Given, Page, PageId};
use crate::passage;
use crate::read::{self, Source, Unit};

/// What to bring up to date, and how.
pub struct Options<'a> {
    pub index: &'a Path,
    /// Files and folders, `-` for standard input; none for the paths that the index was built from.
    pub paths: &'a [PathBuf],
    /// What is read when there are neither.
    pub default_path: &'a Path,
    /// Forget what is indexed and begin afresh.
    pub rebuild: bool,
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
    Reading { done: u64, of: u64 },
    /// Pages to index, and how many were.
    Indexing { done: u64, of: u64 },
    Merging,
}

/// What an update did.
#[derive(Debug, Default)]
pub struct Report {
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
    /// Bytes of text read for the pages that were indexed in this run.
    pub bytes: u64,
    pub elapsed: Duration,
    /// Pages and paths that could not be read; the others were.
    pub problems: Vec<Error>,
    /// What is worth knowing, one line each.
    pub notes: Vec<String>,
    /// Files of other kinds below the paths.
    pub ignored: usize,
}

/// Texts read in the first pass are kept up to this many bytes, so that a small update reads nothing twice.
const KEPT_BYTES: usize = 64 << 20;
/// Below this many bytes of pages one indexing thread is enough, and leaves one segment.
const SMALL_BUILD_BYTES: u64 = 4 << 20;
/// tantivy's buffer for each indexing thread. Under about 15 MB it makes a segment for every document.
const WRITER_BYTES: usize = 64 << 20;
/// A search opens every segment; more than these are merged.
const MAX_SEGMENTS: usize = 4;
/// A file changed this shortly before it was read may change again without its time telling.
const RACY_NANOSECONDS: i64 = 2_000_000_000;

/// Brings the index up to date with its pages. Errors leave it as it was; a page that can't be read is named
/// in the report, and stays indexed as it was.
pub fn update(options: &Options) -> Result<Report> {
    let begun = Instant::now();
    let waiting = |holder: &str| (options.progress)(Progress::Waiting(holder.to_string()));
    let _lock = lock::take(options.index, options.patience, &waiting)?;
    let mut report = Report::default();
    let mut plan = Plan::make(options, &mut report)?;
    let mut pages = plan.look_into_changed_files(options, &mut report);
    let templates = plan.mark_dirty(&mut pages, &mut report);
    let is_unchanged = plan.generation.is_some() && plan.manifest == plan.before;
    if !is_unchanged {
        plan.commit(options, pages, &templates, &mut report)?;
    }
    report.pages = plan.manifest.pages().count() as u64;
    report.passages = plan.manifest.pages().map(|page| u64::from(page.passages)).sum();
    report.dropped_lines = plan.manifest.pages().map(|page| u64::from(page.dropped_lines)).sum();
    report.elapsed = begun.elapsed();
    Ok(report)
}

/// What has changed since a manifest was written: files new, changed and gone.
#[derive(Debug, Default, PartialEq)]
pub struct Stale {
    pub new: usize,
    pub changed: usize,
    pub gone: usize,
    /// Paths that can't be looked at.
    pub unreachable: Vec<String>,
}

/// Compares the files below the roots with the manifest, by size and time; reads none.
pub fn stale(index: &Path, manifest: &Manifest) -> Result<Stale> {
    let base = Base::of(index)?;
    let mut stale = Stale::default();
    let known: HashMap<&str, &FileEntry> = manifest.files.iter().map(|file| (file.path.as_str(), file)).collect();
    for root in manifest.roots.iter().filter(|root| *root != STDIN) {
        match read::walk(&base.resolve(root), base.index()) {
            Err(_) => stale.unreachable.push(base.show(root)),
            Ok(walk) => {
                let mut seen = HashSet::new();
                for found in &walk.files {
                    let name = base.store(&found.path)?;
                    match known.get(name.as_str()) {
                        None => stale.new += 1,
                        Some(file) if file.modified != 0 && (file.size, file.modified) != (found.size, found.modified) => {
                            stale.changed += 1;
                        }
                        Some(_) => {}
                    }
                    seen.insert(name);
                }
                stale.gone += manifest
                    .files
                    .iter()
                    .filter(|file| is_below(&file.path, root) && !seen.contains(&file.path))
                    .count();
            }
        }
    }
    Ok(stale)
}

/// A page that was read in this run.
struct Fresh {
    entry: PageEntry,
    /// Kept from the first reading, if there was room.
    parsed: Option<(Page, Parsed)>,
}

/// Which pages to index again, by file and record.
type Pages = HashMap<String, HashMap<Option<String>, Fresh>>;

struct Plan {
    base: Base,
    /// The generation to write into; none to begin one.
    generation: Option<String>,
    before: Manifest,
    /// What will be indexed.
    manifest: Manifest,
    /// Files to look into, and how they are read.
    to_read: Vec<(Source, u64, i64)>,
    /// Keys of pages to index, and whether they stand in the index already.
    dirty: BTreeMap<(String, Option<String>), bool>,
    removed: Vec<String>,
}

impl Plan {
    /// Compares the files that are there with those that are indexed.
    fn make(options: &Options, report: &mut Report) -> Result<Plan> {
        let base = Base::of(options.index)?;
        let head = Head::read(options.index)?;
        let mut generation = None;
        let mut before = Manifest::default();
        let mut known_roots = Vec::new();
        if let Some(head) = head {
            known_roots = head.roots.clone();
            if head.is_current() {
                match super::open(options.index).and_then(|index| index.manifest()) {
                    Ok(manifest) => {
                        known_roots = manifest.roots.clone();
                        before = manifest;
                        generation = Some(head.generation);
                    }
                    // What is damaged is built again from its sources.
                    Err(error) => report.notes.push(format!("{error}; building it again")),
                }
            } else {
                report.notes.push(format!("the index was built by treff {}; building it again", head.treff));
            }
        }
        let kept_stdin = before.stdin.clone();
        let begins_afresh = options.rebuild || generation.is_none();
        if begins_afresh {
            generation = None;
            before = Manifest::default();
        }
        let mut given = Vec::new();
        for path in options.paths {
            let name = if path.as_os_str() == STDIN { STDIN.to_string() } else { base.store(path)? };
            given.push(name);
        }
        if given.is_empty() {
            given = known_roots.clone();
        }
        if given.is_empty() {
            given.push(base.store(options.default_path)?);
        }
        // An older index is followed on its old paths; `--rebuild` with paths means those paths.
        let mut roots = if options.rebuild && !options.paths.is_empty() { given.clone() } else { known_roots };
        roots.extend(given.iter().cloned());
        let all = roots.clone();
        roots.retain(|root| !all.iter().any(|other| other != root && is_below(root, other)));
        roots.sort();
        roots.dedup();
        if begins_afresh {
            given = roots.clone();
        }
        let mut plan = Plan {
            manifest: Manifest {
                roots,
                updated: before.updated,
                stdin: kept_stdin.filter(|_| !options.rebuild || options.paths.is_empty()),
                files: Vec::new(),
            },
            base,
            generation,
            before,
            to_read: Vec::new(),
            dirty: BTreeMap::new(),
            removed: Vec::new(),
        };
        plan.compare(options, &given, report)?;
        Ok(plan)
    }

    fn compare(&mut self, options: &Options, given: &[String], report: &mut Report) -> Result<()> {
        let mut kept: BTreeMap<String, FileEntry> = self
            .before
            .files
            .iter()
            .map(|file| (file.path.clone(), file.clone()))
            .collect();
        let mut to_read: BTreeMap<String, (Source, u64, i64)> = BTreeMap::new();
        let mut readable_roots = 0;
        for root in given {
            let walk = if root == STDIN {
                self.walk_stdin(options)
            } else {
                read::walk(&self.base.resolve(root), self.base.index())
            };
            let walk = match walk {
                Ok(walk) => walk,
                Err(error) => {
                    self.missing_root(root, error, &mut kept, report);
                    continue;
                }
            };
            readable_roots += 1;
            report.ignored += walk.ignored;
            report.notes.extend(walk.notes);
            let mut unseen = Vec::new();
            for (path, error) in walk.unseen {
                unseen.extend(self.base.store(&path));
                report.problems.push(error);
            }
            let mut seen = HashSet::new();
            for found in walk.files {
                let name = if root == STDIN { STDIN.to_string() } else { self.base.store(&found.path)? };
                seen.insert(name.clone());
                let is_unchanged = kept
                    .get(&name)
                    .is_some_and(|file| file.modified != 0 && (file.size, file.modified) == (found.size, found.modified));
                if !is_unchanged {
                    let source = Source {
                        path: found.path,
                        name: name.clone(),
                        kind: found.kind,
                    };
                    to_read.insert(name, (source, found.size, found.modified));
                }
            }
            kept.retain(|name, _| {
                !is_below(name, root) || seen.contains(name) || unseen.iter().any(|place| is_below(name, place))
            });
        }
        if readable_roots == 0 && kept.is_empty() {
            return Err(match report.problems.pop() {
                Some(error) => error,
                None => Error::Usage("none of the paths can be read".to_string()),
            });
        }
        self.manifest.files = kept.into_values().collect();
        self.to_read = to_read.into_values().collect();
        Ok(())
    }

    /// Pages vanish from the index only when the place they stood in is there without them.
    fn missing_root(
        &mut self,
        root: &str,
        error: Error,
        kept: &mut BTreeMap<String, FileEntry>,
        report: &mut Report,
    ) {
        let path = self.base.resolve(root);
        let is_gone_file = kept.contains_key(root)
            && root != STDIN
            && !path.exists()
            && path
                .parent()
                .and_then(|folder| std::fs::read_dir(folder).ok())
                .is_some_and(|mut entries| entries.next().is_some());
        if is_gone_file {
            kept.remove(root);
            self.manifest.roots.retain(|known| known != root);
            report.notes.push(format!("{} is gone; its pages were removed", self.base.show(root)));
            return;
        }
        let holds_pages = kept.keys().any(|name| is_below(name, root));
        if holds_pages {
            report.notes.push(format!(
                "{} can't be read; its pages stay in the index (`treff index --rebuild PATH…` begins without it)",
                self.base.show(root)
            ));
        } else {
            self.manifest.roots.retain(|known| known != root);
        }
        report.problems.push(error);
    }

    /// Keeps what comes on standard input inside the index, so that it can be read again.
    fn walk_stdin(&mut self, options: &Options) -> Result<read::Walk> {
        let is_asked_for = options.paths.iter().any(|path| path.as_os_str() == STDIN);
        if is_asked_for {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let file = format!("stdin-{}", now.as_nanos());
            let path = options.index.join(&file);
            let mut out = std::fs::File::create(&path).map_err(Error::io(&path, "write"))?;
            std::io::copy(&mut std::io::stdin().lock(), &mut out).map_err(Error::io(&path, "write"))?;
            let mut head = vec![0; 1 << 16];
            let filled = std::fs::File::open(&path)
                .and_then(|mut file| std::io::Read::read(&mut file, &mut head))
                .map_err(Error::io(&path, "read"))?;
            let kind = read::sniff(&head[..filled]);
            self.manifest.stdin = Some(Stdin {
                file,
                is_records: kind.content == read::Content::Records,
                is_html: kind.content == read::Content::Page(crate::page::Format::Html),
                gzip: kind.gzip,
            });
        }
        let Some(stdin) = &self.manifest.stdin else {
            return Err(Error::Usage("nothing came on standard input before; give `-` to read it".into()));
        };
        let path = options.index.join(&stdin.file);
        let (size, modified) = read::stat(&path).map_err(Error::io(&path, "read"))?;
        Ok(read::Walk {
            files: vec![read::Found {
                path,
                kind: stdin.kind(),
                size,
                modified,
            }],
            ..read::Walk::default()
        })
    }

    /// Reads the changed files for what their pages are now.
    fn look_into_changed_files(&mut self, options: &Options, report: &mut Report) -> Pages {
        let kept_bytes = AtomicUsize::new(0);
        let done = AtomicU64::new(0);
        let of = self.to_read.len() as u64;
        let problems = Mutex::new(Vec::new());
        let notes = Mutex::new(Vec::new());
        let base = &self.base;
        let look = |unit: Result<Unit>| -> Option<(u32, Fresh)> {
            let page = match unit.and_then(|unit| read::load(&unit)) {
                Ok(page) => page,
                Err(error) => {
                    lock_of(&problems).push(error);
                    return None;
                }
            };
            if let Some(note) = &page.note {
                lock_of(&notes).push(format!("{}: {note}", page.id));
            }
            let parsed = clean::parse(&page);
            let entry = entry(&page, &parsed);
            let bytes = page.text.len();
            let has_room = kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= KEPT_BYTES;
            Some((
                page.first_line,
                Fresh {
                    entry,
                    parsed: has_room.then_some((page, parsed)),
                },
            ))
        };
        let read: Vec<(String, Vec<(u32, Fresh)>, usize)> = self
            .to_read
            .par_iter()
            .map(|(source, _, _)| {
                let before = AtomicUsize::new(0);
                let pages: Vec<(u32, Fresh)> = read::units(source)
                    .par_bridge()
                    .filter_map(|unit| {
                        let page = look(unit);
                        before.fetch_add(usize::from(page.is_none()), Ordering::Relaxed);
                        page
                    })
                    .collect();
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                (options.progress)(Progress::Reading { done, of });
                (source.name.clone(), pages, before.into_inner())
            })
            .collect();
        let now = now_nanoseconds();
        let mut files: BTreeMap<String, FileEntry> = std::mem::take(&mut self.manifest.files)
            .into_iter()
            .map(|file| (file.path.clone(), file))
            .collect();
        let mut fresh = Pages::new();
        for ((source, size, modified), (name, mut pages, unread)) in self.to_read.iter().zip(read) {
            pages.sort_by_key(|(line, _)| *line);
            let old = files.remove(&name);
            let mut by_record: HashMap<Option<String>, Fresh> = HashMap::new();
            for (line, page) in pages {
                let record = page.entry.record.clone();
                if by_record.contains_key(&record) {
                    let id = record.unwrap_or_default();
                    let place = format!("{}:{line}", base.show(&name));
                    let reason = format!("another line before it has the id {id:?}; only that one is used");
                    lock_of(&problems).push(Error::page(place, reason));
                } else {
                    by_record.insert(record, page);
                }
            }
            let mut entries: Vec<PageEntry> = by_record.values().map(|page| page.entry.clone()).collect();
            if unread > 0 {
                // Which record an unreadable line was can't be told, so none that is missing is removed.
                let old = old.iter().flat_map(|file| &file.pages);
                entries.extend(old.filter(|page| !by_record.contains_key(&page.record)).cloned());
            }
            entries.sort_by(|one, other| one.record.cmp(&other.record));
            let is_settled = unread == 0 && now - modified > RACY_NANOSECONDS;
            let file = FileEntry {
                path: name.clone(),
                size: *size,
                modified: if is_settled { *modified } else { 0 },
                pages: entries,
            };
            debug_assert_eq!(source.name, name);
            if !(file.pages.is_empty() && unread > 0) {
                files.insert(name.clone(), file);
            }
            fresh.insert(name, by_record);
        }
        self.manifest.files = files.into_values().collect();
        report.problems.extend(problems.into_inner().unwrap_or_default());
        report.notes.extend(notes.into_inner().unwrap_or_default());
        report.problems.sort_by_cached_key(|error| error.to_string());
        report.notes.sort();
        fresh
    }

    /// Finds the pages to index, and the templates of their sites.
    fn mark_dirty(&mut self, fresh: &mut Pages, report: &mut Report) -> HashMap<String, Template> {
        let key = |file: &FileEntry, page: &PageEntry| (file.path.clone(), page.record.clone());
        let before: HashMap<(String, Option<String>), &PageEntry> = self
            .before
            .files
            .iter()
            .flat_map(|file| file.pages.iter().map(move |page| (key(file, page), page)))
            .collect();
        let mut still_there = HashSet::new();
        let mut concerned: HashSet<String> = HashSet::new();
        for file in &mut self.manifest.files {
            for page in &mut file.pages {
                let key = (file.path.clone(), page.record.clone());
                match before.get(&key) {
                    Some(old) if old.hash == page.hash && old.site == page.site => {
                        page.fingerprint = old.fingerprint;
                        (page.passages, page.words, page.dropped_lines) = (old.passages, old.words, old.dropped_lines);
                    }
                    old => {
                        concerned.extend(old.map(|old| old.site.clone()));
                        concerned.insert(page.site.clone());
                        match old {
                            Some(_) => report.changed += 1,
                            None => report.added += 1,
                        }
                        self.dirty.insert(key.clone(), old.is_some());
                    }
                }
                still_there.insert(key);
            }
        }
        for (key, page) in &before {
            if !still_there.contains(key) {
                concerned.insert(page.site.clone());
                report.removed += 1;
                let id = PageId { path: key.0.clone(), record: key.1.clone() };
                self.removed.push(id.key());
            }
        }
        self.removed.sort();
        let mut sketches: HashMap<&str, Vec<&Sketch>> = HashMap::new();
        for page in self.manifest.pages().filter(|page| concerned.contains(&page.site)) {
            sketches.entry(&page.site).or_default().push(&page.sketch);
        }
        let mut templates: HashMap<String, Template> = sketches
            .into_par_iter()
            .map(|(site, sketches)| (site.to_string(), Template::of(&sketches)))
            .collect();
        for file in &mut self.manifest.files {
            for page in file.pages.iter_mut() {
                let Some(template) = templates.get(&page.site) else {
                    continue;
                };
                let fingerprint = template.fingerprint(&page.sketch);
                let key = (file.path.clone(), page.record.clone());
                if fingerprint != page.fingerprint && !self.dirty.contains_key(&key) {
                    report.cleaned_again += 1;
                    self.dirty.insert(key, true);
                }
                page.fingerprint = fingerprint;
            }
        }
        // Only what will be indexed is kept in memory.
        for (file, pages) in fresh.iter_mut() {
            pages.retain(|record, _| self.dirty.contains_key(&(file.clone(), record.clone())));
        }
        templates.retain(|_, template| !template.is_empty());
        templates
    }

    fn commit(
        &mut self,
        options: &Options,
        fresh: Pages,
        templates: &HashMap<String, Template>,
        report: &mut Report,
    ) -> Result<()> {
        let begins = self.generation.is_none();
        let name = match &self.generation {
            Some(name) => name.clone(),
            None => next_generation(options.index)?,
        };
        let generation = options.index.join(&name);
        let (index, fields) = self.open_to_write(&generation, begins)?;
        let bytes: u64 = self.manifest.files.iter().map(|file| file.size).sum();
        let threads = if bytes < SMALL_BUILD_BYTES || self.dirty.len() < 100 {
            1
        } else {
            rayon::current_num_threads().min(8)
        };
        let mut writer: IndexWriter = index.writer_with_num_threads(threads, WRITER_BYTES * threads)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for key in &self.removed {
            writer.delete_term(Term::from_field_text(fields.page, key));
        }
        for ((path, record), is_there) in &self.dirty {
            if *is_there {
                let id = PageId { path: path.clone(), record: record.clone() };
                writer.delete_term(Term::from_field_text(fields.page, &id.key()));
            }
        }
        let done = self.index_pages(options, fresh, templates, &writer, fields, report)?;
        self.record(done);
        self.manifest.updated = now_nanoseconds() / 1_000_000_000;
        let manifest = format!("manifest-{}", now_nanoseconds());
        self.manifest.save(&generation.join(&manifest))?;
        let payload = Payload {
            manifest: manifest.clone(),
            pages: self.manifest.pages().count() as u64,
            passages: self.manifest.pages().map(|page| u64::from(page.passages)).sum(),
            words: self.manifest.pages().map(|page| u64::from(page.words)).sum(),
        };
        let payload = serde_json::to_string(&payload).expect("plain numbers and strings always encode");
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        (options.progress)(Progress::Merging);
        merge(&mut writer, &index, begins)?;
        writer.garbage_collect_files().wait()?;
        drop(writer);
        if begins {
            let head = Head {
                format: schema::FORMAT,
                analysis: ANALYSIS_VERSION,
                treff: env!("CARGO_PKG_VERSION").to_string(),
                generation: name.clone(),
                roots: self.manifest.roots.clone(),
            };
            write_head(options.index, &head)?;
        } else if self.manifest.roots != self.before.roots
            && let Some(mut head) = Head::read(options.index)?
        {
            head.roots = self.manifest.roots.clone();
            write_head(options.index, &head)?;
        }
        self.tidy(options.index, &name, &manifest);
        Ok(())
    }

    fn open_to_write(&self, generation: &Path, begins: bool) -> Result<(tantivy::Index, Fields)> {
        let (schema, fields) = schema::schema();
        let mut index = if begins {
            if generation.exists() {
                std::fs::remove_dir_all(generation).map_err(Error::io(generation, "remove"))?;
            }
            std::fs::create_dir_all(generation).map_err(Error::io(generation, "create"))?;
            tantivy::Index::create_in_dir(generation, schema)?
        } else {
            tantivy::Index::open_in_dir(generation)?
        };
        index.set_tokenizers(schema::tokenizers());
        Ok((index, fields))
    }

    /// Cleans the dirty pages and hands their passages to the writer. Gives what became of each page.
    fn index_pages(
        &mut self,
        options: &Options,
        mut fresh: Pages,
        templates: &HashMap<String, Template>,
        writer: &IndexWriter,
        fields: Fields,
        report: &mut Report,
    ) -> Result<Vec<Done>> {
        let of = self.dirty.len() as u64;
        let done = AtomicU64::new(0);
        let bytes = AtomicU64::new(0);
        let problems = Mutex::new(Vec::new());
        let empty = Template::default();
        let index_page = |page: Page, parsed: Parsed| -> Result<Done> {
            let entry = entry(&page, &parsed);
            let template = templates.get(&entry.site).unwrap_or(&empty);
            let found = add_page(writer, fields, &page, parsed, template)?;
            bytes.fetch_add(page.text.len() as u64, Ordering::Relaxed);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if done.is_multiple_of(64) || done == of {
                (options.progress)(Progress::Indexing { done, of });
            }
            Ok(Done { id: page.id, entry, found })
        };
        let mut by_file: BTreeMap<&str, Vec<&Option<String>>> = BTreeMap::new();
        for (path, record) in self.dirty.keys() {
            by_file.entry(path).or_default().push(record);
        }
        let mut work: Vec<(Source, HashSet<Option<String>>, HashMap<Option<String>, Fresh>)> = Vec::new();
        for (path, records) in by_file {
            let Some(source) = self.source(options.index, path) else {
                continue;
            };
            let records = records.into_iter().cloned().collect();
            work.push((source, records, fresh.remove(path).unwrap_or_default()));
        }
        let finished: Vec<Vec<Done>> = work
            .into_par_iter()
            .map(|(source, mut records, mut kept)| -> Result<Vec<Done>> {
                let ready: Vec<(Page, Parsed)> = kept.drain().filter_map(|(_, page)| page.parsed).collect();
                for (page, _) in &ready {
                    records.remove(&page.id.record);
                }
                let mut finished: Vec<Done> = ready
                    .into_par_iter()
                    .map(|(page, parsed)| index_page(page, parsed))
                    .collect::<Result<_>>()?;
                if records.is_empty() {
                    return Ok(finished);
                }
                let reread: Vec<Done> = read::units(&source)
                    .par_bridge()
                    .filter_map(|unit| match unit.and_then(|unit| read::load(&unit)) {
                        Ok(page) => records.contains(&page.id.record).then(|| {
                            let parsed = clean::parse(&page);
                            index_page(page, parsed)
                        }),
                        Err(error) => {
                            lock_of(&problems).push(error);
                            None
                        }
                    })
                    .collect::<Result<_>>()?;
                finished.extend(reread);
                Ok(finished)
            })
            .collect::<Result<_>>()?;
        report.bytes = bytes.into_inner();
        // What could not be read was named in the first reading already, unless it broke since then.
        let mut named: HashSet<String> = report.problems.iter().map(|error| error.to_string()).collect();
        for error in problems.into_inner().unwrap_or_default() {
            if named.insert(error.to_string()) {
                report.problems.push(error);
            }
        }
        Ok(finished.into_iter().flatten().collect())
    }

    fn source(&self, index: &Path, name: &str) -> Option<Source> {
        if name == STDIN {
            let stdin = self.manifest.stdin.as_ref()?;
            return Some(Source {
                path: index.join(&stdin.file),
                name: STDIN.to_string(),
                kind: stdin.kind(),
            });
        }
        let path = self.base.resolve(name);
        Some(Source {
            kind: read::kind_of(&path)?,
            name: name.to_string(),
            path,
        })
    }

    /// Writes into the manifest what became of each page that was to be indexed.
    fn record(&mut self, done: Vec<Done>) {
        let mut done: HashMap<(String, Option<String>), Done> = done
            .into_iter()
            .map(|page| ((page.id.path.clone(), page.id.record.clone()), page))
            .collect();
        for file in &mut self.manifest.files {
            let mut is_settled = true;
            let path = file.path.clone();
            file.pages.retain_mut(|page| {
                let key = (path.clone(), page.record.clone());
                if !self.dirty.contains_key(&key) {
                    return true;
                }
                let Some(done) = done.remove(&key) else {
                    // It could be read a moment ago and can't any more.
                    is_settled = false;
                    return false;
                };
                // A page that changed between the two readings is looked at again next time.
                is_settled &= done.entry.hash == page.hash;
                (page.passages, page.words, page.dropped_lines) =
                    (done.found.passages, done.found.words, done.found.dropped_lines);
                true
            });
            if !is_settled {
                file.modified = 0;
            }
        }
    }

    /// Removes what no commit names any more. What can't be removed now is removed next time.
    fn tidy(&self, index: &Path, generation: &str, manifest: &str) {
        let stdin = self.manifest.stdin.as_ref().map(|stdin| stdin.file.as_str());
        let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries(index) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_old_generation = is_generation(&name) && name != generation;
            let is_old_stdin = name.starts_with("stdin-") && Some(name.as_str()) != stdin;
            if is_old_generation {
                let _ = std::fs::remove_dir_all(entry.path());
            } else if is_old_stdin {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        for entry in entries(&index.join(generation)) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("manifest-") && name != manifest {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// What became of a page.
struct Done {
    id: PageId,
    entry: PageEntry,
    found: Found,
}

struct Found {
    passages: u32,
    words: u32,
    dropped_lines: u32,
}

fn add_page(writer: &IndexWriter, fields: Fields, page: &Page, parsed: Parsed, template: &Template) -> Result<Found> {
    let document = clean::clean(parsed, template);
    let passages = passage::passages(&document);
    let mut found = Found {
        passages: passages.len() as u32,
        words: 0,
        dropped_lines: document
            .lines
            .iter()
            .filter(|line| line.verdict != crate::page::Verdict::Blank && !line.verdict.is_kept())
            .count() as u32,
    };
    let key = page.id.key();
    let title = document.title.as_deref().unwrap_or("");
    for (ordinal, passage) in (0u32..).zip(passages) {
        found.words += passage.words() as u32;
        let mut entry = TantivyDocument::default();
        entry.add_text(fields.page, &key);
        entry.add_u64(fields.page_hash, page_hash(&key));
        entry.add_u64(fields.ordinal, u64::from(ordinal));
        entry.add_text(fields.exact, &passage.text);
        entry.add_text(fields.stem, &passage.text);
        entry.add_text(
            fields.context,
            format!("{title}\n\n{}", passage.heading.as_deref().unwrap_or("")),
        );
        let stored = Stored {
            page: page.id.clone(),
            first_line: page.first_line,
            ordinal,
            title: document.title.clone(),
            source: document.source.clone(),
            published: document.published.map(|date| date.to_string()),
            updated: document.updated.map(|date| date.to_string()),
            url: document.url.clone(),
            lang: document.lang,
            passage,
        };
        entry.add_bytes(fields.stored, &stored.encode());
        writer.add_document(entry)?;
    }
    Ok(found)
}

fn entry(page: &Page, parsed: &Parsed) -> PageEntry {
    let mut hash = Xxh3::new();
    let Given { url, title, date, source, lang } = &page.given;
    for part in [url, title, date, source, lang] {
        hash.update(part.as_deref().unwrap_or("\u{0}").as_bytes());
        hash.update(b"\x1f");
    }
    hash.update(&[page.format as u8]);
    hash.update(&page.first_line.to_le_bytes());
    hash.update(page.text.as_bytes());
    let folder = || Path::new(&page.id.path).parent().map(|folder| folder.display().to_string());
    let site = parsed.given.url.as_deref().and_then(clean::host).or_else(|| match &page.id.record {
        // Records without an address: those of one source, else those of one file.
        Some(_) => Some(format!("{}\u{1f}{}", page.id.path, page.given.source.as_deref().unwrap_or(""))),
        None => folder(),
    });
    PageEntry {
        record: page.id.record.clone(),
        hash: hash.digest(),
        site: site.unwrap_or_default(),
        sketch: Sketch::of(&parsed.lines),
        fingerprint: 0,
        passages: 0,
        words: 0,
        dropped_lines: 0,
        bytes: page.text.len() as u64,
    }
}

/// Leaves few segments: one after a build, no more than `MAX_SEGMENTS` after an update, in which small ones
/// are taken together first, so that a page added to a large index doesn't write all of it again.
fn merge(writer: &mut IndexWriter, index: &tantivy::Index, begins: bool) -> Result<()> {
    let segments = index.searchable_segment_metas()?;
    let total: u64 = segments.iter().map(|segment| u64::from(segment.num_docs())).sum();
    let is_small = |docs: u32| u64::from(docs) * 10 < total;
    let many_deleted = |docs: u32, deleted: u32| deleted * 3 > docs;
    let small: Vec<_> = segments
        .iter()
        .filter(|segment| is_small(segment.num_docs()) || many_deleted(segment.num_docs(), segment.num_deleted_docs()))
        .map(|segment| segment.id())
        .collect();
    let after = segments.len() - small.len() + usize::from(!small.is_empty());
    let chosen = if begins && segments.len() > 1 || after > MAX_SEGMENTS {
        segments.iter().map(|segment| segment.id()).collect()
    } else if segments.len() > MAX_SEGMENTS || segments.iter().any(|s| many_deleted(s.num_docs(), s.num_deleted_docs())) {
        small
    } else {
        Vec::new()
    };
    if !chosen.is_empty() {
        writer.merge(&chosen).wait()?;
    }
    Ok(())
}

fn is_generation(name: &str) -> bool {
    name.strip_prefix('g').is_some_and(|number| number.parse::<u64>().is_ok())
}

fn next_generation(index: &Path) -> Result<String> {
    let entries = std::fs::read_dir(index).map_err(Error::io(index, "read"))?;
    let last = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix('g')?.parse::<u64>().ok())
        .max()
        .unwrap_or(0);
    Ok(format!("g{}", last + 1))
}

/// Written beside and renamed: `treff.json` is always whole.
fn write_head(index: &Path, head: &Head) -> Result<()> {
    let path = index.join(super::HEAD);
    let temporary = index.join("treff.json.new");
    let text = serde_json::to_string_pretty(head).expect("plain strings and numbers always encode");
    let write = || {
        let mut file = std::fs::File::create(&temporary)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, &path)?;
        std::fs::File::open(index)?.sync_all()
    };
    write().map_err(Error::io(&path, "write"))
}

fn now_nanoseconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as i64)
}

/// A poisoned lock holds what was pushed before the panic, which is still true.
fn lock_of<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The other pages of an index, for judging a page outside an update.
pub struct Siblings {
    base: Base,
    manifest: Manifest,
}

impl Siblings {
    /// None where there is no index that this version can read.
    pub fn of(index: &Path) -> Result<Option<Siblings>> {
        if super::state(index)? != super::State::Current {
            return Ok(None);
        }
        Ok(Some(Siblings {
            base: Base::of(index)?,
            manifest: super::open(index)?.manifest()?,
        }))
    }

    /// The template of the page's site, with the page as it is now.
    pub fn template(&self, page: &Page, parsed: &Parsed, path: &Path) -> Result<Template> {
        let name = self.base.store(path)?;
        let mut page = page.clone();
        page.id.path = name.clone();
        let own = entry(&page, parsed);
        let mut sketches: Vec<&Sketch> = self
            .manifest
            .files
            .iter()
            .flat_map(|file| file.pages.iter().map(move |page| (&file.path, page)))
            .filter(|(path, other)| other.site == own.site && (**path != name || other.record != own.record))
            .map(|(_, other)| &other.sketch)
            .collect();
        sketches.push(&own.sketch);
        Ok(Template::of(&sketches))
    }
}
