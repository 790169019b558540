//! Given the pages to index again, how do they get into the index, whole or not at all?

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use tantivy::indexer::NoMergePolicy;
use tantivy::{IndexWriter, TantivyDocument, Term};

use super::dirty::{FreshPages, content_hash, lock_of, site};
use super::manifest::{Outcome, PageEntry, Stdin};
use super::paths::STDIN;
use super::schema::{self, Fields, Stored, tagged};
use super::update::{Options, Plan, Progress, Report, now};
use super::{Head, Payload, lock, page_hash};
use crate::clean::{self, Parsed, Template};
use crate::error::{Error, Result};
use crate::norwegian::{ANALYSIS_VERSION, Standard, detect_lang};
use crate::page::{JudgedLine, Page, PageId, Verdict};
use crate::passage;
use crate::read::{self, Loaded, Source};

/// Characters shown of the first sentence of a page without a title: about a line of a terminal.
const OPENING_CHARS: usize = 80;
/// Below this many bytes of pages one indexing thread is enough, and leaves one segment.
const SMALL_BUILD_BYTES: u64 = 4 << 20;
/// tantivy's buffer for each indexing thread. Under about 15 MB it makes a segment for every document.
const WRITER_BYTES: usize = 64 << 20;
/// `treff.json` before it is renamed.
const TEMPORARY_HEAD: &str = "treff.json.new";
/// A search opens every segment; more than these are merged.
const MAX_SEGMENTS: usize = 4;

