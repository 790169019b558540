//! Orders passages by score, and passages of equal score by page key and by position in the page.
//!
//! Page keys don't depend on segments, so an index that was updated returns the same order as a new one. Reading them
//! is slow, so they are compared only for ties that affect the requested result.

use tantivy::DocAddress;

use super::top_k::ScoredPassage;
use super::weights::RERANK_DEPTH;
use crate::error::Result;
use crate::index::{Index, TextColumn};

/// Sorts passages by descending score, and ties by page and position. Only the order of the first `k` passages is
/// guaranteed.
pub fn sort_top(index: &Index, passages: &mut [ScoredPassage], k: usize) -> Result<()> {
    sort_with_ties(index, passages, k, |start, end| start < k && end - start > 1)
}

/// Moves the best `count` passages to the front, choosing among ties by page and position. The order of ties within
/// them is unspecified. At most `RERANK_DEPTH` passages can be requested.
pub fn partition_top(index: &Index, passages: &mut [ScoredPassage], count: usize) -> Result<()> {
    debug_assert!(count <= RERANK_DEPTH);
    sort_with_ties(index, passages, RERANK_DEPTH, |start, end| start < count && count < end)
}

/// Sorts passages by descending score. If `needs_order(start, end)` returns `true` for a run of ties, its first `k`
/// passages are ordered by page and position.
fn sort_with_ties(
    index: &Index,
    passages: &mut [ScoredPassage],
    k: usize,
    needs_order: impl Fn(usize, usize) -> bool,
) -> Result<()> {
    passages.sort_by(|one, other| other.score.total_cmp(&one.score));
    let mut end = 0;
    for ties in passages.chunk_by_mut(|one, other| one.score == other.score) {
        let start = end;
        end += ties.len();
        if needs_order(start, end) {
            sort_ties(index, ties, k)?;
        }
    }
    Ok(())
}

/// Moves the first `k` of the tied passages, by page and position, to the front; the order of the others is
/// unspecified.
///
/// Within a segment, the ordinals of page keys are in the order of the keys, so keys are read only where segments must
/// be merged. The passages of a page are in one segment, with doc ids in the order of their positions.
fn sort_ties(index: &Index, ties: &mut [ScoredPassage], k: usize) -> Result<()> {
    let mut by_ordinal = Vec::with_capacity(ties.len());
    for scored in ties.iter() {
        let page = index.fast_fields.text_ordinal(scored.address, TextColumn::Page)?;
        let DocAddress { segment_ord, doc_id } = scored.address;
        by_ordinal.push(((segment_ord, page, doc_id), *scored));
    }
    by_ordinal.sort_unstable_by_key(|(key, _)| *key);
    let is_one_segment = by_ordinal.first().map(|(key, _)| key.0) == by_ordinal.last().map(|(key, _)| key.0);
    let mut by_page = Vec::new();
    let mut others = Vec::new();
    for in_segment in by_ordinal.chunk_by(|one, other| one.0.0 == other.0.0) {
        let (first, after) = in_segment.split_at(k.min(in_segment.len()));
        for ((_, _, doc_id), scored) in first {
            let page = if is_one_segment {
                String::new()
            } else {
                index.fast_fields.text(scored.address, TextColumn::Page)?
            };
            by_page.push(((page, *doc_id), *scored));
        }
        others.extend(after.iter().map(|(_, scored)| *scored));
    }
    if !is_one_segment {
        by_page.sort_by(|one, other| one.0.cmp(&other.0));
    }
    let sorted = by_page.into_iter().map(|(_, scored)| scored).chain(others);
    ties.iter_mut().zip(sorted).for_each(|(slot, scored)| *slot = scored);
    Ok(())
}
