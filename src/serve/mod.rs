//! `treff serve`: an HTTP server with a search page, a JSON API and MCP, over one index that it only reads.
//!
//! `connections` accepts connections on one thread (hyper on a tokio runtime) and hands requests to `route`. A request that
//! reads the index runs on a thread of `search_pool`, with the snapshot that `service::CurrentIndex` holds at that time.

mod api;
mod config;
mod connections;
mod http;
mod limits;
#[cfg(feature = "mcp")]
mod mcp_endpoint;
mod metrics;
mod page;
mod parameters;
mod request;
mod request_record;
mod route;
mod run_search;
mod search_pool;

pub use config::{DEFAULT_PORT, Log, ServeConfig};
pub use connections::{Bound, bind};
// For the fuzz target; not part of the API.
pub use limits::{LIMIT_OPTIONS, LimitOption, Limits};
#[doc(hidden)]
pub use page::{escaped_html, with_text_fragment};
