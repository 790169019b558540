//! Given what a person typed, which terms of the index is it?
//!
//! `syntax` finds the words, phrases and exclusions; here they become index terms, by the same analysis as
//! the pages.

mod syntax;

use std::collections::HashSet;

use tantivy::Term as IndexTerm;
use tantivy::query::{PhraseQuery, TermQuery};
use tantivy::schema::IndexRecordOption;

use crate::index::Fields;
use crate::norwegian::{self, Kind, is_stop_word};

/// What a person looks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Words in the order in which they were typed, stop words among them; each once.
    pub words: Vec<Word>,
    /// Each must stand in a passage.
    pub phrases: Vec<Phrase>,
    /// None may stand in a passage.
    pub excluded: Vec<Phrase>,
    /// How many words were left out because there were too many.
    pub left_out: usize,
}

/// A word as an index term of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    pub exact: String,
    pub stem: String,
    /// A closed-class word: it counts only where no other words are asked for.
    pub is_stop: bool,
}

/// Words that stand one after the other.
#[derive(Clone, Debug, PartialEq)]
pub enum Phrase {
    /// One word, exactly as typed.
    Exact(String),
    /// Stems, with their places relative to the first.
    Stems(Vec<(usize, String)>),
}

/// More words than anyone types; beyond it a query is a pasted text.
const MAX_WORDS: usize = 256;

/// Reads a query. Every text is one; one without letters and digits finds nothing.
pub fn parse(text: &str) -> Query {
    let mut query = Query::default();
    let mut seen = HashSet::new();
    for clause in syntax::clauses(text) {
        match clause {
            syntax::Clause::Words(text) => query.add_words(text, &mut seen),
            syntax::Clause::Phrase(text) => {
                if let Some(phrase) = phrase(text, true) {
                    query.add_words(text, &mut seen);
                    query.phrases.push(phrase);
                }
            }
            syntax::Clause::Excluded { text, is_quoted } => query.excluded.extend(phrase(text, is_quoted)),
        }
    }
    query
}

impl Query {
    /// Nothing to look for: no letters, no digits, or exclusions alone.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.phrases.is_empty()
    }

    /// The words that find: all but the stop words, unless there are no others.
    pub fn finding_words(&self) -> impl Iterator<Item = &Word> {
        let only_stop_words = self.words.iter().all(|word| word.is_stop);
        self.words.iter().filter(move |word| only_stop_words || !word.is_stop)
    }

    fn add_words(&mut self, text: &str, seen: &mut HashSet<Word>) {
        let terms = norwegian::analyze(text);
        // Each word gives its exact form and its stem, one after the other.
        for pair in terms.chunks_exact(2) {
            let word =
                Word { exact: pair[0].text.clone(), stem: pair[1].text.clone(), is_stop: is_stop_word(&pair[0].text) };
            if seen.contains(&word) {
                continue;
            }
            if seen.len() >= MAX_WORDS {
                self.left_out += 1;
                continue;
            }
            seen.insert(word.clone());
            self.words.push(word);
        }
    }
}

impl Phrase {
    /// The query that finds the passages in which it stands.
    pub fn query(&self, fields: &Fields) -> Box<dyn tantivy::query::Query> {
        match self {
            Phrase::Exact(word) => {
                Box::new(TermQuery::new(IndexTerm::from_field_text(fields.exact, word), IndexRecordOption::Basic))
            }
            Phrase::Stems(stems) => match stems.as_slice() {
                [(_, stem)] => {
                    Box::new(TermQuery::new(IndexTerm::from_field_text(fields.stem, stem), IndexRecordOption::Basic))
                }
                stems => Box::new(PhraseQuery::new_with_offset(
                    stems.iter().map(|(place, stem)| (*place, IndexTerm::from_field_text(fields.stem, stem))).collect(),
                )),
            },
        }
    }
}

/// A quoted word is meant as it is typed; an unquoted exclusion means all its forms. Of a hyphenated word
/// the parts follow one another.
fn phrase(text: &str, is_quoted: bool) -> Option<Phrase> {
    let terms = norwegian::analyze(text);
    let words = terms.iter().filter(|term| term.kind == Kind::Stem).count();
    if words == 1 && is_quoted {
        return terms.into_iter().find(|term| term.kind == Kind::Exact).map(|term| Phrase::Exact(term.text));
    }
    let stems: Vec<_> = terms.iter().filter(|term| term.kind == Kind::Stem).collect();
    let has_parts = |position: u32| stems.iter().any(|term| term.part && term.position == position);
    let places: Vec<(usize, String)> = stems
        .iter()
        .filter(|term| term.part || !has_parts(term.position))
        .map(|term| (term.position as usize, term.text.clone()))
        .collect();
    let first = places.first()?.0;
    Some(Phrase::Stems(places.into_iter().map(|(place, stem)| (place - first, stem)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, words: &str, phrases: usize, excluded: usize) {
        let query = parse(text);
        let found: Vec<&str> = query.words.iter().map(|word| word.stem.as_str()).collect();
        assert_eq!(
            (found.join(" ").as_str(), query.phrases.len(), query.excluded.len()),
            (words, phrases, excluded),
            "{text}"
        );
    }

    #[test]
    fn whatever_is_typed_is_a_query() {
        check("taushetsplikt", "taushetsplikt", 0, 0);
        check("\"utsatte barn\" og unge", "utsatt barn og ung", 1, 0);
        check("barn -unge", "barn", 0, 1);
        check("0-24", "0-24", 0, 0);
        check("(barn", "barn", 0, 0);
        check("barn OR", "barn or", 0, 0);
        check(":", "", 0, 0);
        check("\"", "", 0, 0);
        check("\"barn", "barn", 0, 0);
        check("-barn", "", 0, 1);
        check("🙂", "", 0, 0);
        check("- barn", "barn", 0, 0);
        check("barn -\"de unge\"", "barn", 0, 1);
        check("«utsatte barn»", "utsatt barn", 1, 0);
        check("barn Barn barn", "barn", 0, 0);
    }

    #[test]
    fn a_pasted_text_is_cut_and_said_so() {
        let text: String = (0..1000).map(|number| format!("ord{number} ")).collect();
        let query = parse(&text);
        assert_eq!((query.words.len(), query.left_out), (MAX_WORDS, 1000 - MAX_WORDS));
    }

    #[test]
    fn stop_words_find_only_when_alone() {
        let found = |text: &str| parse(text).finding_words().map(|word| word.exact.clone()).collect::<Vec<_>>();
        assert_eq!(found("barn og unge"), ["barn", "unge"]);
        assert_eq!(found("hva er"), ["hva", "er"]);
    }

    #[test]
    fn phrases_count_the_parts_of_hyphenated_words() {
        let stems = |places: &[(usize, &str)]| {
            Some(Phrase::Stems(places.iter().map(|(place, stem)| (*place, stem.to_string())).collect()))
        };
        assert_eq!(phrase("0-24-samarbeidet i", true), stems(&[(0, "0-24"), (1, "samarbeid"), (2, "i")]));
        // The year in a number is a second term at its place, and required like the number.
        assert_eq!(phrase("rapport 2/2020", true), stems(&[(0, "rapport"), (1, "2/2020"), (1, "2020")]));
        assert_eq!(phrase("2/2020", true), stems(&[(0, "2/2020"), (0, "2020")]));
        assert_eq!(phrase("lovverket", false), stems(&[(0, "lovverk")]));
        assert_eq!(phrase("lovverket", true), Some(Phrase::Exact("lovverket".into())));
        assert_eq!(phrase("…", true), None);
    }
}
