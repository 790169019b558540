//! Analyzes a single word: its lemmas, the head of a compound, its written standard.

use super::analysis::{cached_word, opaque_head_offset};
use super::lexicon::readings::{Reading, readings_or_genitive};
use super::standard::Standard;
use super::token::normalize::lookup_key;

/// Returns the lemma keys of a word, the most common first.
pub fn lemma_keys(word: &str, standard: Standard) -> Vec<String> {
    cached_word(word, standard).lemmas().map(str::to_string).collect()
}

/// Returns the byte offset of the head in the exact form of a word; `None` if the word is not split. A split
/// word is a compound, or one of the words without components (opp|tatt, fast|legge; see `opaque_split`).
pub fn head_offset(word: &str, standard: Standard) -> Option<usize> {
    let word = cached_word(word, standard);
    word.head_offset().or_else(|| opaque_head_offset(word.exact(), standard))
}

/// Returns the written standard of a form of a lemma; `Both` if it is not limited to one. If no reading of the form has
/// this lemma key, all readings of the form count. If the lexicon lacks the form, the readings of its head count.
pub fn standard_of(form: &str, lemma_key: &str) -> Standard {
    let key = lookup_key(form);
    let mut readings = readings_or_genitive(&key, Standard::Both);
    if readings.is_empty() {
        let head =
            cached_word(form, Standard::Both).head_offset().and_then(|offset| form.get(offset..)).unwrap_or(form);
        readings = readings_or_genitive(&lookup_key(head), Standard::Both);
    } else if readings.iter().any(|reading| reading.key == lemma_key) {
        readings.retain(|reading| reading.key == lemma_key);
    }
    let any = |is_in: fn(&Reading) -> bool| readings.iter().any(is_in);
    match (any(|reading| reading.is_bokmal), any(|reading| reading.is_nynorsk)) {
        (true, false) => Standard::Bokmal,
        (false, true) => Standard::Nynorsk,
        _ => Standard::Both,
    }
}
