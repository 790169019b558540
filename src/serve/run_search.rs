//! Runs the search of a request on its snapshot of the index, within its time limit.

use super::request::ReadContext;
use crate::service::{ParsedRequest, PathShortener, RequestError, SearchOutcome, SearchRequest};

/// Runs a search for the search page or the API, until its time is over or the client is gone. Paths are not absolute
/// unless only this machine is served.
pub fn run_search(context: &ReadContext, request: &SearchRequest) -> Result<SearchOutcome, RequestError> {
    let (config, snapshot) = (&context.server.config, &context.snapshot);
    let mut request = request.clone();
    request.options.interrupt = context.interrupt();
    let parsed = ParsedRequest::parse(&request, &snapshot.synonyms)?;
    let mut outcome = snapshot.guarded(|| parsed.search(&snapshot.index))?;
    PathShortener::new(&snapshot.index, !config.is_local()).shorten_outcome(&mut outcome);
    Ok(outcome)
}
