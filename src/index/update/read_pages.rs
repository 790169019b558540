//! Reads and parses pages from their files.
//!
//! An update reads pages in two passes. The first pass reads all changed files for the hashes and fingerprints of their
//! pages, because no page can be cleaned before the templates of all sites are known. It keeps up to `MAX_KEPT_BYTES`
//! of pages in memory. The second pass reads and parses the other pages to index, so that memory doesn't grow with the
//! size of the sources.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::scan::ChangedFile;
use super::update_options::{Progress, UpdateContext, UpdateReport};
use crate::clean::{self, ParsedPage};
use crate::error::{Error, Result};
use crate::index::page_entry::{page_entry, site_name};
use crate::index::store::compression::Sample;
use crate::index::store::manifest::{FileEntry, Manifest, PageEntry};
use crate::index::store::paths::STDIN;
use crate::index::store::stdin_copy;
use crate::model::{Page, PageId};
use crate::read::{self, Loaded, LostPages, NotRead, ReadResult, SourceFile, Unit, Unreadable};

/// Maximum number of bytes of text that the first pass keeps in memory, so that small updates read no page twice. With
/// 98,348 pages, the peak memory is 500 MB; with 64 MB kept here and a longer writer queue (see `backpressure`), it was
/// 900 MB.
const MAX_KEPT_BYTES: usize = 16 << 20;

/// A file modified less than this before the update started may change again without a new modification time: file
/// systems record times with a resolution of up to two seconds (FAT).
const RACY_NANOSECONDS: i64 = 2_000_000_000;

/// A page with its text.
pub struct LoadedPage {
    pub page: Page,
    pub parsed: ParsedPage,
    pub site: String,
}

impl LoadedPage {
    fn new(page: Page) -> LoadedPage {
        let parsed = clean::parse(&page);
        LoadedPage { site: site_name(&page, &parsed), page, parsed }
    }
}

/// What the first pass returns in addition to the manifest entries.
#[derive(Default)]
pub struct KeptPages {
    pub pages: HashMap<PageId, LoadedPage>,
    /// Text to train the compression dictionary on, if the generation has none.
    pub sample: Sample,
}

/// A page of a changed file, with its text if that was kept.
struct ReadPage {
    entry: PageEntry,
    loaded: Option<LoadedPage>,
}

/// The pages of a file in their order, and the parts that could not be read.
struct FileContent {
    pages: Vec<ReadPage>,
    unreadable: Vec<Unreadable>,
}

/// Reads the changed files and replaces their entries in the manifest. If `has_dictionary` is true, no sample is
/// collected.
pub fn read_changed_files(
    context: &UpdateContext,
    to_read: &[ChangedFile],
    has_dictionary: bool,
    manifest: &mut Manifest,
    report: &mut UpdateReport,
) -> KeptPages {
    let reader = FileReader::new(has_dictionary);
    let done = AtomicU64::new(0);
    let total = to_read.len() as u64;
    let contents: Vec<FileContent> = to_read
        .par_iter()
        .map(|file| {
            let content = reader.read_file(file);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            (context.options.progress)(Progress::Reading { done, total });
            content
        })
        .collect();
    let mut files: BTreeMap<String, FileEntry> =
        std::mem::take(&mut manifest.files).into_iter().map(|file| (file.path.clone(), file)).collect();
    let mut kept_pages = HashMap::new();
    for (file, content) in to_read.iter().zip(contents) {
        let previous = files.remove(&file.source.name);
        let entry = reader.file_entry(file, content, previous, context.started, &mut kept_pages);
        files.insert(entry.path.clone(), entry);
    }
    manifest.files = files.into_values().collect();
    let FileReader { problems, notes, not_read, sample, reported, .. } = reader;
    report.reported.extend(reported.into_inner().unwrap_or_else(PoisonError::into_inner));
    report.problems.extend(problems.into_inner().unwrap_or_else(PoisonError::into_inner));
    report.notes.extend(notes.into_inner().unwrap_or_else(PoisonError::into_inner));
    for (kind, count) in not_read.into_inner().unwrap_or_else(PoisonError::into_inner) {
        *report.not_read.entry(kind).or_default() += count;
    }
    report.problems.sort_by_cached_key(|error| error.to_string());
    report.notes.sort();
    KeptPages { pages: kept_pages, sample }
}

