//! `WeightedCursor`: a cursor with the weight of its BM25 score.

use tantivy::DocId;

use super::cursor::Cursor;

/// A cursor of a signal, with the weight of its BM25 score: the product of idf, signal weight and k1 + 1.
#[derive(Clone)]
pub struct WeightedCursor {
    /// The cursor's document. Cached here, since a signal can have hundreds of cursors, and few of them have a document
    /// in a given window.
    doc: DocId,
    pub weight: f64,
    cursor: Cursor,
}

impl WeightedCursor {
    pub fn new(cursor: Cursor, weight: f64) -> WeightedCursor {
        WeightedCursor { doc: cursor.doc(), weight, cursor }
    }

    /// Moves to the first document at or after `doc`; never moves back.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        if self.doc < doc {
            self.doc = self.cursor.seek(doc);
        }
        self.doc
    }

    pub fn term_freq(&self) -> u32 {
        self.cursor.term_freq()
    }

    /// See `Cursor::max_term_freq`.
    pub fn max_term_freq(&self) -> Option<u32> {
        self.cursor.max_term_freq()
    }

    /// See `Cursor::estimated_doc_freq`.
    pub fn estimated_doc_freq(&self, passages_per_page: usize) -> usize {
        self.cursor.estimated_doc_freq(passages_per_page)
    }

    /// See `Cursor::for_each_until`.
    pub fn for_each_until(&mut self, end: DocId, visit: impl FnMut(&[DocId], &[u32])) {
        if self.doc < end {
            self.cursor.for_each_until(end, visit);
            self.doc = self.cursor.doc();
        }
    }
}
