//! Character classes of the tokenizer: letters and digits of words, hyphens, apostrophes and invisible chars.

use unicode_normalization::char::is_combining_mark;

pub fn is_word_char(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || is_combining_mark(c) }
}

/// Whether a char is a soft hyphen, a joiner or the like. Such chars belong to the word that contains them, and
/// `normalize` removes them.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Whether a text may contain invisible chars. This looks only at the bytes, which takes a fraction of the time of
/// decoding chars. Therefore it is also `true` for some texts without any, such as those with other general
/// punctuation.
pub fn may_have_invisible(text: &str) -> bool {
    // Not `any`: a loop without an early exit is vectorized, sixteen bytes at a time.
    text.bytes().fold(false, |found, byte| found | matches!(byte, 0xc2 | 0xe2 | 0xef))
}

pub fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2012}' | '–' | '\u{2212}')
}

pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{2bc}' | '´')
}
