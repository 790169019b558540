//! Explains how a query word matches in a text: as typed, as an inflection, as a component of a compound …

use serde::Serialize;

use super::highlighter::with_plain_words;
use super::token_match::{find_phrase, has_form, has_lemma};
use crate::norwegian::{self, Standard, Token, normalize, standard_of};
use crate::query::{Pattern, QueryWord};

/// One way in which a query word matches a passage, with the word of the text that matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WordMatch {
    pub kind: MatchKind,
    /// The word in the text, or the synonym. `None` for exact matches and for kinds without a word of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The lemma of an inflection or a Nynorsk match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lemma: Option<String>,
    /// The component that matches, as its lemma.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
}

/// How a query word matches. Declared in the order in which matches are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchKind {
    /// The text contains the word as typed.
    Exact,
    /// The text contains the lemma of the word; another inflection was typed.
    Lemma,
    /// The text contains another inflection of the word.
    Inflection,
    /// The text contains the word's Nynorsk spelling or counterpart, or an inflection of it.
    Nynorsk,
    /// The text contains the Bokmål spelling or counterpart of a Nynorsk word.
    Bokmal,
    /// The text contains the compound of the word and the next word of the query.
    SplitCompound,
    /// The word is a component of a compound in the text.
    Component,
    /// The text contains a synonym.
    Synonym,
    /// The text contains a term that the pattern is expanded to.
    Pattern,
    /// The query word is a compound, and the text contains one of its components.
    QueryComponent,
    /// The word occurs in the title or heading only.
    Title,
    /// The word occurs in other passages of the page only.
    Page,
    /// The text shares character trigrams with the word.
    Trigrams,
    /// The word doesn't match.
    None,
}

/// Maximum number of words of a text that are listed for each kind.
const MAX_LISTED: usize = 3;

impl WordMatch {
    /// A match without a word of the text.
    pub fn of_kind(kind: MatchKind) -> WordMatch {
        WordMatch { kind, text: None, lemma: None, component: None }
    }
}

/// Explains matches in one text.
pub struct MatchExplainer {
    text: String,
    tokens: Vec<Token>,
}

impl MatchExplainer {
    pub fn new(text: &str, standard: Standard) -> MatchExplainer {
        let (text, _) = with_plain_words(text);
        MatchExplainer { tokens: norwegian::analyze(&text, standard), text }
    }

    /// All matches of a query word, ordered by kind. The components of the word are tried only if nothing else matches.
    pub fn word_matches(&self, word: &QueryWord) -> Vec<WordMatch> {
        let mut found = self.inflection_matches(word);
        let is_other_word = |token: &&Token| !has_lemma(token, &word.lemmas) && token.word.exact() != word.exact;
        for token in self.tokens.iter().filter(is_other_word) {
            if has_lemma(token, &word.split_compound.lemmas) {
                self.add(&mut found, MatchKind::SplitCompound, token, None);
            } else if let Some(component) =
                token.word.components().find(|component| word.lemmas.iter().any(|lemma| lemma == component))
            {
                self.add(&mut found, MatchKind::Component, token, Some(component));
            }
        }
        for synonym in &word.synonyms {
            let mut matches = Vec::new();
            find_phrase(&self.text, &self.tokens, &synonym.phrase, 0, &mut matches);
            if !matches.is_empty() {
                let text = Some(synonym.name.clone());
                found.push(WordMatch { text, ..WordMatch::of_kind(MatchKind::Synonym) });
            }
        }
        if found.is_empty() {
            for token in &self.tokens {
                let keys = || token.word.lemmas().chain(token.word.components());
                if let Some(component) = word.components.iter().find(|component| keys().any(|key| key == **component)) {
                    self.add(&mut found, MatchKind::QueryComponent, token, Some(component));
                }
            }
        }
        found.sort_by_key(|word_match| word_match.kind);
        found
    }

    /// The matches of a word in the same or another inflection, ordered by kind. A stop word has no other matches.
    pub fn inflection_matches(&self, word: &QueryWord) -> Vec<WordMatch> {
        let mut found: Vec<WordMatch> = Vec::new();
        for token in &self.tokens {
            if !token.is_implied && token.word.exact() == word.exact {
                if found.iter().all(|word_match| word_match.kind != MatchKind::Exact) {
                    found.push(WordMatch::of_kind(MatchKind::Exact));
                }
            } else if let Some(lemma) = token.word.lemmas().find(|lemma| word.lemmas.iter().any(|key| key == lemma)) {
                let kind = kind_of_inflection(word, token.word.exact(), lemma);
                self.add(&mut found, kind, token, Some(lemma));
            }
        }
        found.sort_by_key(|word_match| word_match.kind);
        found
    }

