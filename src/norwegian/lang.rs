//! Given a text, in which written language is it?
//!
//! Closed-class words decide. Those that both Norwegian standards share tell Norwegian from the rest; those
//! that only one has tell Bokmål from Nynorsk.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::page::Lang;

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

static TELLING: LazyLock<FxHashMap<&str, Telling>> = LazyLock::new(|| {
    let lists: [(&[&str], Telling); 4] = [
        (&BOKMAL, Telling::Bokmal),
        (&NYNORSK, Telling::Nynorsk),
        (&NORWEGIAN, Telling::Norwegian),
        (&ENGLISH, Telling::English),
    ];
    lists.into_iter().flat_map(|(words, telling)| words.iter().map(move |word| (*word, telling))).collect()
});

/// What a page claims counts as this many words of its standard: pages copy such claims from one another, but
/// one "frå" makes no page Nynorsk.
const CLAIM: usize = 2;

/// The language of the text; what the page claims when fewer than three telling words stand in it.
pub fn detect(text: &str, claimed: Lang) -> Lang {
    let (mut bokmal, mut nynorsk, mut norwegian, mut english) = (0usize, 0usize, 0usize, 0usize);
    for word in text.split(|c: char| !c.is_alphabetic()) {
        if word.is_empty() || word.len() > 9 {
            continue;
        }
        match TELLING.get(super::fold::fold(word).as_ref()) {
            Some(Telling::Bokmal) => bokmal += 1,
            Some(Telling::Nynorsk) => nynorsk += 1,
            Some(Telling::Norwegian) => norwegian += 1,
            Some(Telling::English) => english += 1,
            None => {}
        }
    }
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
        assert_eq!(detect("Viktig: Frå i dag er det som det skal.", Lang::Bokmal), Lang::Bokmal);
    }
}
