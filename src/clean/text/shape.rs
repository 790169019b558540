//! Judges a line by its shape alone: prose, statement, "read more" link, list item, title, heading, wrapped paragraph.
//!
//! The limits in words and characters define these shapes; they were not tuned on data.

use crate::model::{BULLETS, Line, Markup, has_words, word_count};
use crate::norwegian::{is_break_hyphen, word_breaks};

/// A line with fewer words is not prose, even if it ends as a sentence does.
const MIN_PROSE_WORDS: usize = 9;
/// A "read more" link has at most this many words.
const MAX_LINK_WORDS: usize = 15;
/// A "read more" link that ends in an arrow contains one of these words.
const READ_MORE: [&str; 20] = [
    "les", "lese", "last", "lastes", "lastast", "ned", "se", "sjå", "her", "mer", "meir", "flere", "fleire", "here",
    "more", "read", "see", "view", "download", "continue",
];
/// With fewer words, a line that ends in a full stop is as often a button ("Lukk.") as a sentence.
const MIN_STATEMENT_WORDS: usize = 4;
const MAX_TITLE_WORDS: usize = 30;
const MAX_HEADING_WORDS: usize = 14;
/// Dumps are wrapped at 72 to 80 columns; a longer line is a whole paragraph.
const MAX_WRAP: usize = 100;
/// If the longest line of a block is shorter, its lines are short, not wrapped.
const MIN_WRAP: usize = 40;
/// A line with at least this many words is a paragraph, even if it doesn't end as a sentence does.
const MIN_LONG_LINE_WORDS: usize = 60;

/// Whether the line has nine words or more and ends as a sentence does.
pub fn is_prose(text: &str) -> bool {
    let end = text.trim_end().trim_end_matches(['"', '»', '”', ')', '\'']);
    end.ends_with(['.', '!', '?', '…', ':']) && has_words(text, MIN_PROSE_WORDS)
}

/// Whether the line asks the reader to follow a link: "Les hele rapporten >> HER", "Rapporten kan lastes ned HER", "Les
/// mer her »".
pub fn is_read_more_link(text: &str) -> bool {
    let text = text.trim();
    let ends_in_here = || text.strip_suffix("HER").is_some_and(|before| before.ends_with(char::is_whitespace));
    let has_arrow = text.ends_with(['→', '›']) || text.ends_with(">>") || text.ends_with(" »") && !text.contains('«');
    // ">>> fruits.count('apple')", "HttpRequest<Optional<String>> request": source code.
    let is_code = text.starts_with('>') || text.contains('<');
    // The entries of a list may also end in arrows.
    let asks_to_read =
        || text.split(|c: char| !c.is_alphanumeric()).any(|word| READ_MORE.contains(&&*word.to_lowercase()));
    (has_arrow && asks_to_read() || ends_in_here()) && !is_code && !has_words(text, MAX_LINK_WORDS + 1)
}

/// Whether a "read more" link names what it leads to, and doesn't just ask the reader to follow it: "Les mer: Slik
/// søker du om barnehageplass »".
pub fn names_target(text: &str) -> bool {
    const MIN_TITLE_WORDS: usize = 3;
    text.split_once(": ").is_some_and(|(_, title)| alphanumeric_words(title) >= MIN_TITLE_WORDS)
}

/// Whether the line is a short sentence, which menus and forms seldom contain.
pub fn is_statement(text: &str) -> bool {
    let text = text.trim();
    text.ends_with(['.', '!']) && has_words(text, MIN_STATEMENT_WORDS)
}

/// Whether the line is a remark in parentheses: "(Adressen blir automatisk lagt inn i meldingen.)".
pub fn is_in_parentheses(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('(') && text.ends_with(')')
}

