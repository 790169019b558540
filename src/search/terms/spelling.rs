//! Suggests corrections for query words that occur on no page, from the term dictionary of the index.
//!
//! Candidates are the spellings of the word with `æøå` or, if none occurs, terms within an edit distance of one or two.
//! They are ranked by a weighted edit distance (`edit_cost`).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use tantivy::Term;
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;

use super::edit_cost::{Cost, OTHER_EDIT, RESPELLING, RESPELLINGS, edit_cost, max_cost};
use super::similar_word::similar_word;
use super::term_dict::TermDictionaries;
use crate::error::Result;
use crate::index::Index;
use crate::norwegian::{Standard, is_stop_word, lemma_keys, normalize};
use crate::query::{Phrase, Query, QueryWord, ReplaceableWord, SplitCompound, replaceable_words};
use crate::search::interrupt::{NEVER, StopCheck};

/// A corrected query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The query as typed, with words replaced.
    pub query: String,
    /// Each replaced word once: as typed, and its correction.
    pub words: Vec<(String, String)>,
    typed: String,
    /// The ranges of `typed` that are replaced, in order, with their corrections.
    replacements: Vec<(Range<usize>, String)>,
}

impl Suggestion {
    /// `None` if nothing is replaced.
    fn new(typed: &str, replacements: Vec<(Range<usize>, String)>) -> Option<Suggestion> {
        let mut query = String::with_capacity(typed.len());
        let mut words: Vec<(String, String)> = Vec::new();
        let mut copied = 0;
        for (range, correction) in &replacements {
            let word = &typed[range.clone()];
            query.push_str(&typed[copied..range.start]);
            query.push_str(correction);
            copied = range.end;
            if !words.iter().any(|(known, _)| known == word) {
                words.push((word.to_string(), correction.clone()));
            }
        }
        query.push_str(&typed[copied..]);
        (!words.is_empty()).then(|| Suggestion { query, words, typed: typed.to_string(), replacements })
    }

    /// The suggestion with only those corrections that restore `æøå`; `None` if there are none.
    pub fn only_respellings(&self) -> Option<Suggestion> {
        let is_kept =
            |(range, correction): &&(Range<usize>, String)| is_respelling(&self.typed[range.clone()], correction);
        Suggestion::new(&self.typed, self.replacements.iter().filter(is_kept).cloned().collect())
    }
}

/// Whether a correction only restores `æøå` that a keyboard lacks: `økonomi` for `okonomi`.
fn is_respelling(typed: &str, meant: &str) -> bool {
    let letters = |word: &str| normalize(word).chars().collect::<Vec<char>>();
    edit_cost(&letters(typed), &letters(meant)).edits == 0
}

/// Shorter words are not corrected: a mistake can't be distinguished from another word.
const MIN_LETTERS: usize = 3;
/// Shorter words are not respelled with `æøå`. *øl* and *ås* have two letters.
const MIN_RESPELLED_LETTERS: usize = 2;
/// Longer words are not corrected, since the Levenshtein automaton grows with the word. The longest word of Norsk
/// Ordbank has 60 letters; misspelled words of more than 40 are rare.
const MAX_LETTERS: usize = 40;
/// Minimum lengths of words for which corrections one edit and two edits away are tried.
const ONE_EDIT_LETTERS: usize = 4;
const TWO_EDITS_LETTERS: usize = 8;
/// Maximum number of words of a query that are corrected; a query with more unknown words is pasted text or in another
/// language.
const MAX_UNKNOWN_WORDS: usize = 4;
/// The same limit for words that only lack `æøå`, which take less time to look up.
const MAX_RESPELLED_WORDS: usize = 32;
/// Maximum number of spellings with `æøå` to look up for a word, those with the fewest changes first.
const MAX_SPELLINGS: usize = 500;
/// Maximum number of these spellings to look up in other inflections; each requires an analysis.
const MAX_INFLECTED_SPELLINGS: usize = 50;
/// Points added to a candidate that occurs in only one passage and is not a known word.
const DOUBTFUL_COST: u32 = 5;
/// Words with fewer letters are close to some word by chance: a candidate that costs as much as an unlikely edit must
/// be frequent or a known word.
const SHORT_WORD_LETTERS: usize = 6;
/// A word is frequent if at least one in this many passages contains it.
const FREQUENT_SHARE: u64 = 10_000;

