//! Given the lines of a text page, where do the comments of its readers begin?
//!
//! A form or a count announces them ("Legg igjen en kommentar", "5 kommentarer"), and over each stands who wrote it
//! ("Kari sier:") or when. A heading alone announces nothing: guidance and hearings have chapters of comments.

use super::shape;
use crate::clean::site::template::{first_word, folded_within};

/// The first comment follows its announcement within so many lines …
const NEAR: usize = 12;
/// … and there are so many of them.
const ENOUGH: usize = 2;
/// A page says so much in sentences before others comment on it.
const MIN_PROSE: usize = 50;
/// What announces them is no longer.
const ANNOUNCEMENT_BYTES: usize = 160;
/// Who wrote a comment, and when, takes no more words.
const BYLINE_WORDS: usize = 8;

/// The place in `lines` of the line that announces the comments; they go on to the foot of the page.
pub fn begin(lines: &[(&str, bool)]) -> Option<usize> {
    let mut prose = 0;
    for (index, (text, is_prose)) in lines.iter().enumerate() {
        let rest = &lines[index + 1..];
        if prose >= MIN_PROSE && announces(text) && rest.iter().take(NEAR).any(|(text, _)| is_byline(text)) {
            let bylines = rest.iter().filter(|(text, _)| is_byline(text)).count();
            return (bylines >= ENOUGH).then_some(index);
        }
        prose += if *is_prose && prose < MIN_PROSE { shape::words(text) } else { 0 };
    }
    None
}

/// "Legg igjen en kommentar", "Kommentarer (5)", "12 comments".
fn announces(text: &str) -> bool {
    const FORMS: [&str; 22] = [
        "add a comment",
        "add your comment",
        "add comment",
        "join the discussion",
        "kommenter artikkelen",
        "kommenter saken",
        "kommenter saka",
        "leave a comment",
        "leave a reply",
        "legg igjen eit svar",
        "legg igjen ein kommentar",
        "legg igjen en kommentar",
        "legg igjen et svar",
        "legg igjen kommentar",
        "legg til en kommentar",
        "legg til kommentar",
        "post a comment",
        "skriv ein kommentar",
        "skriv en kommentar",
        "skriv kommentar",
        "view all comments",
        "write a comment",
    ];
    let is_count = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let names = |word: &str| {
        ["comment", "comments", "kommentar", "kommentarar", "kommentarer", "responses", "thoughts", "replies"]
            .contains(&word)
    };
    // Most lines begin otherwise.
    let first = first_word(text);
    if !is_count(&first.as_str()) && !names(&first) && !FORMS.iter().any(|form| form.starts_with(&first)) {
        return false;
    }
    let Some(folded) = folded_within(text, ANNOUNCEMENT_BYTES) else {
        return false;
    };
    let words: Vec<&str> = folded.split(' ').collect();
    FORMS.iter().any(|form| folded.starts_with(form)) && words.len() <= BYLINE_WORDS
        || match words.as_slice() {
            [first, second, ..] if is_count(first) => names(second),
            [first, second, ..] => words.len() <= 4 && names(first) && is_count(second),
            _ => false,
        }
}

/// "Kari sier:", "• Bruce B wrote :", "9. mai 2010 kl. 10.02".
fn is_byline(text: &str) -> bool {
    let text = text.trim();
    if shape::words(text) > BYLINE_WORDS {
        return false;
    }
    let says = ["said", "says", "seier", "sier", "skreiv", "skrev", "skriv", "skriver", "wrote", "writes"];
    let by = text
        .strip_suffix(':')
        .and_then(|text| text.split_whitespace().next_back())
        .is_some_and(|last| says.contains(&last));
    by || has_clock_time(text) && text.chars().filter(char::is_ascii_digit).count() >= 6
}

/// 10:02, 10.02 behind "kl.".
fn has_clock_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(4).any(|four| four[0].is_ascii_digit() && four[1] == b':' && four[2..].iter().all(u8::is_ascii_digit))
        || text.contains("kl. ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn og unge som bor der.";

    #[track_caller]
    fn check(below: &str, expected: Option<usize>) {
        let page = format!("{}\n{below}", [PROSE; 4].join("\n"));
        let lines: Vec<(&str, bool)> = page.lines().map(|line| (line, shape::is_prose(line))).collect();
        assert_eq!(begin(&lines), expected, "{page}");
    }

    #[test]
    fn comments_of_readers_are_announced() {
        check("Legg igjen en kommentar\nKari sier:\nBra.\nOla sier:\nEnig.", Some(4));
        check("Kilde: NIBR\n5 kommentarer\n9. mai 2010 kl. 10.02\nBra.\n9. mai 2010 kl. 11.15\nEnig.", Some(5));
        check("Comments (5 of 10)\nView all Comments »\n10:02 am May 9, 2010\nBruce wrote :\nGood.", Some(4));
    }

    #[test]
    fn a_chapter_of_comments_is_content() {
        check(&format!("Kommentarer\n{PROSE}\nKommentarer til § 3\n{PROSE}"), None);
        check("Legg igjen en kommentar\nNavn\nE-post", None);
        check(&format!("Kommentarer\nDepartementet skriver:\n{PROSE}\nFylkesmannen skriver:\n{PROSE}"), None);
    }
}
