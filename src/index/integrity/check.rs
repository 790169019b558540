//! Is every file of an index what was written, and does all of it tell of the same pages?

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, reason};
use crate::index::integrity::recover::find_manifest;
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

/// What was looked at, and what is wrong with it.
#[derive(Debug, Default)]
pub struct CheckReport {
    pub files: u64,
    pub bytes: u64,
    pub pages: u64,
    pub passages: u64,
    pub damages: Vec<Damage>,
    /// What the index was built from and isn't there now, as a person would write it.
    pub missing: Vec<String>,
}

/// A file that isn't what was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Damage {
    pub file: PathBuf,
    pub reason: String,
    pub repair: Repair,
}

/// What mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// To build the index again from its sources.
    Rebuild,
    /// To give on standard input again what came there: the index still holds its pages, and nothing else does.
    ReadStdinAgain,
}

/// An update commits in a moment; more than a few while the files are read are beside the point.
const MAX_TRIES: usize = 5;
/// So many pages are named of which manifest and index tell different things.
const MAX_NAMED: usize = 20;

/// Reads all files of the index in `dir`. Errors where there is none or where it is another version's.
pub fn check(dir: &Path) -> Result<CheckReport> {
    for _ in 1..MAX_TRIES {
        let before = state_of(dir);
        let checked = check_once(dir)?;
        // An update since then removed what its commit no longer names.
        if checked.damages.is_empty() || state_of(dir) == before {
            return Ok(checked);
        }
    }
    check_once(dir)
}

/// What changes with every commit.
fn state_of(dir: &Path) -> Option<(String, Vec<u8>)> {
    let head = Head::read(dir).ok()??;
    let commit = read_meta(&dir.join(&head.generation)).ok()?;
    Some((head.generation, commit))
}

fn check_once(dir: &Path) -> Result<CheckReport> {
    let mut checked = CheckReport::default();
    let head = match Head::read(dir) {
        Ok(None) => return Err(Error::NoIndex { dir: dir.to_path_buf() }),
        Ok(Some(head)) if !head.is_current() => {
            return Err(Error::OtherFormat { dir: dir.to_path_buf(), built_by: head.treff });
        }
        Ok(Some(head)) => Some(head),
        Err(error) => checked.add_error(error).map(|()| None)?,
    };
    let generation = head.as_ref().map(|head| head.generation.as_str());
    let manifest = match &head {
        Some(head) => checked.look_into(dir, head)?,
        None => None,
    };
    let manifest = manifest.or_else(|| find_manifest(dir, generation));
    if let Some(stdin) = manifest.as_ref().and_then(|manifest| manifest.stdin.as_ref()) {
        let file = dir.join(&stdin.file);
        match stdin_copy::is_intact(dir, stdin) {
            Ok(true) => {}
            Ok(false) => checked.add(&file, MISMATCH, Repair::ReadStdinAgain),
            Err(error) => checked.add(&file, &reason(&error), Repair::ReadStdinAgain),
        }
        checked.count(&file);
    }
    let base = BaseDir::of(dir)?;
    let roots = manifest.map(|manifest| manifest.roots).or(head.map(|head| head.roots)).unwrap_or_default();
    let is_missing = |root: &&String| *root != STDIN && !base.resolve(root).exists();
    checked.missing = roots.iter().filter(is_missing).map(|root| base.show(root)).collect();
    Ok(checked)
}

/// Returns an error because reading the index led to something else than it should, as when a term leads to a page of
/// another name: the first damaged file, or the index itself if the checksums of all files are right.
pub fn check_for_damage(index: &Index) -> Result<()> {
    Err(first_damage(index.dir()).unwrap_or_else(|| Error::Damaged {
        file: index.dir().to_path_buf(),
        reason: "its parts contradict each other, though all checksums are right".to_string(),
    }))
}

/// Returns an error that names the first damaged file of the index in `dir`; `None` if all are intact. To be called after
/// reading the index failed.
pub fn first_damage(dir: &Path) -> Option<Error> {
    let checked = check(dir).ok()?;
    let damage = checked.damages.into_iter().find(|damage| damage.repair == Repair::Rebuild)?;
    Some(Error::Damaged { file: damage.file, reason: damage.reason })
}

impl CheckReport {
    fn add(&mut self, file: &Path, reason: &str, repair: Repair) {
        self.damages.push(Damage { file: file.to_path_buf(), reason: reason.to_string(), repair });
    }

    /// Any other error than a damage is one of the check.
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

