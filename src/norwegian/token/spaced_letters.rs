//! Recognizes letter-spaced words: `V E D T A K`, `T a u s h e t s p l i k t`.

use super::char_classes::is_word_char;
use super::normalize::{lookup_key, normalize};
use super::numbers::is_inner_space;
use crate::norwegian::morph::lemmatize::is_word;
use crate::norwegian::standard::Standard;

/// A letter-spaced word.
pub struct SpacedWord {
    /// Its letters.
    pub letters: String,
    /// The byte offset in the text after its last letter.
    pub end: usize,
    /// Whether the letters form a known word. If not, they are the letters of a name that the lexicon lacks, or
    /// unrelated single letters.
    pub is_known: bool,
}

/// With fewer letters, a run consists of initials or the letters of a list. Three letters are a word only if they are
/// capitals and alone on their line.
const MIN_LETTERS: usize = 4;
/// A name that the lexicon lacks has at least this many letters.
const MIN_UNKNOWN_LETTERS: usize = 5;
/// Longer runs are tables of letters.
const MAX_LETTERS: usize = 40;

/// The letter-spaced word that starts at `start`, where a letter of `length` bytes stands alone.
pub fn spaced_word(text: &str, start: usize, length: usize) -> Option<SpacedWord> {
    let first = text[start..].chars().next().filter(|c| c.is_alphabetic())?;
    let second = spaced_letter(text, start + length)?;
    if is_after_single_letter(text, start) {
        return None;
    }
    let is_upper = second.0.is_uppercase();
    if is_upper && !first.is_uppercase() {
        return None;
    }
    let mut letters = String::from(first);
    let mut ends = vec![start + length];
    let mut next = Some(second);
    while let Some((letter, end)) = next.filter(|(letter, _)| letter.is_uppercase() == is_upper) {
        letters.push(letter);
        ends.push(end);
        if ends.len() > MAX_LETTERS {
            return None;
        }
        next = spaced_letter(text, end);
    }
    let end = *ends.last()?;
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let is_line = text[line_start..start].trim().is_empty()
        && text[end..].lines().next().is_none_or(|rest| !rest.contains(is_word_char));
    let is_known = |letters: &str| is_word(&lookup_key(&normalize(letters)), Standard::Both);
    let is_long_enough = ends.len() >= MIN_LETTERS || ends.len() == 3 && is_upper && is_line;
    if is_long_enough && !is_alphabet(&letters) && is_known(&letters) {
        return Some(SpacedWord { letters, end, is_known: true });
    }
    // "T a u s h e t i skolen"
    if ends.len() > MIN_LETTERS
        && let Some(shorter) = letters.strip_suffix(['i', 'å'])
        && is_known(shorter)
    {
        let end = ends[ends.len() - 2];
        return Some(SpacedWord { letters: shorter.to_string(), end, is_known: true });
    }
    let is_name = ends.len() >= MIN_UNKNOWN_LETTERS && is_line && !is_alphabet(&letters);
    is_name.then_some(SpacedWord { letters, end, is_known: false })
}

/// The single letter after one space at `at`, and its end.
fn spaced_letter(text: &str, at: usize) -> Option<(char, usize)> {
    let mut chars = text[at..].chars();
    let space = chars.next().filter(|c| is_inner_space(*c))?;
    let letter = chars.next().filter(|c| c.is_alphabetic())?;
    let is_single = chars.next().is_none_or(|after| !is_word_char(after));
    is_single.then_some((letter, at + space.len_utf8() + letter.len_utf8()))
}

fn is_after_single_letter(text: &str, start: usize) -> bool {
    let mut before = text[..start].chars().rev();
    before.next().is_some_and(is_inner_space)
        && before.next().is_some_and(char::is_alphabetic)
        && before.next().is_none_or(|c| !is_word_char(c))
}

/// Whether each letter follows the one before it in the alphabet, as the letters of a list do (a, b, c).
fn is_alphabet(letters: &str) -> bool {
    letters.chars().zip(letters.chars().skip(1)).all(|(one, next)| one as u32 + 1 == next as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaced_letters_form_a_word() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let length = text.chars().next().map_or(0, char::len_utf8);
            let found = spaced_word(text, 0, length).filter(|word| word.is_known);
            let found = found.as_ref().map(|word| (word.letters.as_str(), &text[..word.end]));
            assert_eq!(found, expected, "{text}");
        };
        check("V E D T A K", Some(("VEDTAK", "V E D T A K")));
        check("T a u s h e t s p l i k t\nTekst", Some(("Taushetsplikt", "T a u s h e t s p l i k t")));
        check("m ø t e b o k:", Some(("møtebok", "m ø t e b o k")));
        check("V E D T A K   O M   R E N T E", Some(("VEDTAK", "V E D T A K")));
        check("V E D T A K i saken", Some(("VEDTAK", "V E D T A K")));
        check("T a u s h e t i skolen", Some(("Taushet", "T a u s h e t")));
        check("L\u{a0}O\u{a0}V", Some(("LOV", "L\u{a0}O\u{a0}V")));
        for text in
            ["a b c", "a b c d e f", "A B C D E", "i i", "i å", "M T O T F L S", "a og b", "A 4", "S A Kene", "l o v"]
        {
            check(text, None);
        }
    }

    #[test]
    fn an_unknown_name_is_a_word_if_it_is_alone_on_its_line() {
        let is_found = |text: &str| spaced_word(text, 0, 1).is_some_and(|word| !word.is_known);
        assert!(is_found("K X A R Z S J"));
        assert!(!is_found("K X A R Z S J og mer"));
        assert!(!is_found("A B C D E F G"));
    }
}
