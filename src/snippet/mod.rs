//! Finds the matches of a query in a text, selects the snippet of a passage, and explains how words match.

mod cut_sentence;
mod highlighter;
mod match_kind;
mod select;
mod token_match;
mod visible_text;
mod window_score;

pub(crate) use highlighter::highlight_filter;
pub use highlighter::{Highlighter, merge_marks};
pub use match_kind::{MatchExplainer, MatchKind, WordMatch};
pub use select::best_snippet;
pub use token_match::Match;
pub(crate) use token_match::{add_phrase, add_proximity, find_phrase, find_proximity, has_form, has_lemma};
pub use visible_text::{Snippet, full_snippet, is_not_displayed, visible_text};
