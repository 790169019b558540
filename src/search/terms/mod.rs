//! Looks up terms in the dictionary of the index: expands patterns and suggests corrections of words.

mod edit_cost;
mod similar_word;
mod spelling;
mod term_dict;
mod wildcard_expansion;

pub use spelling::{Suggestion, any_occurs, suggest_query, suggest_word};
pub use wildcard_expansion::{MAX_EXPANSIONS, expand_patterns, expand_patterns_until};
