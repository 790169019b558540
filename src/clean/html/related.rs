//! Given what is left of a page, what of it speaks of other pages, invites, or says something twice?

use std::collections::{HashMap, VecDeque};
use std::sync::LazyLock;

use super::content::{Page, THREAD};
use super::hints::COMMENTS;
use crate::model::Markup;

/// Fewer cards in a row may be the parts of a text whose headings are links.
const MIN_CARDS: usize = 3;
/// What stands under a card's heading has at most so many words.
const MAX_CARD_WORDS: usize = 120;
/// Cards that hold more of the prose are what the page is for, in articles and elsewhere.
const ARTICLE_CARDS: f64 = 0.7;
const CARDS: f64 = 0.3;
/// The share of the prose from which on a section is the page, whatever its heading says, also below an article.
const SECTION: f64 = 0.5;
const BELOW_ARTICLE: f64 = 0.9;
/// So much prose beside the cards makes a page about something else.
const MIN_PROSE_BESIDE: usize = 100;
/// The most words of a call to follow a link, and of an invitation.
const MAX_CALL_WORDS: usize = 30;
const MAX_INVITATION_WORDS: usize = 40;
/// Elements around a heading that are looked at for what stands under it.
const MAX_CLIMB: usize = 20;
/// Longer blocks near an image are not compared with its text.
const MAX_NEAR_BYTES: usize = 2000;
/// A repetition stands among so many paragraphs, and has at least and at most so many words: the caption of a picture
/// in its gallery, the beginning of a text above it.
const NEAR: usize = 6;
const REPEATED_WORDS: std::ops::RangeInclusive<usize> = 9..=80;

