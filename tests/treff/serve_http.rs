//! `treff serve` over raw sockets: limits, malformed requests, access, and the life of connections.

use crate::serve_support::TestServer;

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
