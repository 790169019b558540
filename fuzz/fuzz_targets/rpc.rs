//! Parses and answers an arbitrary line of MCP: the response has the id of its request, and is a result or an error.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use treff::mcp::{IndexAccess, Message, RoutingHeaders, parse, prepare};
use treff::search::Interrupt;
use treff::service::CurrentIndex;

/// There is no index here, so that tools read their arguments and then fail.
static INDEX: LazyLock<CurrentIndex> = LazyLock::new(|| CurrentIndex::new(PathBuf::from("/nonexistent"), None).expect("there are no synonyms"));

fuzz_target!(|bytes: &[u8]| {
    let request = match parse(bytes) {
        Ok(Message::Request(request)) => request,
        Ok(Message::Notification { .. } | Message::Response) => return,
        Err((id, error)) => {
            assert!(error.code < 0 && (id.is_null() || id.is_string() || id.is_i64() || id.is_u64()));
            return;
        }
    };
    let headers = RoutingHeaders { version: Some("2026-07-28"), method: Some(&request.method), ..Default::default() };
    let _ = prepare(request.clone(), Some(&headers));
    let id = request.id.clone();
    let access = || IndexAccess { status: INDEX.status(), interrupt: Interrupt::NEVER, hides_folders: true };
    if let Ok(prepared) = prepare(request, None) {
        let (response, error) = prepared.respond(access);
        assert_eq!(response["id"], id);
        assert_eq!(response["error"] == Value::Null, error.is_none());
        assert_eq!(response["result"] == Value::Null, error.is_some());
    }
});
