//! What the interfaces of treff (command line, search page, API, MCP) have in common: a search with its corrections,
//! counts and notes, and the synonyms of an index folder.

mod load_synonyms;
mod search_request;

pub use load_synonyms::{load_synonyms, synonyms_hash};
pub use search_request::{RequestError, SearchFilters, SearchOutcome, SearchRequest, search};
