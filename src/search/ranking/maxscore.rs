//! MaxScore (Turtle and Flood 1995) over windows of documents: scores only documents that can reach the threshold.
//!
//! Signals are split into essential and non-essential ones: a document that is only in non-essential posting lists
//! can't reach the threshold. In each window the essential lists are read and their upper bounds added up
//! (`upper_bounds`). Documents whose bound reaches the threshold become candidates, and their exact scores are looked
//! up signal by signal. tantivy's own top-k isn't used; `rank` explains why.

use tantivy::{DocId, SegmentReader, TERMINATED};

use super::bm25::length_norms;
use super::signal_scorer::SignalScorer;
use super::upper_bounds::{BoundAccumulator, SignalSet};
use crate::search::interrupt::StopCheck;
use crate::search::matching::{ConstraintMatcher, DocWindow, MatchCounter, retain_hits};

/// The share of the threshold that the bounds of the non-essential signals may reach. The larger it is, the fewer
/// postings are read, but the more candidates are scored.
///
/// `MAX_NON_ESSENTIAL_SHARE` applies if the non-essential signals have more than `FREQUENT_RATIO` times as many
/// postings as the essential ones. Compared with a share of 0.2 in all cases, finding the ids of the ten best passages
/// of 98,348 pages took 0.43 instead of 0.47 ms for a common word, and 0.72 instead of 0.75 ms for either of two words.
/// Mixed queries ran 990 instead of 953 times per CPU second (November 2026).
const NON_ESSENTIAL_SHARE: f64 = 0.2;
const MAX_NON_ESSENTIAL_SHARE: f64 = 0.5;
const FREQUENT_RATIO: usize = 4;

/// Length of the first window. While there is no threshold, every match is scored, so windows start short, at a few
/// times `weights::RERANK_DEPTH`, and double. Other values have not been measured.
const FIRST_WINDOW: DocId = 256;

/// If a window has at most this many matches, all of them are scored: that takes less time than reading the essential
/// lists to compute bounds.
const FEW_MATCHES: usize = 16;

/// A document whose upper bound reaches the threshold.
struct Candidate {
    doc: DocId,
    /// The sum of the signals looked up so far.
    score: f64,
    /// Upper bound of the sum of the essential signals.
    bound: f64,
    /// The essential signals that may occur in the document.
    signals: SignalSet,
    /// Whether a matching signal occurs in the document.
    is_match: bool,
}

impl Candidate {
    /// Adds a signal's score. Must be called on candidates in ascending order of their documents.
    #[inline(always)]
    fn look_up(&mut self, signal: &mut SignalScorer) {
        let score = signal.score(self.doc);
        self.score += score;
        self.is_match |= signal.is_matching && score > 0.0;
    }
}

/// A query, opened in a segment.
pub struct SegmentScorer<'a> {
    pub signals: Vec<SignalScorer>,
    pub constraint: Option<ConstraintMatcher<'a>>,
    /// Whether a matching signal must occur in a hit; otherwise the constraint alone decides.
    pub needs_match: bool,
    /// Counts all matches, if they are to be counted.
    pub counter: Option<MatchCounter<'a>>,
}

/// Calls `collect` with the documents that match and their scores, in ascending order. A document matches if it
/// satisfies the constraint and, with `needs_match`, if a matching signal occurs in it. `collect` returns the new
/// threshold; documents that score below it may be skipped. Returns early if `stop` says so.
pub fn for_each_scored(
    segment: &SegmentReader,
    scorer: &mut SegmentScorer,
    threshold: &mut f64,
    stop: &StopCheck,
    mut collect: impl FnMut(DocId, f64) -> f64,
) {
    let SegmentScorer { signals, constraint, needs_match, counter } = scorer;
    let needs_match = *needs_match;
    let max_doc = segment.max_doc();
    // Ascending, so that the best candidates for non-essential signals come first: long lists that score little.
    let bound_per_posting = |signal: &SignalScorer| signal.upper_bound / signal.posting_count as f64;
    signals.sort_by(|one, other| bound_per_posting(one).total_cmp(&bound_per_posting(other)));
    let matching_count: usize =
        signals.iter().filter(|signal| signal.is_matching).map(|signal| signal.posting_count).sum();
    let mut accumulator: Option<BoundAccumulator> = None;
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut from = 0;
    loop {
        let non_essential_bound = split_non_essential(signals, needs_match, matching_count, *threshold);
        let is_bounded = non_essential_bound < *threshold;
        from = match counter {
            Some(counter) => counter.seek(from, constraint, max_doc),
            None => next_doc(signals, constraint, needs_match, is_bounded, from, max_doc),
        };
        if from >= max_doc || stop.should_stop() {
            return;
        }
        let end = if *threshold > 0.0 { max_doc } else { max_doc.min(from.saturating_add(from.max(FIRST_WINDOW))) };
        let mut window = DocWindow::empty(from, end);
        let begin = window.begin();
        from = window.end();
        let matches = counter.as_mut().map(|counter| counter.matches(begin, end, segment, constraint));
        let has_few_matches = matches.as_ref().is_some_and(|matches| matches.len() <= FEW_MATCHES);
        let is_bounded = is_bounded && !has_few_matches;
        if has_few_matches {
            // Their intersection with `matches` is taken below.
            window = DocWindow::full(begin, end);
        } else if is_bounded {
            let accumulator = accumulator.get_or_insert_with(|| accumulator_of(signals));
            let essential = signals.iter_mut().enumerate().filter(|(_, signal)| signal.is_essential);
            let sources = essential.map(|(number, signal)| (number, &mut signal.bound_source));
            accumulator.accumulate(sources, *threshold - non_essential_bound, &mut window);
        } else if needs_match {
            let matching = signals.iter_mut().filter(|signal| signal.is_matching);
            matching.for_each(|signal| signal.bound_source.insert_into(&mut window));
        } else {
            window = DocWindow::full(begin, end);
        }
        match &matches {
            Some(matches) => window.and(matches),
            None => retain_hits(&mut window, segment, constraint),
        }
        window.for_each(|position| {
            let (bound, signals) = match &accumulator {
                Some(accumulator) if is_bounded => (accumulator.bound(position), accumulator.signals(position)),
                _ => (f64::INFINITY, SignalSet::ALL),
            };
            candidates.push(Candidate {
                doc: begin + position as u32,
                score: 0.0,
                bound,
                signals,
                is_match: !needs_match,
            });
        });
        score_candidates(&mut candidates, signals, non_essential_bound, *threshold, stop);
        if stop.is_stopped() {
            // The constraint or the scores of this window may be incomplete.
            return;
        }
        for candidate in candidates.drain(..).filter(|candidate| candidate.is_match) {
            if candidate.score >= *threshold {
                *threshold = collect(candidate.doc, candidate.score);
            }
        }
    }
}

