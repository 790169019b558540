//! Given where a word stands in titles, which passages have such a title?
//!
//! A title is indexed with the first passage of its page. The others stand behind it, each with its place, so a passage and
//! its place tell which document that is. What was dropped of a page may stand behind them as if it were one more; nothing
//! that content is searched for finds that.

use tantivy::columnar::Column;
use tantivy::{DocId, TERMINATED};

use super::window::Run;

/// The passages under a title that holds a term, in the order of documents.
pub struct Titled {
    /// The first passages.
    firsts: Run,
    /// The place of each passage in its page.
    places: Column<u64>,
    max_doc: DocId,
    doc: DocId,
}

impl Titled {
    pub fn new(firsts: Run, places: Column<u64>, max_doc: DocId) -> Titled {
        Titled { doc: firsts.doc(), firsts, places, max_doc }
    }

    pub fn doc(&self) -> DocId {
        self.doc
    }

    pub fn advance(&mut self) -> DocId {
        let next = self.doc.saturating_add(1);
        self.doc = if self.is_under(self.firsts.doc(), next) { next } else { self.firsts.advance() };
        self.doc
    }

    /// The first document from `doc` on.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        if self.doc >= doc {
            return self.doc;
        }
        let place = self.place(doc).unwrap_or(0);
        if self.firsts.doc().saturating_add(place) != doc {
            self.firsts.seek(doc.saturating_sub(place));
        }
        // Usually one step: more where what `doc` would stand behind is gone.
        while self.firsts.doc() < doc && !self.is_under(self.firsts.doc(), doc) {
            self.firsts.advance();
        }
        self.doc = self.firsts.doc().max(doc);
        if self.firsts.doc() == TERMINATED {
            self.doc = TERMINATED;
        }
        self.doc
    }

    /// How often the term stands in the title.
    pub fn frequency(&self) -> u32 {
        self.firsts.frequency()
    }

    /// Pages, not passages.
    pub fn count(&self) -> usize {
        self.firsts.count()
    }

    fn place(&self, doc: DocId) -> Option<u32> {
        if doc < self.max_doc { self.places.first(doc).map(|place| place as u32) } else { None }
    }

    /// Whether the document stands where passages of the page do that begins with `first`.
    fn is_under(&self, first: DocId, doc: DocId) -> bool {
        first < doc && self.place(doc) == Some(doc - first)
    }
}
