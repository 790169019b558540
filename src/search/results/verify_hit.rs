//! Verifies a hit by matching the query against the stored text, title and metadata of the passage.
//!
//! A search doesn't verify the checksums of the large files, and damaged postings can lead to passages that don't match. Evaluating the query
//! once more on what is about to be shown detects this. The logic is three-valued, since some conditions can't be
//! decided from the stored passage.

use crate::index::{DocumentKind, Index, StoredPassage};
use crate::norwegian::{PrefixFilter, Standard, Token, analyze, analyze_matching};
use crate::query::{Constraint, Filter, FilterField, Phrase, Proximity, Query, QueryWord};
use crate::snippet::{add_phrase, add_proximity, find_phrase, find_proximity, has_form, has_lemma, highlight_filter};

/// Whether the passage certainly doesn't match the query.
pub fn contradicts_query(index: &Index, query: &Query, stored: &StoredPassage) -> bool {
    let text = &stored.passage.text;
    let tokens = analyze_matching(text, stored.standard, &query_prefixes(query));
    let passage = StoredMatcher { index, query, stored, tokens };
    let by_words = query.must_match_word.then(|| passage.matches_any_word());
    let by_constraint = query.constraint.as_ref().map(|constraint| passage.satisfies(constraint));
    [by_words, by_constraint].into_iter().flatten().any(|matches| matches == Tristate::False)
}

/// A filter for the tokens on which the result depends, including those of exclusions.
fn query_prefixes(query: &Query) -> PrefixFilter {
    let mut prefixes = highlight_filter(query);
    for word in &query.words {
        prefixes.add_form(&word.exact);
        word.lemmas.iter().for_each(|key| prefixes.add_key(key));
        word.synonyms.iter().for_each(|synonym| add_phrase(&synonym.phrase, &mut prefixes));
    }
    for pattern in &query.patterns {
        pattern.expansions.iter().flatten().for_each(|form| prefixes.add_form(form));
    }
    query.constraint.iter().for_each(|constraint| add_constraint(constraint, &mut prefixes));
    prefixes
}

fn add_constraint(constraint: &Constraint, prefixes: &mut PrefixFilter) {
    match constraint {
        Constraint::All(operands) | Constraint::Any(operands) => {
            operands.iter().for_each(|operand| add_constraint(operand, prefixes))
        }
        Constraint::Not(operand) => add_constraint(operand, prefixes),
        Constraint::Phrase(phrase) => add_phrase(phrase, prefixes),
        Constraint::Proximity(proximity) => add_proximity(proximity, prefixes),
        // The words and patterns of the query are added anyway; titles and filters don't concern the text.
        Constraint::Word(_) | Constraint::Pattern(_) | Constraint::Title(_) | Constraint::Filter(_) => {}
    }
}

/// Kleene's three-valued logic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tristate {
    True,
    False,
    Unknown,
}

impl Tristate {
    fn not(self) -> Tristate {
        match self {
            Tristate::True => Tristate::False,
            Tristate::False => Tristate::True,
            Tristate::Unknown => Tristate::Unknown,
        }
    }

    fn any(values: impl IntoIterator<Item = Tristate>) -> Tristate {
        let mut result = Tristate::False;
        for value in values {
            match value {
                Tristate::True => return Tristate::True,
                Tristate::Unknown => result = Tristate::Unknown,
                Tristate::False => {}
            }
        }
        result
    }
}

impl From<bool> for Tristate {
    fn from(value: bool) -> Tristate {
        if value { Tristate::True } else { Tristate::False }
    }
}

/// Matches a query against a stored passage.
struct StoredMatcher<'a> {
    index: &'a Index,
    query: &'a Query,
    stored: &'a StoredPassage,
    tokens: Vec<Token>,
}

/// Maximum number of combinations of lemmas that a search tries for a phrase; the same as `MAX_READINGS` in
/// `query/phrase.rs`. If a phrase has more, it can't be decided here whether the index matches it.
const MAX_PHRASE_READINGS: usize = 16;

