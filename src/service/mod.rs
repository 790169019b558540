//! What the interfaces of treff (command line, search page, API, MCP) have in common: a search with its corrections,
//! counts and notes, the synonyms of an index folder, and the snapshot of the index that is current.

mod current_index;
mod load_synonyms;
mod search_request;

pub use current_index::{CurrentIndex, IndexStatus, Snapshot};
pub use load_synonyms::{load_synonyms, synonyms_hash};
pub use search_request::{RequestError, SearchFilters, SearchOutcome, SearchRequest, search};
