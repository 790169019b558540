//! Given the pages to index again, how do they get into the index, whole or not at all?

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use tantivy::indexer::NoMergePolicy;
use tantivy::{IndexSettings, IndexWriter, Term};

use super::backpressure::Queue;
use super::documents::{Target, add_page};
use super::invalidate::{FreshPages, content_hash, lock_of, site};
use super::run::{Plan, Progress, UpdateOptions, UpdateReport};
use crate::clean::{self, ParsedPage, SiteTemplate};
use crate::error::{Error, Result};
use crate::index::schema::{self, Fields};
use crate::index::store::compression::{Compressor, DICTIONARY_PREFIX};
use crate::index::store::directory::WritableDirectory;
use crate::index::store::generation::{CommitPayload, generation_number, unix_nanos};
use crate::index::store::head::{HEAD_FILE, Head, NEW_HEAD_FILE};
use crate::index::store::lock::LOCK_FILE;
use crate::index::store::manifest::{Manifest, PageEntry, PageOutcome, StdinCopy, Totals};
use crate::index::store::paths::STDIN;
use crate::index::store::stdin_copy;
use crate::index::store::verify::{SegmentFiles, verify_segments};
use crate::index::term_tokenizer::tokenizers;
use crate::index::user_files::{RULES, SYNONYMS};
use crate::model::{Page, PageId};
use crate::norwegian::ANALYSIS_VERSION;
use crate::read::{self, Loaded, SourceFile};

/// Below this many bytes of pages one indexing thread is enough, and leaves one segment.
const SMALL_BUILD_BYTES: u64 = 4 << 20;
/// tantivy's buffer for each indexing thread. Under about 15 MB it makes a segment for every document.
const WRITER_BYTES: usize = 80 << 20;
/// Passages are packed already (see `packed`); so many bytes of them are read at a time.
const STORE_BLOCK_BYTES: usize = 4 << 10;
/// A search opens every segment; more than these are merged.
const MAX_SEGMENTS: usize = 4;

impl Plan {
    pub fn commit(
        &mut self,
        options: &UpdateOptions,
        fresh: FreshPages,
        templates: &HashMap<String, SiteTemplate>,
        report: &mut UpdateReport,
    ) -> Result<()> {
        let begins = self.generation.is_none();
        let name = match &self.generation {
            Some(name) => name.clone(),
            None => next_generation(options.index)?,
        };
        let generation = options.index.join(&name);
        let queue = Arc::new(Queue::default());
        let (index, fields) = self.open_to_write(&generation, begins, &queue)?;
        // By its terms a page is found that is to be removed; tantivy looks on a thread that may not panic.
        verify_segments(&index, &generation, SegmentFiles::Postings, &index.searchable_segment_metas()?)?;
        let bytes: u64 = self.manifest.files.iter().map(|file| file.size).sum();
        let threads =
            if bytes < SMALL_BUILD_BYTES || self.dirty.len() < 100 { 1 } else { rayon::current_num_threads().min(8) };
        let mut writer: IndexWriter = index.writer_with_num_threads(threads, WRITER_BYTES * threads)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        // An update killed before its commit leaves files whose names this one may need.
        writer.garbage_collect_files().wait()?;
        let (compressor, dictionary) =
            Compressor::new(&generation, self.dictionary.take(), std::mem::take(&mut self.sample), unix_nanos())?;
        let target = Target { writer: &writer, fields, queue: &queue, compressor: &compressor };
        for id in &self.removed {
            remove(target, id);
        }
        let done = self.index_pages(options, fresh, templates, target, report)?;
        let addresses: HashMap<PageId, Option<String>> =
            done.iter().map(|page| (page.id.clone(), page.url.clone())).collect();
        self.record(done);
        self.settle_copies(options, templates, target, &addresses, report)?;
        self.manifest.updated = unix_nanos() / 1_000_000_000;
        let manifest = format!("manifest-{}", unix_nanos());
        self.manifest.save(&generation.join(&manifest))?;
        let pages = self.manifest.pages().count() as u64;
        let Totals { passages, repeated, words, copies, .. } = self.manifest.totals();
        let payload = CommitPayload {
            manifest: manifest.clone(),
            dictionary: dictionary.clone(),
            pages,
            passages,
            repeated,
            words,
            copies,
        };
        let payload = serde_json::to_string(&payload).expect("plain numbers and strings always encode");
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        (options.progress)(Progress::Merging);
        merge(&mut writer, &index, &generation, begins)?;
        writer.garbage_collect_files().wait()?;
        drop(writer);
        if begins {
            let head = Head {
                format: schema::FORMAT,
                analysis: ANALYSIS_VERSION,
                treff: env!("CARGO_PKG_VERSION").to_string(),
                generation: name.clone(),
                roots: self.manifest.roots.clone(),
                keep_all: self.manifest.settings.keep_all,
            };
            head.write(options.index)?;
        } else {
            follow_head(options.index, &self.manifest)?;
        }
        let named = [Some(manifest.as_str()), dictionary.as_deref()];
        tidy(options.index, &name, &named, self.manifest.stdin.as_ref());
        Ok(())
    }

