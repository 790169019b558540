//! Spelling suggestions: searches for a suggested query, or prints it as "did you mean …".

use treff::error::Result;
use treff::index::Index;
use treff::norwegian::normalize;
use treff::query::Query;
use treff::search::{SearchOptions, SearchResults, Suggestion, search};

use crate::cli::output::say;

/// Maximum length of a suggested query to print. A longer one is pasted text; only its corrected words are printed.
const MAX_SUGGESTED_CHARS: usize = 80;

/// Searches for the suggestion in `results`, and returns the suggested query with its results.
///
/// Without `--correct`, the only corrections made are those that restore `æ`, `ø` or `å` in words that occur on no
/// page. With `--correct` (`is_requested`), all corrections are made if the original query has no matches. Returns
/// `None` if no correction is made, or if the suggested query has no matches either. `parse` parses that query.
pub fn search_suggestion(
    index: &Index,
    results: &SearchResults,
    options: &SearchOptions,
    parse: impl FnOnce(&str) -> Result<Query>,
    is_requested: bool,
) -> Result<Option<(Query, SearchResults)>> {
    let accepts_all = is_requested && !results.has_matches;
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

/// Prints a suggestion and the command that searches for it. `command` returns the command for a query.
pub fn say_suggestion(suggestion: &Suggestion, command: impl FnOnce(&str) -> String) {
    if suggestion.query.chars().count() > MAX_SUGGESTED_CHARS {
        for correction in corrections(suggestion) {
            say(&format!("did you mean {correction}?"));
        }
    } else {
        let command = command(&suggestion.query);
        say(&format!("did you mean “{}”? run `{command}`", suggestion.query));
    }
}

/// The corrections of a suggestion, as messages show them.
pub fn corrections(suggestion: &Suggestion) -> impl Iterator<Item = String> {
    suggestion.words.iter().map(|(typed, corrected)| format!("“{corrected}” instead of “{typed}”"))
}
