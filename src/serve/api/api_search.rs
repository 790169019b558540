//! `GET /api/v1/search`: searches with the options of `treff search`.

use std::time::Instant;

use serde_json::json;

use super::entity_version::entity_version;
use super::envelope::Envelope;
use super::marked_text::utf16_ranges;
use crate::serve::http::{Answer, Problem, ProblemKind};
use crate::serve::parameters::{Strictness, bad_parameter, search_request};
use crate::serve::request::{AcceptedRequest, ReadContext, unavailable};
use crate::serve::run_search::run_search;
use crate::service::RequestError;

/// The parameter that pins an answer to a version of the index.
const GENERATION: &str = "generation";

/// Once the texts of the hits reach this many bytes in total, the remaining hits are left for the next request.
const MAX_ANSWER_BYTES: usize = 4_000_000;

/// Answers `/api/v1/search`.
pub fn search(context: &ReadContext, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let start = Instant::now();
    let generation = &context.snapshot.version;
    let mut pinned: Option<String> = None;
    let limits = &context.server.config.limits;
    let mut search = search_request(&request.query, limits, Strictness::Reject, |name, value| {
        let is_known = name == GENERATION;
        if is_known {
            pinned = Some(value.to_string());
        }
        is_known
    })?;
    if let Some(pinned) = pinned.filter(|pinned| pinned != generation) {
        let detail = format!("the index has changed since generation {pinned}; start again from the first hits");
        return Err(Problem::new(ProblemKind::GenerationChanged, detail).with(GENERATION, generation.as_str()));
    }
    let version = entity_version(context, request);
    if request.client.has_version(&version) {
        // The answer would have no body.
        return Ok(Answer::json(&()).with_version(version));
    }
    search.options.max_bytes = MAX_ANSWER_BYTES;
    let mut outcome = run_search(context, &search).map_err(|error| request_problem(&error, &search.text))?;
    let answer = Answer::json(&Envelope::new(&mut outcome, &search.options, generation, start));
    // The next answer to the same request may be complete.
    Ok(if outcome.partial { answer } else { answer.with_version(version) })
}

/// The problem for a request that can't be run. `query` is its text.
fn request_problem(error: &RequestError, query: &str) -> Problem {
    match error {
        RequestError::Filter(name, message) => bad_parameter(name, message),
        RequestError::Syntax(problem) => {
            let span = (problem.span.start, problem.span.end);
            Problem::new(ProblemKind::QuerySyntax, problem.message.clone())
                .with("parameter", "q")
                .with("span", json!(span))
                .with("span_utf16", json!(utf16_ranges(query, &[span])[0]))
        }
        RequestError::Empty(_, reason) => {
            Problem::new(ProblemKind::EmptyQuery, reason.to_string()).with("parameter", "q")
        }
        RequestError::Index(error) => unavailable(error),
    }
}
