//! The Model Context Protocol (MCP), by which assistants search the index and read its passages.
//!
//! A message goes through these files: `jsonrpc` parses it, `revision` finds the revision of the protocol that it
//! follows, `protocol` finds its method, and `tools` runs the tool that it calls. `stdio` is the transport over standard
//! input and output; `treff serve` has the one over HTTP.

mod arguments;
mod jsonrpc;
mod protocol;
mod revision;
mod search_tool;
mod show_tool;
mod status_tool;
mod stdio;
mod tool_definitions;
mod tool_output;
mod tools;

pub use jsonrpc::{Message, Request, RpcError, error_response, parse, result_response};
pub use protocol::{Action, PreparedRequest, prepare};
pub use revision::{RoutingHeaders, http_status};
pub use stdio::serve_stdio;
pub use tool_output::{IndexAccess, MAX_MESSAGE_BYTES};
