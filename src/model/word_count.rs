//! Counts words and shortens text at word boundaries.

/// Returns the text if it has at most `max_chars` characters, otherwise its leading words that fit, followed by `…`.
pub fn shortened(text: &str, max_chars: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(max_chars) else {
        return text.to_string();
    };
    let end = text[..limit].rfind(' ').unwrap_or(limit);
    format!("{}…", text[..end].trim_end_matches([' ', ',', ';', ':']))
}

/// The number of words, as separated by white space.
pub fn word_count(text: &str) -> usize {
    count_words_up_to(text, usize::MAX)
}

/// Whether the text has at least `min` words. Stops counting at `min`.
pub fn has_words(text: &str, min: usize) -> bool {
    count_words_up_to(text, min) == min
}

/// The number of items of `str::split_whitespace`, or `max` if that is less.
///
/// Indexing counts the words of every line several times, so this compares 32 bytes at a time and decodes only the
/// characters that may be white space outside ASCII.
fn count_words_up_to(text: &str, max: usize) -> usize {
    const CHUNK: usize = 32;
    let is_space = |byte: u8| byte == b' ' || byte.wrapping_sub(b'\t') < 5;
    // The lead bytes of all white space outside ASCII: U+0085 and U+00A0, and U+1680 to U+3000.
    let may_start_space = |byte: u8| byte == 0xc2 || byte.wrapping_sub(0xe1) < 3;
    let bytes = text.as_bytes();
    let (mut words, mut after_space, mut offset) = (0, true, 0);
    while offset < bytes.len() && words < max {
        if let Some(chunk) = bytes[offset..].first_chunk::<CHUNK>()
            && !chunk.iter().fold(false, |any, byte| any | may_start_space(*byte))
        {
            let starts = chunk.windows(2).map(|pair| u8::from(is_space(pair[0]) & !is_space(pair[1]))).sum::<u8>();
            words += usize::from(starts) + usize::from(after_space && !is_space(chunk[0]));
            after_space = is_space(chunk[CHUNK - 1]);
            offset += CHUNK;
            continue;
        }
        let end = (offset + CHUNK).min(bytes.len());
        while offset < end {
            let byte = bytes[offset];
            // A lead byte is a character boundary, so the text may be sliced there.
            let wide = if may_start_space(byte) { text[offset..].chars().next() } else { None };
            let (is_space, length) = wide.map_or((is_space(byte), 1), |c| (c.is_whitespace(), c.len_utf8()));
            words += usize::from(after_space && !is_space);
            after_space = is_space;
            offset += length;
        }
    }
    words.min(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_words_as_split_whitespace_does() {
        for text in [
            "",
            " ",
            "en",
            " en  to\n",
            "«en»\u{a0}to – tre",
            "\u{2003}å\u{85}é\u{3000}中\u{1680}a\u{202f}b\u{1f}c",
            "… ’ \u{200b}",
            &"åtte ord\u{a0}og – «ett» ".repeat(9),
            &" ord ".repeat(40),
        ] {
            let words = text.split_whitespace().count();
            assert_eq!(word_count(text), words, "{text:?}");
            assert!(has_words(text, words) && !has_words(text, words + 1), "{text:?}");
        }
    }
}
