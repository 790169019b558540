//! Parses queries: from the text that a user types to index terms and a constraint tree.
//!
//! `lex` splits the text into tokens and `parse` builds a syntax tree from them (`ast`). `lower` analyzes the words of
//! the tree with the same Norwegian analysis as the pages, adds split compounds and synonyms, and turns the tree into a
//! [`Query`]: the words that score and the constraint that a passage must satisfy.

mod ast;
mod filter;
mod lex;
mod lower;
mod parse;
mod parsed_query;
mod pattern;
mod phrase;
mod split_compound;
mod synonyms;
mod typed_words;

pub use ast::{QueryProblem, QueryProblemKind};
pub use filter::{Filter, FilterField, comparable_host, comparable_source, comparable_text};
pub use lower::parse;
pub use parsed_query::{Constraint, Query, QueryWord, Synonym};
pub use pattern::{Pattern, PatternKind};
pub use phrase::{Phrase, Proximity, possible_lemmas, proximity_spans};
pub use split_compound::SplitCompound;
pub use synonyms::{Expansion, SynonymName, Synonyms};
pub use typed_words::{ReplaceableWord, plain_words, replaceable_words};
