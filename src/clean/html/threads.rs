//! Given what is left of a thread, which lines stand around the posts of its readers?
//!
//! Posts are the content. Who wrote them, when, how often, and what can be done with a post stand in short lines
//! between them.

use super::content::Page;
use crate::clean::site::line_hash;
use crate::clean::text::{is_interface, is_prose};
use crate::model::Markup;

/// A longer line between posts is one.
const MAX_WORDS: usize = 12;

impl Page<'_> {
    /// The buttons below a post, its date, the numbers of its writer, and the thread's title above each answer.
    pub fn around_posts(&mut self) {
        if !self.tree.head.is_thread {
            return;
        }
        let title = self.title().map(|(title, _)| title);
        let named = title.and_then(|title| line_hash(&self.blocks[title].line.text));
        for at in 0..self.blocks.len() {
            let line = &self.blocks[at].line;
            let text = line.text.as_str();
            if !self.is_open(at) || Some(at) == title || line.markup == Markup::Row || self.sums[at].words > MAX_WORDS {
                continue;
            }
            let answered = without_reply(text);
            let is_heading = matches!(line.markup, Markup::Heading(_)) || answered.len() < text.len();
            if is_heading && named.is_some() && line_hash(answered) == named {
                self.drop(at, "repeated");
            } else if !is_prose(text) && (are_actions(text) || is_interface(text)) {
                self.drop(at, "button");
            } else if !is_prose(text) && (is_about_writer(text) || tells_when(text)) {
                self.drop(at, "about the author");
            }
        }
    }
}

/// "Re: Varmepumpe" → "Varmepumpe".
fn without_reply(text: &str) -> &str {
    const REPLIES: [&str; 4] = ["Re: ", "RE: ", "Sv: ", "SV: "];
    REPLIES.iter().find_map(|reply| text.strip_prefix(reply)).unwrap_or(text)
}

/// "Svar Siter Rapporter", "3 Likes", "#12", "▲ 14": what one can do with a post, and how many did.
fn are_actions(text: &str) -> bool {
    const ACTIONS: [&str; 47] = [
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
        .all(|word| ACTIONS.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// "Innlegg: 127", "Registrert: 12 jan 2015".
fn is_about_writer(text: &str) -> bool {
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

/// "Innlegg av Kari » 03 nov 2022 21:14", "Svart av Jon, 15. mars 2021": a date in a line that says nothing else but by
/// whom.
fn tells_when(text: &str) -> bool {
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
    fn lines_around_a_post_are_known_by_their_words() {
        for text in ["Svar Siter Rapporter", "3 Likes", "#12", "▲ 14"] {
            assert!(are_actions(text), "{text}");
        }
        assert!(!are_actions("Svaret er nei"));
        assert!(is_about_writer("Registrert: 12 jan 2015 19:32"));
        assert!(!is_about_writer("Merk: bare én kan skrive"));
        for text in ["Innlegg av Kari » 03 nov 2022 21:14", "Svart av Jon, 15. mars 2021", "nettnerd 12.03.2021"] {
            assert!(tells_when(text), "{text}");
        }
        assert!(!tells_when("Vi bygde huset i mai 2019 med far"));
    }
}
