//! Decodes the bytes of a page. The byte order mark, the zero bytes of UTF-16 and UTF-32, or valid UTF-8 determine the
//! encoding. Otherwise it is the declared encoding or, without a usable declaration, a detected single-byte encoding.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::legacy::decode_legacy;
use super::prescan::{declared_encoding, encoding_for_label};
use super::wide::decode_wide;
use crate::model::Format;
use crate::read::magic_numbers::{binary_type, document_type};

/// The text, and a note for the user if it wasn't valid UTF-8.
type Decoded = (String, Option<String>);

/// Number of bytes at the start of a file that are searched for NUL bytes and control codes.
const BINARY_CHECK_BYTES: usize = 8192;
/// A file with more than one NUL byte in this many bytes is binary. Text may contain a stray one.
const BINARY_BYTES_PER_NUL: usize = 50;
/// A file that isn't UTF-8 and has more than one control code in this many bytes is binary. Random bytes have one in
/// ten.
const BINARY_BYTES_PER_CONTROL: usize = 20;
/// With at least this many valid UTF-8 sequences for each invalid one, a declared single-byte encoding is taken to be
/// wrong.
const UTF8_DESPITE_DECLARATION: usize = 4;
const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// Decodes a page by the first of these that applies: byte order mark; UTF-16 or UTF-32 by its zero bytes; valid UTF-8;
/// `charset` of the HTTP response; in HTML, the declaration in the page; UTF-8 with a few invalid bytes; and otherwise
/// the most plausible single-byte encoding. A declaration that can't be right is ignored. The error is the reason
/// alone, without the location.
pub fn decode(mut bytes: Vec<u8>, format: Format, charset: Option<&str>) -> Result<Decoded, String> {
    if let Some(name) = document_type(&bytes) {
        return Err(not_text(name));
    }
    if bytes.starts_with(UTF8_BOM) {
        bytes.drain(..UTF8_BOM.len());
    } else if !bytes.starts_with(&[0xff, 0xfe, 0, 0])
        && let Some((encoding, _)) = Encoding::for_bom(&bytes)
    {
        return Ok(decode_as(encoding, &bytes));
    }
    if let Some((text, name)) = decode_wide(&bytes) {
        return Ok((replace_nul(text), Some(format!("read as {name}"))));
    }
    if has_many_nuls(&bytes) {
        return Err(not_text(binary_type(&bytes).unwrap_or("binary file")));
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok((replace_nul(text), None)),
        Err(error) => error.into_bytes(),
    };
    if has_many_controls(&bytes) {
        return Err(not_text(binary_type(&bytes).unwrap_or("binary file")));
    }
    let utf8 = Utf8Check::new(&bytes);
    let in_page = if format == Format::Html { declared_encoding(&bytes) } else { None };
    let declared = charset.and_then(encoding_for_label).into_iter().chain(in_page);
    for encoding in declared.filter(|encoding| *encoding != UTF_8) {
        if encoding.is_single_byte() && utf8.valid >= utf8.invalid * UTF8_DESPITE_DECLARATION {
            break;
        }
        // Latin-1 is declared for many pages that have another encoding.
        if encoding == WINDOWS_1252 {
            return Ok(decode_undeclared(&bytes));
        }
        if encoding.is_single_byte() || !encoding.decode_without_bom_handling(&bytes).1 {
            return Ok(decode_as(encoding, &bytes));
        }
    }
    if utf8.valid > utf8.invalid {
        return Ok(decode_damaged_utf8(&bytes, &utf8));
    }
    Ok(decode_undeclared(&bytes))
}

fn not_text(name: &str) -> String {
    format!("{name}, not text; remove it, or give it an extension that treff doesn't read")
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, used, is_malformed) = encoding.decode(bytes);
    let note = match (used == UTF_8, is_malformed) {
        (true, false) => None,
        (_, false) => Some(format!("read as {}", used.name())),
        (_, true) => Some(format!("read as {}, with replacement characters for invalid bytes", used.name())),
    };
    (replace_nul(text.into_owned()), note)
}

fn decode_undeclared(bytes: &[u8]) -> Decoded {
    let (text, name) = decode_legacy(bytes);
    (replace_nul(text), Some(format!("read as {name}")))
}

