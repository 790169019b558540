//! `GET /api/v1/search`: searches, and returns the hits of docs/json.md in an envelope.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;
use serde_json::{Value, json};

use crate::query::QueryProblem;
use crate::search::{FacetCounts, Hit, SCHEMA_VERSION};
use crate::serve::http::{Answer, Problem, ProblemKind};
use crate::serve::parameters::{Strictness, search_request};
use crate::serve::request::{AcceptedRequest, ReadContext, unavailable};
use crate::service::{self, RequestError, SearchOutcome};

/// Answers `/api/v1/search`.
pub fn search(context: &ReadContext, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let start = Instant::now();
    let snapshot = &context.snapshot;
    let mut pinned = None;
    let search = search_request(&request.query, &context.server.config.limits, Strictness::Reject, |name, value| {
        let is_known = name == "generation";
        if is_known {
            pinned = Some(value.to_string());
        }
        is_known
    })?;
    if let Some(pinned) = pinned.filter(|pinned| *pinned != snapshot.version) {
        let detail = format!("the index has changed since generation {pinned}; start again from the first hits");
        return Err(Problem::new(ProblemKind::GenerationChanged, detail).with("generation", snapshot.version.as_str()));
    }
    let outcome = snapshot.guarded(|| Ok(service::search(&snapshot.index, &snapshot.synonyms, &search)));
    let outcome = outcome.map_err(|error| unavailable(&error))?.map_err(|error| request_problem(&error))?;
    let envelope = Envelope::new(&outcome, &search.options, &snapshot.version, start);
    Ok(Answer::json(&envelope).with_version(format!("{}-{:x}", snapshot.version, hash(&request.query))))
}

fn hash(query: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(query.as_bytes())
}

/// The problem for a request that can't be run.
pub fn request_problem(error: &RequestError) -> Problem {
    match error {
        RequestError::Filter(name, message) => {
            Problem::new(ProblemKind::BadParameter, format!("{name}: {message}")).with("parameter", *name)
        }
        RequestError::Syntax(problem) => Problem::new(ProblemKind::QuerySyntax, problem.message.clone())
            .with("span", json!([problem.span.start, problem.span.end])),
        RequestError::Empty => {
            Problem::new(ProblemKind::EmptyQuery, "the query has no word, pattern or filter to search for")
        }
        RequestError::Index(error) => unavailable(error),
    }
}

/// The answer of a search.
#[derive(Serialize)]
struct Envelope<'a> {
    v: u32,
    query: &'a str,
    searched: &'a str,
    problems: Vec<Value>,
    suggestion: Option<&'a str>,
    offset: usize,
    limit: usize,
    took_us: u128,
    generation: &'a str,
    partial: bool,
    hits: &'a [Hit],
    facets: BTreeMap<&'static str, &'a FacetCounts>,
}

impl<'a> Envelope<'a> {
    fn new(
        outcome: &'a SearchOutcome,
        options: &crate::search::SearchOptions,
        generation: &'a str,
        start: Instant,
    ) -> Envelope<'a> {
        let problem = |problem: &QueryProblem| json!({"message": problem.message, "fallback": problem.fallback, "span": [problem.span.start, problem.span.end]});
        let results = &outcome.results;
        Envelope {
            v: SCHEMA_VERSION,
            query: &outcome.typed.text,
            searched: &outcome.query.text,
            problems: outcome.typed.problems.iter().map(problem).collect(),
            suggestion: results.suggestion.as_ref().map(|suggestion| suggestion.query.as_str()),
            offset: options.offset,
            limit: options.limit,
            took_us: start.elapsed().as_micros(),
            generation,
            partial: false,
            hits: &results.hits,
            facets: results.facets.iter().map(|facet| (facet.field.name(), facet)).collect(),
        }
    }
}
