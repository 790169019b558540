//! Site templates: which lines recur on the pages of a site.

mod duplicate_clusters;
mod fold_line;
mod line_hash;
mod page_fingerprint;
mod recurrence;
mod subsites;
mod template;
mod union_find;

pub use fold_line::{first_folded_word, fold_line, fold_line_within};
pub use line_hash::{is_year, line_hash};
pub use page_fingerprint::PageFingerprint;
pub use recurrence::Recurrence;
pub use template::SiteTemplate;
