//! Given a word, which of its spellings are the same?

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::char_classes::{is_apostrophe, is_hyphen, is_invisible};

/// Composed (NFC), in lower case, every dash and apostrophe the plain one, soft hyphens and joiners gone.
pub fn normalize(word: &str) -> Cow<'_, str> {
    let is_folded = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_folded {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(word.to_ascii_lowercase());
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            c if is_invisible(c) => {}
            c if is_hyphen(c) => folded.push('-'),
            c if is_apostrophe(c) => folded.push('\''),
            'a'..='z' | 'æ' | 'ø' | 'å' => folded.push(c),
            c => folded.extend(c.to_lowercase()),
        }
    }
    // Before U+0300, where bytes begin with 0xcc, all letters are composed.
    if folded.bytes().any(|byte| byte >= 0xcc) && is_nfc_quick(folded.chars()) != IsNormalized::Yes {
        folded = folded.nfc().collect();
    }
    Cow::Owned(folded)
}

/// The key under which the lexicon has a folded word: ä and ö as æ and ø, without accents.
pub fn lower_key(folded: &str) -> Cow<'_, str> {
    if folded.bytes().all(|byte| byte.is_ascii()) || folded.chars().all(|c| c.is_ascii() || is_letter(c)) {
        return Cow::Borrowed(folded);
    }
    let key = folded.chars().map(|c| match c {
        'ä' => 'æ',
        'ö' => 'ø',
        c if is_letter(c) => c,
        c => std::iter::once(c).nfd().next().unwrap_or(c),
    });
    Cow::Owned(key.collect())
}

/// Letters of their own; on all others a mark is an accent.
fn is_letter(c: char) -> bool {
    matches!(c, 'æ' | 'ø' | 'å' | 'ñ' | 'ç')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_are_the_same_word_meet() {
        let check = |word: &str, expected: &str| assert_eq!(normalize(word), expected);
        check("ÅRSAK", "årsak");
        check("a\u{30a}rsak", "årsak");
        check("0–24", "0-24");
        check("forebyg\u{ad}ging", "forebygging");
        check("O’Connor", "o'connor");
        check("rød", "rød");
    }

    #[test]
    fn foreign_letters_and_accents_share_a_key() {
        let check = |word: &str, expected: &str| assert_eq!(lower_key(word), expected);
        check("kafé", "kafe");
        check("òg", "og");
        check("fôr", "for");
        check("läkare", "lækare");
        check("smör", "smør");
        check("blåbærsyltetøy", "blåbærsyltetøy");
    }
}
