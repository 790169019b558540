//! Given a folder, what is indexed in it, and how does it follow its pages?
//!
//! On disk:
//!
//! ```text
//! index/treff.json      format, version, and the name of the current generation
//! index/writer.lock     held by the process that writes
//! index/generation-1/   a generation: a tantivy index of passages, and the manifest of the pages it was
//!                       made from; the commit names its manifest
//! index/stdin-…         pages that came on standard input
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
mod columns;
mod copies;
mod dirty;
mod lock;
mod manifest;
mod paths;
mod scan;
mod schema;
mod signature;
mod update;
mod watch;
mod write;

pub use columns::{Number, Text};
pub use dirty::Siblings;
pub use manifest::{Manifest, PageEntry};
pub use paths::{Base, STDIN};
pub use scan::{Stale, stale};
pub use schema::{Fields, REPEATS, Role, Stored, boilerplate_key};
pub use signature::{Digest, Signature};
pub use update::{Loss, Options, Progress, Report, update};
pub use watch::Watch;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::schema::Value;
use tantivy::{DocAddress, ReloadPolicy, Searcher, TantivyDocument, Term};
use xxhash_rust::xxh3::xxh3_64;

use crate::clean::Rules;
use crate::error::{Error, Result};
use crate::norwegian::ANALYSIS_VERSION;

const HEAD: &str = "treff.json";

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

/// What `treff.json` says. Its fields keep their names in all versions to come.
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
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| Error::Damaged { file: path, reason: format!("can't be read ({error})") }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io(&path, "read")(error)),
        }
    }

    fn is_current(&self) -> bool {
        self.format == schema::FORMAT && self.analysis == ANALYSIS_VERSION
    }
}

/// What the commit says of the whole index.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Payload {
    manifest: String,
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
    pub base: Base,
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
    dir: PathBuf,
    manifest: (std::fs::File, PathBuf),
}

/// Whether there is an index in `dir`, and if this version can read it.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    Missing,
    Current,
    /// Written by another version, from these paths; whether all of them are still there.
    Other {
        built_by: String,
        roots: Vec<String>,
        sources_are_there: bool,
    },
}

pub fn state(dir: &Path) -> Result<State> {
    Ok(match Head::read(dir)? {
        None => State::Missing,
        Some(head) if head.is_current() => State::Current,
        Some(head) => {
            let base = Base::of(dir)?;
            let is_there = |root: &String| root != STDIN && base.resolve(root).exists();
            State::Other {
                built_by: head.treff,
                sources_are_there: !head.roots.is_empty() && head.roots.iter().all(is_there),
                roots: head.roots.iter().map(|root| base.show(root)).collect(),
            }
        }
    })
}

/// Opens the index in `dir` for reading.
pub fn open(dir: &Path) -> Result<Index> {
    let mut tries = 0;
    loop {
        let head = Head::read(dir)?.ok_or_else(|| Error::NoIndex {
            dir: dir.to_path_buf(),
            hint: "build one with `treff index PATH`".to_string(),
        })?;
        if !head.is_current() {
            return Err(Error::OtherFormat {
                dir: dir.to_path_buf(),
                built_by: head.treff,
                hint: "run `treff index --rebuild` with the folders it was built from".to_string(),
            });
        }
        let opened = open_generation(dir, &head);
        // While its files were opened one by one, the generation may have been replaced and removed.
        let is_replaced = Head::read(dir)?.is_some_and(|now| now.generation != head.generation);
        match opened {
            Ok(Some(index)) if !is_replaced => return Ok(index),
            Err(error) if !is_replaced || tries == MAX_TRIES => return Err(error),
            _ if tries == MAX_TRIES => {
                let holder = "a process that updates it again and again".to_string();
                return Err(Error::Locked { dir: dir.to_path_buf(), holder });
            }
            _ => tries += 1,
        }
    }
}

/// An update commits in a moment; so many of them while an index is opened mean that something is wrong.
const MAX_TRIES: usize = 20;

/// None when an update was committed while the files were opened: counts and files would not agree.
fn open_generation(dir: &Path, head: &Head) -> Result<Option<Index>> {
    let generation = dir.join(&head.generation);
    let (_, fields) = schema::schema();
    let meta = commit(&generation)?;
    let payload = payload(&meta, &generation)?;
    let mut index = tantivy::Index::open_in_dir(&generation).map_err(|error| damaged(&generation, error))?;
    index.set_tokenizers(schema::tokenizers());
    // The default policy starts a thread that watches the folder; a search opens, answers and ends.
    let reader = index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .try_into()
        .map_err(|error| damaged(&generation, error))?;
    let path = generation.join(&payload.manifest);
    let manifest = std::fs::File::open(&path);
    // Asked last: an update removes the manifest of the commit before it.
    if commit(&generation)? != meta {
        return Ok(None);
    }
    let manifest =
        manifest.map_err(|error| Error::Damaged { file: path.clone(), reason: crate::error::reason(&error) })?;
    let searcher = reader.searcher();
    Ok(Some(Index {
        columns: columns::Columns::of(searcher.segment_readers()),
        searcher,
        fields,
        base: Base::of(dir)?,
        pages: payload.pages,
        passages: payload.passages,
        words: payload.words,
        copies: payload.copies,
        repeated: payload.repeated,
        built_by: head.treff.clone(),
        dir: dir.to_path_buf(),
        manifest: (manifest, path),
    }))
}

fn damaged(file: &Path, error: tantivy::TantivyError) -> Error {
    Error::Damaged { file: file.to_path_buf(), reason: error.to_string() }
}

/// tantivy's file on its last commit. A search reads it twice, and parses no more of it than tantivy must: that
/// would cost more than many a query.
fn commit(generation: &Path) -> Result<Vec<u8>> {
    let path = generation.join("meta.json");
    std::fs::read(&path).map_err(|error| Error::Damaged { file: path, reason: crate::error::reason(&error) })
}

fn payload(meta: &[u8], generation: &Path) -> Result<Payload> {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(default)]
        payload: String,
    }
    let read = serde_json::from_slice(meta).and_then(|meta: Meta| serde_json::from_str(&meta.payload));
    read.map_err(|error| Error::Damaged {
        file: generation.join("meta.json"),
        reason: format!("its commit names no manifest ({error})"),
    })
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

    pub fn stored(&self, address: DocAddress) -> Result<Stored> {
        let document: TantivyDocument = self.searcher.doc(address)?;
        document.get_first(self.fields.stored).and_then(|value| value.as_bytes()).and_then(Stored::decode).ok_or_else(
            || Error::Damaged { file: self.dir.clone(), reason: "a stored passage can't be read".to_string() },
        )
    }

    /// The pages that have the content of this passage's page, but for the page itself, in order.
    pub fn copies_of(&self, stored: &Stored) -> Result<Vec<Stored>> {
        if self.copies == 0 {
            return Ok(Vec::new());
        }
        self.passages_with(&Term::from_field_u64(self.fields.marks, stored.content))
    }

    /// Everything stored whose document holds `term`, in the order of their pages.
    pub fn passages_with(&self, term: &Term) -> Result<Vec<Stored>> {
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
    pub fn each_stored(&self, mut each: impl FnMut(DocAddress, &Stored)) -> Result<()> {
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
