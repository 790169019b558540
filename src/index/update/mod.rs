//! Updates an index in phases, each of which passes values to the next: load the previous state, scan the roots, read
//! changed files, invalidate pages, commit.

mod allocator;
mod index_folder;
mod invalidate;
mod previous;
mod read_pages;
mod run;
mod scan;
mod update_options;
mod watcher;
mod write;

pub use allocator::{release_memory, tune_allocator};
pub use run::update;
pub use update_options::{ContentLoss, Progress, UpdateOptions, UpdateReport};
pub use watcher::Watcher;
