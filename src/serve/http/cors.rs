//! Cross-origin resource sharing (the Fetch standard), for the configured origins only.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN,
};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::answer::Answer;
use crate::serve::config::ServeConfig;

/// The value of `Origin`, if it is exactly one of the configured origins.
pub fn cors_origin(headers: &HeaderMap, config: &ServeConfig) -> Option<HeaderValue> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next().filter(|_| origins.next().is_none())?;
    config.cors_origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

/// Whether the request asks if a page of a configured origin may send another one. Such requests have no token.
pub fn is_preflight(head: &Parts, config: &ServeConfig) -> bool {
    head.method == Method::OPTIONS
        && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
        && cors_origin(&head.headers, config).is_some()
}

/// The answer to a preflight request for a path with these methods.
pub fn preflight_answer(methods: &'static str) -> Answer {
    let mut answer = Answer::new("text/plain; charset=utf-8", "");
    answer.status = StatusCode::NO_CONTENT;
    answer
        .with_header(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods))
        .with_header(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS))
        .with_header(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"))
}

/// The request headers that are used besides those that pages may always send: by clients of the API, and by clients of
/// any revision of MCP.
const ALLOWED_HEADERS: &str = "authorization, content-type, if-none-match, last-event-id, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name";

/// The response headers that pages may read besides those that they always may: whether and when to ask again, and what
/// an answer with the status 401 or 405 must say.
const EXPOSED_HEADERS: &str = "allow, etag, retry-after, www-authenticate";

/// Lets pages of `origin` read the response.
pub fn add_cors_headers(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
}