/// Whether the line is the counter of a form field, such as "0/250". It starts at 0, unlike the number of a report
/// ("2/2020").
pub fn is_counter(text: &str) -> bool {
    let is_number = |number: &str| {
        let number = number.trim();
        !number.is_empty() && number.len() <= 6 && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.trim().split_once('/').is_some_and(|(used, max)| is_number(used) && is_number(max) && used.trim() == "0")
}

/// Whether the line is the heading of a numbered section ("3.1. Formål", "§ 5 Tilsyn"), which is part of a text or its
/// table of contents, or a line of source code. Neither belongs to the template of a site.
pub fn is_section_or_code(text: &str) -> bool {
    let text = text.trim();
    let (number, title) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    // Not a date: "3.5.2021 Nyheter".
    let is_section_number = number.contains('.')
        && number.split('.').all(|part| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
        && number.starts_with(|c: char| c.is_ascii_digit());
    is_section_number && title.contains(char::is_alphabetic) || text.starts_with('§') || text.contains(['{', '}', '<'])
}

/// Whether the line starts like a list item: with a bullet, or with a number or letter followed by a parenthesis or
/// full stop.
pub fn is_item(text: &str) -> bool {
    let text = text.trim_start();
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    let rest = chars.as_str();
    if BULLETS.contains(&first) {
        return rest.starts_with(char::is_whitespace) && !rest.trim().is_empty();
    }
    let label = text.split([' ', '\u{a0}', '\t']).next().unwrap_or("");
    let is_label = |label: &str| {
        (label.len() <= 2 && label.bytes().all(|byte| byte.is_ascii_digit()) && !label.is_empty())
            || (label.chars().count() == 1 && label.chars().all(char::is_lowercase))
    };
    text.len() > label.len()
        && !text[label.len()..].trim().is_empty()
        && (label.strip_suffix(')').is_some_and(is_label) || label.strip_suffix('.').is_some_and(is_label))
}

/// Whether the line has too many words for a menu entry or a heading.
pub fn is_long(text: &str) -> bool {
    alphanumeric_words(text) >= MIN_LONG_LINE_WORDS
}

/// The number of runs of letters and digits.
pub fn alphanumeric_words(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut words, mut after_separator, mut offset) = (0, true, 0);
    while let Some(byte) = bytes.get(offset) {
        let (is_alphanumeric, length) = match byte {
            ..0x80 => (byte.is_ascii_alphanumeric(), 1),
            _ => match text[offset..].chars().next() {
                Some(c) => (matches!(c, 'æ' | 'ø' | 'å') || c.is_alphanumeric(), c.len_utf8()),
                None => break,
            },
        };
        words += usize::from(after_separator && is_alphanumeric);
        after_separator = !is_alphanumeric;
        offset += length;
    }
    words
}

/// Whether the line starts in lower case after any bullet.
pub fn starts_lower(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || BULLETS.contains(&c)).starts_with(char::is_lowercase)
}

/// Whether the line has the shape of a title: short, and not the end of a sentence.
pub fn may_be_title(text: &str) -> bool {
    !has_words(text, MAX_TITLE_WORDS + 1)
        && text.chars().any(char::is_alphabetic)
        && !text.ends_with(['.', ':', ';', ','])
        && !is_item(text)
}

/// Whether the line has the shape of a heading: short, not the end of a sentence, starting with a capital or digit,
/// separated from the line above, and followed by an item or a longer line.
pub fn may_be_heading(text: &str, is_separated: bool, next: Option<&str>) -> bool {
    let text = text.trim();
    let first = text.trim_start_matches(['«', '"', '“', '§', ' ']).chars().next();
    let is_above_body = || {
        next.is_some_and(|next| {
            let next = next.trim();
            is_item(next) || has_words(next, MIN_PROSE_WORDS.max(word_count(text)))
        })
    };
    is_separated
        && !has_words(text, MAX_HEADING_WORDS + 1)
        && is_above_body()
        && first.is_some_and(|first| first.is_uppercase() || first.is_numeric())
        && !text.ends_with(['.', ':', ';', ','])
        && !is_item(text)
        && text.chars().any(char::is_alphabetic)
}

/// Whether the last word of a line is divided and continues on the next one: `Nord-⏎Norge`.
fn continues_word(line: &str, next: &str) -> bool {
    line.ends_with(is_break_hyphen) && word_breaks(&format!("{line}\n{next}")).next().is_some()
}

