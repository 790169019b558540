//! Split compounds: finds the compounds that two adjacent query words form (*taushets plikt* → *taushetsplikt*).

use crate::norwegian::{AnalyzedWord, Standard, analyze, is_stop_word, is_word};

/// Shorter words form a compound with nearly any other word by chance.
const MIN_LETTERS: usize = 3;
/// The linking elements between the components of a compound.
const LINKS: [&str; 3] = ["", "s", "e"];

/// The lemma keys of `first` and `second` written together, if that is a word whose head is the second: *blod* and
/// *prøve* give, among others, that of *blodprøve*. All linking elements are tried, because a compound with the wrong
/// one occurs on no page. Empty if they form no word.
pub fn split_compound_lemmas(first: &AnalyzedWord, second: &AnalyzedWord) -> Vec<String> {
    if ![first, second].into_iter().all(may_be_component) {
        return Vec::new();
    }
    let mut keys = Vec::new();
    for link in LINKS {
        let compound = format!("{}{link}{}", first.exact(), second.exact());
        if !is_word(&compound) {
            continue;
        }
        for token in analyze(&compound, Standard::Both) {
            let is_head = |component: &str| second.lemmas().chain(second.components()).any(|head| head == component);
            let has_head = token.word.components().any(is_head);
            if has_head || token.word.components().next().is_none() {
                keys.extend(token.word.lemmas().map(str::to_string));
            }
        }
    }
    keys.sort();
    keys.dedup();
    keys
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
        let keys = split_compound_lemmas(&words[0].word, &words[1].word);
        match expected {
            Some(key) => assert!(keys.iter().any(|known| known == key), "{first} {second}: {keys:?}"),
            None => assert!(keys.is_empty(), "{first} {second}: {keys:?}"),
        }
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
