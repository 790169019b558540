//! The JSON API: `/api/v1/…`.

mod passage;
mod search;
mod status;

pub use passage::{PASSAGES, passage};
pub use search::search;
pub use status::status;
