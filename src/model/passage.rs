//! Passages, the unit of search, with the mapping from their text back to source lines.

use serde::{Deserialize, Serialize};

use super::line::LineClass;
use super::word_count::word_count;

/// A paragraph, or a heading with the text below it: one document of the index.
///
/// The index stores the fields in this order (postcard).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// The heading above the passage; the text of the first passage of a section includes it.
    pub heading: Option<String>,
    /// The source lines of a paragraph are joined by `\n`; paragraphs, items and headings by `\n\n`.
    pub text: String,
    /// The source line of each non-empty line of `text`.
    pub lines: Vec<u32>,
    /// For each of these lines, the byte offset in the source line at which it starts; `None` for a title that is not a
    /// line of the page. Empty for HTML and Markdown pages, whose text differs from their source lines.
    pub columns: Vec<Option<u32>>,
    /// The class of each paragraph, item or heading of `text`.
    pub classes: Vec<LineClass>,
    /// Whether the whole passage, headings aside, recurs on other pages of the site.
    pub is_repeated: bool,
}

impl Passage {
    /// The first and the last source line.
    pub fn range(&self) -> (u32, u32) {
        (self.lines.first().copied().unwrap_or(1), self.lines.last().copied().unwrap_or(1))
    }

    /// The source line of the byte `offset` of `text`.
    pub fn line_at(&self, offset: usize) -> u32 {
        let before = self.text[..offset].split('\n').filter(|line| !line.is_empty()).count();
        let is_line_start = self.text[..offset].is_empty() || self.text[..offset].ends_with('\n');
        let index = if is_line_start { before } else { before.saturating_sub(1) };
        self.lines.get(index).copied().unwrap_or_else(|| self.range().1)
    }

    /// Maps the bytes `start..end` of `text` to the source: `(line number, start byte, end byte)` for each line.
    /// Empty if the offsets in the source are unknown.
    pub fn in_source(&self, start: usize, end: usize) -> Vec<(u32, usize, usize)> {
        let mut ranges = Vec::new();
        let mut line_starts = self.lines.iter().zip(&self.columns);
        let mut offset = 0;
        for line in self.text.split('\n') {
            let (line_start, line_end) = (offset, offset + line.len());
            offset = line_end + 1;
            if line.is_empty() {
                continue;
            }
            let Some((number, column)) = line_starts.next() else {
                break;
            };
            let (from, to) = (start.max(line_start), end.min(line_end));
            if let Some(column) = column
                && from < to
            {
                let column = *column as usize;
                ranges.push((*number, from - line_start + column, to - line_start + column));
            }
        }
        ranges
    }

    /// The number of words of the text.
    pub fn words(&self) -> usize {
        word_count(&self.text)
    }
}
