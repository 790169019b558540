//! Given a folder, what is indexed in it, and how does it follow its pages?
//!
//! On disk:
//!
//! ```text
//! index/treff.json      format, version, the name of the current generation, and a checksum of all that
//! index/writer.lock     held by the process that writes
//! index/generation-1/   a generation: a tantivy index of passages, the manifest of the pages it was made from,
//!                       and the dictionary that its passages are packed with; the commit names both
//! index/stdin-…         pages that came on standard input; the name tells time and checksum
//! index/synonyms.txt    a person's own synonyms, if any; never written here
//! index/rules.txt       a person's own rules for cleaning, if any; never written here
//! ```
//!
//! An update is one commit of tantivy, whose payload names the manifest that belongs to it, so a process
//! killed at any moment leaves the old state or the new one. A rebuild makes a new generation beside the
//! current one and then replaces `treff.json`; who reads the old generation keeps it open.
//!
//! Nothing else in the house opens an index.

mod add;
mod allocator;
mod check;
mod columns;
mod copies;
mod directory;
mod dirty;
mod guard;
mod lock;
mod manifest;
mod packed;
mod paths;
mod queue;
mod recover;
mod scan;
mod schema;
mod sealed;
mod signature;
mod stdin;
mod stored;
mod update;
mod watch;
mod write;

pub use allocator::{fit_allocator, give_back_memory};
pub use check::{CheckReport, Damage, Repair, check};
pub use columns::{NumericColumn, PageSpans, TextColumn};
pub use dirty::SiteContext;
pub use guard::with_corruption_guard;
pub use manifest::{Manifest, PageEntry};
pub use paths::{BaseDir, STDIN};
pub use scan::{SourceChanges, source_changes};
pub use schema::{DocumentKind, Fields, REPEATS, boilerplate_key};
pub use signature::{CoarseMinHash, MinHash};
pub use stored::{Record, StoredPassage};
pub use update::{ContentLoss, Progress, UpdateOptions, UpdateReport, update};
pub use watch::Watcher;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::directory::error::{OpenDirectoryError, OpenReadError};
use tantivy::{DocAddress, ReloadPolicy, Searcher, TantivyError, Term};
use xxhash_rust::xxh3::xxh3_64;

use self::directory::{META, Snapshot};
use crate::clean::Rules;
use crate::error::{Error, Result};
use crate::norwegian::ANALYSIS_VERSION;

const HEAD: &str = "treff.json";

/// The first format whose `treff.json` has a checksum.
const SEALED_SINCE: u32 = 6;

/// The file beside an index that holds a person's own synonyms.
pub const SYNONYMS: &str = "synonyms.txt";

/// The file beside an index that holds a person's own rules for cleaning (see `clean::Rules`).
pub const RULES: &str = "rules.txt";

/// A person's rules for the index in `dir`; none where there is no such file.
fn rules(dir: &Path, keep_all: bool) -> Result<Rules> {
    let path = dir.join(RULES);
    let bytes = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        read => read.map_err(Error::io(&path, "read"))?,
    };
    let wrong = |what: String| Error::Usage(format!("{}, {what}", path.display()));
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::Usage(format!("{}: the text is not UTF-8; save the file as UTF-8", path.display())))?;
    Rules::parse(&text, keep_all).map_err(wrong)
}

/// What `treff.json` says. Its fields keep their names in all versions to come, and its checksum its place behind them.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    format: u32,
    analysis: u32,
    /// The version of treff that began the generation.
    treff: String,
    generation: String,
    /// The paths that the generation was begun with, as stored: what another version rebuilds from.
    roots: Vec<String>,
    /// Nothing is dropped from its pages.
    #[serde(default)]
    keep_all: bool,
}

impl Head {
    fn read(dir: &Path) -> Result<Option<Head>> {
        let path = dir.join(HEAD);
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(Error::io(&path, "read"))?,
        };
        let damaged = |reason: String| Error::Damaged { file: path.clone(), reason };
        let is_sealed = sealed::is_sealed_json(&bytes);
        if is_sealed == Some(false) {
            return Err(damaged(sealed::WRONG.to_string()));
        }
        let head: Head = serde_json::from_slice(&bytes).map_err(|error| damaged(format!("can't be read ({error})")))?;
        if is_sealed.is_none() && head.format >= SEALED_SINCE {
            return Err(damaged("its checksum is missing".to_string()));
        }
        Ok(Some(head))
    }

    fn is_current(&self) -> bool {
        self.format == schema::FORMAT && self.analysis == ANALYSIS_VERSION
    }
}

/// What the commit says of the whole index.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Payload {
    manifest: String,
    /// The file with which passages are packed (see `packed`).
    dictionary: Option<String>,
    pages: u64,
    passages: u64,
    words: u64,
    repeated: u64,
    copies: u64,
}

