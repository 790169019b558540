//! Decodes HTML character references (`L&oslash;renskog`) that an extractor left in plain text, and those that were
//! escaped twice in HTML (`&amp;oslash;`).

use html5ever::data::NAMED_ENTITIES;

use super::repaired::{Repaired, line_number, segments};
use crate::read::charset::CodePage;

/// Longer references, `&` and `;` included, are not decoded. Names of Latin letters have at most six characters; only
/// rare symbols have longer names than this (`&straightepsilon;`).
const MAX_BYTES: usize = 14;
/// Lines with these words may show references as examples.
const MARKUP_WORDS: &[&str] =
    &["html", "xml", "entitet", "entit", "tegnreferanse", "teiknreferanse", "escape", "unicode", "tegnkod"];

/// Elements whose text may show references as examples, or isn't shown.
const CODE_ELEMENTS: &[&str] = &["code", "pre", "kbd", "samp", "tt", "script", "style", "textarea"];

struct Reference {
    start: usize,
    end: usize,
    value: char,
    /// Whether its neighbors show that it is a reference.
    is_certain: bool,
}

/// Decodes the references in a plain text if at least one is inside a word. Lines that show markup or code are left
/// unchanged, and so is a text with more references in such lines than elsewhere.
pub fn decode_char_refs(text: &str) -> Option<Repaired> {
    memchr::memchr_iter(b'&', text.as_bytes()).find(|at| parse(&text[*at..]).is_some())?;
    let mut found = Vec::new();
    let mut shown = 0;
    for (start, line) in segments(text, false) {
        let references = find(line, start);
        if shows_markup(line) {
            shown += references.len();
        } else {
            found.extend(references);
        }
    }
    let certain = found.iter().filter(|reference| reference.is_certain).count();
    if certain == 0 || shown > found.len() {
        return None;
    }
    repaired(text, &found, "decoded")
}

/// Removes the second escape of letters in HTML that were escaped twice (`L&amp;oslash;renskog`). The parser decodes
/// the remaining reference.
pub fn decode_double_escapes(text: &str) -> Option<Repaired> {
    memchr::memmem::find_iter(text.as_bytes(), "&amp;")
        .find(|at| parse(&text[*at..]).is_some_and(|(c, _)| c != '&'))?;
    let mut found = Vec::new();
    let mut is_code = false;
    for (start, segment) in segments(text, true) {
        // Attributes often contain markup or JSON that is decoded twice.
        if text[..start].ends_with('<') {
            let tag = segment.trim_start_matches('/').to_ascii_lowercase();
            if CODE_ELEMENTS.contains(&tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()) {
                is_code = !segment.starts_with('/');
            }
            continue;
        }
        if is_code {
            continue;
        }
        let references = find(segment, start).into_iter();
        found.extend(references.filter(|reference| {
            reference.is_certain && reference.value.is_alphabetic() && text[reference.start..].starts_with("&amp;")
        }));
    }
    repaired(text, &found, "decoded double-escaped")
}

fn repaired(text: &str, found: &[Reference], verb: &str) -> Option<Repaired> {
    let first = found.first()?;
    let note = format!(
        "{verb} HTML character references: {} (first: {} on line {})",
        found.len(),
        &text[first.start..first.end],
        line_number(text, first.start)
    );
    let changes = found.iter().map(|reference| (reference.start..reference.end, reference.value.to_string()));
    Some(Repaired::new(text, changes.collect(), note))
}

/// Whether a line contains a tag, an attribute, code, or a word about markup.
fn shows_markup(line: &str) -> bool {
    let is_tag = line.match_indices('<').any(|(at, _)| {
        line[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!')
            && line[at..].contains('>')
    });
    let lower = line.to_lowercase();
    is_tag || line.contains('`') || line.contains("=\"") || MARKUP_WORDS.iter().any(|word| lower.contains(word))
}

/// The references of a line, which starts at this byte offset.
fn find(line: &str, start: usize) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut end = 0;
    for at in memchr::memchr_iter(b'&', line.as_bytes()) {
        if at < end {
            continue;
        }
        let Some((value, length)) = parse(&line[at..]) else { continue };
        // A reference right before this one is a letter of the same word.
        let is_joined = at == end && end > 0;
        end = at + length;
        let before = line[..at].chars().next_back().unwrap_or('\n');
        let after = line[end..].chars().next().unwrap_or('\n');
        let is_word = |c: char| c.is_alphanumeric();
        let ends_word = is_word(after) || parse(&line[end..]).is_some_and(|(c, _)| c.is_alphabetic());
        let is_certain = match value {
            '\u{a0}' | '\u{ad}' => (is_word(before) || ".,:;!?)".contains(before) || is_joined) && is_word(after),
            c if c.is_alphabetic() && !c.is_ascii() => {
                before.is_ascii_alphabetic() || after.is_ascii_alphabetic() || (is_joined && ends_word)
            }
            _ => false,
        };
        found.push(Reference { start: start + at, end: start + end, value, is_certain });
    }
    found
}

