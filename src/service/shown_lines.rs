//! A passage as lines to show: with the line numbers of its page, and with the matches of a query.

use crate::chunk::paragraphs;
use crate::index::StoredPassage;
use crate::query::Query;
use crate::snippet::{Highlighter, merge_marks, visible_text};

/// A line of a passage.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownLine {
    /// Its number in the page.
    pub number: u32,
    /// Its text without invisible characters.
    pub text: String,
    /// Byte ranges of the matches in `text`.
    pub marks: Vec<(usize, usize)>,
}

/// The lines of a passage by paragraph. The matches of `query` are marked if there is one.
pub fn shown_lines(stored: &StoredPassage, query: Option<&Query>) -> Vec<Vec<ShownLine>> {
    let text = &stored.passage.text;
    let matches = query.map(|query| Highlighter::new(query).matches(text, stored.standard)).unwrap_or_default();
    let marks = merge_marks(&matches);
    let mut numbers = stored.passage.lines.iter();
    let mut shown = Vec::new();
    for (start, paragraph) in paragraphs(text) {
        let mut lines = Vec::new();
        let mut offset = start;
        for line in paragraph.split('\n').filter(|line| !line.is_empty()) {
            let number = numbers.next().copied().unwrap_or(0);
            let end = offset + line.len();
            let visible = visible_text(text, offset, end, &clip(&marks, offset, end));
            lines.push(ShownLine { number, text: visible.text, marks: visible.marks });
            offset = end + 1;
        }
        shown.push(lines);
    }
    shown
}

/// The parts of the marks that are between `start` and `end`.
fn clip(marks: &[(usize, usize)], start: usize, end: usize) -> Vec<(usize, usize)> {
    let inside = marks.iter().filter(|(from, to)| *from < end && *to > start);
    inside.map(|(from, to)| ((*from).max(start), (*to).min(end))).collect()
}
