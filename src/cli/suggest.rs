//! How does a person learn what a query was probably meant to be?

use std::path::Path;

use treff::error::Result;
use treff::index::Index;
use treff::norwegian::normalize;
use treff::query::Query;
use treff::search::{SearchOptions, SearchResults, Suggestion, search};

use super::{Globals, say};

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
    let is_meant = |suggestion: &&Suggestion| suggestion.only_respells() || is_asked_for && !answer.is_found;
    let Some(suggestion) = answer.suggestion.as_ref().filter(is_meant) else {
        return Ok(None);
    };
    let query = read(&suggestion.query)?;
    let mut answer = search(index, &query, options)?;
    for hit in &mut answer.hits {
        hit.suggested = Some(suggestion.query.clone());
        for word in hit.why.iter_mut().flat_map(|why| &mut why.words) {
            let is_meant = |meant: &str| meant.split_whitespace().any(|meant| normalize(meant) == word.word);
            word.typed = suggestion.words.iter().find(|(_, meant)| is_meant(meant)).map(|(typed, _)| typed.clone());
        }
    }
    Ok(Some((query, answer)).filter(|(_, answer)| answer.is_found))
}

/// Says that the hits are not those of what was typed.
pub fn announce(query: &Query) {
    let text: String = query.text.chars().take(LONG).collect();
    say(&format!("dette er treff for «{text}»"));
}

/// Asks what was meant, and names the command that searches for it.
pub fn ask(suggestion: &Suggestion, globals: &Globals) {
    if suggestion.query.chars().count() > LONG {
        for (typed, meant) in &suggestion.words {
            say(&format!("mente du «{meant}» med «{typed}»?"));
        }
    } else {
        say(&format!("mente du «{}»? Søk med: {}", suggestion.query, command(&["search"], &suggestion.query, globals)));
    }
}

/// The command that does something with `argument` in the same index, as a shell takes it.
pub fn command(words: &[&str], argument: &str, globals: &Globals) -> String {
    let end_of_options = if argument.starts_with('-') { "-- " } else { "" };
    format!("{} {} {end_of_options}{}", program(globals), words.join(" "), quoted(argument))
}

/// How a command for the same index begins.
pub fn program(globals: &Globals) -> String {
    let from_environment = std::env::var_os("TREFF_INDEX").filter(|dir| !dir.is_empty());
    let default = from_environment.unwrap_or_else(|| "index".into());
    if globals.index == Path::new(&default) {
        "treff".to_string()
    } else {
        format!("treff --index {}", quoted(&globals.index.to_string_lossy()))
    }
}

/// A message whose commands name the index, so that they do what they say when they are copied.
pub fn with_index(message: &str, globals: &Globals) -> String {
    message.replace("`treff ", &format!("`{} ", program(globals)))
}

/// As a shell takes it for one argument.
fn quoted(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c)) {
        text.to_string()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_command_as_meant() {
        assert_eq!(quoted("økonomi"), "økonomi");
        assert_eq!(quoted("økonomi og ledelse"), "'økonomi og ledelse'");
        assert_eq!(quoted("\"pc'en\" -skole"), "'\"pc'\\''en\" -skole'");
        assert_eq!(quoted("$(rm)"), "'$(rm)'");
    }
}