/// The state that the threads of the first pass share.
struct FileReader {
    has_dictionary: bool,
    sample: Sample,
    kept_bytes: AtomicUsize,
    problems: Mutex<Vec<Error>>,
    notes: Mutex<Vec<String>>,
    not_read: Mutex<NotRead>,
    /// The messages of the problems; the second pass doesn't report these again. They don't include the remark
    /// about pages that stay in the index.
    reported: Mutex<HashSet<String>>,
}

impl FileReader {
    fn new(has_dictionary: bool) -> FileReader {
        FileReader {
            has_dictionary,
            sample: Sample::default(),
            kept_bytes: AtomicUsize::new(0),
            problems: Mutex::default(),
            notes: Mutex::default(),
            not_read: Mutex::default(),
            reported: Mutex::default(),
        }
    }

    fn read_file(&self, file: &ChangedFile) -> FileContent {
        let unreadable = Mutex::default();
        let units = read::units(&file.source).par_bridge();
        let mut pages: Vec<ReadPage> = units.filter_map(|unit| self.read_unit(unit, &unreadable)).collect();
        pages.sort_by_key(|page| page.entry.index_in_file);
        FileContent { pages, unreadable: unreadable.into_inner().unwrap_or_else(PoisonError::into_inner) }
    }

    fn read_unit(&self, unit: ReadResult<Unit>, unreadable: &Mutex<Vec<Unreadable>>) -> Option<ReadPage> {
        let page = match unit.and_then(read::load) {
            Ok(Loaded::Page(page)) => *page,
            Ok(Loaded::Note(note)) => {
                lock(&self.notes).push(note);
                return None;
            }
            Ok(Loaded::NotRead(kind, count)) => {
                *lock(&self.not_read).entry(kind).or_default() += count;
                return None;
            }
            Err(part) => {
                lock(unreadable).push(part);
                return None;
            }
        };
        if let Some(note) = &page.note {
            lock(&self.notes).push(format!("{}: {note}", page.id));
        }
        let loaded = LoadedPage::new(page);
        let entry = page_entry(&loaded.page, &loaded.parsed, loaded.site.clone());
        if !self.has_dictionary {
            self.sample.offer(entry.hash, loaded.parsed.lines.iter().map(|line| line.text.as_str()));
        }
        let bytes = loaded.page.text.len();
        let has_room = self.kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= MAX_KEPT_BYTES;
        Some(ReadPage { entry, loaded: has_room.then_some(loaded) })
    }

    /// Makes the manifest entry of a file and moves its kept pages to `kept`.
    fn file_entry(
        &self,
        file: &ChangedFile,
        content: FileContent,
        previous: Option<FileEntry>,
        started: i64,
        kept: &mut HashMap<PageId, LoadedPage>,
    ) -> FileEntry {
        let FileContent { pages, unreadable } = content;
        let has_unreadable = !unreadable.is_empty();
        let previous = previous.map_or_else(Vec::new, |file| file.pages);
        let kept_pages = pages_to_keep(&previous, &pages, &unreadable);
        let (mut by_record, has_repeated_ids) = self.unique_records(&file.source.name, pages);
        for (part, kept_pages) in unreadable.into_iter().zip(kept_pages) {
            let mut count = 0;
            for entry in kept_pages {
                if let Entry::Vacant(vacant) = by_record.entry(entry.record.clone()) {
                    vacant.insert(ReadPage { entry, loaded: None });
                    count += 1;
                }
            }
            self.report_unreadable(part, count);
        }
        let mut pages = Vec::with_capacity(by_record.len());
        for page in by_record.into_values() {
            kept.extend(page.loaded.map(|loaded| (loaded.page.id.clone(), loaded)));
            pages.push(page.entry);
        }
        pages.sort_by(|one, other| one.record.cmp(&other.record));
        // A file with errors is read again by the next update, which reports them again.
        let is_settled = !has_unreadable && !has_repeated_ids && started - file.modified > RACY_NANOSECONDS;
        let modified = if is_settled { file.modified } else { 0 };
        FileEntry { path: file.source.name.clone(), size: file.size, modified, pages }
    }