    fn open_to_write(&self, generation: &Path, begins: bool, queue: &Arc<Queue>) -> Result<(tantivy::Index, Fields)> {
        let (schema, fields) = schema::schema();
        let mut index = if begins {
            std::fs::create_dir_all(generation).map_err(Error::io(generation, "create"))?;
            let settings = IndexSettings {
                docstore_compression: tantivy::store::Compressor::None,
                docstore_blocksize: STORE_BLOCK_BYTES,
                ..IndexSettings::default()
            };
            tantivy::Index::create(WritableDirectory::open(generation, &self.failure)?, schema, settings)?
        } else {
            tantivy::Index::open(WritableDirectory::open(generation, &self.failure)?)?
        };
        index.set_tokenizers(tokenizers(
            &(Arc::new({
                let queue = Arc::clone(queue);
                move || queue.leave()
            }) as _),
        ));
        Ok((index, fields))
    }

    /// Cleans the dirty pages and hands their passages to the writer. Gives what became of each page.
    fn index_pages(
        &self,
        options: &UpdateOptions,
        mut fresh: FreshPages,
        templates: &HashMap<String, SiteTemplate>,
        target: Target,
        report: &mut UpdateReport,
    ) -> Result<Vec<Done>> {
        let of = self.dirty.len() as u64;
        let done = AtomicU64::new(0);
        let bytes = AtomicU64::new(0);
        let problems = Mutex::new(Vec::new());
        let empty = SiteTemplate::default();
        let index_page = |page: Page, parsed: ParsedPage| -> Result<Done> {
            let template = templates.get(&site(&page, &parsed)).unwrap_or(&empty);
            // Only now, when the page was read: one that can't be read stays as it was.
            if self.dirty.get(&page.id) == Some(&true) {
                remove(target, &page.id);
            }
            let rules = self.rules.of(&site(&page, &parsed), &page.id.path);
            let document = clean::clean_with_rules(parsed, template, &rules);
            let outcome = add_page(target, &page, &document)?;
            bytes.fetch_add(page.text.len() as u64, Ordering::Relaxed);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if done.is_multiple_of(64) || done == of {
                (options.progress)(Progress::Indexing { done, of });
            }
            Ok(Done { hash: content_hash(&page), id: page.id, url: document.url, outcome })
        };
        let is_kept = |id: &PageId| fresh.get(&id.path).is_some_and(|pages| pages.contains_key(&id.record));
        let files = self.files_to_read(options.index, |id, _| self.dirty.contains_key(id) && !is_kept(id));
        let mut finished = read_again(files, index_page, &problems)?;
        let kept: Vec<(Page, ParsedPage)> =
            fresh.drain().flat_map(|(_, pages)| pages.into_values()).filter_map(|page| page.parsed).collect();
        finished
            .extend(kept.into_par_iter().map(|(page, parsed)| index_page(page, parsed)).collect::<Result<Vec<_>>>()?);
        report.bytes = bytes.into_inner();
        name_problems(problems, report);
        Ok(finished)
    }

    /// The files that hold the pages wanted, with the records meant and
    /// where they stand in the file: another may have the same name.
    pub(super) fn files_to_read(
        &self,
        index: &Path,
        is_wanted: impl Fn(&PageId, &PageEntry) -> bool,
    ) -> Vec<DirtyFile> {
        let mut files = Vec::new();
        for file in &self.manifest.files {
            let wanted = file.pages.iter().filter(|page| is_wanted(&page.id(&file.path), page));
            let records: HashMap<_, _> = wanted.map(|page| (page.record.clone(), page.index_in_file)).collect();
            if !records.is_empty()
                && let Some(source) = self.source(index, &file.path)
            {
                files.push(DirtyFile { source, records });
            }
        }
        files
    }

