//! Matching in one segment: cursors over posting lists, windows of doc ids, and the evaluation of constraints.

mod constraint_matcher;
mod count;
mod cursor;
mod doc_window;
mod phrase_cursor;
mod postings_cursor;
mod title_postings;
mod unknown_filter_values;
mod value_set;
mod weighted_cursor;

pub use constraint_matcher::{ConstraintMatcher, retain_hits};
pub use count::{MatchCounter, count_matches, for_each_window};
pub use cursor::Cursor;
pub use doc_window::{DocWindow, WINDOW};
pub use phrase_cursor::PhraseCursor;
pub use postings_cursor::{PostingsCursor, open_postings, seek};
pub use title_postings::TitlePostings;
pub use unknown_filter_values::{UnknownFilterValue, unknown_filter_values};
pub use weighted_cursor::WeightedCursor;
