//! The configuration of the server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The configuration of the server.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// The folder of the index.
    pub index: PathBuf,
    /// A file of synonyms, in addition to the built-in ones and those in the folder of the index.
    pub synonyms: Option<PathBuf>,
    pub address: SocketAddr,
    /// The host names that clients may use, in addition to the loopback names.
    pub host_names: Vec<String>,
    /// The token that every request must have; `None` means that none is needed.
    pub token: Option<String>,
    /// The origins whose pages may read answers (CORS).
    pub cors_origins: Vec<String>,
    /// Whether a proxy in front of the server sets `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`.
    pub trusts_proxy: bool,
    /// A style sheet that is appended to the built-in one.
    pub css: Option<String>,
    /// Whether `/metrics` exists.
    pub has_metrics: bool,
    pub limits: Limits,
}

impl ServeConfig {
    /// Whether only programs on this machine are served, so that answers may show absolute paths. A proxy or a host name
    /// means that others are served, too.
    pub fn is_local(&self) -> bool {
        self.address.ip().is_loopback() && !self.trusts_proxy && self.host_names.is_empty()
    }
}

impl Default for ServeConfig {
    fn default() -> ServeConfig {
        ServeConfig {
            index: PathBuf::from("index"),
            synonyms: None,
            address: SocketAddr::from(([127, 0, 0, 1], DEFAULT_PORT)),
            host_names: Vec::new(),
            token: None,
            cors_origins: Vec::new(),
            trusts_proxy: false,
            css: None,
            has_metrics: false,
            limits: Limits::default(),
        }
    }
}

/// The port that the server listens on if no other is given.
pub const DEFAULT_PORT: u16 = 8733;

/// The limits of the server, per request unless stated otherwise.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Maximum number of characters of a query.
    pub query_chars: usize,
    /// Maximum number of bytes of the request target.
    pub target_bytes: usize,
    /// Maximum number of headers.
    pub headers: usize,
    /// Maximum number of bytes of a request body.
    pub body_bytes: usize,
    /// Maximum value of offset + limit.
    pub hits: usize,
    /// Time for a request head, from its first byte, and for a body.
    pub head_timeout: Duration,
    /// Time that a connection may be open between requests.
    pub idle_timeout: Duration,
    /// Time for the client to read a response.
    pub write_timeout: Duration,
    /// Time for a search. When it is over, the hits found so far are the answer.
    pub search_time: Duration,
    /// Number of threads that search.
    pub search_threads: usize,
    /// Maximum number of searches that wait for a thread.
    pub queued_searches: usize,
    /// Maximum number of open connections.
    pub connections: usize,
    /// Time for open requests to complete when the server is told to stop.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            query_chars: 1024,
            target_bytes: 8192,
            headers: 100,
            body_bytes: 64 * 1024,
            hits: 1000,
            head_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(10),
            search_time: Duration::from_millis(1500),
            search_threads: std::thread::available_parallelism().map_or(1, |count| count.get()),
            queued_searches: 64,
            connections: 256,
            drain_time: Duration::from_secs(10),
        }
    }
}
