//! The search page: HTML for people, written with maud, which escapes all text. It needs no script and no cookies.
//!
//! `page_state` is what the URL says; every link is the URL of a changed state.

mod error_page;
mod language;
mod page_state;
mod parts;
mod passage_page;
mod results_page;
mod static_files;
mod text_fragment;

pub use error_page::error_page;
pub use language::UiLanguage;
pub use parts::escaped_html;
pub use passage_page::{PASSAGE_PAGES, passage_page};
pub use results_page::results_page;
pub use static_files::{ASSETS, asset, favicon, opensearch, robots};
pub use text_fragment::with_text_fragment;
