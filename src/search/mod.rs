//! Searches an index: ranks passages (BM25 with MaxScore, then a second stage) and builds hits from them.
//!
//! `engine::search` is the entry point.

mod corrected_search;
mod engine;
mod hit;
mod interrupt;
mod matching;
mod page_of_hit;
mod ranking;
mod results;
mod scope;
mod search_options;
mod searched_scopes;
mod terms;
mod without_filters;

pub use corrected_search::search_suggestion;
pub use engine::{SearchResults, count_matches, count_without_filters, respell_query, search, top_passages};
pub use hit::{Explanation, Hit, PageLocation, SCHEMA_VERSION, WordExplanation, hit_id, parse_hit_id};
pub use interrupt::Interrupt;
pub use matching::{UnknownFilterValue, unknown_filter_values};
pub use page_of_hit::{PageOfHit, page_of_hit, passages_of_page, similar_hit_ids};
pub use ranking::SignalName;
pub use results::facets::{FacetCounts, FacetField, ValueCount};
pub use search_options::{SearchOptions, SortOrder};
pub use terms::{MAX_EXPANSIONS, Suggestion, expand_patterns, suggest_word};
