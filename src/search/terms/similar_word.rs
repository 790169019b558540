//! Finds the word of the index with the most similar character trigrams (Dice's coefficient), with an automaton that
//! rules out most words while it reads their first letters.

use tantivy_fst::Automaton;

use super::term_dict::TermDictionaries;
use crate::error::Result;

/// Words with fewer letters share their trigrams with unrelated words by chance.
const MIN_LETTERS: usize = 6;
/// The lowest similarity (Dice's coefficient of the character trigrams) at which a word is suggested. On 200 queries of
/// real words and misspellings, 0.5 gave five unrelated suggestions (*shannyn*: *shoshanna*).
const MIN_SIMILARITY: f64 = 0.6;

/// The word of the index that begins with the same letter and has the most similar character trigrams; of equally
/// similar words, the first in alphabetical order. Only words that satisfy `may_be_correction` are compared. `None` if
/// no word is similar enough.
pub fn similar_word(
    dictionaries: &TermDictionaries,
    word: &str,
    may_be_correction: impl Fn(&str) -> bool,
) -> Result<Option<String>> {
    let letters = word.chars().count();
    if letters < MIN_LETTERS {
        return Ok(None);
    }
    let typed = word_trigrams(word);
    let mut best: Option<(f64, String)> = None;
    dictionaries.for_each_match(&TrigramAutomaton::new(word, &typed), |term, count_passages| {
        let length = term.chars().count();
        if length < MIN_LETTERS || letters > 2 * length || !may_be_correction(term) {
            return Ok(());
        }
        let similarity = dice(&typed, &word_trigrams(term));
        let is_better = similarity >= MIN_SIMILARITY
            && best
                .as_ref()
                .is_none_or(|(known, word)| similarity > *known || similarity == *known && term < word.as_str());
        if is_better && count_passages()? > 0 {
            best = Some((similarity, term.to_string()));
        }
        Ok(())
    })?;
    Ok(best.map(|(_, word)| word))
}

/// A character trigram.
type Trigram = [char; 3];

/// The distinct character trigrams of a word with a space before and after it, sorted.
fn word_trigrams(word: &str) -> Vec<Trigram> {
    let padded: Vec<char> = [' '].into_iter().chain(word.chars()).chain([' ']).collect();
    let mut trigrams: Vec<Trigram> = padded.windows(3).map(|window| [window[0], window[1], window[2]]).collect();
    trigrams.sort_unstable();
    trigrams.dedup();
    trigrams
}

/// Dice's coefficient of two sorted sets.
fn dice(one: &[Trigram], other: &[Trigram]) -> f64 {
    let shared = one.iter().filter(|trigram| other.binary_search(trigram).is_ok()).count();
    dice_of(one.len(), other.len(), shared)
}

fn dice_of(one: usize, other: usize, shared: usize) -> f64 {
    2.0 * shared as f64 / (one + other).max(1) as f64
}

/// Accepts the words with the same first letter as one word, at most twice its length, whose similarity to it may be
/// `MIN_SIMILARITY`. It reads bytes of UTF-8.
struct TrigramAutomaton {
    first: char,
    max_letters: usize,
    /// A Bloom filter of the word's trigrams, with one hash.
    bits: u64,
    /// The number of the word's trigrams.
    count: usize,
}

/// What is known of a word after some of its bytes. Small, since it is copied for every byte.
#[derive(Clone, Copy)]
struct TrigramState {
    /// The last two letters. Before the first letter there is a space.
    last: [char; 2],
    /// The hashes of the trigrams that are not in common.
    others: u64,
    /// The bits of a letter that is not complete, and the number of its bytes that are missing.
    partial: u32,
    missing: u8,
    letters: u8,
    /// At least the number of different trigrams in common.
    shared: u8,
    is_dead: bool,
}

impl TrigramAutomaton {
    /// `trigrams` are those of the word.
    fn new(word: &str, trigrams: &[Trigram]) -> TrigramAutomaton {
        TrigramAutomaton {
            first: word.chars().next().unwrap_or(' '),
            max_letters: 2 * word.chars().count(),
            bits: trigrams.iter().fold(0, |bits, trigram| bits | hash_bit(*trigram)),
            count: trigrams.len(),
        }
    }

