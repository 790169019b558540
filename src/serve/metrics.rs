//! Counters and latencies in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper limits of the buckets of the latency histogram, in seconds.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0];

/// What is counted while the server runs.
#[derive(Debug, Default)]
pub struct Metrics {
    routes: Mutex<BTreeMap<&'static str, RouteMetrics>>,
    /// Number of open connections.
    pub connections: AtomicUsize,
}

#[derive(Debug, Default)]
struct RouteMetrics {
    statuses: BTreeMap<u16, u64>,
    /// Number of requests per bucket; the last one has those that are beyond all limits.
    buckets: [u64; BUCKETS.len() + 1],
    seconds: f64,
}

impl Metrics {
    /// Records a request to a route. The patterns of routes are few, so the number of counters is bounded.
    pub fn record(&self, pattern: &'static str, status: u16, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = BUCKETS.iter().position(|limit| seconds <= *limit).unwrap_or(BUCKETS.len());
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let route = routes.entry(pattern).or_default();
        *route.statuses.entry(status).or_default() += 1;
        route.buckets[bucket] += 1;
        route.seconds += seconds;
    }

    /// Writes the counters of requests and connections.
    pub fn write(&self, text: &mut MetricsText) {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        text.family("treff_requests_total", "counter", "Requests by route and status; 499: the client was gone.");
        for (route, metrics) in routes.iter() {
            for (status, count) in &metrics.statuses {
                text.value("treff_requests_total", &[("route", route), ("status", &status.to_string())], count);
            }
        }
        let duration = "treff_request_duration_seconds";
        text.family(duration, "histogram", "Time from the head of a request to its answer.");
        for (route, metrics) in routes.iter() {
            let limits = BUCKETS.iter().map(f64::to_string).chain(["+Inf".to_string()]);
            let mut count = 0;
            for (limit, bucket) in limits.zip(metrics.buckets) {
                count += bucket;
                text.value(&format!("{duration}_bucket"), &[("route", route), ("le", &limit)], count);
            }
            text.value(&format!("{duration}_sum"), &[("route", route)], metrics.seconds);
            text.value(&format!("{duration}_count"), &[("route", route)], count);
        }
        text.gauge("treff_connections", "Open connections.", self.connections.load(Ordering::Relaxed));
    }
}

/// Text in the format of Prometheus.
#[derive(Debug, Default)]
pub struct MetricsText(String);

impl MetricsText {
    /// Writes the lines that introduce a metric.
    pub fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string never fails.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    pub fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    /// Writes a metric that has one value and may fall.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.value(name, &[], value);
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_counters_and_cumulative_buckets() {
        let metrics = Metrics::default();
        for (status, milliseconds) in [(200, 1), (200, 3), (503, 60_000)] {
            metrics.record("/api/v1/search", status, Duration::from_millis(milliseconds));
        }
        let mut text = MetricsText::default();
        metrics.write(&mut text);
        let text = text.into_string();
        for line in [
            "# TYPE treff_requests_total counter",
            "treff_requests_total{route=\"/api/v1/search\",status=\"200\"} 2",
            "treff_requests_total{route=\"/api/v1/search\",status=\"503\"} 1",
            "treff_request_duration_seconds_bucket{route=\"/api/v1/search\",le=\"0.001\"} 1",
            "treff_request_duration_seconds_bucket{route=\"/api/v1/search\",le=\"0.005\"} 2",
            "treff_request_duration_seconds_bucket{route=\"/api/v1/search\",le=\"2\"} 2",
            "treff_request_duration_seconds_bucket{route=\"/api/v1/search\",le=\"+Inf\"} 3",
            "treff_request_duration_seconds_count{route=\"/api/v1/search\"} 3",
            "treff_connections 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert_eq!(escaped("a\"b\\c\n"), "a\\\"b\\\\c\\n");
    }
}
