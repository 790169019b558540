//! Opens an index for reading and gives access to its passages, fast fields and manifest.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, ReloadPolicy, Searcher, TERMINATED, Term};

use super::fast_fields::FastFields;
use super::schema::{self, Fields};
use super::store::compression::Decompressor;
use super::store::directory::{META_FILE, SnapshotDirectory};
use super::store::generation::{CommitPayload, open_error, read_error, read_meta, verify_meta};
use super::store::head::Head;
use super::store::manifest::Manifest;
use super::store::paths::{BaseDir, STDIN};
use super::store::stored_fields::{DocumentStores, SerializedPassage, StoredPassage};
use super::store::verify::{SegmentFiles, segment_files, verify_deletes};
use super::term_tokenizer::{OnDocument, tokenizers};
use crate::error::{Error, Result};

/// A snapshot of an index: its contents when it was opened, unaffected by later writes.
pub struct Index {
    pub searcher: Searcher,
    pub fields: Fields,
    pub fast_fields: FastFields,
    /// The folder that contains the index, to which stored names are relative.
    pub base: BaseDir,
    /// Number of pages, of passages, and of words in the passages.
    pub pages: u64,
    pub passages: u64,
    pub words: u64,
    /// Pages with the same passages as another page.
    pub copies: u64,
    /// Passages that occur on several pages of their site.
    pub repeated: u64,
    /// The version of treff that built it.
    pub built_by: String,
    stores: DocumentStores,
    /// The file name of the compression dictionary, if the generation has one.
    dictionary_file: Option<String>,
    dir: PathBuf,
    commit_id: String,
    /// The manifest and its path. The file is kept open because an update may remove it.
    manifest: (File, PathBuf),
}

/// Whether there is an index in a folder, and whether this version of treff can read it.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexState {
    Missing,
    Current,
    /// Built by another version from these roots.
    Other {
        built_by: String,
        roots: Vec<String>,
        /// Whether all of the roots still exist.
        sources_exist: bool,
    },
}

/// Reads the head file of the index in `dir`, and nothing else.
pub fn state(dir: &Path) -> Result<IndexState> {
    Ok(match Head::read(dir)? {
        None => IndexState::Missing,
        Some(head) if head.is_current() => IndexState::Current,
        Some(head) => {
            let base = BaseDir::of(dir)?;
            let exists = |root: &String| root != STDIN && base.resolve(root).exists();
            IndexState::Other {
                built_by: head.treff,
                sources_exist: !head.roots.is_empty() && head.roots.iter().all(exists),
                roots: head.roots.iter().map(|root| base.show(root)).collect(),
            }
        }
    })
}

/// Opens the index in `dir` for reading. It takes no lock, writes nothing and waits for no other process.
///
/// While the files are opened one by one, an update may commit and remove some of them, or a rebuild may remove the
/// whole generation. In both cases a newer commit exists by then, and that one is opened instead. A reader that has
/// opened all files of a commit has a consistent snapshot (see `SnapshotDirectory`), whether or not the commit is still
/// the last one.
pub fn open(dir: &Path) -> Result<Index> {
    for _ in 0..MAX_TRIES {
        let head = Head::read(dir)?.ok_or_else(|| Error::NoIndex { dir: dir.to_path_buf() })?;
        if !head.is_current() {
            return Err(Error::OtherFormat { dir: dir.to_path_buf(), built_by: head.treff });
        }
        let meta = read_meta(&dir.join(&head.generation));
        let opened = match &meta {
            Ok(meta) => open_commit(dir, &head, meta),
            Err(error) => Err(read_error(&dir.join(&head.generation).join(META_FILE), error)),
        };
        match opened {
            Err(_) if is_replaced(dir, &head, meta.as_deref().unwrap_or_default())? => {}
            opened => return opened,
        }
    }
    let holder = "a process that updates it continuously".to_string();
    Err(Error::Locked { dir: dir.to_path_buf(), holder })
}

