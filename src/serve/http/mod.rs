//! HTTP/1.1: what the server accepts from a client, and the form of its answers.
//!
//! hyper parses requests and writes responses. `guarded_stream` sits between hyper and the socket: it enforces the
//! timeouts, and passes on only requests whose head `request_head` accepts. `access` decides who may ask.

mod access;
mod answer;
mod guarded_stream;
mod problem;
mod request_head;

pub use access::{Access, check_access};
pub use answer::{Answer, ClientState, problem_headers, response};
pub use guarded_stream::{ConnectionState, GuardedStream};
pub use problem::{Problem, ProblemKind};
