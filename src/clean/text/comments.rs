//! Finds where the reader comments of a text page start.
//!
//! A form or a count announces comments ("Legg igjen en kommentar", "5 kommentarer"), and a byline above each comment
//! states its author ("Kari sier:") or its date and time. A heading alone announces nothing: guidance documents and
//! public consultations have chapters of comments. Comments are kept if more content follows them: in a thread, below
//! the answers to a question, and in a list of posts.

use super::shape;
use crate::clean::site::{first_folded_word, fold_line_within, is_year};

/// The maximum number of lines from the announcement to the first byline.
const MAX_DISTANCE: usize = 12;
/// The minimum number of bylines. A single "Kari skriver:" may occur in ordinary text.
const MIN_BYLINES: usize = 2;
/// The minimum number of words in sentences above the comments. Below a shorter text, the comments may be the posts of
/// a thread. The labeled pages with comments have at least 210 such words (articles, portals, and the half of the pages
/// of seven types that was read while the rules were written; see docs/cleaning.md).
const MIN_PROSE_WORDS: usize = 150;
/// Longer lines are not announcements.
const MAX_ANNOUNCEMENT_BYTES: usize = 160;
/// Longer lines are not bylines, and longer lines that start with the heading of a comment form are not announcements.
const MAX_BYLINE_WORDS: usize = 8;

/// If more words than this follow "5 comments", they must name the article: "5 comments on …".
const MAX_WORDS_AFTER_COUNT: usize = 2;

/// With this many bylines between the first sentence and the announcement, the page is a thread: its posts are the
/// content, and each may have comments.
const MIN_POSTS: usize = 2;

/// With this many announcements below the first, each belongs to a different post, and the page is a thread or a list
/// of posts. One is enough if it states a different number of comments.
const MIN_FURTHER_ANNOUNCEMENTS: usize = 3;

/// The index in `lines` of the line that announces the comments, which extend to the end of the page. Each element of
/// `lines` is the text of a line, and whether the line is prose.
pub fn find_comments(lines: &[(&str, bool)]) -> Option<usize> {
    let (mut prose_words, mut posts) = (0, 0);
    for (index, (text, is_prose)) in lines.iter().enumerate() {
        let below = &lines[index + 1..];
        if prose_words >= MIN_PROSE_WORDS
            && is_announcement(text)
            && below.iter().take(MAX_DISTANCE).any(|(text, _)| is_byline(text))
        {
            let bylines = below.iter().filter(|(text, _)| is_byline(text)).count();
            let further = below.iter().filter(|(text, _)| is_announcement(text)).count();
            let own_count = comment_count(text);
            let is_other = |count: u32| own_count.is_some_and(|own| own != count);
            let other_counts = || below.iter().filter_map(|(text, _)| comment_count(text)).any(is_other);
            let has_answers = || lines.iter().any(|(text, _)| is_about_answers(text));
            let is_thread =
                posts >= MIN_POSTS || further >= MIN_FURTHER_ANNOUNCEMENTS || other_counts() || has_answers();
            return (bylines >= MIN_BYLINES && !is_thread).then_some(index);
        }
        posts += usize::from(prose_words > 0 && is_byline(text));
        prose_words += if *is_prose && prose_words < MIN_PROSE_WORDS { shape::alphanumeric_words(text) } else { 0 };
    }
    None
}

/// "Legg igjen en kommentar", "Kommentarer (5)", "12 comments".
fn is_announcement(text: &str) -> bool {
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
    // "12 replies" is the heading of a thread, and the replies are its content. A heading above reader comments names
    // the article: "12 replies to …".
    let is_reply = |word: &str| ["responses", "replies"].contains(&word);
    let is_noun = |word: &str| is_comment_noun(word) || word == "thoughts" || is_reply(word);
    // Most lines start with none of these words, and need not be folded.
    let first = first_folded_word(text);
    if !is_count(&first.as_str()) && !is_noun(&first) && !FORMS.iter().any(|form| form.starts_with(&first)) {
        return false;
    }
    let Some(folded) = fold_line_within(text, MAX_ANNOUNCEMENT_BYTES) else {
        return false;
    };
    let words: Vec<&str> = folded.split(' ').collect();
    FORMS.iter().any(|form| folded.starts_with(form)) && words.len() <= MAX_BYLINE_WORDS
        || match words.as_slice() {
            // A longer line names the article, or is a sentence: "3 comments changed the proposal".
            [first, second, rest @ ..] if is_count(first) => {
                let names_article = rest.first().is_some_and(|word| ["on", "om", "på", "til", "to"].contains(word));
                is_noun(second)
                    && (names_article || !is_reply(second) && rest.len() <= MAX_WORDS_AFTER_COUNT)
                    && !text.trim_end().ends_with('.')
            }
            [first, second, ..] => words.len() <= 4 && is_noun(first) && !is_reply(first) && is_count(second),
            _ => false,
        }
}

