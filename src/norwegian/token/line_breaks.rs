//! Recognizes words that are divided at the end of a line, and decides whether the hyphen belongs to the word.
//!
//! `barneverns-⏎tjenesten` is *barnevernstjenesten*, `e-⏎post` keeps its hyphen, and `støtte-⏎og hjelpetiltak` is a
//! suspended compound. The lexicon decides where both spellings are possible.

use std::borrow::Cow;

use super::char_classes::{is_invisible, is_word_char};
use super::normalize::{lookup_key, normalize};
use crate::norwegian::lexicon::readings::readings_or_genitive;
use crate::norwegian::morph::affixes::has_vowel;
use crate::norwegian::standard::Standard;
use crate::norwegian::stop_words::is_stop_word;

/// A hyphen at the end of a line inside a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordBreak {
    /// The byte offset of the hyphen.
    pub start: usize,
    /// The byte offset after the hyphen.
    pub hyphen_end: usize,
    /// The byte offset at which the word continues.
    pub end: usize,
    /// Whether the hyphen is part of the word.
    pub keeps_hyphen: bool,
}

/// Maximum number of characters that are searched for a part of a divided word, so that no input takes quadratic time.
const MAX_PART_CHARS: usize = 60;

/// Before one of these words, a hyphen always belongs to a suspended compound.
const CONJUNCTIONS: [&str; 6] = ["og", "eller", "samt", "òg", "and", "or"];

/// Whether a char divides words at the end of a line. OCR writes `¬` for a soft hyphen.
pub fn is_break_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{ad}' | '¬')
}

/// The break of a word at the hyphen `hyphen`, whose byte offset is `at`; `None` if the hyphen does not divide a
/// word.
pub fn word_break(text: &str, at: usize, hyphen: char) -> Option<WordBreak> {
    let hyphen_end = at + hyphen.len_utf8();
    let end = next_line(text, hyphen_end)?;
    let first = text[end..].chars().next().filter(|c| c.is_alphanumeric())?;
    let before = &text[..at];
    let last = before.chars().next_back().filter(|c| c.is_alphanumeric())?;
    let is_soft = matches!(hyphen, '\u{ad}' | '¬');
    let keeps_hyphen = if is_soft {
        let is_joined = last.is_alphabetic() && (first.is_lowercase() || first.is_uppercase() && last.is_uppercase());
        if !is_joined {
            return None;
        }
        false
    } else {
        keeps_hyphen(last_part(before), first_part(&text[end..]), &text[end..])?
    };
    Some(WordBreak { start: at, hyphen_end, end, keeps_hyphen })
}

/// The offset of the first character after `at` that is not a space, on the next line; `None` if the line doesn't end
/// at `at`. If the next line is blank, this is the offset of its line feed.
fn next_line(text: &str, at: usize) -> Option<usize> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\u{a0}');
    let rest = text[at..].trim_start_matches(is_blank).strip_prefix('\n')?;
    let rest = rest.trim_start_matches(is_blank);
    Some(text.len() - rest.len())
}

fn last_part(before: &str) -> &str {
    let part = before.chars().rev().take(MAX_PART_CHARS).take_while(|c| is_word_char(*c) || is_invisible(*c));
    &before[before.len() - part.map(char::len_utf8).sum::<usize>()..]
}

fn first_part(rest: &str) -> &str {
    let part = rest.chars().take(MAX_PART_CHARS).take_while(|c| is_word_char(*c) || is_invisible(*c));
    &rest[..part.map(char::len_utf8).sum::<usize>()]
}

