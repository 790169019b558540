//! Detects the language of a text by counting closed-class words.
//!
//! Words that both Norwegian standards share distinguish Norwegian from other languages; words of one standard
//! distinguish Bokmål from Nynorsk.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::model::Lang;

const BOKMAL: [&str; 26] = [
    "ble", "dem", "dere", "en", "et", "fra", "gjør", "hos", "hun", "hva", "hvem", "hvilke", "hvor", "hvordan",
    "hvorfor", "ikke", "jeg", "mer", "mye", "noe", "noen", "nå", "selv", "være", "vært", "flere",
];
const NYNORSK: [&str; 28] = [
    "berre", "blei", "dei", "deira", "dykk", "då", "eg", "ein", "eit", "frå", "gjer", "hjå", "ho", "ikkje", "korleis",
    "kva", "kven", "kvar", "kvifor", "meir", "mykje", "noko", "nokon", "nokre", "sjølv", "vart", "vere", "fleire",
];
const NORWEGIAN: [&str; 14] =
    ["og", "på", "som", "til", "av", "er", "har", "det", "med", "om", "kan", "skal", "ved", "eller"];
const ENGLISH: [&str; 14] =
    ["the", "of", "and", "to", "is", "that", "with", "are", "this", "was", "by", "from", "which", "be"];

/// The list that contains a word. The lists are disjoint.
#[derive(Clone, Copy)]
enum Evidence {
    Bokmal,
    Nynorsk,
    Norwegian,
    English,
}

/// Length of an array that is indexed by `Evidence`.
const EVIDENCE_KINDS: usize = 4;
const _: () = assert!(Evidence::English as usize + 1 == EVIDENCE_KINDS, "English is the last kind of evidence");

/// Maps the packed bytes of each word to its list.
static EVIDENCE: LazyLock<FxHashMap<u64, Evidence>> = LazyLock::new(|| {
    let lists: [(&[&str], Evidence); 4] = [
        (&BOKMAL, Evidence::Bokmal),
        (&NYNORSK, Evidence::Nynorsk),
        (&NORWEGIAN, Evidence::Norwegian),
        (&ENGLISH, Evidence::English),
    ];
    lists.into_iter().flat_map(|(words, evidence)| words.iter().map(move |word| (pack(word), evidence))).collect()
});

/// Maximum length of a word in the lists, in bytes.
const MAX_BYTES: usize = 8;

/// The bytes of a word as one number; 0 for a word of more than `MAX_BYTES` bytes.
fn pack(word: &str) -> u64 {
    if word.len() > MAX_BYTES { 0 } else { word.bytes().fold(0, |packed, byte| packed << 8 | u64::from(byte)) }
}

/// If a page is declared as Bokmål or Nynorsk, that counts as this many words of the standard. Declarations are copied
/// from page to page, so they don't decide alone, but a single "frå" doesn't make a page Nynorsk either.
const DECLARED_WEIGHT: usize = 2;

/// Returns the language of a text, or `declared` if it contains fewer than three Norwegian and fewer than three English
/// words of the lists.
pub fn detect(text: &str, declared: Lang) -> Lang {
    detect_in([text], declared)
}

/// Like `detect`, for a text in several parts; no word may be split between two of them.
pub fn detect_in<'a>(parts: impl IntoIterator<Item = &'a str>, declared: Lang) -> Lang {
    let mut counts = [0; EVIDENCE_KINDS];
    parts.into_iter().for_each(|part| count_evidence(part, &mut counts));
    let [mut bokmal, mut nynorsk, norwegian, english] = counts;
    let all_norwegian = bokmal + nynorsk + norwegian;
    if all_norwegian.max(english) < 3 {
        return declared;
    }
    bokmal += if declared == Lang::Bokmal { DECLARED_WEIGHT } else { 0 };
    nynorsk += if declared == Lang::Nynorsk { DECLARED_WEIGHT } else { 0 };
    if english > all_norwegian {
        return Lang::English;
    }
    if nynorsk > bokmal { Lang::Nynorsk } else { Lang::Bokmal }
}

/// Counts the words of each list. This runs twice over all text that is indexed, so nearly all letters are read as
/// bytes rather than decoded.
fn count_evidence(text: &str, counts: &mut [usize; EVIDENCE_KINDS]) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let mut packed = 0;
        let mut is_plain = true;
        while let Some(byte) = bytes.get(at) {
            let letter = LETTERS[usize::from(*byte)];
            if letter > NOT_ASCII {
                packed = packed << 8 | u64::from(letter);
                at += 1;
                continue;
            }
            if letter == NOT_A_LETTER {
                break;
            }
            match text[at..].chars().next() {
                // The letters from U+00C0 to U+00FF, each capital 32 below its small letter.
                Some(c @ 'À'..='ÿ') if !matches!(c, '×' | '÷') => {
                    let second = bytes[at + 1];
                    packed = packed << 16 | 0xc300 | u64::from(if second < 0x9f { second + 0x20 } else { second });
                    at += 2;
                }
                Some(c) if c.is_alphabetic() => {
                    is_plain = false;
                    at += c.len_utf8();
                }
                _ => break,
            }
        }
        let length = at - start;
        if length == 0 {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        if !is_plain && length <= MAX_BYTES {
            packed = pack(&super::token::normalize::normalize(&text[start..at]));
        }
        if length <= MAX_BYTES
            && let Some(evidence) = EVIDENCE.get(&packed)
        {
            counts[*evidence as usize] += 1;
        }
    }
}

/// For each byte, the ASCII letter in lower case; `NOT_A_LETTER` or `NOT_ASCII` for any other byte.
static LETTERS: [u8; 256] = {
    let mut letters = [NOT_ASCII; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        letters[byte] = if c.is_ascii_alphabetic() { c.to_ascii_lowercase() } else { NOT_A_LETTER };
        byte += 1;
    }
    letters
};
const NOT_A_LETTER: u8 = 0;
/// Marks a byte of a non-ASCII character.
const NOT_ASCII: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detects_the_language_by_closed_class_words() {
        let check = |text: &str, lang: Lang| assert_eq!(detect(text, Lang::Other), lang, "{text}");
        check("Det er ikke mye som skal til for at barn får hjelp.", Lang::Bokmal);
        check("Det er ikkje mykje som skal til for at born får hjelp.", Lang::Nynorsk);
        check("The report is about the cooperation of services.", Lang::English);
        check("Ingen tvil.", Lang::Other);
        check("", Lang::Other);
        assert_eq!(detect("Ingen tvil.", Lang::Nynorsk), Lang::Nynorsk);
        check("FRÅ då×kva÷ikkje", Lang::Nynorsk);
        check("xfrå dåé kvaringane ikkjeø", Lang::Other);
        assert_eq!(detect("Viktig: Frå i dag er det som det skal.", Lang::Bokmal), Lang::Bokmal);
    }
}
