//! A passage as lines to show: with the line numbers of its page, and with the matches of a query.

use crate::chunk::paragraphs;
use crate::error::Result;
use crate::index::{Index, StoredPassage};
use crate::query::{self, Query, Synonyms};
use crate::search::{Interrupt, expand_patterns, respell_query};
use crate::snippet::{Highlighter, merge_marks, visible_text};

/// Parses a query whose matches are to be marked: with the corrections that a search makes without being requested to,
/// and with the words that its patterns match.
pub fn query_to_mark(
    index: &Index,
    synonyms: &Synonyms,
    text: &str,
    with_boilerplate: bool,
    interrupt: &Interrupt,
) -> Result<Query> {
    let mut query = query::parse(text, synonyms);
    if let Some(corrected) = respell_query(index, &query)? {
        query = query::parse(&corrected, synonyms);
    }
    expand_patterns(index, &mut query, with_boilerplate, interrupt)?;
    Ok(query)
}

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
            let visible = visible_text(text, offset, end, &clip_marks(&marks, offset, end));
            lines.push(ShownLine { number, text: visible.text, marks: visible.marks });
            offset = end + 1;
        }
        shown.push(lines);
    }
    shown
}

/// The parts of the marks that are between `start` and `end`.
pub fn clip_marks(marks: &[(usize, usize)], start: usize, end: usize) -> Vec<(usize, usize)> {
    let inside = marks.iter().filter(|(from, to)| *from < end && *to > start);
    inside.map(|(from, to)| ((*from).max(start), (*to).min(end))).collect()
}
