//! Given a line, is it a phrase of web interfaces?

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

#[derive(Default)]
struct Phrases {
    whole: FxHashSet<String>,
    beginnings: Vec<Beginning>,
    /// The letters and digits that they begin with: most lines begin otherwise, and need no second look.
    first_words: FxHashSet<String>,
}

struct Beginning {
    text: String,
    /// What must stand somewhere behind it, with any run of characters between them.
    tail: Option<String>,
}

/// `data/interface.txt`, read once, when the first page is cleaned. Searching never touches it.
static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    let lines = include_str!("../../../data/interface.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        phrases.first_words.insert(first_word(line).to_lowercase());
        match line.strip_suffix('*') {
            Some(beginning) => {
                let beginning = normal(beginning);
                phrases.beginnings.push(match beginning.split_once('*') {
                    Some((text, tail)) => Beginning { text: text.to_string(), tail: Some(tail.to_string()) },
                    None => Beginning { text: beginning, tail: None },
                });
            }
            None => {
                phrases.whole.insert(normal(line));
            }
        }
    }
    phrases
});

/// The most words of a line that a beginning decides: longer ones say something of their own
/// ("Del på kostnadene mellom eierne er avtalt i den nye loven om …").
const MAX_WORDS: usize = 12;

/// No phrase is longer; most lines of a page are.
const MAX_BYTES: usize = 200;

/// Whether the line is a phrase of web interfaces, such as "Skriv ut" or "Fant du det du lette etter?".
pub fn is_interface(line: &str) -> bool {
    if line.len() > MAX_BYTES || !PHRASES.first_words.contains(&first_word(line).to_lowercase()) {
        return false;
    }
    let line = normal(line);
    PHRASES.whole.contains(&line)
        || PHRASES.beginnings.iter().any(|beginning| begins(&line, beginning)) && line.split(' ').count() <= MAX_WORDS
}

/// The letters and digits with which the line begins, its punctuation aside; none where it begins with a sign that
/// phrases have.
fn first_word(line: &str) -> &str {
    line.trim_start_matches(is_outside).split(|c: char| !c.is_alphanumeric()).next().unwrap_or("")
}

fn begins(line: &str, beginning: &Beginning) -> bool {
    line.strip_prefix(&beginning.text).is_some_and(|rest| match &beginning.tail {
        Some(tail) => rest.contains(tail),
        // "del på" begins "del på facebook", not "del påstanden"; and what follows is short.
        None => !rest.starts_with(char::is_alphanumeric) || beginning.text.ends_with(' '),
    })
}

/// Lower case, white space folded, punctuation at both ends gone.
fn normal(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").trim_matches(is_outside).to_lowercase()
}

/// Punctuation around a phrase.
fn is_outside(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '*' | '©' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interface_phrases_are_known_in_both_standards() {
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
    fn sentences_are_not_interface_phrases() {
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
