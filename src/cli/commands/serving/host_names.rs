//! Reads host names and origins from the command line, in the form in which clients send them: lower case, non-ASCII
//! names as `xn--…` (IDNA), without default ports.

use std::net::{IpAddr, Ipv6Addr};

/// Reads the name of a host, or an IP address, without a port.
///
/// # Errors
///
/// What to write instead.
pub fn host_name(text: &str) -> Result<String, String> {
    const WRITE: &str = "write the name alone, such as search.example.no, without scheme and port";
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = address.parse().map_err(|_| format!("{address} is not an IPv6 address"))?;
        return Ok(format!("[{address}]"));
    }
    if let Ok(IpAddr::V6(address)) = text.parse() {
        return Ok(format!("[{address}]"));
    }
    let is_allowed = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-._".contains(c);
    if text.is_empty() || !text.chars().all(is_allowed) {
        return Err(WRITE.to_string());
    }
    let name = idna::domain_to_ascii(text).ok().filter(|name| !name.is_empty());
    name.ok_or_else(|| "this is not a host name that clients can use".to_string())
}

/// Reads the origin of a web page: a scheme, a host and, unless it is the default of the scheme, a port.
///
/// # Errors
///
/// What to write instead.
pub fn origin(text: &str) -> Result<String, String> {
    const WRITE: &str = "write the scheme and the host, such as https://example.no, without a path";
    let (scheme, rest) = text.split_once("://").ok_or(WRITE)?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return Err("the scheme of an origin is https or http".to_string()),
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    if host.is_empty() || host.contains(['/', '?', '#', '@']) {
        return Err(WRITE.to_string());
    }
    let host = host_name(host)?;
    let port = port.map(|port| port.parse::<u16>().map_err(|_| format!("{port} is not a port"))).transpose()?;
    Ok(match port.filter(|port| *port != default_port) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_form_in_which_clients_send_them() {
        for (text, expected) in [
            ("Search.Example.NO", "search.example.no"),
            ("blåbær.no", "xn--blbr-roah.no"),
            ("SØK.Etat.no", "xn--sk-lka.etat.no"),
            ("xn--blbr-roah.no", "xn--blbr-roah.no"),
            ("search_1", "search_1"),
            ("192.0.2.7", "192.0.2.7"),
            ("[2001:DB8::1]", "[2001:db8::1]"),
            ("2001:db8::1", "[2001:db8::1]"),
        ] {
            assert_eq!(host_name(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["", "https://a.no", "a.no:80", "a.no/", "a b", "[::1", "[a]", "a@b", "*", "\u{200b}"] {
            assert!(host_name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn origins_have_the_form_in_which_browsers_send_them() {
        for (text, expected) in [
            ("https://X.no", "https://x.no"),
            ("HTTPS://X.no:443", "https://x.no"),
            ("http://x.no:80/", "http://x.no"),
            ("http://x.no:443", "http://x.no:443"),
            ("https://blåbær.no:8443", "https://xn--blbr-roah.no:8443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(origin(text).as_deref(), Ok(expected), "{text}");
        }
        for (text, message) in [
            ("x.no", "write the scheme and the host"),
            ("https://", "write the scheme and the host"),
            ("https://x.no/app", "without a path"),
            ("https://a@x.no", "without a path"),
            ("ftp://x.no", "https or http"),
            ("https://x.no:99999", "99999 is not a port"),
            ("https://x.no:", "is not a port"),
            ("null", "write the scheme"),
            ("*", "write the scheme"),
        ] {
            assert!(origin(text).is_err_and(|error| error.contains(message)), "{text}: {:?}", origin(text));
        }
    }
}
