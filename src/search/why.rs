//! Given a hit, why does it stand where it stands: as what does each word match, and what did each signal give?
//!
//! Asked for the hits that are shown alone. The numbers come from the functions that rank, asked for one passage.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ranking::{self, REPEATED, ScoredPassage, Signal, SignalName};
use super::scope::SearchScope;
use crate::error::Result;
use crate::query::Query;
use crate::snippet::{MatchExplainer, MatchKind, WordMatch};

/// Explanation a hit has its score: the sum of its words' scores and of their order, times the factor.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    pub words: Vec<WordExplanation>,
    /// What words add that stand in the order of the query.
    pub order: f64,
    /// Below 1 where several pages of the site say the same.
    pub factor: f64,
}

/// What a word of the query, or a pattern, did for a hit.
#[derive(Clone, Debug, Serialize)]
pub struct WordExplanation {
    pub word: String,
    /// What was typed instead of it, where it was suggested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    pub ways: Vec<WordMatch>,
    /// All that it gave.
    pub score: f64,
    /// What each signal gave that gave anything.
    pub signals: BTreeMap<SignalName, f64>,
}

/// Explanation a passage has its score. `idfs` and `signals` are those of the query on this shelf.
pub fn why(
    shelf: &SearchScope,
    query: &Query,
    idfs: &[f64],
    signals: &[Signal],
    scored: &ScoredPassage,
) -> Result<Explanation> {
    let stored = shelf.index.stored(scored.address)?;
    let reading = MatchExplainer::new(&stored.passage.text, stored.standard);
    let (order, letters) = ranking::word_order_and_trigram_scores(shelf, query, idfs, scored)?;
    let mut words = Vec::new();
    // The words that find come first, as their letters do.
    let mut letters = letters.into_iter();
    for of_word in signals.chunk_by(|one, other| one.word == other.word) {
        let Some(Signal { word, name, .. }) = of_word.first() else {
            continue;
        };
        let mut given: BTreeMap<SignalName, f64> = BTreeMap::new();
        for signal in of_word {
            *given.entry(signal.name).or_default() += ranking::score_at(shelf, signal, scored.address)?;
        }
        given.insert(SignalName::Page, ranking::page_score(shelf, of_word, scored)?);
        given.insert(SignalName::Letters, letters.next().unwrap_or(0.0));
        given.retain(|_, score| *score > 0.0);
        let asked = query.words.iter().find(|known| known.exact == *word);
        let mut ways = match (name, asked) {
            (SignalName::Pattern, _) => query
                .matching_patterns()
                .filter(|pattern| pattern.text == *word)
                .flat_map(|pattern| reading.of_pattern(pattern))
                .collect(),
            (SignalName::StopWord, Some(asked)) => reading.forms(asked),
            (_, Some(asked)) => reading.ways(asked),
            (_, None) => Vec::new(),
        };
        if ways.is_empty() {
            ways.push(WordMatch { kind: elsewhere(&given), text: None, of: None });
        }
        let score = rounded(given.values().fold(0.0, |sum, score| sum + score));
        given.values_mut().for_each(|score| *score = rounded(*score));
        words.push(WordExplanation { word: word.to_string(), typed: None, ways, score, signals: given });
    }
    let factor = if scored.is_repeated { REPEATED } else { 1.0 };
    Ok(Explanation { words, order: rounded(order), factor })
}

/// Where a word is found that doesn't stand in the passage.
fn elsewhere(given: &BTreeMap<SignalName, f64>) -> MatchKind {
    let kinds = [
        (SignalName::Title, MatchKind::Title),
        (SignalName::Page, MatchKind::Page),
        (SignalName::Letters, MatchKind::Letters),
    ];
    kinds.iter().find(|(name, _)| given.contains_key(name)).map_or(MatchKind::Nothing, |(_, kind)| *kind)
}

/// To the digits that a score has.
pub(super) fn rounded(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}