/// Whether each line continues the paragraph of the line directly above it.
///
/// A line does so if it starts in lower case, or if the lines around it are all wrapped at one width.
pub fn find_continuations(lines: &[Line]) -> Vec<bool> {
    let mut continues = vec![false; lines.len()];
    let mut start = 0;
    while start < lines.len() {
        if lines[start].text.trim().is_empty() || lines[start].markup != Markup::None {
            start += 1;
            continue;
        }
        let mut end = start + 1;
        while end < lines.len() && lines[end].markup == Markup::None && !lines[end].text.trim().is_empty() {
            end += 1;
        }
        let chars = |line: &Line| line.text.trim_end().chars().count();
        let width = lines[start..end].iter().map(chars).max().unwrap_or(0);
        for index in start + 1..end {
            let above = lines[index - 1].text.trim();
            let text = lines[index].text.trim();
            if is_item(text) {
                continue;
            }
            let continues_sentence = text.starts_with(char::is_lowercase) && !above.ends_with([':', ';']);
            let first_word = text.split_whitespace().next().map_or(0, |word| word.chars().count());
            // Wrapped: the line above had no room for this line's first word.
            let is_wrapped = (MIN_WRAP..=MAX_WRAP).contains(&width)
                && chars(&lines[index - 1]) + 1 + first_word > width
                && !above.ends_with(['.', '!', '?', ':', ';']);
            continues[index] = continues_sentence || is_wrapped || continues_word(above, text);
        }
        start = end;
    }
    continues
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_read_more_links() {
        for text in [
            "Les hele rapporten >> HER",
            " Du kan lese følgeevaluering av 0-24-samarbeidet her >>",
            "Rapporte kan lastes ned HER",
            "Les mer »",
        ] {
            assert!(is_read_more_link(text), "{text}");
        }
        for text in [
            "Dette kan beskrives som «elastisitet»",
            "Han sa at det var nok.»",
            "Her er det mye å hente",
            "a > b",
            ">>> frukt.count('eple')",
            ">> sitat fra et innlegg",
            "List<Map<String>> liste = les()",
            "echo hei >> logg.txt",
            "Oslo kommune →",
            "Hun svarte « ja »",
        ] {
            assert!(!is_read_more_link(text), "{text}");
        }
    }

    #[test]
    fn recognizes_links_that_name_a_page() {
        for text in [
            "Les mer: Slik søker du om plass »",
            "Sjå også: Rettane til barn i skulen →",
            "Read more: How to apply now »",
        ] {
            assert!(is_read_more_link(text) && names_target(text), "{text}");
        }
        for text in ["Les mer her: »", "Last ned rapporten: PDF »", "Les hele rapporten >> HER", "Les meir »"] {
            assert!(!names_target(text), "{text}");
        }
    }

    #[test]
    fn recognizes_list_items() {
        for text in ["  • kjennskap", "- strukturer", "1. Hva skjer?", "a) Barn", "12) Noe"] {
            assert!(is_item(text), "{text}");
        }
        for text in ["-praksis", "0-24 samarbeidet", "1.2 Bakgrunn", "31. ", "–", "I rapporten", "2020. Året"] {
            assert!(!is_item(text), "{text}");
        }
    }

    #[test]
    fn recognizes_numbered_sections_and_code() {
        for text in
            ["3. Formål", "6.29. Ny hjelpelinje", "3.1 Kva lova gjeld", "§ 8", "§ 4-2 Klage", "</xsd:element>", "}"]
        {
            assert!(is_section_or_code(text), "{text}");
        }
        for text in
            ["3 kommentarar", "12.03.2018", "3.5.2021 Nyheter", "Kapittel", "0-24 samarbeidet", "1.", "© 2021", "A4"]
        {
            assert!(!is_section_or_code(text), "{text}");
        }
    }

    #[test]
    fn recognizes_form_counters() {
        assert!(is_counter("0/250"));
        assert!(!is_counter("2/2020"));
        assert!(!is_counter("0-24"));
    }

    #[test]
    fn lines_wrapped_at_one_width_continue_a_paragraph() {
        let wrapped = "Dette er en lang linje som er brutt ved omtrent seksti tegn,\nOslo kommune er nevnt her og linjen er også nokså lang altså\nslik at den siste er kort.\nNytt avsnitt.";
        let lines: Vec<Line> =
            wrapped.lines().map(|text| Line { number: 1, text: text.into(), markup: Markup::None }).collect();
        assert_eq!(find_continuations(&lines), [false, true, true, false]);
    }
}
