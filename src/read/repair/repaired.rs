//! What all repairs share: replacing byte ranges of a text, splitting it into segments, and counting its lines.

use std::ops::Range;

/// A repaired text.
pub struct Repaired {
    pub text: String,
    /// What was repaired, for the user.
    pub note: String,
}

impl Repaired {
    /// Replaces byte ranges of a text, which are in order. No replacement contains a line break or removes one, so that
    /// line numbers stay correct.
    pub fn new(text: &str, changes: Vec<(Range<usize>, String)>, note: String) -> Repaired {
        let mut repaired = String::with_capacity(text.len());
        let mut at = 0;
        for (range, replacement) in changes {
            repaired.push_str(&text[at..range.start]);
            repaired.push_str(&replacement);
            at = range.end;
        }
        repaired.push_str(&text[at..]);
        debug_assert_eq!(text.matches('\n').count(), repaired.matches('\n').count());
        Repaired { text: repaired, note }
    }
}

/// The lines of a page with their byte offsets; in HTML, the tags and the texts between them.
pub fn segments(text: &str, is_html: bool) -> impl Iterator<Item = (usize, &str)> {
    let is_end = move |c: char| c == '\n' || (is_html && matches!(c, '<' | '>'));
    text.split(is_end).map(|segment| (segment.as_ptr() as usize - text.as_ptr() as usize, segment))
}

/// The number of the line at a byte offset, from 1.
pub fn line_number(text: &str, offset: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..offset]).count()
}
