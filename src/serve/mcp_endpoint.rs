//! `/mcp`: MCP over HTTP. Each POST carries one message and gets one answer; there are no sessions and no streams.

use std::sync::Arc;
use std::time::Instant;

use hyper::StatusCode;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::http::{Answer, Problem, ProblemKind};
use super::request::Server;
use super::search_pool::JobError;
use crate::mcp::{IndexAccess, Message, RoutingHeaders, RpcError, error_response, http_status, parse, prepare};
use crate::search::Interrupt;

/// Answers a POST request whose access has been checked.
pub async fn answer(server: &Arc<Server>, headers: &HeaderMap, body: &[u8]) -> Result<Answer, Problem> {
    if !is_json(headers) {
        return Ok(invalid("a message has the content type application/json", 415));
    }
    if !accepts_json(headers) {
        return Ok(invalid("answers have the content type application/json, which the Accept header excludes", 406));
    }
    let request = match parse(body) {
        Ok(Message::Request(request)) => request,
        Ok(Message::Notification { .. }) => {
            return Ok(Answer::new("application/json", "").with_status(StatusCode::ACCEPTED));
        }
        Ok(Message::Response) => {
            return Ok(invalid("this server sends no requests, so there is nothing to respond to", 400));
        }
        Err((id, error)) => return Ok(error_answer(&id, &error, 400)),
    };
    let id = request.id.clone();
    let prepared = match prepare(request, Some(&routing_headers(headers))) {
        Ok(prepared) => prepared,
        Err((revision, error)) => return Ok(error_answer(&id, &error, http_status(revision, error.code))),
    };
    let revision = Some(prepared.revision);
    let status = server.index.status();
    let hides_folders = !server.config.is_local();
    let needs_index = prepared.needs_index();
    let search_time = server.config.limits.search_time;
    let respond = move |is_cancelled| {
        let interrupt = Interrupt { deadline: Instant::now().checked_add(search_time), canceled: Some(is_cancelled) };
        prepared.respond(|| IndexAccess { status, interrupt, hides_folders })
    };
    if !needs_index {
        return Ok(json_answer(&respond(Arc::default()).0, 200));
    }
    let (response, error) = match server.pool.run(respond).await {
        Ok(response) => response,
        Err(JobError::QueueFull) => {
            return Err(Problem::new(ProblemKind::Overloaded, "too many searches are waiting; try again in a second"));
        }
        Err(JobError::Panicked) => {
            let error = RpcError::internal();
            (error_response(&id, &error), Some(error))
        }
    };
    let status = error.map_or(200, |error| http_status(revision, error.code));
    Ok(json_answer(&response, status))
}

fn invalid(message: &str, status: u16) -> Answer {
    error_answer(&Value::Null, &RpcError::invalid(message), status)
}

fn error_answer(id: &Value, error: &RpcError, status: u16) -> Answer {
    json_answer(&error_response(id, error), status)
}

fn json_answer(response: &Value, status: u16) -> Answer {
    Answer::json(response).with_status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

/// Whether the client accepts JSON. A client that sends no `Accept` accepts everything.
fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .peekable();
    ranges.peek().is_none()
        || ranges.any(|range| {
            ["application/json", "application/*", "*/*"].iter().any(|json| range.eq_ignore_ascii_case(json))
        })
}

fn routing_headers(headers: &HeaderMap) -> RoutingHeaders<'_> {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let names = ["mcp-protocol-version", "mcp-method", "mcp-name"];
    RoutingHeaders {
        version: value(names[0]),
        method: value(names[1]),
        name: value(names[2]),
        has_duplicates: names.iter().any(|name| headers.get_all(*name).iter().count() > 1),
    }
}
