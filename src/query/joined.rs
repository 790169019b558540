//! Given two words typed one after the other, which compounds are they if they were typed apart?

use crate::norwegian::{self, Standard, is_stop_word, is_word};

/// Shorter words make words with nearly any other that they never were.
const MIN_LETTERS: usize = 3;
/// What links the parts of a compound.
const LINKS: [&str; 3] = ["", "s", "e"];

/// The keys of the lemmas of `one` and `other` written together, where that is a word whose head is the second: among
/// others that of "blodprøve" for "blod" and "prøve". Which link is right is not asked: others stand in no page. Empty
/// where it is no word.
pub fn joined(one: &norwegian::AnalyzedWord, other: &norwegian::AnalyzedWord) -> Vec<String> {
    if ![one, other].into_iter().all(may_be_part) {
        return Vec::new();
    }
    let mut keys = Vec::new();
    for link in LINKS {
        let whole = format!("{}{link}{}", one.exact(), other.exact());
        if !is_word(&whole) {
            continue;
        }
        for here in norwegian::analyze(&whole, Standard::Both) {
            let has_head =
                here.word.components().any(|part| other.lemmas().chain(other.components()).any(|own| own == part));
            if has_head || here.word.components().next().is_none() {
                keys.extend(here.word.lemmas().map(str::to_string));
            }
        }
    }
    keys.sort();
    keys.dedup();
    keys
}

fn may_be_part(word: &norwegian::AnalyzedWord) -> bool {
    let exact = word.exact();
    exact.chars().count() >= MIN_LETTERS && exact.chars().all(char::is_alphabetic) && !is_stop_word(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, expected: Option<&str>) {
        let words = norwegian::analyze(&format!("{one} {other}"), Standard::Both);
        let keys = joined(&words[0].word, &words[1].word);
        match expected {
            Some(key) => assert!(keys.iter().any(|known| known == key), "{one} {other}: {keys:?}"),
            None => assert!(keys.is_empty(), "{one} {other}: {keys:?}"),
        }
    }

    #[test]
    fn words_typed_apart_are_the_compound_that_they_make() {
        check("blod", "prøve", Some("blodprøve"));
        check("taushets", "plikten", Some("taushetsplikt"));
        check("taushet", "plikt", Some("taushetsplikt"));
        check("for", "stand", None);
        check("kommune", "og", None);
    }
}
