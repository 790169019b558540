//! Decodes UTF-16 without a byte order mark, and UTF-32.

use encoding_rs::{UTF_16BE, UTF_16LE};

/// Number of bytes at the start of a file that decide whether it is UTF-16 or UTF-32.
const SAMPLE_BYTES: usize = 8192;
/// Minimum share of the code units that must be Latin letters, digits, spaces or punctuation, in percent. Norwegian
/// text has 100 %; tables of 16-bit numbers in binary files have less than 40 % (their small values are control codes).
const MIN_LATIN_PERCENT: usize = 90;

/// Decodes UTF-32 with a byte order mark, and UTF-16 and UTF-32 without one. Returns the text and the name of the
/// encoding. Without a byte order mark, nearly all characters must be those of a European language.
pub fn decode_wide(bytes: &[u8]) -> Option<(String, &'static str)> {
    match bytes {
        [0xff, 0xfe, 0, 0, rest @ ..] => return decode_utf32(rest, u32::from_le_bytes).map(|text| (text, "UTF-32LE")),
        [0, 0, 0xfe, 0xff, rest @ ..] => return decode_utf32(rest, u32::from_be_bytes).map(|text| (text, "UTF-32BE")),
        _ => {}
    }
    // Each Latin letter has a zero byte, so a file with no zero byte in its first 64 bytes is neither UTF-16 nor
    // UTF-32.
    memchr::memchr(0, &bytes[..bytes.len().min(64)])?;
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let is_latin = |units: &mut dyn Iterator<Item = u32>| {
        let (mut latin, mut all) = (0, 0);
        for unit in units {
            all += 1;
            latin += usize::from(
                matches!(unit, 0x09 | 0x0a | 0x0d | 0x20..=0x7e | 0xa0..=0x17f | 0x2010..=0x2026 | 0x20ac | 0xfeff),
            );
        }
        all >= 4 && latin * 100 >= all * MIN_LATIN_PERCENT
    };
    let wide = sample.as_chunks::<4>().0;
    if is_latin(&mut wide.iter().map(|unit| u32::from_le_bytes(*unit))) {
        return decode_utf32(bytes, u32::from_le_bytes).map(|text| (text, "UTF-32LE"));
    }
    if is_latin(&mut wide.iter().map(|unit| u32::from_be_bytes(*unit))) {
        return decode_utf32(bytes, u32::from_be_bytes).map(|text| (text, "UTF-32BE"));
    }
    let units = sample.as_chunks::<2>().0;
    let encoding = if is_latin(&mut units.iter().map(|unit| u32::from(u16::from_le_bytes(*unit)))) {
        UTF_16LE
    } else if is_latin(&mut units.iter().map(|unit| u32::from(u16::from_be_bytes(*unit)))) {
        UTF_16BE
    } else {
        return None;
    };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Some((text.into_owned(), encoding.name()))
}

/// `None` if a code unit is not a character. An incomplete unit at the end is ignored.
fn decode_utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Option<String> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| char::from_u32(unit(*bytes))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud – også i går.";

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<(&str, &str)>) {
        let decoded = decode_wide(bytes);
        assert_eq!(decoded.as_ref().map(|(text, name)| (text.as_str(), *name)), expected);
    }

    #[test]
    fn recognizes_utf16_and_utf32_without_a_byte_order_mark() {
        let le16: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be16: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&le16, Some((TEXT, "UTF-16LE")));
        check(&be16, Some((TEXT, "UTF-16BE")));
        let le32: Vec<u8> = TEXT.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let be32: Vec<u8> = TEXT.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        check(&le32, Some((TEXT, "UTF-32LE")));
        check(&be32, Some((TEXT, "UTF-32BE")));
        check(&[&[0xff, 0xfe, 0, 0][..], &le32].concat(), Some((TEXT, "UTF-32LE")));
        check(&[&[0, 0, 0xfe, 0xff][..], &be32].concat(), Some((TEXT, "UTF-32BE")));
    }

    #[test]
    fn other_bytes_are_not_utf16() {
        check(TEXT.as_bytes(), None);
        check(b"", None);
        check(b"a\0b\0", None);
        check(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0", None);
        let numbers: Vec<u8> = (0..500u16).flat_map(|number| (number % 50).to_le_bytes()).collect();
        check(&numbers, None);
        check(format!("Kommunen\0 har {TEXT}").as_bytes(), None);
    }
}
