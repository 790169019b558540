//! Decides whether a request may be answered: host names (against DNS rebinding), origins and the bearer token.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN};
use hyper::http::request::Parts;
use subtle::ConstantTimeEq;

use super::cors::cors_origin;
use super::problem::{Problem, ProblemKind};
use crate::serve::config::ServeConfig;

/// What the headers of an accepted request say about where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// The scheme and host that the client uses, such as `https://treff.example.no`.
    pub base_url: String,
}

/// Which requests that browsers make for pages of other origins are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrossSite {
    /// None: what programs use.
    Refused,
    /// Without `Origin`, and if a user follows a link, so that the answer is all that the tab shows.
    Links,
    /// All: files that are the same for everyone, and that browsers and other sites show as the icon of this one.
    Everything,
}

/// Checks the target and the headers of a request. `needs_token` is false for routes that anyone may ask.
///
/// # Errors
///
/// The problem to answer with.
pub fn check_access(
    head: &Parts,
    config: &ServeConfig,
    needs_token: bool,
    cross_site: CrossSite,
) -> Result<Access, Problem> {
    let headers = &head.headers;
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        _ => return Err(Problem::new(ProblemKind::BadRequest, "a request needs exactly one Host header")),
    };
    // A target may be a whole URL (RFC 9112 section 3.2.2); a proxy that ignores its host must not be misled.
    if head.uri.authority().is_some_and(|authority| authority.as_str() != host) {
        return Err(Problem::new(
            ProblemKind::BadRequest,
            "the request target and the Host header name different hosts",
        ));
    }
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
    if cross_site != CrossSite::Everything {
        check_origin(headers, &base_url, config)?;
        check_site(headers, config, cross_site == CrossSite::Links)?;
    }
    if let Some(token) = config.token.as_deref().filter(|_| needs_token) {
        check_token(headers, token)?;
    }
    Ok(Access { base_url })
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

/// The client's address as the last proxy gives it. The addresses before it come from the client and may be invented.
pub fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let value = headers.get_all(HeaderName::from_static("x-forwarded-for")).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next()?.trim().parse().ok()
}

/// Accepts requests without an origin, from pages of this server, and from the configured origins.
fn check_origin(headers: &HeaderMap, base_url: &str, config: &ServeConfig) -> Result<(), Problem> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else { return Ok(()) };
    let is_own = origins.next().is_none() && origin.as_bytes().eq_ignore_ascii_case(base_url.as_bytes());
    if is_own || cors_origin(headers, config).is_some() {
        return Ok(());
    }
    Err(foreign_origin())
}

/// Checks the fetch metadata of a request (`Sec-Fetch-Site` and others, which pages can't set). Browsers send no
/// `Origin` for images, scripts and the like, or for links.
fn check_site(headers: &HeaderMap, config: &ServeConfig, answers_links: bool) -> Result<(), Problem> {
    let value = |name: &'static str| headers.get(name).map_or(&b""[..], |value| value.as_bytes());
    let is_foreign = [&b"cross-site"[..], b"same-site"].contains(&value("sec-fetch-site"));
    let is_link = value("sec-fetch-mode") == b"navigate" && value("sec-fetch-dest") == b"document";
    if !is_foreign || answers_links && is_link || cors_origin(headers, config).is_some() {
        Ok(())
    } else {
        Err(foreign_origin())
    }
}

fn foreign_origin() -> Problem {
    Problem::new(ProblemKind::ForeignOrigin, "requests from pages of other origins are not allowed; see --cors")
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
        check_access(&head("/", headers), &config(), needs_token, CrossSite::Links).map_err(|problem| problem.kind)
    }

    fn head(target: &str, headers: &[(&'static str, &str)]) -> Parts {
        let mut request = hyper::Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
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
        assert!(origin("http://localhost:80").is_ok());
        assert!(origin("https://app.example.no").is_ok());
        for other in ["http://evil.example", "null", "http://localhost", "https://app.example.no.evil.example", ""] {
            assert_eq!(origin(other), Err(ProblemKind::ForeignOrigin), "{other}");
        }
    }

    #[test]
    fn pages_of_other_sites_may_only_link() {
        let check = |cross_site, site, mode, destination, origin: Option<&str>| {
            let mut headers = vec![
                ("host", "localhost:80"),
                ("sec-fetch-site", site),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", destination),
            ];
            headers.extend(origin.map(|origin| ("origin", origin)));
            check_access(&head("/", &headers), &config(), false, cross_site).is_ok()
        };
        let kinds = [CrossSite::Refused, CrossSite::Links, CrossSite::Everything];
        let app = Some("https://app.example.no");
        for site in ["cross-site", "same-site"] {
            let answered = |mode, destination| kinds.map(|kind| check(kind, site, mode, destination, None));
            assert_eq!(answered("navigate", "document"), [false, true, true]);
            for (mode, destination) in [
                ("navigate", "iframe"),
                ("navigate", "object"),
                ("no-cors", "image"),
                ("no-cors", "document"),
                ("cors", "empty"),
            ] {
                assert_eq!(answered(mode, destination), [false, false, true], "{mode} {destination}");
            }
            assert!(check(CrossSite::Refused, site, "cors", "empty", app));
            assert_eq!(
                kinds.map(|kind| check(kind, site, "cors", "image", Some("https://evil.example"))),
                [false, false, true]
            );
        }
        for site in ["none", "same-origin"] {
            assert!(kinds.iter().all(|kind| check(*kind, site, "no-cors", "image", None)), "{site}");
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
        let trusting = ServeConfig { trusts_proxy: true, ..config() };
        let mut head = head("/", &headers);
        let base_url = |head: &Parts| check_access(head, &trusting, false, CrossSite::Links).unwrap().base_url;
        assert_eq!(base_url(&head), "https://treff.example.no");
        head.headers.insert("x-forwarded-host", HeaderValue::from_static("evil.example"));
        assert_eq!(base_url(&head), "https://127.0.0.1");
    }

    #[test]
    fn the_target_may_repeat_the_host() {
        let access = |target| {
            let head = head(target, &[("host", "localhost:80")]);
            check_access(&head, &config(), false, CrossSite::Links).map_err(|problem| problem.kind)
        };
        assert!(access("http://localhost:80/").is_ok());
        assert_eq!(access("http://treff.example.no/"), Err(ProblemKind::BadRequest));
        assert_eq!(access("http://localhost/"), Err(ProblemKind::BadRequest));
    }

    #[test]
    fn the_last_proxy_gives_the_address() {
        let address = |values: &[&str]| {
            let headers: Vec<_> = values.iter().map(|value| ("x-forwarded-for", *value)).collect();
            forwarded_for(&head("/", &headers).headers).map(|address| address.to_string())
        };
        assert_eq!(address(&["1.2.3.4, 5.6.7.8"]).as_deref(), Some("5.6.7.8"));
        assert_eq!(address(&["1.2.3.4", "2001:db8::1"]).as_deref(), Some("2001:db8::1"));
        assert_eq!(address(&["1.2.3.4, unknown\t"]), None);
        assert_eq!(address(&[]), None);
    }
}
