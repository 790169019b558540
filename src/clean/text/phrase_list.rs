//! A list of phrases, with wildcards, that match whole lines.

use rustc_hash::FxHashSet;

/// The phrases of a file in `data/`.
#[derive(Default)]
pub struct PhraseList {
    exact: FxHashSet<String>,
    prefixes: Vec<Prefix>,
    /// The first words of all phrases. Most lines have another first word and need no further comparison.
    first_words: FxHashSet<String>,
}

/// A phrase that ends in `*`.
struct Prefix {
    text: String,
    /// For a phrase with another `*` inside, the text that must occur somewhere after the prefix.
    tail: Option<String>,
}

/// A longer line that starts with a prefix from the list is a sentence: "Del på kostnadene mellom eierne er avtalt i
/// den nye loven om …".
const MAX_PREFIX_WORDS: usize = 12;

/// No phrase is longer than this, but many lines are.
const MAX_BYTES: usize = 200;

impl PhraseList {
    /// Parses a list with one phrase per line, and comments that start with `#`.
    pub fn parse(list: &str) -> PhraseList {
        let mut phrases = PhraseList::default();
        for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            phrases.first_words.insert(first_word(line).to_lowercase());
            match line.strip_suffix('*') {
                Some(prefix) => {
                    let prefix = normalized(prefix);
                    phrases.prefixes.push(match prefix.split_once('*') {
                        Some((text, tail)) => Prefix { text: text.to_string(), tail: Some(tail.to_string()) },
                        None => Prefix { text: prefix, tail: None },
                    });
                }
                None => {
                    phrases.exact.insert(normalized(line));
                }
            }
        }
        phrases
    }

    /// Whether the line is one of the phrases.
    pub fn contains(&self, line: &str) -> bool {
        if line.len() > MAX_BYTES || !self.first_words.contains(&first_word(line).to_lowercase()) {
            return false;
        }
        let line = normalized(line);
        self.exact.contains(&line)
            || self.prefixes.iter().any(|prefix| starts_with(&line, prefix))
                && line.split(' ').count() <= MAX_PREFIX_WORDS
    }
}

/// The letters and digits at the start of the line after any punctuation; empty if the line starts with a symbol that
/// occurs in phrases (`*`, `©` or `+`).
fn first_word(line: &str) -> &str {
    line.trim_start_matches(is_punctuation).split(|c: char| !c.is_alphanumeric()).next().unwrap_or("")
}

fn starts_with(line: &str, prefix: &Prefix) -> bool {
    line.strip_prefix(&prefix.text).is_some_and(|rest| match &prefix.tail {
        Some(tail) => rest.contains(tail),
        // "del på" is a prefix of "del på facebook", but not of "del påstanden".
        None => !rest.starts_with(char::is_alphanumeric) || prefix.text.ends_with(' '),
    })
}

/// The line in lower case with white space collapsed and without punctuation at either end.
fn normalized(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").trim_matches(is_punctuation).to_lowercase()
}

/// Whether a character around a phrase is punctuation.
fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '*' | '©' | '+')
}
