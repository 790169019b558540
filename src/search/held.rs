//! Given a passage that the index led to, does its text hold what the query asks for?
//!
//! No file is verified in a search, and damaged postings lead to passages that have nothing to do with the query. So what
//! is shown is read once more: its terms, its title and what it is filtered by are those that were indexed of it.

use crate::index::{DocumentKind, Index, StoredPassage};
use crate::norwegian::{PrefixFilter, Standard, Token, analyze, analyze_matching};
use crate::query::{Constraint, Filter, FilterField, Phrase, Proximity, Query, QueryWord};
use crate::snippet::{add_near, add_phrase, find_near, find_phrase, has_form, has_lemma, starts};

/// Whether the passage is certainly none that the query finds.
pub fn is_misled(index: &Index, query: &Query, stored: &StoredPassage) -> bool {
    let text = &stored.passage.text;
    let passage = Passage { index, query, stored, terms: analyze_matching(text, stored.standard, &asked(query)) };
    let by_words = query.must_match_word.then(|| passage.has_finding_word());
    let by_constraint = query.constraint.as_ref().map(|constraint| passage.holds(constraint));
    [by_words, by_constraint].into_iter().flatten().any(|holds| holds == Some(false))
}

/// What must stand in a word of the passage that a query asks for, or that it leaves out.
fn asked(query: &Query) -> PrefixFilter {
    let mut asked = starts(query);
    for word in &query.words {
        asked.add_form(&word.exact);
        word.lemmas.iter().for_each(|key| asked.add_key(key));
        word.synonyms.iter().for_each(|synonym| add_phrase(&synonym.phrase, &mut asked));
    }
    for pattern in &query.patterns {
        pattern.expansions.iter().flatten().for_each(|form| asked.add_form(form));
    }
    query.constraint.iter().for_each(|constraint| add_constraint(constraint, &mut asked));
    asked
}

fn add_constraint(constraint: &Constraint, asked: &mut PrefixFilter) {
    match constraint {
        Constraint::All(parts) | Constraint::Any(parts) => parts.iter().for_each(|part| add_constraint(part, asked)),
        Constraint::Not(part) => add_constraint(part, asked),
        Constraint::Phrase(phrase) => add_phrase(phrase, asked),
        Constraint::Proximity(near) => add_near(near, asked),
        // Those of the query are asked for anyway, and the others not of the text.
        Constraint::Word(_) | Constraint::Pattern(_) | Constraint::Title(_) | Constraint::Filter(_) => {}
    }
}

/// `None` stands for what can't be told.
type Told = Option<bool>;

struct Passage<'a> {
    index: &'a Index,
    query: &'a Query,
    stored: &'a StoredPassage,
    terms: Vec<Token>,
}

/// As many readings of a phrase are looked for as `query::Phrase` says; of one that has more, it can't be told here that
/// the index must have found it.
const FEW_READINGS: usize = 16;

impl Passage<'_> {
    fn has_finding_word(&self) -> Told {
        let words = self.query.matching_words().map(|word| {
            let joined = self.terms.iter().any(|here| has_lemma(here, &word.split_compound));
            any([Some(joined), self.word(word)])
        });
        let patterns = self.query.matching_patterns().map(|pattern| self.forms(pattern.expansions.as_deref()));
        any(words.chain(patterns))
    }

    fn holds(&self, constraint: &Constraint) -> Told {
        match constraint {
            Constraint::All(parts) => not(any(parts.iter().map(|part| not(self.holds(part))))),
            Constraint::Any(parts) => any(parts.iter().map(|part| self.holds(part))),
            Constraint::Not(part) => not(self.holds(part)),
            Constraint::Word(place) => self.query.words.get(*place).and_then(|word| self.word(word)),
            Constraint::Phrase(phrase) => self.phrase(phrase),
            Constraint::Proximity(near) => Some(self.near(near)),
            Constraint::Pattern(place) => {
                self.forms(self.query.patterns.get(*place).and_then(|it| it.expansions.as_deref()))
            }
            Constraint::Title(keys) => Some(self.title(keys)),
            Constraint::Filter(filter) => self.filter(filter),
        }
    }

    fn word(&self, word: &QueryWord) -> Told {
        let stands = self.terms.iter().any(|here| {
            has_form(here, std::slice::from_ref(&word.exact))
                || has_lemma(here, &word.lemmas)
                || has_part(here, &word.lemmas)
        });
        any([Some(stands)].into_iter().chain(word.synonyms.iter().map(|synonym| self.phrase(&synonym.phrase))))
    }

    fn forms(&self, forms: Option<&[String]>) -> Told {
        Some(self.terms.iter().any(|here| has_form(here, forms.unwrap_or(&[]))))
    }

    fn phrase(&self, phrase: &Phrase) -> Told {
        let mut found = Vec::new();
        find_phrase(&self.stored.passage.text, &self.terms, phrase, 0, &mut found);
        let readings = match phrase {
            Phrase::Lemmas(row) => row.iter().fold(1usize, |all, (_, lemmas)| all.saturating_mul(lemmas.len())),
            Phrase::ExactWord(_) | Phrase::ExactWords(_) => 1,
        };
        if !found.is_empty() && readings > FEW_READINGS { None } else { Some(!found.is_empty()) }
    }

    fn near(&self, near: &Proximity) -> bool {
        let mut found = Vec::new();
        find_near(&self.terms, near, 0, &mut found);
        !found.is_empty()
    }

    fn title(&self, keys: &[String]) -> bool {
        let title = self.stored.title.as_deref().filter(|_| self.stored.kind == DocumentKind::Passage).unwrap_or("");
        // It was read as the first passage of the page is.
        [Standard::Bokmal, Standard::Nynorsk, Standard::Both].into_iter().any(|standard| {
            let terms = analyze(title, standard);
            terms.iter().any(|here| has_lemma(here, keys) || has_part(here, keys))
        })
    }

    fn filter(&self, filter: &Filter) -> Told {
        let stored = self.stored;
        let fits = |value: Option<&str>| value.is_some_and(|value| filter.matches(value));
        Some(match filter.field() {
            FilterField::Source => fits(stored.source.as_deref()),
            FilterField::Site => fits(stored.site().as_deref()),
            FilterField::Lang => fits(Some(stored.lang.code())),
            FilterField::Path => {
                let shown = self.index.base.show(&stored.page.path);
                let in_file = stored.page.record.as_ref().map(|record| format!("{shown}#{record}"));
                filter.matches(&shown) || in_file.is_some_and(|place| filter.matches(&place))
            }
            FilterField::Date => match filter {
                Filter::Days(days) => stored.day().is_some_and(|day| days.contains(&day)),
                _ => return None,
            },
        })
    }
}

fn has_part(here: &Token, keys: &[String]) -> bool {
    here.word.components().any(|part| keys.iter().any(|key| key == part))
}

fn any(parts: impl IntoIterator<Item = Told>) -> Told {
    let mut told = Some(false);
    for part in parts {
        match part {
            Some(true) => return Some(true),
            None => told = None,
            Some(false) => {}
        }
    }
    told
}

fn not(told: Told) -> Told {
    told.map(|told| !told)
}
