//! Given a passage and a query, which window of it is worth reading, and what in it matched?

mod matches;
mod ways;
mod window;

pub use matches::{Highlighter, Match, marks};
pub(crate) use matches::{add_near, add_phrase, find_near, find_phrase, has_form, has_lemma, starts};
pub use ways::{MatchExplainer, MatchKind, WordMatch};

use serde::Serialize;

use crate::chunk::{Sentence, paragraphs, sentences};
use crate::model::{LineClass, Passage};
use crate::norwegian::{is_invisible, may_have_invisible};

/// A window of a passage.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Snippet {
    /// Text of the passage without what can't be seen, line breaks as spaces, `…` where a sentence is cut or text is
    /// left out.
    pub text: String,
    /// Byte ranges in `text` of what matched, in order, none touching another.
    pub marks: Vec<(usize, usize)>,
    /// For each mark the byte range in the passage's text.
    #[serde(skip)]
    pub places: Vec<(usize, usize)>,
    /// Where in the passage's text the window begins.
    #[serde(skip)]
    pub start: usize,
}

/// Shorter items of a list tell nothing alone.
const SHORT_CHARS: usize = 60;
/// What a match counts that is shown already: less than any that isn't.
const SHOWN_PART: f64 = 1e-3;

/// The one or two sentences of a passage in which most of the query stands, of about `max_chars` characters at
/// the most: of one paragraph, or of two neighbouring items of a list. A short item is shown with the line that leads
/// into the list, or with its neighbours. `weight` tells how much a word of the query counts, by its number in
/// `matches`. The first `shown` bytes of the text are read elsewhere already, as a title is: they are taken only where
/// the query stands nowhere else.
pub fn snippet(
    passage: &Passage,
    shown: usize,
    matches: &[Match],
    weight: impl Fn(usize) -> f64,
    max_chars: usize,
) -> Snippet {
    let list = Sentences { passage, all: sentences(&passage.text) };
    let mut best: Option<(f64, f64, usize, usize)> = None;
    for (index, first) in list.all.iter().enumerate() {
        let part = if first.start < shown { SHOWN_PART } else { 1.0 };
        let in_first = window_score(matches, first.start, first.end, &weight) * part;
        for last in index..=index + usize::from(list.goes_on(index)) {
            let end = list.all[last].end;
            let score = window_score(matches, first.start, end, &weight) * part;
            // Of equal windows the one that begins with more of the query, then the first, then the longer.
            let is_better = best.is_none_or(|(top, top_first, start, _)| {
                (score, in_first) > (top, top_first) || (score, in_first, index) == (top, top_first, start)
            });
            if is_better && (last == index || list.chars(index, last) <= max_chars) {
                best = Some((score, in_first, index, last));
            }
        }
    }
    let Some((_, _, first, last)) = best else {
        return Snippet::default();
    };
    let mut shown = Snippet { start: list.all[first].start, ..Snippet::default() };
    let marks = marks(matches);
    if first == last && list.chars(first, last) > max_chars {
        let Sentence { start, end, .. } = list.all[first];
        let (from, to) = window::cut(&passage.text, start, end, matches, &weight, max_chars);
        shown.start = from;
        shown.text.push_str(if from > start { "…" } else { "" });
        shown.push(&passage.text, from, to, &marks);
        shown.text.push_str(if to < end { "…" } else { "" });
        return shown;
    }
    let (lead, first, last) = list.with_context(first, last, max_chars);
    if let Some(lead) = lead {
        let Sentence { start, end, paragraph } = list.all[lead];
        shown.start = start;
        shown.push(&passage.text, start, end, &marks);
        shown.text.push_str(if paragraph + 1 < list.all[first].paragraph { " … " } else { " " });
    } else {
        shown.start = list.all[first].start;
    }
    let is_list = lead.is_some() || list.all[first].paragraph < list.all[last].paragraph;
    for sentences in list.all[first..=last].chunk_by(|one, next| one.paragraph == next.paragraph) {
        let (begin, end) = (&sentences[0], &sentences[sentences.len() - 1]);
        if !std::ptr::eq(begin, &list.all[first]) {
            shown.text.push(' ');
        }
        if is_list && list.kind(begin) == LineClass::Item {
            shown.text.push_str("• ");
        }
        shown.push(&passage.text, begin.start, end.end, &marks);
    }
    shown
}

