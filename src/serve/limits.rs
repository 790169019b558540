//! The limits of the server, their defaults, and their names on the command line.

use std::time::Duration;

/// The limits of the server, per request unless stated otherwise.
#[derive(Clone, Debug, PartialEq)]
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
    /// Time for a request head, from its first byte, or from the start of the connection; and for a body.
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
    /// Time for open requests to complete when the server stops.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            query_chars: 1024,
            // A query of the maximum length in characters that take four bytes, encoded, and filters.
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

/// A limit as the command line shows it.
pub struct LimitOption {
    pub name: &'static str,
    pub help: &'static str,
    field: fn(&mut Limits) -> Field,
}

/// Where the value of a limit is stored.
enum Field<'a> {
    /// With the largest value that can be set.
    Count(&'a mut usize, usize),
    /// On the command line in seconds.
    Time(&'a mut Duration),
}

/// Maximum number of seconds of a limit: a day.
const MAX_SECONDS: f64 = 86_400.0;

/// All limits, in the order in which a request meets them.
pub const LIMIT_OPTIONS: [LimitOption; 13] = [
    LimitOption {
        name: "connections",
        help: "open connections; further ones wait",
        field: |limits| Field::Count(&mut limits.connections, 1_000_000),
    },
    LimitOption {
        name: "idle-time",
        help: "seconds that a connection may be open between requests",
        field: |limits| Field::Time(&mut limits.idle_timeout),
    },
    LimitOption {
        name: "head-time",
        help: "seconds for a connection's first byte, for a head, and for a body",
        field: |limits| Field::Time(&mut limits.head_timeout),
    },
    LimitOption {
        name: "target",
        help: "bytes of the request target (path and parameters)",
        field: |limits| Field::Count(&mut limits.target_bytes, 65_000),
    },
    LimitOption {
        name: "headers",
        help: "headers of a request",
        field: |limits| Field::Count(&mut limits.headers, 10_000),
    },
    LimitOption {
        name: "body",
        help: "bytes of a request body",
        field: |limits| Field::Count(&mut limits.body_bytes, 16 << 20),
    },
    LimitOption {
        name: "query",
        help: "characters of a query",
        field: |limits| Field::Count(&mut limits.query_chars, 65_000),
    },
    LimitOption {
        name: "hits",
        help: "offset + limit of a search",
        field: |limits| Field::Count(&mut limits.hits, 1_000_000),
    },
    LimitOption {
        name: "queue",
        help: "searches that wait for a thread",
        field: |limits| Field::Count(&mut limits.queued_searches, 1_000_000),
    },
    LimitOption {
        name: "threads",
        help: "threads that search; the default is the number of cores",
        field: |limits| Field::Count(&mut limits.search_threads, 1024),
    },
    LimitOption {
        name: "search-time",
        help: "seconds for a search; after that, the hits found so far are the answer",
        field: |limits| Field::Time(&mut limits.search_time),
    },
    LimitOption {
        name: "write-time",
        help: "seconds for the client to read a response",
        field: |limits| Field::Time(&mut limits.write_timeout),
    },
    LimitOption {
        name: "drain-time",
        help: "seconds for open requests to complete when the server stops",
        field: |limits| Field::Time(&mut limits.drain_time),
    },
];

impl LimitOption {
    /// The value as it is written on the command line.
    pub fn value(&self, limits: &Limits) -> String {
        match (self.field)(&mut limits.clone()) {
            Field::Count(count, _) => count.to_string(),
            Field::Time(time) => time.as_secs_f64().to_string(),
        }
    }
}

impl Limits {
    /// Sets a limit as the command line does: `NAME=VALUE`, times in seconds.
    ///
    /// # Errors
    ///
    /// What is wrong with the setting.
    pub fn set(&mut self, setting: &str) -> Result<(), String> {
        let (name, value) = setting.split_once('=').ok_or("write NAME=VALUE, such as search-time=0.5")?;
        let option = LIMIT_OPTIONS.iter().find(|option| option.name == name).ok_or_else(|| {
            let names: Vec<&str> = LIMIT_OPTIONS.iter().map(|option| option.name).collect();
            format!("there is no limit `{name}`; the limits are {}", names.join(", "))
        })?;
        match (option.field)(self) {
            Field::Count(count, max) => {
                let value = value.parse().ok().filter(|value| (1..=max).contains(value));
                *count = value.ok_or_else(|| format!("{name} is a number from 1 to {max}"))?;
            }
            Field::Time(time) => {
                let seconds = value.parse().ok().filter(|seconds| (0.001..=MAX_SECONDS).contains(seconds));
                let seconds: f64 =
                    seconds.ok_or_else(|| format!("{name} is a number of seconds from 0.001 to {MAX_SECONDS}"))?;
                *time = Duration::from_secs_f64(seconds);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_can_be_set_and_read() {
        for (number, option) in LIMIT_OPTIONS.iter().enumerate() {
            let mut limits = Limits::default();
            assert!(limits.set(&format!("{}={}", option.name, option.value(&limits))).is_ok(), "{}", option.name);
            assert_eq!(limits, Limits::default(), "{}", option.name);
            let value = (number + 100).to_string();
            limits.set(&format!("{}={value}", option.name)).unwrap();
            assert_ne!(limits, Limits::default(), "{}", option.name);
            assert_eq!(option.value(&limits), value);
        }
        let mut limits = Limits::default();
        limits.set("search-time=0.25").unwrap();
        assert_eq!(limits.search_time, Duration::from_millis(250));
    }

    #[test]
    fn rejects_invalid_settings() {
        let mut limits = Limits::default();
        for setting in ["", "queue", "queue=", "queue=0", "queue=-1", "queue=1e3", "Queue=1", "lines=4", "target=70000"]
        {
            assert!(limits.set(setting).is_err(), "{setting}");
        }
        for setting in
            ["idle-time=0", "idle-time=-1", "idle-time=nan", "idle-time=inf", "idle-time=1e9", "idle-time=5s"]
        {
            assert!(limits.set(setting).is_err(), "{setting}");
        }
        assert_eq!(limits, Limits::default());
    }
}
