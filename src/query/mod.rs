//! Given what a person typed, which terms of the index is it?
//!
//! `syntax` finds out how it hangs together; here its words become index terms, by the same analysis as the pages, and
//! get the other names that `synonyms` knows for them; `constraint` says what must hold of a passage beside.

mod constraint;
mod filter;
mod joined;
mod lex;
mod pattern;
mod phrase;
mod synonyms;
mod syntax;
mod typed;

pub use constraint::Constraint;
pub use filter::{Filter, FilterField};
pub use pattern::{Pattern, PatternKind};
pub use phrase::{Phrase, Proximity, every_lemma, in_row, runs};
pub use synonyms::{Expansion, Synonyms};
pub use syntax::QueryProblem;
pub use typed::unquoted;

use std::collections::HashMap;

use crate::norwegian::{self, Standard, Token, is_stop_word};
use phrase::{Meant, phrase};

/// What a person looks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// All that was typed.
    pub text: String,
    /// Words in the order in which they were typed, stop words among them; each once. They score.
    pub words: Vec<QueryWord>,
    /// What is marked where it stands; whether it must stand somewhere says the constraint.
    pub phrases: Vec<Phrase>,
    pub nears: Vec<Proximity>,
    /// Words that stand for others. Those that leave nothing out score.
    pub patterns: Vec<Pattern>,
    /// What must hold of a passage.
    pub constraint: Option<Constraint>,
    /// A passage must hold a word or a pattern that finds, too.
    pub finds_by_words: bool,
    /// It says what a passage must be, not only what it must not be.
    pub asks: bool,
    /// How many words were left out because there were too many.
    pub left_out: usize,
    /// What was read as words because it makes no sense otherwise.
    pub problems: Vec<QueryProblem>,
    /// All was written in capitals, so that the Norwegian operators are words.
    pub is_shouted: bool,
}

/// A word as index terms of each kind.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryWord {
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

/// More words than anyone types; beyond it a query is a pasted text.
const MAX_WORDS: usize = 256;

/// Reads a query. Every text is one; one without letters and digits finds nothing. Words outside of quotes and
/// exclusions get the synonyms that are known for them.
pub fn parse(text: &str, synonyms: &Synonyms) -> Query {
    let syntax::Reading { node, problems, is_shouted } = syntax::read(text);
    let query = Query { text: text.to_string(), problems, is_shouted, ..Query::default() };
    constraint::lower(query, node, synonyms)
}

impl Query {
    /// Nothing to look for: no letters, no digits, or exclusions alone.
    pub fn is_empty(&self) -> bool {
        !self.asks
    }

    /// Leaves only passages that fit these filters, too.
    pub fn restrict(&mut self, filters: Vec<Filter>) {
        if filters.is_empty() {
            return;
        }
        let mut all: Vec<Constraint> = self.constraint.take().into_iter().collect();
        all.extend(constraint::grouped(filters));
        self.constraint = Some(Constraint::All(all));
        self.asks = true;
    }

