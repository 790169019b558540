//! Updates an index: compares the files below its roots with the manifest, decides which pages to index again, and
//! commits the changes atomically.

mod allocator;
mod backpressure;
mod commit;
mod copies;
mod documents;
mod invalidate;
mod run;
mod scan;
mod watcher;

pub use allocator::{fit_allocator, give_back_memory};
pub use invalidate::SiteContext;
pub use run::{ContentLoss, Progress, UpdateOptions, UpdateReport, update};
pub use scan::{SourceChanges, source_changes};
pub use watcher::Watcher;
