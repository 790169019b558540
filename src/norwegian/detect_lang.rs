//! Given a text, in which written language is it?
//!
//! Closed-class words decide. Those that both Norwegian standards share tell Norwegian from the rest; those
//! that only one has tell Bokmål from Nynorsk.

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

/// What a word tells that it stands in; each is in one of the lists.
#[derive(Clone, Copy)]
enum Telling {
    Bokmal,
    Nynorsk,
    Norwegian,
    English,
}

/// By their bytes: each of the words has eight at the most.
static TELLING: LazyLock<FxHashMap<u64, Telling>> = LazyLock::new(|| {
    let lists: [(&[&str], Telling); 4] = [
        (&BOKMAL, Telling::Bokmal),
        (&NYNORSK, Telling::Nynorsk),
        (&NORWEGIAN, Telling::Norwegian),
        (&ENGLISH, Telling::English),
    ];
    lists.into_iter().flat_map(|(words, telling)| words.iter().map(move |word| (pack(word), telling))).collect()
});

/// Longer words tell nothing.
const MAX_BYTES: usize = 8;

/// The bytes of a word as one number; 0 for a longer one.
fn pack(word: &str) -> u64 {
    if word.len() > MAX_BYTES { 0 } else { word.bytes().fold(0, |packed, byte| packed << 8 | u64::from(byte)) }
}

/// What a page claims counts as this many words of its standard: pages copy such claims from one another, but
/// one "frå" makes no page Nynorsk.
const CLAIM: usize = 2;

/// The language of the text; what the page claims when fewer than three telling words stand in it.
pub fn detect(text: &str, claimed: Lang) -> Lang {
    detect_in([text], claimed)
}

/// The same of a text in pieces that divide no word.
pub fn detect_in<'a>(pieces: impl IntoIterator<Item = &'a str>, claimed: Lang) -> Lang {
    let mut counts = [0; 4];
    pieces.into_iter().for_each(|piece| count(piece, &mut counts));
    let [mut bokmal, mut nynorsk, norwegian, english] = counts;
    let all_norwegian = bokmal + nynorsk + norwegian;
    if all_norwegian.max(english) < 3 {
        return claimed;
    }
    bokmal += if claimed == Lang::Bokmal { CLAIM } else { 0 };
    nynorsk += if claimed == Lang::Nynorsk { CLAIM } else { 0 };
    if english > all_norwegian {
        return Lang::English;
    }
    if nynorsk > bokmal { Lang::Nynorsk } else { Lang::Bokmal }
}

/// Counts the telling words of a text, by what they tell. All text that is indexed goes through here twice, so the
/// letters of nearly all words are read as bytes.
fn count(text: &str, counts: &mut [usize; 4]) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let mut packed = 0;
        let mut is_plain = true;
        while let Some(byte) = bytes.get(at) {
            let plain = LETTERS[usize::from(*byte)];
            if plain > BEYOND {
                packed = packed << 8 | u64::from(plain);
                at += 1;
                continue;
            }
            if plain == NONE {
                break;
            }
            match text[at..].chars().next() {
                // The letters from U+00C0 to U+00FF; capitals stand 32 before the others.
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
            && let Some(telling) = TELLING.get(&packed)
        {
            counts[*telling as usize] += 1;
        }
    }
}

/// Each letter of ASCII in lower case.
static LETTERS: [u8; 256] = {
    let mut letters = [BEYOND; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        letters[byte] = if c.is_ascii_alphabetic() { c.to_ascii_lowercase() } else { NONE };
        byte += 1;
    }
    letters
};
const NONE: u8 = 0;
/// A part of a char beyond ASCII.
const BEYOND: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_class_words_tell_the_language() {
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
