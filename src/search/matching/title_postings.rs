//! `TitlePostings`: expands a title term's posting list, which contains only the first passage of each page, to all
//! passages of these pages.
//!
//! A title is indexed with the first passage of its page, and the other passages follow it. The page's boilerplate
//! document may also follow. It is not excluded here, since no other signal or constraint of a content search matches
//! it.

use std::ops::Range;

use tantivy::{DocId, TERMINATED};

use super::postings_cursor::PostingsCursor;
use crate::index::PageSpans;

/// The passages of pages whose title contains a term, in ascending order.
#[derive(Clone)]
pub struct TitlePostings {
    /// First passages.
    postings: PostingsCursor,
    pages: PageSpans,
    doc: DocId,
    /// The document after the current page.
    page_end: DocId,
}

impl TitlePostings {
    pub fn new(postings: PostingsCursor, pages: PageSpans) -> TitlePostings {
        let mut titles = TitlePostings { postings, pages, doc: 0, page_end: 0 };
        titles.enter_page();
        titles
    }

    pub fn doc(&self) -> DocId {
        self.doc
    }

    pub fn advance(&mut self) -> DocId {
        self.doc = self.doc.saturating_add(1);
        if self.doc >= self.page_end {
            self.postings.advance();
            self.enter_page();
        }
        self.doc
    }

    /// Moves to the first document at or after `doc`; never moves back.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        if doc >= self.page_end && self.doc < TERMINATED {
            self.postings.seek(self.pages.first(doc));
            self.enter_page();
            // At most one iteration, and only in a damaged index, where a posting names a passage that is not the
            // first.
            while self.page_end <= doc && self.doc < TERMINATED {
                self.postings.advance();
                self.enter_page();
            }
        }
        self.doc = self.doc.max(doc);
        self.doc
    }

    /// How often the term occurs in the title.
    pub fn term_freq(&self) -> u32 {
        self.postings.term_freq()
    }

    /// Number of pages, not passages, including deleted ones.
    pub fn page_freq(&self) -> usize {
        self.postings.doc_freq()
    }

    /// Calls `visit` with the passages before `end`, one range for each page, and the term frequency in its title.
    /// Moves to the first document at or after `end`.
    pub fn for_each_until(&mut self, end: DocId, mut visit: impl FnMut(Range<DocId>, u32)) {
        while self.doc < end {
            visit(self.doc..self.page_end.min(end), self.term_freq());
            self.doc = self.page_end.min(end);
            if self.doc == self.page_end {
                self.postings.advance();
                self.enter_page();
            }
        }
    }

    /// Moves to the page of the current posting.
    fn enter_page(&mut self) {
        self.doc = self.postings.doc();
        self.page_end = if self.doc < TERMINATED { self.pages.end(self.doc) } else { TERMINATED };
    }
}
