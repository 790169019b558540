//! Recognizes blocks outside the content by lists of phrases: credits, cookie notices, "read more" prompts, invitations
//! and headings above lists of other pages.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::OutsideReason;

/// `<img src="…">` as text: markup that was escaped twice.
pub fn is_escaped_tag(text: &str) -> bool {
    text.strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .is_some_and(|inside| inside.contains('=') && !inside.contains(['<', '>']))
}

/// "Foto: Kari Nordmann", "Image 2 of 5", "This slideshow requires JavaScript.", "Annonse": a credit, an image count, a
/// message from a media player, or the label of an advertisement. None of them describes the picture or video.
pub fn is_media_credit(text: &str) -> bool {
    const MAX_WORDS: usize = 10;
    const CREDITS: [&str; 18] = [
        "photo:",
        "photos:",
        "photo by",
        "photo credit",
        "photograph:",
        "photograph by",
        "image:",
        "image credit",
        "image copyright",
        "image source",
        "picture:",
        "credit:",
        "foto:",
        "fotograf:",
        "bilde:",
        "illustrasjon:",
        "ill.:",
        "skjermbilde:",
    ];
    const PLAYERS: [&str; 5] = [
        "media playback is",
        "this slideshow requires",
        "your browser does not support",
        "nettleseren din støtter ikke",
        "nettlesaren din støttar ikkje",
    ];
    const LABELS: [&str; 4] = ["advert", "advertisement", "annonse", "story continues below advertisement"];
    if text.split(' ').count() > MAX_WORDS {
        return false;
    }
    let lower = text.trim_start_matches(['(', '[', '|', ' ']).to_lowercase();
    let starts_with = |prefixes: &[&str]| prefixes.iter().any(|prefix| lower.starts_with(prefix));
    starts_with(&CREDITS) || starts_with(&PLAYERS) || LABELS.contains(&lower.as_str()) || is_image_count(&lower)
}

/// "1 of 6", "image 2 of 5", "bilde 1 av 3".
fn is_image_count(lower: &str) -> bool {
    let words: Vec<&str> = lower.split(' ').collect();
    let words = match words.as_slice() {
        ["image" | "photo" | "slide" | "bilde" | "bilete", rest @ ..] => rest,
        rest => rest,
    };
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    matches!(words, [at, "of" | "av", all] if is_number(at) && is_number(all))
}

/// "Vi bruker informasjonskapsler … Ved å fortsette …": the site uses cookies, and asks for consent.
pub fn is_cookie_notice(text: &str) -> bool {
    const MAX_BYTES: usize = 600;
    if text.len() > MAX_BYTES || !mentions_cookies(text) {
        return false;
    }
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    has(&[" use", "using", "bruker", "brukar", "benytter", "nyttar"])
        && has(&["site", "we ", "nettsted", "nettstad", "nettsid", "vi "])
        && has(&[
            "continu",
            "accept",
            "agree",
            "consent",
            "browsing",
            "experience",
            "fortsett",
            "held fram",
            "godta",
            "samtykk",
            "opplevelse",
            "oppleving",
        ])
}

pub fn mentions_cookies(text: &str) -> bool {
    text.contains("ookie") || text.contains("nformasjonskaps")
}

/// Whether a text starts like a "read more" prompt: "Les også: …".
pub fn starts_like_read_more(text: &str) -> bool {
    const PROMPTS: [&str; 16] = [
        "related",
        "read",
        "read more",
        "read also",
        "read next",
        "also read",
        "see more",
        "see also",
        "watch",
        "more",
        "don't miss",
        "les også",
        "les mer",
        "les meir",
        "se også",
        "sjå også",
    ];
    let start: String = text.chars().take(20).flat_map(char::to_lowercase).collect();
    let start = start.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_prompt = |prompt: &str| {
        start.strip_prefix(prompt).is_some_and(|rest| rest.trim_start().starts_with([':', '|', '>', '–']))
    };
    PROMPTS.into_iter().any(is_prompt)
}

/// Whether a text is an invitation to subscribe or follow, or a copyright notice.
pub fn is_invitation(text: &str) -> bool {
    const WORDS: [&str; 13] = [
        "subscribe",
        "newsletter",
        "sign up",
        "follow us",
        "follow @",
        "all rights reserved",
        "subject to copyright",
        "nyhetsbrev",
        "abonner på",
        "følg oss",
        "følg @",
        "alle rettigheter",
        "©",
    ];
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// "(Reporting by …)", "… contributed to this report.", "Tips oss på …": who wrote an article, and how to reach them.
pub fn is_sign_off(text: &str) -> bool {
    const STARTS: [&str; 17] = [
        "reporting by",
        "additional reporting",
        "editing by",
        "writing by",
        "written by",
        "follow ",
        "have a tip",
        "got a tip",
        "write to ",
        "email ",
        "contact the",
        "reach the reporter",
        "like this story",
        "share this",
        "tips oss",
        "følg ",
        "saken er skrevet av",
    ];
    const CONTAINED: [&str; 2] = ["contributed to this", "may be reached at"];
    let lower = text.to_lowercase();
    let start = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_address = !lower.contains(' ') && (lower.contains('@') || lower.starts_with("twitter.com/"));
    is_address
        || STARTS.iter().any(|words| start.starts_with(words))
        || CONTAINED.iter().any(|words| lower.contains(words))
}

/// The headings above lists of other pages and above comments, from `data/other-pages.txt`: complete headings, and
/// prefixes of headings.
struct Headings {
    complete: HashMap<&'static str, OutsideReason>,
    prefixes: Vec<(&'static str, OutsideReason)>,
}

static HEADINGS: LazyLock<Headings> = LazyLock::new(|| {
    let mut headings = Headings { complete: HashMap::new(), prefixes: Vec::new() };
    let mut reason = OutsideReason::Related;
    for line in include_str!("../../../data/other-pages.txt").lines().filter(|line| !line.is_empty()) {
        if let Some(comment) = line.strip_prefix('#') {
            // The comment line that mentions "comments" starts the second part of the file.
            reason = if comment.contains("comments") { OutsideReason::Comments } else { reason };
        } else if let Some(prefix) = line.strip_suffix('*') {
            headings.prefixes.push((prefix, reason));
        } else {
            headings.complete.insert(line, reason);
        }
    }
    headings
});

/// `Related` for a heading above other pages, `Comments` for one above comments, `None` for any other.
pub fn section_reason(heading: &str) -> Option<OutsideReason> {
    const MAX_BYTES: usize = 60;
    if heading.len() > MAX_BYTES {
        return None;
    }
    let heading = heading.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let by_prefix = || HEADINGS.prefixes.iter().find(|(prefix, _)| heading.starts_with(prefix));
    HEADINGS.complete.get(heading.as_str()).copied().or_else(|| by_prefix().map(|(_, reason)| *reason))
}
