//! Searches an index: ranks passages (BM25 with MaxScore, then a second stage) and builds hits from them.
//!
//! `engine::search` is the entry point.

mod edit_cost;
mod engine;
mod hit;
mod matching;
mod ranking;
mod results;
mod scope;
mod search_options;
mod searched_scopes;
mod spelling;
mod term_dict;
mod wildcard_expansion;
mod without_filters;

pub use engine::{SearchResults, count_matches, count_without_filters, respell_query, search, top_passages};
pub use hit::{Explanation, Hit, PageLocation, SCHEMA_VERSION, WordExplanation, hit_id, parse_hit_id};
pub use matching::unknown_filter_values;
pub use ranking::SignalName;
pub use results::facets::{FacetCounts, FacetField, ValueCount};
pub use search_options::{SearchOptions, SortOrder};
pub use spelling::{Suggestion, suggest_word};
pub use wildcard_expansion::expand_patterns;
