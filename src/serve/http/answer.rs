//! Answers, and their conversion to HTTP responses: conditional requests, gzip, HEAD, and the headers of every response.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, Request, Response, StatusCode};

use super::problem::{Problem, ProblemKind};

/// Whether browsers give an answer to pages of other origins that may not read it.
pub const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The answer to a request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// What the answer depends on, as an opaque string: equal values mean equal bodies.
    pub version: Option<String>,
    /// Headers in addition to those of every response.
    pub headers: HeaderMap,
}

impl Answer {
    pub fn new(content_type: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status: StatusCode::OK, content_type, body: body.into(), version: None, headers: HeaderMap::new() }
    }

    pub fn json(value: &impl serde::Serialize) -> Answer {
        let body = serde_json::to_vec(value).expect("strings, numbers and lists always encode");
        Answer::new("application/json", body)
    }

    #[cfg(feature = "mcp")]
    pub fn with_status(mut self, status: StatusCode) -> Answer {
        self.status = status;
        self
    }

    pub fn with_version(mut self, version: String) -> Answer {
        self.version = Some(version);
        self
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Answer {
        self.headers.insert(name, value);
        self
    }
}

impl From<&Problem> for Answer {
    fn from(problem: &Problem) -> Answer {
        let mut answer = Answer::json(&problem.to_json());
        answer.content_type = "application/problem+json";
        answer.status = StatusCode::from_u16(problem.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer.headers = problem_headers(problem.kind);
        answer
    }
}

/// The headers that the status of a problem requires.
pub fn problem_headers(kind: ProblemKind) -> HeaderMap {
    let mut headers = HeaderMap::new();
    match kind {
        ProblemKind::Overloaded => {
            headers.insert(hyper::header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        ProblemKind::NoIndex | ProblemKind::Damaged | ProblemKind::ShuttingDown => {
            headers.insert(hyper::header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        ProblemKind::Unauthorized => {
            headers.insert(hyper::header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    headers
}

/// What a client accepts and already has.
#[derive(Clone, Debug, Default)]
pub struct ClientState {
    is_head: bool,
    accepts_gzip: bool,
    /// The values of `If-None-Match`.
    known: Vec<String>,
}

impl ClientState {
    pub fn of<B>(request: &Request<B>) -> ClientState {
        let values = |name| request.headers().get_all(name).iter().filter_map(|value| value.to_str().ok());
        let items = |name| {
            let items: Vec<String> =
                values(name).flat_map(|value| value.split(',')).map(|item| item.trim().to_string()).collect();
            items
        };
        let accepts = |item: &String| {
            let mut parts = item.split(';').map(str::trim);
            let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
            let is_refused = parts.any(|part| {
                let quality = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
                quality.is_some_and(|quality| quality.parse() == Ok(0.0))
            });
            is_gzip && !is_refused
        };
        ClientState {
            is_head: request.method() == Method::HEAD,
            accepts_gzip: items(ACCEPT_ENCODING).iter().any(accepts),
            known: items(IF_NONE_MATCH),
        }
    }

    /// Whether the client names the version of an answer that it has, so that it must have got it. `*` names none.
    pub fn has_version(&self, version: &str) -> bool {
        let is_this = |known: &String| known.trim_start_matches("W/").trim_matches('"') == version;
        self.known.iter().any(is_this)
    }

    /// Whether the client has the answer with this entity tag. The comparison is weak, as RFC 9110 requires.
    fn has(&self, etag: &str) -> bool {
        let opaque = etag.trim_start_matches("W/");
        self.known.iter().any(|known| known == "*" || known.trim_start_matches("W/") == opaque)
    }
}

/// Bodies below this size are not compressed; they fit into one packet anyway.
const MIN_COMPRESSED_BYTES: usize = 1024;

/// Converts an answer to the response for a client.
pub fn response(answer: Answer, client: &ClientState) -> Response<Full<Bytes>> {
    let Answer { mut status, content_type, mut body, version, mut headers } = answer;
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(&RESOURCE_POLICY) {
        // Not even as an image. Pages that may read the answer by CORS don't need this.
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding, accept-language, origin"));
    if !headers.contains_key(CACHE_CONTROL) {
        // The client may keep the answer, but must ask whether it is still the same.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    }
    let etag = version.map(|version| format!("W/\"{version}\""));
    if let Some(value) = etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok()) {
        headers.insert(ETAG, value);
    }
    if status == StatusCode::OK && etag.is_some_and(|etag| client.has(&etag)) {
        status = StatusCode::NOT_MODIFIED;
        body.clear();
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if client.accepts_gzip && body.len() >= MIN_COMPRESSED_BYTES {
            body = gzip(&body);
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    if client.is_head {
        headers.insert(hyper::header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        body.clear();
    }
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Compresses with level 1, which takes a third of the time of the default level and makes search results a tenth
/// larger.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("writing to memory never fails")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use http_body_util::BodyExt;

    use super::*;

    fn client(headers: &[(&str, &str)]) -> ClientState {
        let mut request = Request::builder().method("GET").uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        ClientState::of(&request.body(()).unwrap())
    }

    fn body(response: Response<Full<Bytes>>) -> Vec<u8> {
        let mut body = response.into_body();
        let frame = futures_block(body.frame());
        frame.map(|frame| frame.unwrap().into_data().unwrap().to_vec()).unwrap_or_default()
    }

    fn futures_block<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn compresses_for_clients_that_accept_gzip() {
        let text = "æøå ".repeat(1000);
        let answer = Answer::new("text/plain", text.clone());
        for accepted in ["gzip", "br, gzip;q=0.5", "*", "GZIP"] {
            let response = response(answer.clone(), &client(&[("accept-encoding", accepted)]));
            assert_eq!(response.headers()["content-encoding"], "gzip", "{accepted}");
            let mut decoded = String::new();
            flate2::read::GzDecoder::new(&body(response)[..]).read_to_string(&mut decoded).unwrap();
            assert_eq!(decoded, text);
        }
        for refused in ["br", "gzip;q=0", "gzip; q=0.000", "identity"] {
            let response = response(answer.clone(), &client(&[("accept-encoding", refused)]));
            assert!(!response.headers().contains_key("content-encoding"), "{refused}");
        }
    }

    #[test]
    fn answers_304_if_the_client_has_the_version() {
        let answer = Answer::new("text/plain", "x").with_version("a-1".to_string());
        for known in ["\"a-1\"", "W/\"a-1\"", "\"b\", W/\"a-1\"", "*"] {
            let response = response(answer.clone(), &client(&[("if-none-match", known)]));
            assert_eq!(response.status(), 304, "{known}");
            assert_eq!(response.headers()["etag"], "W/\"a-1\"");
            assert!(body(response).is_empty());
        }
        assert_eq!(response(answer, &client(&[("if-none-match", "\"b\"")])).status(), 200);
    }
}
