//! Recognizes the phrases of web interfaces, such as "Skriv ut", that are listed in `data/interface.txt`.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

#[derive(Default)]
struct Phrases {
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

/// `data/interface.txt`, parsed when the first page is cleaned. Searching doesn't use it.
static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    let lines = include_str!("../../../data/interface.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
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
});

/// A longer line that starts with a prefix from the list is a sentence of its own: "Del på kostnadene mellom eierne er
/// avtalt i den nye loven om …".
const MAX_PREFIX_WORDS: usize = 12;

/// No phrase is longer, but many lines are.
const MAX_BYTES: usize = 200;

/// Whether the line is a phrase of web interfaces, such as "Skriv ut" or "Fant du det du lette etter?".
pub fn is_interface(line: &str) -> bool {
    if line.len() > MAX_BYTES || !PHRASES.first_words.contains(&first_word(line).to_lowercase()) {
        return false;
    }
    let line = normalized(line);
    PHRASES.exact.contains(&line)
        || PHRASES.prefixes.iter().any(|prefix| starts_with(&line, prefix))
            && line.split(' ').count() <= MAX_PREFIX_WORDS
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

/// Punctuation around a phrase.
fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '*' | '©' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_phrases_of_both_written_standards() {
        for line in [
            "Skriv ut side",
            "  Facebook ",
            "Hold Ctrl-tasten nede (Cmd på Mac).",
            "Fann du det du leita etter?",
            "Tusen takk for hjelpen!",
            "Tips en venn om nettstedet",
            "(tar under 1 min)",
            "Del på LinkedIn",
            "© 2020 Helsedirektoratet",
        ] {
            assert!(is_interface(line), "{line}");
        }
    }

    #[test]
    fn does_not_match_sentences() {
        for line in [
            "Hovedfunn",
            "Del påstanden opp i to og vurder hver for seg.",
            "Ja, det er mulig å få utsettelse.",
            "Skriv ut fra legens journal må oppbevares.",
            "Del på ansvaret er avtalt mellom de tre kommunene som gikk sammen om tilbudet i fjor.",
        ] {
            assert!(!is_interface(line), "{line}");
        }
    }
}
