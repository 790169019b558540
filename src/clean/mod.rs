//! PageMetadata the pages of a site, which of their lines are content?
//!
//! A page is parsed into lines (`parse`), the lines of all pages of a site show its template
//! (`template`), and with both every line gets a verdict and a reason (`clean`). A verdict depends on the
//! page and on how often its own lines recur in the site, and on nothing else.
//!
//! The rules lean towards keeping: for a search engine lost content is worse than a leftover menu line.

mod classify;
mod clean_page;
mod dates;
mod html;
mod markdown;
mod metadata;
mod parse_page;
mod parsed_page;
mod site;
mod text;
mod user_rules;

pub use clean_page::{clean, clean_with_rules};
pub use metadata::host;
pub use parse_page::parse;
pub use parsed_page::ParsedPage;
pub use site::{PageFingerprint, SiteTemplate, line_hash};
pub use user_rules::{PageRules, UserRules};
