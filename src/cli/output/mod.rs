//! Writing to the terminal: styles, number formats, and the layout of hits.

mod print;
mod style;
mod units;

pub use print::{print, say};
pub use style::{Style, When, printable};
pub use units::{format_bytes, format_count, format_duration};
