//! What is known of each document by its number: its page, its place in the page, its day …
//!
//! A column is opened when it is first asked for, since that takes longer than reading it.

use std::sync::{Arc, OnceLock};

use tantivy::columnar::{BytesColumn, Column, ColumnValues, StrColumn};
use tantivy::directory::OwnedBytes;
use tantivy::store::StoreReader;
use tantivy::{DocAddress, DocId, SegmentReader, TantivyError};

use crate::error::Result;

/// Columns of text, named as the fields are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextColumn {
    Page,
    Source,
    Site,
    Lang,
}

/// Columns of numbers, named as the fields are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumericColumn {
    Day,
    Digest,
}

/// Which documents of a segment are of one page: they stand one after the other. Each tells by a bit whether it goes on
/// with the page of the one before it, since of a large column of numbers the header alone is long to read.
#[derive(Clone, Default)]
pub struct PageSpans(Option<Arc<dyn ColumnValues<bool>>>);

impl PageSpans {
    /// The first document of the page.
    pub fn first(&self, doc: DocId) -> DocId {
        let mut behind = doc.saturating_add(1);
        while behind > 0 {
            let begin = behind.saturating_sub(SOME);
            let goes_on = self.some(begin);
            let of_page = &goes_on[..(behind - begin) as usize];
            if let Some(at) = of_page.iter().rposition(|goes_on| !goes_on) {
                return begin + at as DocId;
            }
            behind = begin;
        }
        0
    }

    /// Behind the last document of the page. What was dropped of it may be that.
    pub fn end(&self, doc: DocId) -> DocId {
        let mut end = doc.saturating_add(1);
        loop {
            match self.some(end).iter().position(|goes_on| !goes_on) {
                Some(at) => return end.saturating_add(at as DocId),
                None => end = end.saturating_add(SOME),
            }
        }
    }

    /// Whether each of these documents goes on; what is behind the last doesn't.
    fn some(&self, begin: DocId) -> [bool; SOME as usize] {
        let mut goes_on = [false; SOME as usize];
        if let Some(values) = &self.0 {
            let count = values.num_vals().saturating_sub(begin).min(SOME);
            values.get_range(begin.into(), &mut goes_on[..count as usize]);
        }
        goes_on
    }
}

/// So many of them are looked at together: more than most pages have.
const SOME: DocId = 8;

/// The columns of an index. A segment in which no document has a value has no column.
pub struct Columns {
    segments: Vec<OfSegment>,
}

#[derive(Default)]
struct OfSegment {
    texts: [OnceLock<Option<StrColumn>>; 4],
    numbers: [OnceLock<Option<Column<u64>>>; 2],
    pages: OnceLock<Option<PageSpans>>,
    signatures: OnceLock<Option<BytesColumn>>,
    stored: OnceLock<Option<StoreReader>>,
}

/// Blocks of stored passages that are kept. A search reads some forty passages that seldom stand side by side; only who
/// reads all, one after the other, finds the next in the block of the last, and the first of its page in one before.
const BLOCKS: usize = 2;

impl Columns {
    pub fn of(segments: &[SegmentReader]) -> Columns {
        Columns { segments: segments.iter().map(|_| OfSegment::default()).collect() }
    }
}

impl super::Index {
    pub fn texts(&self, segment: u32, text: TextColumn) -> Result<Option<&StrColumn>> {
        let name = match text {
            TextColumn::Page => "page",
            TextColumn::Source => "source",
            TextColumn::Site => "site",
            TextColumn::Lang => "lang",
        };
        let kept = &self.columns.segments[segment as usize].texts[text as usize];
        opened(kept, || self.segment(segment).fast_fields().str(name))
    }

    pub fn numbers(&self, segment: u32, number: NumericColumn) -> Result<Option<&Column<u64>>> {
        let name = match number {
            NumericColumn::Day => "day",
            NumericColumn::Digest => "digest",
        };
        let kept = &self.columns.segments[segment as usize].numbers[number as usize];
        opened(kept, || self.segment(segment).fast_fields().column_opt(name))
    }

    pub fn signatures(&self, segment: u32) -> Result<Option<&BytesColumn>> {
        let kept = &self.columns.segments[segment as usize].signatures;
        opened(kept, || self.segment(segment).fast_fields().bytes("signature"))
    }

    /// What is stored of a document, as tantivy lays it down.
    pub fn stored_bytes(&self, address: DocAddress) -> Result<OwnedBytes> {
        let kept = &self.columns.segments[address.segment_ord as usize].stored;
        let open = || Ok(Some(self.segment(address.segment_ord).get_store_reader(BLOCKS)?));
        let store = opened(kept, open)?;
        Ok(store.map_or(Ok(OwnedBytes::empty()), |store| store.get_document_bytes(address.doc_id))?)
    }

    /// Which documents of a segment are of one page.
    pub fn page_spans(&self, segment: u32) -> Result<PageSpans> {
        let open = || {
            let column: Option<Column<bool>> = self.segment(segment).fast_fields().column_opt("goes_on")?;
            Ok(column.map(|column| PageSpans(Some(column.values))))
        };
        Ok(opened(&self.columns.segments[segment as usize].pages, open)?.cloned().unwrap_or_default())
    }

    /// A document's number; `None` where it has none.
    pub fn number(&self, address: DocAddress, number: NumericColumn) -> Result<Option<u64>> {
        Ok(self.numbers(address.segment_ord, number)?.and_then(|column| column.first(address.doc_id)))
    }

    /// The number of a document's text: in a segment texts are numbered in their order.
    pub fn text_number(&self, address: DocAddress, text: TextColumn) -> Result<Option<u64>> {
        Ok(self.texts(address.segment_ord, text)?.and_then(|column| column.term_ords(address.doc_id).next()))
    }

    /// A document's text; empty where it has none.
    pub fn text(&self, address: DocAddress, text: TextColumn) -> Result<String> {
        match self.text_number(address, text)? {
            Some(number) => self.numbered_text(address.segment_ord, text, number),
            None => Ok(String::new()),
        }
    }

    /// The text that has this number in a segment.
    pub fn numbered_text(&self, segment: u32, text: TextColumn, number: u64) -> Result<String> {
        let mut found = String::new();
        if let Some(column) = self.texts(segment, text)? {
            column.ord_to_str(number, &mut found).map_err(TantivyError::from)?;
        }
        Ok(found)
    }

    fn segment(&self, number: u32) -> &SegmentReader {
        self.searcher.segment_reader(number)
    }
}

fn opened<C>(kept: &OnceLock<Option<C>>, open: impl FnOnce() -> tantivy::Result<Option<C>>) -> Result<Option<&C>> {
    if let Some(column) = kept.get() {
        return Ok(column.as_ref());
    }
    let column = open()?;
    Ok(kept.get_or_init(|| column).as_ref())
}
