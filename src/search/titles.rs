//! Given where a word stands in titles, which passages have such a title?
//!
//! A title is indexed with the first passage of its page. The others stand behind it, each with its place, so a passage and
//! its place tell which document that is. What was dropped of a page may stand behind them as if it were one more; nothing
//! that content is searched for finds that.

use std::ops::Range;

use tantivy::columnar::Column;
use tantivy::{DocId, TERMINATED};

use super::window::Run;

/// The passages under a title that holds a term, in the order of documents.
#[derive(Clone)]
pub struct Titled {
    /// The first passages.
    firsts: Run,
    /// The place of each passage in its page.
    places: Column<u64>,
    max_doc: DocId,
    doc: DocId,
    /// Behind the last passage of the page.
    end: DocId,
}

impl Titled {
    pub fn new(firsts: Run, places: Column<u64>, max_doc: DocId) -> Titled {
        let mut titled = Titled { firsts, places, max_doc, doc: 0, end: 0 };
        titled.enter();
        titled
    }

    pub fn doc(&self) -> DocId {
        self.doc
    }

    pub fn advance(&mut self) -> DocId {
        self.doc = self.doc.saturating_add(1);
        if self.doc >= self.end {
            self.firsts.advance();
            self.enter();
        }
        self.doc
    }

    /// The first document from `doc` on.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        if doc >= self.end && self.doc < TERMINATED {
            let first = doc.saturating_sub(self.place(doc).unwrap_or(0));
            self.firsts.seek(first);
            self.enter();
            // Usually none: more where what `doc` would stand behind is gone.
            while self.end <= doc && self.doc < TERMINATED {
                self.firsts.advance();
                self.enter();
            }
        }
        self.doc = self.doc.max(doc.min(TERMINATED));
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

    /// Calls `each` with the passages of a page that stand before `end`, as a range, and how often the term stands in its
    /// title; goes on to `end`.
    pub fn each_before(&mut self, end: DocId, mut each: impl FnMut(Range<DocId>, u32)) {
        while self.doc < end {
            each(self.doc..self.end.min(end), self.frequency());
            self.doc = self.end.min(end);
            if self.doc == self.end {
                self.firsts.advance();
                self.enter();
            }
        }
    }

    fn place(&self, doc: DocId) -> Option<u32> {
        if doc < self.max_doc { self.places.first(doc).map(|place| place as u32) } else { None }
    }

    /// Goes to the page whose first passage comes next.
    fn enter(&mut self) {
        self.doc = self.firsts.doc();
        if self.doc == TERMINATED {
            self.end = TERMINATED;
            return;
        }
        // Passages of a page have rising places, so that the last of them can be found by halves.
        let first = self.doc;
        let is_under = |doc: DocId| self.place(doc) == Some(doc - first);
        let mut step = 1;
        while is_under(first.saturating_add(step)) {
            step *= 2;
        }
        let (mut last, mut beyond) = (first.saturating_add(step / 2), first.saturating_add(step));
        while beyond - last > 1 {
            let middle = last + (beyond - last) / 2;
            if is_under(middle) {
                last = middle;
            } else {
                beyond = middle;
            }
        }
        self.end = beyond;
    }
}
