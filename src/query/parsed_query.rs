//! A parsed query: the words and patterns that score, and the constraint that a passage must satisfy.

use super::ast::{QueryProblem, unwrap_single};
use super::filter::{Filter, FilterField};
use super::pattern::Pattern;
use super::phrase::{Phrase, Proximity};
use super::split_compound::SplitCompound;

/// A parsed query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// The text of the query.
    pub text: String,
    /// The words that score, each once, in the order in which they were typed, including stop words.
    pub words: Vec<QueryWord>,
    /// Phrases to highlight. The constraint says whether a passage must contain them.
    pub phrases: Vec<Phrase>,
    /// Proximity queries to highlight.
    pub proximities: Vec<Proximity>,
    /// Wildcard and fuzzy patterns. Those that are not excluded score.
    pub patterns: Vec<Pattern>,
    /// What a passage must satisfy; `None` if there is no condition other than `must_match_word`.
    pub constraint: Option<Constraint>,
    /// Whether a passage must match a word (see `matching_words`) or a pattern, in addition to the constraint.
    pub must_match_word: bool,
    /// Whether the query has a word, phrase, pattern or filter that is not excluded.
    pub has_positive_clause: bool,
    /// The number of words left out because the query has too many.
    pub dropped_words: usize,
    /// The parts of the query that can't be parsed as they were probably meant.
    pub problems: Vec<QueryProblem>,
    /// Whether the query contains a Norwegian operator and no lower-case letter; if so, its Norwegian operators were
    /// read as words.
    pub is_all_caps: bool,
}

/// A query word as index terms.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryWord {
    /// Its exact form.
    pub exact: String,
    /// Its lemma keys in both written standards; each of them matches.
    pub lemmas: Vec<String>,
    /// The lemma keys of its components, if it is a compound. They raise scores but match nothing.
    pub components: Vec<String>,
    /// The compounds that it forms with the next word, in case the two are a split compound. They match wherever either
    /// word would.
    pub split_compound: SplitCompound,
    /// Other names for it; they match wherever it would.
    pub synonyms: Vec<Synonym>,
    /// Whether it is a closed-class word, which matches only if the query has no other words.
    pub is_stop_word: bool,
    /// Whether it was typed only in quotes; if so, it is highlighted only as part of a phrase.
    pub is_quoted: bool,
}

/// Another name for a query word, or for several adjacent ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Synonym {
    /// The name as written in the synonym group.
    pub name: String,
    pub phrase: Phrase,
    /// Whether its meaning is only similar; it weighs less.
    pub is_near: bool,
    /// The number of query words that the name is a synonym for; each of them has this synonym.
    pub covered_words: usize,
}

/// A condition that a passage must satisfy; it adds nothing to scores.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    All(Vec<Constraint>),
    Any(Vec<Constraint>),
    Not(Box<Constraint>),
    /// It contains the query word with this index, in any form, as a component of a compound, or as a synonym.
    Word(usize),
    Phrase(Phrase),
    Proximity(Proximity),
    /// It contains a word that the pattern with this index matches.
    Pattern(usize),
    /// The title of its page contains a word with one of these lemma keys.
    Title(Vec<String>),
    Filter(Filter),
}

impl Query {
    /// Whether there is nothing to search for: no letters or digits, or only exclusions.
    pub fn is_empty(&self) -> bool {
        !self.has_positive_clause
    }

    /// Adds filters that every passage must also match.
    pub fn add_filters(&mut self, filters: Vec<Filter>) {
        if filters.is_empty() {
            return;
        }
        let mut all: Vec<Constraint> = self.constraint.take().into_iter().collect();
        all.extend(combine_filters(filters));
        self.constraint = Some(Constraint::All(all));
        self.has_positive_clause = true;
    }

    /// The patterns that match and score.
    pub fn matching_patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.patterns.iter().filter(|pattern| !pattern.is_excluded)
    }

    /// The words that match by themselves: all but the stop words, or the stop words if there are neither other words
    /// nor patterns.
    pub fn matching_words(&self) -> impl Iterator<Item = &QueryWord> {
        let has_only_stop_words = self.has_only_stop_words();
        self.words.iter().filter(move |word| has_only_stop_words || !word.is_stop_word)
    }

    /// The words that only raise the score of passages that contain other words of the query.
    pub fn boost_only_words(&self) -> impl Iterator<Item = &QueryWord> {
        let has_only_stop_words = self.has_only_stop_words();
        self.words.iter().filter(move |word| !has_only_stop_words && word.is_stop_word)
    }

    /// Whether every passage that satisfies the constraint contains a matching word.
    pub fn implies_word_match(&self) -> bool {
        let is_matching = |index: usize| self.has_only_stop_words() || !self.words[index].is_stop_word;
        self.constraint.as_ref().is_some_and(|constraint| constraint.implies_word(&is_matching))
    }

    fn has_only_stop_words(&self) -> bool {
        self.words.iter().all(|word| word.is_stop_word) && self.matching_patterns().next().is_none()
    }
}

impl Constraint {
    /// Whether every passage that satisfies it contains a word whose index satisfies `is_matching`.
    pub fn implies_word(&self, is_matching: &impl Fn(usize) -> bool) -> bool {
        match self {
            Constraint::All(operands) => operands.iter().any(|operand| operand.implies_word(is_matching)),
            Constraint::Any(operands) => operands.iter().all(|operand| operand.implies_word(is_matching)),
            Constraint::Word(index) => is_matching(*index),
            _ => false,
        }
    }

    /// All filters in it that are not negated.
    pub fn filters(&self) -> Vec<&Filter> {
        match self {
            Constraint::All(operands) | Constraint::Any(operands) => {
                operands.iter().flat_map(Constraint::filters).collect()
            }
            Constraint::Filter(filter) => vec![filter],
            _ => Vec::new(),
        }
    }
}

/// Combines filters: those on one field are alternatives, except for dates, which must all match.
pub fn combine_filters(filters: Vec<Filter>) -> Vec<Constraint> {
    let mut groups: Vec<(FilterField, Vec<Constraint>)> = Vec::new();
    for filter in filters {
        let field = filter.field();
        match groups.iter_mut().find(|(known, _)| *known == field && field != FilterField::Date) {
            Some((_, group)) => group.push(Constraint::Filter(filter)),
            None => groups.push((field, vec![Constraint::Filter(filter)])),
        }
    }
    groups.into_iter().map(|(_, group)| unwrap_single(group, Constraint::Any)).collect()
}
