//! Cleaning: parses a page into lines and decides which of them are content.
//!
//! [`parse`] parses a page into lines, [`SiteTemplate::of`] finds the lines that recur on the pages of a site, and
//! [`clean`] gives every line a class and the reason for it. The class of a line depends only on the page, on how often
//! the page's own lines recur on the site, and on the user rules for the page.
//!
//! The rules are a table in `classify/rule_table.rs`. When in doubt, they keep a line: for a search engine, lost
//! content is worse than a leftover menu line.

mod choose_metadata;
mod classify;
mod clean_page;
mod host;
mod html;
mod markdown;
mod parse_date;
mod parse_page;
mod parsed_page;
mod site;
mod text;
mod user_rules;

pub use clean_page::{clean, clean_with_rules};
pub use host::host;
pub use parse_page::parse;
pub use parsed_page::ParsedPage;
pub use site::{PageFingerprint, SiteTemplate, line_hash};
pub use user_rules::{PageRules, UserRules};
