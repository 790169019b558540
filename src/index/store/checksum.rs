//! XXH3 checksums of the small files of an index.
//!
//! tantivy writes a checksum at the end of each of its large files, but none to `meta.json` and `.managed.json`. treff
//! adds one as their last line. It is written together with the content, so a killed process leaves both or neither.
//! `treff.json` has its checksum as the last field, so that it remains plain JSON. Manifests and compression
//! dictionaries end with an eight-byte checksum.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::error::{Error, Result, reason};

/// The message for a file whose checksum is wrong.
pub const MISMATCH: &str = "its checksum is wrong";

/// The length of the checksum line: 16 hexadecimal digits between two line feeds.
const LINE_BYTES: usize = 18;

/// Appends the checksum line to `data`.
pub fn append(data: &[u8]) -> Vec<u8> {
    [data, line(data).as_bytes()].concat()
}

fn line(data: &[u8]) -> String {
    format!("\n{:016x}\n", xxh3_64(data))
}

/// Returns the content before the checksum line; `None` if the checksum is wrong.
pub fn verify(bytes: &[u8]) -> Option<&[u8]> {
    let (data, last) = bytes.split_last_chunk::<LINE_BYTES>()?;
    (line(data).as_bytes() == last).then_some(data)
}

const FIELD: &str = "\"checksum\": ";

/// Adds the checksum of a pretty-printed JSON object as its last field. It covers all text before that field.
pub fn append_to_json(object: &str) -> String {
    let data = format!("{},\n  ", object.trim_end().trim_end_matches('}').trim_end());
    let end = json_end(&data);
    data + &end
}

fn json_end(data: &str) -> String {
    format!("{FIELD}\"{:016x}\"\n}}\n", xxh3_64(data.as_bytes()))
}

/// Whether the checksum in a JSON object is right; `None` if it has no checksum.
pub fn verify_json(bytes: &[u8]) -> Option<bool> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some(false);
    };
    let (data, end) = text.split_at(text.rfind(FIELD)?);
    Some(end == json_end(data))
}

/// Writes a file that ends with the checksum of its content, and syncs it. Each kind of file has its own `seed`.
pub fn write_file(path: &Path, data: &[u8], seed: u64) -> Result<()> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(data)?;
        file.write_all(&xxh3_64_with_seed(data, seed).to_le_bytes())?;
        file.sync_all()
    };
    write().map_err(Error::io(path, "write"))
}

/// Reads a file that `write_file` wrote, from its beginning, and returns the content without the checksum. `path` is
/// for messages.
pub fn read_file(mut file: &File, path: &Path, seed: u64) -> Result<Vec<u8>> {
    let damaged = |reason: &str| Error::Damaged { file: path.to_path_buf(), reason: reason.to_string() };
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
    read.map_err(|error| damaged(&reason(&error)))?;
    let (data, checksum) = bytes.split_last_chunk::<8>().ok_or_else(|| damaged("the file is truncated"))?;
    if xxh3_64_with_seed(data, seed) != u64::from_le_bytes(*checksum) {
        return Err(damaged(MISMATCH));
    }
    let length = data.len();
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_makes_the_checksum_wrong() {
        for data in [&b""[..], b"{}", b"{\"a\": 1}\n"] {
            let with_checksum = append(data);
            assert_eq!(verify(&with_checksum), Some(data));
            for offset in 0..with_checksum.len() {
                let mut changed = with_checksum.clone();
                changed[offset] ^= 1;
                assert_eq!(verify(&changed), None, "{offset}");
            }
        }
        assert_eq!(verify(b"{}"), None);
    }

    #[test]
    fn a_json_object_has_its_checksum_as_last_field() {
        let with_checksum = append_to_json("{\n  \"a\": 1\n}");
        assert!(serde_json::from_str::<serde_json::Value>(&with_checksum).unwrap()["checksum"].is_string());
        assert_eq!(verify_json(with_checksum.as_bytes()), Some(true));
        for offset in 0..with_checksum.len() {
            let mut changed = with_checksum.clone().into_bytes();
            changed[offset] ^= 1;
            assert_ne!(verify_json(&changed), Some(true), "{offset}");
        }
        assert_eq!(verify_json(b"{\n  \"a\": 1\n}"), None);
    }
}
