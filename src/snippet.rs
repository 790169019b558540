//! Given a passage and a query, which window of it is worth reading, and what in it matched?

use serde::Serialize;

use crate::norwegian::{self, Occurrence, Standard};
use crate::passage::{Sentence, sentences};
use crate::query::{Near, Phrase, Query, runs};

/// A window of a passage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snippet {
    /// Text of the passage, line breaks as spaces, `…` where a sentence is cut.
    pub text: String,
    /// Byte ranges in `text` of what matched, in order, none touching another.
    pub marks: Vec<(usize, usize)>,
    /// Where in the passage's text the window begins.
    #[serde(skip)]
    pub start: usize,
}

/// A place of a text that matches the query.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub start: usize,
    pub end: usize,
    /// Which of the query's words it is; words of a phrase share the phrase's number.
    pub word: usize,
}

/// Everything in `text`, read in its standard, that the query looks for, in order. The words of a phrase match
/// where the whole phrase stands, those of a synonym with the number of the word that it stands for.
pub fn matches(text: &str, standard: Standard, query: &Query) -> Vec<Match> {
    let words = norwegian::analyze(text, standard);
    let mut found = Vec::new();
    let finding: Vec<_> = query.finding_words().collect();
    for (number, word) in finding.iter().enumerate() {
        if word.is_quoted {
            continue;
        }
        for synonym in &word.synonyms {
            find_phrase(&words, &synonym.phrase, number, &mut found);
        }
        let found_before = found.len();
        for here in &words {
            if has_lemma(here, &word.lemmas) || !here.is_implied && here.word.exact() == word.exact {
                found.push(Match { start: here.start, end: here.end, word: number });
            } else if !here.is_implied {
                found.extend(part_match(here, &word.lemmas, number));
            }
        }
        // A part of a suspended compound stands beside it nearly always, and is marked there.
        if found.len() == found_before {
            let implied = words.iter().filter(|here| here.is_implied);
            found.extend(implied.filter_map(|here| part_match(here, &word.lemmas, number)));
        }
    }
    for (number, phrase) in query.phrases.iter().enumerate() {
        find_phrase(&words, phrase, finding.len() + number, &mut found);
    }
    let others = finding.len() + query.phrases.len();
    for (number, near) in query.nears.iter().enumerate() {
        find_near(&words, near, others + number, &mut found);
    }
    for (number, pattern) in query.finding_patterns().enumerate() {
        let forms = pattern.forms.as_deref().unwrap_or(&[]);
        let is_asked = |here: &&Occurrence| has_form(here, forms);
        let number = others + query.nears.len() + number;
        let at = |here: &Occurrence| Match { start: here.start, end: here.end, word: number };
        found.extend(words.iter().filter(is_asked).map(at));
    }
    found.sort_by_key(|found| (found.start, found.end));
    found
}

fn has_lemma(here: &Occurrence, lemmas: &[String]) -> bool {
    here.word.lemmas().any(|lemma| lemmas.iter().any(|asked| asked == lemma))
}

fn has_form(here: &Occurrence, forms: &[String]) -> bool {
    !here.is_implied && forms.iter().any(|form| form == here.word.exact())
}

fn part_match(here: &Occurrence, lemmas: &[String], word: usize) -> Option<Match> {
    let (_, (start, end)) = here.parts().find(|(key, _)| lemmas.iter().any(|lemma| lemma == key))?;
    Some(Match { start, end, word })
}

fn find_phrase(words: &[Occurrence], phrase: &Phrase, number: usize, found: &mut Vec<Match>) {
    let at = |here: &Occurrence| Match { start: here.start, end: here.end, word: number };
    match phrase {
        Phrase::Exact(word) => {
            found.extend(words.iter().filter(|here| !here.is_implied && here.word.exact() == word).map(at));
        }
        Phrase::Lemmas(places) => {
            find_row(words, places, |here, (place, lemmas)| has_lemma(here, lemmas).then_some(*place), number, found);
        }
        Phrase::Row(places) => {
            let has = |here: &Occurrence, exact: &String| !here.is_implied && here.word.exact() == exact;
            find_row(words, places, |here, (place, exact)| has(here, exact).then_some(*place), number, found);
        }
    }
}