/// Maximum number of attempts to open an index. Opening is quick: this many commits in the meantime mean that something
/// is wrong.
const MAX_TRIES: usize = 20;

/// Whether this commit has been replaced by a newer one, or its generation by a newer generation.
fn is_replaced(dir: &Path, head: &Head, meta: &[u8]) -> Result<bool> {
    Ok(Head::read(dir)?.is_some_and(|now| now.generation != head.generation)
        || read_meta(&dir.join(&head.generation)).is_ok_and(|now| now != meta))
}

/// Identifies the last commit of the index in `dir`, without opening it; see `Index::commit_id`. `None` if there is no
/// index.
pub fn commit_id(dir: &Path) -> Result<Option<String>> {
    let Some(head) = Head::read(dir)? else { return Ok(None) };
    let generation = dir.join(&head.generation);
    let meta = read_meta(&generation).map_err(|error| read_error(&generation.join(META_FILE), &error))?;
    Ok(Some(format_commit_id(&head.generation, &meta)))
}

/// The number of the generation, and a hash of tantivy's description of the commit, which names its files.
fn format_commit_id(generation: &str, meta: &[u8]) -> String {
    let number = generation.rsplit('-').next().unwrap_or_default();
    format!("{number}-{:016x}", xxhash_rust::xxh3::xxh3_64(meta))
}

fn open_commit(dir: &Path, head: &Head, meta: &[u8]) -> Result<Index> {
    let generation = dir.join(&head.generation);
    let (_, fields) = schema::schema();
    let commit_id = format_commit_id(&head.generation, meta);
    let meta = verify_meta(meta, &generation)?;
    let payload = CommitPayload::parse(meta, &generation)?;
    let open_error = |error| open_error(&generation, error);
    let files = SnapshotDirectory::open(&generation, meta).map_err(open_error)?;
    let mut index = tantivy::Index::open(files).map_err(open_error)?;
    let on_document: OnDocument = Arc::new(|| {});
    index.set_tokenizers(tokenizers(&on_document));
    // The default policy starts a thread that watches the folder, which a process that answers one query doesn't need.
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(open_error)?;
    let path = generation.join(&payload.manifest);
    let manifest = File::open(&path).map_err(|error| read_error(&path, &error))?;
    let searcher = reader.searcher();
    verify_deletes(&index, &generation, searcher.segment_readers())?;
    let decompressor = Decompressor::new(&generation, payload.dictionary.as_ref())?;
    Ok(Index {
        stores: DocumentStores::new(searcher.clone(), decompressor, dir),
        dictionary_file: payload.dictionary,
        fast_fields: FastFields::new(searcher.clone()),
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
        commit_id,
        manifest: (manifest, path),
    })
}

impl Index {
    /// The folder that was opened.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The folder of the generation, which has the files of the commit.
    pub fn generation_dir(&self) -> &Path {
        self.manifest.1.parent().unwrap_or(&self.dir)
    }

    /// Identifies the commit: different for each commit of an index, and for each rebuild.
    pub fn commit_id(&self) -> &str {
        &self.commit_id
    }

    /// The files of the commit that are mapped into memory, with their lengths on disk. A program that reads a part of
    /// one that has been truncated since gets the signal SIGBUS.
    pub fn mapped_files(&self) -> Result<Vec<(PathBuf, u64)>> {
        let generation = self.generation_dir();
        let segments = self.searcher.index().searchable_segment_metas()?;
        let files = segments
            .iter()
            .flat_map(|segment| segment_files(segment, SegmentFiles::All))
            .map(|file| generation.join(file));
        Ok(files.filter_map(|file| std::fs::metadata(&file).ok().map(|found| (file, found.len()))).collect())
    }

    /// Reads the manifest of this snapshot.
    pub fn manifest(&self) -> Result<Manifest> {
        Manifest::read(&self.manifest.0, &self.manifest.1)
    }