impl Plan {
    pub fn commit(
        &mut self,
        options: &Options,
        fresh: FreshPages,
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
        let threads =
            if bytes < SMALL_BUILD_BYTES || self.dirty.len() < 100 { 1 } else { rayon::current_num_threads().min(8) };
        let mut writer: IndexWriter = index.writer_with_num_threads(threads, WRITER_BYTES * threads)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        // An update killed before its commit leaves files whose names this one may need.
        writer.garbage_collect_files().wait()?;
        for id in &self.removed {
            writer.delete_term(Term::from_field_text(fields.page, &id.key()));
        }
        let done = self.index_pages(options, fresh, templates, &writer, fields, report)?;
        self.record(done);
        self.manifest.updated = now() / 1_000_000_000;
        let manifest = format!("manifest-{}", now());
        self.manifest.save(&generation.join(&manifest))?;
        let pages = self.manifest.pages().count() as u64;
        let (passages, words, _) = self.manifest.totals();
        let payload = Payload { manifest: manifest.clone(), pages, passages, words };
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
        } else {
            follow_roots(options.index, &self.manifest.roots)?;
        }
        tidy(options.index, &name, &manifest, self.manifest.stdin.as_ref());
        Ok(())
    }

    fn open_to_write(&self, generation: &Path, begins: bool) -> Result<(tantivy::Index, Fields)> {
        let (schema, fields) = schema::schema();
        let mut index = if begins {
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
        &self,
        options: &Options,
        mut fresh: FreshPages,
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
            let template = templates.get(&site(&page, &parsed)).unwrap_or(&empty);
            // Only now, when the page was read: one that can't be read stays as it was.
            if self.dirty.get(&page.id) == Some(&true) {
                writer.delete_term(Term::from_field_text(fields.page, &page.id.key()));
            }
            let outcome = add_page(writer, fields, &page, parsed, template)?;
            bytes.fetch_add(page.text.len() as u64, Ordering::Relaxed);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if done.is_multiple_of(64) || done == of {
                (options.progress)(Progress::Indexing { done, of });
            }
            Ok(Done { hash: content_hash(&page), id: page.id, outcome })
        };
        let finished: Vec<Vec<Done>> = self
            .files_to_read_again(options.index, &fresh)
            .into_par_iter()
            .map(|DirtyFile { source, records }| -> Result<Vec<Done>> {
                read::units(&source)
                    .par_bridge()
                    .filter_map(|unit| match unit.and_then(read::load) {
                        Ok(Loaded::Page(page)) => (records.get(&page.id.record) == Some(&page.nth)).then(|| {
                            let parsed = clean::parse(&page);
                            index_page(*page, parsed)
                        }),
                        // Said in the first reading already.
                        Ok(Loaded::Note(_)) => None,
                        Err(error) => {
                            lock_of(&problems).push(error);
                            None
                        }
                    })
                    .collect()
            })
            .collect::<Result<_>>()?;
        let mut finished: Vec<Done> = finished.into_iter().flatten().collect();
        let kept: Vec<(Page, Parsed)> =
            fresh.drain().flat_map(|(_, pages)| pages.into_values()).filter_map(|page| page.parsed).collect();
        finished
            .extend(kept.into_par_iter().map(|(page, parsed)| index_page(page, parsed)).collect::<Result<Vec<_>>>()?);
        report.bytes = bytes.into_inner();
        // What could not be read was named in the first reading already, unless it broke since then.
        let mut named: HashSet<String> = report.problems.iter().map(|error| error.to_string()).collect();
        for error in problems.into_inner().unwrap_or_default() {
            if named.insert(error.to_string()) {
                report.problems.push(error);
            }
        }
        Ok(finished)
    }

    /// The files that hold dirty pages which were not kept from the first reading, with the records meant and
    /// where they stand in the file: another may have the same name.
    fn files_to_read_again(&self, index: &Path, kept: &FreshPages) -> Vec<DirtyFile> {
        let mut files = Vec::new();
        for file in &self.manifest.files {
            let is_kept = |page: &PageEntry| kept.get(&file.path).is_some_and(|pages| pages.contains_key(&page.record));
            let is_dirty = |page: &PageEntry| self.dirty.contains_key(&page.id(&file.path));
            let dirty = file.pages.iter().filter(|page| is_dirty(page) && !is_kept(page));
            let records: HashMap<_, _> = dirty.map(|page| (page.record.clone(), page.nth)).collect();
            if !records.is_empty()
                && let Some(source) = self.source(index, &file.path)
            {
                files.push(DirtyFile { source, records });
            }
        }
        files
    }

    fn source(&self, index: &Path, name: &str) -> Option<Source> {
        if name == STDIN {
            let stdin = self.manifest.stdin.as_ref()?;
            return Some(Source { path: index.join(&stdin.file), name: STDIN.to_string(), kind: stdin.kind });
        }
        let path = self.base.resolve(name);
        Some(Source { kind: read::kind_of(&path)?, name: name.to_string(), path })
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

/// Makes `treff.json` name the paths that the index has now.
pub fn follow_roots(index: &Path, roots: &[String]) -> Result<()> {
    match Head::read(index)? {
        Some(mut head) if head.roots != roots => {
            head.roots = roots.to_vec();
            write_head(index, &head)
        }
        _ => Ok(()),
    }
}

/// Removes what no commit names any more. What can't be removed now is removed next time.
pub fn tidy(index: &Path, generation: &str, manifest: &str, stdin: Option<&Stdin>) {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries(index) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if generation_number(&name).is_some() && name != generation {
            let _ = std::fs::remove_dir_all(entry.path());
        } else if name.starts_with("stdin-") && stdin.is_none_or(|stdin| stdin.file != name) {
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

struct DirtyFile {
    source: Source,
    records: HashMap<Option<String>, u32>,
}

/// What became of a page.
struct Done {
    id: PageId,
    hash: u64,
    outcome: Outcome,
}

fn add_page(writer: &IndexWriter, fields: Fields, page: &Page, parsed: Parsed, template: &Template) -> Result<Outcome> {
    let document = clean::clean(parsed, template);
    let passages = passage::passages(&document);
    let is_dropped = |line: &&JudgedLine| line.verdict != Verdict::Blank && !line.verdict.is_kept();
    let mut outcome = Outcome {
        passages: passages.len() as u32,
        words: 0,
        dropped_lines: document.lines.iter().filter(is_dropped).count() as u32,
    };
    let key = page.id.key();
    let title = document.title.as_deref().unwrap_or("");
    let opening = match (&document.title, passages.first()) {
        (None, Some(first)) => Some(passage::opening(&first.text, OPENING_CHARS)),
        _ => None,
    };
    for (ordinal, passage) in (0u32..).zip(passages) {
        outcome.words += passage.words() as u32;
        let mut entry = TantivyDocument::default();
        entry.add_text(fields.page, &key);
        entry.add_u64(fields.page_hash, page_hash(&key));
        entry.add_u64(fields.ordinal, u64::from(ordinal));
        let standard = Standard::from(detect_lang(&passage.text, document.lang));
        let text = tagged(standard, &passage.text);
        for field in [fields.exact, fields.lemma, fields.part] {
            entry.add_text(field, &text);
        }
        let context = format!("{title}\n\n{}", passage.heading.as_deref().unwrap_or(""));
        entry.add_text(fields.context, tagged(standard, &context));
        let stored = Stored {
            page: page.id.clone(),
            line: page.line,
            ordinal,
            title: document.title.clone(),
            opening: opening.clone(),
            source: document.source.clone(),
            published: document.published.map(|date| date.to_string()),
            updated: document.updated.map(|date| date.to_string()),
            url: document.url.clone(),
            lang: document.lang,
            standard,
            passage,
        };
        entry.add_bytes(fields.stored, &stored.encode());
        writer.add_document(entry)?;
    }
    Ok(outcome)
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
    } else if segments.len() > MAX_SEGMENTS || segments.iter().any(|s| many_deleted(s.num_docs(), s.num_deleted_docs()))
    {
        small
    } else {
        Vec::new()
    };
    if !chosen.is_empty() {
        writer.merge(&chosen).wait()?;
    }
    Ok(())
}

/// The number of a generation's folder.
fn generation_number(name: &str) -> Option<u64> {
    name.strip_prefix("generation-")?.parse().ok()
}

/// Refuses a folder that holds other things than an index: a build would mix with them.
pub fn check_folder(index: &Path) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(index) else {
        return Ok(());
    };
    let names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let is_ours = |name: &String| {
        generation_number(name).is_some()
            || name.starts_with("stdin-")
            || matches!(name.as_str(), lock::FILE | ".gitignore" | TEMPORARY_HEAD | super::HEAD | super::SYNONYMS)
    };
    let holds = |wanted: &str| names.iter().any(|name| name == wanted);
    // A build that was killed leaves its lock beside its generation; a generation alone is somebody else's folder.
    let is_foreign = |name: &&String| !is_ours(name) || generation_number(name).is_some() && !holds(lock::FILE);
    match names.iter().find(is_foreign) {
        Some(other) if !holds(super::HEAD) => Err(Error::Usage(format!(
            "{} holds other files ({other}) and no index; give an empty or new folder to --index",
            index.display()
        ))),
        _ => Ok(()),
    }
}

fn next_generation(index: &Path) -> Result<String> {
    let entries = std::fs::read_dir(index).map_err(Error::io(index, "read"))?;
    let last = entries.flatten().filter_map(|entry| generation_number(entry.file_name().to_str()?)).max().unwrap_or(0);
    Ok(format!("generation-{}", last + 1))
}

/// Written beside and renamed: `treff.json` is always whole.
fn write_head(index: &Path, head: &Head) -> Result<()> {
    let path = index.join(super::HEAD);
    let temporary = index.join(TEMPORARY_HEAD);
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