/// Finds words in a row: `stands` gives the place of a word in it where it is this one.
fn find_row<T>(
    words: &[Occurrence],
    row: &[T],
    stands: impl Fn(&Occurrence, &T) -> Option<usize>,
    number: usize,
    found: &mut Vec<Match>,
) {
    let Some(first) = row.first() else {
        return;
    };
    for begin in words.iter().filter(|here| stands(here, first).is_some()) {
        let all: Option<Vec<&Occurrence>> = row
            .iter()
            .map(|word| {
                let is_there = |here: &&Occurrence| {
                    stands(here, word).is_some_and(|place| here.position == begin.position + place as u32)
                };
                words.iter().find(is_there)
            })
            .collect();
        let at = |here: &Occurrence| Match { start: here.start, end: here.end, word: number };
        found.extend(all.into_iter().flatten().map(at));
    }
}

fn find_near(words: &[Occurrence], near: &Near, number: usize, found: &mut Vec<Match>) {
    let is_one = |here: &Occurrence, keys: &[String]| {
        if near.is_exact { has_form(here, keys) } else { has_lemma(here, keys) }
    };
    let places = |keys: &Vec<String>| {
        let mut places: Vec<u32> = words.iter().filter(|here| is_one(here, keys)).map(|here| here.position).collect();
        places.dedup();
        places
    };
    let places: Vec<Vec<u32>> = near.words.iter().map(places).collect();
    let runs = runs(&places, near.width);
    for here in words {
        let is_in_run = runs.iter().any(|(begin, end)| (*begin..=*end).contains(&here.position));
        if is_in_run && near.words.iter().any(|keys| is_one(here, keys)) {
            found.push(Match { start: here.start, end: here.end, word: number });
        }
    }
}

/// The places that matches cover, in order, none touching another.
pub fn marks<'a>(matches: impl IntoIterator<Item = &'a Match>) -> Vec<(usize, usize)> {
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for found in matches {
        match marks.last_mut() {
            Some(last) if found.start <= last.1 => last.1 = last.1.max(found.end),
            _ => marks.push((found.start, found.end)),
        }
    }
    marks
}

/// The one or two sentences of `text` in which most of the query stands, of about `max_chars` characters at
/// the most. `weight` tells how much a word of the query counts, by its number in `matches`. The first
/// `shown` bytes of the text are read elsewhere already, as a title is: they are taken only where the query
/// stands nowhere else.
pub fn snippet(
    text: &str,
    shown: usize,
    matches: &[Match],
    weight: impl Fn(usize) -> f64,
    max_chars: usize,
) -> Snippet {
    let sentences = sentences(text);
    let chars = |begin: usize, end: usize| text[begin..end].chars().count();
    let mut best: Option<(f64, f64, usize, usize)> = None;
    for (index, first) in sentences.iter().enumerate() {
        let next = sentences.get(index + 1).filter(|next| next.paragraph == first.paragraph);
        let windows = [Some(first.end), next.map(|next| next.end)];
        let part = if first.start < shown { SHOWN_PART } else { 1.0 };
        let in_first = window_score(matches, first.start, first.end, &weight) * part;
        for end in windows.into_iter().flatten() {
            if end > first.end && chars(first.start, end) > max_chars {
                continue;
            }
            let score = window_score(matches, first.start, end, &weight) * part;
            // Of equal windows the one that begins with more of the query, then the first, then the longer.
            let is_better = best.is_none_or(|(top, top_first, start, _)| {
                (score, in_first) > (top, top_first) || (score, in_first, first.start) == (top, top_first, start)
            });
            if is_better {
                best = Some((score, in_first, first.start, end));
            }
        }
    }
    let Some((_, _, start, end)) = best else {
        return Snippet { text: String::new(), marks: Vec::new(), start: 0 };
    };
    let (start, end) =
        if chars(start, end) > max_chars { cut(text, start, end, matches, &weight, max_chars) } else { (start, end) };
    assemble(text, start, end, &sentences, matches)
}

/// What a match counts that is shown already: less than any that isn't.
const SHOWN_PART: f64 = 1e-3;

