//! MCP over HTTP: `/mcp` of `treff serve`.

use serde_json::{Value, json};

use crate::serve_support::{HttpResponse, TestServer};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const VERSION: &str = "2026-07-28";

/// Sends a message.
#[track_caller]
fn post(server: &TestServer, headers: &[(&str, &str)], body: &str) -> HttpResponse {
    let headers: Vec<_> = [JSON].iter().chain(headers).copied().collect();
    server.request("POST", "/mcp", &headers, body)
}

fn message(method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).to_string()
}

/// A request of the revision without sessions, with its headers.
#[track_caller]
fn stateless(server: &TestServer, method: &str, name: Option<&str>, mut params: Value) -> HttpResponse {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": VERSION,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let mut headers = vec![("MCP-Protocol-Version", VERSION), ("Mcp-Method", method)];
    headers.extend(name.map(|name| ("Mcp-Name", name)));
    post(server, &headers, &message(method, &params))
}

#[track_caller]
fn code(response: &HttpResponse) -> i64 {
    assert_eq!(response.header("content-type"), Some("application/json"), "{response:?}");
    let error = response.json();
    error["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {error}"))
}

#[test]
fn answers_both_kinds_of_revisions_without_sessions() {
    let server = TestServer::start();
    let params =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let opened = post(&server, &[], &message("initialize", &params)).has_status(200);
    assert_eq!(opened.json()["result"]["protocolVersion"], "2025-06-18");
    assert_eq!(opened.header("mcp-session-id"), None);
    let notification = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let accepted = post(&server, &[("MCP-Protocol-Version", "2025-06-18")], notification).has_status(202);
    assert_eq!(accepted.text(), "");
    let call = json!({"name": "search", "arguments": {"query": "taushetsplikt"}});
    let headers = [("MCP-Protocol-Version", "2025-06-18"), ("Accept", "application/json, text/event-stream")];
    let session = post(&server, &headers, &message("tools/call", &call)).has_status(200).json();
    let discovered = stateless(&server, "server/discover", None, json!({})).has_status(200).json();
    assert_eq!(discovered["result"]["supportedVersions"][0], VERSION);
    let direct = stateless(&server, "tools/call", Some("search"), call).has_status(200).json();
    assert_eq!(direct["result"]["structuredContent"], session["result"]["structuredContent"]);
    assert_eq!((&direct["id"], &direct["result"]["resultType"]), (&json!(7), &json!("complete")));
    let id = direct["result"]["structuredContent"]["hits"][0]["id"].as_str().unwrap().to_string();
    let uri = format!("treff://{id}");
    let read = stateless(&server, "resources/read", Some(&uri), json!({"uri": uri})).has_status(200).json();
    assert!(read["result"]["contents"][0]["text"].as_str().unwrap().contains(&id), "{read}");
}

#[test]
fn only_post_is_supported() {
    let server = TestServer::start();
    for method in ["GET", "HEAD", "DELETE", "PUT"] {
        let response = server.request(method, "/mcp", &[("Accept", "text/event-stream")], "").has_status(405);
        assert_eq!(response.header("allow"), Some("POST"), "{method}");
    }
}

#[test]
fn access_is_checked_as_on_other_routes() {
    let server = TestServer::with(|config| config.token = Some("a-secret-of-some-length".to_string()));
    let ping = message("ping", &json!({}));
    post(&server, &[], &ping).expect_problem(401, "unauthorized");
    post(&server, &[("Authorization", "Bearer a-secret-of-some-length")], &ping).has_status(200);
    let server = TestServer::start();
    post(&server, &[("Origin", "https://evil.example")], &ping).expect_problem(403, "foreign-origin");
    post(&server, &[("Origin", "null")], &ping).expect_problem(403, "foreign-origin");
    post(&server, &[("Host", "evil.example")], &ping).expect_problem(421, "foreign-host");
    post(&server, &[("Sec-Fetch-Site", "cross-site")], &ping).expect_problem(403, "foreign-origin");
    post(&server, &[("Sec-Fetch-Site", "same-origin")], &ping).has_status(200);
}

#[test]
fn errors_have_the_status_that_their_revision_requires() {
    let server = TestServer::start();
    let list = message("tools/list", &json!({}));
    for (body, expected) in [("garbage", -32700), ("[]", -32600), (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, -32600)] {
        assert_eq!(code(&post(&server, &[], body).has_status(400)), expected, "{body}");
    }
    assert_eq!(code(&server.request("POST", "/mcp", &[JSON], "").has_status(400)), -32700);
    assert_eq!(code(&server.request("POST", "/mcp", &[("Content-Type", "text/plain")], &list).has_status(415)), -32600);
    assert_eq!(code(&post(&server, &[("Accept", "text/html")], &list).has_status(406)), -32600);
    post(&server, &[], &"a".repeat(64 * 1024 + 1)).expect_problem(413, "too-large");
    // In a session, an error is the answer to a valid HTTP request.
    assert_eq!(code(&post(&server, &[], &message("no/such/method", &json!({}))).has_status(200)), -32601);
    assert_eq!(code(&stateless(&server, "no/such/method", None, json!({})).has_status(404)), -32601);
    assert_eq!(code(&stateless(&server, "tools/call", Some("x"), json!({"name": "x"})).has_status(400)), -32602);
    assert_eq!(code(&stateless(&server, "tools/call", Some("x"), json!({"name": "search"})).has_status(400)), -32020);
    assert_eq!(code(&post(&server, &[("MCP-Protocol-Version", VERSION)], &list).has_status(400)), -32602);
    for version in ["2030-01-01", "2025-03-26", "2024-11-05", "x"] {
        let response = post(&server, &[("MCP-Protocol-Version", version)], &list).has_status(400);
        assert_eq!(code(&response), -32022, "{version}");
        let supported = &response.json()["error"]["data"]["supported"];
        assert_eq!(*supported, json!(["2026-07-28", "2025-11-25", "2025-06-18"]), "{version}");
    }
    let twice = [("MCP-Protocol-Version", VERSION), ("MCP-Protocol-Version", VERSION)];
    assert!([-32602, -32020].contains(&code(&post(&server, &twice, &list).has_status(400))));
}

#[test]
fn mistakes_and_a_missing_index_are_results() {
    let server = TestServer::of(crate::TestEnv::empty(), |_| {});
    let call = json!({"name": "search", "arguments": {"query": "barn"}});
    let missing = stateless(&server, "tools/call", Some("search"), call).has_status(200).json();
    assert_eq!(missing["result"]["isError"], true, "{missing}");
    assert!(missing["result"]["content"][0]["text"].as_str().unwrap().contains("treff index"), "{missing}");
    stateless(&server, "tools/list", None, json!({})).has_status(200);
}