/// Marks the signals as essential or not, and returns the sum of the upper bounds of the non-essential ones.
/// `matching_count` is the number of postings of all matching signals.
///
/// Signals that only boost and have more postings than all matching ones together are never essential: looking them up
/// takes less time than reading them.
fn split_non_essential(signals: &mut [SignalScorer], needs_match: bool, matching_count: usize, threshold: f64) -> f64 {
    let (first_essential, mut bound) = non_essential_prefix(signals, threshold);
    for (number, signal) in signals.iter_mut().enumerate() {
        let is_looked_up = needs_match && !signal.is_matching && signal.posting_count > matching_count;
        signal.is_essential = number >= first_essential && !is_looked_up;
        bound += if number >= first_essential && is_looked_up { signal.upper_bound } else { 0.0 };
    }
    bound
}

/// The longest prefix of the signals whose upper bounds stay below a share of the threshold, and the sum of these
/// bounds.
fn non_essential_prefix(signals: &[SignalScorer], threshold: f64) -> (usize, f64) {
    let mut postings_after: usize = signals.iter().map(|signal| signal.posting_count).sum();
    let (mut postings_before, mut bound, mut prefix) = (0, 0.0, (0, 0.0));
    for (number, signal) in signals.iter().enumerate() {
        postings_before += signal.posting_count;
        postings_after -= signal.posting_count;
        bound += signal.upper_bound;
        let are_frequent = postings_before > postings_after * FREQUENT_RATIO;
        let share = if are_frequent { MAX_NON_ESSENTIAL_SHARE } else { NON_ESSENTIAL_SHARE };
        if bound < threshold * share {
            prefix = (number + 1, bound);
        }
    }
    prefix
}

/// The first document at or after `from` that can be a candidate.
fn next_doc(
    signals: &mut [SignalScorer],
    constraint: &mut Option<ConstraintMatcher>,
    needs_match: bool,
    is_bounded: bool,
    from: DocId,
    max_doc: DocId,
) -> DocId {
    let mut next = from;
    if needs_match {
        let lists = signals.iter_mut().filter(|signal| signal.is_essential && (is_bounded || signal.is_matching));
        next = lists.map(|signal| signal.bound_source.seek(from)).min().unwrap_or(TERMINATED);
    }
    match constraint {
        Some(constraint) if next < max_doc => constraint.seek(next),
        _ => next,
    }
}

/// The accumulator for all signals of a segment. Those that use lengths have the same length norms.
fn accumulator_of(signals: &mut [SignalScorer]) -> BoundAccumulator {
    let with_lengths = signals.iter().find(|signal| signal.bound_source.has_lengths());
    let norms = with_lengths.or(signals.first()).map_or_else(|| length_norms(None), |signal| signal.length_norms);
    BoundAccumulator::new(signals.iter_mut().map(|signal| &mut signal.bound_source), &norms)
}

/// Looks up the scores of candidates, beginning with the signals that have the highest bound per posting, and drops
/// candidates as soon as they can't reach the threshold. If it is stopped, the scores are incomplete.
fn score_candidates(
    candidates: &mut Vec<Candidate>,
    signals: &mut [SignalScorer],
    non_essential_bound: f64,
    threshold: f64,
    stop: &StopCheck,
) {
    let mut remaining_bound = non_essential_bound;
    for signal in signals.iter_mut().rev().filter(|signal| !signal.is_essential) {
        if stop.should_stop() {
            return;
        }
        candidates.retain(|candidate| candidate.score + candidate.bound + remaining_bound >= threshold);
        candidates.iter_mut().for_each(|candidate| candidate.look_up(signal));
        remaining_bound -= signal.upper_bound;
    }
    candidates.retain(|candidate| candidate.score + candidate.bound >= threshold);
    if cfg!(debug_assertions) {
        // From here on, `bound` is an upper bound of the whole score.
        candidates.iter_mut().for_each(|candidate| candidate.bound += candidate.score);
    }
    let mut remaining_bound: f64 =
        signals.iter().filter(|signal| signal.is_essential).map(|signal| signal.upper_bound).sum();
    for (number, signal) in signals.iter_mut().enumerate().rev().filter(|(_, signal)| signal.is_essential) {
        if stop.should_stop() {
            return;
        }
        candidates.retain(|candidate| candidate.score + remaining_bound >= threshold);
        let with_signal = candidates.iter_mut().filter(|candidate| candidate.signals.may_contain(number));
        with_signal.for_each(|candidate| candidate.look_up(signal));
        remaining_bound -= signal.upper_bound;
    }
    debug_assert!(
        candidates.iter().all(|candidate| candidate.score <= candidate.bound),
        "the accumulated bound of a document bounds its score"
    );
}
