//! Finds the revision of MCP that a request follows, and checks what that revision requires of it.
//!
//! Up to 2025-11-25, a client opens a session with `initialize`. From 2026-07-28 on there are no sessions: every request
//! names its revision in `_meta`, and over HTTP again in headers, by which proxies can route it. Both kinds of requests
//! are answered at any time, so that the server keeps no state of a client.

use serde_json::{Value, json};

use super::jsonrpc::{
    HEADER_MISMATCH, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, Request, RpcError,
    UNSUPPORTED_VERSION,
};
use crate::model::shortened;

/// The revision without sessions.
pub const STATELESS_VERSION: &str = "2026-07-28";

/// The revisions that a client can open with `initialize`, newest first.
pub const HANDSHAKE_VERSIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];

/// All revisions, for clients that have to choose one.
pub const SUPPORTED_VERSIONS: [&str; 3] = [STATELESS_VERSION, HANDSHAKE_VERSIONS[0], HANDSHAKE_VERSIONS[1]];

/// The kind of revision that a request follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// 2025-11-25 and 2025-06-18.
    Handshake,
    /// 2026-07-28.
    Stateless,
}

/// The headers that repeat parts of an HTTP request. A value that is not visible ASCII is the same as none.
#[derive(Clone, Debug, Default)]
pub struct RoutingHeaders<'a> {
    /// `MCP-Protocol-Version`.
    pub version: Option<&'a str>,
    /// `Mcp-Method`.
    pub method: Option<&'a str>,
    /// `Mcp-Name`: the name of the tool or the URI of the resource.
    pub name: Option<&'a str>,
    /// Whether one of them occurs more than once.
    pub has_duplicates: bool,
}

const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";

/// Finds the revision of a request. `headers` is `None` for a transport without headers.
///
/// # Errors
///
/// The request contradicts its headers, lacks what its revision requires, or follows a revision that is not supported.
pub fn revision(request: &Request, headers: Option<&RoutingHeaders>) -> Result<Revision, RpcError> {
    let meta = request.meta();
    let stated = meta.and_then(|meta| meta.get(VERSION_KEY));
    let header = headers.and_then(|headers| headers.version);
    let is_stateless = stated.is_some() || header == Some(STATELESS_VERSION);
    if request.method == "initialize" || !is_stateless {
        return match header {
            Some(version) if request.method != "initialize" && !HANDSHAKE_VERSIONS.contains(&version) => {
                Err(unsupported(version))
            }
            _ => Ok(Revision::Handshake),
        };
    }
    let missing =
        [VERSION_KEY, CAPABILITIES_KEY].into_iter().find(|key| !meta.is_some_and(|meta| meta.contains_key(*key)));
    if let Some(key) = missing {
        return Err(RpcError::new(INVALID_PARAMS, format!("`params._meta` must contain `{key}`")));
    }
    if let Some(headers) = headers {
        check_headers(request, stated, headers)?;
    }
    match stated.and_then(Value::as_str) {
        Some(STATELESS_VERSION) => Ok(Revision::Stateless),
        Some(version) => Err(unsupported(version)),
        None => Err(RpcError::new(INVALID_PARAMS, format!("`{VERSION_KEY}` must be a string"))),
    }
}

/// The error for a revision that is not supported.
fn unsupported(version: &str) -> RpcError {
    let version = shortened(version, 50);
    let message = format!("this server does not support revision {version:?} of MCP");
    RpcError::new(UNSUPPORTED_VERSION, message)
        .with_data(json!({"supported": SUPPORTED_VERSIONS, "requested": version}))
}

/// Checks that the headers repeat what the request says.
fn check_headers(request: &Request, version: Option<&Value>, headers: &RoutingHeaders) -> Result<(), RpcError> {
    let mismatch = |header: &str| {
        let message = format!("the {header} header is missing, repeated, or differs from the body");
        Err(RpcError::new(HEADER_MISMATCH, message))
    };
    if headers.has_duplicates || headers.version.is_none() || headers.version != version.and_then(Value::as_str) {
        return mismatch("MCP-Protocol-Version");
    }
    if headers.method != Some(request.method.as_str()) {
        return mismatch("Mcp-Method");
    }
    let name = match request.method.as_str() {
        "tools/call" | "prompts/get" => request.params.get("name"),
        "resources/read" => request.params.get("uri"),
        _ => None,
    };
    match name.and_then(Value::as_str) {
        Some(name) if !headers.name.is_some_and(|header| header == name || header == encoded_header(name)) => {
            mismatch("Mcp-Name")
        }
        _ => Ok(()),
    }
}