impl StoredMatcher<'_> {
    fn matches_any_word(&self) -> Tristate {
        let words = self.query.matching_words().map(|word| {
            let is_split_compound = self.tokens.iter().any(|token| has_lemma(token, &word.split_compound.lemmas));
            Tristate::any([is_split_compound.into(), self.matches_word(word)])
        });
        let patterns =
            self.query.matching_patterns().map(|pattern| self.has_any_form(pattern.expansions.as_deref()).into());
        Tristate::any(words.chain(patterns))
    }

    fn satisfies(&self, constraint: &Constraint) -> Tristate {
        match constraint {
            Constraint::All(operands) => {
                Tristate::any(operands.iter().map(|operand| self.satisfies(operand).not())).not()
            }
            Constraint::Any(operands) => Tristate::any(operands.iter().map(|operand| self.satisfies(operand))),
            Constraint::Not(operand) => self.satisfies(operand).not(),
            Constraint::Word(index) => {
                self.query.words.get(*index).map_or(Tristate::Unknown, |word| self.matches_word(word))
            }
            Constraint::Phrase(phrase) => self.matches_phrase(phrase),
            Constraint::Proximity(proximity) => self.matches_proximity(proximity).into(),
            Constraint::Pattern(index) => self
                .has_any_form(self.query.patterns.get(*index).and_then(|pattern| pattern.expansions.as_deref()))
                .into(),
            Constraint::Title(keys) => self.matches_title(keys).into(),
            Constraint::Filter(filter) => self.matches_filter(filter),
        }
    }

    fn matches_word(&self, word: &QueryWord) -> Tristate {
        let occurs = self.tokens.iter().any(|token| {
            has_form(token, std::slice::from_ref(&word.exact))
                || has_lemma(token, &word.lemmas)
                || has_component(token, &word.lemmas)
        });
        let synonyms = word.synonyms.iter().map(|synonym| self.matches_phrase(&synonym.phrase));
        Tristate::any([occurs.into()].into_iter().chain(synonyms))
    }

    fn has_any_form(&self, forms: Option<&[String]>) -> bool {
        self.tokens.iter().any(|token| has_form(token, forms.unwrap_or(&[])))
    }

    fn matches_phrase(&self, phrase: &Phrase) -> Tristate {
        let mut matches = Vec::new();
        find_phrase(&self.stored.passage.text, &self.tokens, phrase, 0, &mut matches);
        let readings = match phrase {
            Phrase::Lemmas(words) => words.iter().fold(1usize, |all, (_, lemmas)| all.saturating_mul(lemmas.len())),
            Phrase::ExactWord(_) | Phrase::ExactWords(_) => 1,
        };
        if !matches.is_empty() && readings > MAX_PHRASE_READINGS {
            Tristate::Unknown
        } else {
            (!matches.is_empty()).into()
        }
    }

    fn matches_proximity(&self, proximity: &Proximity) -> bool {
        let mut matches = Vec::new();
        find_proximity(&self.tokens, proximity, 0, &mut matches);
        !matches.is_empty()
    }

    fn matches_title(&self, keys: &[String]) -> bool {
        let title = self.stored.title.as_deref().filter(|_| self.stored.kind == DocumentKind::Passage).unwrap_or("");
        // The title was analyzed in the written standard of the page's first passage, which need not be this one.
        [Standard::Bokmal, Standard::Nynorsk, Standard::Both].into_iter().any(|standard| {
            let tokens = analyze(title, standard);
            tokens.iter().any(|token| has_lemma(token, keys) || has_component(token, keys))
        })
    }

    fn matches_filter(&self, filter: &Filter) -> Tristate {
        let stored = self.stored;
        let matches = |value: Option<&str>| value.is_some_and(|value| filter.matches(value));
        let is_match = match filter.field() {
            FilterField::Source => matches(stored.source.as_deref()),
            FilterField::Site => matches(stored.site().as_deref()),
            FilterField::Lang => matches(Some(stored.lang.code())),
            FilterField::Path => {
                let path = self.index.base.show(&stored.page.path);
                let record = stored.page.record.as_ref().map(|record| format!("{path}#{record}"));
                filter.matches(&path) || record.is_some_and(|record| filter.matches(&record))
            }
            FilterField::Date => match filter {
                Filter::Days(days) => stored.day().is_some_and(|day| days.contains(&day)),
                _ => return Tristate::Unknown,
            },
        };
        is_match.into()
    }
}

fn has_component(token: &Token, keys: &[String]) -> bool {
    token.word.components().any(|component| keys.iter().any(|key| key == component))
}
