//! Given a word of a query that stands in no page, which word of the index was probably meant?
//!
//! Candidates come from the term dictionary: words that differ by what a keyboard without `æøå` can't type,
//! else words one or two letters away. They are ranked by what people who write Norwegian get wrong.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tantivy::Term;
use tantivy::query::FuzzyTermQuery;

use super::term_dict::TermDictionaries;
use crate::error::Result;
use crate::index::Index;
use crate::norwegian::{is_stop_word, is_word};
use crate::query::{Query, QueryWord, plain_words};

/// What a query was probably meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The whole query as typed, with the words replaced.
    pub query: String,
    /// Each replaced word once: as typed, and as probably meant.
    pub words: Vec<(String, String)>,
}

impl Suggestion {
    /// Whether it is the same words as a keyboard without `æøå` gives them, and what was typed is no word: `okonomi` for
    /// `økonomi`, but not `far` for `får`.
    pub fn is_respelling(&self) -> bool {
        self.words.iter().all(|(typed, meant)| {
            !is_word(&typed.to_lowercase()) && without_norwegian_letters(typed) == without_norwegian_letters(meant)
        })
    }
}

fn without_norwegian_letters(word: &str) -> String {
    let word = word.to_lowercase().replace("aa", "a").replace("oe", "o").replace("ae", "e");
    word.replace('å', "a").replace(['ø', 'ö'], "o").replace(['æ', 'ä'], "e")
}

/// Fewer letters are too few to tell a slip from another word.
const MIN_LETTERS: usize = 3;
/// The automaton grows with the word; the longest word of Norsk Ordbank has 60 letters, and misspelt ones
/// this long are rare.
const MAX_LETTERS: usize = 40;
/// Letters from which on a word may be one edit away, and two.
const ONE_EDIT: usize = 4;
const TWO_EDITS: usize = 8;
/// So many unknown words are looked up in a query; more of them are a pasted text or another language.
const MAX_UNKNOWN: usize = 4;
/// Spellings tried with `æøå`, fewest changes first.
const MAX_SPELLINGS: usize = 500;

/// The query with those words replaced that stand in no page and were probably meant otherwise; `None` when
/// there are none. Stop words, words with digits and words in quotes stay as they are. `is_word` tells words
/// of the language.
pub fn suggest_query(index: &Index, query: &Query, is_word: impl Fn(&str) -> bool) -> Result<Option<Suggestion>> {
    let mut unknown: Vec<&str> = Vec::new();
    for word in query.matching_words() {
        if can_be_misspelt(&word.exact) && !stands(index, word)? {
            unknown.push(&word.exact);
        }
    }
    if unknown.is_empty() {
        return Ok(None);
    }
    let places = plain_words(&query.text);
    unknown.retain(|word| places.iter().any(|(_, exact)| exact == word));
    let mut meant: Vec<(&str, String)> = Vec::new();
    for word in unknown.into_iter().take(MAX_UNKNOWN) {
        meant.extend(suggest_word(index, word, &is_word)?.map(|found| (word, found)));
    }
    let mut suggestion = Suggestion { query: String::with_capacity(query.text.len()), words: Vec::new() };
    let mut copied = 0;
    for (place, exact) in places {
        let Some((_, found)) = meant.iter().find(|(typed, _)| *typed == exact) else {
            continue;
        };
        let typed = &query.text[place.clone()];
        let found = with_capital_of(typed, found);
        suggestion.query.push_str(&query.text[copied..place.start]);
        suggestion.query.push_str(&found);
        copied = place.end;
        if !suggestion.words.iter().any(|(known, _)| known == typed) {
            suggestion.words.push((typed.to_string(), found));
        }
    }
    suggestion.query.push_str(&query.text[copied..]);
    Ok(Some(suggestion).filter(|suggestion| !suggestion.words.is_empty()))
}

