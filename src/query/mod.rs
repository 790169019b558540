//! Given what a person typed, which terms of the index is it?
//!
//! `syntax` finds the words, phrases and exclusions; here they become index terms, by the same analysis as
//! the pages, and words get the other names that `synonyms` knows for them.

mod joined;
mod synonyms;
mod syntax;
mod typed;

pub use synonyms::{Expansion, Synonyms};
pub use typed::unquoted;

use std::collections::HashMap;

use tantivy::Term as IndexTerm;
use tantivy::query::{BooleanQuery, PhraseQuery, TermQuery};
use tantivy::schema::IndexRecordOption;

use crate::index::Fields;
use crate::norwegian::{self, Occurrence, Standard, is_day, is_stop_word};

/// What a person looks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// All that was typed.
    pub text: String,
    /// Words in the order in which they were typed, stop words among them; each once.
    pub words: Vec<Word>,
    /// Each must stand in a passage.
    pub phrases: Vec<Phrase>,
    /// None may stand in a passage.
    pub excluded: Vec<Phrase>,
    /// How many words were left out because there were too many.
    pub left_out: usize,
}

/// A word as index terms of each kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub exact: String,
    /// The keys of its lemmas, in either standard: each finds.
    pub lemmas: Vec<String>,
    /// Of a compound the keys of its parts: they lift what matches, and find nothing.
    pub parts: Vec<String>,
    /// The keys of the compound that it is with the word after it, typed apart: they find what both would.
    pub joined: Vec<String>,
    /// Other names for it: they find what it would.
    pub synonyms: Vec<Synonym>,
    /// A closed-class word: it finds only where no other words are asked for.
    pub is_stop: bool,
    /// It was typed in quotes and nowhere else: a match is where the phrase stands.
    pub is_quoted: bool,
}

/// Another name for a word, or for several typed in a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Synonym {
    /// As its group has it.
    pub name: String,
    pub phrase: Phrase,
    /// How many words of the query it stands for together; each of them has it.
    pub shared_by: usize,
}

/// Words that stand one after the other.
#[derive(Clone, Debug, PartialEq)]
pub enum Phrase {
    /// One word, exactly as typed.
    Exact(String),
    /// The lemmas that a word may have, with its place relative to the first.
    Lemmas(Vec<(usize, Vec<String>)>),
}

/// More words than anyone types; beyond it a query is a pasted text.
const MAX_WORDS: usize = 256;

