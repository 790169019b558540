//! A page parsed into lines, with the metadata that it states.

use crate::model::{Line, PageMetadata};

/// A page parsed into lines, not yet classified.
#[derive(Clone, Debug, Default)]
pub struct ParsedPage {
    pub lines: Vec<Line>,
    /// From the record and the page itself (HTML head, front matter); the record takes precedence.
    pub metadata: PageMetadata,
    /// The date of the last change, as the page states it.
    pub updated: Option<String>,
    /// The part of `metadata` that the record states.
    pub(super) record: PageMetadata,
}