/// An index, open for reading: what it held when it was opened, whatever is written since.
pub struct Index {
    pub searcher: Searcher,
    pub fields: Fields,
    pub base: BaseDir,
    /// Pages and passages, and words in the passages.
    pub pages: u64,
    pub passages: u64,
    pub words: u64,
    /// Pages whose passages are those of another.
    pub copies: u64,
    /// Passages that several pages of their site have.
    pub repeated: u64,
    /// The version of treff that built it.
    pub built_by: String,
    columns: columns::Columns,
    unpacker: packed::Unpacker,
    dictionary: Option<String>,
    dir: PathBuf,
    manifest: (std::fs::File, PathBuf),
}

/// Whether there is an index in `dir`, and if this version can read it.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexState {
    Missing,
    Current,
    /// Written by another version, from these paths; whether all of them are still there.
    Other {
        built_by: String,
        roots: Vec<String>,
        sources_are_there: bool,
    },
}

pub fn state(dir: &Path) -> Result<IndexState> {
    Ok(match Head::read(dir)? {
        None => IndexState::Missing,
        Some(head) if head.is_current() => IndexState::Current,
        Some(head) => {
            let base = BaseDir::of(dir)?;
            let is_there = |root: &String| root != STDIN && base.resolve(root).exists();
            IndexState::Other {
                built_by: head.treff,
                sources_are_there: !head.roots.is_empty() && head.roots.iter().all(is_there),
                roots: head.roots.iter().map(|root| base.show(root)).collect(),
            }
        }
    })
}

/// Opens the index in `dir` for reading. Takes no lock, writes nothing and waits for nobody.
///
/// While its files are opened one by one, an update may commit and remove some of them, or a rebuild the whole
/// generation. Either has put another commit in its place before, which is opened then. Who got all files has
/// all of a commit (see `directory::Snapshot`), and need not know whether it is the last.
pub fn open(dir: &Path) -> Result<Index> {
    for _ in 0..MAX_TRIES {
        let head = Head::read(dir)?.ok_or_else(|| Error::no_index(dir))?;
        if !head.is_current() {
            return Err(Error::other_format(dir, head.treff));
        }
        let meta = commit(&dir.join(&head.generation));
        let opened = match &meta {
            Ok(meta) => open_commit(dir, &head, meta),
            Err(error) => Err(unreadable(&dir.join(&head.generation).join(META), error)),
        };
        match opened {
            Err(_) if is_replaced(dir, &head, meta.as_deref().unwrap_or_default())? => {}
            opened => return opened,
        }
    }
    let holder = "a process that updates it again and again".to_string();
    Err(Error::Locked { dir: dir.to_path_buf(), holder })
}

/// An update commits in a moment; so many of them while an index is opened mean that something is wrong.
const MAX_TRIES: usize = 20;

/// Whether another generation, or another commit in it, has taken the place of this one.
fn is_replaced(dir: &Path, head: &Head, meta: &[u8]) -> Result<bool> {
    Ok(Head::read(dir)?.is_some_and(|now| now.generation != head.generation)
        || commit(&dir.join(&head.generation)).is_ok_and(|now| now != meta))
}

/// tantivy's file on its last commit. A search reads it once, and parses no more of it than tantivy must: that
/// would cost more than many a query.
fn commit(generation: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(generation.join(META))
}

fn open_commit(dir: &Path, head: &Head, meta: &[u8]) -> Result<Index> {
    let generation = dir.join(&head.generation);
    let (_, fields) = schema::schema();
    let meta = unsealed(meta, &generation)?;
    let payload = payload(meta, &generation)?;
    let refused = |error| refused(&generation, error);
    let files = Snapshot::of(&generation, meta).map_err(refused)?;
    let mut index = tantivy::Index::open(files).map_err(refused)?;
    index.set_tokenizers(schema::tokenizers(&Default::default()));
    // The default policy starts a thread that watches the folder; a search opens, answers and ends.
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(refused)?;
    let path = generation.join(&payload.manifest);
    let manifest = std::fs::File::open(&path).map_err(|error| unreadable(&path, &error))?;
    let searcher = reader.searcher();
    check::verify_removed(&index, &generation, searcher.segment_readers())?;
    Ok(Index {
        unpacker: packed::Unpacker::new(&generation, payload.dictionary.as_ref())?,
        dictionary: payload.dictionary,
        columns: columns::Columns::of(searcher.segment_readers()),
        searcher,
        fields,
        base: BaseDir::of(dir)?,
        pages: payload.pages,
        passages: payload.passages,
        words: payload.words,
        copies: payload.copies,
        repeated: payload.repeated,
        built_by: head.treff.clone(),
        dir: dir.to_path_buf(),
        manifest: (manifest, path),
    })
}

/// Why tantivy can't open a generation. A file that may not be read, or of which there are too many open, is no
/// damage: building the index again would not help.
fn refused(generation: &Path, error: TantivyError) -> Error {
    match error {
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, filepath }) => {
            unreadable(&generation.join(filepath), &io_error)
        }
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(file)) => {
            Error::Damaged { file: generation.join(file), reason: "is missing".to_string() }
        }
        TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, directory_path }) => {
            unreadable(&directory_path, &io_error)
        }
        TantivyError::IoError(error) => unreadable(generation, &error),
        error => Error::Damaged { file: generation.to_path_buf(), reason: error.to_string() },
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> Error {
    let damaged = |reason: String| Error::Damaged { file: file.to_path_buf(), reason };
    match error.kind() {
        ErrorKind::NotFound => damaged("is missing".to_string()),
        // tantivy's footer, of which its own words are for who develops with it.
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
            damaged("is cut off, or its end is not what was written".to_string())
        }
        ErrorKind::IsADirectory | ErrorKind::NotADirectory => damaged(crate::error::reason(error)),
        kind => {
            let source = error.raw_os_error().map_or_else(|| kind.into(), std::io::Error::from_raw_os_error);
            Error::Io { path: file.to_path_buf(), doing: "read", source }
        }
    }
}

