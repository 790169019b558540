//! Recognizes footnote marks that are attached to a word: superscript digits or, in text dumps, plain digits.
//!
//! Exponents of units (`m²`, `x³`) and of numbers (`10⁶`) are not marks, and neither are the digits of formulas and
//! codes (`CO₂`, `H2O`, `A4`).

use super::normalize::{lookup_key, normalize};
use crate::norwegian::morph::lemmatize::is_word;
use crate::norwegian::standard::Standard;

/// Whether a char is a superscript digit.
fn is_superscript_digit(c: char) -> bool {
    matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹')
}

/// Whether a char is a superscript digit, or one of the superscript letters that some pages use instead.
fn is_mark(c: char) -> bool {
    is_superscript_digit(c) || matches!(c, 'ª' | 'º' | '\u{1d2c}'..='\u{1d6a}' | '\u{1d9c}' | 'ⁱ' | 'ⁿ')
}

/// Units and symbols of two letters that have exponents, and formulas whose digits are superscript by mistake (`CO²`).
const WITH_EXPONENT: [&str; 15] =
    ["km", "hm", "cm", "mm", "dm", "nm", "µm", "μm", "ft", "yd", "mi", "mc", "co", "so", "no"];

/// The length of a word without the footnote mark at its end, in bytes. `follows_letters` is true for the last part of
/// a hyphenated word.
pub fn length_without_mark(word: &str, follows_letters: bool) -> usize {
    if !word.ends_with(is_mark) {
        return word.len();
    }
    // A list of marks after a number is one token: "2020¹,²".
    let base = word.trim_end_matches(|c| is_mark(c) || c == ',');
    let mark = &word[base.len()..];
    let is_number = base.bytes().all(|byte| !byte.is_ascii_alphabetic());
    let is_kept = match base.chars().count() {
        0 => true,
        // "10²" and "12²" are powers, but a year or an amount has a footnote.
        length if is_number && base.is_ascii() => length < 3 && !follows_letters,
        // "x²" and "m³", but "i¹".
        1 => mark != "¹",
        2 => matches!(mark, "²" | "³") && WITH_EXPONENT.contains(&&*base.to_lowercase()),
        _ => false,
    };
    if is_kept { word.len() } else { base.len() }
}

/// The length of the footnote mark at the start of `text`, directly before a word: `¹Se`. Zero if there is none; the
/// superscript number of an isotope (`¹⁴C`) is not a mark.
pub fn leading_mark(text: &str) -> usize {
    let word = text.trim_start_matches(is_superscript_digit);
    let mark = text.len() - word.len();
    let letters = word.chars().take(3).take_while(|c| c.is_alphabetic()).count();
    let is_word = letters == 3 || letters == 2 && text[..mark].chars().nth(1).is_none();
    if is_word { mark } else { 0 }
}

/// Marks in plain digits have at most this many digits: long reports have a few hundred footnotes.
const MAX_DIGITS: usize = 3;
/// Shorter words with a digit are codes and formulas: `A4`, `m2`, `EU27`.
const MIN_LETTERS: usize = 3;

/// The length of a word before the digits at its end, if these may be a footnote mark: the word is in the lexicon or a
/// compound, and written in lower case except for its first letter. The digits may still be part of a name
/// (`vedlegg2`).
pub fn length_before_digits(word: &str) -> Option<usize> {
    let base = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &word[base.len()..];
    let is_mark = (1..=MAX_DIGITS).contains(&digits.len()) && !digits.starts_with('0');
    (is_mark && is_plain_word(base)).then_some(base.len())
}

/// The length of the digits before a word at the beginning of a line, if these may be a footnote mark: `1Se`.
pub fn length_of_leading_digits(word: &str) -> Option<usize> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let length = word.len() - rest.len();
    let is_mark = (1..=MAX_DIGITS).contains(&length) && !word.starts_with('0') && rest.starts_with(char::is_uppercase);
    (is_mark && (is_plain_word(rest) || rest == "Se")).then_some(length)
}

fn is_plain_word(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic)
        && letters.all(char::is_lowercase)
        && word.chars().count() >= MIN_LETTERS
        && is_word(&lookup_key(&normalize(word)), Standard::Both)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_superscript_mark_is_not_part_of_its_word() {
        let check = |word: &str, expected: &str| {
            assert_eq!(&word[..length_without_mark(word, false)], expected, "{word}");
        };
        check("barnevernet¹", "barnevernet");
        check("tjenesten¹²", "tjenesten");
        check("loven⁴", "loven");
        check("EU²⁷", "EU");
        check("NAV³", "NAV");
        check("på¹", "på");
        check("ordetª", "ordet");
        check("ordetⁱᵛ", "ordet");
        check("2020¹", "2020");
        check("2017–2020²", "2017–2020");
        check("2020¹,²", "2020");
        for kept in ["m²", "m³", "km²", "x²", "10⁶", "10²", "CO²", "CO₂", "½", "¹", "a", "mc²"] {
            check(kept, kept);
        }
        assert_eq!(length_without_mark("19²", true), 2, "Covid-19²");
        assert_eq!(leading_mark("¹Se rapporten"), "¹".len());
        assert_eq!(leading_mark("¹⁴C"), 0);
        assert_eq!(leading_mark("¹³⁷Cs"), 0);
        assert_eq!(leading_mark("²"), 0);
    }

    #[test]
    fn digits_after_a_known_word_may_be_a_mark() {
        for (word, expected) in [("barnevernet1", 11), ("Tjenesten12", 9), ("loven123", 5), ("målet3", 6)] {
            assert_eq!(length_before_digits(word), Some(expected), "{word}");
        }
        for word in ["A4", "H2O", "m2", "co2", "EU27", "NAV1", "FaF0", "loven0", "loven1234", "xqzt1", "2020", "mp3"] {
            assert_eq!(length_before_digits(word), None, "{word}");
        }
        assert_eq!(length_of_leading_digits("1Dette"), Some(1));
        assert_eq!(length_of_leading_digits("12Loven"), Some(2));
        for word in ["3D", "4H", "1password", "2roms", "1Xqzt", "2020Loven"] {
            assert_eq!(length_of_leading_digits(word), None, "{word}");
        }
    }
}
