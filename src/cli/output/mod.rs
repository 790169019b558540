//! Writing to the terminal: styles, number formats, and the layout of hits.

mod print;
mod print_explanation;
mod print_hit;
mod style;
mod units;

pub use print::{print, say};
pub use print_hit::{print_facet, print_hit};
pub use style::{Style, When, printable};
pub use units::{format_bytes, format_count, format_duration};