/// Reads a query. Every text is one; one without letters and digits finds nothing. Words outside of quotes and
/// exclusions get the synonyms that are known for them.
pub fn parse(text: &str, synonyms: &Synonyms) -> Query {
    let mut query = Query { text: text.to_string(), ..Query::default() };
    let mut places = HashMap::new();
    for clause in syntax::clauses(text) {
        match clause {
            syntax::Clause::Words(text) => {
                let typed = query.add_words(text, false, &mut places);
                query.add_joined(&typed, &places);
                query.add_synonyms(&typed, synonyms, &places);
            }
            syntax::Clause::Phrase(text) => {
                if let Some(phrase) = phrase(text, true) {
                    query.add_words(text, true, &mut places);
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
        let only_stop_words = self.only_stop_words();
        self.words.iter().filter(move |word| only_stop_words || !word.is_stop)
    }

    /// The words that lift what others find.
    pub fn lifting_words(&self) -> impl Iterator<Item = &Word> {
        let only_stop_words = self.only_stop_words();
        self.words.iter().filter(move |word| !only_stop_words && word.is_stop)
    }

    fn only_stop_words(&self) -> bool {
        self.words.iter().all(|word| word.is_stop)
    }

    /// Adds the words of a text, and gives them as they stand there. `places` tells where in `words` each exact
    /// form is.
    fn add_words(&mut self, text: &str, is_quoted: bool, places: &mut HashMap<Box<str>, usize>) -> Vec<Occurrence> {
        let typed = norwegian::analyze(text, Standard::Both);
        for Occurrence { word, .. } in &typed {
            if let Some(place) = places.get(word.exact()) {
                self.words[*place].is_quoted &= is_quoted;
                continue;
            }
            if self.words.len() >= MAX_WORDS {
                self.left_out += 1;
                continue;
            }
            places.insert(word.exact().into(), self.words.len());
            self.words.push(Word {
                exact: word.exact().to_string(),
                lemmas: keys(word),
                parts: word.parts().map(str::to_string).collect(),
                joined: Vec::new(),
                synonyms: Vec::new(),
                is_stop: is_stop_word(word.exact()),
                is_quoted,
            });
        }
        typed
    }

    /// Reads words that were typed one after the other as compounds typed apart.
    fn add_joined(&mut self, typed: &[Occurrence], places: &HashMap<Box<str>, usize>) {
        let wholes: Vec<&norwegian::Word> = wholes(typed).collect();
        for pair in wholes.windows(2) {
            if let Some(place) = places.get(pair[0].exact()) {
                self.words[*place].joined.extend(joined::joined(pair[0], pair[1]));
            }
        }
    }

    /// Gives their synonyms to words that were typed in a row. The stop words of a name don't find, so they get none.
    fn add_synonyms(&mut self, typed: &[Occurrence], synonyms: &Synonyms, places: &HashMap<Box<str>, usize>) {
        let wholes: Vec<&str> = wholes(typed).map(norwegian::Word::exact).collect();
        for Expansion { from, to } in synonyms.expansions(&wholes) {
            let mut named: Vec<usize> = wholes[from].iter().filter_map(|exact| places.get(*exact).copied()).collect();
            named.sort_unstable();
            named.dedup();
            if named.iter().any(|place| !self.words[*place].is_stop) {
                named.retain(|place| !self.words[*place].is_stop);
            }
            for name in to {
                let Some(phrase) = phrase(&name, false) else {
                    continue;
                };
                for place in &named {
                    let known = &mut self.words[*place].synonyms;
                    if !known.iter().any(|synonym| synonym.phrase == phrase) {
                        known.push(Synonym { name: name.clone(), phrase: phrase.clone(), shared_by: named.len() });
                    }
                }
            }
        }
    }
}

/// The words at one position after the other.
fn positions(words: &[Occurrence]) -> impl Iterator<Item = &[Occurrence]> {
    words.chunk_by(|one, other| one.position == other.position)
}

/// The words as they were typed; a hyphenated one is one.
fn wholes(typed: &[Occurrence]) -> impl Iterator<Item = &norwegian::Word> {
    positions(typed)
        .filter_map(|here| here.iter().find(|word| !word.is_part && !word.is_implied))
        .map(|word| &word.word)
}

/// Of the words at one position the one that was typed; of a hyphenated word its part.
fn typed(here: &[Occurrence]) -> Option<&Occurrence> {
    let mut typed = here.iter().filter(|word| !word.is_implied);
    typed.clone().find(|word| word.is_part).or_else(|| typed.next())
}

/// A phrase of ambiguous words is looked for in so many readings.
const MAX_READINGS: usize = 16;

impl Phrase {
    /// The query that finds the passages in which it stands.
    pub fn query(&self, fields: &Fields) -> Box<dyn tantivy::query::Query> {
        let term = |field, text: &str| IndexTerm::from_field_text(field, text);
        let one = |term| Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn tantivy::query::Query>;
        let words = match self {
            Phrase::Exact(word) => return one(term(fields.exact, word)),
            Phrase::Lemmas(words) => words,
        };
        let mut readings: Vec<Vec<(usize, IndexTerm)>> = vec![Vec::new()];
        for (place, lemmas) in words {
            let fitting = (MAX_READINGS / readings.len()).max(1);
            readings = lemmas
                .iter()
                .take(fitting)
                .flat_map(|lemma| {
                    readings.iter().map(|reading| {
                        let mut reading = reading.clone();
                        reading.push((*place, term(fields.lemma, lemma)));
                        reading
                    })
                })
                .collect();
        }
        let mut queries: Vec<Box<dyn tantivy::query::Query>> = readings
            .into_iter()
            .map(|mut reading| match reading.len() {
                1 => one(reading.remove(0).1),
                _ => Box::new(PhraseQuery::new_with_offset(reading)),
            })
            .collect();
        match queries.len() {
            1 => queries.remove(0),
            _ => Box::new(BooleanQuery::union(queries)),
        }
    }
}

fn keys(word: &norwegian::Word) -> Vec<String> {
    word.lemmas().map(str::to_string).collect()
}

/// A quoted word is meant as it is typed; an unquoted exclusion means all its forms. Of a hyphenated word
/// the parts follow one another. A date is one term however it is written, in the place of the words that it has.
fn phrase(text: &str, is_quoted: bool) -> Option<Phrase> {
    let words = norwegian::analyze(text, Standard::Both);
    let mut asked: Vec<&Occurrence> = Vec::new();
    let mut day_end = 0;
    for here in positions(&words) {
        let Some(typed) = typed(here).filter(|typed| typed.start >= day_end) else {
            continue;
        };
        let is_whole = |unit: &&Occurrence| unit.start <= typed.start && unit.end >= typed.end;
        let day = here.iter().filter(is_whole).find(|unit| is_day(unit.word.exact()));
        day_end = day.map_or(day_end, |day| day.end);
        asked.push(day.unwrap_or(typed));
    }
    let first = asked.first()?;
    if is_quoted && asked.len() == 1 {
        return Some(Phrase::Exact(first.word.exact().to_string()));
    }
    let place = |word: &&Occurrence| ((word.position - first.position) as usize, keys(&word.word));
    Some(Phrase::Lemmas(asked.iter().map(place).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Query {
        parse(text, &Synonyms::builtin())
    }

    #[track_caller]
    fn check(text: &str, words: &str, phrases: usize, excluded: usize) {
        let query = parsed(text);
        let found: Vec<&str> = query.words.iter().map(|word| word.exact.as_str()).collect();
        assert_eq!(
            (found.join(" ").as_str(), query.phrases.len(), query.excluded.len()),
            (words, phrases, excluded),
            "{text}"
        );
    }

    #[test]
    fn whatever_is_typed_is_a_query() {
        check("taushetsplikt", "taushetsplikt", 0, 0);
        check("\"utsatte barn\" og unge", "utsatte barn og unge", 1, 0);
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
        check("«utsatte barn»", "utsatte barn", 1, 0);
        check("barn Barn barn", "barn", 0, 0);
    }

    #[test]
    fn a_pasted_text_is_cut_and_said_so() {
        let text: String = (0..1000).map(|number| format!("ord{number} ")).collect();
        let query = parsed(&text);
        assert_eq!((query.words.len(), query.left_out), (MAX_WORDS, 1000 - MAX_WORDS));
    }

    #[test]
    fn stop_words_find_only_when_alone() {
        let found = |text: &str| parsed(text).finding_words().map(|word| word.exact.clone()).collect::<Vec<_>>();
        assert_eq!(found("barn og unge"), ["barn", "unge"]);
        assert_eq!(found("hva er"), ["hva", "er"]);
    }

    #[track_caller]
    fn check_phrase(text: &str, is_quoted: bool, expected: &[(usize, &str)]) {
        let Some(Phrase::Lemmas(places)) = phrase(text, is_quoted) else {
            panic!("{text} is no phrase of lemmas");
        };
        let found: Vec<usize> = places.iter().map(|(place, _)| *place).collect();
        assert_eq!(found, expected.iter().map(|(place, _)| *place).collect::<Vec<_>>(), "{text}");
        for ((_, lemmas), (_, lemma)) in places.iter().zip(expected) {
            assert!(lemmas.iter().any(|known| known == lemma), "{lemma} in {text}: {lemmas:?}");
        }
    }

    #[test]
    fn phrases_count_the_parts_of_hyphenated_words() {
        check_phrase("0-24-samarbeidet i", true, &[(0, "0-24"), (1, "samarbeid"), (2, "i")]);
        check_phrase("rapport 2/2020", true, &[(0, "rapport"), (1, "2/2020")]);
        check_phrase("lovverket", false, &[(0, "lovverk")]);
        check_phrase("støtte- og veiledningsressurser", true, &[(0, "støtte"), (1, "og"), (2, "veiledningsressurs")]);
        assert_eq!(phrase("2/2020", true), Some(Phrase::Exact("2/2020".into())));
        assert_eq!(phrase("lovverket", true), Some(Phrase::Exact("lovverket".into())));
        assert_eq!(phrase("…", true), None);
    }

    #[test]
    fn a_date_and_a_paragraph_are_one_place_of_a_phrase() {
        for text in ["10.11.2020", "10. november 2020", "10. nov. 2020", "2020-11-10"] {
            assert_eq!(phrase(text, true), Some(Phrase::Exact("2020-11-10".into())), "{text}");
        }
        for text in ["§ 33", "paragraf 33", "§33"] {
            assert_eq!(phrase(text, true), Some(Phrase::Exact("§33".into())), "{text}");
        }
        check_phrase("møtet 10. november 2020 i", true, &[(0, "møte"), (1, "2020-11-10"), (4, "i")]);
        check_phrase("etter § 8–1 i", true, &[(0, "etter"), (1, "§8-1"), (2, "i")]);
        check_phrase("november 2020", true, &[(0, "november"), (1, "2020")]);
        check_phrase("10.11.2020–12.11.2020 i", true, &[(0, "10.11.2020-12.11.2020"), (1, "i")]);
    }

    #[test]
    fn words_in_a_row_get_the_names_that_stand_for_them() {
        let named = |text: &str| -> Vec<(String, usize)> {
            let words = parsed(text).words.into_iter().flat_map(|word| word.synonyms);
            words.map(|synonym| (synonym.name, synonym.shared_by)).collect()
        };
        let full = "Barne-, ungdoms- og familiedirektoratet";
        assert_eq!(named("fra Bufdir"), [(full.to_string(), 1)]);
        assert_eq!(named(full), vec![("Bufdir".to_string(), 3); 3], "the stop word gets none");
        assert_eq!(named("\"Bufdir\" -Bufdir"), []);
        assert_eq!(named("Bufdir bufdir"), [(full.to_string(), 1)]);
        // One of its three other names differs by a hyphen only, and finds the same.
        assert_eq!(named("PP-tjenesten").len(), 2);
        let pasted: String = (0..MAX_WORDS).map(|number| format!("ord{number} ")).collect();
        assert_eq!(named(&format!("{pasted} Bufdir")), []);
        let mut own = Synonyms::builtin();
        own.add("pct. = %", "own").unwrap();
        let names =
            |text| parse(text, &own).words.into_iter().flat_map(|word| word.synonyms).map(|synonym| synonym.name);
        assert!(names("75 %").eq(["pct.".to_string()]));
        assert!(names("pct").eq(["prosent".to_string()]));
    }
}
