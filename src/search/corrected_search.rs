//! Searches for the suggested spelling of a query.

use super::engine::{SearchResults, search};
use super::search_options::SearchOptions;
use super::terms::Suggestion;
use crate::error::Result;
use crate::index::Index;
use crate::norwegian::normalize;
use crate::query::Query;

/// Searches for the suggestion in `results`, which are those of the original query, and returns the suggested query
/// with its results. Its hits state it as their `corrected_query`.
///
/// The only corrections made are those that restore `æ`, `ø` or `å` in words that occur on no page; with `accepts_all`,
/// all corrections are made if the original query has no matches. Returns `None` if no correction is made, or if the
/// suggested query has no matches either. `parse` parses that query.
pub fn search_suggestion(
    index: &Index,
    results: &SearchResults,
    options: &SearchOptions,
    parse: impl FnOnce(&str) -> Result<Query>,
    accepts_all: bool,
) -> Result<Option<(Query, SearchResults)>> {
    let accepts_all = accepts_all && !results.has_matches;
    let accepted = |suggestion: &Suggestion| {
        if accepts_all { Some(suggestion.clone()) } else { suggestion.only_respellings() }
    };
    let Some(suggestion) = results.suggestion.as_ref().and_then(accepted) else {
        return Ok(None);
    };
    let query = parse(&suggestion.query)?;
    let mut results = search(index, &query, options)?;
    for hit in &mut results.hits {
        hit.corrected_query = Some(suggestion.query.clone());
        for word in hit.explanation.iter_mut().flat_map(|explanation| &mut explanation.words) {
            let is_source = |corrected: &str| corrected.split_whitespace().any(|part| normalize(part) == word.word);
            let source = suggestion.words.iter().find(|(_, corrected)| is_source(corrected));
            word.typed = source.map(|(typed, _)| typed.clone());
        }
    }
    Ok(Some((query, results)).filter(|(_, results)| results.has_matches))
}
