//! Decodes quoted-printable (RFC 2045) that was left in plain text: `K=C3=A5re`, `m=F8te`.

use super::repaired::{Repaired, line_number, segments};
use crate::norwegian::is_word;

/// Escapes in a row that are decoded together.
struct Escapes {
    start: usize,
    end: usize,
    text: String,
    is_certain: bool,
}

/// Decodes the escapes of a text if at least one of them is certain: UTF-8 inside a word, or Latin-1 inside a word of
/// the lexicon. Where a soft line break divides a word, removes the `=` and moves the rest of the word to the line
/// before.
pub fn decode_quoted_printable(text: &str) -> Option<Repaired> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'=', bytes).find(|at| byte_at(bytes, *at).is_some_and(|byte| byte >= 0x80))?;
    let mut found = Vec::new();
    for (start, line) in segments(text, false) {
        if !line.contains("://") {
            find(line, start, &mut found);
        }
    }
    let first = found.iter().find(|escapes| escapes.is_certain)?;
    let note = format!(
        "decoded quoted-printable (first: {} on line {})",
        &text[first.start..first.end],
        line_number(text, first.start)
    );
    let changes = found.into_iter().map(|escapes| (escapes.start..escapes.end, escapes.text)).collect();
    let repaired = Repaired::new(text, changes, note);
    Some(Repaired { text: join_soft_breaks(&repaired.text), ..repaired })
}

/// The byte that an escape stands for. Its digits are in upper case.
fn byte_at(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    match bytes.get(at..at + 3)? {
        [b'=', high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    }
}

fn find(line: &str, start: usize, found: &mut Vec<Escapes>) {
    let bytes = line.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|rest| memchr::memchr(b'=', rest)) {
        let begin = at + offset;
        at = begin;
        let mut decoded = Vec::new();
        while let Some(byte) = byte_at(bytes, at).filter(|byte| *byte >= 0x80) {
            decoded.push(byte);
            at += 3;
        }
        let Some(first) = decoded.first() else {
            // Spaces, equals signs and punctuation are escaped, too.
            if let Some(byte @ (b' '..=b'/' | b':'..=b'@')) = byte_at(bytes, begin) {
                let text = char::from(byte).to_string();
                found.push(Escapes { start: start + begin, end: start + begin + 3, text, is_certain: false });
            }
            at = begin + 1;
            continue;
        };
        let is_latin1 = decoded.len() == 1 && b"\xe6\xf8\xe5\xc6\xd8\xc5\xe9\xe8\xf6\xe4\xfc\xf2\xf4".contains(first);
        let text = match std::str::from_utf8(&decoded) {
            Ok(text) => text.to_string(),
            Err(_) if is_latin1 => char::from(*first).to_string(),
            Err(_) => continue,
        };
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        let before = begin.checked_sub(1).and_then(|at| bytes.get(at));
        let is_in_word = is_letter(before) || is_letter(bytes.get(at));
        let is_certain = is_in_word
            && text.chars().any(char::is_alphabetic)
            && if is_latin1 { is_word_at(line, begin) } else { text.chars().all(|c| c < '\u{180}') };
        found.push(Escapes { start: start + begin, end: start + at, text, is_certain });
    }
}

/// Whether the escape at this offset, read as Latin-1, is part of a word of the lexicon with at least two other
/// letters.
fn is_word_at(line: &str, at: usize) -> bool {
    let bytes = line.as_bytes();
    let is_part_of_word = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'=' || byte.is_ascii_digit();
    let begin = bytes[..at].iter().rposition(|byte| !is_part_of_word(byte)).map_or(0, |before| before + 1);
    let mut word = String::new();
    let mut next = begin;
    while let Some(byte) = bytes.get(next) {
        match byte_at(bytes, next) {
            Some(escaped) if escaped >= 0x80 => {
                word.push(char::from(escaped));
                next += 3;
            }
            _ if byte.is_ascii_alphabetic() => {
                word.push(char::from(*byte));
                next += 1;
            }
            _ => break,
        }
    }
    next > at && word.chars().count() >= 3 && is_word(&word.to_lowercase())
}

/// Joins words split by a soft line break, and removes the equals signs of other soft line breaks. Keeps the number of
/// lines.
fn join_soft_breaks(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("=\n").or_else(|| rest.find("=\r\n")) {
        let line_break = if rest[at + 1..].starts_with('\r') { "\r\n" } else { "\n" };
        joined.push_str(&rest[..at]);
        rest = &rest[at + 1 + line_break.len()..];
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        // A word that continues to the next soft line break is joined there.
        let end = if rest[..end].ends_with('=') { end - 1 } else { end };
        joined.push_str(&rest[..end]);
        joined.push_str(line_break);
        rest = rest[end..].strip_prefix(' ').unwrap_or(&rest[end..]);
    }
    joined + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> String {
        decode_quoted_printable(text).map_or_else(|| text.to_string(), |repaired| repaired.text)
    }

    #[test]
    fn decodes_words() {
        assert_eq!(decode("K=C3=A5re kom p=C3=A5 m=C3=B8tet"), "Kåre kom på møtet");
        assert_eq!(decode("M=F8tet er p=E5 =D8ya=20\n=E5 ja"), "Møtet er på Øya \nå ja");
        assert_eq!(decode("S=C3=B8knaden har kom=\nmet til oss=\n igjen"), "Søknaden har kommet\ntil oss\nigjen");
        assert_eq!(decode("f=C3=B8r =E2=80=93 etter, a =3D b"), "før – etter, a = b");
    }

    #[test]
    fn keeps_formulas_and_addresses() {
        let stays = |text: &str| assert_eq!(decode(text), text);
        stays("x=E5 og y=F8, farge=FF00AA");
        stays("https://eksempel.no/?navn=C3=A5re");
        stays("ID=E5B6 kode=C3");
        stays("a=b=c, 2=2, ==E5==");
    }
}