impl Page<'_> {
    /// What is no text of this page by its own looks.
    pub fn no_text(&mut self) {
        let head = &self.tree.head;
        let (site, title) = (head.site_name().unwrap_or(""), head.page_title().unwrap_or_default());
        let is_about_notices = ["cookie", "informasjonskaps", "personvern", "privacy"]
            .iter()
            .any(|word| title.to_lowercase().contains(word));
        let is_same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
        for at in 0..self.blocks.len() {
            let line = &self.blocks[at].line;
            let text = line.text.as_str();
            if is_tag(text) {
                self.drop(at, "markup");
            } else if line.markup != Markup::Row && is_about_media(text) {
                self.drop(at, "media");
            } else if line.markup == Markup::Heading(1) && is_same(site, text) && !is_same(&title, text) {
                self.drop(at, "banner");
            } else if !is_about_notices && (is_cookie_notice(text) || self.in_notice[at] && names_cookies(text)) {
                self.drop(at, "cookies");
            }
        }
    }

    /// The text of an image that its caption, or a line near by, says as well.
    pub fn images(&mut self) {
        for at in 0..self.blocks.len() {
            let block = &self.blocks[at];
            if !block.is_image {
                continue;
            }
            let text = block.line.text.to_lowercase();
            let near = at.saturating_sub(NEAR)..(at + NEAR).min(self.blocks.len());
            let says_it = |other: usize| {
                let other = &self.blocks[other];
                let is_long = other.line.text.len() > MAX_NEAR_BYTES;
                !is_long && {
                    let other = other.line.text.to_lowercase();
                    other.contains(&text) || text.contains(&other) && other.len() * 2 > text.len()
                }
            };
            if near.into_iter().any(|other| other != at && says_it(other)) {
                self.drop(at, "repeated");
            }
        }
    }

    /// Cards that lead to other pages: a heading that is a link, with a few lines under it, several in a row.
    pub fn cards(&mut self) {
        if !self.is_prose && !self.is_article {
            return;
        }
        let all = self.held(0..self.blocks.len()).prose;
        let is_card = |at: usize| {
            let block = &self.blocks[at];
            matches!(block.line.markup, Markup::Heading(level) if level > 1) && block.link_chars * 10 > block.chars * 9
        };
        let open: Vec<usize> = (0..self.blocks.len()).filter(|at| self.is_open(*at)).collect();
        let mut at = 0;
        while at < open.len() {
            let begins = at;
            let (mut cards, mut prose) = (0, 0);
            while at < open.len() && is_card(open[at]) {
                cards += 1;
                let around = self.tree.elements[self.blocks[open[at]].element].parent;
                at += 1;
                let mut words = 0;
                while at < open.len()
                    && !matches!(self.blocks[open[at]].line.markup, Markup::Heading(_))
                    && self.tree.elements[self.blocks[open[at]].element].parent >= around
                    && words + self.sums[open[at]].own_words <= MAX_CARD_WORDS
                {
                    words += self.sums[open[at]].own_words;
                    prose += self.sums[open[at]].prose;
                    at += 1;
                }
            }
            let most = if self.is_article { ARTICLE_CARDS } else { CARDS };
            let leads_away = prose as f64 <= most * all as f64 && (self.is_article || all - prose >= MIN_PROSE_BESIDE);
            if cards >= MIN_CARDS && leads_away {
                open[begins..at].iter().for_each(|at| self.drop(*at, "related"));
            }
            at = at.max(begins + 1);
        }
    }

    /// "Related pages", "Comments" and what stands under them, to the next heading of the level or the end of the
    /// element that holds both.
    pub fn under_headings(&mut self) {
        let is_text = self.is_prose || self.is_article;
        let held = self.held(0..self.blocks.len());
        let all = held.prose;
        let last = self.last_inside();
        let mut prose_before = 0;
        let mut at = 0;
        while at < self.blocks.len() {
            let Some(name) = self.names_others(at) else {
                prose_before += if self.is_open(at) { self.sums[at].prose } else { 0 };
                at += 1;
                continue;
            };
            let end = self.section_end(at, &last);
            let prose = self.held(at..end).prose;
            // Below an article may stand more than it says itself.
            let is_much_below = self.is_article && prose_before >= MIN_PROSE_BESIDE;
            let most = match name {
                _ if is_much_below => BELOW_ARTICLE,
                COMMENTS => THREAD,
                _ => SECTION,
            };
            // Where lists are the content, only a list of links is another page's, and only a small one.
            let section = self.held(at + 1..end);
            let is_less = if is_text {
                (prose as f64) < most * all as f64
            } else {
                section.links >= 2 && name != COMMENTS && (section.words as f64) < most * held.words as f64
            };
            if end > at + 1 && is_less && prose_before > 0 {
                (at..end).for_each(|at| self.drop(at, name));
            } else {
                prose_before += prose;
            }
            at = end;
        }
    }

    /// What stands under the block, if it is a heading of other pages or of comments by its words or its class.
    fn names_others(&self, at: usize) -> Option<&'static str> {
        let block = &self.blocks[at];
        let hint = &self.tree.elements[block.element].hint;
        if self.is_open(at) {
            return heading_of_others(&block.line.text).filter(|name| *name != COMMENTS || !self.tree.head.is_thread);
        }
        let is_heading = hint.by_words && matches!(block.line.markup, Markup::Heading(_));
        let parent = &self.tree.elements[self.tree.elements[block.element].parent];
        let is_alone = parent.hint.outside.is_none();
        hint.outside.filter(|name| is_heading && is_alone && matches!(*name, "related" | COMMENTS))
    }

    /// For each element the last one inside it.
    fn last_inside(&self) -> Vec<usize> {
        let mut last: Vec<usize> = (0..self.tree.elements.len()).collect();
        for index in (1..last.len()).rev() {
            let parent = self.tree.elements[index].parent;
            last[parent] = last[parent].max(last[index]);
        }
        last
    }

    /// Where the section ends that begins with the block `at`, a heading or a line that stands for one.
    fn section_end(&self, at: usize, last: &[usize]) -> usize {
        let level = |at: usize| match self.blocks[at].line.markup {
            Markup::Heading(level) => Some(level),
            _ => None,
        };
        let is_in = |at: usize, around: usize| (around..=last[around]).contains(&self.blocks[at].element);
        let mut around = self.tree.elements[self.blocks[at].element].parent;
        for _ in 0..MAX_CLIMB {
            if around == 0 || self.blocks.get(at + 1).is_none() || is_in(at + 1, around) {
                break;
            }
            around = self.tree.elements[around].parent;
        }
        let ends = |next: usize| {
            let block = &self.blocks[next];
            let is_next_section = level(next).is_some_and(|next| level(at).is_none_or(|own| next <= own))
                && block.link_chars * 2 < block.chars;
            !is_in(next, around) || is_next_section || level(at).is_none() && block.links == 0
        };
        (at + 1..self.blocks.len()).find(|next| ends(*next)).unwrap_or(self.blocks.len())
    }

    /// A line that only leads on: "Les også: …", or in an article a paragraph that is a link and nothing else.
    pub fn calls(&mut self) {
        let prose = self.held(0..self.blocks.len()).prose;
        for at in 0..self.blocks.len() {
            let block = &self.blocks[at];
            let is_call = block.link_chars * 2 > block.chars
                && self.sums[at].words <= MAX_CALL_WORDS
                && begins_as_call(&block.line.text);
            let is_link = self.is_article
                && self.tree.head.is_news()
                && prose >= MIN_PROSE_BESIDE
                && block.line.markup == Markup::Paragraph
                && block.link_chars * 20 > block.chars * 19;
            if is_call || is_link {
                self.drop(at, "related");
            }
        }
    }

    /// Invitations to subscribe at the end of the page, and an article's last heading if nothing stands under it.
    pub fn at_the_end(&mut self) {
        for at in (0..self.blocks.len()).rev() {
            let line = &self.blocks[at].line;
            if !self.is_open(at) {
                continue;
            }
            if line.markup != Markup::Row && self.sums[at].words <= MAX_INVITATION_WORDS && invites(&line.text) {
                self.drop(at, "sign up");
            } else if self.is_article && self.sums[at].words <= MAX_INVITATION_WORDS && signs_off(&line.text) {
                self.drop(at, "about the author");
            } else if self.is_article && matches!(line.markup, Markup::Heading(level) if level > 1) {
                self.drop(at, "nothing under");
            } else {
                return;
            }
        }
    }

    /// The same words a second time, right behind the first or as a part of a paragraph near by.
    pub fn repeated(&mut self) {
        let mut recent: VecDeque<(usize, Pairs)> = VecDeque::new();
        for at in 0..self.blocks.len() {
            let line = &self.blocks[at].line;
            if !self.is_open(at) || line.markup != Markup::Paragraph || !REPEATED_WORDS.contains(&self.sums[at].words) {
                continue;
            }
            let text = |at: usize| without_ending(&self.blocks[at].line.text);
            // Nearly no paragraph is a part of another, so that is asked in the cheap way first.
            let may_be_part =
                |part: &Pairs, whole: &Pairs| part.iter().zip(whole).all(|(one, other)| one & !other == 0);
            let is_part = |part: usize, whole: usize| text(whole).contains(text(part)) && text(whole) != text(part);
            let pairs = pairs_of(text(at));
            let element = &self.tree.elements[self.blocks[at].element];
            let is_caption = element.hint.is_caption || self.tree.elements[element.parent].hint.is_caption;
            let is_same = |before: usize| text(before) == text(at);
            let is_said_in = |(before, whole): &(usize, Pairs)| {
                may_be_part(&pairs, whole) && (is_part(at, *before) || is_caption && is_same(*before))
            };
            let is_said = recent.iter().any(is_said_in) || recent.back().is_some_and(|(before, _)| is_same(*before));
            if is_said {
                self.drop(at, "repeated");
                continue;
            }
            let is_begun = |(before, part): &&(usize, Pairs)| may_be_part(part, &pairs) && is_part(*before, at);
            if let Some(begun) = recent.iter().find(is_begun).map(|(begun, _)| *begun) {
                self.drop(begun, "repeated");
            }
            recent.push_back((at, pairs));
            if recent.len() > NEAR {
                recent.pop_front();
            }
        }
    }
}

