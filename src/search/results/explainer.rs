//! Explains a hit's score: how each query word matched and what each signal contributed.
//!
//! The numbers come from the ranking functions themselves, applied to a single passage; only hits that are shown are
//! explained.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::query::Query;
use crate::search::hit::{Explanation, WordExplanation, round_score};
use crate::search::interrupt::NEVER;
use crate::search::ranking::{self, REPEATED, ScoredPassage, Signal, SignalName};
use crate::search::scope::SearchScope;
use crate::search::searched_scopes::WeightedScope;
use crate::snippet::{MatchExplainer, MatchKind, WordMatch};

/// Explains the hits of a query in one scope.
pub struct Explainer<'a> {
    query: &'a Query,
    scope: SearchScope<'a>,
    idfs: &'a [f64],
    signals: Vec<Signal<'a>>,
}

impl<'a> Explainer<'a> {
    pub fn new(query: &'a Query, scope: &'a WeightedScope<'a>) -> Result<Explainer<'a>> {
        let WeightedScope { scope, idfs } = scope;
        // The hits of a search that was stopped are explained in full.
        let scope = SearchScope { stop: &NEVER, ..*scope };
        Ok(Explainer { query, scope, idfs, signals: ranking::query_signals(&scope, query, idfs)? })
    }

    /// `scored` must be a passage of the scope, as ranked for the query.
    pub fn explain(&self, scored: &ScoredPassage) -> Result<Explanation> {
        let Explainer { ref scope, idfs, .. } = *self;
        let stored = scope.index.stored(scored.address)?;
        let match_explainer = MatchExplainer::new(&stored.passage.text, stored.standard);
        let (word_order, trigram_scores) = ranking::word_order_and_trigram_scores(scope, self.query, idfs, scored)?;
        // There is one trigram score for each of `Query::matching_words`, in the same order. Their signals come first.
        let mut trigram_scores = trigram_scores.into_iter();
        let mut words = Vec::new();
        for word_signals in self.signals.chunk_by(|one, other| one.word == other.word) {
            let Some(Signal { word, name, .. }) = word_signals.first() else {
                continue;
            };
            let mut signals: BTreeMap<SignalName, f64> = BTreeMap::new();
            for signal in word_signals {
                *signals.entry(signal.name).or_default() += ranking::score_at(scope, signal, scored.address)?;
            }
            signals.insert(SignalName::Page, ranking::page_score(scope, word_signals, scored)?);
            signals.insert(SignalName::Trigrams, trigram_scores.next().unwrap_or(0.0));
            signals.retain(|_, score| *score > 0.0);
            let mut matches = self.word_matches(word, *name, &match_explainer);
            if matches.is_empty() {
                matches.push(WordMatch::of_kind(kind_outside_passage(&signals)));
            }
            let score = round_score(signals.values().fold(0.0, |sum, score| sum + score));
            signals.values_mut().for_each(|score| *score = round_score(*score));
            words.push(WordExplanation { word: word.to_string(), typed: None, matches, score, signals });
        }
        let factor = if scored.is_repeated { REPEATED } else { 1.0 };
        let title_coverage = ranking::title_score(scope, self.query, idfs, scored)?;
        let (word_order, title_coverage) = (round_score(word_order), round_score(title_coverage));
        Ok(Explanation { words, word_order, title_coverage, factor })
    }

    /// How a word or pattern matches in the text of the passage. `signal` is the first signal of the word.
    fn word_matches(&self, word: &str, signal: SignalName, match_explainer: &MatchExplainer) -> Vec<WordMatch> {
        let query_word = self.query.words.iter().find(|known| known.exact == *word);
        match (signal, query_word) {
            (SignalName::Pattern, _) => self
                .query
                .matching_patterns()
                .filter(|pattern| pattern.text == *word)
                .flat_map(|pattern| match_explainer.pattern_matches(pattern))
                .collect(),
            (SignalName::StopWord, Some(query_word)) => match_explainer.inflection_matches(query_word),
            (_, Some(query_word)) => match_explainer.word_matches(query_word),
            (_, None) => Vec::new(),
        }
    }
}

/// The kind of match of a word that doesn't occur in the text of the passage.
fn kind_outside_passage(signals: &BTreeMap<SignalName, f64>) -> MatchKind {
    let kinds = [
        (SignalName::Title, MatchKind::Title),
        (SignalName::Page, MatchKind::Page),
        (SignalName::Trigrams, MatchKind::Trigrams),
    ];
    kinds.iter().find(|(name, _)| signals.contains_key(name)).map_or(MatchKind::None, |(_, kind)| *kind)
}
