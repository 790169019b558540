//! `GET /api/v1/passages/{id}`: a passage in its page.

use serde_json::json;

use crate::search::{hit_id, page_of_hit};
use crate::serve::http::{Answer, Problem, ProblemKind};
use crate::serve::request::{AcceptedRequest, ReadContext, unavailable};

/// The beginning of the path.
pub const PASSAGES: &str = "/api/v1/passages/";

/// Answers `/api/v1/passages/{id}`.
pub fn passage(context: &ReadContext, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let id = request.path.strip_prefix(PASSAGES).unwrap_or_default();
    let snapshot = &context.snapshot;
    let found = snapshot.guarded(|| page_of_hit(&snapshot.index, id)).map_err(|error| unavailable(&error))?;
    let page = found.ok_or_else(|| Problem::new(ProblemKind::NotFound, "no passage has this id"))?;
    let passages: Vec<_> = page
        .passages
        .iter()
        .map(|stored| json!({"id": hit_id(stored), "lines": stored.passage.lines, "text": stored.passage.text}))
        .collect();
    let hit = page.hit();
    Ok(Answer::json(&json!({"id": hit_id(hit), "title": hit.title, "passages": passages})))
}