/// A value that is not printable ASCII as it is written in a header: in base 64, marked as such.
fn encoded_header(value: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("=?base64?");
    for chunk in value.as_bytes().chunks(3) {
        let bytes = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let number = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        for digit in 0..4 {
            let index = (number >> (18 - 6 * digit)) & 63;
            text.push(if digit <= chunk.len() { char::from(DIGITS[index as usize]) } else { '=' });
        }
    }
    text + "?="
}

/// The status of an HTTP response with an error.
pub fn http_status(revision: Option<Revision>, code: i64) -> u16 {
    match (revision, code) {
        // In a session, an error is the answer to a valid HTTP request.
        (Some(Revision::Handshake), _) => 200,
        (_, METHOD_NOT_FOUND) => 404,
        (_, PARSE_ERROR | INVALID_REQUEST | INVALID_PARAMS | HEADER_MISMATCH | UNSUPPORTED_VERSION) => 400,
        _ => 200,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, params: Value) -> Request {
        Request { id: json!(1), method: method.to_string(), params: params.as_object().cloned().unwrap_or_default() }
    }

    fn meta(version: &str) -> Value {
        json!({VERSION_KEY: version, CAPABILITIES_KEY: {}})
    }

    fn headers<'a>(version: &'a str, method: &'a str, name: Option<&'a str>) -> RoutingHeaders<'a> {
        RoutingHeaders { version: Some(version), method: Some(method), name, has_duplicates: false }
    }

    fn code(request: &Request, headers: Option<&RoutingHeaders>) -> Result<Revision, i64> {
        revision(request, headers).map_err(|error| error.code)
    }

    #[test]
    fn the_metadata_decides() {
        assert_eq!(code(&request("tools/list", json!({})), None), Ok(Revision::Handshake));
        assert_eq!(code(&request("tools/list", json!({"_meta": {"progressToken": 1}})), None), Ok(Revision::Handshake));
        assert_eq!(code(&request("tools/list", json!({"_meta": meta("2026-07-28")})), None), Ok(Revision::Stateless));
        assert_eq!(code(&request("initialize", json!({"_meta": meta("2026-07-28")})), None), Ok(Revision::Handshake));
        let only_version = json!({"_meta": {VERSION_KEY: "2026-07-28"}});
        assert_eq!(code(&request("tools/list", only_version), None), Err(INVALID_PARAMS));
        let error = revision(&request("tools/list", json!({"_meta": meta("2099-01-01")})), None).unwrap_err();
        assert_eq!(error.code, UNSUPPORTED_VERSION);
        assert_eq!(error.data.unwrap()["supported"], json!(["2026-07-28", "2025-11-25", "2025-06-18"]));
    }

    #[test]
    fn headers_must_agree_with_the_body() {
        let call = request("tools/call", json!({"name": "search", "_meta": meta("2026-07-28")}));
        let version = "2026-07-28";
        assert_eq!(code(&call, Some(&headers(version, "tools/call", Some("search")))), Ok(Revision::Stateless));
        let wrong = [
            headers("2025-11-25", "tools/call", Some("search")),
            headers(version, "tools/list", Some("search")),
            headers(version, "tools/call", Some("show")),
            headers(version, "tools/call", None),
            RoutingHeaders { has_duplicates: true, ..headers(version, "tools/call", Some("search")) },
            RoutingHeaders::default(),
        ];
        for headers in wrong {
            assert_eq!(code(&call, Some(&headers)), Err(HEADER_MISMATCH), "{headers:?}");
        }
        // Without metadata, the header alone says which revision the client means.
        let bare = request("tools/list", json!({}));
        assert_eq!(code(&bare, Some(&headers(version, "tools/list", None))), Err(INVALID_PARAMS));
        assert_eq!(code(&bare, Some(&headers("2025-06-18", "", None))), Ok(Revision::Handshake));
        assert_eq!(code(&bare, Some(&RoutingHeaders::default())), Ok(Revision::Handshake));
        for other in ["2099-01-01", "2025-03-26", "2024-11-05", "", "2025-6-18"] {
            assert_eq!(code(&bare, Some(&headers(other, "tools/list", None))), Err(UNSUPPORTED_VERSION), "{other}");
        }
        // This request chooses the revision.
        let open = request("initialize", json!({"protocolVersion": "2025-03-26"}));
        assert_eq!(code(&open, Some(&headers("2025-03-26", "initialize", None))), Ok(Revision::Handshake));
    }

    #[test]
    fn names_that_are_not_ascii_are_in_base_64() {
        // From RFC 4648, section 10.
        for (text, encoded) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(encoded_header(text), format!("=?base64?{encoded}?="));
        }
        let call = request("tools/call", json!({"name": "søk", "_meta": meta("2026-07-28")}));
        let name = encoded_header("søk");
        assert!(code(&call, Some(&headers("2026-07-28", "tools/call", Some(&name)))).is_ok());
    }
}
