//! What is kept of a passage to be shown?

use serde::{Deserialize, Serialize};
use tantivy::DocAddress;
use tantivy_common::{BinarySerializable, VInt};
use xxhash_rust::xxh3::xxh3_64;

use super::packed::Packer;
use super::schema::DocumentKind;
use crate::clean;
use crate::error::{Error, Result};
use crate::model::{Lang, PageId, Passage};
use crate::norwegian::Standard;

/// What a search needs of a passage that it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPassage {
    pub page: PageId,
    /// Of a page that is a line of a `.jsonl` file: which line.
    pub line: Option<u32>,
    /// The place among the passages of its page; that of boilerplate is the last.
    pub ordinal: u32,
    pub role: DocumentKind,
    /// Equal for copies of a page (see `Outcome::content`).
    pub content: u64,
    pub title: Option<String>,
    /// The first sentence of a page that has no title.
    pub opening: Option<String>,
    pub source: Option<String>,
    /// ISO 8601 dates.
    pub published: Option<String>,
    pub updated: Option<String>,
    pub url: Option<String>,
    pub lang: Lang,
    /// How the passage is read.
    pub standard: Standard,
    pub passage: Passage,
}

/// A passage as it lies in the index.
#[derive(Serialize, Deserialize)]
pub struct Record {
    /// With the first passage of a page, and with what is no passage; the others are told the same by that one.
    page: Option<OfPage>,
    ordinal: u32,
    role: DocumentKind,
    pub standard: Standard,
    pub passage: Passage,
}

/// The fields of `StoredPassage` that all passages of a page have in common.
#[derive(Serialize, Deserialize)]
struct OfPage {
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
    /// The host of its address.
    pub fn site(&self) -> Option<String> {
        self.url.as_deref().and_then(clean::host)
    }

    /// The day that it was published or else last updated, as a number: 20201110 for 2020-11-10.
    pub fn day(&self) -> Option<u64> {
        self.published.as_deref().or(self.updated.as_deref())?.replace('-', "").parse().ok()
    }

    /// As it lies in the index, with a checksum behind it, so that no passage is shown that isn't what was indexed.
    pub fn into_bytes(self, packer: &Packer) -> Vec<u8> {
        let StoredPassage { page, line, ordinal, role, content, title, opening, source, .. } = self;
        let StoredPassage { published, updated, url, lang, standard, passage, .. } = self;
        let is_told = ordinal > 0 && role == DocumentKind::Passage;
        let of_page = OfPage { page, line, content, title, opening, source, published, updated, url, lang };
        let record = Record { page: (!is_told).then_some(of_page), ordinal, role, standard, passage };
        let bytes = postcard::to_stdvec(&record).expect("plain structs of strings and numbers always encode");
        let mut packed = packer.pack(&bytes);
        packed.extend(checksum(&bytes));
        packed
    }

    fn of(record: Record, page: OfPage) -> StoredPassage {
        let Record { ordinal, role, standard, passage, .. } = record;
        let OfPage { page, line, content, title, opening, source, published, updated, url, lang } = page;
        StoredPassage {
            page,
            line,
            ordinal,
            role,
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

/// The bytes of a document's one stored field. tantivy's own reader of documents takes them one by one, which takes longer
/// than to unpack them.
fn only_field(mut document: &[u8]) -> Option<&[u8]> {
    let fields = VInt::deserialize(&mut document).ok()?;
    let (_field, _type): (u32, u8) = BinarySerializable::deserialize(&mut document).ok()?;
    let length = VInt::deserialize(&mut document).ok()?;
    (fields.val() == 1 && length.val() == document.len() as u64).then_some(document)
}

impl super::Index {
    pub fn stored(&self, address: DocAddress) -> Result<StoredPassage> {
        self.with_page(address, self.record(address)?)
    }

    /// A passage without what it has in common with others, which takes another look.
    pub fn record(&self, address: DocAddress) -> Result<Record> {
        let unreadable = || self.damaged("a stored passage can't be read");
        let document = self.stored_bytes(address)?;
        let (packed, sum) =
            only_field(&document).and_then(|packed| packed.split_last_chunk()).ok_or_else(unreadable)?;
        let record = self.unpacker.unpack(packed)?.filter(|record| checksum(record) == *sum);
        record.and_then(|record| postcard::from_bytes(&record).ok()).ok_or_else(unreadable)
    }

    /// The passages of a page stand one after the other, so a passage and its place tell where the first one is.
    pub fn with_page(&self, address: DocAddress, mut record: Record) -> Result<StoredPassage> {
        let page = match record.page.take() {
            Some(page) => Some(page),
            None => match address.doc_id.checked_sub(record.ordinal) {
                Some(first) => self.record(DocAddress::new(address.segment_ord, first))?.page,
                None => None,
            },
        };
        let page = page.ok_or_else(|| self.damaged("a stored passage is of no page"))?;
        Ok(StoredPassage::of(record, page))
    }

    fn damaged(&self, reason: &str) -> Error {
        Error::Damaged { file: self.dir.clone(), reason: reason.to_string() }
    }
}
