//! Search scopes: the content of pages or their boilerplate, each with its fields and collection statistics.

use tantivy::SegmentReader;

use super::interrupt::{NEVER, StopCheck};
use crate::index::{Fields, Index};

/// The fields that a search reads, and their statistics for BM25.
#[derive(Clone, Copy)]
pub struct SearchScope<'a> {
    pub index: &'a Index,
    pub fields: Fields,
    /// Number of documents, for idf.
    pub doc_count: u64,
    /// In words; `None` where BM25 ignores lengths.
    pub average_length: Option<f64>,
    /// Whether the documents are passages of content. Boilerplate has no title, no heading and no page score.
    pub is_content: bool,
    /// Whether to stop early.
    pub stop: &'a StopCheck<'a>,
}

impl<'a> SearchScope<'a> {
    pub fn content(index: &'a Index) -> SearchScope<'a> {
        let average_length = Some(index.words.max(1) as f64 / index.passages.max(1) as f64);
        SearchScope {
            index,
            fields: index.fields,
            doc_count: index.passages,
            average_length,
            is_content: true,
            stop: &NEVER,
        }
    }

    /// One document per page: all its boilerplate. The length of a menu says nothing about its relevance, so lengths
    /// are ignored.
    pub fn boilerplate(index: &'a Index) -> SearchScope<'a> {
        let doc_count = index.searcher.num_docs().saturating_sub(index.passages + index.copies);
        SearchScope {
            index,
            fields: index.fields.of_boilerplate(),
            doc_count,
            average_length: None,
            is_content: false,
            stop: &NEVER,
        }
    }

    pub fn segments(&self) -> &'a [SegmentReader] {
        self.index.searcher.segment_readers()
    }

    pub fn segment(&self, segment_ord: u32) -> &'a SegmentReader {
        self.index.searcher.segment_reader(segment_ord)
    }
}
