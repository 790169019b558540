//! Two-stage ranking: MaxScore over BM25 signals selects the best passages of all segments, then `rerank` refines them.
//!
//! Scores and order don't depend on how the index is divided into segments: scores are sums that are exact in any order
//! (`bm25`), ties are broken by page (`tie_break`), and no passage is skipped that could be among the best. tantivy's own
//! top-k (block-max WAND) is not used: its block bounds assume the average length of a segment, not that of the index, so an
//! index that was updated would return other hits than a new one.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, SegmentReader, Term};

use super::maxscore;
use super::rerank::{LoadedRecords, rerank};
use super::signal_scorer::SignalScorer;
use super::signals::{Signal, query_signals};
use super::tie_break::{partition_top, sort_top};
use super::top_k::{RankStage, ScoredPassage, TopK};
use super::weights::{REPEATED, RERANK_DEPTH};
use crate::error::Result;
use crate::index::REPEATED_ON_SITE;
use crate::query::Query;
use crate::search::matching::{ConstraintMatcher, PostingsCursor};
use crate::search::scope::SearchScope;

/// The `k` best passages, best first, ties by page and position in the page. `idfs` are those of `query_idfs`. Records that
/// had to be loaded are added to `loaded`.
pub fn top_k(
    scope: &SearchScope,
    query: &Query,
    idfs: &[f64],
    k: usize,
    loaded: &mut LoadedRecords,
) -> Result<Vec<ScoredPassage>> {
    let signals = query_signals(scope, query, idfs)?;
    let depth = if scope.is_content { k.max(RERANK_DEPTH) } else { k };
    let mut top = TopK::new(depth);
    for_each_scored(scope, query, &signals, |scored| top.push(scored))?;
    let mut best = top.into_passages();
    if scope.is_content && depth == RERANK_DEPTH {
        // All of them are reranked, so only their set matters.
        partition_top(scope.index, &mut best, depth)?;
    } else {
        sort_top(scope.index, &mut best, depth)?;
    }
    best.truncate(depth);
    if scope.is_content {
        let reranked = best.len().min(RERANK_DEPTH);
        rerank(scope, query, idfs, &signals, &mut best[..reranked], k, loaded)?;
    }
    best.truncate(k);
    Ok(best)
}

/// Calls `visit` with every passage that matches, with its score of the first stage, in no particular order.
pub fn for_each_match(
    scope: &SearchScope,
    query: &Query,
    idfs: &[f64],
    mut visit: impl FnMut(ScoredPassage),
) -> Result<()> {
    let visit_all = |scored| {
        visit(scored);
        f64::NEG_INFINITY
    };
    for_each_scored(scope, query, &query_signals(scope, query, idfs)?, visit_all)
}

/// The number of passages that match.
pub fn count_matches(scope: &SearchScope, query: &Query, idfs: &[f64]) -> Result<usize> {
    let mut count = 0;
    let signals = query_signals(scope, query, idfs)?;
    let matching: Vec<&Signal> = signals.iter().filter(|signal| signal.is_matching).collect();
    for (segment_ord, segment) in (0u32..).zip(scope.segments()) {
        let mut scorer = SegmentScorer::open(scope, segment_ord, query, matching.iter().copied())?;
        count += maxscore::count(segment, &mut scorer.signals, &mut scorer.constraint, scorer.needs_match);
        scorer.finish()?;
    }
    Ok(count)
}

/// Calls `collect` with the passages that match, segment by segment. It returns the new threshold; passages that score below
/// it may be skipped.
fn for_each_scored(
    scope: &SearchScope,
    query: &Query,
    signals: &[Signal],
    mut collect: impl FnMut(ScoredPassage) -> f64,
) -> Result<()> {
    let mut threshold = f64::NEG_INFINITY;
    for (segment_ord, segment) in (0u32..).zip(scope.segments()) {
        let mut scorer = SegmentScorer::open(scope, segment_ord, query, signals)?;
        let mut repeated = open_repeated(scope, segment)?;
        let collect = |doc, score| {
            let is_repeated = repeated.as_mut().is_some_and(|postings| postings.seek(doc) == doc);
            let score = if is_repeated { score * REPEATED } else { score };
            let address = DocAddress::new(segment_ord, doc);
            collect(ScoredPassage { address, score, is_repeated, stage: RankStage::FirstPass })
        };
        let SegmentScorer { signals, constraint, needs_match } = &mut scorer;
        maxscore::for_each_scored(segment, signals, constraint, *needs_match, &mut threshold, collect);
        scorer.finish()?;
    }
    Ok(())
}

/// The signals and the constraint of a query, opened in a segment.
struct SegmentScorer<'a> {
    signals: Vec<SignalScorer>,
    constraint: Option<ConstraintMatcher<'a>>,
    /// Whether a matching signal must occur in a hit; otherwise the constraint alone decides.
    needs_match: bool,
}

impl<'a> SegmentScorer<'a> {
    fn open<'s>(
        scope: &'a SearchScope,
        segment_ord: u32,
        query: &'a Query,
        signals: impl IntoIterator<Item = &'s Signal<'s>>,
    ) -> Result<SegmentScorer<'a>> {
        let mut scorers = Vec::new();
        for signal in signals {
            scorers.extend(SignalScorer::open(scope, segment_ord, signal)?);
        }
        let needs_match = query.must_match_word && !query.implies_word_match();
        let constraint = ConstraintMatcher::open(scope, segment_ord, query)?;
        Ok(SegmentScorer { signals: scorers, constraint, needs_match })
    }

    /// Returns the first error that occurred while documents were tested.
    fn finish(mut self) -> Result<()> {
        self.constraint.as_mut().and_then(ConstraintMatcher::take_error).map_or(Ok(()), Err)
    }
}

/// The passages that every page of their site has. Most indexes have none, and opening a field without terms is slow.
fn open_repeated(scope: &SearchScope, segment: &SegmentReader) -> Result<Option<PostingsCursor>> {
    if scope.index.repeated == 0 {
        return Ok(None);
    }
    let field = scope.fields.duplicate_key;
    let term = Term::from_field_u64(field, REPEATED_ON_SITE);
    PostingsCursor::open(segment.inverted_index(field)?.as_ref(), &term, IndexRecordOption::Basic)
}