    fn source(&self, index: &Path, name: &str) -> Option<SourceFile> {
        if name == STDIN {
            // What is damaged can't be read again.
            let stdin =
                self.manifest.stdin.as_ref().filter(|stdin| stdin_copy::is_intact(index, stdin).unwrap_or(false))?;
            return Some(SourceFile { path: index.join(&stdin.file), name: STDIN.to_string(), kind: stdin.kind });
        }
        let path = self.base.resolve(name);
        Some(SourceFile { kind: read::file_kind(&path)?, name: name.to_string(), path })
    }

    /// Writes into the manifest what became of each page that was to be indexed.
    fn record(&mut self, done: Vec<Done>) {
        let mut done: HashMap<PageId, Done> = done.into_iter().map(|page| (page.id.clone(), page)).collect();
        let before: HashMap<PageId, &PageEntry> = self.before.entries().collect();
        for file in &mut self.manifest.files {
            let mut is_settled = true;
            file.pages.retain_mut(|page| {
                let id = page.id(&file.path);
                if !self.dirty.contains_key(&id) {
                    return true;
                }
                let Some(done) = done.remove(&id) else {
                    // It can't be read now: what is indexed of it stays, until it can.
                    is_settled = false;
                    let old = before.get(&id);
                    old.iter().for_each(|old| page.clone_from(old));
                    // Whatever it is then, it is indexed anew: what recurs may have changed since.
                    page.hash = 0;
                    return old.is_some();
                };
                // A page that changed between the two readings is looked at again next time.
                is_settled &= done.hash == page.hash;
                page.outcome = done.outcome;
                true
            });
            if !is_settled {
                file.modified = 0;
            }
        }
    }
}

/// Makes `treff.json` name the paths and the settings that the index has now.
pub fn follow_head(index: &Path, manifest: &Manifest) -> Result<()> {
    let (roots, keep_all) = (&manifest.roots, manifest.settings.keep_all);
    match Head::read(index)? {
        Some(head) if head.roots != *roots || head.keep_all != keep_all => {
            Head { roots: roots.clone(), keep_all, ..head }.write(index)
        }
        _ => Ok(()),
    }
}

/// Removes the generation that was begun and failed, if one was: a full disk needs the room. What a failed update
/// leaves in a generation, the next one removes.
pub fn clear_away(index: &Path, generation: Option<&str>) {
    if generation.is_none()
        && let Ok(head) = Head::read(index)
    {
        remove_generations(index, head.as_ref().map(|head| head.generation.as_str()));
    }
}

