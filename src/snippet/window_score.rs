//! Scores a window of a passage by the query words that match in it.

use super::token_match::Match;

/// Weight of a word that matches only as a component of a compound, relative to a match of the whole word.
const COMPONENT_WEIGHT: f64 = 0.7;
/// Weight of each further match of a word that already matches in the window.
const REPETITION_WEIGHT: f64 = 0.05;

/// The score of the bytes `start..end` of a text: each query word counts once, by its best match, plus a little for
/// each further match. `weight` returns the weight of the query word with the number `Match::word`.
pub fn window_score(matches: &[Match], start: usize, end: usize, weight: &impl Fn(usize) -> f64) -> f64 {
    let mut score = 0.0;
    let mut best_by_word: Vec<(usize, f64)> = Vec::new();
    for found in matches.iter().filter(|found| found.start >= start && found.end <= end) {
        let value = if found.is_component { COMPONENT_WEIGHT } else { 1.0 };
        match best_by_word.iter_mut().find(|(word, _)| *word == found.word) {
            Some((word, best)) => {
                score += weight(*word) * (REPETITION_WEIGHT + (value - *best).max(0.0));
                *best = best.max(value);
            }
            None => {
                score += weight(found.word) * value;
                best_by_word.push((found.word, value));
            }
        }
    }
    score
}
