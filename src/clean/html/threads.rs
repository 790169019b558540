//! Drops the lines around the posts of a forum thread: controls, dates, and details of the authors.
//!
//! The posts are the content.

use super::extraction::Extraction;
use crate::clean::site::line_hash;
use crate::clean::text::{is_interface, is_prose};
use crate::model::{Markup, OutsideReason};

/// A longer line is a post.
const MAX_WORDS: usize = 12;

/// Drops the controls below a post, its date, statistics about its author, and the title of the thread above each
/// reply.
pub fn drop_post_details(page: &mut Extraction) {
    if !page.tree.stated.is_thread {
        return;
    }
    let title = page.title().map(|(title, _)| title);
    let title_hash = title.and_then(|title| line_hash(&page.blocks[title].line.text));
    for index in 0..page.blocks.len() {
        let line = &page.blocks[index].line;
        let text = line.text.as_str();
        let is_checked = page.is_kept(index)
            && Some(index) != title
            && line.markup != Markup::Row
            && page.counts[index].words <= MAX_WORDS;
        if !is_checked {
            continue;
        }
        let subject = without_reply_prefix(text);
        let is_heading = matches!(line.markup, Markup::Heading(_)) || subject.len() < text.len();
        if is_heading && title_hash.is_some() && line_hash(subject) == title_hash {
            page.drop(index, OutsideReason::Repeated);
        } else if !is_prose(text) && (are_controls(text) || is_interface(text)) {
            page.drop(index, OutsideReason::Button);
        } else if !is_prose(text) && (is_author_fact(text) || is_post_date(text)) {
            page.drop(index, OutsideReason::AuthorDetails);
        }
    }
}

/// "Re: Varmepumpe" → "Varmepumpe".
fn without_reply_prefix(text: &str) -> &str {
    const REPLIES: [&str; 4] = ["Re: ", "RE: ", "Sv: ", "SV: "];
    REPLIES.iter().find_map(|reply| text.strip_prefix(reply)).unwrap_or(text)
}

/// "Svar Siter Rapporter", "3 Likes", "#12", "▲ 14": controls of a post, and counts.
fn are_controls(text: &str) -> bool {
    const CONTROLS: [&str; 47] = [
        "svar",
        "svare",
        "siter",
        "sitat",
        "rapporter",
        "rapportér",
        "del",
        "lik",
        "liker",
        "likar",
        "følg",
        "rediger",
        "slett",
        "kommenter",
        "anbefal",
        "topp",
        "anmeld",
        "lenke",
        "permalenke",
        "innlegg",
        "stem",
        "opp",
        "ned",
        "stemmer",
        "svart",
        "poeng",
        "reply",
        "quote",
        "report",
        "share",
        "like",
        "likes",
        "follow",
        "edit",
        "delete",
        "comment",
        "permalink",
        "top",
        "up",
        "down",
        "vote",
        "votes",
        "upvote",
        "downvote",
        "points",
        "flag",
        "link",
    ];
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| CONTROLS.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// "Innlegg: 127", "Registrert: 12 jan 2015".
fn is_author_fact(text: &str) -> bool {
    const FACTS: [&str; 22] = [
        "innlegg",
        "antall innlegg",
        "meldinger",
        "registrert",
        "medlem siden",
        "medlem sidan",
        "sted",
        "stad",
        "bosted",
        "bustad",
        "tråder",
        "trådar",
        "omdømme",
        "posts",
        "messages",
        "joined",
        "join date",
        "member since",
        "location",
        "reputation",
        "reaction score",
        "threads",
    ];
    let lower = text.to_lowercase();
    lower.split_once(':').is_some_and(|(name, _)| FACTS.contains(&name.trim()))
}

/// "Innlegg av Kari » 03 nov 2022 21:14", "Svart av Jon, 15. mars 2021": a date, perhaps with the author.
fn is_post_date(text: &str) -> bool {
    const MONTHS: [&str; 16] =
        ["jan", "feb", "mar", "apr", "mai", "may", "jun", "jul", "aug", "sep", "okt", "oct", "nov", "des", "dec", "kl"];
    const BY: [&str; 14] = [
        "av",
        "by",
        "skrevet",
        "skreve",
        "innlegg",
        "svart",
        "svar",
        "spurt",
        "posted",
        "asked",
        "answered",
        "published",
        "publisert",
        "på",
    ];
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let is_year =
        |word: &&str| word.len() == 4 && is_number(word) && (word.starts_with("19") || word.starts_with("20"));
    let is_month = |word: &&str| !is_number(word) && MONTHS.iter().any(|month| word.starts_with(month));
    let numbers = words.iter().filter(|word| is_number(word)).count();
    let has_date = words.iter().any(is_year) && (words.iter().any(is_month) || numbers >= 3);
    let others = words.iter().filter(|word| !is_number(word) && !is_month(word)).count();
    has_date && (others <= 2 || words.first().is_some_and(|first| BY.contains(first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_lines_around_a_post() {
        for text in ["Svar Siter Rapporter", "3 Likes", "#12", "▲ 14"] {
            assert!(are_controls(text), "{text}");
        }
        assert!(!are_controls("Svaret er nei"));
        assert!(is_author_fact("Registrert: 12 jan 2015 19:32"));
        assert!(!is_author_fact("Merk: bare én kan skrive"));
        for text in ["Innlegg av Kari » 03 nov 2022 21:14", "Svart av Jon, 15. mars 2021", "nettnerd 12.03.2021"] {
            assert!(is_post_date(text), "{text}");
        }
        assert!(!is_post_date("Vi bygde huset i mai 2019 med far"));
    }
}