/// Returns the query with corrections for words that occur on no page; `None` if there are none. Stop words, words with
/// digits, and exact forms are kept. Words in phrases and titles are only respelled with `æøå`. If no word of the query
/// occurs and nothing else is found, the words with the most similar spelling are suggested. `is_known_word` returns
/// whether a word exists in the language. Returns `None` if the search is stopped in the meantime.
pub fn suggest_query(
    index: &Index,
    query: &Query,
    is_known_word: impl Fn(&str) -> bool,
    stop: &StopCheck,
) -> Result<Option<Suggestion>> {
    let mut unknown: Vec<&str> = Vec::new();
    let mut all_unknown = query.matching_patterns().next().is_none();
    for word in query.matching_words() {
        if stop.should_stop() {
            return Ok(None);
        }
        if may_be_respelled(&word.exact) && !is_in_split_compound(query, word) && !occurs(index, word)? {
            unknown.push(&word.exact);
        } else {
            all_unknown = false;
        }
    }
    if unknown.is_empty() {
        return Ok(None);
    }
    let replaceable = replaceable_words(&query.text);
    unknown.retain(|unknown| replaceable.iter().any(|word| word.exact == *unknown));
    let is_plain = |unknown: &str| replaceable.iter().any(|word| word.is_plain && word.exact == unknown);
    let mut corrections: Vec<(&str, String)> = Vec::new();
    let dictionaries = TermDictionaries::open(index, index.fields.exact, stop)?;
    let mut misspelled: Vec<&str> = Vec::new();
    for word in unknown.into_iter().take(MAX_RESPELLED_WORDS) {
        if stop.should_stop() {
            return Ok(None);
        }
        match respell_word(index, &dictionaries, word, &is_known_word)? {
            Some(correction) => corrections.push((word, correction)),
            None if is_plain(word) && may_be_misspelled(word) => misspelled.push(word),
            None => {}
        }
    }
    misspelled.truncate(MAX_UNKNOWN_WORDS);
    for word in &misspelled {
        corrections.extend(correct_word(index, &dictionaries, word, &is_known_word)?.map(|found| (*word, found)));
    }
    if corrections.is_empty() && all_unknown {
        let is_unknown = |word: &&str| word.chars().count() <= MAX_LETTERS && !is_known_word(word);
        for word in misspelled.into_iter().filter(is_unknown) {
            let similar = similar_word(&dictionaries, word, may_be_correction)?;
            corrections.extend(similar.map(|similar| (word, similar)));
        }
    }
    if stop.is_stopped() {
        return Ok(None);
    }
    let replacement = |word: &ReplaceableWord| {
        let (_, correction) = corrections.iter().find(|(unknown, _)| *unknown == word.exact)?;
        let typed = &query.text[word.range.clone()];
        Some((word.range.clone(), with_initial_case_of(typed, correction)))
    };
    let is_replaced = |(range, correction): &(Range<usize>, String)| {
        let is_plain = replaceable.iter().any(|word| word.is_plain && word.range == *range);
        is_plain || is_respelling(&query.text[range.clone()], correction)
    };
    Ok(Suggestion::new(&query.text, replaceable.iter().filter_map(replacement).filter(is_replaced).collect()))
}

/// Returns the most plausible correction of `word`, which must be in lower case and occur on no page; `None` if there
/// is none. The result doesn't depend on the segments of the index. `is_known_word` returns whether a word exists in
/// the language; pages also contain misspelled words.
pub fn suggest_word(index: &Index, word: &str, is_known_word: impl Fn(&str) -> bool) -> Result<Option<String>> {
    if !may_be_misspelled(word) {
        return Ok(None);
    }
    let dictionaries = TermDictionaries::open(index, index.fields.exact, &NEVER)?;
    match respell_word(index, &dictionaries, word, &is_known_word)? {
        Some(respelled) => Ok(Some(respelled)),
        None => correct_word(index, &dictionaries, word, &is_known_word),
    }
}

/// Restores `æøå` in the word if the index contains the result or another inflection of it.
fn respell_word(
    index: &Index,
    dictionaries: &TermDictionaries,
    word: &str,
    is_known_word: impl Fn(&str) -> bool,
) -> Result<Option<String>> {
    let letters = word.chars().count();
    // Only letters that have a respelling can be changed.
    if letters > MAX_LETTERS || !word.contains(['o', 'a', 'e', 'ö', 'ä']) {
        return Ok(None);
    }
    let frequent = min_frequent_passages(index);
    let candidates = respelled_candidates(index, dictionaries, word)?;
    Ok(best_candidate(&candidates, letters, frequent, is_known_word).map(|(word, _)| word))
}

