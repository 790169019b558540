//! Bytes on a connection → the responses of `treff serve`.

#![no_main]

use std::future::pending;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use treff::index::{self, UpdateOptions};
use treff::serve::{ServeConfig, bind};

/// A server on the index of the seeds, which runs until the process ends.
static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder").keep();
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../seeds");
    let index = folder.join("index");
    index::update(&UpdateOptions::new(&index, &[seeds])).expect("an index");
    let mut config = ServeConfig { index, address: ([127, 0, 0, 1], 0).into(), ..ServeConfig::default() };
    config.has_metrics = true;
    config.cors_origins.push("https://app.example.no".to_string());
    config.limits.set("head-time=0.02").expect("a limit");
    config.limits.set("idle-time=0.02").expect("a limit");
    let bound = bind(config, Arc::new(|_| {}), None).expect("a server");
    let address = bound.address().expect("an address");
    std::thread::spawn(move || bound.serve(pending(), pending()));
    address
});

fuzz_target!(|bytes: &[u8]| {
    let mut socket = TcpStream::connect(*SERVER).expect("the server accepts connections");
    // The server may close the connection before it has read everything.
    let _ = socket.write_all(bytes);
    let _ = socket.write_all(b"\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let mut received = Vec::new();
    let _ = socket.read_to_end(&mut received);
    check(&received);
});

/// Checks that the bytes are a series of HTTP responses without an internal error. The last one may be cut off.
fn check(mut received: &[u8]) {
    while !received.is_empty() {
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return };
        let head = std::str::from_utf8(&received[..end]).expect("a head is UTF-8");
        let mut lines = head.split("\r\n");
        let status: u16 = lines
            .next()
            .and_then(|line| line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 ")))
            .and_then(|line| line.get(..3)?.parse().ok())
            .unwrap_or_else(|| panic!("not a response: {head:?}"));
        assert_ne!(status, 500, "{head:?}");
        let mut length = 0;
        for line in lines {
            assert!(!line.contains(['\r', '\n', '\0']), "{head:?}");
            let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("not a header: {line:?}"));
            if name == "content-length" {
                length = value.parse().expect("a length");
            }
        }
        let rest = &received[end + 4..];
        // A response to HEAD has no body; then, another response follows at once.
        let has_body = status >= 200 && status != 204 && status != 304 && !rest.starts_with(b"HTTP/1.");
        received = rest.get(if has_body { length } else { 0 }..).unwrap_or_default();
    }
}
