//! Prints spelling suggestions as "did you mean …".

use treff::search::Suggestion;

use crate::cli::output::say;

/// Maximum length of a suggested query to print. A longer one is pasted text; only its corrected words are printed.
const MAX_SUGGESTED_CHARS: usize = 80;

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
