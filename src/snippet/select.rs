//! Selects the snippet of a passage: the window of one or two sentences that contains most of the query.

use super::cut_sentence::cut_sentence;
use super::highlighter::merge_marks;
use super::token_match::Match;
use super::visible_text::{Snippet, count_visible_chars};
use super::window_score::window_score;
use crate::chunk::{Sentence, sentences};
use crate::model::{LineClass, Passage};

/// A window with fewer characters gets context: the sentence that introduces the list, or neighboring items.
const MIN_CHARS: usize = 60;
/// Weight of a window that begins in the title. With it, such a window scores less than any other window that has
/// matches, but more than a window without matches.
const TITLE_WEIGHT: f64 = 1e-3;
/// Weight of a window that begins in a heading, relative to a window of text. It is less than `COMPONENT_WEIGHT` in
/// `window_score`, so that text with the same words is preferred, even if it has them only as components of compounds.
const HEADING_WEIGHT: f64 = 0.6;
/// Characters that joining two parts of a snippet may add (` … `, `• `).
const SEPARATOR_CHARS: usize = 4;

/// Returns the one or two sentences of a passage that contain most of the query, at most about `max_chars` characters.
///
/// A window is part of one paragraph or covers two neighboring list items. A short item is shown with the sentence that
/// introduces the list, or with its neighbors. A sentence that is longer than `max_chars` is cut. `weight` returns the
/// weight of the query word with the number `Match::word`. The first `title_bytes` of the text are displayed as the
/// title anyway. Text is preferred to a heading with the same words, and text is shown if nothing matches. If only the
/// title or a heading matches, the text below it is selected; the title or heading itself is selected only if no text
/// follows.
pub fn best_snippet(
    passage: &Passage,
    title_bytes: usize,
    matches: &[Match],
    weight: impl Fn(usize) -> f64,
    max_chars: usize,
) -> Snippet {
    let sentences = Sentences { passage, all: sentences(&passage.text) };
    let Some((first, last)) = sentences.best_window(title_bytes, matches, &weight, max_chars) else {
        return Snippet::default();
    };
    let (first, last) = if !matches.is_empty() && sentences.all_in_headings(title_bytes, matches) {
        sentences.window_below(last, title_bytes, max_chars).unwrap_or((first, last))
    } else {
        (first, last)
    };
    let marks = merge_marks(matches);
    if first == last && sentences.chars(first, last) > max_chars {
        sentences.cut(first, matches, &marks, &weight, max_chars)
    } else {
        let (introduction, first, last) = sentences.with_context(first, last, max_chars);
        sentences.render(introduction, first, last, &marks)
    }
}

/// The sentences of a passage, addressed by index.
struct Sentences<'a> {
    passage: &'a Passage,
    all: Vec<Sentence>,
}

