//! Checks an index: verifies the checksums of all files, and that manifest and index agree.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::recover::find_manifest;
use crate::error::{Error, Result, reason};
use crate::index::reader::{Index, open};
use crate::index::schema::DocumentKind;
use crate::index::store::checksum::MISMATCH;
use crate::index::store::compression::Decompressor;
use crate::index::store::directory::{MANAGED_FILE, META_FILE, SnapshotDirectory};
use crate::index::store::generation::{CommitPayload, open_error, read_error, read_meta, verify_meta};
use crate::index::store::head::{HEAD_FILE, Head};
use crate::index::store::manifest::{Manifest, PageEntry, Totals};
use crate::index::store::paths::{BaseDir, STDIN};
use crate::index::store::stdin_copy;
use crate::index::store::verify::{SegmentFiles, find_fault, segment_files, verify_file_list};
use crate::model::PageId;

/// The result of checking an index.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// The number of files that were verified, and their size.
    pub files: u64,
    pub bytes: u64,
    /// The numbers of pages and passages according to the commit; 0 if the head file or a file of the generation is
    /// unreadable or has a wrong checksum.
    pub pages: u64,
    pub passages: u64,
    pub damaged_files: Vec<DamagedFile>,
    /// Roots that don't exist now, as a user would write them.
    pub missing: Vec<String>,
}

/// A damaged file.
#[derive(Clone, Debug, PartialEq)]
pub struct DamagedFile {
    pub file: PathBuf,
    pub reason: String,
    pub repair: Repair,
}

/// How to repair a damaged file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Rebuild the index from its sources.
    Rebuild,
    /// Read the same standard input again. Its pages are still indexed, but no other file has their text.
    ReadStdinAgain,
}

/// Maximum number of attempts at a check while updates keep committing. A commit takes only a moment, so a few attempts
/// are enough.
const MAX_TRIES: usize = 5;
/// Maximum number of differences between manifest and index to list. Further differences are only counted.
const MAX_NAMED: usize = 20;

/// Verifies all files of the index in `dir`. Returns an error if there is no index or it has another format.
pub fn check(dir: &Path) -> Result<CheckReport> {
    for _ in 1..MAX_TRIES {
        let before = current_commit(dir);
        let report = check_once(dir)?;
        // A file that seems to be missing may belong to the previous commit; an update may have removed it in the meantime.
        if report.damaged_files.is_empty() || current_commit(dir) == before {
            return Ok(report);
        }
    }
    check_once(dir)
}

/// The name of the current generation and its `meta.json`, which changes with every commit.
fn current_commit(dir: &Path) -> Option<(String, Vec<u8>)> {
    let head = Head::read(dir).ok()??;
    let meta = read_meta(&dir.join(&head.generation)).ok()?;
    Some((head.generation, meta))
}

fn check_once(dir: &Path) -> Result<CheckReport> {
    let mut report = CheckReport::default();
    let head = match Head::read(dir) {
        Ok(None) => return Err(Error::NoIndex { dir: dir.to_path_buf() }),
        Ok(Some(head)) if !head.is_current() => {
            return Err(Error::OtherFormat { dir: dir.to_path_buf(), built_by: head.treff });
        }
        Ok(Some(head)) => Some(head),
        Err(error) => report.add_error(error).map(|()| None)?,
    };
    let generation = head.as_ref().map(|head| head.generation.as_str());
    let manifest = match &head {
        Some(head) => report.check_generation(dir, head)?,
        None => None,
    };
    let manifest = manifest.or_else(|| find_manifest(dir, generation));
    if let Some(stdin) = manifest.as_ref().and_then(|manifest| manifest.stdin.as_ref()) {
        let file = dir.join(&stdin.file);
        match stdin_copy::is_intact(dir, stdin) {
            Ok(true) => {}
            Ok(false) => report.add(&file, MISMATCH, Repair::ReadStdinAgain),
            Err(error) => report.add(&file, &reason(&error), Repair::ReadStdinAgain),
        }
        report.count(&file);
    }
    let base = BaseDir::of(dir)?;
    let roots = manifest.map(|manifest| manifest.roots).or(head.map(|head| head.roots)).unwrap_or_default();
    let is_missing = |root: &&String| *root != STDIN && !base.resolve(root).exists();
    report.missing = roots.iter().filter(is_missing).map(|root| base.show(root)).collect();
    Ok(report)
}

/// The error to return when parts of the index contradict each other, as when a term leads to a page with another key.
/// It names the first damaged file, or the folder of the index if the checksums of all files are valid.
pub fn contradiction_error(index: &Index) -> Error {
    first_damage(index.dir()).unwrap_or_else(|| Error::Damaged {
        file: index.dir().to_path_buf(),
        reason: "its parts contradict each other, though all checksums are valid".to_string(),
    })
}

/// Returns an error that names the first damaged file of the index in `dir`; `None` if all are intact. Call this after
/// reading the index has failed.
pub fn first_damage(dir: &Path) -> Option<Error> {
    let report = check(dir).ok()?;
    let damaged = report.damaged_files.into_iter().find(|damaged| damaged.repair == Repair::Rebuild)?;
    Some(Error::Damaged { file: damaged.file, reason: damaged.reason })
}

impl CheckReport {
    fn add(&mut self, file: &Path, reason: &str, repair: Repair) {
        self.damaged_files.push(DamagedFile { file: file.to_path_buf(), reason: reason.to_string(), repair });
    }

    /// Adds the damaged file that the error names; any other error ends the check.
    fn add_error(&mut self, error: Error) -> Result<()> {
        match error {
            Error::Damaged { file, reason } => {
                self.add(&file, &reason, Repair::Rebuild);
                Ok(())
            }
            error => Err(error),
        }
    }

