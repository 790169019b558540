//! The JSON API: `/api/v1/…`, its description, and the pages that explain its problems.

mod entity_version;
mod envelope;
mod marked_text;
mod passage;
mod search;
mod status;

pub use passage::{PASSAGES, passage};
pub use search::search;
pub use status::status;
