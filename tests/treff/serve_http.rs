//! `treff serve` over raw sockets: limits, malformed requests, access, and the life of connections.

use std::time::Duration;

use crate::TestEnv;
use crate::serve_support::{TestServer, indexed_seeds, wait_until};

/// A request target for each route that answers GET.
fn targets(server: &TestServer) -> Vec<String> {
    let hits = server.get("/api/v1/search?q=taushetsplikt").has_status(200).json();
    let passage = format!("/api/v1/passages/{}", hits["hits"][0]["id"].as_str().unwrap());
    let fixed = [
        "/",
        "/robots.txt",
        "/opensearch.xml",
        "/favicon.ico",
        "/api/v1/openapi.json",
        "/?q=taushetsplikt",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/v1/search?q=a",
        "/api/v1/status",
    ];
    fixed.into_iter().map(str::to_string).chain([passage]).collect()
}

/// Sends a request as it is, and returns the status of the first response. The server must close the connection after
/// its last response.
#[track_caller]
fn status(server: &TestServer, request: &str) -> u16 {
    let response = server.raw(request);
    let status = response.strip_prefix("HTTP/1.1 ").or_else(|| response.strip_prefix("HTTP/1.0 "));
    status.and_then(|rest| rest.get(..3)?.parse().ok()).unwrap_or_else(|| panic!("{request:?} → {response:?}"))
}

#[test]
fn answers_searches_until_it_is_stopped() {
    let mut server = TestServer::start();
    server.get("/healthz").has_status(200);
    server.get("/readyz").has_status(200);
    let hits = server.get("/api/v1/search?q=taushetsplikt").has_status(200).json();
    assert!(hits["hits"].as_array().is_some_and(|hits| !hits.is_empty()), "{hits}");
    let mut client = server.connect();
    client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.read_response().unwrap().text(), "ok\n");
    assert_eq!(client.read_response_to("HEAD").unwrap().status, 200);
    server.start_to_stop();
    server.wait();
    assert_eq!(client.read_to_end(), "");
}

