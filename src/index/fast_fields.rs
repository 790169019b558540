//! Fast fields of documents by doc id: page, source, site, language, day, MinHash.
//!
//! A column is opened when it is first read, because opening one takes longer than reading a value from it.

use std::sync::{Arc, OnceLock};

use tantivy::columnar::{BytesColumn, Column, ColumnValues, StrColumn};
use tantivy::{DocAddress, DocId, Searcher, SegmentReader, TantivyError};

use crate::error::Result;

/// Columns of text, named after their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextColumn {
    Page,
    Source,
    Site,
    Lang,
}

/// Columns of numbers, named after their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumericColumn {
    Day,
    CoarseMinHash,
}

/// Maps a doc id to the range of documents of its page, which are adjacent. It reads the column `continues_page`, one
/// bit per document, because merely reading the header of a large numeric column is slow.
#[derive(Clone, Default)]
pub struct PageSpans(Option<Arc<dyn ColumnValues<bool>>>);

impl PageSpans {
    /// The first document of the page that `doc` belongs to.
    pub fn first(&self, doc: DocId) -> DocId {
        let mut end = doc.saturating_add(1);
        while end > 0 {
            let start = end.saturating_sub(BLOCK_DOCS);
            let block = self.continues_page(start);
            let continues_page = &block[..(end - start) as usize];
            if let Some(offset) = continues_page.iter().rposition(|continues| !continues) {
                return start + offset as DocId;
            }
            end = start;
        }
        0
    }

    /// One past the last document of the page. If the page has boilerplate, its document is the last.
    pub fn end(&self, doc: DocId) -> DocId {
        let mut end = doc.saturating_add(1);
        loop {
            match self.continues_page(end).iter().position(|continues| !continues) {
                Some(offset) => return end.saturating_add(offset as DocId),
                None => end = end.saturating_add(BLOCK_DOCS),
            }
        }
    }

    /// The bits of `BLOCK_DOCS` documents from `start`; false past the last document.
    fn continues_page(&self, start: DocId) -> [bool; BLOCK_DOCS as usize] {
        let mut bits = [false; BLOCK_DOCS as usize];
        if let Some(values) = &self.0 {
            let count = values.num_vals().saturating_sub(start).min(BLOCK_DOCS);
            values.get_range(start.into(), &mut bits[..count as usize]);
        }
        bits
    }
}

/// The number of documents whose bits are read at a time. Most pages have fewer documents.
const BLOCK_DOCS: DocId = 8;

/// The fast fields of all segments of an index, by segment ordinal. A segment in which no document has a value has no
/// column.
pub struct FastFields {
    searcher: Searcher,
    segments: Vec<SegmentColumns>,
}

/// The columns of one segment that have been opened; `None` for a column that the segment doesn't have.
#[derive(Default)]
struct SegmentColumns {
    page: OnceLock<Option<StrColumn>>,
    source: OnceLock<Option<StrColumn>>,
    site: OnceLock<Option<StrColumn>>,
    lang: OnceLock<Option<StrColumn>>,
    day: OnceLock<Option<Column<u64>>>,
    coarse_minhash: OnceLock<Option<Column<u64>>>,
    minhash: OnceLock<Option<BytesColumn>>,
    page_spans: OnceLock<Option<PageSpans>>,
}

impl FastFields {
    pub fn new(searcher: Searcher) -> FastFields {
        let segments = searcher.segment_readers().iter().map(|_| SegmentColumns::default()).collect();
        FastFields { searcher, segments }
    }

    pub fn text_column(&self, segment: u32, column: TextColumn) -> Result<Option<&StrColumn>> {
        let columns = &self.segments[segment as usize];
        let (cell, name) = match column {
            TextColumn::Page => (&columns.page, "page"),
            TextColumn::Source => (&columns.source, "source"),
            TextColumn::Site => (&columns.site, "site"),
            TextColumn::Lang => (&columns.lang, "lang"),
        };
        open_once(cell, || self.reader(segment).fast_fields().str(name))
    }

    pub fn numeric_column(&self, segment: u32, column: NumericColumn) -> Result<Option<&Column<u64>>> {
        let columns = &self.segments[segment as usize];
        let (cell, name) = match column {
            NumericColumn::Day => (&columns.day, "day"),
            NumericColumn::CoarseMinHash => (&columns.coarse_minhash, "coarse_minhash"),
        };
        open_once(cell, || self.reader(segment).fast_fields().column_opt(name))
    }

    pub fn minhash_column(&self, segment: u32) -> Result<Option<&BytesColumn>> {
        let cell = &self.segments[segment as usize].minhash;
        open_once(cell, || self.reader(segment).fast_fields().bytes("minhash"))
    }

    pub fn page_spans(&self, segment: u32) -> Result<PageSpans> {
        let open = || {
            let column: Option<Column<bool>> = self.reader(segment).fast_fields().column_opt("continues_page")?;
            Ok(column.map(|column| PageSpans(Some(column.values))))
        };
        Ok(open_once(&self.segments[segment as usize].page_spans, open)?.cloned().unwrap_or_default())
    }

    /// A document's value in a numeric column; `None` if it has none.
    pub fn number(&self, address: DocAddress, column: NumericColumn) -> Result<Option<u64>> {
        Ok(self.numeric_column(address.segment_ord, column)?.and_then(|column| column.first(address.doc_id)))
    }

    /// The ordinal of a document's text among the texts of its segment, which are sorted; `None` if it has no text.
    pub fn text_ordinal(&self, address: DocAddress, column: TextColumn) -> Result<Option<u64>> {
        Ok(self.text_column(address.segment_ord, column)?.and_then(|column| column.term_ords(address.doc_id).next()))
    }

    /// A document's text; empty if it has none.
    pub fn text(&self, address: DocAddress, column: TextColumn) -> Result<String> {
        match self.text_ordinal(address, column)? {
            Some(ordinal) => self.text_of_ordinal(address.segment_ord, column, ordinal),
            None => Ok(String::new()),
        }
    }

    /// The text that has this ordinal in a segment.
    pub fn text_of_ordinal(&self, segment: u32, column: TextColumn, ordinal: u64) -> Result<String> {
        let mut text = String::new();
        if let Some(column) = self.text_column(segment, column)? {
            column.ord_to_str(ordinal, &mut text).map_err(TantivyError::from)?;
        }
        Ok(text)
    }

    fn reader(&self, segment: u32) -> &SegmentReader {
        self.searcher.segment_reader(segment)
    }
}

/// Returns the column in `cell`, opening it on the first call.
fn open_once<C>(cell: &OnceLock<Option<C>>, open: impl FnOnce() -> tantivy::Result<Option<C>>) -> Result<Option<&C>> {
    if let Some(column) = cell.get() {
        return Ok(column.as_ref());
    }
    let column = open()?;
    Ok(cell.get_or_init(|| column).as_ref())
}
