//! How does a person learn what a query was probably meant to be?

use treff::error::Result;
use treff::index::Index;
use treff::norwegian::normalize;
use treff::query::Query;
use treff::search::{SearchOptions, SearchResults, Suggestion, search};

use crate::cli::advice::shell_command;
use crate::cli::globals::Globals;
use crate::cli::output::say;

/// Characters beyond which a query is a pasted text, which nobody wants to read again.
const LONG: usize = 80;

/// The hits of what was probably meant, each marked as such, with the query that gave them: without being asked only
/// where a word that stands nowhere lacks its `æøå`. `None` where that finds nothing, or, if the suggestion is
/// another, where something was found for what was typed. `read` makes a query of it.
pub fn instead(
    index: &Index,
    answer: &SearchResults,
    options: &SearchOptions,
    read: impl FnOnce(&str) -> Result<Query>,
    is_asked_for: bool,
) -> Result<Option<(Query, SearchResults)>> {
    let is_meant = |suggestion: &&Suggestion| suggestion.is_respelling() || is_asked_for && !answer.has_matches;
    let Some(suggestion) = answer.suggestion.as_ref().filter(is_meant) else {
        return Ok(None);
    };
    let query = read(&suggestion.query)?;
    let mut answer = search(index, &query, options)?;
    for hit in &mut answer.hits {
        hit.corrected_query = Some(suggestion.query.clone());
        for word in hit.explanation.iter_mut().flat_map(|explanation| &mut explanation.words) {
            let is_meant = |meant: &str| meant.split_whitespace().any(|meant| normalize(meant) == word.word);
            word.typed = suggestion.words.iter().find(|(_, meant)| is_meant(meant)).map(|(typed, _)| typed.clone());
        }
    }
    Ok(Some((query, answer)).filter(|(_, answer)| answer.has_matches))
}

/// Says that the hits are not those of what was typed.
pub fn announce(query: &Query) {
    let text: String = query.text.chars().take(LONG).collect();
    say(&format!("showing results for “{text}”"));
}

/// Asks what was meant, and names the command that searches for it.
pub fn ask(suggestion: &Suggestion, globals: &Globals) {
    if suggestion.query.chars().count() > LONG {
        for (typed, meant) in &suggestion.words {
            say(&format!("did you mean “{meant}” instead of “{typed}”?"));
        }
    } else {
        say(&format!(
            "did you mean “{}”? run `{}`",
            suggestion.query,
            shell_command(&["search"], &suggestion.query, globals)
        ));
    }
}
