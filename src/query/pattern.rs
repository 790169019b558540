//! Wildcard and fuzzy patterns: `samarb*`, `*plikt`, `skole~1`.

use crate::norwegian::normalize;

/// A query word that is expanded to the exact forms that it matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// As typed.
    pub text: String,
    pub kind: PatternKind,
    /// The exact forms in the index that it matches, most frequent first; `None` until the pattern is expanded.
    pub expansions: Option<Vec<String>>,
    /// Whether passages that match it are excluded.
    pub is_excluded: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PatternKind {
    /// In lower case; `*` matches any number of letters.
    Wildcard(String),
    /// Words within a Damerau-Levenshtein distance: a swap of two adjacent letters is one edit.
    Fuzzy { word: String, max_edits: u8 },
}

/// Minimum number of letters: a pattern with fewer would match a large part of the dictionary.
const MIN_LETTERS: usize = 2;
/// The longest pattern that an automaton is built for; no Norwegian word is as long.
const MAX_BYTES: usize = 100;
/// `~` without a number allows one edit in words of up to this many letters, and two in longer ones, as `AUTO`
/// fuzziness does in Elasticsearch.
const ONE_EDIT_LETTERS: usize = 5;

impl Pattern {
    /// Parses letters, digits and hyphens with `*` among them, or with `~`, `~1` or `~2` at the end. Returns `None` if
    /// the text is not a pattern, and a message if it is one that can't be searched for.
    pub fn parse(text: &str) -> Option<Result<Pattern, String>> {
        let (word, edits) = match text.split_once('~') {
            Some((word, edits)) if edits.bytes().all(|byte| byte.is_ascii_digit()) => (word, Some(edits)),
            Some(_) => return None,
            None => (text, None),
        };
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\'' | '’');
        let is_wildcard = edits.is_none();
        let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
        let is_pattern = letters > 0
            && word.chars().all(|c| is_word(c) || is_wildcard && c == '*')
            && (!is_wildcard || word.contains('*') && !word.contains("**"));
        if !is_pattern {
            return None;
        }
        if letters < MIN_LETTERS {
            return Some(Err(format!("`{text}` needs at least two letters")));
        }
        if word.len() > MAX_BYTES {
            return Some(Err(format!("`{text}` is too long for a pattern")));
        }
        let word = normalize(word).into_owned();
        let kind = match edits {
            None => PatternKind::Wildcard(word),
            Some("") => PatternKind::Fuzzy { max_edits: if letters <= ONE_EDIT_LETTERS { 1 } else { 2 }, word },
            Some("1") => PatternKind::Fuzzy { word, max_edits: 1 },
            Some("2") => PatternKind::Fuzzy { word, max_edits: 2 },
            Some(edits) if edits.bytes().all(|digit| digit == b'0') => {
                return Some(Err(format!("`{text}` allows no edits; write `~1` or `~2`")));
            }
            Some(_) => return Some(Err(format!("`{text}` allows too many edits; write `~1` or `~2`"))),
        };
        Some(Ok(Pattern { text: text.to_string(), kind, expansions: None, is_excluded: false }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_patterns_and_nothing_else() {
        let kind = |text: &str| Pattern::parse(text).unwrap().unwrap().kind;
        let wildcard = |text: &str| PatternKind::Wildcard(text.to_string());
        let fuzzy = |word: &str, max_edits: u8| PatternKind::Fuzzy { word: word.to_string(), max_edits };
        assert_eq!(kind("Ord*"), wildcard("ord*"));
        assert_eq!(kind("*plikt"), wildcard("*plikt"));
        assert_eq!(kind("sam*ing"), wildcard("sam*ing"));
        assert_eq!(kind("ordet~"), fuzzy("ordet", 1));
        assert_eq!(kind("ordene~"), fuzzy("ordene", 2));
        assert_eq!(kind("Åpning~1"), fuzzy("åpning", 1));
        for text in ["barn", "*", "**", "**viktig**", "~5", "a*b?", "ord~x", "5.*2", "~"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
        for text in ["a*", "a~", "ord~3"] {
            assert!(Pattern::parse(text).unwrap().is_err(), "{text}");
        }
        for (text, expected) in [("ord~0", "allows no edits"), ("ord~00", "no edits"), ("ord~3", "too many edits")] {
            assert!(Pattern::parse(text).unwrap().unwrap_err().contains(expected), "{text}");
        }
        assert!(Pattern::parse(&format!("{}*", "å".repeat(60))).unwrap().is_err());
    }
}
