//! Options of a search: the number, order and form of the hits, and what is searched.

use super::interrupt::Interrupt;
use super::results::facets::FacetField;

/// Options of `search`.
#[derive(Clone, Debug)]
pub struct SearchOptions {
    /// Maximum number of hits.
    pub limit: usize,
    /// Number of hits to skip.
    pub offset: usize,
    /// Maximum length of a snippet, in characters.
    pub snippet_chars: usize,
    /// Return the whole passage instead of a snippet.
    pub full: bool,
    /// Also search what cleaning dropped as boilerplate.
    pub with_boilerplate: bool,
    /// Return near-duplicate pages as separate hits instead of collapsing them into the best one.
    pub with_similar: bool,
    pub order: SortOrder,
    /// Return one hit per page, its best passage, with the number of passages that match.
    pub is_grouped: bool,
    /// Explain each hit's score.
    pub is_explained: bool,
    /// The fields to count matching pages by.
    pub facets: Vec<FacetField>,
    /// Count all passages that match (`SearchResults::matching_passages`).
    pub count_matches: bool,
    /// Once the texts of the hits reach this many bytes in total, leave out the remaining hits.
    pub max_bytes: usize,
    /// When to stop before the search is complete.
    pub interrupt: Interrupt,
}

impl SearchOptions {
    /// The ten best hits with snippets of up to 240 characters (about three lines of a terminal), content only,
    /// near-duplicates collapsed.
    pub const DEFAULT: SearchOptions = SearchOptions {
        limit: 10,
        offset: 0,
        snippet_chars: 240,
        full: false,
        with_boilerplate: false,
        with_similar: false,
        order: SortOrder::Score,
        is_grouped: false,
        is_explained: false,
        facets: Vec::new(),
        count_matches: false,
        max_bytes: usize::MAX,
        interrupt: Interrupt::NEVER,
    };
}

impl Default for SearchOptions {
    fn default() -> SearchOptions {
        SearchOptions::DEFAULT
    }
}

/// The order of hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Highest score first.
    #[default]
    Score,
    /// Newest first; hits of the same day by score, undated ones last.
    Date,
}
