//! Upper bounds of scores: adds up, in integers, the most that each document of a window can score.
//!
//! The bound of a posting is looked up by its term frequency and the length of its document. That is a third of the
//! work of computing a score, and for most documents nothing else needs to be computed.

use tantivy::directory::OwnedBytes;
use tantivy::{DocId, TERMINATED};

use super::bm25::{LengthNorms, saturation};
use crate::search::matching::{DocWindow, WINDOW, WeightedCursor};

/// The posting lists of a signal in a segment, with a table of quantized upper bounds for each.
pub struct BoundSource {
    cursors: Vec<WeightedCursor>,
    /// The fieldnorm id of each document; `None` where every text is assumed to be the shortest.
    lengths: Option<OwnedBytes>,
    /// The length norm of the shortest text.
    shortest_norm: f64,
    /// One for each cursor, filled by `BoundAccumulator::new`.
    tables: Vec<BoundTable>,
}

/// Quantized upper bounds by length bucket and term frequency.
type BoundTable = [u16; TABLE_LEN];

/// A length bucket covers two of tantivy's fieldnorm ids. The last bucket also covers all longer texts, though no
/// passage is that long; its bound is computed for the shortest text in it.
const LENGTH_BUCKETS: usize = 64;
const IDS_PER_BUCKET: usize = 2;
/// The number of entries by term frequency: 1 to 7, and one entry for all higher frequencies, at which a term is taken
/// to score its full weight.
const FREQUENCIES: usize = 8;
const TABLE_LEN: usize = LENGTH_BUCKETS * FREQUENCIES;
/// With more cursors, filling their tables by length takes more time than the tighter bounds save. Other limits were
/// not measured.
const MAX_CURSORS_WITH_LENGTHS: usize = 4;

impl BoundSource {
    /// `lengths` contains the fieldnorm id of each document in the segment, if BM25 uses lengths for the signal.
    pub fn new(cursors: Vec<WeightedCursor>, lengths: Option<OwnedBytes>, shortest_norm: f64) -> BoundSource {
        let lengths = lengths.filter(|_| cursors.len() <= MAX_CURSORS_WITH_LENGTHS);
        BoundSource { cursors, lengths, shortest_norm, tables: Vec::new() }
    }

    pub fn has_lengths(&self) -> bool {
        self.lengths.is_some()
    }

    fn max_weight(&self) -> f64 {
        self.cursors.iter().map(|cursor| cursor.weight).fold(0.0, f64::max)
    }

    /// The first document at or after `from` in any of the lists.
    pub fn seek(&mut self, from: DocId) -> DocId {
        self.cursors.iter_mut().map(|cursor| cursor.seek(from)).min().unwrap_or(TERMINATED)
    }

    /// Inserts the documents of a window that are in any of the lists.
    pub fn insert_into(&mut self, window: &mut DocWindow) {
        for cursor in &mut self.cursors {
            cursor.seek(window.begin());
            cursor.for_each_until(window.end(), |docs, _| window.insert_docs(docs));
        }
    }
}

/// The upper bounds of the documents of a window.
pub struct BoundAccumulator {
    /// Quantized bound of a score of 1.
    scale: f64,
    /// For each document, the sum of its quantized bounds in the low 16 bits, and above them a bit for each signal that
    /// occurs in it (see `signal_bit`).
    cells: Box<[u32; WINDOW]>,
    /// For each document, the highest bound among the cursors of the current signal, if it has several.
    best: Box<[u16; WINDOW]>,
    /// The runs of 64 documents that have a cell other than 0.
    dirty_runs: u64,
}

/// Added to every quantized bound: more than is lost by quantization and single precision.
const ROUNDING: u16 = 4;

impl BoundAccumulator {
    /// Fills the bound tables of all signals of a query in a segment.
    pub fn new<'a>(sources: impl Iterator<Item = &'a mut BoundSource>, length_norms: &LengthNorms) -> BoundAccumulator {
        let sources: Vec<&mut BoundSource> = sources.collect();
        let max_sum: f64 = sources.iter().map(|source| source.max_weight()).sum();
        // Scaled so that no sum exceeds 16 bits. The number of words in a query is limited, so the reserve for rounding
        // is far below that.
        let reserve = sources.len() * usize::from(ROUNDING);
        debug_assert!(reserve < usize::from(u16::MAX), "{} signals leave no room for bounds", sources.len());
        let max_quantized = usize::from(u16::MAX).saturating_sub(reserve).max(1);
        let scale = max_quantized as f64 / max_sum.max(f64::MIN_POSITIVE);
        let max_saturation = |index: usize, norm: f64| match index % FREQUENCIES + 1 {
            FREQUENCIES => 1.0,
            term_freq => saturation(term_freq, norm),
        };
        let by_length: [f32; TABLE_LEN] =
            std::array::from_fn(|index| max_saturation(index, length_norms[index / FREQUENCIES * IDS_PER_BUCKET]));
        for BoundSource { cursors, lengths, shortest_norm, tables } in sources {
            let of_shortest: [f32; FREQUENCIES] = std::array::from_fn(|index| max_saturation(index, *shortest_norm));
            let saturations = if lengths.is_some() { &by_length[..] } else { &of_shortest[..] };
            let quantized = |cursor: &WeightedCursor| {
                let weight = (cursor.weight * scale) as f32;
                let mut table = [0; TABLE_LEN];
                for (bound, saturation) in table.iter_mut().zip(saturations) {
                    *bound = (saturation * weight) as u16 + ROUNDING;
                }
                table
            };
            *tables = cursors.iter().map(quantized).collect();
        }
        BoundAccumulator { scale, cells: Box::new([0; WINDOW]), best: Box::new([0; WINDOW]), dirty_runs: 0 }
    }

    /// Adds up the bounds of the signals, each given with its number, and inserts into `window` the documents whose
    /// bound reaches `threshold`.
    pub fn accumulate<'a>(
        &mut self,
        sources: impl Iterator<Item = (usize, &'a mut BoundSource)>,
        threshold: f64,
        window: &mut DocWindow,
    ) {
        // The cast saturates: a threshold that doesn't fit into 16 bits becomes `u16::MAX`, which only the highest sum
        // reaches.
        let threshold = (threshold * self.scale) as u16;
        let BoundAccumulator { cells, best, dirty_runs, .. } = self;
        clear(cells, std::mem::take(dirty_runs));
        let (begin, end) = (window.begin(), window.end());
        for (signal, BoundSource { cursors, lengths, tables, .. }) in sources {
            let mut best = (cursors.len() > 1).then_some(&mut **best);
            let lengths = lengths.as_ref().map(|lengths| &lengths[begin as usize..]);
            let signal_bit = signal_bit(signal);
            for (cursor, table) in cursors.iter_mut().zip(tables) {
                cursor.seek(begin);
                cursor.for_each_until(end, |docs, term_freqs| {
                    let best = best.as_deref_mut();
                    let postings = RunAdder { begin, threshold, signal_bit, table, cells, best, window };
                    postings.add(docs, term_freqs, lengths);
                    *dirty_runs |= runs(docs, begin);
                });
            }
            if let Some(best) = best {
                clear(best, *dirty_runs);
            }
        }
    }

    /// The upper bound of a document by its position in the window.
    pub fn bound(&self, position: usize) -> f64 {
        f64::from(self.cells[position] as u16) / self.scale
    }

    /// The signals that may occur in a document.
    pub fn signals(&self, position: usize) -> SignalSet {
        SignalSet(self.cells[position])
    }
}