/// The number in a line that states nothing but the number of comments: "5 kommentarer", "Comments (12 posted)", "No
/// comments".
fn comment_count(text: &str) -> Option<u32> {
    const MAX_COUNT_BYTES: usize = 40;
    let folded = fold_line_within(text, MAX_COUNT_BYTES)?;
    let number = |word: &str| match word {
        "ingen" | "no" => Some(0),
        _ => word.parse().ok(),
    };
    match folded.split(' ').collect::<Vec<_>>()[..] {
        [one, other] | [one, other, "posted"] if is_comment_noun(one) => number(other),
        [one, other] if is_comment_noun(other) => number(one),
        _ => None,
    }
}

fn is_comment_noun(word: &str) -> bool {
    ["comment", "comments", "kommentar", "kommentarar", "kommentarer"].contains(&word)
}

/// Whether a line shows that the page consists of a question and its answers, which may have comments: "2 Answers", "3
/// svar", "svarte 9. mai 2010 kl. 10.02".
fn is_about_answers(text: &str) -> bool {
    match first_folded_word(text).as_str() {
        "answered" | "asked" | "besvart" | "spurt" | "spurte" | "svart" | "svarte" => is_byline(text),
        first if first.bytes().all(|byte| byte.is_ascii_digit()) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            matches!(words[..], [_, noun] if ["answer", "answers", "svar"].contains(&noun.to_lowercase().as_str()))
        }
        _ => false,
    }
}

/// Whether a line states the author of a comment ("Kari sier:", "• Bruce B wrote :") or its date and time ("9. mai 2010
/// kl. 10.02").
fn is_byline(text: &str) -> bool {
    let text = text.trim();
    if shape::alphanumeric_words(text) > MAX_BYLINE_WORDS {
        return false;
    }
    let verbs = ["said", "says", "seier", "sier", "skreiv", "skrev", "skriv", "skriver", "wrote", "writes"];
    let has_author = text
        .strip_suffix(':')
        .and_then(|text| text.split_whitespace().next_back())
        .is_some_and(|last| verbs.contains(&last));
    has_author || has_clock_time(text) && has_date(text)
}

/// Whether a text has exactly one time of the form "10:02", or has none but contains "kl. ". Two times are the start and the end of an
/// event: "10:00–11:30".
fn has_clock_time(text: &str) -> bool {
    let is_time = |four: &[u8]| four[0].is_ascii_digit() && four[1] == b':' && four[2..].iter().all(u8::is_ascii_digit);
    let has_time = |word: &&str| word.as_bytes().windows(4).any(is_time);
    match text.split([' ', '\u{a0}', '-', '–', '—']).filter(has_time).count() {
        0 => text.contains("kl. "),
        times => times == 1,
    }
}