    /// The file name of the manifest, which differs from commit to commit.
    pub(super) fn manifest_file_name(&self) -> String {
        self.manifest.1.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The file name of the compression dictionary of this generation, if it has one.
    pub(super) fn dictionary_file_name(&self) -> Option<&str> {
        self.dictionary_file.as_deref()
    }

    /// Returns an error if the compression dictionary is damaged.
    pub(super) fn verify_dictionary(&self) -> Result<()> {
        self.stores.verify_dictionary()
    }

    /// The stored passage of a document.
    pub fn stored(&self, address: DocAddress) -> Result<StoredPassage> {
        self.stores.passage(address)
    }

    /// The passage of a document as serialized: without the metadata of its page, which may have to be read from
    /// another document.
    pub fn serialized(&self, address: DocAddress) -> Result<SerializedPassage> {
        self.stores.serialized(address)
    }

    /// Completes a serialized passage with the metadata of its page.
    pub fn with_page(&self, address: DocAddress, serialized: SerializedPassage) -> Result<StoredPassage> {
        self.stores.with_page(address, serialized)
    }

    /// The pages indexed as copies of this passage's page, sorted by page. If the index is damaged, some may have a
    /// different `content`.
    pub fn copies_of(&self, stored: &StoredPassage) -> Result<Vec<StoredPassage>> {
        if self.copies == 0 {
            return Ok(Vec::new());
        }
        self.passages_with(&Term::from_field_u64(self.fields.duplicate_key, stored.content))
    }

    /// All stored passages whose documents contain `term`, sorted by page and ordinal.
    pub fn passages_with(&self, term: &Term) -> Result<Vec<StoredPassage>> {
        let mut passages = Vec::new();
        for (ordinal, segment) in (0u32..).zip(self.searcher.segment_readers()) {
            let postings = segment
                .inverted_index(term.field())?
                .read_postings(term, IndexRecordOption::Basic)
                .map_err(Error::io(&self.dir, "read"))?;
            let Some(mut postings) = postings else {
                continue;
            };
            let mut doc = postings.doc();
            while doc != TERMINATED {
                if !segment.is_deleted(doc) {
                    passages.push(self.stored(DocAddress::new(ordinal, doc))?);
                }
                doc = postings.advance();
            }
        }
        passages.sort_by(|one, other| (&one.page, one.ordinal).cmp(&(&other.page, other.ordinal)));
        Ok(passages)
    }

    /// Calls `visit` for every stored document that is not deleted, in the order of segments and doc ids.
    pub fn for_each_stored(&self, mut visit: impl FnMut(DocAddress, &StoredPassage)) -> Result<()> {
        for (ordinal, segment) in (0u32..).zip(self.searcher.segment_readers()) {
            for doc in segment.doc_ids_alive() {
                let address = DocAddress::new(ordinal, doc);
                visit(address, &self.stored(address)?);
            }
        }
        Ok(())
    }

    /// The number of bytes that the index takes up on disk, and the number of its segments.
    pub fn size(&self) -> (u64, usize) {
        let bytes = walkdir::WalkDir::new(&self.dir)
            .into_iter()
            .filter_map(|entry| entry.ok()?.metadata().ok())
            .filter(|meta| meta.is_file())
            .map(|meta| meta.len())
            .sum();
        (bytes, self.searcher.segment_readers().len())
    }

    /// The number of passages that contain the term. tantivy's own number includes deleted passages until their segment
    /// is merged. This number doesn't, so that scores are the same as in an index built from scratch.
    pub fn doc_freq_alive(&self, term: &Term) -> tantivy::Result<u64> {
        let mut count = 0;
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(term.field())?;
            count += match segment.alive_bitset() {
                None => u64::from(inverted.doc_freq(term)?),
                Some(alive) => {
                    let postings = inverted.read_postings(term, IndexRecordOption::Basic)?;
                    postings.map_or(0, |postings| u64::from(postings.doc_freq_given_deletes(alive)))
                }
            };
        }
        Ok(count)
    }
}
