//! Errors as RFC 9457 problem details (`application/problem+json`).

use serde_json::{Map, Value, json};

/// The kinds of errors that a client can get. The name of a kind is stable: it is the last part of the problem's
/// `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    BadRequest,
    BadParameter,
    EmptyQuery,
    QuerySyntax,
    Unauthorized,
    ForeignHost,
    ForeignOrigin,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    GenerationChanged,
    LengthRequired,
    TooLarge,
    UriTooLong,
    HeadersTooLarge,
    Internal,
    NoIndex,
    Damaged,
    Overloaded,
    ShuttingDown,
}

impl ProblemKind {
    /// Every kind, for the documentation of the API.
    pub const ALL: [ProblemKind; 20] = [
        ProblemKind::BadRequest,
        ProblemKind::BadParameter,
        ProblemKind::EmptyQuery,
        ProblemKind::QuerySyntax,
        ProblemKind::Unauthorized,
        ProblemKind::ForeignHost,
        ProblemKind::ForeignOrigin,
        ProblemKind::NotFound,
        ProblemKind::MethodNotAllowed,
        ProblemKind::RequestTimeout,
        ProblemKind::GenerationChanged,
        ProblemKind::LengthRequired,
        ProblemKind::TooLarge,
        ProblemKind::UriTooLong,
        ProblemKind::HeadersTooLarge,
        ProblemKind::Internal,
        ProblemKind::NoIndex,
        ProblemKind::Damaged,
        ProblemKind::Overloaded,
        ProblemKind::ShuttingDown,
    ];

    /// The HTTP status, the stable name, and the title.
    fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            ProblemKind::BadRequest => (400, "bad-request", "Malformed request"),
            ProblemKind::BadParameter => (400, "bad-parameter", "Invalid parameter"),
            ProblemKind::EmptyQuery => (400, "empty-query", "Nothing to search for"),
            ProblemKind::QuerySyntax => (400, "query-syntax", "Syntax error in the query"),
            ProblemKind::Unauthorized => (401, "unauthorized", "A valid token is required"),
            ProblemKind::ForeignHost => (421, "foreign-host", "This server does not serve that host"),
            ProblemKind::ForeignOrigin => (403, "foreign-origin", "Requests from that origin are not allowed"),
            ProblemKind::NotFound => (404, "not-found", "Not found"),
            ProblemKind::MethodNotAllowed => (405, "method-not-allowed", "Method not allowed"),
            ProblemKind::RequestTimeout => (408, "request-timeout", "The request did not arrive in time"),
            ProblemKind::GenerationChanged => (409, "generation-changed", "The index has changed"),
            ProblemKind::LengthRequired => (411, "length-required", "Content-Length is required"),
            ProblemKind::TooLarge => (413, "too-large", "The request body is too large"),
            ProblemKind::UriTooLong => (414, "uri-too-long", "The request target is too long"),
            ProblemKind::HeadersTooLarge => (431, "headers-too-large", "The request headers are too large"),
            ProblemKind::Internal => (500, "internal", "Internal error"),
            ProblemKind::NoIndex => (503, "no-index", "There is no index"),
            ProblemKind::Damaged => (503, "damaged", "The index is damaged"),
            ProblemKind::Overloaded => (503, "overloaded", "Too many searches are waiting"),
            ProblemKind::ShuttingDown => (503, "shutting-down", "The server is shutting down"),
        }
    }

    pub fn status(self) -> u16 {
        self.parts().0
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        self.parts().1
    }

    pub fn title(self) -> &'static str {
        self.parts().2
    }
}

/// An error as the client sees it.
#[derive(Clone, Debug)]
pub struct Problem {
    pub kind: ProblemKind,
    /// What is wrong with this request, as a sentence without a final full stop.
    pub detail: String,
    /// Further members of the problem object, such as the place of a syntax error.
    pub members: Map<String, Value>,
}

impl Problem {
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Problem {
        Problem { kind, detail: detail.into(), members: Map::new() }
    }

    /// Adds a member to the problem object.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.members.insert(name.to_string(), value.into());
        self
    }

    /// The problem object. `type` is a relative reference, so that it does not depend on the host name.
    pub fn to_json(&self) -> Value {
        let mut object = json!({
            "type": format!("/problems/{}", self.kind.name()),
            "title": self.kind.title(),
            "status": self.kind.status(),
            "detail": self.detail,
        });
        if let Value::Object(object) = &mut object {
            object.extend(self.members.clone());
        }
        object
    }
}