/// The word of the index that was probably meant by `word`, which is in lower case and stands in no page;
/// `None` when nothing plausible is near. The same for the same pages, whatever the index's segments.
/// `is_word` tells words of the language, which pages hold beside misspelt ones.
pub fn suggest_word(index: &Index, word: &str, is_word: impl Fn(&str) -> bool) -> Result<Option<String>> {
    let letters = word.chars().count();
    if !can_be_misspelt(word) || letters > MAX_LETTERS {
        return Ok(None);
    }
    let dictionaries = TermDictionaries::open(index, index.fields.exact)?;
    let best = |candidates: &[Candidate]| best(candidates, letters, common(index), &is_word);
    let respelt = respelled_candidates(&dictionaries, word)?;
    if !respelt.is_empty() || letters < ONE_EDIT {
        return Ok(best(&respelt).map(|(word, _)| word));
    }
    let near = best(&candidates_within(&dictionaries, index, word, 1)?);
    // Two edits cost more than one that is likely, and take ten times as long to look for.
    let is_likely = near.as_ref().is_some_and(|(_, points)| *points < OTHER);
    if is_likely || letters < TWO_EDITS {
        return Ok(near.map(|(word, _)| word));
    }
    Ok(best(&candidates_within(&dictionaries, index, word, 2)?).map(|(word, _)| word))
}

fn can_be_misspelt(word: &str) -> bool {
    is_candidate(word) && !is_stop_word(word)
}

fn is_candidate(word: &str) -> bool {
    word.chars().count() >= MIN_LETTERS && !word.contains(char::is_numeric)
}

/// How many passages hold a word that is common.
fn common(index: &Index) -> u64 {
    (index.passages / COMMON_PART).max(2)
}

fn with_capital_of(typed: &str, found: &str) -> String {
    let mut letters = found.chars();
    match letters.next() {
        Some(first) if typed.starts_with(char::is_uppercase) => first.to_uppercase().chain(letters).collect(),
        _ => found.to_string(),
    }
}