/// Whether the hyphen between the two parts of a word belongs to it; `None` if they are two words.
fn keeps_hyphen(before: &str, after: &str, rest: &str) -> Option<bool> {
    let is_number = |part: &str| part.ends_with(char::is_numeric);
    if after.starts_with(char::is_numeric) {
        // "Covid-⏎19", but neither a numbered line nor a telephone number.
        let rest = &rest[after.len()..];
        let is_alone = after.chars().all(char::is_numeric)
            && !rest.starts_with([')', ':', '/'])
            && !rest.trim_start_matches(' ').starts_with(|c: char| c.is_ascii_digit());
        return (is_alone && !is_number(before)).then_some(true);
    }
    if after.starts_with(char::is_uppercase) {
        return (!is_number(before)).then_some(true);
    }
    if CONJUNCTIONS.contains(&after) || after.chars().nth(1).is_none() {
        return None;
    }
    let is_known = |word: &str| !readings_or_genitive(&lookup_key(&normalize(word)), Standard::Both).is_empty();
    if is_known(&format!("{before}-{after}")) {
        return Some(true);
    }
    if is_known(&format!("{before}{after}")) {
        return Some(false);
    }
    if is_stop_word(&normalize(after)) {
        return None;
    }
    let has_one_letter = before.chars().nth(1).is_none();
    let is_abbreviation = before.chars().all(char::is_uppercase) || !has_vowel(&normalize(before));
    Some(has_one_letter || is_abbreviation || before.contains(char::is_numeric))
}

/// The line breaks that divide words of a text, in order.
pub fn word_breaks(text: &str) -> impl Iterator<Item = WordBreak> + '_ {
    memchr::memchr_iter(b'\n', text.as_bytes()).filter_map(|newline| {
        let line = text[..newline].trim_end_matches([' ', '\t', '\r', '\u{a0}']);
        let hyphen = line.chars().next_back().filter(|c| is_break_hyphen(*c))?;
        word_break(text, line.len() - hyphen.len_utf8(), hyphen)
    })
}

/// Joins the words of a text that line breaks divide.
pub fn join_word_breaks(text: &str) -> Cow<'_, str> {
    let mut breaks = word_breaks(text).peekable();
    if breaks.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let mut joined = String::with_capacity(text.len());
    let mut copied = 0;
    for found in breaks {
        joined.push_str(&text[copied..if found.keeps_hyphen { found.hyphen_end } else { found.start }]);
        copied = found.end;
    }
    joined.push_str(&text[copied..]);
    Cow::Owned(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(join_word_breaks(text), expected, "{text}");
    }

    #[test]
    fn joins_words_that_are_divided_at_the_end_of_a_line() {
        check("har barneverns-\ntjenesten og samar-\nbeidet.", "har barnevernstjenesten og samarbeidet.");
        check("samar-\r\nbeidet", "samarbeidet");
        check("samar- \n\t  beidet", "samarbeidet");
        check("samar\u{ad}\nbeidet", "samarbeidet");
        check("SAMAR\u{ad}\nBEIDET", "SAMARBEIDET");
        check("samar¬\nbeidet", "samarbeidet");
        check("samar\u{2010}\nbeidet", "samarbeidet");
        check("sam-\nmen og lang-\nsom", "sammen og langsom");
        check("Kvalsund-\nbrua", "Kvalsundbrua");
        check("EU-kommi-\nsjonen", "EU-kommisjonen");
        check("utdan-\nningsdirektø-\nren", "utdanningsdirektøren");
    }

    #[test]
    fn keeps_hyphens_that_belong_to_the_word() {
        check("send e-\npost", "send e-post");
        check("Nord-\nNorge", "Nord-Norge");
        check("Covid-\n19 er", "Covid-19 er");
        check("Covid-\n19. Det", "Covid-19. Det");
        check("EU-\nlandene og tv-\naksjonen", "EU-landene og tv-aksjonen");
        check("24-\nåring", "24-åring");
        check("FaF0-\nrapport", "FaF0-rapport");
    }

    #[test]
    fn does_not_join_words_at_other_hyphens() {
        for text in [
            "støtte-\nog hjelpetiltak",
            "barne-\neller ungdomsskole",
            "for-\nsamt etterarbeid",
            "støtte-\n\nhjelp",
            "støtte-\n- hjelp",
            "ord -\nord",
            "2017-\n2020",
            "ring tlf-\n22 24 90 90",
            "punkt-\n2) Neste",
            "støtte-\ni skolen",
            "-\nord",
            "ord\u{ad}\nNy setning",
            "ord-",
            "ord-\n",
            "ord –\nord",
        ] {
            check(text, text);
        }
    }
}
