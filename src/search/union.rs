//! Given the signals of a query in a segment, which documents do they find, and with what score?
//!
//! A score is the sum of the signals. Only what may be among the best is scored: of each document it is first worked out
//! what it gets at the most (`bounds`), without those signals that stand often and give little (as MaxScore does; Turtle
//! and Flood 1995), and what is left is looked up.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::Scorer;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError};

use super::bounds::{Counter, Signals, Sums};
use super::filter::Test;
use super::rank::{SearchScope, Signal, bm25};
use super::titles::Titled;
use super::weights::{B, K1};
use super::window::{Run, Window};
use crate::error::Result;

/// A signal in a segment.
pub struct Open {
    sources: Vec<Source>,
    lengths: FieldNormReader,
    /// BM25's length part for each length that tantivy tells apart.
    norms: [f64; 256],
    finds: bool,
    /// What it gives a document at the most.
    bound: f64,
    /// In how many documents its sources stand, about.
    postings: usize,
    /// The same sources once more.
    counter: Counter,
    /// It is asked for its bounds; else what it gives is looked up.
    is_counted: bool,
}

/// A source of a signal.
pub struct Source {
    /// Where it stands: there may be hundreds of sources, of which few stand in a window.
    doc: DocId,
    /// What a match gives.
    pub weight: f64,
    cursor: Cursor,
}

impl Source {
    fn new((cursor, weight): (Cursor, f64)) -> Source {
        Source { doc: cursor.doc(), weight: weight * (K1 + 1.0), cursor }
    }

    /// The first document from `doc` on.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        if self.doc < doc {
            self.doc = self.cursor.seek(doc);
        }
        self.doc
    }

    /// As of its cursor.
    pub fn each_before(&mut self, end: DocId, each: impl FnMut(&[DocId], &[u32])) {
        if self.doc < end {
            self.cursor.each_before(end, each);
            self.doc = self.cursor.doc();
        }
    }
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

    /// Calls `each` with the documents before `end`, so many at a time, and the frequency in each, nothing where that is 1;
    /// goes on to `end`.
    pub fn each_before(&mut self, end: DocId, mut each: impl FnMut(&[DocId], &[u32])) {
        match self {
            Cursor::Term(run) => run.each_before(end, each),
            Cursor::Titled(titled) => titled.each_before(end, |mut docs, frequency| {
                while !docs.is_empty() {
                    let some: [DocId; 16] = std::array::from_fn(|at| docs.start + at as DocId);
                    let count = docs.len().min(some.len());
                    each(&some[..count], &[frequency; 16][..count]);
                    docs.start += count as DocId;
                }
            }),
            Cursor::Phrase(docs) => {
                while docs.doc() < end {
                    each(&[docs.doc()], &[1]);
                    docs.advance();
                }
            }
        }
    }

    /// The same in the same place once more, if that can be had.
    fn copied(&self) -> Option<Cursor> {
        match self {
            Cursor::Term(run) => Some(Cursor::Term(run.clone())),
            Cursor::Titled(titled) => Some(Cursor::Titled(titled.clone())),
            Cursor::Phrase(_) => None,
        }
    }

    /// The most that `frequency` may be, if that is known.
    fn most(&self) -> Option<u32> {
        match self {
            Cursor::Term(run) => (!run.has_frequencies()).then_some(1),
            Cursor::Titled(_) => None,
            Cursor::Phrase(_) => Some(1),
        }
    }

    /// How many documents it stands in, about.
    fn count(&self, passages_a_page: usize) -> usize {
        match self {
            Cursor::Term(run) => run.count(),
            Cursor::Titled(titled) => titled.count() * passages_a_page,
            Cursor::Phrase(docs) => docs.size_hint() as usize,
        }
    }
}

