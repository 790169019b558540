//! Runs the repairs of a text in order.

use super::char_refs::{decode_char_refs, decode_double_escapes};
use super::double_utf8::repair_double_utf8;
use super::quoted_printable::decode_quoted_printable;
use super::repaired::Repaired;
use super::seven_bit::decode_seven_bit;
use crate::model::Format;

/// Repairs clear encoding errors in a text: letters of the Norwegian 7-bit encoding, quoted-printable, character
/// references in plain text, doubly encoded UTF-8. Adds a note to `notes` for each repair. A text that needs no repair
/// costs one byte search per kind of repair.
pub fn repair(mut text: String, format: Format, notes: &mut Vec<String>) -> String {
    let mut apply = |repair: fn(&str) -> Option<Repaired>| {
        if let Some(repaired) = repair(&text) {
            text = repaired.text;
            notes.push(repaired.note);
        }
    };
    match format {
        Format::Text => {
            apply(decode_seven_bit);
            apply(decode_quoted_printable);
            apply(decode_char_refs);
            apply(|text| repair_double_utf8(text, false));
        }
        Format::Html => {
            apply(decode_double_escapes);
            apply(|text| repair_double_utf8(text, true));
        }
        Format::Markdown => apply(|text| repair_double_utf8(text, false)),
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::charset::{CodePage, decode};

    #[test]
    fn lines_in_utf8_in_a_file_with_another_encoding_are_restored() {
        let check = |bytes: &[u8], expected: &str| {
            let (text, note) = decode(bytes.to_vec(), Format::Text, None).unwrap();
            let mut notes = Vec::from_iter(note);
            assert_eq!(repair(text, Format::Text, &mut notes), expected);
            assert_eq!(notes.len(), 2, "{notes:?}");
        };
        check(b"M\xf8tet p\xe5 \xf8ya.\nP\xc3\xa5 \xc3\xb8ya.\n", "Møtet på øya.\nPå øya.\n");
        let jam = "blåbærsyltetøy\n".as_bytes();
        check(&[jam, b"M\xf8tet p\xe5 \xf8ya i g\xe5r.\n"].concat(), "blåbærsyltetøy\nMøtet på øya i går.\n");
        check(&[b"F\x9bdt p\x86 \x9dstlandet i g\x86r\n", jam].concat(), "Født på Østlandet i går\nblåbærsyltetøy\n");
        check(&[b"M\xbftet p\x8c \xafya i g\x8cr\n", jam].concat(), "Møtet på Øya i går\nblåbærsyltetøy\n");
        // A line about encodings is not doubly encoded.
        let (text, _) =
            decode([&b"M\xf8tet\n"[..], "Skriv møte i UTF-8.\n".as_bytes()].concat(), Format::Text, None).unwrap();
        assert_eq!(repair(text.clone(), Format::Text, &mut Vec::new()), text);
    }

    /// Pieces that the repairs look for, and what may be next to them.
    const PIECES: &[&str] = &[
        "m", "te", "på", "Å", "BLÅ", "Ã", "¸", "Ã¸", "Ã¥", "Ãƒ", "Â", "\u{a0}", "â€", "â€œ", "\u{9d}", "ï»¿", "ð", "Ÿ",
        "–", "»", "\u{fffd}", "&", "amp;", "&oslash;", "&#229;", "&#x", ";", "&amp;", "=", "C3", "=C3=B8", "=E5",
        "=\n", "=\r\n", "{", "|", "}", "[", "]", "\\", "sk}l", "m|te", "<", ">", "<code", "`", "\"", "\n", " ",
        "UTF-8", "://",
    ];

    fn pieces() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(PIECES), 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn repairs_preserve_the_number_of_lines(text in pieces()) {
            for format in [Format::Text, Format::Html, Format::Markdown] {
                let mut notes = Vec::new();
                let repaired = repair(text.clone(), format, &mut notes);
                prop_assert_eq!(repaired.matches('\n').count(), text.matches('\n').count());
                prop_assert!(!notes.is_empty() || repaired == text);
            }
        }

        #[test]
        fn any_bytes_are_decoded_or_rejected(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            text in pieces(),
            charset in prop::option::of(prop::sample::select(vec!["utf-16", "utf-8", "iso-8859-1", "gbk", "x"])),
        ) {
            for bytes in [bytes.clone(), [text.as_bytes(), &bytes].concat()] {
                for format in [Format::Text, Format::Html] {
                    if let Ok((text, _)) = decode(bytes.clone(), format, charset) {
                        repair(text, format, &mut Vec::new());
                    }
                }
            }
        }

        #[test]
        fn doubly_encoded_words_are_restored(text in "[a-zæøåé]{1,4}[æøå][a-z]{1,4}( [A-ZÆØÅ][a-zæøå]{2,8}| – | [a-z]{1,9})*") {
            let ansi = CodePage::windows_1252();
            let encode = |text: &str| text.bytes().map(|byte| ansi.char(byte)).collect::<String>();
            prop_assert_eq!(&repair(encode(&text), Format::Text, &mut Vec::new()), &text);
            prop_assert_eq!(&repair(encode(&encode(&text)), Format::Html, &mut Vec::new()), &text);
            // Text without errors is not changed.
            prop_assert_eq!(&repair(text.clone(), Format::Text, &mut Vec::new()), &text);
        }
    }
}
