//! treff: full-text search for Norwegian pages. ARCHITECTURE.md shows the house; start at `norwegian::analyze`
//! for the language, at `search::search` for a query, at `index::update` for a build.

pub mod chunk;
pub mod clean;
pub mod error;
pub mod eval;
pub mod index;
pub mod model;
pub mod norwegian;
pub mod query;
pub mod read;
pub mod search;
pub mod snippet;
