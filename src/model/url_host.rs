//! Finds the host in a URL, in the syntax of RFC 3986.

use std::net::Ipv6Addr;

/// The host of a URL with or without a scheme. It doesn't include user information or a port. An IPv6 address is in
/// brackets.
pub fn url_host(url: &str) -> &str {
    let rest = match url.split_once("://") {
        // A path or query may contain another URL.
        Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => rest,
        _ => url,
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.find(']') {
        Some(end) if host.starts_with('[') => &host[..=end],
        _ => host.split(':').next().unwrap_or(host),
    }
}

/// The canonical form (RFC 5952) of an IPv6 address, in brackets: `[2001:db8::1]`. `host` may have brackets. `None` for
/// other text.
pub fn canonical_ipv6(host: &str) -> Option<String> {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    address.parse::<Ipv6Addr>().ok().map(|address| format!("[{address}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_hosts_without_user_and_port() {
        let check = |url: &str, expected: &str| assert_eq!(url_host(url), expected, "{url}");
        check("https://nrk.no", "nrk.no");
        check("https://bruker:pw@nrk.no/x", "nrk.no");
        check("https://bruker@nrk.no:8080?q=1", "nrk.no");
        check("ftp://a:b@c@ssb.no#d", "ssb.no");
        check("https://medium.com/@bruker:1", "medium.com");
        check("https://ssb.no?e=a@nrk.no", "ssb.no");
        check("https://[2001:db8::1]/x", "[2001:db8::1]");
        check("http://bruker@[::1]:80/x", "[::1]");
        check("ssb.no:80", "ssb.no");
        check("https:///x", "");
        check("https://a.no/?u=https://b.no/", "a.no");
        check("a.no/?u=https://b.no/", "a.no");
        check("web.archive.org/web/2020/https://b.no/", "web.archive.org");
        check("a.no#https://b.no", "a.no");
    }

    #[test]
    fn ipv6_addresses_have_one_form() {
        for address in ["[2001:DB8:0:0::1]", "2001:db8::1", "[2001:0db8::0001]"] {
            assert_eq!(canonical_ipv6(address).as_deref(), Some("[2001:db8::1]"), "{address}");
        }
        assert_eq!(canonical_ipv6("[2001"), None);
        assert_eq!(canonical_ipv6("127.0.0.1"), None);
    }
}