    /// Reports a part that can't be read, and how many pages of the previous version are kept for it.
    fn report_unreadable(&self, part: Unreadable, kept: usize) {
        let message = part.error.to_string();
        let error = match (part.error, &part.lost) {
            (error, _) if kept == 0 => error,
            (Error::Page { place, reason }, LostPages::Rest { .. }) => {
                let (pages, stay, were) = match kept {
                    1 => ("page", "stays", "it was"),
                    _ => ("pages", "stay", "they were"),
                };
                let kept = format!(
                    "{kept} {pages} that may be in the unreadable part {stay} in the index as {were} last read"
                );
                Error::page(place, format!("{reason}; {kept}"))
            }
            (Error::Page { place, reason }, _) => {
                Error::page(place, format!("{reason}; the page stays in the index as it was last read"))
            }
            (error, _) => error,
        };
        lock(&self.reported).insert(message);
        lock(&self.problems).push(error);
    }

    /// Returns the pages of a file by the name of their record, and whether names repeat in a `.jsonl` file. Of the
    /// pages with the same name in a `.jsonl` file, the first is used, and each further one is reported as an error. In
    /// an archive, the last is used, because an added member replaces an earlier one.
    fn unique_records(&self, file: &str, pages: Vec<ReadPage>) -> (HashMap<Option<String>, ReadPage>, bool) {
        let mut by_record: HashMap<Option<String>, ReadPage> = HashMap::with_capacity(pages.len());
        let mut replaced = Vec::new();
        let mut has_repeated_ids = false;
        for page in pages {
            match by_record.entry(page.entry.record.clone()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(page);
                }
                Entry::Occupied(mut first) => match (first.get().entry.line, page.entry.line) {
                    (Some(first_line), Some(line)) => {
                        has_repeated_ids = true;
                        let id = first.key().as_deref().unwrap_or("");
                        let reason = format!("line {first_line} has the same id {id:?}; only that page is used");
                        lock(&self.problems).push(Error::page(format!("{file}:{line}"), reason));
                    }
                    _ => {
                        replaced.extend(first.key().clone());
                        first.insert(page);
                    }
                },
            }
        }
        if let Some(example) = replaced.first() {
            let others = match replaced.len() - 1 {
                0 => String::new(),
                1 => "; the same applies to 1 other name".to_string(),
                others => format!("; the same applies to {others} other names"),
            };
            let note =
                format!("{file}#{example}: several members of the archive have this name; the last is used{others}");
            lock(&self.notes).push(note);
        }
        (by_record, has_repeated_ids)
    }
}

/// Returns, for each unreadable part of a file, the pages of the previous version that it may contain. This is the page
/// with the same name, or the pages that followed the last readable page before that part. All other pages that are no
/// longer in the file are removed.
fn pages_to_keep(previous: &[PageEntry], pages: &[ReadPage], unreadable: &[Unreadable]) -> Vec<Vec<PageEntry>> {
    if unreadable.is_empty() || previous.is_empty() {
        return unreadable.iter().map(|_| Vec::new()).collect();
    }
    let previous_by_record: HashMap<&Option<String>, &PageEntry> =
        previous.iter().map(|entry| (&entry.record, entry)).collect();
    // The names in the order in which the file has them now.
    let mut order: Vec<(u32, &Option<String>)> =
        pages.iter().map(|page| (page.entry.index_in_file, &page.entry.record)).collect();
    order.extend(unreadable.iter().filter_map(|part| match &part.lost {
        LostPages::One { record, index_in_file } => Some((*index_in_file, record)),
        LostPages::Rest { record: record @ Some(_), from, .. } => Some((*from, record)),
        LostPages::Rest { .. } | LostPages::Unnamed => None,
    }));
    order.sort_unstable();
    let keep = |lost: &LostPages| -> Vec<PageEntry> {
        let at = |record, index_in_file| {
            let page = previous_by_record.get(record).map(|page| PageEntry { index_in_file, ..PageEntry::clone(page) });
            page.into_iter().collect::<Vec<_>>()
        };
        match lost {
            LostPages::One { record, index_in_file } => at(record, *index_in_file),
            LostPages::Unnamed => Vec::new(),
            LostPages::Rest { record, member, from } => {
                let is_in_member = |page: &PageEntry| match (member, &page.record) {
                    (Some(member), Some(record)) => {
                        record.strip_prefix(member.as_str()).is_some_and(|rest| rest.starts_with('#'))
                    }
                    (member, _) => member.is_none(),
                };
                let end = order.partition_point(|(index, _)| index < from);
                let end =
                    end + usize::from(order.get(end).is_some_and(|(index, name)| index == from && *name == record));
                let known = order[..end].iter().rev().filter_map(|(_, record)| previous_by_record.get(record));
                let last = known.copied().find(|page| is_in_member(page)).map(|page| page.index_in_file);
                let is_after = |page: &&PageEntry| last.is_none_or(|last| page.index_in_file > last);
                let mut rest: Vec<&PageEntry> =
                    previous.iter().filter(|page| is_in_member(page)).filter(is_after).collect();
                rest.sort_by_key(|page| page.index_in_file);
                let first = if record.is_some() { at(record, *from) } else { Vec::new() };
                let numbered = (from + 1..).zip(rest);
                first
                    .into_iter()
                    .chain(numbered.map(|(index_in_file, page)| PageEntry { index_in_file, ..page.clone() }))
                    .collect()
            }
        }
    };
    unreadable.iter().map(|part| keep(&part.lost)).collect()
}

