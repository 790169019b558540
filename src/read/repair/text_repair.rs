//! Runs the repairs of a text in order.

use super::char_refs::{decode_char_refs, decode_double_escapes};
use super::double_utf8::repair_double_utf8;
use super::quoted_printable::decode_quoted_printable;
use super::repaired::Repaired;
use super::seven_bit::decode_seven_bit;
use crate::model::Format;

/// Repairs what is certainly wrong in a text: letters of the Norwegian 7-bit encoding, quoted-printable, character
/// references in plain text, doubly encoded UTF-8. Adds a note to `notes` for each. Other text costs one search for a byte
/// per kind.
pub fn repair(text: String, format: Format, notes: &mut Vec<String>) -> String {
    let is_text = format == Format::Text;
    let is_html = format == Format::Html;
    let mut text = text;
    let mut apply = |text: &mut String, repaired: Option<Repaired>| {
        if let Some(repaired) = repaired {
            *text = repaired.text;
            notes.push(repaired.note);
        }
    };
    if is_text {
        let repaired = decode_seven_bit(&text);
        apply(&mut text, repaired);
        let repaired = decode_quoted_printable(&text);
        apply(&mut text, repaired);
        let repaired = decode_char_refs(&text);
        apply(&mut text, repaired);
    } else if is_html {
        let repaired = decode_double_escapes(&text);
        apply(&mut text, repaired);
    }
    let repaired = repair_double_utf8(&text, is_html);
    apply(&mut text, repaired);
    text
}
