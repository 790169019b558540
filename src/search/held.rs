//! Given a passage that the index led to, does its text hold what the query asks for?
//!
//! No file is verified in a search, and damaged postings lead to passages that have nothing to do with the query. So what
//! is shown is read once more: its terms, its title and what it is filtered by are those that were indexed of it.

use crate::index::{Index, Role, Stored};
use crate::norwegian::{Occurrence, analyze};
use crate::query::{Constraint, Facet, Filter, Near, Phrase, Query, Word, runs};

/// Whether the passage is certainly none that the query finds.
pub fn is_misled(index: &Index, query: &Query, stored: &Stored) -> bool {
    let text = &stored.passage.text;
    let passage = Passage { index, query, stored, terms: analyze(text, stored.standard) };
    let by_words = query.finds_by_words.then(|| passage.has_finding_word());
    let by_constraint = query.constraint.as_ref().map(|constraint| passage.holds(constraint));
    [by_words, by_constraint].into_iter().flatten().any(|holds| holds == Some(false))
}

/// `None` stands for what can't be told.
type Told = Option<bool>;

struct Passage<'a> {
    index: &'a Index,
    query: &'a Query,
    stored: &'a Stored,
    terms: Vec<Occurrence>,
}

/// As many readings of a phrase are looked for as `query::Phrase` says; of one that has more, it can't be told here that
/// the index must have found it.
const FEW_READINGS: usize = 16;

impl Passage<'_> {
    fn has_finding_word(&self) -> Told {
        let words = self.query.finding_words().map(|word| {
            let joined = self.terms.iter().any(|here| has_any(here.word.lemmas(), &word.joined));
            any([Some(joined), self.word(word)])
        });
        let patterns = self.query.finding_patterns().map(|pattern| self.forms(pattern.forms.as_deref()));
        any(words.chain(patterns))
    }

    fn holds(&self, constraint: &Constraint) -> Told {
        match constraint {
            Constraint::All(parts) => not(any(parts.iter().map(|part| not(self.holds(part))))),
            Constraint::Any(parts) => any(parts.iter().map(|part| self.holds(part))),
            Constraint::Not(part) => not(self.holds(part)),
            Constraint::Word(place) => self.query.words.get(*place).and_then(|word| self.word(word)),
            Constraint::Phrase(phrase) => self.phrase(phrase),
            Constraint::Near(near) => Some(self.near(near)),
            Constraint::Pattern(place) => {
                self.forms(self.query.patterns.get(*place).and_then(|it| it.forms.as_deref()))
            }
            Constraint::Title(keys) => Some(self.title(keys)),
            Constraint::Filter(filter) => self.filter(filter),
        }
    }

    fn word(&self, word: &Word) -> Told {
        let stands = self.terms.iter().any(|here| {
            !here.is_implied && here.word.exact() == word.exact
                || has_any(here.word.lemmas(), &word.lemmas)
                || has_any(here.word.parts(), &word.lemmas)
        });
        any([Some(stands)].into_iter().chain(word.synonyms.iter().map(|synonym| self.phrase(&synonym.phrase))))
    }

    fn forms(&self, forms: Option<&[String]>) -> Told {
        let is_one = |here: &Occurrence| !here.is_implied && has_any([here.word.exact()], forms.unwrap_or(&[]));
        Some(self.terms.iter().any(is_one))
    }

    fn phrase(&self, phrase: &Phrase) -> Told {
        match phrase {
            Phrase::Exact(word) => self.forms(Some(std::slice::from_ref(word))),
            Phrase::Row(row) => {
                let is_one = |here: &Occurrence, word: &String| !here.is_implied && here.word.exact() == word;
                Some(self.row(row, is_one))
            }
            Phrase::Lemmas(row) => {
                let stands = self.row(row, |here, lemmas| has_any(here.word.lemmas(), lemmas));
                let readings = row.iter().fold(1usize, |all, (_, lemmas)| all.saturating_mul(lemmas.len()));
                if stands && readings > FEW_READINGS { None } else { Some(stands) }
            }
        }
    }

    /// Whether words stand one after the other, each at its place from the first.
    fn row<T>(&self, row: &[(usize, T)], is_one: impl Fn(&Occurrence, &T) -> bool) -> bool {
        let Some(((first_place, first), rest)) = row.split_first() else {
            return false;
        };
        let begins = self.terms.iter().filter(|here| is_one(here, first)).map(|here| here.position as usize);
        let mut begins = begins.filter_map(|position| position.checked_sub(*first_place));
        begins.any(|begin| {
            let at = |(place, word): &(usize, T)| {
                self.terms.iter().any(|here| here.position as usize == begin + place && is_one(here, word))
            };
            rest.iter().all(at)
        })
    }

    fn near(&self, near: &Near) -> bool {
        let is_one = |here: &&Occurrence, keys: &[String]| match near.is_exact {
            true => !here.is_implied && has_any([here.word.exact()], keys),
            false => has_any(here.word.lemmas(), keys),
        };
        let places = |keys: &Vec<String>| {
            let mut places: Vec<u32> =
                self.terms.iter().filter(|here| is_one(here, keys)).map(|here| here.position).collect();
            places.sort_unstable();
            places.dedup();
            places
        };
        let places: Vec<Vec<u32>> = near.words.iter().map(places).collect();
        !runs(&places, near.width).is_empty()
    }

    fn title(&self, keys: &[String]) -> bool {
        let title = self.stored.title.as_deref().filter(|_| self.stored.role == Role::Passage).unwrap_or("");
        let terms = analyze(title, self.stored.standard);
        terms.iter().any(|here| has_any(here.word.lemmas().chain(here.word.parts()), keys))
    }

    fn filter(&self, filter: &Filter) -> Told {
        let stored = self.stored;
        let fits = |value: Option<&str>| value.is_some_and(|value| filter.fits(value));
        Some(match filter.facet() {
            Facet::Source => fits(stored.source.as_deref()),
            Facet::Site => fits(stored.site().as_deref()),
            Facet::Lang => fits(Some(stored.lang.code())),
            Facet::Path => {
                let shown = self.index.base.show(&stored.page.path);
                let in_file = stored.page.record.as_ref().map(|record| format!("{shown}#{record}"));
                filter.fits(&shown) || in_file.is_some_and(|place| filter.fits(&place))
            }
            Facet::Date => match filter {
                Filter::Days(days) => stored.day().is_some_and(|day| days.contains(&day)),
                _ => return None,
            },
        })
    }
}

fn has_any<'a>(terms: impl IntoIterator<Item = &'a str>, keys: &[String]) -> bool {
    terms.into_iter().any(|term| keys.iter().any(|key| key == term))
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