/// The whole passage with its marks, paragraphs set apart by an empty line.
pub fn whole(passage: &Passage, matches: &[Match]) -> Snippet {
    let marks = marks(matches);
    let mut shown = Snippet::default();
    for (start, paragraph) in paragraphs(&passage.text) {
        if start > 0 {
            shown.text.push_str("\n\n");
        }
        shown.push(&passage.text, start, start + paragraph.len(), &marks);
    }
    shown
}

/// The bytes `start..end` of a text as `whole` shows them, given all marks in the text.
pub fn visible(text: &str, start: usize, end: usize, marks: &[(usize, usize)]) -> Snippet {
    let mut shown = Snippet { start, ..Snippet::default() };
    shown.push(text, start, end, marks);
    shown
}

impl Snippet {
    /// Adds a range of a text with the marks in it.
    fn push(&mut self, text: &str, start: usize, end: usize, marks: &[(usize, usize)]) {
        let mut at = start;
        for &(from, to) in marks.iter().filter(|(from, to)| *from >= start && *to <= end) {
            self.push_visible(&text[at..from]);
            let begin = self.text.len();
            self.push_visible(&text[from..to]);
            if begin < self.text.len() {
                self.marks.push((begin, self.text.len()));
                self.places.push((from, to));
            }
            at = to;
        }
        self.push_visible(&text[at..end]);
    }

    fn push_visible(&mut self, text: &str) {
        // What is unseen is invisible or of general punctuation.
        if may_have_invisible(text) || text.contains('\n') {
            self.text.extend(text.chars().filter(|c| !is_unseen(*c)).map(|c| if c == '\n' { ' ' } else { c }));
        } else {
            self.text.push_str(text);
        }
    }
}

/// Takes no room, or only turns the direction of what follows.
fn is_unseen(c: char) -> bool {
    is_invisible(c) || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// As a reader counts them.
fn visible_chars(text: &str) -> usize {
    if may_have_invisible(text) { text.chars().filter(|c| !is_unseen(*c)).count() } else { text.chars().count() }
}

/// The sentences of a passage, by their numbers.
struct Sentences<'a> {
    passage: &'a Passage,
    all: Vec<Sentence>,
}

impl Sentences<'_> {
    fn kind(&self, sentence: &Sentence) -> LineClass {
        self.passage.classes.get(sentence.paragraph).copied().unwrap_or(LineClass::Content)
    }

    fn is_item(&self, number: usize) -> bool {
        self.all.get(number).is_some_and(|sentence| self.kind(sentence) == LineClass::Item)
    }

    /// Whether a window may reach from a sentence into the next.
    fn goes_on(&self, number: usize) -> bool {
        let next = self.all.get(number + 1);
        next.is_some_and(|next| {
            next.paragraph == self.all[number].paragraph || self.is_item(number) && self.is_item(number + 1)
        })
    }

    /// Characters of a window, about.
    fn chars(&self, first: usize, last: usize) -> usize {
        visible_chars(&self.passage.text[self.all[first].start..self.all[last].end])
    }

    /// What a window is shown with, if both go into `max_chars`: the sentence that leads into it, and the window with
    /// the items beside it.
    fn with_context(&self, first: usize, last: usize, max_chars: usize) -> (Option<usize>, usize, usize) {
        let chars = self.chars(first, last);
        if chars >= SHORT_CHARS {
            return (None, first, last);
        }
        let lead = self.lead_in(first).filter(|lead| self.chars(*lead, *lead) + chars + 4 <= max_chars);
        let (mut first, mut last) = (first, last);
        if lead.is_none() && self.is_item(first) {
            while self.chars(first, last) < SHORT_CHARS {
                let fits = |first, last| self.chars(first, last) + 4 <= max_chars;
                if self.is_item(last + 1) && fits(first, last + 1) {
                    last += 1;
                } else if first > 0 && self.is_item(first - 1) && fits(first - 1, last) {
                    first -= 1;
                } else {
                    break;
                }
            }
        }
        (lead, first, last)
    }

    /// The sentence before the list that an item is in, or one that ends with a colon before a paragraph; never a
    /// heading.
    fn lead_in(&self, number: usize) -> Option<usize> {
        let paragraph = self.all[number].paragraph;
        let is_item = self.is_item(number);
        let mut before = (0..number).rev().filter(|other| self.all[*other].paragraph < paragraph);
        let lead = before.find(|other| !is_item || !self.is_item(*other))?;
        let sentence = &self.all[lead];
        let is_lead = is_item || self.passage.text[sentence.start..sentence.end].ends_with(':');
        (is_lead && self.kind(sentence) == LineClass::Content).then_some(lead)
    }
}

