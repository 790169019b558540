//! Versions of answers, for entity tags.

use crate::serve::request::{AcceptedRequest, ReadContext};

/// Identifies the answer to a request: the commit of the index, the target, and the version of treff, which decides on
/// the form of the answer.
pub fn entity_version(context: &ReadContext, request: &AcceptedRequest) -> String {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    for part in [&request.path, &request.query, env!("CARGO_PKG_VERSION")] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    format!("{}-{:016x}", context.snapshot.version, hasher.digest())
}