/// Which pairs of neighbouring bytes a text has, by a hash of each: a part of it has no others.
type Pairs = [u64; 4];

fn pairs_of(text: &str) -> Pairs {
    let mut pairs = Pairs::default();
    for pair in text.as_bytes().windows(2) {
        let hash = (u16::from(pair[0]) * 31) ^ u16::from(pair[1]);
        pairs[usize::from(hash >> 6) % 4] |= 1 << (hash % 64);
    }
    pairs
}

/// `<img src="…">` as text: markup that was escaped once too often.
fn is_tag(text: &str) -> bool {
    text.strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .is_some_and(|inside| inside.contains('=') && !inside.contains(['<', '>']))
}

/// The text without what opens and closes the rest of it: "… Les mer", "… more".
fn without_ending(text: &str) -> &str {
    const ENDINGS: [&str; 8] =
        ["read more", "show more", "more", "less", "les mer", "les meir", "vis mer", "vis mindre"];
    let text = text.trim_end();
    let begun = ENDINGS.iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text);
    begun.trim_end_matches(['…', '.', ' '])
}

/// "Foto: Kari Nordmann", "Image 2 of 5", "This slideshow requires JavaScript.": a line about a picture or a player, that
/// tells nothing of what it shows.
fn is_about_media(text: &str) -> bool {
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
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| lower.starts_with(beginning));
    begins(&CREDITS) || begins(&PLAYERS) || LABELS.contains(&lower.as_str()) || is_count_of_images(&lower)
}