    fn add_letter(&self, state: &mut TrigramState, letter: char) {
        if state.letters == 0 {
            state.is_dead = letter != self.first;
        } else {
            self.add_trigram(state, [state.last[0], state.last[1], letter]);
        }
        state.letters = state.letters.saturating_add(1);
        state.last = [state.last[1], letter];
    }

    fn add_trigram(&self, state: &mut TrigramState, trigram: Trigram) {
        let bit = hash_bit(trigram);
        if self.bits & bit != 0 {
            state.shared = state.shared.saturating_add(1);
        } else {
            state.others |= bit;
        }
    }

    /// Whether a word can be similar enough that has the trigrams in `state` and up to `more` others in common.
    fn may_be_similar(&self, state: &TrigramState, more: usize) -> bool {
        let shared = (usize::from(state.shared) + more).min(self.count);
        // Different trigrams may have the same hash, so there are at least that many others.
        dice_of(self.count, shared + state.others.count_ones() as usize, shared) >= MIN_SIMILARITY
    }
}

impl Automaton for TrigramAutomaton {
    type State = TrigramState;

    fn start(&self) -> TrigramState {
        TrigramState { last: [' '; 2], others: 0, partial: 0, missing: 0, letters: 0, shared: 0, is_dead: false }
    }

    fn is_match(&self, state: &TrigramState) -> bool {
        if state.letters == 0 || state.missing > 0 || !self.can_match(state) {
            return false;
        }
        let mut complete = *state;
        self.add_trigram(&mut complete, [state.last[0], state.last[1], ' ']);
        self.may_be_similar(&complete, 0)
    }

    fn can_match(&self, state: &TrigramState) -> bool {
        // One more trigram for each further letter, and one for the end of the word.
        let more = (self.max_letters + 1).checked_sub(usize::from(state.letters));
        !state.is_dead && more.is_some_and(|more| more > 0 && self.may_be_similar(state, more))
    }

    fn accept(&self, state: &TrigramState, byte: u8) -> TrigramState {
        let mut next = *state;
        match byte.leading_ones() {
            0 => self.add_letter(&mut next, char::from(byte)),
            1 => {
                next.partial = next.partial << 6 | u32::from(byte & 0x3f);
                next.missing = next.missing.saturating_sub(1);
                if next.missing == 0 {
                    let letter = char::from_u32(next.partial).unwrap_or(char::REPLACEMENT_CHARACTER);
                    self.add_letter(&mut next, letter);
                }
            }
            bytes => {
                next.partial = u32::from(byte) & (0x7f >> bytes);
                next.missing = bytes as u8 - 1;
            }
        }
        next
    }
}

fn hash_bit([first, second, third]: Trigram) -> u64 {
    let (first, second, third) = (u32::from(first), u32::from(second), u32::from(third));
    let hash = first.wrapping_mul(31).wrapping_add(second).wrapping_mul(31).wrapping_add(third);
    // Fibonacci hashing: the highest bits depend on all others.
    1 << (hash.wrapping_mul(0x9E37_79B9) >> 26)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_automaton_accepts_all_similar_words(one in "[abæ€]{6,12}", other in "[abæ€]{6,24}", prefix in 0..12_usize) {
            // A common prefix, so that many pairs are similar.
            let other: String = one.chars().take(prefix).chain(other.chars()).take(24).collect();
            let typed = word_trigrams(&one);
            let automaton = TrigramAutomaton::new(&one, &typed);
            let mut state = automaton.start();
            let mut may_match = true;
            for byte in other.bytes() {
                may_match &= automaton.can_match(&state);
                state = automaton.accept(&state, byte);
            }
            let is_accepted = may_match && automaton.is_match(&state);
            let is_similar = one.chars().next() == other.chars().next()
                && other.chars().count() <= 2 * one.chars().count()
                && dice(&typed, &word_trigrams(&other)) >= MIN_SIMILARITY;
            prop_assert!(is_accepted || !is_similar);
        }
    }

    #[test]
    fn the_automaton_rejects_dissimilar_words() {
        let automaton = TrigramAutomaton::new("kommune", &word_trigrams("kommune"));
        let accepts = |word: &str| {
            automaton.is_match(&word.bytes().fold(automaton.start(), |state, byte| automaton.accept(&state, byte)))
        };
        let words = ["kommune", "kommunen", "kommuner", "komunne", "kirke", "ommune", "kommunestyremedlemmer"];
        assert_eq!(words.map(accepts), [true, true, true, false, false, false, false]);
    }
}
