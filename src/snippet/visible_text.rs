//! Renders ranges of a passage as they are displayed: without invisible characters, and with the marks adjusted.

use serde::Serialize;

use super::highlighter::merge_marks;
use super::token_match::Match;
use crate::chunk::paragraphs;
use crate::model::Passage;
use crate::norwegian::{WordBreak, is_invisible, may_have_invisible, word_breaks};

/// The part of a passage that is displayed, with its marks.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Snippet {
    /// The displayed text: without invisible characters, with spaces for line breaks, with the parts of words divided
    /// at the end of a line joined, and with `…` where a sentence is cut or text is omitted.
    pub text: String,
    /// Byte ranges of the matches in `text`, in order; they neither overlap nor touch.
    pub marks: Vec<(usize, usize)>,
    /// For each mark, its byte range in the text of the passage.
    #[serde(skip)]
    pub passage_marks: Vec<(usize, usize)>,
    /// Byte offset in the text of the passage at which the snippet begins.
    #[serde(skip)]
    pub start: usize,
}

/// Renders the whole passage, with an empty line between paragraphs.
pub fn full_snippet(passage: &Passage, matches: &[Match]) -> Snippet {
    let marks = merge_marks(matches);
    let mut snippet = Snippet::default();
    for (start, paragraph) in paragraphs(&passage.text) {
        if start > 0 {
            snippet.text.push_str("\n\n");
        }
        snippet.push(&passage.text, start, start + paragraph.len(), &marks);
    }
    snippet
}

/// Renders the bytes `start..end` of a text. `marks` are the marks of the whole text.
pub fn visible_text(text: &str, start: usize, end: usize, marks: &[(usize, usize)]) -> Snippet {
    let mut snippet = Snippet { start, ..Snippet::default() };
    snippet.push(text, start, end, marks);
    snippet
}

impl Snippet {
    /// Appends the bytes `start..end` of a text, with the marks inside this range.
    pub(super) fn push(&mut self, text: &str, start: usize, end: usize, marks: &[(usize, usize)]) {
        let breaks: Vec<WordBreak> =
            if text[start..end].contains('\n') { word_breaks(text).collect() } else { Vec::new() };
        let mut copied = start;
        for &(mark_start, mark_end) in marks.iter().filter(|(from, to)| *from >= start && *to <= end) {
            self.push_visible(text, copied, mark_start, &breaks);
            let visible_start = self.text.len();
            self.push_visible(text, mark_start, mark_end, &breaks);
            if visible_start < self.text.len() {
                self.marks.push((visible_start, self.text.len()));
                self.passage_marks.push((mark_start, mark_end));
            }
            copied = mark_end;
        }
        self.push_visible(text, copied, end, &breaks);
    }

    /// Appends the bytes `start..end` of a text. `breaks` are the places at which words are divided at line ends; the
    /// parts of these words are joined.
    fn push_visible(&mut self, text: &str, start: usize, end: usize, breaks: &[WordBreak]) {
        let part = &text[start..end];
        // `may_have_invisible` also covers the direction marks of `is_not_displayed`: in UTF-8 they, too, begin with
        // 0xe2.
        if breaks.is_empty() && !may_have_invisible(part) && !part.contains('\n') {
            self.text.push_str(part);
            return;
        }
        let is_in_break = |offset: usize| {
            let from = |found: &WordBreak| if found.keeps_hyphen { found.hyphen_end } else { found.start };
            breaks.iter().any(|found| (from(found)..found.end).contains(&offset))
        };
        let displayed = part.char_indices().filter(|(offset, c)| !is_not_displayed(*c) && !is_in_break(start + offset));
        self.text.extend(displayed.map(|(_, c)| if c == '\n' { ' ' } else { c }));
    }
}

/// Whether a character has no width or only sets the direction of the text.
pub fn is_not_displayed(c: char) -> bool {
    is_invisible(c) || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Number of characters of a text that are displayed.
pub(super) fn count_visible_chars(text: &str) -> usize {
    if may_have_invisible(text) { text.chars().filter(|c| !is_not_displayed(*c)).count() } else { text.chars().count() }
}
