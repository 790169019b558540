//! Normalizes the spelling of a word: the exact form that is indexed, and the key for lexicon lookup.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::char_classes::{is_apostrophe, is_hyphen, is_invisible};

/// Returns the exact form of a word: composed (NFC) and in lower case, with plain hyphens and apostrophes, without soft
/// hyphens or joiners. Ligatures and other compatibility letters are replaced by ordinary letters.
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
            c if is_compatibility_letter(c) => {
                normalized.extend(std::iter::once(c).nfkc().flat_map(char::to_lowercase));
            }
            c => normalized.extend(c.to_lowercase()),
        }
    }
    // Chars below U+0300, whose UTF-8 starts with a byte below 0xcc, are composed.
    if normalized.bytes().any(|byte| byte >= 0xcc) && is_nfc_quick(normalized.chars()) != IsNormalized::Yes {
        normalized = normalized.nfc().collect();
    }
    Cow::Owned(normalized)
}

/// Whether a letter or digit has a compatibility decomposition that doesn't change its meaning: ligatures, digraphs,
/// full-width and mathematical letters, Roman numerals. Fractions, superscript and subscript digits are not among them.
fn is_compatibility_letter(c: char) -> bool {
    matches!(
        c,
        'ĳ' | 'Ĳ' | 'ŀ' | 'Ŀ' | 'ſ'
            | '\u{1c4}'..='\u{1cc}'
            | '\u{1f1}'..='\u{1f3}'
            | '\u{2100}'..='\u{214f}'
            | '\u{2160}'..='\u{217f}'
            | '\u{fb00}'..='\u{fb06}'
            | '\u{ff10}'..='\u{ff19}'
            | '\u{ff21}'..='\u{ff3a}'
            | '\u{ff41}'..='\u{ff5a}'
            | '\u{1d400}'..='\u{1d7ff}'
    )
}

/// Returns the key for looking up a normalized word in the lexicon: ä and ö become æ and ø, accents are removed,
/// letters that keyboards lack become what people type for them, and superscript and subscript digits become plain ones.
pub fn lookup_key(normalized: &str) -> Cow<'_, str> {
    if normalized.bytes().all(|byte| byte.is_ascii())
        || normalized.chars().all(|c| c.is_ascii() || is_separate_letter(c))
    {
        return Cow::Borrowed(normalized);
    }
    let mut key = String::with_capacity(normalized.len());
    for c in normalized.chars() {
        match c {
            c if c.is_ascii() || is_separate_letter(c) => key.push(c),
            'ä' => key.push('æ'),
            'ö' => key.push('ø'),
            // A combining accent that has no composed form with its letter, such as the dot of `İ` in lower case.
            '\u{300}'..='\u{36f}' => {}
            c => match typed_for(c) {
                Some(typed) => key.push_str(typed),
                None => key.push(std::iter::once(c).nfd().next().unwrap_or(c)),
            },
        }
    }
    Cow::Owned(key)
}

/// Whether a letter with a diacritic is a separate letter. On all other letters the diacritic is an accent.
fn is_separate_letter(c: char) -> bool {
    matches!(c, 'æ' | 'ø' | 'å' | 'ñ' | 'ç')
}

/// What people type for a letter or digit that has no canonical decomposition: Sami, Icelandic and Polish letters, `ß`,
/// and the digits of `m²` and `CO₂`.
fn typed_for(c: char) -> Option<&'static str> {
    Some(match c {
        'đ' | 'ð' => "d",
        'ŋ' => "n",
        'ŧ' => "t",
        'ł' => "l",
        'þ' => "th",
        'ß' => "ss",
        'œ' => "oe",
        'ħ' => "h",
        'ı' => "i",
        'ĸ' => "k",
        'ǥ' => "g",
        'ʒ' => "z",
        '⁰' | '₀' => "0",
        '¹' | '₁' => "1",
        '²' | '₂' => "2",
        '³' | '₃' => "3",
        '⁴' | '₄' => "4",
        '⁵' | '₅' => "5",
        '⁶' | '₆' => "6",
        '⁷' | '₇' => "7",
        '⁸' | '₈' => "8",
        '⁹' | '₉' => "9",
        _ => return None,
    })
}

/// The lookup key of a word typed with `o`, `c` and `n` for `œ`, `ç` and `ñ`; `None` if the word has none of these
/// letters. Its usual lookup key has `oe` for `œ` and keeps `ç` and `ñ`, as the lexicon does.
pub fn key_with_plain_letters(normalized: &str) -> Option<String> {
    let plain = |c: char| match c {
        'œ' => 'o',
        'ç' => 'c',
        'ñ' => 'n',
        c => c,
    };
    let is_respelled = normalized.contains(['œ', 'ç', 'ñ']);
    is_respelled.then(|| lookup_key(&normalized.chars().map(plain).collect::<String>()).into_owned())
}

/// The lookup key of a hyphenated word without its hyphens; `None` if it has no hyphen, or no letters.
pub fn without_hyphens(key: &str) -> Option<String> {
    let is_word = key.contains('-') && key.contains(char::is_alphabetic);
    is_word.then(|| key.replace('-', ""))
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
    fn compatibility_letters_become_what_they_stand_for() {
        let check = |word: &str, expected: &str| assert_eq!(normalize(word), expected);
        check("ﬁnansielle", "finansielle");
        check("oﬀentlig", "offentlig");
        check("eﬃcient", "efficient");
        check("aﬄuent", "affluent");
        check("ﬂertall", "flertall");
        check("baﬅ ﬆed", "bast sted");
        check("Ｋｏｍｍｕｎｅ２０２０", "kommune2020");
        check("𝐕𝐞𝐝𝐭𝐚𝐤", "vedtak");
        check("𝒱ℯ𝒹𝓉𝒶𝓀", "vedtak");
        check("𝟚𝟘", "20");
        check("Ĳssel", "ijssel");
        check("Ⅳ", "iv");
        check("½", "½");
        check("m²", "m²");
        check("CO₂", "co₂");
        check("Łódź", "łódź");
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
        check("đáđŋŧ", "dadnt");
        check("łódź", "lodz");
        check("þórður", "thordur");
        check("straße", "strasse");
        check("sacré-cœur", "sacre-coeur");
        check("ħalfarı", "halfari");
        check("ĸalâdlit", "kaladlit");
        check("km²", "km2");
        check("h₂o", "h2o");
        check("señor", "señor");
        check("i\u{307}stanbul", "istanbul");
        check("m\u{300}x\u{30c}", "mx");
        check("½", "½");
    }

    #[test]
    fn cedillas_and_tildes_have_a_plain_spelling() {
        let check = |word: &str, expected: Option<&str>| {
            assert_eq!(key_with_plain_letters(word).as_deref(), expected, "{word}");
        };
        check("curaçao", Some("curacao"));
        check("piñata", Some("pinata"));
        check("façadé", Some("facade"));
        check("sacré-cœur", Some("sacre-cour"));
        check("blåbær", None);
        check("kafé", None);
    }
}
