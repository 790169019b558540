//! File names as text: names that are not UTF-8 are escaped reversibly, and different names stay different.
//!
//! A byte that is not part of valid UTF-8 becomes `\xNN`, in upper-case hexadecimal. If a name literally contains such
//! a sequence, the backslash of the sequence becomes `\x5C`. All other names stay as they are.

use std::path::{Path, PathBuf};

/// Returns a path as text, with escapes for bytes that are not UTF-8.
#[cfg(unix)]
pub fn escape_path(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    escape_bytes(path.as_os_str().as_bytes())
}

/// Returns a path as text. On this system, what is not Unicode becomes replacement characters.
#[cfg(not(unix))]
pub fn escape_path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Returns the path for which `escape_path` returns this text.
#[cfg(unix)]
pub fn unescape_path(text: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    PathBuf::from(std::ffi::OsString::from_vec(unescape_bytes(text)))
}

/// Returns the path for which `escape_path` returns this text.
#[cfg(not(unix))]
pub fn unescape_path(text: &str) -> PathBuf {
    PathBuf::from(text)
}

/// Returns the name for which `escape_bytes` returns this text.
fn unescape_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match escaped_byte(rest) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[4..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

/// Returns a name as text, with escapes for bytes that are not UTF-8.
pub fn escape_bytes(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    let mut offset = 0;
    for chunk in name.utf8_chunks() {
        for (at, c) in chunk.valid().char_indices() {
            match c {
                '\\' if escaped_byte(&name[offset + at..]).is_some() => text.push_str("\\x5C"),
                c => text.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| push_escaped(&mut text, *byte));
        offset += chunk.valid().len() + chunk.invalid().len();
    }
    text
}

/// Returns a name as text, with escapes for all bytes that are not ASCII.
pub fn escape_non_ascii(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name {
        if byte.is_ascii() { text.push(char::from(*byte)) } else { push_escaped(&mut text, *byte) }
    }
    text
}

fn push_escaped(text: &mut String, byte: u8) {
    text.push_str(&format!("\\x{byte:02X}"));
}

/// The byte that the escape at the start of a text encodes.
fn escaped_byte(text: &[u8]) -> Option<u8> {
    let [b'\\', b'x', high, low, ..] = text else {
        return None;
    };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let byte = digit(*high)? << 4 | digit(*low)?;
    (byte >= 0x80 || byte == b'\\').then_some(byte)
}

/// The letters of Norwegian, Swedish, German and French names in the DOS code pages 850 and 865. The letters
/// before ø in this list are the same in code page 437. Bytes that are more likely letters or punctuation marks of
/// Windows-1252 are not included.
const DOS_LETTERS: [(u8, char); 15] = [
    (0x81, 'ü'),
    (0x82, 'é'),
    (0x84, 'ä'),
    (0x86, 'å'),
    (0x87, 'ç'),
    (0x88, 'ê'),
    (0x89, 'ë'),
    (0x8f, 'Å'),
    (0x90, 'É'),
    (0x91, 'æ'),
    (0x92, 'Æ'),
    (0x94, 'ö'),
    (0x99, 'Ö'),
    (0x9b, 'ø'),
    (0x9d, 'Ø'),
];

/// Returns a name as text. A name that is not UTF-8 is decoded if its bytes are letters either in Windows-1252 or in
/// the DOS code pages, but not in both; otherwise it is escaped.
fn decode_name(name: &[u8]) -> String {
    if std::str::from_utf8(name).is_ok() {
        return escape_bytes(name);
    }
    let others = || name.iter().copied().filter(|byte| !byte.is_ascii());
    let dos_letter = |byte| DOS_LETTERS.iter().find(|(code, _)| *code == byte).map(|(_, letter)| *letter);
    let is_latin1_letter = |byte| matches!(byte, 0xc0..=0xff) && byte != 0xd7 && byte != 0xf7;
    // Dashes, quotation marks and the ellipsis.
    let is_punctuation = |byte| matches!(byte, 0x85 | 0x91..=0x97 | 0xa0 | 0xa7 | 0xab | 0xb7 | 0xbb);
    if others().any(is_latin1_letter) && others().all(|byte| is_latin1_letter(byte) || is_punctuation(byte)) {
        return encoding_rs::WINDOWS_1252.decode_without_bom_handling(name).0.into_owned();
    }
    // 0x92 is the apostrophe in Windows-1252 and Æ in the DOS code pages. After a lower-case letter it is the
    // apostrophe.
    let has_apostrophe = name.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1] == 0x92);
    if others().all(|byte| dos_letter(byte).is_some()) && !has_apostrophe {
        return name.iter().map(|byte| dos_letter(*byte).unwrap_or(char::from(*byte))).collect();
    }
    escape_bytes(name)
}

/// The name of a member as text, without the `./` that tar puts before it. It is only an identifier, never a path that
/// is written to.
pub fn member_name(bytes: &[u8]) -> String {
    // U+001F separates file and record in `PageId::key`.
    decode_name(without_current_folder(bytes)).replace('\u{1f}', " ")
}

/// Converts a member name from the command line to the name that `member_name` gives that member. In `escaped`, bytes
/// that are not UTF-8 are escaped as in a path. `None` if it contains no escape.
pub fn member_name_of_escaped(escaped: &str) -> Option<String> {
    escaped.contains("\\x").then(|| member_name(&unescape_bytes(escaped)))
}

/// The name of a member without `./` at its start.
pub fn without_current_folder(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = bytes.strip_prefix(b"./") {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn escapes_are_reversible_and_distinct() {
        use std::os::unix::ffi::OsStrExt;
        let check = |name: &[u8], expected: &str| {
            let path = Path::new(std::ffi::OsStr::from_bytes(name));
            assert_eq!(escape_path(path), expected);
            assert_eq!(unescape_path(expected), path, "{expected}");
        };
        check("p/år.txt".as_bytes(), "p/år.txt");
        check(b"p/\xe5r.txt", "p/\\xE5r.txt");
        check(b"\xff\xfe\xc3\xa5\xc3", "\\xFF\\xFEå\\xC3");
        check(b"\\xE5r.txt", "\\x5CxE5r.txt");
        check(b"\\x5CxE5\xe5", "\\x5Cx5CxE5\\xE5");
        check(b"a\\b\\x41\\xe5", "a\\b\\x41\\xe5");
        check(b"\\\\xE5", "\\\\x5CxE5");
    }

    #[test]
    fn decodes_names_whose_encoding_is_certain() {
        let check = |name: &[u8], expected: &str| assert_eq!(decode_name(name), expected);
        check("år/ø.txt".as_bytes(), "år/ø.txt");
        check(b"\xe5r/\xd8st \x96 vest.txt", "år/Øst – vest.txt");
        check(b"bl\x86b\x91r/\x9bst.txt", "blåbær/øst.txt");
        check(b"\x92RE.txt", "ÆRE.txt");
        check(b"rock\x92n.txt", "rock\\x92n.txt");
        check(b"\x86\xe5.txt", "\\x86\\xE5.txt");
        check(b"a \x96 b.txt", "a \\x96 b.txt");
        check(b"\x9a.txt", "\\x9A.txt");
        assert_eq!(member_name_of_escaped("\\xE5r/\\xD8st.txt").as_deref(), Some("år/Øst.txt"));
        assert_eq!(member_name_of_escaped("år.txt"), None);
        assert_eq!(escape_non_ascii("år".as_bytes()), "\\xC3\\xA5r");
    }
}