/// Adds a run of postings to the cells of a window.
struct RunAdder<'a> {
    begin: DocId,
    threshold: u16,
    signal_bit: u32,
    table: &'a BoundTable,
    cells: &'a mut [u32; WINDOW],
    best: Option<&'a mut [u16; WINDOW]>,
    window: &'a mut DocWindow,
}

impl RunAdder<'_> {
    /// `term_freqs` is empty where each is 1; `lengths` are those of the window's documents.
    fn add(self, docs: &[DocId], term_freqs: &[u32], lengths: Option<&[u8]>) {
        let by_freq = |term_freq: u32| (term_freq.wrapping_sub(1) as usize).min(FREQUENCIES - 1);
        let by_length = |id: u8| (usize::from(id) / IDS_PER_BUCKET).min(LENGTH_BUCKETS - 1) * FREQUENCIES;
        match (lengths, term_freqs.is_empty()) {
            (Some(lengths), false) => self
                .add_each(docs, term_freqs, |position, term_freq| by_length(lengths[position]) + by_freq(*term_freq)),
            (Some(lengths), true) => self.add_each(docs, docs, |position, _| by_length(lengths[position])),
            (None, false) => self.add_each(docs, term_freqs, |_, term_freq| by_freq(*term_freq)),
            (None, true) => self.add_each(docs, docs, |_, _| 0),
        }
    }

    /// Adds the bound of each posting. `table_index` maps a document's position in the window and its element of
    /// `values` to the index of the bound in the table.
    #[inline(always)]
    fn add_each(self, docs: &[DocId], values: &[u32], table_index: impl Fn(usize, &u32) -> usize) {
        // Destructured into locals: fields would be loaded again for every posting.
        let RunAdder { begin, threshold, signal_bit, table, cells, best, window } = self;
        debug_assert!(docs.len() <= values.len() && docs.is_sorted(), "a run of postings is sorted");
        let mut add = |position: usize, bound: u16| {
            debug_assert!(
                cells[position] as u16 <= u16::MAX - bound,
                "packed sums don't overflow into the signal bits"
            );
            let cell = cells[position].wrapping_add(bound.into()) | signal_bit;
            cells[position] = cell;
            if cell as u16 >= threshold {
                window.insert(position);
            }
        };
        let postings = docs.iter().zip(values).map(|(doc, value)| {
            // `% WINDOW` lets the compiler omit bounds checks.
            debug_assert!(*doc >= begin && ((doc - begin) as usize) < WINDOW, "postings are in the window");
            let position = (doc - begin) as usize % WINDOW;
            (position, table[table_index(position, value) % TABLE_LEN])
        });
        match best {
            None => postings.for_each(|(position, bound)| add(position, bound)),
            Some(best) => postings.for_each(|(position, bound)| {
                let increase = bound.saturating_sub(best[position]);
                best[position] += increase;
                add(position, increase);
            }),
        }
    }
}

/// A set of signals of a query, by number.
pub struct SignalSet(u32);

impl SignalSet {
    pub const ALL: SignalSet = SignalSet(u32::MAX);

    pub fn may_contain(&self, signal: usize) -> bool {
        self.0 & signal_bit(signal) > 0
    }
}

/// The bit of a signal in a cell. All signals from number 15 on share the last bit.
fn signal_bit(signal: usize) -> u32 {
    1 << (16 + signal.min(15))
}

/// The runs of 64 documents of a window that contain any of `docs`, as bits; all runs if there are many.
fn runs(docs: &[DocId], begin: DocId) -> u64 {
    if docs.len() >= 32 {
        return u64::MAX;
    }
    docs.iter().fold(0, |bits, doc| bits | 1 << ((doc - begin) / 64 % 64))
}

fn clear<T: Copy + Default>(values: &mut [T; WINDOW], mut runs: u64) {
    while runs != 0 {
        let begin = runs.trailing_zeros() as usize * 64;
        values[begin..begin + 64].fill(T::default());
        runs &= runs - 1;
    }
}