/// A file and the records to read from it. Each has its index among the pages of the file, because another record may
/// have the same name.
pub struct FileToReread {
    source: SourceFile,
    records: HashMap<Option<String>, u32>,
}

/// Returns the files of the manifest that contain pages to read.
pub fn files_to_reread(
    context: &UpdateContext,
    manifest: &Manifest,
    is_to_read: impl Fn(&PageId) -> bool,
) -> Vec<FileToReread> {
    let mut files = Vec::new();
    for file in &manifest.files {
        let to_read = file.pages.iter().filter(|page| is_to_read(&page.id(&file.path)));
        let records: HashMap<_, _> = to_read.map(|page| (page.record.clone(), page.index_in_file)).collect();
        if !records.is_empty()
            && let Some(source) = source_file(context, manifest, &file.path)
        {
            files.push(FileToReread { source, records });
        }
    }
    files
}

fn source_file(context: &UpdateContext, manifest: &Manifest, name: &str) -> Option<SourceFile> {
    if name == STDIN {
        let index: &Path = context.options.index;
        let is_intact = |stdin: &&_| stdin_copy::is_intact(index, stdin).unwrap_or(false);
        let stdin = manifest.stdin.as_ref().filter(is_intact)?;
        return Some(SourceFile { path: index.join(&stdin.file), name: STDIN.to_string(), kind: stdin.kind });
    }
    let path = context.base.resolve(name);
    Some(SourceFile { kind: read::recognize(&path).ok()?, name: name.to_string(), path })
}

/// Reads pages a second time and calls `index_page` with each, in parallel. Returns its results, and the errors of
/// pages that can't be read; stops at the first error of `index_page`.
pub fn reread<T: Send>(
    files: Vec<FileToReread>,
    index_page: impl Fn(LoadedPage) -> Result<T> + Sync,
) -> Result<(Vec<T>, Vec<Error>)> {
    let problems = Mutex::new(Vec::new());
    let reread_file = |FileToReread { source, records }: FileToReread| -> Result<Vec<T>> {
        read::units(&source)
            .par_bridge()
            .filter_map(|unit| match unit.and_then(read::load) {
                Ok(Loaded::Page(page)) => {
                    let is_to_read = records.get(&page.id.record) == Some(&page.index_in_file);
                    is_to_read.then(|| index_page(LoadedPage::new(*page)))
                }
                // The first pass reported it.
                Ok(Loaded::Note(_) | Loaded::NotRead(..)) => None,
                Err(part) => {
                    lock(&problems).push(part.error);
                    None
                }
            })
            .collect()
    };
    let results: Vec<Vec<T>> = files.into_par_iter().map(reread_file).collect::<Result<_>>()?;
    let problems = problems.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((results.into_iter().flatten().collect(), problems))
}

/// Locks a collection. A poisoned lock is used anyway: what was added before the panic is still valid.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
