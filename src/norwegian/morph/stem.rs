//! A minimal suffix-stripping stemmer for words that the lexicon lacks, mainly names and typing errors.
//!
//! The rules cover both written standards and follow Lucene's `NorwegianMinimalStemmer` (Apache-2.0), with these
//! changes: agent nouns lose `-er` and `-ar`; `-het` and `-itet` are kept; and the neuter `-elt`, a final `-el`
//! (`virkemiddel`, `virkemidler`) and a final `mm` get the spelling of the other forms. All forms of a word go through
//! the same steps, so a stem need not be a word.

use std::borrow::Cow;

/// Minimum number of letters in a stem.
const MIN_STEM: usize = 3;

/// Returns the stem of a normalized word. Words with digits are unchanged, unless they contain a hyphen.
pub fn stem(word: &str) -> Cow<'_, str> {
    if word.bytes().any(|byte| byte.is_ascii_digit()) && !word.contains('-') {
        return Cow::Borrowed(word);
    }
    let word = without_genitive(word);
    let word = without_ending(word);
    let word = without_agent(word);
    unify_spelling(word)
}

fn strip<'a>(word: &'a str, ending: &str) -> Option<&'a str> {
    let rest = word.strip_suffix(ending)?;
    (rest.chars().count() >= MIN_STEM && !rest.ends_with('-')).then_some(rest)
}

fn without_genitive(word: &str) -> &str {
    match strip(word, "s") {
        Some(rest) if rest.chars().count() > MIN_STEM && !rest.ends_with('s') => rest,
        _ => word,
    }
}

/// Endings in the order in which they are tried: `ene` before `ne` and `e`, because words in -ene also
/// end in these.
const ENDINGS: [&str; 10] = ["ene", "ane", "ede", "er", "en", "et", "ar", "ne", "a", "e"];

fn without_ending(word: &str) -> &str {
    // The -et of "hemmelighet" and "universitet" is not an article.
    if word.ends_with("het") || word.ends_with("itet") {
        return word;
    }
    for ending in ENDINGS {
        if let Some(rest) = strip(word, ending) {
            // "lederne" is "leder" with an article, but "kjerne" is not "kjer" with one.
            if ending == "ne" && !(rest.ends_with("er") && rest.chars().count() > MIN_STEM + 1) {
                continue;
            }
            return rest;
        }
    }
    word
}

/// Removes the -er of an agent noun: "leder" has lost it in `without_ending`; "ledere" and "lederen" lose it
/// here.
fn without_agent(word: &str) -> &str {
    strip(word, "er").or_else(|| strip(word, "ar")).unwrap_or(word)
}

/// Gives the stems of forms with different endings one spelling.
fn unify_spelling(word: &str) -> Cow<'_, str> {
    // tverrsektorielt → tverrsektoriell
    if let Some(rest) = word.strip_suffix("elt").filter(|rest| rest.ends_with(['i', 'u', 'n', 'r'])) {
        return Cow::Owned(format!("{rest}ell"));
    }
    // virkemiddel → virkemidl, like virkemidler
    if let Some(rest) = word.strip_suffix("el").filter(|rest| rest.chars().count() >= MIN_STEM) {
        let mut chars = rest.chars().rev();
        let (last, before) = (chars.next(), chars.next());
        let rest =
            if last == before && last.is_some() { &rest[..rest.len() - last.map_or(0, char::len_utf8)] } else { rest };
        return Cow::Owned(format!("{rest}l"));
    }
    // ungdommer → ungdom
    if let Some(rest) = word.strip_suffix("mm") {
        return Cow::Owned(format!("{rest}m"));
    }
    Cow::Borrowed(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for forms in [
            "taushetsplikt taushetsplikten taushetspliktens taushetsplikter",
            "tverrsektoriell tverrsektorielt tverrsektorielle",
            "virkemiddel virkemidler virkemidlene virkemiddelet",
            "ungdom ungdommer ungdommen ungdommens ungdommene",
            "leder ledere lederne lederen lederens",
            "lærar læraren lærarar lærarane",
            "hemmelighet hemmeligheten hemmeligheter",
            "universitet universitetet universiteter universitetene",
            "samordne samordnet samordna samordnede",
            "kommune kommunen kommuner kommunene kommunens",
            "barn barnet barna barns",
            "regel regelen regler reglene",
            "ansvar ansvaret ansvars",
            "jente jenta jenter jentene",
        ] {
            let stems: Vec<_> = forms.split(' ').map(stem).collect();
            assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{forms}: {stems:?}");
        }
    }

    #[test]
    fn different_words_have_different_stems() {
        for (one, other) in [("barn", "barnehage"), ("rød", "rod"), ("får", "far"), ("hus", "hud")] {
            assert_ne!(stem(one), stem(other));
        }
    }

    #[test]
    fn numbers_and_codes_are_unchanged() {
        for word in ["2020", "0-24", "faf0", "19.02.2018", "24åringen"] {
            assert_eq!(stem(word), word);
        }
    }
}
