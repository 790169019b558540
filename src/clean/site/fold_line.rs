//! Folds a line to its words in lower case, so that lines compare equal regardless of case, bullets and punctuation.

/// Returns the letters and digits of a line in lower case, with one space for everything that separates them.
pub fn fold_line(text: &str) -> String {
    fold_line_within(text, usize::MAX).unwrap_or_default()
}

/// Returns the folded line, or `None` if it would be longer than `max` bytes.
pub fn fold_line_within(text: &str, max: usize) -> Option<String> {
    let mut folded = Vec::new();
    if append_folded(text, max, &mut folded) { String::from_utf8(folded).ok() } else { None }
}

/// The first word of the folded line. Cheaper than folding all of it.
pub fn first_folded_word(text: &str) -> String {
    text.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).map(fold_line).unwrap_or_default()
}

/// Replaces the contents of `folded` with the folded line. For callers that reuse one buffer for many lines.
pub fn fold_line_into(text: &str, folded: &mut Vec<u8>) {
    folded.clear();
    append_folded(text, usize::MAX, folded);
}

/// Appends the folded line to `folded`, and stops once `folded` is longer than `max` bytes. Returns whether the line
/// fits.
///
/// Indexing folds each line several times, so ASCII and Latin-1 letters are folded without decoding them.
fn append_folded(text: &str, max: usize, folded: &mut Vec<u8>) -> bool {
    let bytes = text.as_bytes();
    folded.reserve((text.len() + 1).min(max));
    let mut after_separator = false;
    let mut offset = 0;
    while let Some(byte) = bytes.get(offset) {
        if folded.len() > max {
            return false;
        }
        let (lower, length) = match (ASCII_LOWER[usize::from(*byte)], bytes.get(offset + 1)) {
            (SEPARATOR, _) => (Lower::None, 1),
            // The letters of U+00C0 to U+00FF (all but × and ÷): each capital is 0x20 below its small letter.
            (NOT_ASCII, Some(next)) if *byte == 0xc3 && !matches!(next, 0x97 | 0xb7) => {
                (Lower::Two([0xc3, if *next < 0x9f { next + 0x20 } else { *next }]), 2)
            }
            (NOT_ASCII, _) => match text[offset..].chars().next() {
                Some(c) if c.is_alphanumeric() => (Lower::Of(c), c.len_utf8()),
                c => (Lower::None, c.map_or(1, char::len_utf8)),
            },
            (lower, _) => (Lower::One(lower), 1),
        };
        offset += length;
        if matches!(lower, Lower::None) {
            after_separator = true;
            continue;
        }
        if after_separator && !folded.is_empty() {
            folded.push(b' ');
        }
        after_separator = false;
        match lower {
            Lower::None => {}
            Lower::One(byte) => folded.push(byte),
            Lower::Two(bytes) => folded.extend(bytes),
            Lower::Of(c) => c.to_lowercase().for_each(|c| folded.extend(c.encode_utf8(&mut [0; 4]).bytes())),
        }
    }
    folded.len() <= max
}

/// The lower case of one character.
enum Lower {
    /// Neither a letter nor a digit.
    None,
    One(u8),
    Two([u8; 2]),
    /// A character that is still to be converted.
    Of(char),
}

/// Each ASCII letter and digit in lower case; `SEPARATOR` for other ASCII bytes, `NOT_ASCII` for the rest.
static ASCII_LOWER: [u8; 256] = {
    let mut lower = [NOT_ASCII; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        lower[byte] = if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { SEPARATOR };
        byte += 1;
    }
    lower
};
const SEPARATOR: u8 = 0;
/// Marks a byte of a character outside ASCII.
const NOT_ASCII: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_and_punctuation() {
        assert_eq!(fold_line("  • ÅRSMØTE – «Én»: 2020 × Ω "), "årsmøte én 2020 ω");
        assert_eq!(fold_line(" – "), "");
        assert_eq!(fold_line_within("Om oss", 5), None);
        assert_eq!(fold_line_within("Om oss!", 6).as_deref(), Some("om oss"));
        assert_eq!(first_folded_word("– Om oss"), "om");
    }
}
