//! HTTP/1.1: what the server accepts from a client, and the form of its answers.
//!
//! hyper parses requests and writes responses. `guarded_stream` sits between hyper and the socket: it enforces the
//! timeouts, and passes on only requests whose head `request_head` accepts. `access` and `cors` decide
//! which requests are allowed.

mod access;
mod answer;
mod cors;
mod guarded_stream;
mod problem;
mod request_head;

pub use access::{Access, CrossSite, check_access, forwarded_for};
pub use answer::{Answer, ClientState, RESOURCE_POLICY, problem_headers, response};
pub use cors::{add_cors_headers, cors_origin, is_preflight, preflight_answer};
pub use guarded_stream::{ConnectionState, GuardedStream, Rejection};
pub use problem::{Problem, ProblemKind};
