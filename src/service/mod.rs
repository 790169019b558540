//! What the interfaces of treff (command line, search page, API, MCP) have in common: a search with its corrections,
//! counts and notes, the synonyms of an index folder, and the snapshot of the index that is current.

mod current_index;
mod file_stamps;
mod load_synonyms;
mod page_window;
mod query_reading;
mod search_request;
mod shown_lines;
mod shown_path;
mod shown_text;

pub use current_index::{CurrentIndex, IndexStatus, Snapshot};
pub use load_synonyms::load_synonyms;
pub use page_window::{FittingPassages, MAX_PASSAGE_BYTES, cut_text, fit_page, page_window};
pub use query_reading::{PatternReading, QueryReading, WordReading, query_notes};
pub use search_request::{EmptyReason, ParsedRequest, RequestError, SearchFilters, SearchOutcome, SearchRequest};
pub use shown_lines::{ShownLine, clip_marks, query_to_mark, shown_lines};
pub use shown_path::PathShortener;
pub use shown_text::{is_visible, one_line, shown_char, shown_text, shown_title, shown_url, web_url};
