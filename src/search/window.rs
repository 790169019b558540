//! Given postings, which documents of a window are they in?
//!
//! Documents are looked at in windows: one list of postings after the other is read for as many, in long runs.

use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, InvertedIndexReader, TERMINATED, TantivyError, Term};

use crate::error::Result;

/// So many documents in a row; what is added up for them stays in the nearest memory.
pub const WINDOW: usize = 4096;

/// Some documents of a window.
#[derive(Clone)]
pub struct Window {
    begin: DocId,
    end: DocId,
    bits: [u64; WINDOW / 64],
}

impl Window {
    /// None of the documents from `begin` on, or to `max_doc`.
    pub fn none(begin: DocId, max_doc: DocId) -> Window {
        Window { begin, end: begin.saturating_add(WINDOW as u32).min(max_doc.max(begin)), bits: [0; WINDOW / 64] }
    }

    pub fn all(begin: DocId, max_doc: DocId) -> Window {
        let mut window = Window::none(begin, max_doc);
        let count = (window.end - begin) as usize;
        window.bits[..count / 64].fill(u64::MAX);
        if !count.is_multiple_of(64) {
            window.bits[count / 64] = (1 << (count % 64)) - 1;
        }
        window
    }

    /// The same documents, and none of them.
    pub fn emptied(&self) -> Window {
        Window { bits: [0; WINDOW / 64], ..*self }
    }

    pub fn begin(&self) -> DocId {
        self.begin
    }

    /// The first document behind it.
    pub fn end(&self) -> DocId {
        self.end
    }

    /// `place` is counted from the first document.
    pub fn add(&mut self, place: usize) {
        self.bits[place / 64] |= 1 << (place % 64);
    }

    /// Adds documents, all of which stand in it.
    pub fn add_all(&mut self, docs: &[DocId]) {
        docs.iter().for_each(|doc| self.add((doc - self.begin) as usize));
    }

    pub fn count(&self) -> usize {
        self.bits.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|bits| *bits == 0)
    }

    pub fn and(&mut self, other: &Window) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(bits, other)| *bits &= other);
    }

    pub fn or(&mut self, other: &Window) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(bits, other)| *bits |= other);
    }

    pub fn and_not(&mut self, other: &Window) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(bits, other)| *bits &= !other);
    }

    /// Drops the places for which `keeps` is `false`; asked in rising order.
    pub fn retain(&mut self, mut keeps: impl FnMut(usize) -> bool) {
        for (at, bits) in self.bits.iter_mut().enumerate() {
            let mut rest = *bits;
            let mut kept = 0;
            while rest != 0 {
                let bit = rest.trailing_zeros() as usize;
                kept |= u64::from(keeps(at * 64 + bit)) << bit;
                rest &= rest - 1;
            }
            *bits = kept;
        }
    }

    /// Calls `each` with the places that are in it, in rising order.
    pub fn each(&self, mut each: impl FnMut(usize)) {
        for (at, bits) in self.bits.iter().enumerate() {
            let mut rest = *bits;
            while rest != 0 {
                each(at * 64 + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }
}

/// The postings of a term in a segment, read block after block.
#[derive(Clone)]
pub struct Run {
    blocks: BlockSegmentPostings,
    at: usize,
}

impl Run {
    /// None where no document has the term.
    pub fn of(inverted: &InvertedIndexReader, term: &Term, option: IndexRecordOption) -> Result<Option<Run>> {
        let blocks = inverted.read_block_postings(term, option).map_err(TantivyError::from)?;
        Ok(blocks.map(|blocks| Run { blocks, at: 0 }))
    }

    /// How many documents have the term, deleted ones among them.
    pub fn count(&self) -> usize {
        self.blocks.doc_freq() as usize
    }

    /// Whether the postings tell how often the term stands where it does.
    pub fn has_frequencies(&self) -> bool {
        !self.blocks.freqs().is_empty()
    }

    pub fn doc(&self) -> DocId {
        self.blocks.docs().get(self.at).copied().unwrap_or(TERMINATED)
    }

    pub fn frequency(&self) -> u32 {
        self.blocks.freq(self.at)
    }

    pub fn advance(&mut self) -> DocId {
        self.at += 1;
        if self.at >= self.blocks.block_len() {
            self.next_block();
        }
        self.doc()
    }

    /// The first document from `doc` on.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        if self.doc() < doc {
            let rest = self.blocks.docs().get(self.at..).unwrap_or(&[]);
            match rest.last() {
                Some(last) if *last >= doc => self.at += rest.partition_point(|here| *here < doc),
                _ => self.at = self.blocks.seek(doc),
            }
        }
        self.doc()
    }

    /// Calls `each` with all documents before `end`, so many at a time, and how often the term stands in each, nothing where
    /// the postings don't tell; goes on to `end`.
    pub fn each_before(&mut self, end: DocId, mut each: impl FnMut(&[DocId], &[u32])) {
        loop {
            let docs = self.blocks.docs().get(self.at..).unwrap_or(&[]);
            let Some(last) = docs.last() else {
                return;
            };
            let count = if *last < end { docs.len() } else { docs.partition_point(|doc| *doc < end) };
            each(&docs[..count], self.blocks.freqs().get(self.at..).unwrap_or(&[]));
            self.at += count;
            if *last >= end {
                return;
            }
            self.next_block();
        }
    }

    /// Adds its documents in a window, and goes on to its end.
    pub fn add_to(&mut self, window: &mut Window) {
        self.seek(window.begin());
        self.each_before(window.end(), |docs, _| window.add_all(docs));
    }

    fn next_block(&mut self) {
        if self.blocks.block_len() > 0 {
            self.blocks.advance();
        }
        self.at = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_with_the_segment() {
        for (begin, max_doc, count) in [(0, 10, 10), (5, 64 + 5, 64), (100, 10_000, WINDOW), (7, 7, 0)] {
            let all = Window::all(begin, max_doc);
            assert_eq!((all.count(), all.end() - all.begin()), (count, count as u32));
            let mut places = Vec::new();
            all.each(|place| places.push(place));
            assert!(places.into_iter().eq(0..count));
            assert!(all.emptied().is_empty());
        }
    }

    #[test]
    fn windows_are_sets() {
        let of = |places: &[usize]| {
            let mut window = Window::none(0, 5000);
            places.iter().for_each(|place| window.add(*place));
            window
        };
        let mut window = of(&[1, 63, 64, 4095]);
        window.or(&of(&[2]));
        window.and(&of(&[1, 2, 64, 4095]));
        window.and_not(&of(&[64]));
        window.retain(|place| place != 1);
        let mut places = Vec::new();
        window.each(|place| places.push(place));
        assert_eq!(places, [2, 4095]);
    }
}
