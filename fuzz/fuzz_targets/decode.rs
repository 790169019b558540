//! Decodes and repairs arbitrary bytes as a text page and as an HTML page.
#![no_main]

use libfuzzer_sys::fuzz_target;
use treff::read::{self, Loaded};

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("temporary folder");
    for name in ["a.txt", "a.html"] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("temporary file");
        for unit in read::units_at(&path, name) {
            if let (Ok(Loaded::Page(page)), Ok(text)) = (unit.and_then(read::load), std::str::from_utf8(bytes)) {
                // Repairs keep the number of lines. Text with NUL bytes may be UTF-16.
                assert!(text.contains('\0') || page.text.matches('\n').count() == text.matches('\n').count());
            }
        }
    }
});