/// "1 of 6", "image 2 of 5", "bilde 1 av 3".
fn is_count_of_images(lower: &str) -> bool {
    let words: Vec<&str> = lower.split(' ').collect();
    let words = match words.as_slice() {
        ["image" | "photo" | "slide" | "bilde" | "bilete", rest @ ..] => rest,
        rest => rest,
    };
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    matches!(words, [at, "of" | "av", all] if is_number(at) && is_number(all))
}

/// "Vi bruker informasjonskapsler … Ved å fortsette …": names them, uses them, and asks for something.
fn is_cookie_notice(text: &str) -> bool {
    const MAX_BYTES: usize = 600;
    if text.len() > MAX_BYTES || !names_cookies(text) {
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

fn names_cookies(text: &str) -> bool {
    text.contains("ookie") || text.contains("nformasjonskaps")
}

fn begins_as_call(text: &str) -> bool {
    const CALLS: [&str; 16] = [
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
    let begins: String = text.chars().take(20).flat_map(char::to_lowercase).collect();
    let begins = begins.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_call =
        |call: &str| begins.strip_prefix(call).is_some_and(|rest| rest.trim_start().starts_with([':', '|', '>', '–']));
    CALLS.into_iter().any(is_call)
}

fn invites(text: &str) -> bool {
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

/// "(Reporting by …)", "… contributed to this report.", "Tips oss på …": who wrote an article and how to reach them.
fn signs_off(text: &str) -> bool {
    const BEGINS: [&str; 17] = [
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
    const SAYS: [&str; 2] = ["contributed to this", "may be reached at"];
    let lower = text.to_lowercase();
    let begins = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_address = !lower.contains(' ') && (lower.contains('@') || lower.starts_with("twitter.com/"));
    is_address || BEGINS.iter().any(|words| begins.starts_with(words)) || SAYS.iter().any(|words| lower.contains(words))
}

/// Headings as sites write them above what is not the page's own, from `data/other-pages.txt`.
struct Headings {
    whole: HashMap<&'static str, &'static str>,
    beginnings: Vec<(&'static str, &'static str)>,
}

static HEADINGS: LazyLock<Headings> = LazyLock::new(|| {
    let mut headings = Headings { whole: HashMap::new(), beginnings: Vec::new() };
    let mut name = "related";
    for line in include_str!("../../../data/other-pages.txt").lines().filter(|line| !line.is_empty()) {
        if let Some(comment) = line.strip_prefix('#') {
            name = if comment.contains("comments") { COMMENTS } else { name };
        } else if let Some(beginning) = line.strip_suffix('*') {
            headings.beginnings.push((beginning, name));
        } else {
            headings.whole.insert(line, name);
        }
    }
    headings
});

/// What stands under the heading, if that is other pages or comments.
fn heading_of_others(text: &str) -> Option<&'static str> {
    const MAX_BYTES: usize = 60;
    if text.len() > MAX_BYTES {
        return None;
    }
    let text = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let begins = || HEADINGS.beginnings.iter().find(|(beginning, _)| text.starts_with(beginning));
    HEADINGS.whole.get(text.as_str()).copied().or_else(|| begins().map(|(_, name)| *name))
}
