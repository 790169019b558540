//! Stored passages: what a search needs to show a hit, encoded with postcard, compressed, and followed by a checksum.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use tantivy::store::StoreReader;
use tantivy::{DocAddress, Searcher, TantivyError};
use tantivy_common::{BinarySerializable, VInt};
use xxhash_rust::xxh3::xxh3_64;

use super::compression::{Compressor, Decompressor};
use crate::clean;
use crate::error::{Error, Result};
use crate::index::schema::DocumentKind;
use crate::model::{Lang, PageId, Passage};
use crate::norwegian::Standard;

/// A stored passage with the metadata of its page.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPassage {
    pub page: PageId,
    /// The line number of a page in a `.jsonl` file.
    pub line: Option<u32>,
    /// Its index among the passages of its page; the document of the boilerplate comes last.
    pub ordinal: u32,
    pub kind: DocumentKind,
    /// The hash of the content of the page, which is equal for copies (see `PageOutcome::content`).
    pub content: u64,
    pub title: Option<String>,
    /// The first sentence of a page that has no title.
    pub opening: Option<String>,
    pub source: Option<String>,
    /// An ISO 8601 date, as is `updated`.
    pub published: Option<String>,
    pub updated: Option<String>,
    pub url: Option<String>,
    pub lang: Lang,
    /// The written standard in which the passage was analyzed.
    pub standard: Standard,
    pub passage: Passage,
}

/// A passage as it is serialized in the document store.
#[derive(Serialize, Deserialize)]
pub struct SerializedPassage {
    /// Stored only with the first passage of a page, and with the document of its boilerplate; `None` for the other
    /// passages.
    pub page: Option<StoredPage>,
    pub ordinal: u32,
    kind: DocumentKind,
    pub standard: Standard,
    pub passage: Passage,
}

/// The fields of `StoredPassage` that are the same for all passages of a page.
#[derive(Serialize, Deserialize)]
pub struct StoredPage {
    page: PageId,
    line: Option<u32>,
    content: u64,
    title: Option<String>,
    opening: Option<String>,
    source: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    url: Option<String>,
    lang: Lang,
}

impl StoredPassage {
    /// The host of its URL.
    pub fn site(&self) -> Option<String> {
        self.url.as_deref().and_then(clean::host)
    }

    /// The day it was published, or otherwise last updated, as a number: 20201110 for 2020-11-10.
    pub fn day(&self) -> Option<u64> {
        self.published.as_deref().or(self.updated.as_deref())?.replace('-', "").parse().ok()
    }

    /// Encodes the passage and appends a checksum, so that a damaged passage is never shown.
    pub fn into_bytes(self, compressor: &Compressor) -> Vec<u8> {
        let StoredPassage { page, line, ordinal, kind, content, title, opening, source, .. } = self;
        let StoredPassage { published, updated, url, lang, standard, passage, .. } = self;
        let is_omitted = ordinal > 0 && kind == DocumentKind::Passage;
        let stored_page = StoredPage { page, line, content, title, opening, source, published, updated, url, lang };
        let serialized =
            SerializedPassage { page: (!is_omitted).then_some(stored_page), ordinal, kind, standard, passage };
        let bytes = postcard::to_stdvec(&serialized).expect("plain structs of strings and numbers always encode");
        let mut encoded = compressor.compress(&bytes);
        encoded.extend(checksum(&bytes));
        encoded
    }

    fn of(serialized: SerializedPassage, page: StoredPage) -> StoredPassage {
        let SerializedPassage { ordinal, kind, standard, passage, .. } = serialized;
        let StoredPage { page, line, content, title, opening, source, published, updated, url, lang } = page;
        StoredPassage {
            page,
            line,
            ordinal,
            kind,
            content,
            title,
            opening,
            source,
            published,
            updated,
            url,
            lang,
            standard,
            passage,
        }
    }
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    (xxh3_64(bytes) as u32).to_le_bytes()
}