    /// Looks into the files of the current generation; gives its manifest.
    fn look_into(&mut self, dir: &Path, head: &Head) -> Result<Option<Manifest>> {
        self.count(&dir.join(HEAD_FILE));
        let generation = dir.join(&head.generation);
        let meta = generation.join(META_FILE);
        let bytes = read_meta(&generation).map_err(|error| read_error(&meta, &error));
        let read = bytes.and_then(|bytes| {
            let meta = verify_meta(&bytes, &generation)?;
            Ok((CommitPayload::parse(meta, &generation)?, SnapshotDirectory::open(&generation, meta)?))
        });
        let (payload, files) = match read {
            Ok(read) => read,
            Err(error) => return self.add_error(error).map(|()| None),
        };
        self.count(&meta);
        if let Err(error) = verify_file_list(&generation) {
            self.add_error(error)?;
        }
        self.count(&generation.join(MANAGED_FILE));
        let path = generation.join(&payload.manifest);
        let opened = File::open(&path).map_err(|error| Error::Damaged { file: path.clone(), reason: reason(&error) });
        let manifest = match opened.and_then(|file| Manifest::read(&file, &path)) {
            Ok(manifest) => Some(manifest),
            Err(error) => self.add_error(error).map(|()| None)?,
        };
        self.count(&path);
        if let Some(dictionary) = &payload.dictionary {
            if let Err(error) =
                Decompressor::new(&generation, Some(dictionary)).and_then(|decompressor| decompressor.verify())
            {
                self.add_error(error)?;
            }
            self.count(&generation.join(dictionary));
        }
        let index = match tantivy::Index::open(files) {
            Ok(index) => index,
            Err(error) => return self.add_error(open_error(&generation, error)).map(|()| manifest),
        };
        for segment in index.searchable_segment_metas()? {
            for name in segment_files(&segment, SegmentFiles::All) {
                let file = generation.join(&name);
                if let Some(reason) = find_fault(&index, &generation, &name) {
                    self.add(&file, &reason, Repair::Rebuild);
                }
                self.count(&file);
            }
        }
        if let (Some(manifest), true) = (&manifest, self.damages.is_empty()) {
            (self.pages, self.passages) = (payload.pages, payload.passages);
            for reason in disagreements(&open(dir)?, manifest, &payload)? {
                self.add(&path, &reason, Repair::Rebuild);
            }
        }
        Ok(manifest)
    }
}

/// What an index holds of a page.
#[derive(Default)]
struct Held {
    ordinals: Vec<u32>,
    words: u64,
    boilerplate: u32,
    copies: u32,
}

/// Of what manifest and index tell different things; empty where an update came between them.
fn disagreements(index: &Index, manifest: &Manifest, payload: &CommitPayload) -> Result<Vec<String>> {
    if index.manifest_file_name() != payload.manifest {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let Totals { passages, repeated, words, copies, .. } = manifest.totals();
    let told = [manifest.pages().count() as u64, passages, repeated, words, copies];
    let committed = [payload.pages, payload.passages, payload.repeated, payload.words, payload.copies];
    if told != committed {
        found.push("it counts other pages and passages than the index".to_string());
    }
    let mut held: HashMap<PageId, Held> = HashMap::new();
    index.for_each_stored(|_, stored| {
        let held = held.entry(stored.page.clone()).or_default();
        match stored.kind {
            DocumentKind::Passage => {
                held.ordinals.push(stored.ordinal);
                held.words += stored.passage.words() as u64;
            }
            DocumentKind::Boilerplate => held.boilerplate += 1,
            DocumentKind::Copy => held.copies += 1,
        }
    })?;
    for (id, page) in manifest.entries() {
        if !agrees(held.remove(&id).unwrap_or_default(), page) {
            found.push(format!("it tells of {} what the index doesn't hold", named(index, &id)));
        }
    }
    let mut unknown: Vec<PageId> = held.into_keys().collect();
    unknown.sort();
    found.extend(unknown.iter().map(|id| format!("it doesn't know {}, which the index holds", named(index, id))));
    let more = found.len().saturating_sub(MAX_NAMED);
    found.truncate(MAX_NAMED);
    if more > 0 {
        found.push(format!("… and {more} more"));
    }
    Ok(found)
}

fn agrees(mut held: Held, page: &PageEntry) -> bool {
    let outcome = &page.outcome;
    held.ordinals.sort_unstable();
    let (passages, words, copies) =
        if outcome.is_copy { (0, 0, 1) } else { (outcome.passages, u64::from(outcome.words), 0) };
    held.ordinals.into_iter().eq(0..passages) && (held.words, held.copies) == (words, copies) && held.boilerplate <= 1
}

fn named(index: &Index, id: &PageId) -> String {
    let record = id.record.as_ref().map(|record| format!("#{record}")).unwrap_or_default();
    format!("{}{record}", index.base.show(&id.path))
}
