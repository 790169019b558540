//! Reads and decodes arbitrary bytes as a file of one of several types. The first byte selects the type.
#![no_main]

use libfuzzer_sys::fuzz_target;
use treff::read;

const NAMES: [&str; 10] = [
    "a.jsonl", "a.tar", "a.zip", "a.warc", "a.wacz", "a.mhtml", "a.warc.zst", "a.warc.gz", "a.tar.gz", "a",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, content)) = bytes.split_first() else {
        return;
    };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("temporary file");
    for unit in read::units_at(&path, name) {
        let _ = unit.and_then(read::load);
    }
});
