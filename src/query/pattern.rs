//! Given a word with `*` or `~`, which words does it stand for?

use crate::norwegian::normalize;

/// A word that stands for others, in the forms in which they stand in pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// As typed.
    pub text: String,
    pub kind: PatternKind,
    /// What it stands for in the index, commonest first; `None` as long as nobody looked.
    pub forms: Option<Vec<String>>,
    /// It leaves passages out.
    pub is_excluded: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PatternKind {
    /// `*` stands for any letters or none. In lower case.
    Like(String),
    /// Words that differ by so many letters at the most; two neighbouring ones exchanged are one.
    Near { word: String, edits: u8 },
}

/// Fewer would stand for half the dictionary.
const MIN_LETTERS: usize = 2;
/// What an automaton is made of; no word of Norwegian is as long.
const MAX_BYTES: usize = 100;
/// Letters up to which one of them may differ where `~` doesn't say how many.
const ONE_EDIT: usize = 5;

impl Pattern {
    /// Reads what may be a pattern: letters, digits and hyphens with `*` among them or `~`, `~1` or `~2` behind. `None`
    /// where it is none; `Err` where it is one that can't be looked for.
    pub fn parse(text: &str) -> Option<Result<Pattern, String>> {
        let (word, edits) = match text.split_once('~') {
            Some((word, edits)) if edits.bytes().all(|byte| byte.is_ascii_digit()) => (word, Some(edits)),
            Some(_) => return None,
            None => (text, None),
        };
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\'' | '’');
        let is_like = edits.is_none();
        let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
        let is_pattern = letters > 0
            && word.chars().all(|c| is_word(c) || is_like && c == '*')
            && (!is_like || word.contains('*') && !word.contains("**"));
        if !is_pattern {
            return None;
        }
        if letters < MIN_LETTERS {
            return Some(Err(format!("\"{text}\" needs at least two letters")));
        }
        if word.len() > MAX_BYTES {
            return Some(Err("the pattern is longer than any word".to_string()));
        }
        let word = normalize(word).into_owned();
        let kind = match edits {
            None => PatternKind::Like(word),
            Some("") => PatternKind::Near { edits: if letters <= ONE_EDIT { 1 } else { 2 }, word },
            Some("1") => PatternKind::Near { word, edits: 1 },
            Some("2") => PatternKind::Near { word, edits: 2 },
            Some(_) => return Some(Err("a word may differ by one letter or by two: ~1 or ~2".to_string())),
        };
        Some(Ok(Pattern { text: text.to_string(), kind, forms: None, is_excluded: false }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_told_from_other_text() {
        let kind = |text: &str| Pattern::parse(text).unwrap().unwrap().kind;
        let like = |text: &str| PatternKind::Like(text.to_string());
        let near = |word: &str, edits: u8| PatternKind::Near { word: word.to_string(), edits };
        assert_eq!(kind("Ord*"), like("ord*"));
        assert_eq!(kind("*plikt"), like("*plikt"));
        assert_eq!(kind("sam*ing"), like("sam*ing"));
        assert_eq!(kind("ordet~"), near("ordet", 1));
        assert_eq!(kind("ordene~"), near("ordene", 2));
        assert_eq!(kind("Åpning~1"), near("åpning", 1));
        for text in ["barn", "*", "**", "**viktig**", "~5", "a*b?", "ord~x", "5.*2", "~"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
        for text in ["a*", "a~", "ord~3"] {
            assert!(Pattern::parse(text).unwrap().is_err(), "{text}");
        }
        assert!(Pattern::parse(&format!("{}*", "å".repeat(60))).unwrap().is_err());
    }
}
