//! Site templates: the lines that recur on the pages of a site.

pub(super) mod subsites;
pub(super) mod template;

pub use template::{PageFingerprint, SiteTemplate, line_hash};