/// Parses the reference at the start of a text, which may be escaped several times. Returns its character (never
/// a control code) and its length.
fn parse(text: &str) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    let end = memchr::memchr(b';', &bytes[..bytes.len().min(MAX_BYTES)])?;
    let name = text.get(1..end)?;
    let value = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            match u8::try_from(code) {
                // As in HTML, these are the characters of Windows-1252.
                Ok(byte @ 0x80..=0x9f) => CodePage::windows_1252().char(byte),
                _ => char::from_u32(code)?,
            }
        }
        None => match NAMED_ENTITIES.get(&text[1..=end]) {
            Some((code, 0)) => char::from_u32(*code)?,
            _ => return None,
        },
    };
    if value.is_control() {
        return None;
    }
    let length = end + 1;
    if value == '&' {
        // Escaped twice: "&amp;oslash;".
        let rest = &text[length..];
        let is_name = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '#');
        let nested: String = std::iter::once('&').chain(rest.chars().take(4 * MAX_BYTES)).collect();
        if is_name && let Some((value, nested_length)) = parse(&nested) {
            return Some((value, length + nested_length - 1));
        }
    }
    Some((value, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> String {
        decode_char_refs(text).map_or_else(|| text.to_string(), |repaired| repaired.text)
    }

    #[test]
    fn decodes_references_in_words() {
        assert_eq!(decode("L&oslash;renskog"), "Lørenskog");
        assert_eq!(
            decode("Skien &ndash; &Aring;rdal &amp; Co,&nbsp;50&nbsp;kr"),
            "Skien – Årdal & Co,\u{a0}50\u{a0}kr"
        );
        assert_eq!(decode("B&#230;rum, B&#xE6;rum, B&#xe6;rum"), "Bærum, Bærum, Bærum");
        assert_eq!(decode("L&amp;oslash;renskog og L&amp;amp;oslash;ten"), "Lørenskog og Løten");
        assert_eq!(decode("caf&eacute;en\n&Oslash;&Aring;H&Aelig; &quot;a&quot;"), "caféen\nØÅH&Aelig; \"a\"");
        let note = decode_char_refs("a\nL&oslash;ten").unwrap().note;
        assert_eq!(note, "decoded HTML character references: 1 (first: &oslash; on line 2)");
    }

    #[test]
    fn keeps_text_that_explains_or_resembles_references() {
        let stays = |text: &str| assert_eq!(decode(text), text);
        stays("Skriv &oslash; for ø og &amp; for &.");
        stays("I HTML skrives Lørenskog L&oslash;renskog.");
        stays("<p>f&oslash;r</p>");
        stays("Bruk `f&oslash;r` her");
        stays("?a=1&copy=2&b;c");
        stays("Hansen & Co; R&D; A&B");
        stays("x&#0;y &#10; &#xD800; &nosuchname;");
        stays("<a title=\"f&oslash;r\">\nb&aring;t\n<b>f&oslash;r, b&aring;t</b>");
    }

    #[test]
    fn decodes_double_escapes_in_html() {
        let decode =
            |text: &str| decode_double_escapes(text).map_or_else(|| text.to_string(), |repaired| repaired.text);
        assert_eq!(decode("<p>L&amp;oslash;renskog &amp;oslash; &oslash;"), "<p>Lørenskog &amp;oslash; &oslash;");
        let stays = |text: &str| assert_eq!(decode(text), text);
        stays("<p>Skriv <code>f&amp;oslash;r</code></p>");
        stays("<a href='?a=1&amp;copy;2'>R&amp;D; Hansen &amp; Co</a>");
        stays("<p>L&oslash;renskog &amp;lt;p&amp;gt;</p>");
        stays("<div data-a='f&amp;oslash;r'><pre>\nf&amp;oslash;r\n</pre></div>");
    }
}
