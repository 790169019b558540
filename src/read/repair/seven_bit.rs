//! Decodes the Norwegian 7-bit encoding (ISO 646-NO, NS 4551), in which `{|}[\]` are æøåÆØÅ: `sk}l`, `m|te`.

use std::collections::BTreeSet;

use super::repaired::Repaired;
use crate::norwegian::is_word;

/// Minimum number of different words that must be in the lexicon once decoded.
const MIN_WORDS: usize = 2;
/// Maximum number of words that are looked up.
const MAX_LOOKUPS: usize = 300;

/// Decodes an ASCII text if at least nine in ten words with any of `{|}[\]` are in the lexicon once decoded.
pub fn decode_seven_bit(text: &str) -> Option<Repaired> {
    let bytes = text.as_bytes();
    // A cheap check: most texts have none of the three characters that are common in words next to a letter.
    memchr::memchr3_iter(b'{', b'|', b'}', bytes).find(|at| {
        let is_lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
        is_lower(at + 1) && (*at == 0 || is_lower(at - 1) || bytes[at - 1] == b' ') || (*at > 0 && is_lower(at - 1))
    })?;
    if !text.is_ascii() {
        return None;
    }
    let mut known = BTreeSet::new();
    let mut all = 0;
    let words = words(bytes).filter(|range| needs_decoding(&text[range.clone()]));
    for range in words.clone().take(MAX_LOOKUPS) {
        let word = decode(&text[range]).to_lowercase();
        all += 1;
        if is_word(&word) {
            known.insert((word, all));
        }
    }
    let different: BTreeSet<&str> = known.iter().map(|(word, _)| word.as_str()).collect();
    if different.len() < MIN_WORDS || known.len() * 10 < all * 9 {
        return None;
    }
    let is_alone = |range: &std::ops::Range<usize>| &text[range.clone()] == "}";
    let ranges = self::words(bytes).filter(|range| needs_decoding(&text[range.clone()]) || is_alone(range));
    let changes = ranges.map(|range| (range.clone(), decode(&text[range]))).collect();
    Some(Repaired::new(text, changes, "read as ISO 646-NO ({|}[\\] are æøåÆØÅ)".to_string()))
}

/// The byte ranges of the words. The characters that replace æ, ø and å count as letters.
fn words(bytes: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> + Clone {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || b"{|}[\\]".contains(&byte);
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes.get(at..)?.iter().position(|byte| is_letter(*byte))?;
        let length = bytes[start..].iter().position(|byte| !is_letter(*byte)).unwrap_or(bytes.len() - start);
        at = start + length;
        Some(start..at)
    })
}

fn needs_decoding(word: &str) -> bool {
    word.contains(['{', '|', '}', '[', '\\', ']']) && word.contains(|c: char| c.is_ascii_alphabetic())
}

fn decode(word: &str) -> String {
    let letter = |c| match c {
        '{' => 'æ',
        '|' => 'ø',
        '}' => 'å',
        '[' => 'Æ',
        '\\' => 'Ø',
        ']' => 'Å',
        c => c,
    };
    word.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode_page(text: &str) -> String {
        decode_seven_bit(text).map_or_else(|| text.to_string(), |repaired| repaired.text)
    }

    #[test]
    fn decodes_norwegian_words() {
        assert_eq!(decode_page("De sa sk}l p} m|tet."), "De sa skål på møtet.");
        assert_eq!(
            decode_page("Det er tid for } se \\stlandet, v{ret og ]ret."),
            "Det er tid for å se Østlandet, været og Året."
        );
        assert_eq!(decode_page("Eg h|yrde p} det"), "Eg høyrde på det");
    }

    #[test]
    fn keeps_code_and_tables() {
        let stays = |text: &str| assert_eq!(decode_page(text), text);
        stays("Svar ja|nei, a|b, {navn} og {adresse}");
        stays("ls | grep [a-z]* | sort > ut.txt; f() { echo a; }");
        stays("[Les mer](side) [1] og [2], navn|adresse|by");
        stays("\\section{Om oss} \\textbf{bok}");
        stays("Bare p} her");
        stays("på m|tet sk}l p}");
    }
}