/// Counts of the valid and invalid UTF-8 sequences in a text.
struct Utf8Check {
    /// Valid non-ASCII characters.
    valid: usize,
    /// Invalid sequences.
    invalid: usize,
    /// The offset of the first invalid sequence.
    first_invalid: usize,
}

impl Utf8Check {
    fn new(bytes: &[u8]) -> Utf8Check {
        let mut check = Utf8Check { valid: 0, invalid: 0, first_invalid: bytes.len() };
        let mut offset = 0;
        for chunk in bytes.utf8_chunks() {
            check.valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            offset += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                check.invalid += 1;
                check.first_invalid = check.first_invalid.min(offset);
                offset += chunk.invalid().len();
            }
        }
        check
    }
}

/// Decodes UTF-8 in which fewer sequences are invalid than valid. An invalid byte next to a letter is read as Latin-1
/// if it is a common letter in Latin-1: such bytes usually come from a line that was added in another
/// encoding.
fn decode_damaged_utf8(bytes: &[u8], check: &Utf8Check) -> Decoded {
    let mut text = String::with_capacity(bytes.len());
    let mut is_all_latin1 = true;
    let mut offset = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        offset += chunk.valid().len() + chunk.invalid().len();
        if chunk.invalid().is_empty() {
            continue;
        }
        let is_word =
            text.ends_with(|c: char| c.is_ascii_alphabetic()) || bytes.get(offset).is_some_and(u8::is_ascii_alphabetic);
        match chunk.invalid() {
            [byte @ (0xe6 | 0xf8 | 0xe5 | 0xc6 | 0xd8 | 0xc5 | 0xe9 | 0xe4 | 0xf6)] if is_word => {
                text.push(char::from(*byte));
            }
            _ => {
                text.push('\u{fffd}');
                is_all_latin1 = false;
            }
        }
    }
    let first = check.first_invalid;
    let line = 1 + bytes[..first].iter().filter(|byte| **byte == b'\n').count();
    let how = if is_all_latin1 { "read as Latin-1 there" } else { "read with replacement characters" };
    (replace_nul(text), Some(format!("invalid UTF-8 on line {line}, at byte {first}; {how}")))
}

fn has_many_nuls(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(BINARY_CHECK_BYTES)];
    memchr::memchr_iter(0, head).count() * BINARY_BYTES_PER_NUL > head.len()
}

/// Whether there are many control codes other than whitespace, escape and the end-of-file mark of DOS.
fn has_many_controls(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(BINARY_CHECK_BYTES)];
    let is_control = |byte: &&u8| matches!(**byte, 0..=0x08 | 0x0e..=0x19 | 0x1c..=0x1f | 0x7f);
    head.iter().filter(is_control).count() * BINARY_BYTES_PER_CONTROL > head.len()
}

