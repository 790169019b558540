//! Records each request in the metrics, and in the access log if there is one. Neither contains what was searched.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use http_body_util::Full;
use hyper::body::{Body, Bytes};
use hyper::http::request::Parts;
use hyper::{Method, Response};

use super::http::forwarded_for;
use super::request::Server;

/// The status that is recorded if the client is gone before the answer. nginx uses the same.
const CLIENT_GONE: u16 = 499;

/// A request that is being answered.
pub struct RequestRecord {
    server: Arc<Server>,
    client: IpAddr,
    method: &'static str,
    pattern: &'static str,
    start: Instant,
    is_complete: bool,
}

impl RequestRecord {
    /// Starts the record of a request that came from `peer` and has the route `pattern`.
    pub fn start(server: &Arc<Server>, peer: SocketAddr, pattern: &'static str, head: &Parts) -> RequestRecord {
        let forwarded = server.config.trusts_proxy.then(|| forwarded_for(&head.headers)).flatten();
        RequestRecord {
            server: Arc::clone(server),
            client: forwarded.unwrap_or(peer.ip()),
            method: method_name(&head.method),
            pattern,
            start: Instant::now(),
            is_complete: false,
        }
    }

    /// Records the response.
    pub fn complete(mut self, response: &Response<Full<Bytes>>) {
        self.is_complete = true;
        self.record(response.status().as_u16(), response.body().size_hint().exact().unwrap_or_default());
    }

    fn record(&self, status: u16, bytes: u64) {
        let duration = self.start.elapsed();
        self.server.metrics.record(self.pattern, status, duration);
        if let Some(log) = &self.server.access_log {
            log(&format!(
                "time={:.3} client={} method={} route={} status={status} bytes={bytes} ms={:.3}",
                jiff::Timestamp::now(),
                self.client,
                self.method,
                self.pattern,
                duration.as_secs_f64() * 1000.0,
            ));
        }
    }
}

impl Drop for RequestRecord {
    fn drop(&mut self) {
        if !self.is_complete {
            self.record(CLIENT_GONE, 0);
        }
    }
}

/// The method, if it is one that clients use. Others could contain anything.
fn method_name(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("(other)")
}
