//! Decides whether a request may be answered: host names (against DNS rebinding), origins and the bearer token.

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN};
use subtle::ConstantTimeEq;

use super::problem::{Problem, ProblemKind};
use crate::serve::config::ServeConfig;

/// What the headers of an accepted request say about where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// The scheme and host that the client uses, such as `https://treff.example.no`.
    pub base_url: String,
    /// The value of `Origin`, if it is one of the configured CORS origins.
    pub cors_origin: Option<String>,
}

/// Checks the headers of a request. `needs_token` is false for routes that anyone may ask.
///
/// # Errors
///
/// The problem to answer with.
pub fn check_access(headers: &HeaderMap, config: &ServeConfig, needs_token: bool) -> Result<Access, Problem> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        _ => return Err(Problem::new(ProblemKind::BadRequest, "a request needs exactly one Host header")),
    };
    if !is_served(host, config) {
        let detail = "the Host header names another host; add the name with --host-name if it is this server's";
        return Err(Problem::new(ProblemKind::ForeignHost, detail));
    }
    let forwarded = |name: &'static str| {
        let value = headers.get(HeaderName::from_static(name))?.to_str().ok()?;
        // Each proxy appends its value; the first one is what the client used.
        value.split(',').next().map(str::trim).filter(|_| config.trusts_proxy)
    };
    let host = forwarded("x-forwarded-host").filter(|host| is_served(host, config)).unwrap_or(host);
    let scheme = if forwarded("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    let base_url = format!("{scheme}://{host}");
    let cors_origin = check_origin(headers, &base_url, config)?;
    if let Some(token) = config.token.as_deref().filter(|_| needs_token) {
        check_token(headers, token)?;
    }
    Ok(Access { base_url, cors_origin })
}

/// Whether a host, with or without a port, is a loopback name or one of the configured names.
fn is_served(host: &str, config: &ServeConfig) -> bool {
    let name = without_port(host);
    let is_valid = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    is_valid && (is_loopback_name(name) || config.host_names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}

/// Whether a host name always refers to this machine.
fn is_loopback_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || name == "[::1]"
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Accepts requests without an origin, from pages of this server, and from the configured origins, which are returned.
fn check_origin(headers: &HeaderMap, base_url: &str, config: &ServeConfig) -> Result<Option<String>, Problem> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else { return Ok(None) };
    let origin = origin.to_str().ok().filter(|_| origins.next().is_none()).unwrap_or_default();
    if config.cors_origins.iter().any(|allowed| allowed == origin) {
        return Ok(Some(origin.to_string()));
    }
    if origin.eq_ignore_ascii_case(base_url) {
        return Ok(None);
    }
    Err(Problem::new(ProblemKind::ForeignOrigin, "requests from pages of other origins are not allowed; see --cors"))
}

/// Compares in constant time, so that the time of an answer says nothing about the token.
fn check_token(headers: &HeaderMap, token: &str) -> Result<(), Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).filter(|_| values.next().is_none());
    let given = value.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    if given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(token.as_bytes()))) {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::Unauthorized, "send the token as `Authorization: Bearer TOKEN`"))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn config() -> ServeConfig {
        ServeConfig {
            host_names: vec!["treff.example.no".to_string()],
            token: Some("secret".to_string()),
            cors_origins: vec!["https://app.example.no".to_string()],
            ..ServeConfig::default()
        }
    }

    fn check(headers: &[(&'static str, &str)], needs_token: bool) -> Result<Access, ProblemKind> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        check_access(&map, &config(), needs_token).map_err(|problem| problem.kind)
    }

    #[test]
    fn only_known_hosts_are_served() {
        for host in ["localhost", "LOCALHOST:8765", "127.0.0.1:1", "127.1.2.3", "[::1]:80", "treff.example.no:443"] {
            assert!(check(&[("host", host)], false).is_ok(), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "10.0.0.1", "a@localhost"]
        {
            assert_eq!(check(&[("host", host)], false), Err(ProblemKind::ForeignHost), "{host}");
        }
        assert_eq!(check(&[], false), Err(ProblemKind::BadRequest));
        assert_eq!(check(&[("host", "localhost"), ("host", "localhost")], false), Err(ProblemKind::BadRequest));
    }

    #[test]
    fn only_own_and_configured_origins_are_served() {
        let origin = |origin| check(&[("host", "localhost:80"), ("origin", origin)], false);
        assert_eq!(origin("http://localhost:80").unwrap().cors_origin, None);
        assert_eq!(origin("https://app.example.no").unwrap().cors_origin.as_deref(), Some("https://app.example.no"));
        for other in ["http://evil.example", "null", "http://localhost", "https://app.example.no.evil.example", ""] {
            assert_eq!(origin(other), Err(ProblemKind::ForeignOrigin), "{other}");
        }
    }

    #[test]
    fn only_the_exact_token_is_accepted() {
        let token = |value| check(&[("host", "localhost"), ("authorization", value)], true);
        assert!(token("Bearer secret").is_ok());
        assert!(token("bearer secret").is_ok());
        for value in ["Bearer secre", "Bearer secrets", "Basic secret", "secret", "Bearer", ""] {
            assert_eq!(token(value), Err(ProblemKind::Unauthorized), "{value}");
        }
        assert_eq!(check(&[("host", "localhost")], true), Err(ProblemKind::Unauthorized));
        assert!(check(&[("host", "localhost")], false).is_ok());
    }

    #[test]
    fn forwarded_headers_need_a_trusted_proxy() {
        let headers = [("host", "127.0.0.1"), ("x-forwarded-host", "treff.example.no"), ("x-forwarded-proto", "https")];
        assert_eq!(check(&headers, false).unwrap().base_url, "http://127.0.0.1");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let trusting = ServeConfig { trusts_proxy: true, ..config() };
        assert_eq!(check_access(&map, &trusting, false).unwrap().base_url, "https://treff.example.no");
        map.insert("x-forwarded-host", HeaderValue::from_static("evil.example"));
        assert_eq!(check_access(&map, &trusting, false).unwrap().base_url, "https://127.0.0.1");
    }
}