/// What a word counts that stands there as a part of a compound only.
const PART: f64 = 0.7;
/// And each time that it comes again.
const AGAIN: f64 = 0.05;

/// Every word of the query counts once, at its best, and a little for each time it comes again.
fn window_score(matches: &[Match], start: usize, end: usize, weight: &impl Fn(usize) -> f64) -> f64 {
    let mut score = 0.0;
    let mut seen: Vec<(usize, f64)> = Vec::new();
    for found in matches.iter().filter(|found| found.start >= start && found.end <= end) {
        let worth = if found.is_part { PART } else { 1.0 };
        match seen.iter_mut().find(|(word, _)| *word == found.word) {
            Some((word, best)) => {
                score += weight(*word) * (AGAIN + (worth - *best).max(0.0));
                *best = best.max(worth);
            }
            None => {
                score += weight(found.word) * worth;
                seen.push((found.word, worth));
            }
        }
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::norwegian::Standard;
    use crate::query::{Synonyms, parse};

    fn passage(text: &str) -> Passage {
        let kind = |block: &str| match block.chars().next() {
            Some('•') => LineClass::Item,
            Some('#') => LineClass::Heading,
            _ => LineClass::Content,
        };
        Passage { text: text.to_string(), classes: text.split("\n\n").map(kind).collect(), ..Passage::default() }
    }

    fn check(text: &str, query: &str, max_chars: usize, expected: &str) {
        let matches = Highlighter::of(&parse(query, &Synonyms::builtin())).matches(text, Standard::Both);
        let snippet = snippet(&passage(text), 0, &matches, |_| 1.0, max_chars);
        let mut shown = snippet.text.clone();
        for (start, end) in snippet.marks.iter().rev() {
            shown.insert(*end, ']');
            shown.insert(*start, '[');
        }
        assert_eq!(shown, expected, "{query}");
    }

    #[test]
    fn the_window_is_whole_sentences_with_the_matches_marked() {
        let text = "Første setning er her. Barna har taushetsplikten imot seg. Siste setning.";
        check(text, "taushetsplikt", 60, "Barna har [taushetsplikten] imot seg. Siste setning.");
        check(text, "taushetsplikt", 40, "Barna har [taushetsplikten] imot seg.");
        check(text, "ukjent", 30, "Første setning er her.");
    }

    #[test]
    fn the_word_itself_is_shown_rather_than_compounds_with_it() {
        check("Hundeeieren plukker opp hundemøkk. Hunden er i bånd. Slutt.", "hund", 25, "[Hunden] er i bånd. Slutt.");
    }

    #[test]
    fn a_long_sentence_is_cut_between_words() {
        let text = "En veldig lang setning som aldri ser ut til å ta slutt og der taushetsplikt står langt ute i teksten et sted";
        check(text, "taushetsplikt", 40, "…og der [taushetsplikt] står langt ute i…");
    }

    #[test]
    fn a_window_never_leaves_its_paragraph() {
        check("Overskrift\n\nBarn er her.\n\nUnge er der.", "barn", 200, "[Barn] er her.");
        check("Barn er brutt\nover to linjer.", "linje", 200, "Barn er brutt over to [linjer].");
    }

    #[test]
    fn a_phrase_is_marked_where_it_stands_and_nowhere_else() {
        check("Unge og barn. Barn og unge.", "\"barn og unge\"", 200, "[Barn] [og] [unge].");
    }

    #[test]
    fn what_is_shown_as_the_title_is_not_shown_again() {
        let text = "Om barn\n\nHer står noe. Om barn og unge.";
        let matches = Highlighter::of(&parse("barn", &Synonyms::builtin())).matches(text, Standard::Both);
        assert_eq!(snippet(&passage(text), 7, &matches, |_| 1.0, 16).text, "Om barn og unge.");
        assert_eq!(snippet(&passage("Om barn\n\nAnnet."), 7, &matches, |_| 1.0, 200).text, "Om barn");
    }

    #[test]
    fn the_bullet_of_an_item_is_left_out() {
        check("# Lead\n\n• strukturer for barn", "barn", 200, "strukturer for [barn]");
    }

    #[test]
    fn a_short_item_is_shown_with_what_leads_into_it_or_with_its_neighbours() {
        let list = "Målene er flere:\n\n• økonomi\n\n• ledelse\n\n• bedre tilbud";
        check(list, "økonomi", 200, "Målene er flere: • [økonomi] • ledelse");
        check(list, "tilbud", 200, "Målene er flere: … • bedre [tilbud]");
        check(list, "økonomi ledelse", 200, "Målene er flere: • [økonomi] • [ledelse]");
        check(list, "økonomi", 25, "• [økonomi] • ledelse");
        check("# Mål\n\n• økonomi\n\n• ledelse", "ledelse", 200, "• økonomi • [ledelse]");
        check("# Mål\n\nØkonomi.", "økonomi", 200, "[Økonomi].");
        check("# Mål\n\nDe er:\n\nØkonomi.", "økonomi", 200, "De er: [Økonomi].");
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        check("Tau\u{ad}shets\u{ad}plik\u{200b}ten gjelder.", "plikt", 200, "Taushets[plikten] gjelder.");
        let text = "Tau\u{ad}shets\u{ad}plik\u{200b}ten gjelder.";
        let matches = Highlighter::of(&parse("plikt", &Synonyms::builtin())).matches(text, Standard::Both);
        let shown = snippet(&passage(text), 0, &matches, |_| 1.0, 200);
        assert_eq!(shown.places, [(12, 22)]);
        assert_eq!(shown.marks.len(), 1);
    }

    #[test]
    fn both_halves_of_a_suspended_compound_are_marked() {
        check("Gi støtte- og veiledningsressurser.", "støtteressurser", 99, "Gi [støtte-] og veilednings[ressurser].");
        check("God samarbeidskultur og -praksis.", "samarbeidspraksis", 99, "God [samarbeid]skultur og [-praksis].");
    }

    #[test]
    fn a_letter_that_two_pieces_share_is_marked_with_the_first() {
        check("Ved busstoppet.", "buss", 99, "Ved [buss]toppet.");
        check("Ved busstoppet.", "stopp", 99, "Ved bus[stoppet].");
    }

    #[test]
    fn no_word_is_cut() {
        let text = format!("{} taushetsplikten {}", "ord ".repeat(30), "mer ".repeat(30));
        for length in 1..40 {
            let matches = Highlighter::of(&parse("plikt", &Synonyms::builtin())).matches(&text, Standard::Both);
            let shown = snippet(&passage(&text), 0, &matches, |_| 1.0, length);
            assert!(shown.text.contains("taushetsplikten"), "{shown:?}");
            let words = shown.text.split(['…', ' ']).filter(|word| !word.is_empty());
            assert!(words.into_iter().all(|word| ["ord", "taushetsplikten", "mer"].contains(&word)), "{shown:?}");
        }
    }

    #[test]
    fn the_whole_passage_keeps_its_paragraphs() {
        let text = "# Om\u{ad} barn\n\nDet er barn\nder.";
        let matches = Highlighter::of(&parse("barn", &Synonyms::builtin())).matches(text, Standard::Both);
        let shown = whole(&passage(text), &matches);
        assert_eq!(shown.text, "# Om barn\n\nDet er barn der.");
        assert_eq!(shown.marks, [(5, 9), (18, 22)]);
        assert_eq!(shown.places, [(7, 11), (20, 24)]);
    }

    #[test]
    fn a_hyphenated_word_is_marked_once() {
        check("I 0-24-samarbeidet er alle med.", "0-24-samarbeid", 200, "I [0-24-samarbeidet] er alle med.");
        check("I 0-24-samarbeidet er alle med.", "samarbeid", 200, "I 0-24-[samarbeidet] er alle med.");
    }
}
