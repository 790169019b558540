//! Writes to the terminal: styles, number formats, and the layout of hits.

mod json;
mod print;
mod print_explanation;
mod print_hit;
mod quantities;
mod style;

pub use json::print_json_line;
#[cfg(feature = "serve")]
pub use print::print_log_line;
pub use print::{print, say};
pub use print_hit::{print_facet, print_hit};
pub use quantities::{format_bytes, format_count, format_duration};
pub use style::{Style, When, printable};
