//! `GET /api/v1/status`: what is indexed, and the limits of the server.

use serde_json::json;

use super::entity_version::entity_version;
use crate::search::SCHEMA_VERSION;
use crate::serve::http::{Answer, Problem};
use crate::serve::parameters::{pairs, unknown_parameter};
use crate::serve::request::{AcceptedRequest, ReadContext};

/// Answers `/api/v1/status`.
pub fn status(context: &ReadContext, request: &AcceptedRequest) -> Result<Answer, Problem> {
    if let Some((name, _)) = pairs(&request.query).next() {
        return Err(unknown_parameter(&name));
    }
    let (index, limits) = (&context.snapshot.index, &context.server.config.limits);
    let answer = json!({
        "v": SCHEMA_VERSION,
        "generation": context.snapshot.version,
        "pages": index.pages,
        "copies": index.copies,
        "passages": index.passages,
        "words": index.words,
        "built_by": index.built_by,
        "version": env!("CARGO_PKG_VERSION"),
        "limits": {
            "query_chars": limits.query_chars,
            "hits": limits.hits,
            "search_ms": limits.search_time.as_millis() as u64,
        },
    });
    Ok(Answer::json(&answer).with_version(entity_version(context, request)))
}
