//! Orders matching passages by date.

use crate::error::Result;
use crate::index::{Index, NumericColumn};
use crate::search::interrupt::StopCheck;
use crate::search::ranking::{self, ScoredPassage};

/// Returns the first `limit` passages, newest first. Passages of the same day are ordered by score, then by page and
/// position; passages without a date come last.
/// Nothing if the search is canceled.
pub fn newest(index: &Index, all: &[ScoredPassage], limit: usize, stop: &StopCheck) -> Result<Vec<ScoredPassage>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut dated = Vec::with_capacity(all.len());
    for (number, scored) in all.iter().enumerate() {
        if stop.is_canceled_at(number) {
            return Ok(Vec::new());
        }
        let day = index.fast_fields.number(scored.address, NumericColumn::Day)?;
        dated.push((day.unwrap_or(0), *scored));
    }
    let newer = |one: &(u64, ScoredPassage), other: &(u64, ScoredPassage)| {
        other.0.cmp(&one.0).then(other.1.score.total_cmp(&one.1.score))
    };
    if dated.len() > limit {
        let (_, last, _) = dated.select_nth_unstable_by(limit - 1, newer);
        let bound = *last;
        dated.retain(|passage| newer(passage, &bound).is_le());
    }
    dated.sort_by(newer);
    let mut ordered = Vec::with_capacity(dated.len());
    for same_day in dated.chunk_by(|one, other| one.0 == other.0) {
        let mut same_day: Vec<ScoredPassage> = same_day.iter().map(|(_, scored)| *scored).collect();
        ranking::sort_top(index, &mut same_day, limit.saturating_sub(ordered.len()))?;
        ordered.append(&mut same_day);
    }
    ordered.truncate(limit);
    Ok(ordered)
}
