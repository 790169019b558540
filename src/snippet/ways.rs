//! Given a text and a word of a query, as what does the word stand there?

use serde::Serialize;

use super::matches::{find_phrase, has_form, has_lemma, without_invisible};
use crate::norwegian::{self, Standard, Token, normalize, standard_of};
use crate::query::{Pattern, QueryWord};

/// As what a word was found, in one place or in several.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WordMatch {
    #[serde(rename = "as")]
    pub kind: MatchKind,
    /// What stands in the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The lemma of which it is a form, the word that it is in the other standard, or the part that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchKind {
    /// As it was typed.
    Typed,
    /// Its lemma, where another form was typed.
    Lemma,
    Form,
    /// Its Nynorsk spelling or counterpart, or a form of that.
    Nynorsk,
    /// The same in Bokmål for a word of Nynorsk.
    Bokmal,
    /// With the word after it in the query as one compound.
    Joined,
    /// A part of a compound.
    Part,
    /// Another name for it.
    Synonym,
    /// A word that a pattern stands for.
    Pattern,
    /// It is a compound, and a part of it stands there.
    OwnPart,
    /// In the title or the heading only.
    Title,
    /// In other passages of the page only.
    Page,
    /// By letters that it has in common with words of the passage.
    Letters,
    Nothing,
}

/// So many words of a text are named for each kind.
const MAX_NAMED: usize = 3;

/// A text and its words.
pub struct MatchExplainer {
    text: String,
    words: Vec<Token>,
}

impl MatchExplainer {
    pub fn new(text: &str, standard: Standard) -> MatchExplainer {
        let (text, _) = without_invisible(text);
        MatchExplainer { words: norwegian::analyze(&text, standard), text }
    }

    /// As what a word that finds stands here, as it was typed first.
    pub fn ways(&self, word: &QueryWord) -> Vec<WordMatch> {
        let mut found = self.forms(word);
        let is_other = |here: &&Token| !has_lemma(here, &word.lemmas) && here.word.exact() != word.exact;
        for here in self.words.iter().filter(is_other) {
            if has_lemma(here, &word.split_compound) {
                self.push(&mut found, MatchKind::Joined, here, None);
            } else if let Some(part) = here.word.components().find(|part| word.lemmas.iter().any(|lemma| lemma == part))
            {
                self.push(&mut found, MatchKind::Part, here, Some(part));
            }
        }
        for synonym in &word.synonyms {
            let mut places = Vec::new();
            find_phrase(&self.text, &self.words, &synonym.phrase, 0, &mut places);
            if !places.is_empty() {
                found.push(WordMatch { kind: MatchKind::Synonym, text: Some(synonym.name.clone()), of: None });
            }
        }
        if found.is_empty() {
            for here in &self.words {
                let keys = || here.word.lemmas().chain(here.word.components());
                if let Some(part) = word.components.iter().find(|part| keys().any(|key| key == **part)) {
                    self.push(&mut found, MatchKind::OwnPart, here, Some(part));
                }
            }
        }
        found.sort_by_key(|way| way.kind as u8);
        found
    }

    /// The same of a word that only lifts: in its forms alone.
    pub fn forms(&self, word: &QueryWord) -> Vec<WordMatch> {
        let mut found = Vec::new();
        for here in &self.words {
            if !here.is_implied && here.word.exact() == word.exact {
                if found.iter().all(|way: &WordMatch| way.kind != MatchKind::Typed) {
                    found.push(WordMatch { kind: MatchKind::Typed, text: None, of: None });
                }
            } else if let Some(lemma) = here.word.lemmas().find(|lemma| word.lemmas.iter().any(|asked| asked == lemma))
            {
                let (kind, of) = kind_of_form(word, here.word.exact(), lemma);
                self.push(&mut found, kind, here, of);
            }
        }
        found.sort_by_key(|way| way.kind as u8);
        found
    }

    /// The words here that a pattern stands for.
    pub fn of_pattern(&self, pattern: &Pattern) -> Vec<WordMatch> {
        let mut found = Vec::new();
        let forms = pattern.expansions.as_deref().unwrap_or(&[]);
        for here in self.words.iter().filter(|here| has_form(here, forms)) {
            self.push(&mut found, MatchKind::Pattern, here, None);
        }
        found
    }

    /// Names a word of the text, unless it or enough others are named.
    fn push(&self, found: &mut Vec<WordMatch>, kind: MatchKind, here: &Token, of: Option<&str>) {
        // What is only implied stands nowhere as a whole.
        let text = if here.is_implied { here.word.exact() } else { &self.text[here.start..here.end] };
        let mut named = found.iter().filter(|way| way.kind == kind);
        let is_named = |way: &WordMatch| way.text.as_deref().is_some_and(|known| normalize(known) == normalize(text));
        if named.clone().count() < MAX_NAMED && !named.any(is_named) {
            found.push(WordMatch { kind, text: Some(text.to_string()), of: of.map(str::to_string) });
        }
    }
}

/// What a form is to the word that was typed, and which word of it is named.
fn kind_of_form<'a>(word: &'a QueryWord, form: &str, lemma: &'a str) -> (MatchKind, Option<&'a str>) {
    match (standard_of(&word.exact, lemma), standard_of(form, lemma)) {
        (typed, Standard::Nynorsk) if typed != Standard::Nynorsk => (MatchKind::Nynorsk, Some(lemma)),
        (Standard::Nynorsk, Standard::Bokmal) => (MatchKind::Bokmal, Some(&word.exact)),
        _ if form == lemma => (MatchKind::Lemma, None),
        _ => (MatchKind::Form, Some(lemma)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Synonyms, parse};

    #[track_caller]
    fn check(query: &str, text: &str, expected: &[(MatchKind, &str, &str)]) {
        let query = parse(query, &Synonyms::builtin());
        let found = MatchExplainer::new(text, Standard::Both).ways(&query.words[0]);
        let shown: Vec<(MatchKind, &str, &str)> = found
            .iter()
            .map(|way| (way.kind, way.text.as_deref().unwrap_or(""), way.of.as_deref().unwrap_or("")))
            .collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn it_is_told_as_what_a_word_stands() {
        check("virkemiddel", "Et virkemiddel.", &[(MatchKind::Typed, "", "")]);
        check("virkemiddel", "Virkemidlene virker.", &[(MatchKind::Form, "Virkemidlene", "virkemiddel")]);
        check("virkemidlene", "Et virkemiddel.", &[(MatchKind::Lemma, "virkemiddel", "")]);
        check("plikt", "Taus\u{ad}hetsplikten gjelder.", &[(MatchKind::Part, "Taushetsplikten", "plikt")]);
        check("taushets plikt", "Det er taushetsplikt.", &[(MatchKind::Joined, "taushetsplikt", "")]);
        check("skole", "Det er ikkje nok skular her.", &[(MatchKind::Nynorsk, "skular", "skole")]);
        check("teieplikt", "Det er ikke taushetsplikt.", &[(MatchKind::Bokmal, "taushetsplikt", "teieplikt")]);
        let name = "Barne-, ungdoms- og familiedirektoratet";
        check("Bufdir", &format!("{name} sier det."), &[(MatchKind::Synonym, name, "")]);
        check("taushetsplikt", "De har plikt til det.", &[(MatchKind::OwnPart, "plikt", "plikt")]);
        check("taushetsplikt", "Noe helt annet.", &[]);
    }

    #[test]
    fn each_word_of_a_text_is_named_once() {
        check("bok", "Bøkene og bøkene, Bok.", &[(MatchKind::Typed, "", ""), (MatchKind::Form, "Bøkene", "bok")]);
    }
}
