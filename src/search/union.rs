//! Given the signals of a query in a segment, which documents do they find, and with what score?
//!
//! A score is the sum of the signals in their order, those that find before those that lift. What only lifts is added up
//! for those documents alone that may still be among the best.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::Scorer;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use super::filter::Test;
use super::rank::{Shelf, Signal, bm25};
use super::titles::Titled;
use super::weights::{B, K1};
use super::window::{Run, WINDOW, Window};
use crate::error::Result;

/// A signal in a segment.
pub struct Open {
    /// Each with what a match gives.
    cursors: Vec<(Cursor, f64)>,
    lengths: FieldNormReader,
    /// BM25's length part for each length that tantivy tells apart.
    norms: [f64; 256],
    finds: bool,
}

/// Where a source of a signal stands in a segment, in the order of documents.
pub enum Cursor {
    Term(Box<Run>),
    Titled(Box<Titled>),
    Phrase(Box<dyn Scorer>),
}

impl Cursor {
    pub fn doc(&self) -> DocId {
        match self {
            Cursor::Term(run) => run.doc(),
            Cursor::Titled(titled) => titled.doc(),
            Cursor::Phrase(docs) => docs.doc(),
        }
    }

    pub fn advance(&mut self) -> DocId {
        match self {
            Cursor::Term(run) => run.advance(),
            Cursor::Titled(titled) => titled.advance(),
            Cursor::Phrase(docs) => docs.advance(),
        }
    }

    /// The first document from `doc` on.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        match self {
            Cursor::Term(run) => run.seek(doc),
            Cursor::Titled(titled) => titled.seek(doc),
            Cursor::Phrase(docs) if docs.doc() < doc => docs.seek(doc),
            Cursor::Phrase(docs) => docs.doc(),
        }
    }

    /// How often it stands in the document; a name of several words seldom stands twice.
    pub fn frequency(&self) -> u32 {
        match self {
            Cursor::Term(run) => run.frequency(),
            Cursor::Titled(titled) => titled.frequency(),
            Cursor::Phrase(_) => 1,
        }
    }

    /// Calls `each` with every document before `end` and the frequency there, and goes on to `end`.
    fn each_before(&mut self, end: DocId, mut each: impl FnMut(DocId, u32)) {
        match self {
            Cursor::Term(run) => run.each_before(end, |docs, frequencies| {
                if frequencies.is_empty() {
                    docs.iter().for_each(|doc| each(*doc, 1));
                } else {
                    docs.iter().zip(frequencies).for_each(|(doc, frequency)| each(*doc, *frequency));
                }
            }),
            cursor => {
                while cursor.doc() < end {
                    each(cursor.doc(), cursor.frequency());
                    cursor.advance();
                }
            }
        }
    }

    /// How many documents it stands in, about.
    fn count(&self) -> usize {
        match self {
            Cursor::Term(run) => run.count(),
            Cursor::Titled(titled) => titled.count(),
            Cursor::Phrase(docs) => docs.size_hint() as usize,
        }
    }
}

/// A document is looked up by itself where less than one posting of so many is of such a one.
const SELDOM: usize = 8;

impl Open {
    /// None where none of its sources stands.
    pub fn new(shelf: &Shelf, number: u32, signal: &Signal) -> Result<Option<Open>> {
        let segment = shelf.index.searcher.segment_reader(number);
        let mut cursors = signal.open(shelf, number)?;
        cursors.iter_mut().for_each(|(_, weight)| *weight *= K1 + 1.0);
        if cursors.is_empty() {
            return Ok(None);
        }
        let norm = |id| match signal.average_length {
            Some(average) => K1 * (1.0 - B + B * f64::from(FieldNormReader::id_to_fieldnorm(id as u8)) / average),
            None => K1,
        };
        Ok(Some(Open {
            cursors,
            lengths: segment.get_fieldnorms_reader(shelf.fields.lemma)?,
            norms: std::array::from_fn(norm),
            finds: signal.finds,
        }))
    }

    /// The next document from `from` on that any of the sources stands in.
    fn seek(&mut self, from: DocId) -> DocId {
        self.cursors.iter_mut().map(|(cursor, _)| cursor.seek(from)).min().unwrap_or(TERMINATED)
    }

    /// BM25 of the best of the sources in `doc`; documents are asked for in rising order.
    pub fn score_at(&mut self, doc: DocId) -> f64 {
        let Open { cursors, lengths, norms, .. } = self;
        let mut best = 0.0_f64;
        for (cursor, weight) in cursors {
            if cursor.seek(doc) == doc {
                let norm = norms[usize::from(lengths.fieldnorm_id(doc))];
                best = best.max(bm25(*weight, cursor.frequency(), norm));
            }
        }
        best
    }