    /// The patterns that score.
    pub fn finding_patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.patterns.iter().filter(|pattern| !pattern.is_excluded)
    }

    /// The words that find: all but the stop words, unless there are no others.
    pub fn finding_words(&self) -> impl Iterator<Item = &QueryWord> {
        let only_stop_words = self.only_stop_words();
        self.words.iter().filter(move |word| only_stop_words || !word.is_stop)
    }

    /// The words that lift what others find.
    pub fn lifting_words(&self) -> impl Iterator<Item = &QueryWord> {
        let only_stop_words = self.only_stop_words();
        self.words.iter().filter(move |word| !only_stop_words && word.is_stop)
    }

    /// Whether what must hold of a passage holds for none that no word finds.
    pub fn needs_word(&self) -> bool {
        let finds = |place: usize| self.only_stop_words() || !self.words[place].is_stop;
        self.constraint.as_ref().is_some_and(|constraint| constraint.needs_word(&finds))
    }

    fn only_stop_words(&self) -> bool {
        self.words.iter().all(|word| word.is_stop) && self.finding_patterns().next().is_none()
    }

    /// Adds the words of a text, and gives them as they stand there. `places` tells where in `words` each exact
    /// form is.
    fn add_words(&mut self, text: &str, is_quoted: bool, places: &mut HashMap<Box<str>, usize>) -> Vec<Token> {
        let typed = norwegian::analyze(text, Standard::Both);
        for Token { word, .. } in &typed {
            if let Some(place) = places.get(word.exact()) {
                self.words[*place].is_quoted &= is_quoted;
                continue;
            }
            if self.words.len() >= MAX_WORDS {
                self.left_out += 1;
                continue;
            }
            places.insert(word.exact().into(), self.words.len());
            self.words.push(QueryWord {
                exact: word.exact().to_string(),
                lemmas: keys(word),
                parts: word.components().map(str::to_string).collect(),
                joined: Vec::new(),
                synonyms: Vec::new(),
                is_stop: is_stop_word(word.exact()),
                is_quoted,
            });
        }
        typed
    }

    /// Reads words that were typed one after the other as compounds typed apart.
    fn add_joined(&mut self, typed: &[Token], places: &HashMap<Box<str>, usize>) {
        let wholes: Vec<&norwegian::AnalyzedWord> = wholes(typed).collect();
        for pair in wholes.windows(2) {
            if let Some(place) = places.get(pair[0].exact()) {
                self.words[*place].joined.extend(joined::joined(pair[0], pair[1]));
            }
        }
    }

    /// Gives their synonyms to words that were typed in a row. The stop words of a name don't find, so they get none.
    fn add_synonyms(&mut self, typed: &[Token], synonyms: &Synonyms, places: &HashMap<Box<str>, usize>) {
        let wholes: Vec<&str> = wholes(typed).map(norwegian::AnalyzedWord::exact).collect();
        for Expansion { from, to } in synonyms.expansions(&wholes) {
            let mut named: Vec<usize> = wholes[from].iter().filter_map(|exact| places.get(*exact).copied()).collect();
            named.sort_unstable();
            named.dedup();
            if named.iter().any(|place| !self.words[*place].is_stop) {
                named.retain(|place| !self.words[*place].is_stop);
            }
            for name in to {
                let Some(phrase) = phrase(&name, Meant::Lemmas) else {
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
fn positions(words: &[Token]) -> impl Iterator<Item = &[Token]> {
    words.chunk_by(|one, other| one.position == other.position)
}

/// The words as they were typed; a hyphenated one is one.
fn wholes(typed: &[Token]) -> impl Iterator<Item = &norwegian::AnalyzedWord> {
    positions(typed)
        .filter_map(|here| here.iter().find(|word| !word.is_hyphen_part && !word.is_implied))
        .map(|word| &word.word)
}

/// Of the words at one position the one that was typed; of a hyphenated word its part.
fn typed(here: &[Token]) -> Option<&Token> {
    let mut typed = here.iter().filter(|word| !word.is_implied);
    typed.clone().find(|word| word.is_hyphen_part).or_else(|| typed.next())
}

fn keys(word: &norwegian::AnalyzedWord) -> Vec<String> {
    word.lemmas().map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Query {
        parse(text, &Synonyms::builtin())
    }

    fn left_out(query: &Query) -> usize {
        let Some(Constraint::All(all)) = &query.constraint else {
            return 0;
        };
        all.iter().filter(|part| matches!(part, Constraint::Not(_))).count()
    }

    #[track_caller]
    fn check(text: &str, words: &str, phrases: usize, excluded: usize) {
        let query = parsed(text);
        let found: Vec<&str> = query.words.iter().map(|word| word.exact.as_str()).collect();
        assert_eq!(
            (found.join(" ").as_str(), query.phrases.len(), left_out(&query)),
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
