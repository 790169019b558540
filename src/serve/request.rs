//! What a handler gets: the checked request, the snapshot of the index, and what all requests share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use tokio::sync::watch;

use super::config::{Log, ServeConfig};
use super::http::{Access, ClientState, Problem, ProblemKind};
use super::metrics::{Metrics, MetricsText};
use super::search_pool::SearchPool;
use crate::error::Error;
use crate::search::Interrupt;
use crate::service::{CurrentIndex, IndexStatus, Snapshot};

/// Everything that requests share.
pub struct Server {
    pub config: ServeConfig,
    pub index: Arc<CurrentIndex>,
    pub pool: SearchPool,
    pub metrics: Metrics,
    /// Receives a line for each request.
    pub access_log: Option<Log>,
    is_draining: watch::Sender<bool>,
}

impl Server {
    pub fn new(config: ServeConfig, index: Arc<CurrentIndex>, pool: SearchPool, access_log: Option<Log>) -> Server {
        let (metrics, is_draining) = (Metrics::default(), watch::Sender::new(false));
        Server { config, index, pool, metrics, access_log, is_draining }
    }

    /// The metrics as text for Prometheus.
    pub fn metrics_text(&self) -> String {
        let mut text = MetricsText::default();
        self.metrics.write(&mut text);
        let pool = self.pool.load();
        text.gauge("treff_searches_running", "Requests that are reading the index.", pool.running);
        text.gauge("treff_searches_queued", "Requests that wait for a search thread.", pool.waiting);
        let status = self.index.status();
        text.gauge("treff_index_ready", "Whether there is an index.", u8::from(matches!(status, IndexStatus::Open(_))));
        let is_damaged = match &status {
            IndexStatus::Open(snapshot) => snapshot.damage().is_some(),
            IndexStatus::Unavailable(error) => unavailable(error).kind == ProblemKind::Damaged,
        };
        text.gauge("treff_index_damaged", "Whether the index was found to be damaged.", u8::from(is_damaged));
        if let IndexStatus::Open(snapshot) = status {
            text.family("treff_index_info", "gauge", "The version of the index.");
            text.value("treff_index_info", &[("generation", &snapshot.version)], 1);
            text.gauge("treff_index_pages", "Pages in the index.", snapshot.index.pages);
            text.gauge("treff_index_passages", "Passages in the index.", snapshot.index.passages);
        }
        text.family("treff_info", "gauge", "The version of treff.");
        text.value("treff_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        text.into_string()
    }

    /// From now on, the server takes no more requests.
    pub fn start_draining(&self) {
        self.is_draining.send_replace(true);
    }

    pub fn is_draining(&self) -> bool {
        *self.is_draining.borrow()
    }

    /// Waits until the server takes no more requests.
    pub async fn draining(&self) {
        // An error means that the sender is gone, which `self` owns.
        let _ = self.is_draining.subscribe().wait_for(|is_draining| *is_draining).await;
    }
}

/// A request whose headers have been checked.
pub struct AcceptedRequest {
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
        Error::InputFile { .. } => Problem::new(
            ProblemKind::NoIndex,
            "a file of synonyms can't be read, so the index is not open; the messages of the server name the file",
        ),
        _ => Problem::new(ProblemKind::Damaged, "the index is damaged; run `treff check` on the server"),
    }
}
