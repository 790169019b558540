//! Given a sentence that is too long, which words of it are worth reading?

use super::token_match::Match;
use super::visible_text::count_visible_chars;
use super::window_score::window_score;
use crate::norwegian::{is_invisible, is_word_char};

/// The best part of the sentence `start..end` of a text, whole words of about `max_chars` characters, a third of the
/// room before its first match.
pub fn cut_sentence(
    text: &str,
    start: usize,
    end: usize,
    matches: &[Match],
    weight: &impl Fn(usize) -> f64,
    max_chars: usize,
) -> (usize, usize) {
    let words = words(text, start, end);
    let (Some(_), Some(farthest)) = (words.first(), words.len().checked_sub(1)) else {
        return (start, end);
    };
    // The last word of the window that begins with this one.
    let reach = |first: usize| {
        let fits = |word: &Word| word.chars_end <= words[first].chars_start.saturating_add(max_chars);
        words.partition_point(fits).saturating_sub(1).clamp(first, farthest)
    };
    let inside: Vec<&Match> = matches.iter().filter(|found| found.start >= start && found.end <= end).collect();
    let word_at = |offset: usize| words.partition_point(|word| word.end <= offset).min(farthest);
    let mut best = (f64::MIN, 0);
    for found in &inside {
        let first = word_at(found.start);
        let score = window_score(matches, words[first].start, words[reach(first)].end, weight);
        if score > best.0 {
            best = (score, first);
        }
    }
    let anchor = best.1;
    let last = inside.iter().rfind(|found| found.end <= words[reach(anchor)].end);
    let last = last.map_or(anchor, |found| word_at(found.end - 1).max(anchor));
    let used = words[last].chars_end - words[anchor].chars_start;
    let before = max_chars.saturating_sub(used) / 3;
    let first = words.partition_point(|word| word.chars_start.saturating_add(before) < words[anchor].chars_start);
    // A match of several words is whole also where there is no room for it.
    let to = words[reach(first).max(last)].end;
    let to = inside
        .iter()
        .filter(|found| found.start < to)
        .map(|found| words[word_at(found.end - 1)].end)
        .fold(to, usize::max);
    (words[first].start, to)
}

/// A word with its place in the text, and in characters of the sentence.
struct Word {
    start: usize,
    end: usize,
    chars_start: usize,
    chars_end: usize,
}

/// Longer ones are addresses, or lists without spaces.
const LONG_CHARS: usize = 40;
/// As long as a word is for the index.
const MAX_CHARS: usize = 200;

/// The words of a sentence with the marks that stand at them.
fn words(text: &str, start: usize, end: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut chars = 0;
    let mut at = start;
    for token in text[start..end].split_inclusive(char::is_whitespace) {
        for piece in pieces(token) {
            let seen = piece.trim_end();
            if !seen.is_empty() {
                let chars_end = chars + count_visible_chars(seen);
                words.push(Word { start: at, end: at + seen.len(), chars_start: chars, chars_end });
            }
            chars += count_visible_chars(piece);
            at += piece.len();
        }
    }
    words
}

/// What is too long to be a word, divided between the words in it.
fn pieces(token: &str) -> Vec<&str> {
    let count = token.chars().count();
    if count <= LONG_CHARS {
        return vec![token];
    }
    let mut pieces = Vec::new();
    let (mut begin, mut length) = (0, 0);
    let mut was_word = true;
    for (at, c) in token.char_indices() {
        let is_word = is_word_char(c) || is_invisible(c);
        if at > begin && (is_word && !was_word || length >= MAX_CHARS) {
            pieces.push(&token[begin..at]);
            (begin, length) = (at, 0);
        }
        was_word = is_word;
        length += 1;
    }
    pieces.push(&token[begin..]);
    pieces
}
