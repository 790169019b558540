//! The index: building and updating it from files, opening it, and checking it for damage.
//!
//! An index is a folder:
//!
//! ```text
//! index/treff.json      head file: format, versions, and the name of the current generation
//! index/writer.lock     locked by the process that writes
//! index/generation-1/   a generation: a tantivy index of passages, the manifest of the pages it was built from,
//!                       and the compression dictionary of its passages; a commit names its manifest and dictionary
//! index/stdin-…         a copy of standard input; the name contains the time it was read and its checksum
//! index/synonyms.txt    the user's synonyms, if any; treff never writes this file
//! index/rules.txt       the user's cleaning rules, if any; treff never writes this file
//! ```
//!
//! An update is one commit of tantivy, and the payload of the commit names the manifest that belongs to it. A process
//! that is killed at any moment leaves either the old state or the new one. A rebuild creates a new generation next to
//! the current one and then replaces `treff.json`; readers of the old generation keep its files open.
//!
//! Imports go in one direction: `store` (files on disk) ← `reader` ← `integrity` ← `update`. Other modules of treff
//! open an index through `index::open` only.
//!
//! # Panics
//!
//! A damaged index may make a reader panic. [`with_corruption_guard`] turns that into an error that names the damaged
//! file. It installs a panic hook for the whole process, and needs `panic = "unwind"`.

mod fast_fields;
mod integrity;
mod minhash;
mod page_entry;
mod reader;
mod schema;
mod site_context;
mod source_changes;
mod store;
mod term_tokenizer;
mod update;
mod user_files;

pub use integrity::check::{CheckReport, DamagedFile, Repair, check};
pub use integrity::corruption_guard::{CorruptionGuard, is_damaged, with_corruption_guard};
pub use reader::{Index, IndexState, commit_id, open, state};
pub use schema::DocumentKind;
pub use site_context::SiteContext;
pub use source_changes::{SourceChanges, source_changes};
pub use store::manifest::{Manifest, PageEntry};
pub use store::paths::STDIN;
pub use store::stored_fields::StoredPassage;
pub use update::{ContentLoss, Progress, UpdateOptions, UpdateReport, Watcher, update};
pub use user_files::{RULES, SYNONYMS};

// For the other stages and the program; not part of the API.
#[doc(hidden)]
pub use fast_fields::{FastFields, NumericColumn, PageSpans, TextColumn};
#[doc(hidden)]
pub use integrity::check::contradiction_error;
#[doc(hidden)]
pub use minhash::{CoarseMinHash, MinHash};
#[doc(hidden)]
pub use schema::{Fields, REPEATED_ON_SITE, boilerplate_key, page_hash};
#[doc(hidden)]
pub use store::paths::BaseDir;
#[doc(hidden)]
pub use store::stored_fields::SerializedPassage;
#[doc(hidden)]
pub use update::{release_memory, tune_allocator};
