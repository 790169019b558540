//! `treff serve`: an HTTP server with a search page, a JSON API and MCP, over one index that it only reads.
//!
//! `run` accepts connections on one thread (hyper on a tokio runtime) and hands requests to `route`. A request that
//! reads the index runs on a thread of `search_pool`, with the snapshot that `service::CurrentIndex` holds at that time.

mod api;
mod config;
mod http;
#[cfg(feature = "mcp")]
mod mcp_endpoint;
mod page;
mod parameters;
mod request;
mod route;
mod run;
mod run_search;
mod search_pool;

pub use config::{DEFAULT_PORT, Limits, ServeConfig};
pub use run::{Bound, Log, bind};
