//! `DocWindow`: a bit set of the doc ids in a window of 4,096.
//!
//! Documents are processed window by window. Within a window, the posting lists are read one after another, in long
//! runs.

use tantivy::DocId;

/// Number of doc ids in a window: few enough for their sums of upper bounds to fit into the L1 cache.
pub const WINDOW: usize = 4096;

/// A subset of the consecutive doc ids from `begin` to `end`. Positions count from `begin`.
#[derive(Clone)]
pub struct DocWindow {
    begin: DocId,
    end: DocId,
    bits: [u64; WINDOW / 64],
}

impl DocWindow {
    /// An empty window that begins at `begin` and ends at `max_doc` at the latest.
    pub fn empty(begin: DocId, max_doc: DocId) -> DocWindow {
        DocWindow { begin, end: begin.saturating_add(WINDOW as u32).min(max_doc.max(begin)), bits: [0; WINDOW / 64] }
    }

    /// Like `empty`, but with all doc ids of the window.
    pub fn full(begin: DocId, max_doc: DocId) -> DocWindow {
        let mut window = DocWindow::empty(begin, max_doc);
        let count = (window.end - begin) as usize;
        window.bits[..count / 64].fill(u64::MAX);
        if !count.is_multiple_of(64) {
            window.bits[count / 64] = (1 << (count % 64)) - 1;
        }
        window
    }

    /// An empty window over the same doc ids.
    pub fn emptied(&self) -> DocWindow {
        DocWindow { bits: [0; WINDOW / 64], ..*self }
    }

    pub fn begin(&self) -> DocId {
        self.begin
    }

    /// The doc id after the last one.
    pub fn end(&self) -> DocId {
        self.end
    }

    pub fn insert(&mut self, position: usize) {
        self.bits[position / 64] |= 1 << (position % 64);
    }

    /// Inserts doc ids, all of which must be in the window.
    pub fn insert_docs(&mut self, docs: &[DocId]) {
        docs.iter().for_each(|doc| self.insert((doc - self.begin) as usize));
    }

    pub fn len(&self) -> usize {
        self.bits.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|bits| *bits == 0)
    }

    pub fn and(&mut self, other: &DocWindow) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(bits, other)| *bits &= other);
    }

    pub fn or(&mut self, other: &DocWindow) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(bits, other)| *bits |= other);
    }

    pub fn and_not(&mut self, other: &DocWindow) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(bits, other)| *bits &= !other);
    }

    /// Removes the positions for which `keep` returns `false`; calls it in ascending order.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        for (word, bits) in self.bits.iter_mut().enumerate() {
            let mut unvisited = *bits;
            let mut kept = 0;
            while unvisited != 0 {
                let bit = unvisited.trailing_zeros() as usize;
                kept |= u64::from(keep(word * 64 + bit)) << bit;
                unvisited &= unvisited - 1;
            }
            *bits = kept;
        }
    }

    /// The first position at or after `from`.
    pub fn first_from(&self, from: usize) -> Option<usize> {
        let mut word = from / 64;
        let mut bits = self.bits.get(word)? & (u64::MAX << (from % 64));
        while bits == 0 {
            word += 1;
            bits = *self.bits.get(word)?;
        }
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    /// Calls `visit` with every position in ascending order.
    pub fn for_each(&self, mut visit: impl FnMut(usize)) {
        for (word, bits) in self.bits.iter().enumerate() {
            let mut unvisited = *bits;
            while unvisited != 0 {
                visit(word * 64 + unvisited.trailing_zeros() as usize);
                unvisited &= unvisited - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(window: &DocWindow) -> Vec<usize> {
        let mut positions = Vec::new();
        window.for_each(|position| positions.push(position));
        positions
    }

    #[test]
    fn a_window_ends_with_the_segment() {
        for (begin, max_doc, count) in [(0, 10, 10), (5, 64 + 5, 64), (100, 10_000, WINDOW), (7, 7, 0)] {
            let full = DocWindow::full(begin, max_doc);
            assert_eq!((full.len(), full.end() - full.begin()), (count, count as u32));
            assert!(positions(&full).into_iter().eq(0..count));
            assert!(full.emptied().is_empty());
        }
    }

    #[test]
    fn set_operations() {
        let of = |positions: &[usize]| {
            let mut window = DocWindow::empty(0, 5000);
            positions.iter().for_each(|position| window.insert(*position));
            window
        };
        let mut window = of(&[1, 63, 64, 4095]);
        window.or(&of(&[2]));
        window.and(&of(&[1, 2, 64, 4095]));
        window.and_not(&of(&[64]));
        window.retain(|position| position != 1);
        assert_eq!(positions(&window), [2, 4095]);
        let first = [0, 2, 3, 4095, 4096, 9999].map(|from| window.first_from(from));
        assert_eq!(first, [Some(2), Some(2), Some(4095), Some(4095), None, None]);
    }
}
