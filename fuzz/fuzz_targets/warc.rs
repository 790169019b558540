//! Reads and decodes arbitrary bytes as a web archive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use treff::read;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("a.warc");
    std::fs::write(&path, bytes).expect("temporary file");
    for unit in read::units_at(&path, "a.warc") {
        let _ = unit.and_then(read::load);
    }
});
