//! Filters on metadata: `field_filter` parses and matches them, `comparable` gives the forms in which values are
//! compared.

mod comparable;
mod field_filter;

pub use comparable::{comparable_host, comparable_source, comparable_text};
pub use field_filter::{Filter, FilterField};
