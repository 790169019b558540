//! The parts of the pages: the frame, the hits, the filters, notes, page numbers and explanations.

mod displayed;
mod explanation_list;
mod filter_panel;
mod frame;
mod hit_item;
mod notes;
mod page_numbers;

pub use displayed::{displayed, escaped_html, marked};
pub use filter_panel::{chosen_filters, filter_panel};
pub use frame::{Frame, html_answer};
pub use hit_item::{hit_item, metadata, page_language, site_name};
pub use notes::{next_steps, notes, search_again};
pub use page_numbers::page_numbers;
