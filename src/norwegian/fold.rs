//! Given a word, which of its spellings are the same?

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::words::{is_apostrophe, is_hyphen, is_invisible};

/// Composed (NFC), in lower case, every dash and apostrophe the plain one, soft hyphens and joiners gone.
pub fn fold(word: &str) -> Cow<'_, str> {
    let is_folded = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_folded {
        return Cow::Borrowed(word);
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            c if is_invisible(c) => {}
            c if is_hyphen(c) => folded.push('-'),
            c if is_apostrophe(c) => folded.push('\''),
            c => folded.extend(c.to_lowercase()),
        }
    }
    if is_nfc_quick(folded.chars()) != IsNormalized::Yes {
        folded = folded.nfc().collect();
    }
    Cow::Owned(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_are_the_same_word_meet() {
        let check = |word: &str, expected: &str| assert_eq!(fold(word), expected);
        check("ÅRSAK", "årsak");
        check("a\u{30a}rsak", "årsak");
        check("0–24", "0-24");
        check("forebyg\u{ad}ging", "forebygging");
        check("O’Connor", "o'connor");
        check("rød", "rød");
    }
}