/// The bytes of the only stored field of a document. tantivy's own document reader copies them one by one, which takes
/// longer than decompressing them.
fn only_field(mut document: &[u8]) -> Option<&[u8]> {
    let fields = VInt::deserialize(&mut document).ok()?;
    let (_field, _type): (u32, u8) = BinarySerializable::deserialize(&mut document).ok()?;
    let length = VInt::deserialize(&mut document).ok()?;
    (fields.val() == 1 && length.val() == document.len() as u64).then_some(document)
}

impl SerializedPassage {
    /// Decodes a document of tantivy's document store; `None` if it isn't what `StoredPassage::into_bytes` wrote.
    pub fn decode(document: &[u8], decompressor: &Decompressor) -> Result<Option<SerializedPassage>> {
        let Some((compressed, sum)) = only_field(document).and_then(|value| value.split_last_chunk()) else {
            return Ok(None);
        };
        let serialized = decompressor.decompress(compressed)?.filter(|serialized| checksum(serialized) == *sum);
        Ok(serialized.and_then(|serialized| postcard::from_bytes(&serialized).ok()))
    }
}

/// Reads stored passages from the document stores of all segments.
pub struct DocumentStores {
    searcher: Searcher,
    /// By segment ordinal; opened when first read.
    readers: Vec<OnceLock<StoreReader>>,
    decompressor: Decompressor,
    /// The folder of the index, for messages.
    dir: PathBuf,
}

/// Number of blocks of the document store that are cached. A search reads some forty passages, which are seldom in
/// adjacent blocks. Only a scan over all passages benefits: it reads the next passage from the block of the last one,
/// and the metadata of the page from a block before it.
const CACHED_BLOCKS: usize = 2;

impl DocumentStores {
    pub fn new(searcher: Searcher, decompressor: Decompressor, dir: &Path) -> DocumentStores {
        let readers = searcher.segment_readers().iter().map(|_| OnceLock::new()).collect();
        DocumentStores { searcher, readers, decompressor, dir: dir.to_path_buf() }
    }

    /// Returns an error if the compression dictionary is damaged.
    pub fn verify_dictionary(&self) -> Result<()> {
        self.decompressor.verify()
    }

    /// Reads the stored passage of a document.
    pub fn passage(&self, address: DocAddress) -> Result<StoredPassage> {
        self.with_page(address, self.serialized(address)?)
    }

    /// Reads the passage of a document. Unless it is the first of its page, it lacks the metadata of the page, which
    /// takes another read.
    pub fn serialized(&self, address: DocAddress) -> Result<SerializedPassage> {
        let document = self.reader(address.segment_ord)?.get_document_bytes(address.doc_id)?;
        let serialized = SerializedPassage::decode(&document, &self.decompressor)?;
        serialized.ok_or_else(|| self.damaged("a stored passage can't be read"))
    }

    /// Completes a serialized passage with the metadata of its page. The passages of a page are adjacent, so the doc id
    /// and the ordinal of a passage give the doc id of the first one.
    pub fn with_page(&self, address: DocAddress, mut serialized: SerializedPassage) -> Result<StoredPassage> {
        let page = match serialized.page.take() {
            Some(page) => Some(page),
            None => match address.doc_id.checked_sub(serialized.ordinal) {
                Some(first) => self.serialized(DocAddress::new(address.segment_ord, first))?.page,
                None => None,
            },
        };
        let page = page.ok_or_else(|| self.damaged("a stored passage belongs to no page"))?;
        Ok(StoredPassage::of(serialized, page))
    }

    fn reader(&self, segment: u32) -> Result<&StoreReader> {
        let cell = &self.readers[segment as usize];
        if let Some(reader) = cell.get() {
            return Ok(reader);
        }
        let reader =
            self.searcher.segment_reader(segment).get_store_reader(CACHED_BLOCKS).map_err(TantivyError::from)?;
        Ok(cell.get_or_init(|| reader))
    }

    fn damaged(&self, reason: &str) -> Error {
        Error::Damaged { file: self.dir.clone(), reason: reason.to_string() }
    }
}
