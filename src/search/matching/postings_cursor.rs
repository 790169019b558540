//! `PostingsCursor`: walks a term's posting list in a segment block by block.

use tantivy::postings::{BlockSegmentPostings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, InvertedIndexReader, SegmentReader, TERMINATED, TantivyError, Term};

use super::doc_window::DocWindow;
use crate::error::Result;

/// A position in a posting list. Unlike tantivy's `SegmentPostings`, it can visit a decoded block in runs.
#[derive(Clone)]
pub struct PostingsCursor {
    blocks: BlockSegmentPostings,
    /// The index of the current posting in the decoded block.
    index: usize,
}

impl PostingsCursor {
    /// `None` where the term doesn't occur.
    pub fn open(
        inverted: &InvertedIndexReader,
        term: &Term,
        option: IndexRecordOption,
    ) -> Result<Option<PostingsCursor>> {
        let blocks = inverted.read_block_postings(term, option).map_err(TantivyError::from)?;
        Ok(blocks.map(|blocks| PostingsCursor { blocks, index: 0 }))
    }

    /// Opens the posting list of each key that occurs in the segment, without frequencies.
    pub fn open_all(segment: &SegmentReader, field: Field, keys: &[String]) -> Result<Vec<PostingsCursor>> {
        let inverted = segment.inverted_index(field)?;
        let mut cursors = Vec::new();
        for key in keys {
            let term = Term::from_field_text(field, key);
            cursors.extend(PostingsCursor::open(&inverted, &term, IndexRecordOption::Basic)?);
        }
        Ok(cursors)
    }

    /// Number of documents with the term, including deleted ones.
    pub fn doc_freq(&self) -> usize {
        self.blocks.doc_freq() as usize
    }

    /// Whether the list stores term frequencies; otherwise each is 1.
    pub fn has_term_freqs(&self) -> bool {
        !self.blocks.freqs().is_empty()
    }

    /// The current document, or `TERMINATED`.
    pub fn doc(&self) -> DocId {
        self.blocks.docs().get(self.index).copied().unwrap_or(TERMINATED)
    }

    pub fn term_freq(&self) -> u32 {
        self.blocks.freq(self.index)
    }

    pub fn advance(&mut self) -> DocId {
        self.index += 1;
        if self.index >= self.blocks.block_len() {
            self.next_block();
        }
        self.doc()
    }

    /// Moves to the first document at or after `doc`; never moves back.
    #[inline(always)]
    pub fn seek(&mut self, doc: DocId) -> DocId {
        if self.doc() < doc {
            let unread = self.blocks.docs().get(self.index..).unwrap_or(&[]);
            match unread.last() {
                Some(last) if *last >= doc => self.index += unread.partition_point(|other| *other < doc),
                _ => self.index = self.blocks.seek(doc),
            }
        }
        self.doc()
    }

    /// Calls `visit` with ascending runs of all documents before `end`, and with their term frequencies. The slice of
    /// frequencies may be longer than the run; it is empty if the list doesn't store them. Moves to the first document
    /// at or after `end`.
    pub fn for_each_until(&mut self, end: DocId, mut visit: impl FnMut(&[DocId], &[u32])) {
        loop {
            let docs = self.blocks.docs().get(self.index..).unwrap_or(&[]);
            let Some(last) = docs.last() else {
                return;
            };
            let count = if *last < end { docs.len() } else { docs.partition_point(|doc| *doc < end) };
            visit(&docs[..count], self.blocks.freqs().get(self.index..).unwrap_or(&[]));
            self.index += count;
            if *last >= end {
                return;
            }
            self.next_block();
        }
    }

    /// Adds the documents of the list in a window's range to the window, and moves past its end.
    pub fn insert_into(&mut self, window: &mut DocWindow) {
        self.seek(window.begin());
        self.for_each_until(window.end(), |docs, _| window.insert_docs(docs));
    }

    fn next_block(&mut self) {
        if self.blocks.block_len() > 0 {
            self.blocks.advance();
        }
        self.index = 0;
    }
}

/// Opens tantivy's posting list of each key that occurs in the segment. Unlike a `PostingsCursor`, these can have
/// positions.
pub fn open_postings(
    segment: &SegmentReader,
    field: Field,
    keys: &[String],
    option: IndexRecordOption,
) -> Result<Vec<SegmentPostings>> {
    let inverted = segment.inverted_index(field)?;
    let mut lists = Vec::new();
    for key in keys {
        let term = Term::from_field_text(field, key);
        lists.extend(inverted.read_postings(&term, option).map_err(TantivyError::from)?);
    }
    Ok(lists)
}

/// The first document at or after `doc`. tantivy's own `seek` must not be called with a document that `docs` has
/// passed.
pub fn seek(docs: &mut (impl DocSet + ?Sized), doc: DocId) -> DocId {
    if docs.doc() < doc { docs.seek(doc) } else { docs.doc() }
}