/// Whether a text has a date with its year: "9. mai 2010", "09.05.10". A time code ("00:12:30") has none.
fn has_date(text: &str) -> bool {
    let is_short_date = |word: &str| {
        let parts: Vec<&str> = word.trim_end_matches(',').split(['.', '/', '-']).collect();
        parts.len() == 3
            && parts.iter().all(|part| matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    text.split(|c: char| !c.is_ascii_digit()).any(is_year) || text.split_whitespace().any(is_short_date)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn og unge som bor der.";

    #[track_caller]
    fn check(below: &str, expected: Option<usize>) {
        let page = format!("{}\n{below}", [PROSE; 9].join("\n"));
        let lines: Vec<(&str, bool)> = page.lines().map(|line| (line, shape::is_prose(line))).collect();
        assert_eq!(find_comments(&lines), expected, "{page}");
    }

    #[test]
    fn finds_announced_comments() {
        check("Legg igjen en kommentar\nKari sier:\nBra.\nOla sier:\nEnig.", Some(9));
        check("Kilde: NIBR\n5 kommentarer\n9. mai 2010 kl. 10.02\nBra.\n9. mai 2010 kl. 11.15\nEnig.", Some(10));
        check("Comments (5 of 10)\nView all Comments »\n10:02 am May 9, 2010\nBruce wrote :\nGood.", Some(9));
    }

    #[test]
    fn a_sentence_about_comments_is_not_an_announcement() {
        let bylines = "Kari sier:\nBra.\nOla sier:\nEnig.";
        check(&format!("3 kommentarer til «Plikten»\n{bylines}"), Some(9));
        check(&format!("3 kommentarer var særlig viktige for utvalget\n{bylines}"), None);
        check(&format!("12 kommentarar kom inn.\n{bylines}"), None);
        check(&format!("4 comments that changed the proposal\n{bylines}"), None);
    }

    #[test]
    fn event_times_and_time_codes_are_not_bylines() {
        check("Skriv en kommentar\n09:00–10:30 Åpning\n10:45–11:30 Foredrag\n12:00–13:00 Lunsj", None);
        check("Skriv ein kommentar\n00:01:15 Innleiing\n00:12:30 Intervju\n00:31:05 Avslutning", None);
        check("Skriv kommentar\n12.03.2024 09:00–10:30\nÅpning\n13.03.2024 09:00–11:30\nFoto", None);
        check("Skriv kommentar\nKari, 12.03.24 09:00\nBra.\nOla, 12.03.24, 10:15:07\nEinig.", Some(9));
    }

    #[test]
    fn comments_on_answers_to_a_question_are_content() {
        let comments = "Legg til en kommentar\nKari, 9. mai 2010 kl. 10.02\nBra.\nOla, 9. mai 2010 kl. 11.15\nEnig.";
        check(&format!("{comments}\n1 svar\n{PROSE}"), None);
        check(&format!("2 Answers\n{PROSE}\n{comments}"), None);
        check(&format!("{comments}\n{PROSE}\nsvarte 9. mai 2010 kl. 12.15"), None);
        check(&format!("{comments}\n{PROSE}\nspurt om lag kl. 12"), Some(9));
    }

    #[test]
    fn posts_with_comment_counts_are_content() {
        let post = |count: &str| format!("{count}\nKari skrev:\n{PROSE}\nOla skrev:\n{PROSE}\n");
        check(&[post("5 kommentarer"), post("Ingen kommentarer")].concat(), None);
        check(&[post("Comments (2 posted)"), post("Comments (12 posted)")].concat(), None);
        check(&[post("5 kommentarar"), post("5 kommentarar")].concat(), Some(9));
    }

    #[test]
    fn replies_to_a_short_text_are_content() {
        let page = format!("{PROSE}\n{PROSE}\n{PROSE}\n4 kommentarer\nKari skrev:\nJa.\nOla skrev:\nNei.");
        let lines: Vec<(&str, bool)> = page.lines().map(|line| (line, shape::is_prose(line))).collect();
        assert_eq!(find_comments(&lines), None);
    }

    #[test]
    fn a_chapter_of_comments_is_content() {
        check(&format!("Kommentarer\n{PROSE}\nKommentarer til § 3\n{PROSE}"), None);
        check("Legg igjen en kommentar\nNavn\nE-post", None);
        check(&format!("Kommentarer\nDepartementet skriver:\n{PROSE}\nFylkesmannen skriver:\n{PROSE}"), None);
    }

    #[test]
    fn comments_on_the_posts_of_a_thread_are_content() {
        let post =
            |author: &str, time: &str| format!("{PROSE}\n{author}\nsvarte {time}\n2 kommentarer\n{time}\nEnig.\n");
        let thread = [post("Kari", "3. mai 2021 kl. 10.15"), post("Ola", "4. mai 2021 kl. 09.00")].concat();
        check(&format!("skrevet 3. mai 2021 kl. 09.15\nendret 3. mai 2021 kl. 09.20\n{thread}"), None);
        check(
            "Kari skrev:\nHvorfor?\nOla skrev:\nDerfor.\nSkriv en kommentar\nPer skrev:\nJa.\nPål skrev:\nNei.",
            None,
        );
        check(&"3 comments\nKari wrote:\nGood.\n".repeat(4), None);
        check("12 replies\nKari wrote:\nGood.\nOla wrote:\nYes.", None);
        check("12 replies to “Plikten”\nKari wrote:\nGood.\nOla wrote:\nYes.", Some(9));
        let dated =
            format!("3. mai 2021 kl. 10.15\n{PROSE}\nLegg igjen en kommentar\nKari sier:\nBra.\nOla sier:\nEnig.");
        check(&dated, Some(11));
    }
}
