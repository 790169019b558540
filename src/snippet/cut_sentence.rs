//! Cuts a long sentence to the whole words around its best matches.

use super::token_match::Match;
use super::visible_text::count_visible_chars;
use super::window_score::window_score;
use crate::norwegian::{is_invisible, is_word_char};

/// Returns the byte range of the best part of the sentence `start..end` of a text: whole words, about `max_chars`
/// characters in total, with a third of the remaining space before the first match. A match of several words is never
/// cut.
pub fn cut_sentence(
    text: &str,
    start: usize,
    end: usize,
    matches: &[Match],
    weight: &impl Fn(usize) -> f64,
    max_chars: usize,
) -> (usize, usize) {
    let words = words(text, start, end);
    let (Some(_), Some(last_word)) = (words.first(), words.len().checked_sub(1)) else {
        return (start, end);
    };
    // The last word of a window of `max_chars` characters that begins with the word `first`.
    let window_end = |first: usize| {
        let fits = |word: &Word| word.chars_end <= words[first].chars_start.saturating_add(max_chars);
        words.partition_point(fits).saturating_sub(1).clamp(first, last_word)
    };
    let matches_inside: Vec<&Match> = matches.iter().filter(|found| found.start >= start && found.end <= end).collect();
    let word_at = |offset: usize| words.partition_point(|word| word.end <= offset).min(last_word);
    let mut best = (f64::MIN, 0);
    for found in &matches_inside {
        let first = word_at(found.start);
        let score = window_score(matches, words[first].start, words[window_end(first)].end, weight);
        if score > best.0 {
            best = (score, first);
        }
    }
    let (_, first_match) = best;
    let last_match = matches_inside.iter().rfind(|found| found.end <= words[window_end(first_match)].end);
    let last_match = last_match.map_or(first_match, |found| word_at(found.end - 1).max(first_match));
    let match_chars = words[last_match].chars_end - words[first_match].chars_start;
    let chars_before = max_chars.saturating_sub(match_chars) / 3;
    let first =
        words.partition_point(|word| word.chars_start.saturating_add(chars_before) < words[first_match].chars_start);
    let cut_end = words[window_end(first).max(last_match)].end;
    let cut_end = matches_inside
        .iter()
        .filter(|found| found.start < cut_end)
        .map(|found| words[word_at(found.end - 1)].end)
        .fold(cut_end, usize::max);
    (words[first].start, cut_end)
}

/// A word with adjacent punctuation.
struct Word {
    /// Byte offsets in the text.
    start: usize,
    end: usize,
    /// Offsets in visible characters of the sentence.
    chars_start: usize,
    chars_end: usize,
}

/// Longer tokens are URLs or lists without spaces, and may be cut in the middle.
const LONG_TOKEN_CHARS: usize = 40;
/// A run of word characters is cut at this length, the maximum length of a word in the index.
const MAX_WORD_CHARS: usize = 200;

/// The words of the sentence `start..end`.
fn words(text: &str, start: usize, end: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut chars = 0;
    let mut offset = start;
    for token in text[start..end].split_inclusive(char::is_whitespace) {
        for part in split_long_token(token) {
            let word = part.trim_end();
            if !word.is_empty() {
                let chars_end = chars + count_visible_chars(word);
                words.push(Word { start: offset, end: offset + word.len(), chars_start: chars, chars_end });
            }
            chars += count_visible_chars(part);
            offset += part.len();
        }
    }
    words
}

/// Splits a token before each word in it, if it is too long to be a single word.
fn split_long_token(token: &str) -> Vec<&str> {
    if token.chars().count() <= LONG_TOKEN_CHARS {
        return vec![token];
    }
    let mut parts = Vec::new();
    let (mut part_start, mut part_chars) = (0, 0);
    let mut was_word = true;
    for (offset, c) in token.char_indices() {
        let is_word = is_word_char(c) || is_invisible(c);
        if offset > part_start && (is_word && !was_word || part_chars >= MAX_WORD_CHARS) {
            parts.push(&token[part_start..offset]);
            (part_start, part_chars) = (offset, 0);
        }
        was_word = is_word;
        part_chars += 1;
    }
    parts.push(&token[part_start..]);
    parts
}
