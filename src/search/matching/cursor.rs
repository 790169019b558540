//! `Cursor`: one interface to the posting lists of terms, titles and phrases.

use tantivy::DocId;

use super::phrase_cursor::PhraseCursor;
use super::postings_cursor::PostingsCursor;
use super::title_postings::TitlePostings;

/// The documents of a segment in which a term or phrase occurs, in ascending order.
#[derive(Clone)]
pub enum Cursor {
    Term(Box<PostingsCursor>),
    Title(Box<TitlePostings>),
    Phrase(Box<PhraseCursor>),
}

impl Cursor {
    pub fn doc(&self) -> DocId {
        match self {
            Cursor::Term(postings) => postings.doc(),
            Cursor::Title(titles) => titles.doc(),
            Cursor::Phrase(phrase) => phrase.doc(),
        }
    }

    pub fn advance(&mut self) -> DocId {
        match self {
            Cursor::Term(postings) => postings.advance(),
            Cursor::Title(titles) => titles.advance(),
            Cursor::Phrase(phrase) => phrase.advance(),
        }
    }

    /// Moves to the first document at or after `doc`; never moves back.
    #[inline(always)]
    pub fn seek(&mut self, doc: DocId) -> DocId {
        match self {
            Cursor::Term(postings) => postings.seek(doc),
            Cursor::Title(titles) => titles.seek(doc),
            Cursor::Phrase(phrase) => phrase.seek(doc),
        }
    }

    /// The number of occurrences in the current document. Always 1 for a phrase: a synonym of several words seldom
    /// occurs twice.
    pub fn term_freq(&self) -> u32 {
        match self {
            Cursor::Term(postings) => postings.term_freq(),
            Cursor::Title(titles) => titles.term_freq(),
            Cursor::Phrase(_) => 1,
        }
    }

    /// Calls `visit` with all documents before `end` in ascending runs, each with a slice of their term frequencies: at
    /// least as long as the run, or empty if all frequencies are 1. Moves to the first document at or after `end`.
    pub fn for_each_until(&mut self, end: DocId, mut visit: impl FnMut(&[DocId], &[u32])) {
        match self {
            Cursor::Term(postings) => postings.for_each_until(end, visit),
            Cursor::Title(titles) => titles.for_each_until(end, |mut docs, term_freq| {
                while !docs.is_empty() {
                    let run: [DocId; 16] = std::array::from_fn(|index| docs.start + index as DocId);
                    let count = docs.len().min(run.len());
                    visit(&run[..count], &[term_freq; 16][..count]);
                    docs.start += count as DocId;
                }
            }),
            Cursor::Phrase(phrase) => {
                while phrase.doc() < end {
                    visit(&[phrase.doc()], &[1]);
                    phrase.advance();
                }
            }
        }
    }

    /// The highest term frequency, where it is known without reading the list.
    pub fn max_term_freq(&self) -> Option<u32> {
        match self {
            Cursor::Term(postings) => (!postings.has_term_freqs()).then_some(1),
            Cursor::Title(_) => None,
            Cursor::Phrase(_) => Some(1),
        }
    }

    /// The approximate number of documents.
    pub fn estimated_doc_freq(&self, passages_per_page: usize) -> usize {
        match self {
            Cursor::Term(postings) => postings.doc_freq(),
            Cursor::Title(titles) => titles.page_freq() * passages_per_page,
            Cursor::Phrase(phrase) => phrase.max_doc_freq(),
        }
    }
}