/// What stands in tantivy's file before its checksum.
fn unsealed<'a>(meta: &'a [u8], generation: &Path) -> Result<&'a [u8]> {
    let damaged = || Error::Damaged { file: generation.join(META), reason: sealed::WRONG.to_string() };
    sealed::unseal(meta).ok_or_else(damaged)
}

fn payload(meta: &[u8], generation: &Path) -> Result<Payload> {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(default)]
        payload: String,
    }
    let damaged = |reason| Error::Damaged { file: generation.join(META), reason };
    let read = serde_json::from_slice(meta).and_then(|meta: Meta| serde_json::from_str(&meta.payload));
    read.map_err(|error| damaged(format!("its commit names no manifest ({error})")))
}

/// The hash of a page's key: the first half of a hit's id. 40 bits, so that ids stay short to type; two
/// pages that share one (one chance in 200 among 100,000 pages) are told apart by nothing but the place.
pub fn page_hash(key: &str) -> u64 {
    xxh3_64(key.as_bytes()) >> 24
}

impl Index {
    pub fn manifest(&self) -> Result<Manifest> {
        Manifest::read(&self.manifest.0, &self.manifest.1)
    }

    fn manifest_file(&self) -> String {
        self.manifest.1.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The pages that have the content of this passage's page, but for the page itself, in order.
    pub fn copies_of(&self, stored: &StoredPassage) -> Result<Vec<StoredPassage>> {
        if self.copies == 0 {
            return Ok(Vec::new());
        }
        let copies = self.passages_with(&Term::from_field_u64(self.fields.marks, stored.content))?;
        if copies.iter().any(|copy| copy.content != stored.content) {
            self.verify()?;
        }
        Ok(copies)
    }

    /// To be asked where the index led to something else than it should: an error where a file of it is damaged.
    pub fn verify(&self) -> Result<()> {
        let damage = check::first_damage(&self.dir);
        debug_assert!(damage.is_some(), "a whole index led to something else than it should");
        damage.map_or(Ok(()), Err)
    }

    /// Everything stored whose document holds `term`, in the order of their pages.
    pub fn passages_with(&self, term: &Term) -> Result<Vec<StoredPassage>> {
        let mut found = Vec::new();
        for (ordinal, segment) in (0u32..).zip(self.searcher.segment_readers()) {
            let postings = segment
                .inverted_index(term.field())?
                .read_postings(term, tantivy::schema::IndexRecordOption::Basic)
                .map_err(Error::io(&self.dir, "read"))?;
            let Some(mut postings) = postings else {
                continue;
            };
            let mut doc = tantivy::DocSet::doc(&postings);
            while doc != tantivy::TERMINATED {
                if !segment.is_deleted(doc) {
                    found.push(self.stored(DocAddress::new(ordinal, doc))?);
                }
                doc = tantivy::DocSet::advance(&mut postings);
            }
        }
        found.sort_by(|one, other| (&one.page, one.ordinal).cmp(&(&other.page, other.ordinal)));
        Ok(found)
    }

    /// Everything stored, one after the other.
    pub fn each_stored(&self, mut each: impl FnMut(DocAddress, &StoredPassage)) -> Result<()> {
        for (ordinal, segment) in (0u32..).zip(self.searcher.segment_readers()) {
            for doc in segment.doc_ids_alive() {
                let address = DocAddress::new(ordinal, doc);
                each(address, &self.stored(address)?);
            }
        }
        Ok(())
    }

    /// Bytes that the index takes on the disk, and the segments it is divided into.
    pub fn size(&self) -> (u64, usize) {
        let bytes = walkdir::WalkDir::new(&self.dir)
            .into_iter()
            .filter_map(|entry| entry.ok()?.metadata().ok())
            .filter(|meta| meta.is_file())
            .map(|meta| meta.len())
            .sum();
        (bytes, self.searcher.segment_readers().len())
    }

    /// How many passages hold the term. tantivy counts removed ones until their segment is merged; these counts
    /// are those of an index built afresh, so that scores don't tell the history of an index.
    pub fn doc_freq_alive(&self, term: &Term) -> tantivy::Result<u64> {
        let mut count = 0;
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(term.field())?;
            count += match segment.alive_bitset() {
                None => u64::from(inverted.doc_freq(term)?),
                Some(alive) => {
                    let postings = inverted.read_postings(term, tantivy::schema::IndexRecordOption::Basic)?;
                    postings.map_or(0, |postings| u64::from(postings.doc_freq_given_deletes(alive)))
                }
            };
        }
        Ok(count)
    }
}
