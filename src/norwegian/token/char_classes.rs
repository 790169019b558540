//! Character classes of the tokenizer: letters and digits of words, hyphens, apostrophes and invisible chars.

use unicode_normalization::char::is_combining_mark;

pub fn is_word_char(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || is_combining_mark(c) }
}

/// Soft hyphens and joiners belong to the word they stand in and are folded away.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// `false` where no char of a text is invisible, nor any of general punctuation: its bytes tell in a fraction of the time.
pub fn may_have_invisible(text: &str) -> bool {
    // Without `any`, since a loop that never ends early is done sixteen bytes at a time.
    text.bytes().fold(false, |found, byte| found | matches!(byte, 0xc2 | 0xe2 | 0xef))
}

pub fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2012}' | '–' | '\u{2212}')
}

pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{2bc}' | '´')
}
