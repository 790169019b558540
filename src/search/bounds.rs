//! Given the signals of a query in a window, which documents may reach a score?
//!
//! What a posting gives at the most is looked up by its frequency and the length of its document, and added up in whole
//! numbers: a third of the work of a score, and for most documents all that is done.

use tantivy::directory::OwnedBytes;
use tantivy::{DocId, TERMINATED};

use super::union::Source;
use super::window::{WINDOW, Window};

/// What the sources of a signal give at the most, in a segment.
pub struct Counter {
    sources: Vec<Source>,
    /// `None` where all are taken for the shortest.
    lengths: Option<OwnedBytes>,
    /// BM25's length part of the shortest text.
    norm: f64,
    /// What a frequency and a length give, in units, source by source.
    units: Vec<[u16; UNITS]>,
}

/// Lengths are told apart as two of tantivy's together; the last stands for all longer texts than there are.
const LENGTHS: usize = 64;
const TOGETHER: usize = 2;
/// The last stands for all that are higher.
const FREQUENCIES: usize = 8;
const UNITS: usize = LENGTHS * FREQUENCIES;
/// Of so many sources it pays to know what they give to texts of which length.
const FEW: usize = 4;

impl Counter {
    /// With the part of BM25 that the length of the shortest text is, and `lengths` where lengths tell something.
    pub fn new(sources: Vec<Source>, lengths: Option<OwnedBytes>, norm: f64) -> Counter {
        let lengths = lengths.filter(|_| sources.len() <= FEW);
        Counter { sources, lengths, norm, units: Vec::new() }
    }

    pub fn has_lengths(&self) -> bool {
        self.lengths.is_some()
    }

    /// What it gives a document at the most.
    fn bound(&self) -> f64 {
        self.sources.iter().map(|source| source.weight).fold(0.0, f64::max)
    }

    /// The next document from `from` on that any of the sources stands in.
    pub fn seek(&mut self, from: DocId) -> DocId {
        self.sources.iter_mut().map(|source| source.seek(from)).min().unwrap_or(TERMINATED)
    }

    /// Adds the documents of a window in which it stands.
    pub fn find(&mut self, window: &mut Window) {
        for source in &mut self.sources {
            source.seek(window.begin());
            source.each_before(window.end(), |docs, _| window.add_all(docs));
        }
    }
}

/// What some signals give the documents of a window at the most.
pub struct Sums {
    /// Units of a score of 1.
    scale: f64,
    /// Of each document its units, and above them a bit for each signal that stands in it.
    cells: Box<[u32; WINDOW]>,
    /// What the best source of a signal gives.
    best: Box<[u16; WINDOW]>,
    /// Which runs of 64 documents have anything.
    touched: u64,
}

/// More than what is cut off of a part in units, and what is lost of it as a short number.
const ROUNDING: u16 = 4;

impl Sums {
    /// For these signals; `norms` is BM25's length part for each length that tantivy tells apart.
    pub fn of<'a>(counters: impl Iterator<Item = &'a mut Counter>, norms: &[f64; 256]) -> Sums {
        let counters: Vec<&mut Counter> = counters.collect();
        let bound: f64 = counters.iter().map(|counter| counter.bound()).sum();
        // A query has so many words at the most that there is much left.
        let most = usize::from(u16::MAX).saturating_sub(counters.len() * usize::from(ROUNDING)).max(1);
        let scale = most as f64 / bound.max(f64::MIN_POSITIVE);
        let part = |at: usize, norm: f64| match at % FREQUENCIES + 1 {
            FREQUENCIES => 1.0,
            frequency => frequency as f32 / (frequency as f32 + norm as f32),
        };
        let by_length: [f32; UNITS] = std::array::from_fn(|at| part(at, norms[at / FREQUENCIES * TOGETHER]));
        for Counter { sources, lengths, norm, units } in counters {
            let of_shortest: [f32; FREQUENCIES] = std::array::from_fn(|at| part(at, *norm));
            let parts = if lengths.is_some() { &by_length[..] } else { &of_shortest[..] };
            let in_units = |source: &Source| {
                let weight = (source.weight * scale) as f32;
                let mut units = [0; UNITS];
                units.iter_mut().zip(parts).for_each(|(units, part)| *units = (part * weight) as u16 + ROUNDING);
                units
            };
            *units = sources.iter().map(in_units).collect();
        }
        Sums { scale, cells: Box::new([0; WINDOW]), best: Box::new([0; WINDOW]), touched: 0 }
    }

    /// Adds to a window the documents in which any of some signals stands that may give them so much all together. The
    /// signals have numbers.
    pub fn reach<'a>(
        &mut self,
        counters: impl Iterator<Item = (usize, &'a mut Counter)>,
        least: f64,
        window: &mut Window,
    ) {
        // What is too much for a short number is more than there is.
        let least = (least * self.scale) as u16;
        let Sums { cells, best, touched, .. } = self;
        clear(cells, std::mem::take(touched));
        let (begin, end) = (window.begin(), window.end());
        for (number, Counter { sources, lengths, units, .. }) in counters {
            let mut best = (sources.len() > 1).then_some(&mut **best);
            let lengths = lengths.as_ref().map(|lengths| &lengths[begin as usize..]);
            for (source, units) in sources.iter_mut().zip(units) {
                source.seek(begin);
                source.each_before(end, |docs, frequencies| {
                    let bit = bit(number);
                    Adding { begin, least, bit, units, cells, best: best.as_deref_mut(), window }.add(
                        docs,
                        frequencies,
                        lengths,
                    );
                    *touched |= runs(docs, begin);
                });
            }
            if let Some(best) = best {
                clear(best, *touched);
            }
        }
    }

    /// What a document has at the most.
    pub fn at(&self, place: usize) -> f64 {
        f64::from(self.cells[place] as u16) / self.scale
    }

    /// Which signals may stand in it.
    pub fn signals(&self, place: usize) -> Signals {
        Signals(self.cells[place])
    }
}

