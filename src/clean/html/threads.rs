//! Drops the lines around the posts of a forum thread: controls, dates, and details of the authors.
//!
//! The posts are the content.

use std::collections::HashSet;

use super::extraction::Extraction;
use crate::clean::site::{is_year, line_hash};
use crate::clean::text::{is_interface, is_prose};
use crate::model::{Markup, OutsideReason};

/// A longer line is a post.
const MAX_WORDS: usize = 12;
/// Maximum number of words of an author's name (a link), and of a line with the age of a post and perhaps its author.
const MAX_NAME_WORDS: usize = 3;
const MAX_AGE_WORDS: usize = 8;
/// A line of at least this many words that also occurs earlier on the page is a quotation, even without markup.
const MIN_QUOTED_WORDS: usize = 8;

/// Drops the controls below a post, its date, statistics about its author, and the title of the thread above each
/// reply.
pub fn drop_post_details(page: &mut Extraction) {
    if !page.is_thread {
        return;
    }
    let title = page.title().map(|(title, _)| title);
    let title_hash = title.and_then(|title| line_hash(&page.blocks[title].line.text));
    drop_quotes(page);
    for index in 0..page.blocks.len() {
        let line = &page.blocks[index].line;
        let text = line.text.as_str();
        let is_name = page.counts[index].own_words == 0 && page.counts[index].words <= MAX_NAME_WORDS;
        let is_checked = page.is_kept(index)
            && Some(index) != title
            && line.markup != Markup::Row
            && page.counts[index].words <= MAX_WORDS;
        if !is_checked {
            continue;
        }
        let subject = without_reply_prefix(text);
        let is_reply = subject.len() < text.len();
        let is_heading = matches!(line.markup, Markup::Heading(_)) || is_reply;
        // "Re: Varmepumpe av Kari: 12:30 3. mai"
        let starts_with_title = || title.is_some_and(|title| subject.starts_with(&*page.blocks[title].line.text));
        if is_heading && title_hash.is_some() && line_hash(subject) == title_hash || is_reply && starts_with_title() {
            page.drop(index, OutsideReason::Repeated);
        } else if !is_prose(text) && (are_controls(text) || is_interface(text)) {
            page.drop(index, OutsideReason::Button);
        } else if !is_prose(text) && (is_author_fact(text) || is_post_date(text) || is_age_or_views(text))
            || line.markup == Markup::Paragraph && is_name
        {
            page.drop(index, OutsideReason::PostDetails);
        }
    }
}

/// Drops what a reply quotes from another post of the page, and the line above a quotation: "Kari skrev:".
fn drop_quotes(page: &mut Extraction) {
    let is_quote = |element: usize| (&*page.tree.elements[element].name == "blockquote").then_some(());
    let in_quote = page.inherit(is_quote);
    let mut seen = HashSet::new();
    for index in 0..page.blocks.len() {
        if !page.is_kept(index) {
            continue;
        }
        let block = &page.blocks[index];
        let is_long = page.counts[index].words >= MIN_QUOTED_WORDS;
        let is_in_quote = in_quote[block.element].is_some();
        let is_known = line_hash(&block.line.text).is_some_and(|hash| !seen.insert(hash));
        if is_known && (is_in_quote || is_long) || is_quote_heading(&block.line.text) {
            page.drop(index, OutsideReason::Repeated);
        }
    }
}

/// "Kari skrev:", "Kari said:", "Klikk for å utvide …".
fn is_quote_heading(text: &str) -> bool {
    const MAX_WORDS: usize = 6;
    const ENDINGS: [&str; 6] = ["skrev:", "skreiv:", "sa:", "said:", "wrote:", "posted..."];
    const EXPAND: [&str; 3] = ["click to expand...", "klikk for å utvide...", "klikk for å utvide"];
    let lower = text.to_lowercase();
    EXPAND.contains(&lower.as_str())
        || text.split(' ').count() <= MAX_WORDS && ENDINGS.iter().any(|ending| lower.ends_with(&format!(" {ending}")))
}

/// "2 years ago", "Asked 13 years, 8 months ago", "for 3 år siden", "Viewed 11k times", perhaps after a name.
fn is_age_or_views(text: &str) -> bool {
    const UNITS: [&str; 19] = [
        "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month", "months",
        "year", "years", "minutter", "timer", "dager", "måneder", "år",
    ];
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_past = words.iter().any(|word| matches!(*word, "ago" | "siden" | "sidan"));
    let is_count = |pair: &[&str]| pair[0].bytes().all(|byte| byte.is_ascii_digit()) && UNITS.contains(&pair[1]);
    let is_views = matches!(words[..], ["viewed", _, "times"] | ["vist", _, "ganger"] | ["vist", _, "gonger"]);
    is_views || is_past && words.len() <= MAX_AGE_WORDS && words.windows(2).any(is_count)
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
    // The beginnings of the names of months, and `kl` before a time of day.
    const DATE_WORDS: [&str; 16] =
        ["jan", "feb", "mar", "apr", "mai", "may", "jun", "jul", "aug", "sep", "okt", "oct", "nov", "des", "dec", "kl"];
    // A line that has a date and begins with one of these words belongs to a post.
    const FIRST_WORDS: [&str; 14] = [
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
    let is_date_word = |word: &&str| !is_number(word) && DATE_WORDS.iter().any(|start| word.starts_with(start));
    let numbers = words.iter().filter(|word| is_number(word)).count();
    let has_year = words.iter().any(|word| is_number(word) && is_year(word));
    let has_date = has_year && (words.iter().any(is_date_word) || numbers >= 3);
    let others = words.iter().filter(|word| !is_number(word) && !is_date_word(word)).count();
    has_date && (others <= 2 || words.first().is_some_and(|first| FIRST_WORDS.contains(first)))
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
        for text in ["for 2 år siden", "Asked 13 years, 8 months ago", "Viewed 11k times", "Kari 3 hours ago #1"] {
            assert!(is_age_or_views(text), "{text}");
        }
        assert!(!is_age_or_views("Vi flyttet hit for lenge siden"));
        assert!(is_quote_heading("Kari skrev:") && !is_quote_heading("Dette er det hun skrev: vi kommer i morgen"));
    }
}
