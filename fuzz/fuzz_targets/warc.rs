//! Any bytes as a web archive: read and decoded without a panic, and to an end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use treff::read;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.warc");
    std::fs::write(&path, bytes).expect("a file");
    for unit in read::units_at(&path, "a.warc") {
        let _ = unit.and_then(read::load);
    }
});
