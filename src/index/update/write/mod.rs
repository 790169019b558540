//! Writes the changes of an update to a generation with tantivy, in one commit.

mod backpressure;
pub mod commit;
mod copies;
mod documents;
mod index_pages;
mod merge;
