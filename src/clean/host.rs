//! Extracts the host of a URL.

use crate::model::{canonical_ipv6, url_host};

/// The host of a URL in lower case, without `www.`, user information and port; `None` for text that is not a URL.
pub fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let host = url_host(rest);
    let host = host.strip_prefix("www.").unwrap_or(host);
    (!host.is_empty()).then(|| canonical_ipv6(host).unwrap_or_else(|| host.to_lowercase()))
}