fn replace_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', " ") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str, expected_note: Option<&str>) {
        let (text, note) = decode(bytes.to_vec(), Format::Text, None).unwrap();
        assert_eq!(text, expected);
        assert_eq!(note.as_deref(), expected_note);
    }

    #[test]
    fn detects_and_reports_encodings() {
        check("Økonomi".as_bytes(), "Økonomi", None);
        check(b"\xef\xbb\xbf\xc3\x98konomi", "Økonomi", None);
        check(b"\xef\xbb\xbf\xd8konomi", "Økonomi", Some("read as Latin-1"));
        check(b"\xd8konomi og ledelse p\xe5 tvers", "Økonomi og ledelse på tvers", Some("read as Latin-1"));
        check(b"\x93\xd8konomi\x94 \x96 ledelse", "“Økonomi” – ledelse", Some("read as Windows-1252"));
        check(b"\xff\xfe\xd8\x00k\x00", "Øk", Some("read as UTF-16LE"));
        check(b"\xd8\0k\0o\0n\0o\0m\0i\0", "Økonomi", Some("read as UTF-16LE"));
        check(b"\0\xd8\0k\0o\0n\0o\0m\0i", "Økonomi", Some("read as UTF-16BE"));
        check(b"\xff\xfe\0\0\xd8\0\0\0k\0\0\0", "Øk", Some("read as UTF-32LE"));
        check(b"F\x9bdt p\x86 \x9dstlandet i g\x86r", "Født på Østlandet i går", Some("read as CP865"));
    }

    #[test]
    fn an_invalid_byte_in_utf8_does_not_make_it_latin1() {
        let bytes = "på tvers\nav \u{e6}rlige \u{e5}r ".bytes().chain([0xff]).collect();
        let (text, note) = decode(bytes, Format::Text, None).unwrap();
        assert_eq!(text, "på tvers\nav ærlige år \u{fffd}");
        assert_eq!(note.unwrap(), "invalid UTF-8 on line 2, at byte 25; read with replacement characters");
    }

    #[test]
    fn reads_single_latin1_words_in_utf8() {
        let bytes = ["på tvers av ærlige år\n".as_bytes(), b"et m\xf8te\n"].concat();
        let note = "invalid UTF-8 on line 2, at byte 29; read as Latin-1 there";
        check(&bytes, "på tvers av ærlige år\net møte\n", Some(note));
        // The first byte of a truncated "ø" is not "Ã".
        let bytes = ["på tvers av ærlige år\n".as_bytes(), b"et m\xc3"].concat();
        let note = "invalid UTF-8 on line 2, at byte 29; read with replacement characters";
        check(&bytes, "på tvers av ærlige år\net m\u{fffd}", Some(note));
    }

    #[test]
    fn names_the_type_of_a_rejected_binary_file() {
        let check = |bytes: &[u8], expected: &str| {
            let reason = decode(bytes.to_vec(), Format::Text, None).unwrap_err();
            assert!(reason.starts_with(expected), "{reason}");
        };
        check(b"\x7fELF\0\0\0", "executable (ELF), not text; ");
        check(b"\0\0\0\0", "binary file, not text; ");
        check(b"%PDF-1.4\n1 0 obj", "PDF document, not text; ");
        check(b"\xff\xd8\xff\xe0\x10\x01\x02\x03JFIF\x05", "JPEG image, not text; ");
        check(b"PK\x03\x04\x14\0\x06\0\x08\0\0\0", "zip archive or Office document, not text; ");
        let stray = "Kommunen har plikt til\0 å sørge for et forsvarlig tilbud til alle barn.".to_string();
        assert!(!decode(stray.into_bytes(), Format::Text, None).unwrap().0.contains('\0'));
    }

    #[track_caller]
    fn check_html(bytes: &[u8], charset: Option<&str>, expected: &str) {
        let (text, _) = decode(bytes.to_vec(), Format::Html, charset).unwrap();
        assert!(text.ends_with(expected), "{text}");
    }

    #[test]
    fn html_uses_its_declared_encoding_unless_it_is_valid_utf8() {
        check_html(b"<meta charset=\"iso-8859-1\"><p>\xe5r", None, ">år");
        check_html("<meta charset=\"iso-8859-1\"><p>år".as_bytes(), None, ">år");
        check_html(b"<meta charset=\"utf-8\"><p>\xe5r \xb9", Some("iso-8859-2"), ">ĺr š");
        check_html(b"<?xml version='1.0' encoding='iso-8859-2'?><p>\xb9", None, ">š");
    }

    #[test]
    fn ignores_an_impossible_declaration() {
        for label in ["utf-16", "unicode", "x-user-defined", "utf-8", "shift_jis", "ukjent"] {
            check_html(format!("<meta charset={label}><p>år").as_bytes(), None, ">år");
            check_html("<p>år".as_bytes(), Some(label), ">år");
            check_html(
                &[format!("<meta charset={label}>").as_bytes(), b"<p>Et \xe5r p\xe5 \xd8ya"].concat(),
                None,
                ">Et år på Øya",
            );
            check_html(b"<p>Et \xe5r p\xe5 \xd8ya", Some(label), ">Et år på Øya");
        }
        check_html(b"<meta charset=iso-8859-2><p>\xb9", Some("utf-8"), ">š");
        check_html(b"<meta charset=iso-8859-2><p>\xb9", Some("ukjent"), ">š");
        let damaged = ["<meta charset=iso-8859-1><p>på ærlige år, også ".as_bytes(), b"m\xc3"].concat();
        check_html(&damaged, None, "på ærlige år, også m\u{fffd}");
        check_html(b"<meta charset=iso-8859-1><p>F\xbfr m\xbftet p\x8c \xafya", None, ">Før møtet på Øya");
    }
}