    /// What it gives a document at the most.
    fn bound(&self) -> f64 {
        self.cursors.iter().map(|(_, weight)| *weight * SLACK).fold(0.0, f64::max)
    }

    /// Calls `add` with each document from `begin` to `end` that it stands in, counted from `begin`, and what it gives.
    fn each_between(&mut self, begin: DocId, end: DocId, best: &mut Best, mut add: impl FnMut(usize, f64)) {
        let Open { cursors, lengths, norms, .. } = self;
        let norm = |doc| norms[usize::from(lengths.fieldnorm_id(doc))];
        if let [(cursor, weight)] = cursors.as_mut_slice() {
            cursor.seek(begin);
            cursor.each_before(end, |doc, frequency| {
                add((doc - begin) as usize, bm25(*weight, frequency, norm(doc)));
            });
            return;
        }
        let mut touched = Window::none(begin, end);
        for (cursor, weight) in cursors {
            cursor.seek(begin);
            cursor.each_before(end, |doc, frequency| {
                let place = (doc - begin) as usize;
                touched.add(place);
                best[place] = best[place].max(bm25(*weight, frequency, norm(doc)));
            });
        }
        touched.each(|place| add(place, std::mem::take(&mut best[place])));
    }

    /// Adds what it gives the documents of a window.
    fn add_to(&mut self, window: &Window, max_doc: DocId, best: &mut Best, scores: &mut [f64]) {
        let postings: usize = self.cursors.iter().map(|(cursor, _)| cursor.count()).sum();
        if window.count() * SELDOM < postings * WINDOW / (max_doc as usize).max(WINDOW) {
            window.each(|place| scores[place] += self.score_at(window.begin() + place as u32));
        } else {
            self.each_between(window.begin(), window.end(), best, |place, score| {
                if window.has(place) {
                    scores[place] += score;
                }
            });
        }
    }
}

/// More than sums of rounded numbers can be off.
const SLACK: f64 = 1.0001;

/// What the best of some sources gives, by place in a window.
type Best = [f64; WINDOW];

/// Calls `keep` with the documents that a finding signal holds in and for which `asked` does, or with all of the latter if
/// `finds` is `false`, and their scores; those may be left out whose score is below what `keep` returned last. How many
/// there are in all.
pub fn score(
    segment: &SegmentReader,
    signals: &mut [Open],
    asked: &mut Option<Test>,
    finds: bool,
    least: &mut f64,
    mut keep: impl FnMut(DocId, f64) -> f64,
) -> usize {
    let max_doc = segment.max_doc();
    let (mut finding, mut others): (Vec<&mut Open>, Vec<&mut Open>) =
        signals.iter_mut().partition(|open| finds && open.finds);
    let mut scores = vec![0.0; WINDOW];
    let mut best = [0.0; WINDOW];
    let mut matched = 0;
    let mut from = 0;
    loop {
        if finds {
            from = finding.iter_mut().map(|open| open.seek(from)).min().unwrap_or(TERMINATED);
        }
        if let Some(asked) = asked.as_mut().filter(|_| from < max_doc) {
            from = asked.seek(from);
        }
        if from >= max_doc {
            return matched;
        }
        let mut window = if finds { Window::none(from, max_doc) } else { Window::all(from, max_doc) };
        let (begin, end) = (window.begin(), window.end());
        for open in &mut finding {
            open.each_between(begin, end, &mut best, |place, score| {
                window.add(place);
                scores[place] += score;
            });
        }
        let found = finds.then(|| window.clone());
        if let Some(asked) = asked {
            asked.keep(&mut window);
        }
        if let Some(alive) = segment.alive_bitset() {
            window.retain(|place| alive.is_alive(begin + place as u32));
        }
        matched += window.count();
        let touched = found.unwrap_or_else(|| window.clone());
        let mut rest: f64 = others.iter().map(|open| open.bound()).sum();
        for open in &mut others {
            window.retain(|place| scores[place] + rest >= *least);
            open.add_to(&window, max_doc, &mut best, &mut scores);
            rest -= open.bound();
        }
        window.retain(|place| scores[place] >= *least);
        window.each(|place| *least = keep(begin + place as u32, scores[place]));
        touched.each_run(|run| scores[run].fill(0.0));
        from = end;
    }
}
