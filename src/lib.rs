//! Full-text search for Norwegian pages.
//!
//! The library does what the `treff` program does. Each task has an entry point:
//!
//! | task | function |
//! |---|---|
//! | build an index from files, and update it | [`index::update`] |
//! | open an index | [`index::open`] |
//! | parse a query and search | [`query::parse`], [`search::search`] |
//! | analyze Norwegian text | [`norwegian::analyze`], or [`norwegian::NorwegianTokenizer`] in a tantivy index of your own |
//! | decide which lines of a page are content | [`clean::parse`], [`clean::clean`] |
//!
//! # Index and search
//!
//! ```
//! use treff::index::{self, UpdateOptions};
//! use treff::query::{self, Synonyms};
//! use treff::search::{SearchOptions, search};
//!
//! # fn main() -> treff::error::Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let (pages, index_folder) = (folder.path().join("pages"), folder.path().join("index"));
//! # std::fs::create_dir(&pages).unwrap();
//! # std::fs::write(pages.join("a.md"), "# Helsepersonell\n\nTaushetsplikten gjelder alle ansatte i tjenesten.\n").unwrap();
//! // Reads the files below `pages`; later calls read only what has changed.
//! let report = index::update(&UpdateOptions::new(&index_folder, &[pages]))?;
//! assert_eq!(report.pages, 1);
//!
//! let index = index::open(&index_folder)?;
//! let query = query::parse("teieplikt", &Synonyms::builtin());
//! let results = search(&index, &query, &SearchOptions::default())?;
//! let hit = &results.hits[0];
//! assert_eq!(hit.title.as_deref(), Some("Helsepersonell"));
//! let (start, end) = hit.marks[0];
//! assert_eq!(&hit.snippet[start..end], "Taushetsplikten");
//! # Ok(())
//! # }
//! ```
//!
//! # Clean a page
//!
//! ```
//! use treff::clean::{self, SiteTemplate};
//! use treff::model::{Format, Page};
//!
//! let html = "<nav><a href='/'>Hjem</a></nav><main><h1>Barnevern</h1><p>Kommunen skal hjelpe barn som trenger det.</p></main>";
//! let page = Page::new("barnevern.html", Format::Html, html);
//! // The template of a site comes from all of its pages; a single page has none.
//! let document = clean::clean(clean::parse(&page), &SiteTemplate::default());
//! let content: Vec<&str> = document.lines.iter().filter(|line| line.class.is_kept()).map(|line| line.text.as_str()).collect();
//! assert_eq!(content, ["Barnevern", "Kommunen skal hjelpe barn som trenger det."]);
//! ```
//!
//! # Stability
//!
//! The documented items are the API. Modules and items that the documentation hides are for the `treff` program, its
//! benchmarks and examples, and may change in any release. An index is rebuilt from its sources when its format
//! changes.

pub mod clean;
pub mod error;
pub mod index;
pub mod model;
pub mod norwegian;
pub mod query;
pub mod search;

#[doc(hidden)]
pub mod chunk;
#[doc(hidden)]
pub mod eval;
#[cfg(feature = "mcp")]
#[doc(hidden)]
pub mod mcp;
#[doc(hidden)]
pub mod read;
#[cfg(feature = "serve")]
#[doc(hidden)]
pub mod serve;
#[doc(hidden)]
pub mod service;
#[doc(hidden)]
pub mod snippet;
