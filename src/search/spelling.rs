//! Suggests corrections for query words that occur on no page, from the term dictionary of the index.
//!
//! Candidates are the spellings of the word with `æøå` or, if none occurs, terms within an edit distance of one or two.
//! They are ranked by a weighted edit distance (`edit_cost`).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tantivy::Term;
use tantivy::query::FuzzyTermQuery;

use super::edit_cost::{Cost, OTHER_EDIT, RESPELLING, RESPELLINGS, edit_cost, max_cost};
use super::term_dict::TermDictionaries;
use crate::error::Result;
use crate::index::Index;
use crate::norwegian::{is_stop_word, is_word};
use crate::query::{Query, QueryWord, plain_words};

/// A corrected query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The query as typed, with words replaced.
    pub query: String,
    /// Each replaced word once: as typed, and its correction.
    pub words: Vec<(String, String)>,
}

impl Suggestion {
    /// Whether the correction only restores `æøå` that a keyboard lacks, in words that are not Norwegian words as
    /// typed: `okonomi` for `økonomi`, but not `far` for `får`.
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

/// Shorter words are not corrected: a mistake can't be distinguished from another word.
const MIN_LETTERS: usize = 3;
/// Longer words are not corrected, since the Levenshtein automaton grows with the word. The longest word of Norsk Ordbank
/// has 60 letters; misspelled words of more than 40 are rare.
const MAX_LETTERS: usize = 40;
/// Minimum lengths of words for which corrections one edit and two edits away are tried.
const ONE_EDIT_LETTERS: usize = 4;
const TWO_EDITS_LETTERS: usize = 8;
/// Maximum number of words of a query that are corrected; a query with more unknown words is pasted text or in another
/// language.
const MAX_UNKNOWN_WORDS: usize = 4;
/// Maximum number of spellings with `æøå` to look up for a word, those with the fewest changes first.
const MAX_SPELLINGS: usize = 500;
/// Points added to a candidate that occurs in only one passage and is not a known word.
const DOUBTFUL_COST: u32 = 5;
/// Words with fewer letters are close to some word by chance: a candidate that costs as much as an unlikely edit must be frequent
/// or a known word.
const SHORT_WORD_LETTERS: usize = 6;
/// A word is frequent if at least one in this many passages contains it.
const FREQUENT_SHARE: u64 = 10_000;

/// Returns the query with corrections for words that occur on no page; `None` if there are none. Stop words, words with
/// digits, and words in quotes are kept. `is_known_word` returns whether a word exists in the language.
pub fn suggest_query(index: &Index, query: &Query, is_known_word: impl Fn(&str) -> bool) -> Result<Option<Suggestion>> {
    let mut unknown: Vec<&str> = Vec::new();
    for word in query.matching_words() {
        if may_be_misspelled(&word.exact) && !occurs(index, word)? {
            unknown.push(&word.exact);
        }
    }
    if unknown.is_empty() {
        return Ok(None);
    }
    let plain_words = plain_words(&query.text);
    unknown.retain(|word| plain_words.iter().any(|(_, exact)| exact == word));
    let mut corrections: Vec<(&str, String)> = Vec::new();
    for word in unknown.into_iter().take(MAX_UNKNOWN_WORDS) {
        corrections.extend(suggest_word(index, word, &is_known_word)?.map(|correction| (word, correction)));
    }
    let mut suggestion = Suggestion { query: String::with_capacity(query.text.len()), words: Vec::new() };
    let mut copied = 0;
    for (range, exact) in plain_words {
        let Some((_, correction)) = corrections.iter().find(|(word, _)| *word == exact) else {
            continue;
        };
        let typed = &query.text[range.clone()];
        let correction = with_initial_case_of(typed, correction);
        suggestion.query.push_str(&query.text[copied..range.start]);
        suggestion.query.push_str(&correction);
        copied = range.end;
        if !suggestion.words.iter().any(|(known, _)| known == typed) {
            suggestion.words.push((typed.to_string(), correction));
        }
    }
    suggestion.query.push_str(&query.text[copied..]);
    Ok(Some(suggestion).filter(|suggestion| !suggestion.words.is_empty()))
}

/// Returns the most plausible correction of `word`, which must be in lower case and occur on no page; `None` if there is
/// none. The result doesn't depend on the segments of the index. `is_known_word` returns whether a word exists in the
/// language; pages contain misspelled words as well.
pub fn suggest_word(index: &Index, word: &str, is_known_word: impl Fn(&str) -> bool) -> Result<Option<String>> {
    let letters = word.chars().count();
    if !may_be_misspelled(word) || letters > MAX_LETTERS {
        return Ok(None);
    }
    let dictionaries = TermDictionaries::open(index, index.fields.exact)?;
    let frequent = (index.passages / FREQUENT_SHARE).max(2);
    let best = |candidates: &[Candidate]| best_candidate(candidates, letters, frequent, &is_known_word);
    let respelled = respelled_candidates(&dictionaries, word)?;
    if !respelled.is_empty() || letters < ONE_EDIT_LETTERS {
        return Ok(best(&respelled).map(|(word, _)| word));
    }
    let one_edit = best(&candidates_within(&dictionaries, index, word, 1)?);
    // Two edits cost more than one likely edit, and take ten times as long to look up.
    let is_likely = one_edit.as_ref().is_some_and(|(_, points)| *points < OTHER_EDIT);
    if is_likely || letters < TWO_EDITS_LETTERS {
        return Ok(one_edit.map(|(word, _)| word));
    }
    Ok(best(&candidates_within(&dictionaries, index, word, 2)?).map(|(word, _)| word))
}

fn may_be_misspelled(word: &str) -> bool {
    may_be_correction(word) && !is_stop_word(word)
}

fn may_be_correction(word: &str) -> bool {
    word.chars().count() >= MIN_LETTERS && !word.contains(char::is_numeric)
}

fn with_initial_case_of(typed: &str, correction: &str) -> String {
    let mut letters = correction.chars();
    match letters.next() {
        Some(first) if typed.starts_with(char::is_uppercase) => first.to_uppercase().chain(letters).collect(),
        _ => correction.to_string(),
    }
}

/// Whether a query word matches any live passage. Its components are not tried, since they match nothing by themselves. A
/// word with a synonym is a known name.
fn occurs(index: &Index, word: &QueryWord) -> Result<bool> {
    if !word.synonyms.is_empty() {
        return Ok(true);
    }
    let fields = &index.fields;
    let lemma_fields = [fields.lemma, fields.component, fields.title, fields.heading];
    let lemmas = lemma_fields.iter().flat_map(|field| word.lemmas.iter().map(|lemma| (*field, lemma)));
    for (field, text) in std::iter::once((fields.exact, &word.exact)).chain(lemmas) {
        if index.doc_freq_alive(&Term::from_field_text(field, text))? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A term of the index that may be the correction.
struct Candidate {
    word: String,
    cost: Cost,
    /// Number of live passages that contain it.
    passages: u64,
}

/// Spellings of `word` with `æøå` that occur in a live passage, only those with the fewest changes.
fn respelled_candidates(dictionaries: &TermDictionaries, word: &str) -> Result<Vec<Candidate>> {
    let mut remaining = MAX_SPELLINGS;
    for changes in 1.. {
        let mut spellings = Vec::new();
        add_respellings(word, changes, &mut String::new(), &mut spellings, remaining);
        if spellings.is_empty() {
            break;
        }
        remaining -= spellings.len();
        let mut candidates = Vec::new();
        for word in spellings {
            let passages = dictionaries.count_passages(&word)?;
            if passages > 0 && may_be_correction(&word) {
                candidates.push(Candidate { word, cost: Cost { points: changes * RESPELLING, edits: 0 }, passages });
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
        if !may_be_correction(term) {
            return Ok(());
        }
        if let Some((_, passages)) = candidates.get_mut(term) {
            *passages += count_passages()?;
            return Ok(());
        }
        let cost = edit_cost(&typed, &term.chars().collect::<Vec<_>>());
        if cost.points <= max_cost(typed.len()) {
            candidates.insert(term.to_string(), (cost, count_passages()?));
        }
        Ok(())
    })?;
    let live = candidates.into_iter().filter(|(_, (cost, passages))| *passages > 0 && cost.points > 0);
    Ok(live.map(|(word, (cost, passages))| Candidate { word, cost, passages }).collect())
}

/// Returns the plausible candidate of the lowest cost, with its points; among candidates of equal cost, the one in more
/// passages (by powers of two), then a known word, then the first in alphabetical order. A term in at least `frequent`
/// passages is unlikely to be misspelled itself.
fn best_candidate(
    candidates: &[Candidate],
    letters: usize,
    frequent: u64,
    is_known_word: impl Fn(&str) -> bool,
) -> Option<(String, u32)> {
    let mut ranked = Vec::new();
    for candidate in candidates {
        let Cost { points, edits } = candidate.cost;
        let may_be_chance = letters < SHORT_WORD_LETTERS && points >= OTHER_EDIT;
        let min_passages = if may_be_chance { frequent } else { 2 };
        // A rare term that is not a known word is probably misspelled itself.
        let is_doubtful = edits > 0 && candidate.passages < min_passages && !is_known_word(&candidate.word);
        if !(is_doubtful && (may_be_chance || edits > 1)) {
            let points = points + if is_doubtful { DOUBTFUL_COST } else { 0 };
            ranked.push(((points, Reverse(candidate.passages.ilog2())), candidate.word.as_str()));
        }
    }
    let best_rank = ranked.iter().map(|(rank, _)| *rank).min()?;
    let mut best: Vec<&str> = ranked.into_iter().filter(|(rank, _)| *rank == best_rank).map(|(_, word)| word).collect();
    best.sort_unstable();
    let known = if best.len() > 1 { best.iter().position(|word| is_known_word(word)) } else { None };
    Some((best[known.unwrap_or(0)].to_string(), best_rank.0))
}

/// Adds the spellings of `word` with exactly `changes` respellings, each preceded by `prefix`, until `spellings` has
/// `limit` elements.
fn add_respellings(word: &str, changes: u32, prefix: &mut String, spellings: &mut Vec<String>, limit: usize) {
    if changes == 0 {
        spellings.push(format!("{prefix}{word}"));
        return;
    }
    let length = prefix.len();
    for (offset, c) in word.char_indices() {
        for (typed, meant) in RESPELLINGS {
            if spellings.len() >= limit {
                prefix.truncate(length);
                return;
            }
            if let Some(rest) = word[offset..].strip_prefix(typed) {
                let before = prefix.len();
                prefix.push_str(meant);
                add_respellings(rest, changes - 1, prefix, spellings, limit);
                prefix.truncate(before);
            }
        }
        prefix.push(c);
    }
    prefix.truncate(length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn respells_with_an_exact_number_of_changes() {
        let spellings = |word: &str, changes: u32, limit: usize| {
            let mut found = Vec::new();
            add_respellings(word, changes, &mut String::new(), &mut found, limit);
            found
        };
        assert_eq!(spellings("rad", 1, 9), ["råd"]);
        assert_eq!(spellings("rad", 2, 9), [""; 0]);
        assert_eq!(spellings("okon", 1, 9), ["økon", "okøn"]);
        assert_eq!(spellings("okon", 2, 9), ["økøn"]);
        assert_eq!(spellings("aa", 1, 9), ["åa", "å", "aå"]);
        assert_eq!(spellings("aa", 2, 9), ["åå"]);
        assert_eq!(spellings(&"o".repeat(40), 20, 9).len(), 9);
    }

    #[test]
    fn prefers_frequent_candidates_then_known_words_then_alphabetical_order() {
        let pick = |candidates: &[(&str, u64)], is_word: fn(&str) -> bool| {
            let candidate = |(word, passages): &(&str, u64)| Candidate {
                word: word.to_string(),
                cost: Cost { points: OTHER_EDIT, edits: 1 },
                passages: *passages,
            };
            best_candidate(&candidates.iter().map(candidate).collect::<Vec<_>>(), 8, 2, is_word).map(|(word, _)| word)
        };
        assert_eq!(pick(&[("b", 9), ("a", 2)], |_| false).as_deref(), Some("b"));
        assert_eq!(pick(&[("b", 9), ("a", 8)], |_| false).as_deref(), Some("a"));
        assert_eq!(pick(&[("b", 9), ("a", 8)], |word| word == "b").as_deref(), Some("b"));
        assert_eq!(pick(&[("b", 1), ("a", 1)], |word| word == "b").as_deref(), Some("b"));
        assert_eq!(pick(&[], |_| true), None);
    }
}
