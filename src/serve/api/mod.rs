//! The JSON API: `/api/v1/…`, its description, and the pages that explain its problems.

mod api_passage;
mod api_search;
mod api_status;
mod entity_version;
mod envelope;
mod marked_text;
mod openapi;
mod problem_page;

pub use api_passage::{PASSAGES, passage};
pub use api_search::search;
pub use api_status::status;
pub use openapi::openapi;
pub use problem_page::{PROBLEMS, problem_page};