#[test]
fn head_gives_the_headers_of_get() {
    let server = TestServer::with(|config| config.has_metrics = true);
    for target in targets(&server) {
        let got = server.get(&target).has_status(200);
        assert!(!got.body.is_empty(), "{target}");
        for name in ["x-content-type-options", "referrer-policy", "cache-control"] {
            assert!(got.header(name).is_some(), "{target}: {name}");
        }
        let head = server.request("HEAD", &target, &[], "").has_status(200);
        for name in ["content-type", "etag", "cache-control"] {
            assert_eq!(head.header(name), got.header(name), "{target}: {name}");
        }
        // Nothing comes after the head.
        let host = server.address();
        let text = server.raw(format!("HEAD {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        assert!(text.ends_with("\r\n\r\n"), "{target}: {text}");
    }
}

#[test]
fn other_methods_get_405_with_allow() {
    let server = TestServer::with(|config| config.has_metrics = true);
    for target in targets(&server) {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "TREFF-REJECTED"] {
            let response = server.request(method, &target, &[], "").has_status(405);
            assert_eq!(response.header("allow"), Some("GET, HEAD"), "{method} {target}");
        }
    }
    assert_eq!(
        status(&server, "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\nConnection: close\r\n\r\n"),
        404
    );
    server.get("/api/v1/nothing-here").expect_problem(404, "not-found");
    server.get("/nothing-here").has_status(404);
}

#[test]
fn limits_on_requests() {
    let server = TestServer::start();
    let query = |chars: usize| format!("/api/v1/search?q=barn{}", "+%C3%A6".repeat((chars - 4) / 2));
    server.get(&query(1024)).has_status(200);
    server.get(&query(1026)).expect_problem(400, "bad-parameter");

    let target = |bytes| format!("/api/v1/status?{}", "x".repeat(bytes - "/api/v1/status?".len()));
    assert_ne!(server.get(&target(8192)).status, 414);
    server.get(&target(8193)).expect_problem(414, "uri-too-long");
    server.get(&target(100_000)).expect_problem(414, "uri-too-long");

    let headers = |count| vec![("X-A", "1"); count];
    // `Host` is one more.
    server.request("GET", "/healthz", &headers(99), "").has_status(200);
    server.request("GET", "/healthz", &headers(100), "").expect_problem(431, "headers-too-large");
    // `Host` and all line ends are counted.
    let host = format!("Host: {}\r\nX-A: \r\n", server.address()).len();
    let header = |bytes: usize| "a".repeat(bytes - host);
    for target in ["/healthz".to_string(), query(1000)] {
        server.request("GET", &target, &[("X-A", &header(32_768))], "").has_status(200);
        server.request("GET", &target, &[("X-A", &header(32_769))], "").expect_problem(431, "headers-too-large");
    }
    server.request("GET", "/healthz", &[("X-A", &header(60_000))], "").expect_problem(431, "headers-too-large");

    server.request("POST", "/healthz", &[], &"a".repeat(65_536)).expect_problem(405, "method-not-allowed");
    // The client gets the answer though the server doesn't read the body.
    server.request("POST", "/healthz", &[], &"a".repeat(65_537)).expect_problem(413, "too-large");
    server.request("POST", "/healthz", &[], &"a".repeat(5_000_000)).expect_problem(413, "too-large");

    server.get("/api/v1/search?q=barn&offset=990&limit=10").has_status(200);
    server.get("/api/v1/search?q=barn&offset=991&limit=10").expect_problem(400, "bad-parameter");
    server.get("/api/v1/search?q=barn&offset=18446744073709551615&limit=10").expect_problem(400, "bad-parameter");
}

#[test]
fn a_norwegian_query_of_the_maximum_length_fits_into_the_target() {
    let server = TestServer::start();
    // 1,024 characters of three bytes, such as `€`, have more than 8,192 bytes when encoded: 414.
    for c in ["a", "æ", "é"] {
        let query = c.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>().repeat(1020);
        let page = server.get(&format!("/?q=barn{query}&ui=en")).has_status(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{c}");
        assert_eq!(server.get(&format!("/api/v1/search?q={query}+barn")).status, 400, "{c}");
        assert_ne!(server.get(&format!("/api/v1/search?q={query}")).status, 414, "{c}");
        assert_ne!(server.get(&format!("/api/v1/passages/x?q={query}")).status, 414, "{c}");
    }
}

#[test]
fn rejected_requests_for_pages_are_answered_with_pages() {
    let server = TestServer::with(|config| config.limits.set("head-time=0.05").unwrap());
    let long = "x".repeat(20_000);
    let many = "X-A: 1\r\n".repeat(101);
    for (request, status, heading) in [
        (format!("GET /?ui=en&q={long} HTTP/1.1\r\n\r\n"), 414, "The request can't be answered"),
        (format!("GET /p/{long}"), 414, "Kan ikke svare på forespørselen"),
        (format!("GET /?ui=nn HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), 431, ""),
        (
            format!("GET /nothing HTTP/1.1\r\nAccept-Language: en\r\nX: {long}{long}\r\n\r\n"),
            431,
            "The request can't be answered",
        ),
        (
            "GET /p/x#y HTTP/1.1\r\nHost: localhost\r\naccept-language:en\r\n\r\n".to_string(),
            400,
            "The request can't be answered",
        ),
        ("GET / HTTP/1.1\r\nAccept-Language: en\r\nHost:".to_string(), 408, "The request can't be answered"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_string(), 411, ""),
    ] {
        let mut client = server.connect();
        client.send(&request);
        let response = client.read_response().unwrap().has_status(status);
        assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"), "{request:.60}");
        assert!(response.text().contains("<h1>") && response.text().contains(heading), "{}", response.text());
        assert_eq!(client.read_to_end(), "");
    }
    for request in [
        format!("GET /api/v1/search?q={long}"),
        format!("GET /mcp?{long}"),
        format!("GET /healthz HTTP/1.1\r\n{many}\r\n"),
        format!("{long}{long}"),
        "GET *# HTTP/1.1\r\n\r\n".to_string(),
    ] {
        assert!(server.raw(&request).contains("content-type: application/problem+json\r\n"), "{request:.60}");
    }
}

#[test]
fn a_new_connection_has_the_time_for_a_head() {
    let server = TestServer::with(|config| {
        for setting in ["head-time=0.05", "idle-time=1000"] {
            config.limits.set(setting).unwrap();
        }
    });
    assert_eq!(server.connect().read_to_end(), "");
    // Empty lines are no request.
    assert_eq!(server.raw("\r\n\r\n"), "");
    // After a request, the connection may be idle.
    let mut client = server.connect();
    for _ in 0..3 {
        client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n");
        assert_eq!(client.read_response().unwrap().status, 200);
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn pages_of_other_sites_may_only_link_to_pages() {
    let origin = "https://app.example.no";
    let server = TestServer::with(|config| {
        config.has_metrics = true;
        config.cors_origins.push(origin.to_string());
    });
    let shared = ["/robots.txt", "/opensearch.xml", "/favicon.ico"];
    let hit = server.get("/api/v1/search?q=taushetsplikt").json()["hits"][0]["id"].as_str().unwrap().to_string();
    let icon =
        server.get("/").text().split("href=\"").find(|part| part.starts_with("/assets/icon-")).unwrap().to_string();
    let icon = icon.split('"').next().unwrap().to_string();
    let passage = format!("/p/{hit}?q=barn");
    for target in targets(&server).iter().chain([&icon, &passage, &"/problems/damaged".to_string()]) {
        let is_shared = shared.contains(&target.as_str()) || *target == icon;
        let is_page =
            target == "/" || target.starts_with("/?") || *target == passage || target.starts_with("/problems");
        for site in ["cross-site", "same-site"] {
            let fetch = |mode: &str, destination: &str, origin: Option<&str>| {
                let mut headers =
                    vec![("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", destination)];
                headers.extend(origin.map(|origin| ("Origin", origin)));
                server.request("GET", target, &headers, "").status
            };
            let status = |is_answered: bool| if is_answered { 200 } else { 403 };
            assert_eq!(fetch("navigate", "document", None), status(is_page || is_shared), "{target}");
            for (mode, destination) in [("navigate", "iframe"), ("no-cors", "image"), ("no-cors", "script")] {
                assert_eq!(fetch(mode, destination, None), status(is_shared), "{target} {mode} {destination}");
            }
            assert_eq!(fetch("cors", "empty", Some(origin)), 200, "{target}");
            for foreign in ["null", "https://evil.example"] {
                assert_eq!(fetch("navigate", "document", Some(foreign)), status(is_shared), "{target}");
            }
        }
        for site in ["none", "same-origin"] {
            server.request("GET", target, &[("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "cors")], "").has_status(200);
        }
        let policy = if is_shared { "cross-origin" } else { "same-origin" };
        assert_eq!(server.get(target).header("cross-origin-resource-policy"), Some(policy), "{target}");
    }
    // Errors have the policy, too.
    for target in ["/nothing", "/assets/nothing.js", "/api/v1/search", "/mcp", "/?q=a#b"] {
        assert_eq!(server.get(target).header("cross-origin-resource-policy"), Some("same-origin"), "{target}");
    }
}

#[test]
fn limits_are_settable() {
    let server = TestServer::with(|config| {
        for setting in ["query=5", "target=100", "headers=3", "body=10", "hits=20"] {
            config.limits.set(setting).unwrap();
        }
    });
    server.get("/api/v1/search?q=barna").has_status(200);
    server.get("/api/v1/search?q=barnas").expect_problem(400, "bad-parameter");
    server.get(&format!("/api/v1/{}", "x".repeat(100))).expect_problem(414, "uri-too-long");
    server
        .request("GET", "/healthz", &[("A", "1"), ("B", "2"), ("C", "3")], "")
        .expect_problem(431, "headers-too-large");
    server.request("POST", "/healthz", &[], "12345678901").expect_problem(413, "too-large");
    server.get("/api/v1/search?q=barn&offset=11").expect_problem(400, "bad-parameter");
    server.get("/api/v1/search?q=barn&offset=10").has_status(200);
}

#[test]
fn slow_clients_are_disconnected() {
    let server = TestServer::with(|config| {
        for setting in ["head-time=0.05", "idle-time=0.05", "write-time=0.05"] {
            config.limits.set(setting).unwrap();
        }
        config.has_metrics = true;
    });
    // Idle from the start, and after a request.
    assert_eq!(server.connect().read_to_end(), "");
    let mut client = server.connect();
    client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.read_response().unwrap().status, 200);
    assert_eq!(client.read_to_end(), "");

    // The head never ends.
    let mut client = server.connect();
    client.send("GET /healthz HTTP/1.1\r\nHost:");
    client.read_response().unwrap().expect_problem(408, "request-timeout");
    assert_eq!(client.read_to_end(), "");
    let mut client = server.connect();
    for byte in "GET /healthz HTTP/1.1\r\n".bytes().chain("X: y\r\n".repeat(50).bytes()) {
        client.send([byte]);
        std::thread::sleep(Duration::from_millis(1));
    }
    client.read_response().unwrap().expect_problem(408, "request-timeout");

    // The body never ends, though bytes keep coming.
    let mut client = server.connect();
    client.send("POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
    for _ in 0..300 {
        client.send("a");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(!client.read_to_end().contains(" 200 "));

    // The client doesn't read: at last it can't send either, since the server has closed the connection.
    let mut client = server.connect();
    wait_until("the server closes the connection", || {
        !client.can_send(&"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100))
    });
    server.get("/healthz").has_status(200);
}

#[test]
fn ambiguous_and_malformed_requests_are_rejected() {
    let server = TestServer::start();
    let post = |headers: &str| format!("POST /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}\r\nabcde");
    for (request, expected) in [
        (post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400),
        (post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400),
        (post("Content-Length: 5\r\nTransfer-Encoding: identity\r\n"), 400),
        (post("Content-Length: 5\r\ntransfer-encoding:\tchunked\r\n"), 400),
        (post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400),
        (post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400),
        (post("Content-Length: 5,5\r\n"), 400),
        (post("Content-Length: +5\r\n"), 400),
        (post("Content-Length: 0x5\r\n"), 400),
        (post("Content-Length: -1\r\n"), 400),
        (post("Content-Length:\r\n"), 400),
        (post("Content-Length : 5\r\n"), 400),
        (post("Content-Length: 99999999999999999999\r\n"), 400),
        (post("Transfer-Encoding: chunked\r\n"), 411),
        (post("X: a\r\n Content-Length: 5\r\n"), 400),
        (post("X: a\n"), 400),
        (post("X: a\0b\r\n"), 400),
        (post("X: a\rb\r\n"), 400),
        ("GET /healthz HTTP/1.1\nHost: localhost\n\n".repeat(2) + "\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde".to_string(), 400),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_string(), 411),
        ("GET /healthz\r\n\r\n".to_string(), 400),
        ("GET  /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_string(), 400),
        ("GET /health z HTTP/1.1\r\nHost: localhost\r\n\r\n".to_string(), 400),
        ("GET healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_string(), 400),
        ("GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n".to_string(), 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_string(), 400),
        ("\r\n".repeat(10), 400),
        ("\n\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_string(), 400),
        ("GET /healthz#x HTTP/1.1\r\nHost: localhost\r\n\r\n".to_string(), 400),
        ("GET /api/v1/status?#x HTTP/1.1\r\nHost: localhost\r\n\r\n".to_string(), 400),
        ("GET http://localhost/healthz#x HTTP/1.1\r\nHost: localhost\r\n\r\n".to_string(), 400),
    ] {
        assert_eq!(status(&server, &request), expected, "{request:?}");
    }
    server.get("/healthz").has_status(200);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = TestServer::start();
    let mut client = server.connect();
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let bad = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n";
    client.send(get("/api/v1/search?q=barn") + &get("/nothing") + &get("/healthz") + bad + &get("/healthz"));
    for expected in [200, 404, 200] {
        assert_eq!(client.read_response().unwrap().status, expected);
    }
    let rejected = client.read_response().unwrap().expect_problem(400, "bad-request");
    assert_eq!(rejected.header("connection"), Some("close"));
    // Nothing after a rejected request is answered, since it is unclear where it ends.
    assert_eq!(client.read_to_end(), "");
}

#[test]
fn old_and_unusual_requests() {
    let server = TestServer::start();
    assert_eq!(status(&server, "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"), 200);
    assert_eq!(status(&server, "GET /healthz HTTP/1.0\r\n\r\n"), 400);
    // An empty line before a request is ignored (RFC 9112 section 2.2).
    let last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for lines in [1, 2, 5] {
        assert_eq!(status(&server, &("\r\n".repeat(lines) + last)), 200);
    }
    let mut client = server.connect();
    for part in ["\r", "\n\r", "\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n", "\r\n", last] {
        client.send(part);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(client.read_to_end().matches("HTTP/1.1 200 ").count(), 2);

    // curl doesn't encode what is typed.
    server.get("/api/v1/search?q=b\u{e6}rum").has_status(200);

    let expecting = |length: usize| {
        format!("POST /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n")
    };
    let mut client = server.connect();
    client.send(expecting(5));
    assert_eq!(client.read_response().unwrap().status, 100);
    client.send("abcde");
    client.read_response().unwrap().expect_problem(405, "method-not-allowed");
    let mut client = server.connect();
    client.send(expecting(100_000));
    client.read_response().unwrap().expect_problem(413, "too-large");
}

#[test]
fn only_known_hosts_are_served() {
    let server = TestServer::with(|config| {
        config.host_names.push("treff.example.no".to_string());
        config.has_metrics = true;
    });
    for target in targets(&server) {
        for host in
            ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:80", "treff.example.no.", "10.0.0.1"]
        {
            server.request("GET", &target, &[("Host", host)], "").has_status(421);
        }
        server.request("GET", &target, &[("Host", "localhost"), ("Host", "localhost")], "").has_status(400);
        server.request("GET", &target, &[("Host", "treff.example.no:8733")], "").has_status(200);
        let absolute = |host: &str| format!("http://{host}{target}");
        server.request("GET", &absolute("localhost"), &[("Host", "localhost")], "").has_status(200);
        server.request("GET", &absolute("evil.example"), &[("Host", "localhost")], "").has_status(400);
        server.request("GET", &absolute("evil.example"), &[("Host", "evil.example")], "").has_status(421);
        server.request("GET", &absolute("a@localhost"), &[("Host", "localhost")], "").has_status(400);
    }
    assert_eq!(status(&server, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), 400);
}

#[test]
fn only_clients_with_the_token_are_served() {
    let server = TestServer::with(|config| {
        config.token = Some("0123456789abcdef".to_string());
        config.has_metrics = true;
    });
    let right = ("Authorization", "Bearer 0123456789abcdef");
    for target in
        ["/", "/?q=barn", "/metrics", "/api/v1/search?q=barn", "/api/v1/status", "/api/v1/passages/x", "/nothing"]
    {
        let response = server.get(target).has_status(401);
        assert_eq!(response.header("www-authenticate"), Some("Bearer"), "{target}");
        for value in ["Bearer 0123456789abcdeg", "Bearer 0123456789abcde", "Basic 0123456789abcdef", "Bearer"] {
            server.request("GET", target, &[("Authorization", value)], "").has_status(401);
        }
        server.request("GET", target, &[right, right], "").has_status(401);
        assert_ne!(server.request("GET", target, &[right], "").status, 401, "{target}");
    }
    server.get("/api/v1/search?q=barn&token=0123456789abcdef").has_status(401);
    for target in ["/healthz", "/readyz", "/robots.txt", "/favicon.ico"] {
        server.get(target).has_status(200);
    }
    server.get("/assets/nothing.js").has_status(404);
    server.get("/opensearch.xml").has_status(401);
}

#[test]
fn web_pages_of_configured_origins_may_read_answers() {
    let origin = ("Origin", "https://app.example.no");
    let server = TestServer::with(|config| {
        config.cors_origins.push(origin.1.to_string());
        config.token = Some("0123456789abcdef".to_string());
    });
    let preflight = |origin: &str, target: &str| {
        let headers = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "GET"),
            ("Access-Control-Request-Headers", "authorization"),
        ];
        server.request("OPTIONS", target, &headers, "")
    };
    let allowed = preflight(origin.1, "/api/v1/search").has_status(204);
    assert_eq!(allowed.header("access-control-allow-origin"), Some(origin.1));
    assert_eq!(allowed.header("access-control-allow-methods"), Some("GET, HEAD"));
    assert!(allowed.header("access-control-allow-headers").unwrap().contains("authorization"));
    assert!(allowed.header("vary").unwrap().contains("origin"));
    for other in ["https://evil.example", "null", "https://app.example.no:444", "http://app.example.no"] {
        let refused = preflight(other, "/api/v1/search");
        assert!(refused.status == 401 || refused.status == 403, "{refused:?}");
        assert_eq!(refused.header("access-control-allow-origin"), None);
        server.request("GET", "/api/v1/search?q=barn", &[("Origin", other)], "").expect_problem(403, "foreign-origin");
    }
    let token = ("Authorization", "Bearer 0123456789abcdef");
    let answer = server.request("GET", "/api/v1/search?q=barn", &[origin, token], "").has_status(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(origin.1));
    // The page can read why its request failed.
    let refused = server.request("GET", "/api/v1/search?q=barn", &[origin], "").expect_problem(401, "unauthorized");
    assert_eq!(refused.header("access-control-allow-origin"), Some(origin.1));
    let exposed = refused.header("access-control-expose-headers").unwrap().to_string();
    assert!(exposed.contains("www-authenticate") && exposed.contains("etag"), "{exposed}");
    // Clients of MCP send these, depending on the revision.
    let names =
        "authorization, content-type, last-event-id, mcp-method, mcp-name, mcp-protocol-version, mcp-session-id";
    let headers = [
        origin,
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "cors"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", names),
    ];
    let allowed = server.request("OPTIONS", "/mcp", &headers, "").has_status(204);
    assert_eq!(allowed.header("access-control-allow-methods"), Some("POST"));
    let allowed = allowed.header("access-control-allow-headers").unwrap().to_string();
    assert!(names.split(", ").all(|name| allowed.split(", ").any(|allowed| allowed == name)), "{allowed}");
    // The server's own pages.
    let own = format!("http://{}", server.address());
    let answer = server.request("GET", "/api/v1/status", &[("Origin", &own), token], "").has_status(200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn nothing_from_a_request_becomes_a_header() {
    let server = TestServer::with(|config| {
        config.trusts_proxy = true;
        config.cors_origins.push("https://app.example.no".to_string());
    });
    const KNOWN: [&str; 18] = [
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "access-control-max-age",
        "allow",
        "cache-control",
        "connection",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-resource-policy",
        "date",
        "etag",
        "referrer-policy",
        "vary",
        "x-content-type-options",
        "link",
    ];
    let injected = "a%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a<script>";
    for target in [
        format!("/?q={injected}"),
        format!("/?ui={injected}&q=barn"),
        format!("/api/v1/search?q={injected}&generation={injected}"),
        format!("/api/v1/search?q=barn&sort={injected}"),
        format!("/api/v1/passages/{injected}"),
        format!("/{injected}"),
        format!("/api/v1/search?q=barn&{injected}=1"),
    ] {
        for header in
            [("X-Forwarded-Host", "localhost\u{b}Set-Cookie: a"), ("X-Forwarded-Proto", "https\tx"), ("Accept", "*/*")]
        {
            let response = server.request("GET", &target, &[header], "");
            assert_ne!(response.status, 500, "{target}");
            for (name, value) in &response.headers {
                assert!(KNOWN.contains(&name.as_str()), "{target}: {name}");
                assert!(!value.contains("a=b") && !value.contains('<'), "{target}: {name}: {value}");
            }
        }
    }
}

#[test]
fn connections_beyond_the_limit_wait() {
    let server = TestServer::with(|config| {
        config.limits.set("connections=2").unwrap();
        config.has_metrics = true;
    });
    let get = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (mut first, mut second, mut third) = (server.connect(), server.connect(), server.connect());
    second.send(get);
    assert_eq!(second.read_response().unwrap().status, 200);
    third.send(get);
    first.send(get);
    let metrics = first.read_response().unwrap();
    assert!(metrics.text().contains("\ntreff_connections 2\n"), "{}", metrics.text());
    drop(first);
    assert_eq!(third.read_response().unwrap().status, 200);
}

#[test]
fn waits_for_a_missing_index_and_follows_it() {
    let server = TestServer::of(TestEnv::with_seeds(), |_| {});
    server.get("/healthz").has_status(200);
    let response = server.get("/readyz").expect_problem(503, "no-index");
    assert_eq!(response.header("retry-after"), Some("10"));
    server.get("/api/v1/search?q=barn").expect_problem(503, "no-index");
    assert_eq!(server.get("/?q=barn").has_status(503).header("content-type"), Some("text/html; charset=utf-8"));
    assert!(server.log().iter().any(|message| message.contains("waiting for an index")), "{:?}", server.log());
    server.env.run(&["index"]).exits(0);
    wait_until("the server has the index", || server.get("/readyz").status == 200);
    server.get("/api/v1/search?q=barn").has_status(200);
}

#[test]
fn a_damaged_index_costs_no_connection() {
    let env = indexed_seeds();
    let generation = env.path("index/generation-1");
    for entry in std::fs::read_dir(generation).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "idx" || ending == "pos") {
            let mut bytes = std::fs::read(&path).unwrap();
            bytes.iter_mut().step_by(3).for_each(|byte| *byte = !*byte);
            std::fs::write(&path, bytes).unwrap();
        }
    }
    let server = TestServer::of(env, |_| {});
    let mut client = server.connect();
    let mut damaged = 0;
    for query in ["taushetsplikt", "barn", "kommunen", "lov", "og", "%22til+barn%22"] {
        client.send(format!("GET /api/v1/search?q={query} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        let response = client.read_response().unwrap();
        if response.status != 200 {
            response.expect_problem(503, "damaged");
            damaged += 1;
        }
    }
    assert!(damaged > 0);
    // The operator gets to know which file is damaged, once.
    wait_until("the damage is in the log", || server.log().iter().any(|message| message.contains("generation-1")));
    assert_eq!(server.log().len(), 1, "{:?}", server.log());
    server.get("/healthz").has_status(200);
}

#[test]
fn metrics_and_access_log_contain_no_query() {
    let server = TestServer::with(|config| {
        config.has_metrics = true;
        config.trusts_proxy = true;
    });
    server.get("/api/v1/search?q=hemmelighet&source=hemmelighet").has_status(200);
    server.get("/?q=hemmelighet").has_status(200);
    server.get("/hemmelighet").has_status(404);
    server.request("HEMMELIGHET", "/", &[("Authorization", "Bearer hemmelighet")], "").has_status(405);
    server.request("GET", "/healthz", &[("X-Forwarded-For", "hemmelighet, 192.0.2.7")], "").has_status(200);
    server.raw("GET /hemmelighet hemmelighet\r\n\r\n");
    let (metrics, log) = (server.get("/metrics").has_status(200), server.access_log().join("\n"));
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for text in [metrics.text(), &log] {
        assert!(!text.to_lowercase().contains("hemmelighet"), "{text}");
    }
    for line in [
        "treff_requests_total{route=\"/api/v1/search\",status=\"200\"} 1",
        "treff_requests_total{route=\"(other)\",status=\"404\"} 1",
        "treff_requests_total{route=\"/\",status=\"405\"} 1",
        "treff_requests_total{route=\"(malformed)\",status=\"400\"} 1",
        "treff_searches_queued 0",
        "treff_connections 1",
        "treff_index_ready 1",
        "treff_index_pages 5",
    ] {
        assert!(metrics.text().lines().any(|found| found == line), "{line} is not in\n{}", metrics.text());
    }
    assert!(log.contains(" client=127.0.0.1 method=GET route=/api/v1/search status=200 bytes="), "{log}");
    assert!(log.contains(" client=192.0.2.7 method=GET route=/healthz status=200 bytes=3 ms="), "{log}");
    assert!(log.contains(" method=(other) route=/ status=405 "), "{log}");
    TestServer::start().get("/metrics").has_status(404);
}

#[test]
fn a_search_that_takes_too_long_gives_what_was_found() {
    let server = TestServer::with(|config| config.limits.search_time = Duration::ZERO);
    let answer = server.get("/api/v1/search?q=barn&facets=source").has_status(200).json();
    assert_eq!(answer["partial"], true, "{answer}");
    server.get("/?q=barn").has_status(200);
    let server = TestServer::with(|config| config.limits.search_time = Duration::from_secs(1000));
    let answer = server.get("/api/v1/search?q=barn").has_status(200).json();
    assert_eq!(answer["partial"], false, "{answer}");
}

#[test]
fn files_that_cannot_be_read_are_reported_at_the_start() {
    let env = TestEnv::indexed();
    env.write("latin1.txt", "a = b");
    std::fs::write(env.path("latin1.txt"), b"bl\xe5 = gr\xf8nn").unwrap();
    for (option, file) in
        [("--synonyms", "missing"), ("--synonyms", "latin1.txt"), ("--css", "missing"), ("--token-file", "missing")]
    {
        let ran = env.run(&["serve", "--port", "0", option, file]).exits(2);
        assert!(ran.stderr.contains(file), "{}", ran.stderr);
    }
    let ran = env.run(&["mcp", "--synonyms", "missing"]).exits(2);
    assert!(ran.stderr.contains("missing"), "{}", ran.stderr);
}
