//! The data types that the stages of treff pass to each other: pages, lines, documents and passages.
//!
//! Reading produces a [`Page`], cleaning turns it into a [`Document`], and chunking divides that into [`Passage`]s.
//! The types are plain values with public fields and depend on no stage.

mod document;
mod line;
mod page;
mod passage;
mod reason;
mod url_host;
mod word_count;

pub use document::{ClassifiedLine, Document, Lang, MetadataOrigins};
pub use line::{BULLETS, Line, LineClass, Markup};
pub use page::{Format, Page, PageId, PageMetadata};
pub use passage::Passage;
pub use reason::{OutsideReason, Reason};
pub use url_host::{canonical_ipv6, url_host};
pub use word_count::{has_words, shortened, word_count};
