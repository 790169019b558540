//! The search page: HTML for people, written with maud, which escapes all text.

mod results;

pub use results::{error_page, results};
