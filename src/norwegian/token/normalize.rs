//! Normalizes the spelling of a word: the exact form that is indexed, and the key for lexicon lookup.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::char_classes::{is_apostrophe, is_hyphen, is_invisible};

/// Returns the exact form of a word: composed (NFC) and in lower case, with plain hyphens and apostrophes, without soft
/// hyphens or joiners.
pub fn normalize(word: &str) -> Cow<'_, str> {
    let is_normalized = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_normalized {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(word.to_ascii_lowercase());
    }
    let mut normalized = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            c if is_invisible(c) => {}
            c if is_hyphen(c) => normalized.push('-'),
            c if is_apostrophe(c) => normalized.push('\''),
            'a'..='z' | 'æ' | 'ø' | 'å' => normalized.push(c),
            c => normalized.extend(c.to_lowercase()),
        }
    }
    // Chars below U+0300, whose UTF-8 starts with a byte below 0xcc, are composed.
    if normalized.bytes().any(|byte| byte >= 0xcc) && is_nfc_quick(normalized.chars()) != IsNormalized::Yes {
        normalized = normalized.nfc().collect();
    }
    Cow::Owned(normalized)
}

/// Returns the key by which the lexicon is searched for a normalized word: ä and ö become æ and ø, accents are removed.
pub fn lookup_key(normalized: &str) -> Cow<'_, str> {
    if normalized.bytes().all(|byte| byte.is_ascii()) || normalized.chars().all(|c| c.is_ascii() || is_own_letter(c)) {
        return Cow::Borrowed(normalized);
    }
    let key = normalized.chars().map(|c| match c {
        'ä' => 'æ',
        'ö' => 'ø',
        c if is_own_letter(c) => c,
        c => std::iter::once(c).nfd().next().unwrap_or(c),
    });
    Cow::Owned(key.collect())
}

/// Whether a letter with a mark is a letter of its own. On all others the mark is an accent.
fn is_own_letter(c: char) -> bool {
    matches!(c, 'æ' | 'ø' | 'å' | 'ñ' | 'ç')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizes_case_composition_and_punctuation() {
        let check = |word: &str, expected: &str| assert_eq!(normalize(word), expected);
        check("ÅRSAK", "årsak");
        check("a\u{30a}rsak", "årsak");
        check("0–24", "0-24");
        check("forebyg\u{ad}ging", "forebygging");
        check("O’Connor", "o'connor");
        check("rød", "rød");
    }

    #[test]
    fn lookup_key_replaces_foreign_letters_and_removes_accents() {
        let check = |word: &str, expected: &str| assert_eq!(lookup_key(word), expected);
        check("kafé", "kafe");
        check("òg", "og");
        check("fôr", "for");
        check("läkare", "lækare");
        check("smör", "smør");
        check("blåbærsyltetøy", "blåbærsyltetøy");
    }
}