/// Removes what no commit names any more: `named` are files of the generation. What can't be removed now is removed next
/// time.
pub fn tidy(index: &Path, generation: &str, named: &[Option<&str>], kept: Option<&StdinCopy>) {
    remove_generations(index, Some(generation));
    for entry in entries(index) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(stdin_copy::PREFIX) && kept.is_none_or(|kept| kept.file != name) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    for entry in entries(&index.join(generation)) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = name.starts_with("manifest-") || name.starts_with(DICTIONARY_PREFIX);
        if is_ours && !named.contains(&Some(name.as_str())) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn remove_generations(index: &Path, but: Option<&str>) {
    for entry in entries(index) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if generation_number(&name).is_some() && but.is_none_or(|kept| kept != name) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = std::fs::DirEntry> {
    std::fs::read_dir(folder).into_iter().flatten().flatten()
}

/// Pages of a file that are to be read, with the lines where they begin.
pub(super) struct DirtyFile {
    source: SourceFile,
    records: HashMap<Option<String>, u32>,
}

/// What became of a page.
pub(super) struct Done {
    pub id: PageId,
    pub hash: u64,
    pub url: Option<String>,
    pub outcome: PageOutcome,
}

/// Reads the pages of some files and does something with each.
pub(super) fn read_again<T: Send>(
    files: Vec<DirtyFile>,
    each: impl Fn(Page, ParsedPage) -> Result<T> + Sync,
    problems: &Mutex<Vec<Error>>,
) -> Result<Vec<T>> {
    let of_file = |DirtyFile { source, records }: DirtyFile| -> Result<Vec<T>> {
        read::units(&source)
            .par_bridge()
            .filter_map(|unit| match unit.and_then(read::load) {
                Ok(Loaded::Page(page)) => (records.get(&page.id.record) == Some(&page.index_in_file)).then(|| {
                    let parsed = clean::parse(&page);
                    each(*page, parsed)
                }),
                // Said in the first reading already.
                Ok(Loaded::Note(_)) => None,
                Err(error) => {
                    lock_of(problems).push(error);
                    None
                }
            })
            .collect()
    };
    let done: Vec<Vec<T>> = files.into_par_iter().map(of_file).collect::<Result<_>>()?;
    Ok(done.into_iter().flatten().collect())
}

/// What could not be read was named in the first reading already, unless it broke since then.
pub(super) fn name_problems(problems: Mutex<Vec<Error>>, report: &mut UpdateReport) {
    let mut named: HashSet<String> = report.problems.iter().map(|error| error.to_string()).collect();
    for error in problems.into_inner().unwrap_or_default() {
        if named.insert(error.to_string()) {
            report.problems.push(error);
        }
    }
}

/// Takes everything of a page out of the index.
pub(super) fn remove(Target { writer, fields, .. }: Target, page: &PageId) {
    let key = page.key();
    writer.delete_term(Term::from_field_text(fields.page, &schema::boilerplate_key(&key)));
    writer.delete_term(Term::from_field_text(fields.page, &key));
}

/// Leaves few segments: one after a build, no more than `MAX_SEGMENTS` after an update, in which small ones
/// are taken together first, so that a page added to a large index doesn't write all of it again.
fn merge(writer: &mut IndexWriter, index: &tantivy::Index, generation: &Path, begins: bool) -> Result<()> {
    let segments = index.searchable_segment_metas()?;
    let total: u64 = segments.iter().map(|segment| u64::from(segment.num_docs())).sum();
    let is_small = |docs: u32| u64::from(docs) * 10 < total;
    let many_deleted = |docs: u32, deleted: u32| deleted * 3 > docs;
    let small: Vec<_> = segments
        .iter()
        .filter(|segment| is_small(segment.num_docs()) || many_deleted(segment.num_docs(), segment.num_deleted_docs()))
        .cloned()
        .collect();
    let after = segments.len() - small.len() + usize::from(!small.is_empty());
    let chosen = if begins && segments.len() > 1 || after > MAX_SEGMENTS {
        segments
    } else if segments.len() > MAX_SEGMENTS || segments.iter().any(|s| many_deleted(s.num_docs(), s.num_deleted_docs()))
    {
        small
    } else {
        Vec::new()
    };
    if !chosen.is_empty() {
        verify_segments(index, generation, SegmentFiles::All, &chosen)?;
        let ids: Vec<_> = chosen.iter().map(|segment| segment.id()).collect();
        writer.merge(&ids).wait()?;
    }
    Ok(())
}

/// Refuses a folder that holds other things than an index: a build would mix with them.
pub fn check_folder(index: &Path) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(index) else {
        return Ok(());
    };
    let names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let is_ours = |name: &String| {
        generation_number(name).is_some()
            || name.starts_with(stdin_copy::PREFIX)
            || matches!(name.as_str(), LOCK_FILE | ".gitignore" | NEW_HEAD_FILE | HEAD_FILE | SYNONYMS | RULES)
    };
    let holds = |wanted: &str| names.iter().any(|name| name == wanted);
    // A build that was killed leaves its lock beside its generation; a generation alone is somebody else's folder.
    let is_foreign = |name: &&String| !is_ours(name) || generation_number(name).is_some() && !holds(LOCK_FILE);
    match names.iter().find(is_foreign) {
        Some(other) if !holds(HEAD_FILE) => Err(Error::ForeignFolder { dir: index.to_path_buf(), file: other.clone() }),
        _ => Ok(()),
    }
}

fn next_generation(index: &Path) -> Result<String> {
    let entries = std::fs::read_dir(index).map_err(Error::io(index, "read"))?;
    let last = entries.flatten().filter_map(|entry| generation_number(entry.file_name().to_str()?)).max().unwrap_or(0);
    Ok(format!("generation-{}", last + 1))
}
