//! Given where a word stands in titles, which passages have such a title?
//!
//! A title is indexed with the first passage of its page; the others stand behind it. What was dropped of a page may stand
//! there, too; nothing that content is searched for finds that.

use std::ops::Range;

use tantivy::{DocId, TERMINATED};

use super::window::Run;
use crate::index::PageSpans;

/// The passages under a title that holds a term, in the order of documents.
#[derive(Clone)]
pub struct Titled {
    /// The first passages.
    firsts: Run,
    pages: PageSpans,
    doc: DocId,
    /// Behind the last passage of the page.
    end: DocId,
}

impl Titled {
    pub fn new(firsts: Run, pages: PageSpans) -> Titled {
        let mut titled = Titled { firsts, pages, doc: 0, end: 0 };
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
            self.firsts.seek(self.pages.first(doc));
            self.enter();
            // Once where a title stands elsewhere than in a first passage.
            while self.end <= doc && self.doc < TERMINATED {
                self.firsts.advance();
                self.enter();
            }
        }
        self.doc = self.doc.max(doc);
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

    /// Goes to the page whose first passage comes next.
    fn enter(&mut self) {
        self.doc = self.firsts.doc();
        self.end = if self.doc < TERMINATED { self.pages.end(self.doc) } else { TERMINATED };
    }
}
