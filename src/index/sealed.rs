//! Are the small files of an index still what was written?
//!
//! tantivy writes a checksum behind each of its large files, but none into `meta.json` and `.managed.json`. Here both get
//! one as their last line, written in the same moment as what it is of: a process killed at any time leaves a file and
//! its checksum, or neither. `treff.json` has its own as its last field, so that it stays plain JSON.

use xxhash_rust::xxh3::xxh3_64;

/// What is said of a file that fails.
pub const WRONG: &str = "its checksum is wrong";

/// The checksum as it stands at the end of a file: a line of its own.
const LINE_BYTES: usize = 18;

/// `data` with its checksum behind it.
pub fn seal(data: &[u8]) -> Vec<u8> {
    [data, line(data).as_bytes()].concat()
}

fn line(data: &[u8]) -> String {
    format!("\n{:016x}\n", xxh3_64(data))
}

/// What stands before the checksum at the end; `None` where that is of something else.
pub fn unseal(bytes: &[u8]) -> Option<&[u8]> {
    let (data, last) = bytes.split_last_chunk::<LINE_BYTES>()?;
    (line(data).as_bytes() == last).then_some(data)
}

const FIELD: &str = "\"checksum\": ";

/// A JSON object, written over several lines, with the checksum of all that stands before it as its last field.
pub fn seal_json(object: &str) -> String {
    let data = format!("{},\n  ", object.trim_end().trim_end_matches('}').trim_end());
    let end = json_end(&data);
    data + &end
}

fn json_end(data: &str) -> String {
    format!("{FIELD}\"{:016x}\"\n}}\n", xxh3_64(data.as_bytes()))
}

/// Whether what such an object says is what was written; `None` of one that has no checksum.
pub fn is_sealed_json(bytes: &[u8]) -> Option<bool> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some(false);
    };
    let (data, end) = text.split_at(text.rfind(FIELD)?);
    Some(end == json_end(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_byte_breaks_the_seal() {
        for data in [&b""[..], b"{}", b"{\"a\": 1}\n"] {
            let sealed = seal(data);
            assert_eq!(unseal(&sealed), Some(data));
            for place in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[place] ^= 1;
                assert_eq!(unseal(&changed), None, "{place}");
            }
        }
        assert_eq!(unseal(b"{}"), None);
    }

    #[test]
    fn an_object_keeps_its_seal_as_its_last_field() {
        let sealed = seal_json("{\n  \"a\": 1\n}");
        assert!(serde_json::from_str::<serde_json::Value>(&sealed).unwrap()["checksum"].is_string());
        assert_eq!(is_sealed_json(sealed.as_bytes()), Some(true));
        for place in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[place] ^= 1;
            assert_ne!(is_sealed_json(&changed), Some(true), "{place}");
        }
        assert_eq!(is_sealed_json(b"{\n  \"a\": 1\n}"), None);
    }
}
