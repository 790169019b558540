//! `Cursor`: one interface to the posting lists of terms, titles and phrases.

use tantivy::query::{EnableScoring, Scorer};
use tantivy::{DocId, DocSet, SegmentReader};

use super::postings_cursor::{PostingsCursor, seek};
use super::title_postings::TitlePostings;
use crate::error::Result;
use crate::query::phrase_query;
use crate::search::scope::SearchScope;

/// The documents of a segment in which a term or phrase occurs, in ascending order.
pub enum Cursor {
    Term(Box<PostingsCursor>),
    Title(Box<TitlePostings>),
    Phrase(Box<dyn Scorer>),
}

impl Cursor {
    pub fn doc(&self) -> DocId {
        match self {
            Cursor::Term(postings) => postings.doc(),
            Cursor::Title(titles) => titles.doc(),
            Cursor::Phrase(docs) => docs.doc(),
        }
    }

    pub fn advance(&mut self) -> DocId {
        match self {
            Cursor::Term(postings) => postings.advance(),
            Cursor::Title(titles) => titles.advance(),
            Cursor::Phrase(docs) => docs.advance(),
        }
    }

    /// Moves to the first document at or after `doc`; never moves back.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        match self {
            Cursor::Term(postings) => postings.seek(doc),
            Cursor::Title(titles) => titles.seek(doc),
            Cursor::Phrase(docs) => seek(docs.as_mut(), doc),
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
            Cursor::Phrase(docs) => {
                while docs.doc() < end {
                    visit(&[docs.doc()], &[1]);
                    docs.advance();
                }
            }
        }
    }

    /// A copy at the same position; `None` for a phrase, which must be opened again.
    pub fn try_clone(&self) -> Option<Cursor> {
        match self {
            Cursor::Term(postings) => Some(Cursor::Term(postings.clone())),
            Cursor::Title(titles) => Some(Cursor::Title(titles.clone())),
            Cursor::Phrase(_) => None,
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
            Cursor::Phrase(docs) => docs.size_hint() as usize,
        }
    }
}

/// Returns the documents of a segment that contain a phrase. `lemmas` has, for each word, its offset in the phrase and
/// its possible lemmas.
pub fn phrase_scorer(
    scope: &SearchScope,
    segment: &SegmentReader,
    lemmas: &[(usize, Vec<String>)],
) -> Result<Box<dyn Scorer>> {
    let unscored = EnableScoring::disabled_from_searcher(&scope.index.searcher);
    Ok(phrase_query(lemmas, &scope.fields).weight(unscored)?.scorer(segment, 1.0)?)
}
