//! Given a line, is it a phrase of web interfaces?

use std::collections::HashSet;
use std::sync::LazyLock;

struct Phrases {
    whole: HashSet<String>,
    beginnings: Vec<String>,
}

/// `data/interface.txt`, read once, when the first page is cleaned. Searching never touches it.
static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases { whole: HashSet::new(), beginnings: Vec::new() };
    let lines = include_str!("../../data/interface.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_suffix('*') {
            Some(beginning) => phrases.beginnings.push(normal(beginning)),
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
    if line.len() > MAX_BYTES {
        return false;
    }
    let line = normal(line);
    PHRASES.whole.contains(&line)
        || (line.split(' ').count() <= MAX_WORDS && PHRASES.beginnings.iter().any(|beginning| begins(&line, beginning)))
}

/// `beginning` may itself hold one `*`, for any run of characters.
fn begins(line: &str, beginning: &str) -> bool {
    match beginning.split_once('*') {
        Some((head, tail)) => line.strip_prefix(head).is_some_and(|rest| rest.contains(tail)),
        None => line.strip_prefix(beginning).is_some_and(|rest| {
            // "del på" begins "del på facebook", not "del påstanden"; and what follows is short.
            !rest.starts_with(char::is_alphanumeric) || beginning.ends_with(' ')
        }),
    }
}

/// Lower case, white space folded, punctuation at both ends gone.
fn normal(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '*' | '©' | '+')).to_lowercase()
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