impl Open {
    /// None where none of its sources stands.
    pub fn new(shelf: &SearchScope, number: u32, signal: &Signal) -> Result<Option<Open>> {
        let segment = shelf.index.searcher.segment_reader(number);
        let sources: Vec<Source> = signal.open(shelf, number)?.into_iter().map(Source::new).collect();
        if sources.is_empty() {
            return Ok(None);
        }
        let norm = |id| match signal.average_length {
            Some(average) => K1 * (1.0 - B + B * f64::from(FieldNormReader::id_to_fieldnorm(id as u8)) / average),
            None => K1,
        };
        let norms: [f64; 256] = std::array::from_fn(norm);
        let passages_a_page = (shelf.index.passages / shelf.index.pages.max(1)).max(1) as usize;
        // The first length is that of the shortest text.
        let most = |Source { weight, cursor, .. }: &Source| {
            cursor.most().map_or(*weight, |most| bm25(*weight, most, norms[0]))
        };
        let lengths = segment.get_fieldnorms_reader(shelf.fields.lemma)?;
        let copied = |source: &Source| Some(Source { cursor: source.cursor.copied()?, ..*source });
        let copies = match sources.iter().map(copied).collect() {
            Some(copies) => copies,
            None => signal.open(shelf, number)?.into_iter().map(Source::new).collect(),
        };
        let file = || segment.fieldnorms_readers().get_inner_file().open_read(shelf.fields.lemma);
        let file = signal.average_length.and_then(|_| file());
        let of_lengths = file.map(|file| file.read_bytes()).transpose().map_err(TantivyError::from)?;
        Ok(Some(Open {
            counter: Counter::new(copies, of_lengths, norms[0]),
            is_counted: true,
            bound: sources.iter().map(most).fold(0.0, f64::max) * SLACK,
            postings: sources.iter().map(|source| source.cursor.count(passages_a_page)).sum(),
            sources,
            lengths,
            norms,
            finds: signal.finds,
        }))
    }

    /// BM25 of the best of the sources in `doc`; documents are asked for in rising order.
    pub fn score_at(&mut self, doc: DocId) -> f64 {
        let Open { sources, lengths, norms, .. } = self;
        let mut best = 0.0_f64;
        for source in sources {
            if source.seek(doc) == doc {
                let norm = norms[usize::from(lengths.fieldnorm_id(doc))];
                best = best.max(bm25(source.weight, source.cursor.frequency(), norm));
            }
        }
        best
    }

    /// Adds what it gives a document; asked in rising order.
    fn look_up(&mut self, candidate: &mut Candidate) {
        let score = self.score_at(candidate.doc);
        candidate.score += score;
        candidate.is_found |= self.finds && score > 0.0;
    }
}

/// For what these signals give.
fn sums(signals: &mut [Open]) -> Sums {
    let with_lengths = |open: &&Open| open.counter.has_lengths();
    let norms = signals.iter().find(with_lengths).or(signals.first()).map_or([K1; 256], |open| open.norms);
    Sums::of(signals.iter_mut().map(|open| &mut open.counter), &norms)
}

/// More than sums of rounded numbers can be off.
const SLACK: f64 = 1.0001;

/// Of what is asked for at the least, so much may be left to signals that are not counted; and so much where they stand so
/// many times more often than the others, since to look them up takes less then than to count them.
const DONE_WITHOUT: f64 = 0.2;
const DONE_WITHOUT_MOST: f64 = 0.5;
const MOST: usize = 4;
/// Windows double in length from here until something is known.
const FIRST: DocId = 256;

/// A document that may be among the best.
struct Candidate {
    doc: DocId,
    /// What the signals give that were looked up.
    score: f64,
    /// What those that are counted give at the most.
    bound: f64,
    /// Those of them that may stand in it.
    signals: Signals,
    is_found: bool,
}

/// How many of the first signals need not be counted, and what they give at the most.
fn done_without(signals: &[Open], least: f64) -> (usize, f64) {
    let mut behind: usize = signals.iter().map(|open| open.postings).sum();
    let (mut left, mut bound, mut best) = (0, 0.0, (0, 0.0));
    for (number, open) in signals.iter().enumerate() {
        left += open.postings;
        behind -= open.postings;
        bound += open.bound;
        let share = if left > behind * MOST { DONE_WITHOUT_MOST } else { DONE_WITHOUT };
        if bound < least * share {
            best = (number + 1, bound);
        }
    }
    best
}