/// Whether a word of a query stands in any living passage, in any form that a search looks for. Its own parts don't
/// count, since they find nothing. A word with a synonym is a known name.
fn stands(index: &Index, word: &QueryWord) -> Result<bool> {
    if !word.synonyms.is_empty() {
        return Ok(true);
    }
    let fields = &index.fields;
    let in_lemmas = [fields.lemma, fields.component, fields.title, fields.heading];
    let lemmas = in_lemmas.iter().flat_map(|field| word.lemmas.iter().map(|lemma| (*field, lemma)));
    for (field, text) in std::iter::once((fields.exact, &word.exact)).chain(lemmas) {
        if index.doc_freq_alive(&Term::from_field_text(field, text))? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A word of the index that may have been meant.
struct Candidate {
    word: String,
    cost: Cost,
    /// Living passages that hold it.
    passages: u64,
}

/// Spellings of `word` with `æøå` that occur in a live passage, those with the fewest changes only.
fn respelled_candidates(dictionaries: &TermDictionaries, word: &str) -> Result<Vec<Candidate>> {
    let mut remaining = MAX_SPELLINGS;
    for changes in 1.. {
        let mut spellings = Vec::new();
        respell(word, changes, &mut String::new(), &mut spellings, remaining);
        if spellings.is_empty() {
            break;
        }
        remaining -= spellings.len();
        let mut candidates = Vec::new();
        for word in spellings {
            let passages = dictionaries.count_passages(&word)?;
            if passages > 0 && is_candidate(&word) {
                candidates.push(Candidate { word, cost: Cost { points: changes * RESPELT, edits: 0 }, passages });
            }
        }
        if !candidates.is_empty() {
            return Ok(candidates);
        }
    }
    Ok(Vec::new())
}

/// Words of live passages at most `edits` edits away from `word` and within `max_cost`.
fn candidates_within(dictionaries: &TermDictionaries, index: &Index, word: &str, edits: u8) -> Result<Vec<Candidate>> {
    let typed: Vec<char> = word.chars().collect();
    let word = Term::from_field_text(index.fields.exact, word);
    let automaton = FuzzyTermQuery::new(word, edits, true).automaton()?;
    let mut candidates: BTreeMap<String, (Cost, u64)> = BTreeMap::new();
    dictionaries.for_each_match(&automaton, |term, count_passages| {
        if !is_candidate(term) {
            return Ok(());
        }
        if let Some((_, passages)) = candidates.get_mut(term) {
            *passages += count_passages()?;
            return Ok(());
        }
        let cost = cost(&typed, &term.chars().collect::<Vec<_>>());
        if cost.points <= max_cost(typed.len()) {
            candidates.insert(term.to_string(), (cost, count_passages()?));
        }
        Ok(())
    })?;
    let live = candidates.into_iter().filter(|(_, (cost, passages))| *passages > 0 && cost.points > 0);
    Ok(live.map(|(word, (cost, passages))| Candidate { word, cost, passages }).collect())
}

/// The plausible candidate of the least cost; of equals the one in more passages (as a power of two), then a
/// word of the language, then the first in the alphabet. Gives its points, too. `common` is how many passages
/// a word must stand in to be one for certain.
fn best(
    candidates: &[Candidate],
    letters: usize,
    common: u64,
    is_word: impl Fn(&str) -> bool,
) -> Option<(String, u32)> {
    let mut ranked = Vec::new();
    for candidate in candidates {
        let Cost { points, edits } = candidate.cost;
        // Of few letters almost anything is one edit from something that stands in some page.
        let is_chance = letters < CHANCE_BELOW && points >= OTHER;
        let needed = if is_chance { common } else { 2 };
        // What seldom stands in a page and is no word is as likely misspelt itself.
        let is_doubtful = edits > 0 && candidate.passages < needed && !is_word(&candidate.word);
        if !(is_doubtful && (is_chance || edits > 1)) {
            let points = points + if is_doubtful { DOUBTFUL } else { 0 };
            ranked.push(((points, Reverse(candidate.passages.ilog2())), candidate.word.as_str()));
        }
    }
    let top = ranked.iter().map(|(key, _)| *key).min()?;
    let mut equals: Vec<&str> = ranked.into_iter().filter(|(key, _)| *key == top).map(|(_, word)| word).collect();
    equals.sort_unstable();
    let known = if equals.len() > 1 { equals.iter().position(|word| is_word(word)) } else { None };
    Some((equals[known.unwrap_or(0)].to_string(), top.0))
}

/// What people type for `æøå` and letters like them where they have no key for these.
const RESPELLINGS: [(&str, &str); 10] = [
    ("o", "ø"),
    ("a", "å"),
    ("e", "æ"),
    ("e", "é"),
    ("ö", "ø"),
    ("ä", "æ"),
    ("aa", "å"),
    ("ae", "æ"),
    ("oe", "ø"),
    ("ä", "å"),
];

/// Adds to `spellings` what `word` becomes by exactly so many respellings behind `begun`, up to `most` in all.
fn respell(word: &str, changes: u32, begun: &mut String, spellings: &mut Vec<String>, most: usize) {
    if changes == 0 {
        spellings.push(format!("{begun}{word}"));
        return;
    }
    let length = begun.len();
    for (at, c) in word.char_indices() {
        for (typed, meant) in RESPELLINGS {
            if spellings.len() >= most {
                begun.truncate(length);
                return;
            }
            if let Some(rest) = word[at..].strip_prefix(typed) {
                let before = begun.len();
                begun.push_str(meant);
                respell(rest, changes - 1, begun, spellings, most);
                begun.truncate(before);
            }
        }
        begun.push(c);
    }
    begun.truncate(length);
}

/// How far a word is from what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    points: u32,
    /// Edits that are no respellings.
    edits: u32,
}

/// A letter of `æøå` typed without a key for it: no mistake at all.
const RESPELT: u32 = 1;
/// One letter for two and the reverse, and letters that sound alike or not at all.
const ALIKE: u32 = 5;
/// The `s` or `e` that joins the parts of a compound.
const JOINT: u32 = 6;
/// Two neighbouring letters, each in the other's place.
const SWAPPED: u32 = 8;
/// Any other edit.
const OTHER: u32 = 10;
/// Added where the first letter is concerned: people seldom miss it.
const FIRST: u32 = 3;
/// Added to a candidate that stands in one passage and is no known word.
const DOUBTFUL: u32 = 5;
/// Letters from which on a word that happens to be near is the one that was meant.
const CHANCE_BELOW: usize = 6;
/// One in so many passages holds a word that is common.
const COMMON_PART: u64 = 10_000;

/// The points beyond which a word of so many letters is rather another word: nonsense that has a word nearby
/// has it at one or two letters that have nothing in common.
fn max_cost(letters: usize) -> u32 {
    match letters {
        0..6 => OTHER,
        6..8 => OTHER + FIRST,
        8..10 => OTHER + JOINT,
        10..12 => 2 * OTHER,
        _ => 2 * OTHER + FIRST,
    }
}

/// The cheapest way from the one word to the other, neighbouring letters exchanged being one edit (optimal
/// string alignment).
fn cost(typed: &[char], meant: &[char]) -> Cost {
    let width = meant.len() + 1;
    let mut table = vec![Cost { points: 0, edits: 0 }; (typed.len() + 1) * width];
    for i in 0..=typed.len() {
        for j in 0..=meant.len() {
            let from = |back: usize, along: usize, points: u32| {
                let before = table[(i - back) * width + j - along];
                let is_edit = points > RESPELT;
                let is_first = is_edit && (i == back || j == along);
                Cost {
                    points: before.points + points + if is_first { FIRST } else { 0 },
                    edits: before.edits + u32::from(is_edit),
                }
            };
            let mut ways = [None; 5];
            if i > 0 {
                ways[0] = Some(from(1, 0, one_more(typed, i - 1)));
            }
            if j > 0 {
                let joint = if matches!(meant[j - 1], 's' | 'e') && i > 1 && j < meant.len() { JOINT } else { OTHER };
                ways[1] = Some(from(0, 1, one_more(meant, j - 1).min(joint)));
            }
            if i > 0 && j > 0 {
                ways[2] = Some(from(1, 1, exchange(typed, i - 1, meant, j - 1)));
            }
            if i > 1 && j > 0 && is_respelt(&typed[i - 2..i], meant[j - 1]) {
                ways[3] = Some(from(2, 1, RESPELT));
            }
            if i > 1 && j > 1 && typed[i - 1] == meant[j - 2] && typed[i - 2] == meant[j - 1] {
                ways[4] = Some(from(2, 2, SWAPPED));
            }
            if let Some(best) = ways.into_iter().flatten().min() {
                table[i * width + j] = best;
            }
        }
    }
    table[table.len() - 1]
}

fn is_respelt(typed: &[char], meant: char) -> bool {
    RESPELLINGS.iter().any(|(from, to)| from.chars().eq(typed.iter().copied()) && to.starts_with(meant))
}

/// What it costs that `word` has the letter at `at` and the other word has not.
fn one_more(word: &[char], at: usize) -> u32 {
    let before = at.checked_sub(1).map(|at| word[at]);
    let next = word.get(at + 1).copied();
    let is_doubled = before == Some(word[at]) || next == Some(word[at]);
    let is_silent = match word[at] {
        'h' => matches!(next, Some('v' | 'j')),
        'g' => next == Some('j'),
        'k' => before == Some('s') && next == Some('j'),
        's' => next == Some('k') && word.get(at + 2) == Some(&'j'),
        'd' | 't' => matches!(before, Some('l' | 'n' | 'r')) || matches!(next, Some('d' | 't' | 's') | None),
        _ => false,
    };
    if is_doubled || is_silent { ALIKE } else { OTHER }
}

/// What it costs that one word has its letter for the other's.
fn exchange(typed: &[char], at: usize, meant: &[char], place: usize) -> u32 {
    let (one, other) = (typed[at], meant[place]);
    if one == other {
        return 0;
    }
    if is_respelt(&[one], other) {
        return RESPELT;
    }
    let is_before_j = typed.get(at + 1) == Some(&'j') && meant.get(place + 1) == Some(&'j');
    let is_alike = match (one.min(other), one.max(other)) {
        ('o', 'å' | 'ø') | ('e' | 'a', 'æ') | ('a', 'å') | ('d', 't') => true,
        ('k', 's' | 't') | ('s', 't') => is_before_j,
        _ => false,
    };
    if is_alike { ALIKE } else { OTHER }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(typed: &str, meant: &str) -> u32 {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        cost(&letters(typed), &letters(meant)).points
    }

    #[test]
    fn likely_mistakes_cost_less() {
        let check = |typed: &str, meant: &str, expected: u32| assert_eq!(points(typed, meant), expected, "{typed}");
        check("råd", "råd", 0);
        check("rad", "råd", RESPELT);
        check("okonomi", "økonomi", RESPELT);
        check("laerer", "lærer", RESPELT);
        check("komune", "kommune", ALIKE);
        check("kommunne", "kommune", ALIKE);
        check("åpning", "opning", ALIKE + FIRST);
        check("skjokolade", "sjokolade", ALIKE);
        check("kjokolade", "sjokolade", ALIKE + FIRST);
        check("jerne", "gjerne", ALIKE + FIRST);
        check("vordan", "hvordan", ALIKE + FIRST);
        check("barnevær", "barnever", ALIKE);
        check("lan", "land", ALIKE);
        check("taushetplikt", "taushetsplikt", JOINT);
        check("barnvern", "barnevern", JOINT);
        check("skoel", "skole", SWAPPED);
        check("skile", "skole", OTHER);
        check("xkole", "skole", OTHER + FIRST);
        check("skolx", "skole", OTHER);
        assert!(points("barnhgae", "barnehage") > SWAPPED);
    }

    #[test]
    fn the_cost_of_a_word_to_itself_is_nothing_and_of_all_others_something() {
        let words = ["barn", "bran", "barna", "bærn", "", "arn", "barnn", "møte", "mote"];
        for one in words {
            for other in words {
                assert_eq!(points(one, other) == 0, one == other, "{one} {other}");
            }
        }
    }

    #[test]
    fn spellings_come_by_the_number_of_changes() {
        let spelt = |word: &str, changes: u32, most: usize| {
            let mut found = Vec::new();
            respell(word, changes, &mut String::new(), &mut found, most);
            found
        };
        assert_eq!(spelt("rad", 1, 9), ["råd"]);
        assert_eq!(spelt("rad", 2, 9), [""; 0]);
        assert_eq!(spelt("okon", 1, 9), ["økon", "okøn"]);
        assert_eq!(spelt("okon", 2, 9), ["økøn"]);
        assert_eq!(spelt("aa", 1, 9), ["åa", "å", "aå"]);
        assert_eq!(spelt("aa", 2, 9), ["åå"]);
        assert_eq!(spelt(&"o".repeat(40), 20, 9).len(), 9);
    }

    #[test]
    fn of_equals_the_more_frequent_then_the_word_then_the_first() {
        let pick = |candidates: &[(&str, u64)], is_word: fn(&str) -> bool| {
            let candidate = |(word, passages): &(&str, u64)| Candidate {
                word: word.to_string(),
                cost: Cost { points: OTHER, edits: 1 },
                passages: *passages,
            };
            best(&candidates.iter().map(candidate).collect::<Vec<_>>(), 8, 2, is_word).map(|(word, _)| word)
        };
        assert_eq!(pick(&[("b", 9), ("a", 2)], |_| false).as_deref(), Some("b"));
        assert_eq!(pick(&[("b", 9), ("a", 8)], |_| false).as_deref(), Some("a"));
        assert_eq!(pick(&[("b", 9), ("a", 8)], |word| word == "b").as_deref(), Some("b"));
        assert_eq!(pick(&[("b", 1), ("a", 1)], |word| word == "b").as_deref(), Some("b"));
        assert_eq!(pick(&[], |_| true), None);
    }
}