impl Sentences<'_> {
    /// The first and last sentence of the best window. `None` if the passage has no sentence.
    fn best_window(
        &self,
        title_bytes: usize,
        matches: &[Match],
        weight: &impl Fn(usize) -> f64,
        max_chars: usize,
    ) -> Option<(usize, usize)> {
        let mut best: Option<((f64, bool, f64), usize, usize)> = None;
        for (first, sentence) in self.all.iter().enumerate() {
            let is_text = !self.is_heading(sentence, title_bytes);
            let window_weight = match is_text {
                true => 1.0,
                false if sentence.start < title_bytes => TITLE_WEIGHT,
                false => HEADING_WEIGHT,
            };
            let first_score = window_score(matches, sentence.start, sentence.end, weight) * window_weight;
            for last in first..=first + usize::from(self.may_extend(first)) {
                let score = window_score(matches, sentence.start, self.all[last].end, weight) * window_weight;
                // Of windows with equal scores, text is preferred to headings, then the window whose first sentence
                // scores more, then the first window, then the longer.
                let rank = (score, is_text, first_score);
                let is_better = best.is_none_or(|(best_rank, best_first, _)| {
                    rank > best_rank || (rank, first) == (best_rank, best_first)
                });
                if is_better && (last == first || self.chars(first, last) <= max_chars) {
                    best = Some((rank, first, last));
                }
            }
        }
        best.map(|(_, first, last)| (first, last))
    }

    /// Whether every match is in a heading or in the title.
    fn all_in_headings(&self, title_bytes: usize, matches: &[Match]) -> bool {
        let contains = |sentence: &Sentence, found: &Match| found.start >= sentence.start && found.end <= sentence.end;
        let headings = self.all.iter().filter(|sentence| self.is_heading(sentence, title_bytes));
        matches.iter().all(|found| headings.clone().any(|heading| contains(heading, found)))
    }

    /// The first window of text after a sentence, skipping headings. `None` if only headings follow.
    fn window_below(&self, index: usize, title_bytes: usize, max_chars: usize) -> Option<(usize, usize)> {
        let is_text = |index: &usize| !self.is_heading(&self.all[*index], title_bytes);
        let first = (index + 1..self.all.len()).find(is_text)?;
        let extends = self.may_extend(first) && self.chars(first, first + 1) <= max_chars;
        Some((first, first + usize::from(extends)))
    }

    fn is_heading(&self, sentence: &Sentence, title_bytes: usize) -> bool {
        sentence.start < title_bytes || self.class(sentence) == LineClass::Heading
    }

    /// Renders the best part of a sentence that is too long.
    fn cut(
        &self,
        index: usize,
        matches: &[Match],
        marks: &[(usize, usize)],
        weight: &impl Fn(usize) -> f64,
        max_chars: usize,
    ) -> Snippet {
        let text = &self.passage.text;
        let Sentence { start, end, .. } = self.all[index];
        let (cut_start, cut_end) = cut_sentence(text, start, end, matches, weight, max_chars);
        let mut snippet = Snippet { start: cut_start, ..Snippet::default() };
        snippet.text.push_str(if cut_start > start { "…" } else { "" });
        snippet.push(text, cut_start, cut_end, marks);
        snippet.text.push_str(if cut_end < end { "…" } else { "" });
        snippet
    }

    /// Renders a window, preceded by the sentence that introduces it. List items get bullets if there is an
    /// introduction or more than one of them.
    fn render(&self, introduction: Option<usize>, first: usize, last: usize, marks: &[(usize, usize)]) -> Snippet {
        let text = &self.passage.text;
        let mut snippet = Snippet { start: self.all[introduction.unwrap_or(first)].start, ..Snippet::default() };
        if let Some(introduction) = introduction {
            let Sentence { start, end, paragraph } = self.all[introduction];
            snippet.push(text, start, end, marks);
            snippet.text.push_str(if paragraph + 1 < self.all[first].paragraph { " … " } else { " " });
        }
        let has_bullets = introduction.is_some() || self.all[first].paragraph < self.all[last].paragraph;
        let window = &self.all[first..=last];
        for (number, paragraph) in window.chunk_by(|one, next| one.paragraph == next.paragraph).enumerate() {
            let (begin, end) = (&paragraph[0], &paragraph[paragraph.len() - 1]);
            if number > 0 {
                snippet.text.push(' ');
            }
            if has_bullets && self.class(begin) == LineClass::Item {
                snippet.text.push_str("• ");
            }
            snippet.push(text, begin.start, end.end, marks);
        }
        snippet
    }

    fn class(&self, sentence: &Sentence) -> LineClass {
        self.passage.classes.get(sentence.paragraph).copied().unwrap_or(LineClass::Content)
    }

    fn is_item(&self, index: usize) -> bool {
        self.all.get(index).is_some_and(|sentence| self.class(sentence) == LineClass::Item)
    }

    /// Whether a window may extend from a sentence into the next.
    fn may_extend(&self, index: usize) -> bool {
        let next = self.all.get(index + 1);
        next.is_some_and(|next| {
            next.paragraph == self.all[index].paragraph || self.is_item(index) && self.is_item(index + 1)
        })
    }

    /// Number of visible characters in a window, without separators.
    fn chars(&self, first: usize, last: usize) -> usize {
        count_visible_chars(&self.passage.text[self.all[first].start..self.all[last].end])
    }

    /// Adds context to a short window as far as it fits into `max_chars`: the sentence that introduces it, otherwise
    /// neighboring items. Returns the introduction and the window.
    fn with_context(&self, first: usize, last: usize, max_chars: usize) -> (Option<usize>, usize, usize) {
        let chars = self.chars(first, last);
        if chars >= MIN_CHARS {
            return (None, first, last);
        }
        let fits =
            |introduction: &usize| self.chars(*introduction, *introduction) + chars + SEPARATOR_CHARS <= max_chars;
        let introduction = self.introduction(first).filter(fits);
        let (mut first, mut last) = (first, last);
        if introduction.is_none() && self.is_item(first) {
            while self.chars(first, last) < MIN_CHARS {
                let fits = |first, last| self.chars(first, last) + SEPARATOR_CHARS <= max_chars;
                if self.is_item(last + 1) && fits(first, last + 1) {
                    last += 1;
                } else if first > 0 && self.is_item(first - 1) && fits(first - 1, last) {
                    first -= 1;
                } else {
                    break;
                }
            }
        }
        (introduction, first, last)
    }

    /// The sentence before the list that an item belongs to, or for other text the last sentence of the preceding
    /// paragraph if it ends with a colon. Never a heading.
    fn introduction(&self, index: usize) -> Option<usize> {
        let paragraph = self.all[index].paragraph;
        let is_item = self.is_item(index);
        let mut preceding = (0..index).rev().filter(|other| self.all[*other].paragraph < paragraph);
        let candidate = preceding.find(|other| !is_item || !self.is_item(*other))?;
        let sentence = &self.all[candidate];
        let introduces = is_item || self.passage.text[sentence.start..sentence.end].ends_with(':');
        (introduces && self.class(sentence) == LineClass::Content).then_some(candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::norwegian::Standard;
    use crate::query::{Synonyms, parse};
    use crate::snippet::highlighter::Highlighter;
    use crate::snippet::visible_text::full_snippet;

    fn passage(text: &str) -> Passage {
        let kind = |block: &str| match block.chars().next() {
            Some('•') => LineClass::Item,
            Some('#') => LineClass::Heading,
            _ => LineClass::Content,
        };
        Passage { text: text.to_string(), classes: text.split("\n\n").map(kind).collect(), ..Passage::default() }
    }

    fn check(text: &str, query: &str, max_chars: usize, expected: &str) {
        let matches = Highlighter::new(&parse(query, &Synonyms::builtin())).matches(text, Standard::Both);
        let snippet = best_snippet(&passage(text), 0, &matches, |_| 1.0, max_chars);
        let mut shown = snippet.text.clone();
        for (start, end) in snippet.marks.iter().rev() {
            shown.insert(*end, ']');
            shown.insert(*start, '[');
        }
        assert_eq!(shown, expected, "{query}");
    }

    #[test]
    fn selects_whole_sentences_and_marks_matches() {
        let text = "Første setning er her. Barna har taushetsplikten imot seg. Siste setning.";
        check(text, "taushetsplikt", 60, "Barna har [taushetsplikten] imot seg. Siste setning.");
        check(text, "taushetsplikt", 40, "Barna har [taushetsplikten] imot seg.");
        check(text, "ukjent", 30, "Første setning er her.");
    }

    #[test]
    fn prefers_the_word_itself_to_compounds() {
        check("Hundeeieren plukker opp hundemøkk. Hunden er i bånd. Slutt.", "hund", 25, "[Hunden] er i bånd. Slutt.");
    }

    #[test]
    fn cuts_a_long_sentence_between_words() {
        let text = "En veldig lang setning som aldri ser ut til å ta slutt og der taushetsplikt står langt ute i teksten et sted";
        check(text, "taushetsplikt", 40, "…og der [taushetsplikt] står langt ute i…");
    }

    #[test]
    fn a_window_stays_within_its_paragraph() {
        check("Overskrift\n\nBarn er her.\n\nUnge er der.", "barn", 200, "[Barn] er her.");
        check("Barn er brutt\nover to linjer.", "linje", 200, "Barn er brutt over to [linjer].");
    }

    #[test]
    fn marks_the_words_of_a_phrase_only_in_the_phrase() {
        check("Unge og barn. Barn og unge.", "\"barn og unge\"", 200, "[Barn] [og] [unge].");
    }

    #[test]
    fn does_not_repeat_the_title() {
        let text = "Om barn\n\nHer står noe. Om barn og unge.";
        let matches = Highlighter::new(&parse("barn", &Synonyms::builtin())).matches(text, Standard::Both);
        assert_eq!(best_snippet(&passage(text), 7, &matches, |_| 1.0, 16).text, "Om barn og unge.");
        assert_eq!(best_snippet(&passage("Om barn\n\nAnnet."), 7, &matches[..1], |_| 1.0, 200).text, "Annet.");
    }

    #[test]
    fn a_match_in_the_title_alone_shows_the_text_below() {
        let matches_in =
            |text: &str| Highlighter::new(&parse("barn", &Synonyms::builtin())).matches(text, Standard::Both);
        let text = "Om barn\n\n# Innledning\n\nHer er teksten. Den er kort. Den tar slutt.";
        let snippet = best_snippet(&passage(text), 7, &matches_in(text), |_| 1.0, 40);
        assert_eq!((snippet.text.as_str(), snippet.start), ("Her er teksten. Den er kort.", 23));
        assert!(snippet.marks.is_empty());
        assert_eq!(best_snippet(&passage("Om barn"), 7, &matches_in("Om barn"), |_| 1.0, 200).text, "Om barn");
    }

    #[test]
    fn a_match_in_a_heading_alone_shows_the_text_below() {
        check("# Tiltak for barn\n\nKommunen har ansvaret. Slutt.", "barn", 25, "Kommunen har ansvaret.");
        check("# Barn\n\n# Ansvar\n\nKommunen har ansvaret.", "barn", 200, "Kommunen har ansvaret.");
        check("Før.\n\n# Barn\n\n• skole\n\n• helse\n\nEtter.", "barn", 200, "• skole • helse");
        check("# Barn\n\nEn lang setning uten treff som må kortes.", "barn", 20, "En lang setning uten…");
        check("Kommunen har ansvaret.\n\n# Barn", "barn", 200, "# [Barn]");
    }

    #[test]
    fn a_match_in_a_heading_and_its_text_shows_the_best_window() {
        check("# Barn\n\nSkolen har barn og unge.", "unge barn", 200, "Skolen har [barn] og [unge].");
        check("# Barn og unge\n\nSkolen har unge.", "unge barn", 200, "# [Barn] og [unge]");
        check("# Skole\n\nIngenting her. Mer.", "barn", 200, "Ingenting her. Mer.");
        check("# Skole\n\n# Mer", "barn", 200, "# Skole");
    }

    #[test]
    fn text_with_the_words_of_its_heading_is_selected() {
        check("# Permisjon\n\nDu kan få permisjon. Slutt.", "permisjon", 25, "Du kan få [permisjon].");
        check("# Permisjon\n\nSøk her. Du kan få permisjon.", "permisjon", 99, "Du kan få [permisjon].");
        check("# Permisjon\n\nDu får foreldrepermisjon.", "permisjon", 99, "Du får foreldre[permisjon].");
        check("# Barn, barn\n\nSlik er det. Et barn.", "barn", 12, "Et [barn].");
        check("Tekst.\n\n# Ferie\n\n• ferie\n\n• mer", "ferie", 99, "• [ferie] • mer");
    }

    #[test]
    fn omits_the_bullet_of_a_single_item() {
        check("# Lead\n\n• strukturer for barn", "barn", 200, "strukturer for [barn]");
    }

    #[test]
    fn shows_a_short_item_with_its_introduction_or_neighbors() {
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
    fn removes_invisible_characters() {
        check("Tau\u{ad}shets\u{ad}plik\u{200b}ten gjelder.", "plikt", 200, "Taushets[plikten] gjelder.");
        let text = "Tau\u{ad}shets\u{ad}plik\u{200b}ten gjelder.";
        let matches = Highlighter::new(&parse("plikt", &Synonyms::builtin())).matches(text, Standard::Both);
        let shown = best_snippet(&passage(text), 0, &matches, |_| 1.0, 200);
        assert_eq!(shown.passage_marks, [(12, 22)]);
        assert_eq!(shown.marks.len(), 1);
    }

    #[test]
    fn marks_both_components_of_a_suspended_compound() {
        check("Gi støtte- og veiledningsressurser.", "støtteressurser", 99, "Gi [støtte-] og veilednings[ressurser].");
        check("God samarbeidskultur og -praksis.", "samarbeidspraksis", 99, "God [samarbeid]skultur og [-praksis].");
    }

    #[test]
    fn marks_a_shared_letter_with_the_first_component() {
        check("Ved busstoppet.", "buss", 99, "Ved [buss]toppet.");
        check("Ved busstoppet.", "stopp", 99, "Ved bus[stoppet].");
    }

    #[test]
    fn never_cuts_a_word() {
        let text = format!("{} taushetsplikten {}", "ord ".repeat(30), "mer ".repeat(30));
        for length in 1..40 {
            let matches = Highlighter::new(&parse("plikt", &Synonyms::builtin())).matches(&text, Standard::Both);
            let shown = best_snippet(&passage(&text), 0, &matches, |_| 1.0, length);
            assert!(shown.text.contains("taushetsplikten"), "{shown:?}");
            let words = shown.text.split(['…', ' ']).filter(|word| !word.is_empty());
            assert!(words.into_iter().all(|word| ["ord", "taushetsplikten", "mer"].contains(&word)), "{shown:?}");
        }
    }

    #[test]
    fn full_snippet_keeps_paragraphs() {
        let text = "# Om\u{ad} barn\n\nDet er barn\nder.";
        let matches = Highlighter::new(&parse("barn", &Synonyms::builtin())).matches(text, Standard::Both);
        let shown = full_snippet(&passage(text), &matches);
        assert_eq!(shown.text, "# Om barn\n\nDet er barn der.");
        assert_eq!(shown.marks, [(5, 9), (18, 22)]);
        assert_eq!(shown.passage_marks, [(7, 11), (20, 24)]);
    }

    #[test]
    fn marks_a_hyphenated_word_once() {
        check("I 0-24-samarbeidet er alle med.", "0-24-samarbeid", 200, "I [0-24-samarbeidet] er alle med.");
        check("I 0-24-samarbeidet er alle med.", "samarbeid", 200, "I 0-24-[samarbeidet] er alle med.");
    }
}
