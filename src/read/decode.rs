//! Decodes the bytes of a page. The encoding is that of the byte order mark, UTF-8 if the bytes are valid UTF-8, or the
//! declared one; otherwise Latin-1 or Windows-1252.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The text, and a note for the user if it wasn't valid UTF-8. The error is the reason alone, without the location.
type Decoded = Result<(String, Option<String>), String>;

/// Bytes at the start of a file that are searched for NUL bytes.
const BINARY_CHECK_BYTES: usize = 8192;
/// A file with more than one NUL byte in this many bytes is binary. Text may contain a stray one.
const BINARY_BYTES_PER_NUL: usize = 50;
/// Bytes at the start of a page that are searched for `<meta charset>`.
const META_CHARSET_BYTES: usize = 4096;

/// Decodes plain text by the first of these that applies: byte order mark, valid UTF-8, `charset` of the HTTP response,
/// UTF-8 with a few invalid bytes, and otherwise Latin-1 or Windows-1252.
pub fn decode_text(bytes: Vec<u8>, charset: Option<&str>) -> Decoded {
    if let Some((encoding, _)) = Encoding::for_bom(&bytes) {
        return Ok(decode_as(encoding, &bytes));
    }
    if is_binary(&bytes) {
        return Err("binary file, not text; remove it, or give it an extension that treff doesn't read".into());
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok((replace_nul(text), None)),
        Err(error) => error.into_bytes(),
    };
    let encoding = charset.and_then(|label| Encoding::for_label(label.as_bytes()));
    if let Some(encoding) = encoding.filter(|encoding| *encoding != UTF_8) {
        return Ok(decode_as(encoding, &bytes));
    }
    if let Some(decoded) = decode_damaged_utf8(&bytes) {
        return Ok(decoded);
    }
    let (text, _, _) = WINDOWS_1252.decode(&bytes);
    // Windows-1252 is Latin-1 with letters, quotation marks and other symbols in place of control codes.
    let name = if bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) { "Windows-1252" } else { "Latin-1" };
    Ok((replace_nul(text.into_owned()), Some(format!("read as {name}"))))
}

/// Decodes HTML by the first of these that applies: byte order mark, valid UTF-8, `charset` of the HTTP response,
/// `<meta charset>`, and otherwise like plain text.
pub fn decode_html(bytes: Vec<u8>, charset: Option<&str>) -> Decoded {
    let ignores_meta = Encoding::for_bom(&bytes).is_some() || is_binary(&bytes) || charset.is_some();
    if ignores_meta || std::str::from_utf8(&bytes).is_ok() {
        return decode_text(bytes, charset);
    }
    match meta_charset(&bytes) {
        Some(encoding) if encoding != UTF_8 => Ok(decode_as(encoding, &bytes)),
        _ => decode_text(bytes, None),
    }
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> (String, Option<String>) {
    let (text, used, is_malformed) = encoding.decode(bytes);
    let note = match (used == UTF_8, is_malformed) {
        (true, false) => None,
        (_, false) => Some(format!("read as {}", used.name())),
        (_, true) => Some(format!("read as {}, with replacement characters for invalid bytes", used.name())),
    };
    (replace_nul(text.into_owned()), note)
}

/// Decodes UTF-8 in which a few bytes are invalid: fewer invalid sequences than valid non-ASCII characters.
fn decode_damaged_utf8(bytes: &[u8]) -> Option<(String, Option<String>)> {
    let mut valid = 0usize;
    let mut invalid = 0usize;
    let mut first_invalid = None;
    let mut offset = 0;
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        offset += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            invalid += 1;
            first_invalid.get_or_insert(offset);
            offset += chunk.invalid().len();
        }
    }
    let first_invalid = first_invalid?;
    if valid <= invalid {
        return None;
    }
    let line = 1 + bytes[..first_invalid].iter().filter(|byte| **byte == b'\n').count();
    let note = format!("invalid UTF-8 on line {line}, at byte {first_invalid}; read with replacement characters");
    Some((replace_nul(String::from_utf8_lossy(bytes).into_owned()), Some(note)))
}

fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(BINARY_CHECK_BYTES)];
    head.iter().filter(|byte| **byte == 0).count() * BINARY_BYTES_PER_NUL > head.len()
}

fn replace_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', " ") } else { text }
}

/// The encoding in `<meta charset=…>` or `<meta http-equiv content="…charset=…">`.
fn meta_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(META_CHARSET_BYTES)]).to_ascii_lowercase();
    let value = &head[head.find("charset=")? + "charset=".len()..];
    let label: String = value
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c))
        .collect();
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str, expected_note: Option<&str>) {
        let (text, note) = decode_text(bytes.to_vec(), None).unwrap();
        assert_eq!(text, expected);
        assert_eq!(note.as_deref(), expected_note);
    }

    #[test]
    fn detects_and_reports_encodings() {
        check("Økonomi".as_bytes(), "Økonomi", None);
        check(b"\xef\xbb\xbf\xc3\x98konomi", "Økonomi", None);
        check(b"\xd8konomi og ledelse p\xe5 tvers", "Økonomi og ledelse på tvers", Some("read as Latin-1"));
        check(b"\x93\xd8konomi\x94 \x96 ledelse", "“Økonomi” – ledelse", Some("read as Windows-1252"));
        check(b"\xff\xfe\xd8\x00k\x00", "Øk", Some("read as UTF-16LE"));
    }

    #[test]
    fn an_invalid_byte_in_utf8_does_not_make_it_latin1() {
        let bytes = "på tvers\nav \u{e6}rlige \u{e5}r ".bytes().chain([0xff]).collect();
        let (text, note) = decode_text(bytes, None).unwrap();
        assert_eq!(text, "på tvers\nav ærlige år \u{fffd}");
        assert_eq!(note.unwrap(), "invalid UTF-8 on line 2, at byte 25; read with replacement characters");
    }

    #[test]
    fn rejects_binary_files() {
        assert!(decode_text(b"\x7fELF\0\0\0".to_vec(), None).is_err());
        let stray = "Kommunen har plikt til\0 å sørge for et forsvarlig tilbud til alle barn.".to_string();
        assert!(!decode_text(stray.into_bytes(), None).unwrap().0.contains('\0'));
    }

    #[test]
    fn html_uses_its_declared_encoding_unless_it_is_valid_utf8() {
        let declared = decode_html(b"<meta charset=\"iso-8859-1\"><p>\xe5r".to_vec(), None).unwrap();
        assert!(declared.0.ends_with("år"));
        let contradicted = decode_html("<meta charset=\"iso-8859-1\"><p>år".into(), None).unwrap();
        assert!(contradicted.0.ends_with("år"));
        let overridden = decode_html(b"<meta charset=\"utf-8\"><p>\xe5r \xb9".to_vec(), Some("iso-8859-2")).unwrap();
        assert!(overridden.0.ends_with("ĺr š"), "{}", overridden.0);
    }
}