    fn count(&mut self, file: &Path) {
        self.files += 1;
        self.bytes += file.metadata().map_or(0, |meta| meta.len());
    }

    /// Checks the files of the current generation. Returns its manifest if that is intact.
    fn check_generation(&mut self, dir: &Path, head: &Head) -> Result<Option<Manifest>> {
        self.count(&dir.join(HEAD_FILE));
        let generation = dir.join(&head.generation);
        let meta_file = generation.join(META_FILE);
        let bytes = read_meta(&generation).map_err(|error| read_error(&meta_file, &error));
        let commit = bytes.and_then(|bytes| {
            let meta = verify_meta(&bytes, &generation)?;
            Ok((CommitPayload::parse(meta, &generation)?, SnapshotDirectory::open(&generation, meta)?))
        });
        let (payload, directory) = match commit {
            Ok(commit) => commit,
            Err(error) => return self.add_error(error).map(|()| None),
        };
        self.count(&meta_file);
        if let Err(error) = verify_file_list(&generation) {
            self.add_error(error)?;
        }
        self.count(&generation.join(MANAGED_FILE));
        let manifest_file = generation.join(&payload.manifest);
        let manifest = match read_manifest(&manifest_file) {
            Ok(manifest) => Some(manifest),
            Err(error) => self.add_error(error).map(|()| None)?,
        };
        self.count(&manifest_file);
        if let Some(dictionary) = &payload.dictionary {
            let decompressor = Decompressor::new(&generation, Some(dictionary));
            if let Err(error) = decompressor.and_then(|decompressor| decompressor.verify()) {
                self.add_error(error)?;
            }
            self.count(&generation.join(dictionary));
        }
        let index = match tantivy::Index::open(directory) {
            Ok(index) => index,
            Err(error) => return self.add_error(open_error(&generation, error)).map(|()| manifest),
        };
        self.check_segments(&index, &generation)?;
        if let (Some(manifest), true) = (&manifest, self.damaged_files.is_empty()) {
            (self.pages, self.passages) = (payload.pages, payload.passages);
            for reason in find_differences(&open(dir)?, manifest, &payload)? {
                self.add(&manifest_file, &reason, Repair::Rebuild);
            }
        }
        Ok(manifest)
    }

    fn check_segments(&mut self, index: &tantivy::Index, generation: &Path) -> Result<()> {
        for segment in index.searchable_segment_metas()? {
            for name in segment_files(&segment, SegmentFiles::All) {
                let file = generation.join(&name);
                if let Some(reason) = find_fault(index, generation, &name) {
                    self.add(&file, &reason, Repair::Rebuild);
                }
                self.count(&file);
            }
        }
        Ok(())
    }
}

fn read_manifest(path: &Path) -> Result<Manifest> {
    let damaged = |error| Error::Damaged { file: path.to_path_buf(), reason: reason(&error) };
    Manifest::read(&File::open(path).map_err(damaged)?, path)
}

/// What the index contains for a page.
#[derive(Default)]
struct IndexedPage {
    ordinals: Vec<u32>,
    words: u64,
    boilerplate: u32,
    copies: u32,
}

/// Describes the differences between manifest and index; none if an update has committed in the meantime.
fn find_differences(index: &Index, manifest: &Manifest, payload: &CommitPayload) -> Result<Vec<String>> {
    if index.manifest_file_name() != payload.manifest {
        return Ok(Vec::new());
    }
    let mut differences = Vec::new();
    let Totals { passages, repeated, words, copies, .. } = manifest.totals();
    let listed = [manifest.pages().count() as u64, passages, repeated, words, copies];
    let committed = [payload.pages, payload.passages, payload.repeated, payload.words, payload.copies];
    if listed != committed {
        differences.push("manifest and index differ in the number of pages, passages or words".to_string());
    }
    let mut indexed: HashMap<PageId, IndexedPage> = HashMap::new();
    index.for_each_stored(|_, stored| {
        let page = indexed.entry(stored.page.clone()).or_default();
        match stored.kind {
            DocumentKind::Passage => {
                page.ordinals.push(stored.ordinal);
                page.words += stored.passage.words() as u64;
            }
            DocumentKind::Boilerplate => page.boilerplate += 1,
            DocumentKind::Copy => page.copies += 1,
        }
    })?;
    for (id, entry) in manifest.entries() {
        if !agrees(indexed.remove(&id).unwrap_or_default(), entry) {
            differences.push(format!("manifest and index differ on {}", describe_page(index, &id)));
        }
    }
    let mut unlisted: Vec<PageId> = indexed.into_keys().collect();
    unlisted.sort();
    let describe =
        |id: &PageId| format!("the index contains {}, which the manifest does not list", describe_page(index, id));
    differences.extend(unlisted.iter().map(describe));
    let more = differences.len().saturating_sub(MAX_NAMED);
    differences.truncate(MAX_NAMED);
    if more > 0 {
        differences.push(format!("… and {more} more"));
    }
    Ok(differences)
}

fn agrees(mut page: IndexedPage, entry: &PageEntry) -> bool {
    let outcome = &entry.outcome;
    page.ordinals.sort_unstable();
    let (passages, words, copies) =
        if outcome.is_copy { (0, 0, 1) } else { (outcome.passages, u64::from(outcome.words), 0) };
    page.ordinals.into_iter().eq(0..passages) && (page.words, page.copies) == (words, copies) && page.boilerplate <= 1
}

fn describe_page(index: &Index, id: &PageId) -> String {
    let record = id.record.as_ref().map(|record| format!("#{record}")).unwrap_or_default();
    format!("{}{record}", index.base.show(&id.path))
}