/// Postings of a source on their way into cells.
struct Adding<'a> {
    begin: DocId,
    least: u16,
    bit: u32,
    units: &'a [u16; UNITS],
    cells: &'a mut [u32; WINDOW],
    best: Option<&'a mut [u16; WINDOW]>,
    window: &'a mut Window,
}

impl Adding<'_> {
    /// Adds documents, with the frequency in each or nothing where that is 1, and the lengths of those of the window if they
    /// tell something.
    fn add(self, docs: &[DocId], frequencies: &[u32], lengths: Option<&[u8]>) {
        let often = |frequency: u32| (frequency.wrapping_sub(1) as usize).min(FREQUENCIES - 1);
        let length = |length: u8| (usize::from(length) / TOGETHER).min(LENGTHS - 1) * FREQUENCIES;
        match (lengths, frequencies.is_empty()) {
            (Some(lengths), false) => {
                self.add_each(docs, frequencies, |place, frequency| length(lengths[place]) + often(*frequency))
            }
            (Some(lengths), true) => self.add_each(docs, docs, |place, _| length(lengths[place])),
            (None, false) => self.add_each(docs, frequencies, |_, frequency| often(*frequency)),
            (None, true) => self.add_each(docs, docs, |_, _| 0),
        }
    }

    /// `at` tells where among the units stands what a document gets, of its place in the window and what is given with it.
    #[inline(always)]
    fn add_each(self, docs: &[DocId], with: &[u32], at: impl Fn(usize, &u32) -> usize) {
        // Each by itself, since else all of it is read again for every posting.
        let Adding { begin, least, bit, units, cells, best, window } = self;
        let mut put = |place: usize, units: u16| {
            let cell = cells[place].wrapping_add(units.into()) | bit;
            cells[place] = cell;
            if cell as u16 >= least {
                window.add(place);
            }
        };
        let postings = docs.iter().zip(with).map(|(doc, with)| {
            let place = (doc - begin) as usize % WINDOW;
            (place, units[at(place, with) % UNITS])
        });
        match best {
            None => postings.for_each(|(place, units)| put(place, units)),
            Some(best) => postings.for_each(|(place, units)| {
                let more = units.saturating_sub(best[place]);
                best[place] += more;
                put(place, more);
            }),
        }
    }
}

/// Some signals of a query, by their numbers.
pub struct Signals(u32);

impl Signals {
    pub const ALL: Signals = Signals(u32::MAX);

    pub fn has(&self, number: usize) -> bool {
        self.0 & bit(number) > 0
    }
}

/// The bit of a signal in a cell; the last is of all others.
fn bit(number: usize) -> u32 {
    1 << (16 + number.min(15))
}

/// The runs of 64 documents of a window in which some stand, as bits; or all.
fn runs(docs: &[DocId], begin: DocId) -> u64 {
    if docs.len() >= 32 {
        return u64::MAX;
    }
    docs.iter().fold(0, |bits, doc| bits | 1 << ((doc - begin) / 64 % 64))
}

fn clear<T: Copy + Default>(units: &mut [T; WINDOW], mut runs: u64) {
    while runs != 0 {
        let begin = runs.trailing_zeros() as usize * 64;
        units[begin..begin + 64].fill(T::default());
        runs &= runs - 1;
    }
}
