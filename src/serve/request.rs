//! What a handler gets: the checked request, the snapshot of the index, and what all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use hyper::Method;

use super::config::ServeConfig;
use super::http::{Access, ClientState, Problem, ProblemKind};
use super::search_pool::SearchPool;
use crate::error::Error;
use crate::search::Interrupt;
use crate::service::{CurrentIndex, Snapshot};

/// Everything that requests share.
pub struct Server {
    pub config: ServeConfig,
    pub index: Arc<CurrentIndex>,
    pub pool: SearchPool,
    is_draining: AtomicBool,
}

impl Server {
    pub fn new(config: ServeConfig, index: Arc<CurrentIndex>, pool: SearchPool) -> Server {
        Server { config, index, pool, is_draining: AtomicBool::new(false) }
    }

    /// From now on, `/readyz` says that the server takes no more requests.
    pub fn start_draining(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }
}

/// A request whose headers have been checked, without its body.
pub struct AcceptedRequest {
    pub method: Method,
    pub path: String,
    /// The part of the target after `?`, still encoded.
    pub query: String,
    pub access: Access,
    pub client: ClientState,
    /// The value of `Accept-Language`.
    pub accept_language: String,
}

/// What a handler that reads the index gets.
pub struct ReadContext {
    pub server: Arc<Server>,
    pub snapshot: Arc<Snapshot>,
    /// Set when the client is gone.
    pub is_cancelled: Arc<AtomicBool>,
}

impl ReadContext {
    /// Stops what reads the index when the time for a search is over, counted from now, or when the client is gone.
    pub fn interrupt(&self) -> Interrupt {
        Interrupt {
            deadline: Instant::now().checked_add(self.server.config.limits.search_time),
            canceled: Some(Arc::clone(&self.is_cancelled)),
        }
    }
}

/// The problem for an index that can't be read.
pub fn unavailable(error: &Error) -> Problem {
    match error {
        Error::NoIndex { .. } => {
            Problem::new(ProblemKind::NoIndex, "there is no index yet; build one with `treff index`")
        }
        Error::OtherFormat { built_by, .. } => Problem::new(
            ProblemKind::NoIndex,
            format!("the index was built by treff {built_by}; rebuild it with `treff index --rebuild`"),
        ),
        _ => Problem::new(ProblemKind::Damaged, "the index is damaged; run `treff check` on the server"),
    }
}
