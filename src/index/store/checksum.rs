//! Are the small files of an index still what was written?
//!
//! tantivy writes a checksum behind each of its large files, but none into `meta.json` and `.managed.json`. Here both get
//! one as their last line, written in the same moment as what it is of: a process killed at any time leaves a file and
//! its checksum, or neither. `treff.json` has its own as its last field, so that it stays plain JSON. The files that are
//! not tantivy's and no text end with eight bytes of it.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::error::{Error, Result, reason};

/// What is said of a file that fails.
pub const MISMATCH: &str = "its checksum is wrong";

/// The checksum as it stands at the end of a file: a line of its own.
const LINE_BYTES: usize = 18;

/// `data` with its checksum behind it.
pub fn append(data: &[u8]) -> Vec<u8> {
    [data, line(data).as_bytes()].concat()
}

fn line(data: &[u8]) -> String {
    format!("\n{:016x}\n", xxh3_64(data))
}

/// What stands before the checksum at the end; `None` where that is of something else.
pub fn verify(bytes: &[u8]) -> Option<&[u8]> {
    let (data, last) = bytes.split_last_chunk::<LINE_BYTES>()?;
    (line(data).as_bytes() == last).then_some(data)
}

const FIELD: &str = "\"checksum\": ";

/// A JSON object, written over several lines, with the checksum of all that stands before it as its last field.
pub fn append_to_json(object: &str) -> String {
    let data = format!("{},\n  ", object.trim_end().trim_end_matches('}').trim_end());
    let end = json_end(&data);
    data + &end
}

fn json_end(data: &str) -> String {
    format!("{FIELD}\"{:016x}\"\n}}\n", xxh3_64(data.as_bytes()))
}

/// Whether what such an object says is what was written; `None` of one that has no checksum.
pub fn verify_json(bytes: &[u8]) -> Option<bool> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some(false);
    };
    let (data, end) = text.split_at(text.rfind(FIELD)?);
    Some(end == json_end(data))
}

/// Writes a file that ends with its checksum, and waits until it is on the disk. `seed` tells what it is of.
pub fn write_file(path: &Path, data: &[u8], seed: u64) -> Result<()> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(data)?;
        file.write_all(&xxh3_64_with_seed(data, seed).to_le_bytes())?;
        file.sync_all()
    };
    write().map_err(Error::io(path, "write"))
}

/// What was written so, without the checksum. `path` is for messages.
pub fn read_file(mut file: &File, path: &Path, seed: u64) -> Result<Vec<u8>> {
    let damaged = |reason: &str| Error::Damaged { file: path.to_path_buf(), reason: reason.to_string() };
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
    read.map_err(|error| damaged(&reason(&error)))?;
    let (data, told) = bytes.split_last_chunk::<8>().ok_or_else(|| damaged("is cut off"))?;
    if xxh3_64_with_seed(data, seed) != u64::from_le_bytes(*told) {
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
    fn any_changed_byte_breaks_the_seal() {
        for data in [&b""[..], b"{}", b"{\"a\": 1}\n"] {
            let sealed = append(data);
            assert_eq!(verify(&sealed), Some(data));
            for place in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[place] ^= 1;
                assert_eq!(verify(&changed), None, "{place}");
            }
        }
        assert_eq!(verify(b"{}"), None);
    }

    #[test]
    fn an_object_keeps_its_seal_as_its_last_field() {
        let sealed = append_to_json("{\n  \"a\": 1\n}");
        assert!(serde_json::from_str::<serde_json::Value>(&sealed).unwrap()["checksum"].is_string());
        assert_eq!(verify_json(sealed.as_bytes()), Some(true));
        for place in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[place] ^= 1;
            assert_ne!(verify_json(&changed), Some(true), "{place}");
        }
        assert_eq!(verify_json(b"{\n  \"a\": 1\n}"), None);
    }
}