/// Every word of the query counts once, and a little for each time it comes again.
fn window_score(matches: &[Match], start: usize, end: usize, weight: &impl Fn(usize) -> f64) -> f64 {
    let mut score = 0.0;
    let mut seen: Vec<usize> = Vec::new();
    for found in matches.iter().filter(|found| found.start >= start && found.end <= end) {
        let again = seen.contains(&found.word);
        score += weight(found.word) * if again { 0.05 } else { 1.0 };
        if !again {
            seen.push(found.word);
        }
    }
    score
}

/// The best part of a sentence that is too long, at word boundaries, a third of the room before its first match.
fn cut(
    text: &str,
    start: usize,
    end: usize,
    matches: &[Match],
    weight: &impl Fn(usize) -> f64,
    max_chars: usize,
) -> (usize, usize) {
    let reach = |from: usize| text[from..end].char_indices().nth(max_chars).map_or(end, |(offset, _)| from + offset);
    let inside: Vec<&Match> = matches.iter().filter(|found| found.start >= start && found.end <= end).collect();
    let mut best = (f64::MIN, start);
    for found in &inside {
        let score = window_score(matches, found.start, reach(found.start), weight);
        if score > best.0 {
            best = (score, found.start);
        }
    }
    let last = inside.iter().rfind(|found| found.end <= reach(best.1)).map_or(best.1, |found| found.end);
    let used = text[best.1..last].chars().count();
    let before = (max_chars.saturating_sub(used) / 3).min(text[start..best.1].chars().count());
    let mut from =
        text[start..best.1].char_indices().rev().take(before).last().map_or(best.1, |(offset, _)| start + offset);
    if from > start
        && let Some(space) = text[from..best.1].find(char::is_whitespace)
    {
        from += space;
    }
    from += text[from..].len() - text[from..].trim_start().len();
    let mut to = reach(from).max(last);
    if to < end {
        let is_inside_word = !text[..to].ends_with(char::is_whitespace) && !text[to..].starts_with(char::is_whitespace);
        if is_inside_word && let Some(space) = text[from..to].rfind(char::is_whitespace).filter(|at| from + at >= last)
        {
            to = from + space;
        }
    }
    to = from + text[from..to].trim_end().len();
    (from, to)
}

fn assemble(text: &str, start: usize, end: usize, sentences: &[Sentence], matches: &[Match]) -> Snippet {
    let begins_sentence = sentences.iter().any(|sentence| sentence.start == start);
    let ends_sentence = sentences.iter().any(|sentence| sentence.end == end);
    let mut window = String::with_capacity(end - start + 6);
    if !begins_sentence {
        window.push('…');
    }
    let shift = window.len();
    // One byte for one byte: offsets stay.
    window.push_str(&text[start..end].replace('\n', " "));
    if !ends_sentence {
        window.push('…');
    }
    let shown = matches.iter().filter(|found| found.start >= start && found.end <= end);
    let marks = marks(shown).into_iter().map(|(from, to)| (from - start + shift, to - start + shift)).collect();
    Snippet { text: window, marks, start }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Synonyms, parse};

    fn check(text: &str, query: &str, max_chars: usize, expected: &str) {
        let matches = matches(text, Standard::Both, &parse(query, &Synonyms::builtin()));
        let snippet = snippet(text, 0, &matches, |_| 1.0, max_chars);
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
        let matches = matches(text, Standard::Both, &parse("barn", &Synonyms::builtin()));
        assert_eq!(snippet(text, 7, &matches, |_| 1.0, 16).text, "Om barn og unge.");
        assert_eq!(snippet("Om barn\n\nAnnet.", 7, &matches, |_| 1.0, 200).text, "Om barn");
    }

    #[test]
    fn the_bullet_of_an_item_is_left_out() {
        check("Lead:\n\n• strukturer for barn", "barn", 200, "strukturer for [barn]");
    }

    #[test]
    fn a_hyphenated_word_is_marked_once() {
        check("I 0-24-samarbeidet er alle med.", "0-24-samarbeid", 200, "I [0-24-samarbeidet] er alle med.");
        check("I 0-24-samarbeidet er alle med.", "samarbeid", 200, "I 0-24-[samarbeidet] er alle med.");
    }
}
