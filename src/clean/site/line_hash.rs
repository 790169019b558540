//! Hashes lines for counting them across pages, ignoring case, punctuation and numbers that count something.

use xxhash_rust::xxh3::xxh3_64;

use super::fold_line::fold_line_into;
use crate::clean::text::shape::is_prose;

/// The hash under which a line is counted; `None` for a line without letters and digits. The lowest bit states whether
/// the line is prose (see `is_prose_hash`).
pub fn line_hash(text: &str) -> Option<u32> {
    let mut folded = Vec::new();
    fold_line_into(text, &mut folded);
    hash_folded(text, &folded, is_prose(text))
}

/// The hash of a line for callers that have its folded text and know whether it is prose.
pub fn hash_folded(text: &str, folded: &[u8], is_prose: bool) -> Option<u32> {
    let masked = if is_prose { None } else { mask_counts(text, folded) };
    let hashed = masked.as_ref().map_or(folded, String::as_bytes);
    (!folded.is_empty()).then(|| short_hash(hashed) & !1 | u32::from(is_prose))
}

/// Whether a line with this hash is prose.
pub fn is_prose_hash(hash: u32) -> bool {
    hash & 1 == 1
}

/// The upper half of the XXH3 hash, to save space, since a page has dozens of hashes. Of a million lines, 0.05 % share
/// the hash of another, and most of those occur on only one page.
pub fn short_hash(text: &[u8]) -> u32 {
    (xxh3_64(text) >> 32) as u32
}

/// Nouns that follow or precede a count, such as the number of comments on a page.
const COUNTED: [&str; 39] = [
    "anmeldelser",
    "annonser",
    "artikler",
    "besøk",
    "comments",
    "delinger",
    "ganger",
    "innlegg",
    "items",
    "kommentar",
    "kommentarar",
    "kommentarer",
    "lesere",
    "lesarar",
    "likes",
    "medlemmer",
    "meldinger",
    "oppslag",
    "page",
    "posts",
    "produkter",
    "reaksjoner",
    "replies",
    "resultat",
    "resultater",
    "results",
    "reviews",
    "saker",
    "seere",
    "side",
    "stemmer",
    "svar",
    "tegn",
    "treff",
    "varer",
    "views",
    "visning",
    "visningar",
    "visninger",
];

/// Replaces with `0` the numbers in a folded line that may differ between pages although the line is part of the
/// template: "Kommentarer (12)", "532 visninger", "Side 3 av 14", "0/250", "© 2021".
///
/// Numbers that name something are not replaced: "§ 5", "Kapittel 3", "Steg 1", "2018". Returns `None` for a line that
/// has no number, or has a `§`.
fn mask_counts(text: &str, folded: &[u8]) -> Option<String> {
    // Most lines have no digit.
    if !folded.iter().any(u8::is_ascii_digit) || text.contains('§') {
        return None;
    }
    let folded = std::str::from_utf8(folded).ok()?;
    let words: Vec<(&str, bool)> =
        folded.split(' ').map(|word| (word, word.bytes().all(|byte| byte.is_ascii_digit()))).collect();
    if words.iter().all(|(_, is_number)| !is_number) {
        return None;
    }
    let is_copyright = text.contains('©') || folded.split(' ').any(|word| word == "copyright");
    let ends_in_parentheses = text.trim_end().ends_with(')') && {
        let inner = text.trim_end().trim_end_matches(')').rsplit('(').next().unwrap_or("");
        !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit()) && !is_year(inner)
    };
    // The distance in words between the two numbers of "3 av 14", or of "0/250" at the start of the line.
    let fraction = |first: usize| match &words[first..] {
        [(_, true), ("av" | "of" | "fra" | "frå", _), (_, true), ..] => Some(2),
        [(_, true), (_, true)] if first == 0 && text.contains('/') => Some(1),
        _ => None,
    };
    let is_count = |index: usize| {
        let is_counted = |index: usize| words.get(index).is_some_and(|(word, _)| COUNTED.contains(word));
        let is_in_fraction =
            (0..=index.min(2)).any(|back| fraction(index - back) == Some(back)) || fraction(index).is_some();
        is_copyright && is_year(words[index].0)
            || ends_in_parentheses && index + 1 == words.len()
            || is_counted(index + 1)
            || index.checked_sub(1).is_some_and(is_counted)
            || is_in_fraction
    };
    let masked: Vec<&str> = words
        .iter()
        .enumerate()
        .map(|(index, (word, is_number))| if *is_number && is_count(index) { "0" } else { *word })
        .collect();
    Some(masked.join(" "))
}

/// Whether a number, given as its digits, is a year from 1900 to 2099.
pub fn is_year(number: &str) -> bool {
    number.len() == 4 && (number.starts_with("19") || number.starts_with("20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_case_and_bullets_but_not_numbers() {
        assert_eq!(line_hash("• Vis treff:"), line_hash("vis  treff"));
        assert_ne!(line_hash("§ 5 skal lyde"), line_hash("§ 7 skal lyde"));
        assert_eq!(line_hash(" – "), None);
    }

    #[test]
    fn ignores_numbers_that_count_but_not_numbers_that_name() {
        for (one, other) in [
            ("Kommentarer (12)", "Kommentarer (3)"),
            ("532 visninger", "1 visninger"),
            ("Lest 12 ganger", "Lest 7 ganger"),
            ("Side 3 av 14", "Side 11 av 12"),
            ("0/250", "17/250"),
            ("© 2021 Etaten", "© 2019 Etaten"),
            ("Visninger: 5", "Visninger: 87"),
        ] {
            assert_eq!(line_hash(one), line_hash(other), "{one}");
        }
        for (one, other) in [
            ("Kapittel 3", "Kapittel 4"),
            ("Tabell 2", "Tabell 3"),
            ("2018", "2019"),
            ("12. mars 2020", "13. mars 2020"),
            ("Rapport (2018)", "Rapport (2019)"),
            ("§ 5-3 (2)", "§ 5-3 (3)"),
            ("Steg 1", "Steg 2"),
            ("Møte 3", "Møte 4"),
            ("10/2020 Rapport", "11/2020 Rapport"),
        ] {
            assert_ne!(line_hash(one), line_hash(other), "{one}");
        }
    }
}
