//! Split compounds: finds the compounds that two adjacent query words form (*taushets plikt* → *taushetsplikt*).

use crate::norwegian::{AnalyzedWord, Standard, analyze, is_stop_word, is_word};

/// Shorter words form a compound with nearly any other word by chance.
const MIN_LETTERS: usize = 3;
/// The linking elements between the components of a compound.
const LINKS: [&str; 3] = ["", "s", "e"];

/// The compounds that two adjacent words form; empty if they form no word.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SplitCompound {
    /// Their exact forms, as the words were typed: `taushetsplikten` for `taushets plikten`.
    pub forms: Vec<String>,
    /// Their lemma keys, sorted.
    pub lemmas: Vec<String>,
}

/// Returns `first` and `second` written together, if the result is a word whose head is `second`: *blod* and *prøve*
/// give, among others, *blodprøve*. All linking elements are tried, because a compound with the wrong element occurs on
/// no page.
pub fn split_compound(first: &AnalyzedWord, second: &AnalyzedWord) -> SplitCompound {
    let mut found = SplitCompound::default();
    if ![first, second].into_iter().all(may_be_component) {
        return found;
    }
    for link in LINKS {
        let compound = format!("{}{link}{}", first.exact(), second.exact());
        if !is_word(&compound) {
            continue;
        }
        for token in analyze(&compound, Standard::Both) {
            let is_head = |component: &str| second.lemmas().chain(second.components()).any(|head| head == component);
            let has_head = token.word.components().any(is_head);
            if has_head || token.word.components().next().is_none() {
                found.forms.push(token.word.exact().to_string());
                found.lemmas.extend(token.word.lemmas().map(str::to_string));
            }
        }
    }
    found.lemmas.sort();
    found.lemmas.dedup();
    found
}

fn may_be_component(word: &AnalyzedWord) -> bool {
    let exact = word.exact();
    exact.chars().count() >= MIN_LETTERS && exact.chars().all(char::is_alphabetic) && !is_stop_word(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(first: &str, second: &str, expected: Option<&str>) {
        let words = analyze(&format!("{first} {second}"), Standard::Both);
        let found = split_compound(&words[0].word, &words[1].word);
        match expected {
            Some(key) => assert!(found.lemmas.iter().any(|known| known == key), "{first} {second}: {found:?}"),
            None => assert_eq!(found, SplitCompound::default(), "{first} {second}"),
        }
    }

    #[test]
    fn a_compound_has_the_form_of_its_second_word() {
        let has_form = |first: &str, second: &str, form: &str| {
            let words = analyze(&format!("{first} {second}"), Standard::Both);
            let found = split_compound(&words[0].word, &words[1].word);
            assert!(found.forms.iter().any(|known| known == form), "{first} {second}: {found:?}");
        };
        has_form("taushets", "plikten", "taushetsplikten");
        has_form("Barne", "Hagene", "barnehagene");
        has_form("kvinne", "rettane", "kvinnerettane");
    }

    #[test]
    fn adjacent_words_form_a_compound() {
        check("blod", "prøve", Some("blodprøve"));
        check("taushets", "plikten", Some("taushetsplikt"));
        check("taushet", "plikt", Some("taushetsplikt"));
        check("for", "stand", None);
        check("kommune", "og", None);
    }
}
