//! `GET /api/v1/status`: what is indexed.

use serde_json::json;

use crate::serve::http::{Answer, Problem};
use crate::serve::request::{AcceptedRequest, ReadContext};

/// Answers `/api/v1/status`.
pub fn status(context: &ReadContext, _: &AcceptedRequest) -> Result<Answer, Problem> {
    let index = &context.snapshot.index;
    Ok(Answer::json(&json!({
        "generation": context.snapshot.version,
        "pages": index.pages,
        "passages": index.passages,
        "words": index.words,
        "built_by": index.built_by,
        "version": env!("CARGO_PKG_VERSION"),
    }))
    .with_version(context.snapshot.version.clone()))
}
