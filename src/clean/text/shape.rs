//! Given a line by its looks alone, what may it be?

use crate::model::{BULLETS, Line, Markup, has_words, word_count};

/// The most words of a call to follow a link.
const MAX_LINK_WORDS: usize = 15;
/// Fewer words and a full stop are a button ("Lukk.") as often as a sentence.
const MIN_STATEMENT_WORDS: usize = 4;
const MAX_TITLE_WORDS: usize = 30;
const MAX_HEADING_WORDS: usize = 14;
/// Dumps wrap at 72 to 80 columns; a longer line is a paragraph of its own.
const MAX_WRAP: usize = 100;
/// Lines shorter than this are short, not wrapped.
const MIN_WRAP: usize = 40;

/// Fewer words are no prose, whatever they end with.
pub const PROSE_WORDS: usize = 9;

/// A line of nine words or more that reads as a sentence.
pub fn is_prose(text: &str) -> bool {
    let end = text.trim_end().trim_end_matches(['"', '»', '”', ')', '\'']);
    end.ends_with(['.', '!', '?', '…', ':']) && has_words(text, PROSE_WORDS)
}

/// "Les hele rapporten >> HER", "Rapporten kan lastes ned HER", "Les mer her »".
pub fn is_link(text: &str) -> bool {
    let text = text.trim();
    let ends_in_here = || text.strip_suffix("HER").is_some_and(|before| before.ends_with(char::is_whitespace));
    let points = text.ends_with(['→', '›']) || text.ends_with(">>") || text.ends_with(" »") || text.contains(">> ");
    (points || ends_in_here()) && !has_words(text, MAX_LINK_WORDS + 1)
}

/// A short sentence: what menus and forms don't have.
pub fn is_statement(text: &str) -> bool {
    let text = text.trim();
    text.ends_with(['.', '!']) && has_words(text, MIN_STATEMENT_WORDS)
}

/// "(Adressen blir automatisk lagt inn i meldingen.)": a remark on something else.
pub fn is_in_parentheses(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('(') && text.ends_with(')')
}

/// "0/250", "1 / 12": how much of a form is filled.
pub fn is_counter(text: &str) -> bool {
    let is_number = |part: &str| {
        let part = part.trim();
        !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    // "2/2020" may be a report's number; a form counts from nothing.
    text.trim().split_once('/').is_some_and(|(done, all)| is_number(done) && is_number(all) && done.trim() == "0")
}

/// Begins with a bullet, or with a number or letter and a parenthesis or full stop.
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

/// Longer lines are paragraphs, whatever they end with.
const LONG_WORDS: usize = 60;

/// So many words that it is no entry of a menu and no heading.
pub fn is_long(text: &str) -> bool {
    words(text) >= LONG_WORDS
}

/// How many runs of letters and digits it has.
pub fn words(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut words, mut is_apart, mut at) = (0, true, 0);
    while let Some(byte) = bytes.get(at) {
        let (is_word, length) = match byte {
            ..0x80 => (byte.is_ascii_alphanumeric(), 1),
            _ => match text[at..].chars().next() {
                Some(c) => (matches!(c, 'æ' | 'ø' | 'å') || c.is_alphanumeric(), c.len_utf8()),
                None => break,
            },
        };
        words += usize::from(is_apart && is_word);
        is_apart = !is_word;
        at += length;
    }
    words
}

/// Begins in lower case, its bullet aside.
pub fn begins_lower(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || BULLETS.contains(&c)).starts_with(char::is_lowercase)
}

/// Could be a title: short, and not the end of a sentence.
pub fn is_title(text: &str) -> bool {
    !has_words(text, MAX_TITLE_WORDS + 1)
        && text.chars().any(char::is_alphabetic)
        && !text.ends_with(['.', ':', ';', ','])
        && !is_item(text)
}

/// Could be a heading: short, begins as one, ends no sentence, and stands above something longer.
pub fn is_heading(text: &str, stands_apart: bool, next: Option<&str>) -> bool {
    let text = text.trim();
    let begins = text.trim_start_matches(['«', '"', '“', '§', ' ']).chars().next();
    let next_is_body = || {
        next.is_some_and(|next| {
            let next = next.trim();
            is_item(next) || has_words(next, PROSE_WORDS.max(word_count(text)))
        })
    };
    stands_apart
        && !has_words(text, MAX_HEADING_WORDS + 1)
        && next_is_body()
        && begins.is_some_and(|first| first.is_uppercase() || first.is_numeric())
        && !text.ends_with(['.', ':', ';', ','])
        && !is_item(text)
        && text.chars().any(char::is_alphabetic)
}

/// For each line whether it goes on with the paragraph of the line directly above it.
///
/// It does when it begins in lower case, or when the lines around it are all wrapped at one width.
pub fn continuations(lines: &[Line]) -> Vec<bool> {
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
            let begins_lower = text.starts_with(char::is_lowercase) && !above.ends_with([':', ';']);
            let next_word = text.split_whitespace().next().map_or(0, |word| word.chars().count());
            // Wrapped: the line above had no room for this line's first word.
            let is_wrapped = (MIN_WRAP..=MAX_WRAP).contains(&width)
                && chars(&lines[index - 1]) + 1 + next_word > width
                && !above.ends_with(['.', '!', '?', ':', ';']);
            continues[index] = begins_lower || is_wrapped;
        }
        start = end;
    }
    continues
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_to_follow_a_link() {
        for text in [
            "Les hele rapporten >> HER",
            " Du kan lese følgeevaluering av 0-24-samarbeidet her >>",
            "Rapporte kan lastes ned HER",
            "Les mer »",
        ] {
            assert!(is_link(text), "{text}");
        }
        for text in
            ["Dette kan beskrives som «elastisitet»", "Han sa at det var nok.»", "Her er det mye å hente", "a > b"]
        {
            assert!(!is_link(text), "{text}");
        }
    }

    #[test]
    fn items_begin_with_a_mark() {
        for text in ["  • kjennskap", "- strukturer", "1. Hva skjer?", "a) Barn", "12) Noe"] {
            assert!(is_item(text), "{text}");
        }
        for text in ["-praksis", "0-24 samarbeidet", "1.2 Bakgrunn", "31. ", "–", "I rapporten", "2020. Året"] {
            assert!(!is_item(text), "{text}");
        }
    }

    #[test]
    fn counters_of_forms() {
        assert!(is_counter("0/250"));
        assert!(!is_counter("2/2020"));
        assert!(!is_counter("0-24"));
    }

    #[test]
    fn paragraphs_wrapped_at_a_width_are_joined() {
        let wrapped = "Dette er en lang linje som er brutt ved omtrent seksti tegn,\nOslo kommune er nevnt her og linjen er også nokså lang altså\nslik at den siste er kort.\nNytt avsnitt.";
        let lines: Vec<Line> =
            wrapped.lines().map(|text| Line { number: 1, text: text.into(), markup: Markup::None }).collect();
        assert_eq!(continuations(&lines), [false, true, true, false]);
    }
}
