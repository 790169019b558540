//! The configuration of the server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::limits::Limits;

/// Receives messages.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

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