    /// The words of the text that a pattern matches.
    pub fn pattern_matches(&self, pattern: &Pattern) -> Vec<WordMatch> {
        let mut found = Vec::new();
        let forms = pattern.expansions.as_deref().unwrap_or(&[]);
        for token in self.tokens.iter().filter(|token| has_form(token, forms)) {
            self.add(&mut found, MatchKind::Pattern, token, None);
        }
        found
    }

    /// Adds a match, unless the same word or `MAX_LISTED` others are already listed for its kind. `key` is the lemma or
    /// component that matches.
    fn add(&self, found: &mut Vec<WordMatch>, kind: MatchKind, token: &Token, key: Option<&str>) {
        // A completed suspended compound is not in the text as one word.
        let text = if token.is_implied { token.word.exact() } else { &self.text[token.start..token.end] };
        let mut same_kind = found.iter().filter(|word_match| word_match.kind == kind);
        let is_same_word = |word_match: &WordMatch| {
            word_match.text.as_deref().is_some_and(|known| normalize(known) == normalize(text))
        };
        if same_kind.clone().count() >= MAX_LISTED || same_kind.any(is_same_word) {
            return;
        }
        let mut word_match = WordMatch { text: Some(text.to_string()), ..WordMatch::of_kind(kind) };
        let key = key.map(str::to_string);
        match kind {
            MatchKind::Inflection | MatchKind::Nynorsk => word_match.lemma = key,
            MatchKind::Component | MatchKind::QueryComponent => word_match.component = key,
            _ => {}
        }
        found.push(word_match);
    }
}

/// How `form`, which has the same lemma as the query word, relates to the word that was typed.
fn kind_of_inflection(word: &QueryWord, form: &str, lemma: &str) -> MatchKind {
    match (standard_of(&word.exact, lemma), standard_of(form, lemma)) {
        (typed, Standard::Nynorsk) if typed != Standard::Nynorsk => MatchKind::Nynorsk,
        (Standard::Nynorsk, Standard::Bokmal) => MatchKind::Bokmal,
        _ if form == lemma => MatchKind::Lemma,
        _ => MatchKind::Inflection,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Synonyms, parse};

    #[track_caller]
    fn check(query: &str, text: &str, expected: &[(MatchKind, &str, &str)]) {
        let query = parse(query, &Synonyms::builtin());
        let found = MatchExplainer::new(text, Standard::Both).word_matches(&query.words[0]);
        let shown: Vec<(MatchKind, &str, &str)> = found
            .iter()
            .map(|found| {
                let detail = found.lemma.as_deref().or(found.component.as_deref());
                (found.kind, found.text.as_deref().unwrap_or(""), detail.unwrap_or(""))
            })
            .collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn explains_how_a_word_matches() {
        check("virkemiddel", "Et virkemiddel.", &[(MatchKind::Exact, "", "")]);
        check("virkemiddel", "Virkemidlene virker.", &[(MatchKind::Inflection, "Virkemidlene", "virkemiddel")]);
        check("virkemidlene", "Et virkemiddel.", &[(MatchKind::Lemma, "virkemiddel", "")]);
        check("plikt", "Taus\u{ad}hetsplikten gjelder.", &[(MatchKind::Component, "Taushetsplikten", "plikt")]);
        check("taushets plikt", "Det er taushetsplikt.", &[(MatchKind::SplitCompound, "taushetsplikt", "")]);
        check("skole", "Det er ikkje nok skular her.", &[(MatchKind::Nynorsk, "skular", "skole")]);
        check("teieplikt", "Det er ikke taushetsplikt.", &[(MatchKind::Bokmal, "taushetsplikt", "")]);
        let name = "Barne-, ungdoms- og familiedirektoratet";
        check("Bufdir", &format!("{name} sier det."), &[(MatchKind::Synonym, name, "")]);
        check("taushetsplikt", "De har plikt til det.", &[(MatchKind::QueryComponent, "plikt", "plikt")]);
        check("taushetsplikt", "Noe helt annet.", &[]);
    }

    #[test]
    fn lists_each_word_of_a_text_once() {
        check("bok", "Bøkene og bøkene, Bok.", &[(MatchKind::Exact, "", ""), (MatchKind::Inflection, "Bøkene", "bok")]);
    }
}