/// Calls `keep` with the documents that a finding signal holds in and for which `asked` does, or with all of the latter if
/// `finds` is `false`, and their scores; those may be left out whose score is below what `keep` returned last.
pub fn score(
    segment: &SegmentReader,
    signals: &mut [Open],
    asked: &mut Option<Test>,
    finds: bool,
    least: &mut f64,
    mut keep: impl FnMut(DocId, f64) -> f64,
) {
    let max_doc = segment.max_doc();
    // Those first that are best done without.
    signals.sort_by(|one, other| (one.bound / one.postings as f64).total_cmp(&(other.bound / other.postings as f64)));
    let finding: usize = signals.iter().filter(|open| open.finds).map(|open| open.postings).sum();
    let mut sums: Option<Sums> = None;
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut from = 0;
    loop {
        let (first, mut rest) = done_without(signals, *least);
        for (number, open) in signals.iter_mut().enumerate() {
            let is_dear = finds && !open.finds && open.postings > finding;
            open.is_counted = number >= first && !is_dear;
            rest += if number >= first && is_dear { open.bound } else { 0.0 };
        }
        let is_bounded = rest < *least;
        if finds {
            let asked = signals.iter_mut().filter(|open| open.is_counted && (is_bounded || open.finds));
            from = asked.map(|open| open.counter.seek(from)).min().unwrap_or(TERMINATED);
        }
        if let Some(asked) = asked.as_mut().filter(|_| from < max_doc) {
            from = asked.seek(from);
        }
        if from >= max_doc {
            return;
        }
        // While nothing is known of the best, all must be looked up.
        let end = if *least > 0.0 { max_doc } else { max_doc.min(from.saturating_add(from.max(FIRST))) };
        let mut window = Window::none(from, end);
        let begin = window.begin();
        from = window.end();
        if is_bounded {
            let sums = sums.get_or_insert_with(|| self::sums(signals));
            let counted = signals.iter_mut().enumerate().filter(|(_, open)| open.is_counted);
            let counters = counted.map(|(number, open)| (number, &mut open.counter));
            sums.reach(counters, *least - rest, &mut window);
        } else if finds {
            let finding = signals.iter_mut().filter(|open| open.finds);
            finding.for_each(|open| open.counter.find(&mut window));
        } else {
            window = Window::all(begin, end);
        }
        keep_right(&mut window, segment, asked);
        window.each(|place| {
            let (bound, signals) = match &sums {
                Some(sums) if is_bounded => (sums.at(place), sums.signals(place)),
                _ => (f64::INFINITY, Signals::ALL),
            };
            candidates.push(Candidate { doc: begin + place as u32, score: 0.0, bound, signals, is_found: !finds });
        });
        for open in signals.iter_mut().rev().filter(|open| !open.is_counted) {
            candidates.retain(|candidate| candidate.score + candidate.bound + rest >= *least);
            candidates.iter_mut().for_each(|candidate| open.look_up(candidate));
            rest -= open.bound;
        }
        candidates.retain(|candidate| candidate.score + candidate.bound >= *least);
        let mut rest: f64 = signals.iter().filter(|open| open.is_counted).map(|open| open.bound).sum();
        for (number, open) in signals.iter_mut().enumerate().rev().filter(|(_, open)| open.is_counted) {
            candidates.retain(|candidate| candidate.score + rest >= *least);
            let having = candidates.iter_mut().filter(|candidate| candidate.signals.has(number));
            having.for_each(|candidate| open.look_up(candidate));
            rest -= open.bound;
        }
        for found in candidates.drain(..).filter(|candidate| candidate.is_found) {
            if found.score >= *least {
                *least = keep(found.doc, found.score);
            }
        }
    }
}

/// Leaves of a window the documents that are not deleted and for which `asked` holds.
fn keep_right(window: &mut Window, segment: &SegmentReader, asked: &mut Option<Test>) {
    if let Some(asked) = asked.as_mut().filter(|_| !window.is_empty()) {
        asked.keep(window);
    }
    if let Some(alive) = segment.alive_bitset() {
        let begin = window.begin();
        window.retain(|place| alive.is_alive(begin + place as u32));
    }
}

/// How many documents a finding signal holds in and `asked` does, or all of the latter if `finds` is `false`.
pub fn count(segment: &SegmentReader, signals: &mut [Open], asked: &mut Option<Test>, finds: bool) -> usize {
    let max_doc = segment.max_doc();
    let mut count = 0;
    let mut from = 0;
    while from < max_doc {
        let mut window = if finds { Window::none(from, max_doc) } else { Window::all(from, max_doc) };
        for open in signals.iter_mut().filter(|_| finds) {
            open.counter.find(&mut window);
        }
        keep_right(&mut window, segment, asked);
        count += window.count();
        from = window.end();
    }
    count
}