/// The word of the index within one or two edits that was most likely meant.
fn correct_word(
    index: &Index,
    dictionaries: &TermDictionaries,
    word: &str,
    is_known_word: impl Fn(&str) -> bool,
) -> Result<Option<String>> {
    let letters = word.chars().count();
    if !(ONE_EDIT_LETTERS..=MAX_LETTERS).contains(&letters) {
        return Ok(None);
    }
    let frequent = min_frequent_passages(index);
    let best = |candidates: &[Candidate]| best_candidate(candidates, letters, frequent, &is_known_word);
    let one_edit = best(&candidates_within(dictionaries, index, word, 1)?);
    // Two edits cost more than one likely edit, and take ten times as long to look up.
    let is_likely = one_edit.as_ref().is_some_and(|(_, points)| *points < OTHER_EDIT);
    if is_likely || letters < TWO_EDITS_LETTERS {
        return Ok(one_edit.map(|(word, _)| word));
    }
    Ok(best(&candidates_within(dictionaries, index, word, 2)?).map(|(word, _)| word))
}

/// The minimum number of passages that contain a frequent word.
fn min_frequent_passages(index: &Index) -> u64 {
    (index.passages / FREQUENT_SHARE).max(2)
}

fn may_be_respelled(word: &str) -> bool {
    word.chars().count() >= MIN_RESPELLED_LETTERS && !word.contains(char::is_numeric) && !is_stop_word(word)
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

/// Whether a word forms a compound with the word before or after it. All compounds in `query` occur on a page, because
/// `search` removes those that don't.
fn is_in_split_compound(query: &Query, word: &QueryWord) -> bool {
    let is_second = |SplitCompound { forms, lemmas }: &SplitCompound| {
        forms.iter().any(|form| form.ends_with(&word.exact))
            || lemmas.iter().any(|compound| word.lemmas.iter().any(|lemma| compound.ends_with(lemma.as_str())))
    };
    !word.split_compound.lemmas.is_empty() || query.words.iter().any(|other| is_second(&other.split_compound))
}

/// Whether a query word, or all words of one of its synonyms, match a live passage. Its components are not tried, since
/// they match nothing by themselves.
fn occurs(index: &Index, word: &QueryWord) -> Result<bool> {
    let fields = &index.fields;
    if any_occurs(index, fields.exact, std::slice::from_ref(&word.exact))? {
        return Ok(true);
    }
    for field in [fields.lemma, fields.component, fields.title, fields.heading] {
        if any_occurs(index, field, &word.lemmas)? {
            return Ok(true);
        }
    }
    for synonym in &word.synonyms {
        if let Phrase::Lemmas(words) = &synonym.phrase
            && all_occur(index, words)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether each word of a phrase occurs in a live passage.
fn all_occur(index: &Index, words: &[(usize, Vec<String>)]) -> Result<bool> {
    for (_, lemmas) in words {
        if !any_occurs(index, index.fields.lemma, lemmas)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether one of the terms occurs in a live passage.
pub fn any_occurs(index: &Index, field: Field, terms: &[String]) -> Result<bool> {
    for term in terms {
        if index.doc_freq_alive(&Term::from_field_text(field, term))? > 0 {
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

/// Spellings of `word` with `æøå` that occur in a live passage, only those with the fewest changes. If there are none,
/// spellings whose other inflections occur.
fn respelled_candidates(index: &Index, dictionaries: &TermDictionaries, word: &str) -> Result<Vec<Candidate>> {
    let mut remaining = MAX_SPELLINGS;
    let mut all: Vec<(String, u32)> = Vec::new();
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
            // A stop word is not suggested: nobody searches for one alone, and *far* is a different word, not a
            // misspelling of *får*.
            if passages > 0 && !is_stop_word(&word) {
                let cost = Cost { points: changes * RESPELLING, edits: 0 };
                candidates.push(Candidate { word: word.clone(), cost, passages });
            }
            all.push((word, changes));
        }
        if !candidates.is_empty() {
            return Ok(candidates);
        }
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    for (word, changes) in all.into_iter().take(MAX_INFLECTED_SPELLINGS) {
        let cost = Cost { points: changes * RESPELLING, edits: 0 };
        if candidates.first().is_some_and(|first| first.cost < cost) {
            break;
        }
        let mut passages = 0;
        for lemma in lemma_keys(&word, Standard::Both) {
            passages += index.doc_freq_alive(&Term::from_field_text(index.fields.lemma, &lemma))?;
        }
        if passages > 0 && !is_stop_word(&word) {
            candidates.push(Candidate { word, cost, passages });
        }
    }
    Ok(candidates)
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

/// Returns the plausible candidate with the lowest cost, and its points; among candidates of equal cost, the one in
/// more passages (numbers between the same two powers of two count as equal), then a known word, then the first in
/// alphabetical order. A term in at least
/// `frequent` passages is unlikely to be misspelled itself.
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
