//! Selects the passages of a long page that are shown at once, and cuts those that are too long themselves.

use std::ops::Range;

use crate::search::PageOfHit;

/// Maximum number of bytes of the text of a passage, and of all texts of a page, in an answer.
pub const MAX_PASSAGE_BYTES: usize = 100_000;
const MAX_PAGE_BYTES: usize = 1_000_000;

/// The passages of a page that fit into one answer.
pub struct FittingPassages {
    pub range: Range<usize>,
    /// For each passage of the page, whether its text was cut.
    pub is_cut: Vec<bool>,
}

/// Cuts the passages of a page that are too long, and selects those to show: from the passage `from` on or, without it,
/// near the hit.
pub fn fit_page(page: &mut PageOfHit, from: Option<usize>) -> FittingPassages {
    let passages = page.passages.iter_mut();
    let is_cut = passages.map(|stored| cut_text(&mut stored.passage.text, MAX_PASSAGE_BYTES)).collect();
    let lengths: Vec<usize> = page.passages.iter().map(|stored| stored.passage.text.len()).collect();
    FittingPassages { range: page_window(&lengths, page.position, from, MAX_PAGE_BYTES), is_cut }
}

/// Selects passages whose texts have at most `max_bytes` together, at least one. They begin with the passage `from` or,
/// without it, so that the passage `hit` is shown with what precedes it, up to a quarter of `max_bytes`. `lengths` are the
/// bytes of the texts.
pub fn page_window(lengths: &[usize], hit: usize, from: Option<usize>, max_bytes: usize) -> Range<usize> {
    let start = from.unwrap_or_else(|| {
        let mut bytes = lengths.get(hit).copied().unwrap_or(0);
        let before = lengths.iter().take(hit).rev().take_while(|length| {
            bytes = bytes.saturating_add(**length);
            bytes <= max_bytes / 4
        });
        hit - before.count()
    });
    let mut bytes = 0usize;
    let fitting = lengths.iter().skip(start).take_while(|length| {
        bytes = bytes.saturating_add(**length);
        bytes <= max_bytes
    });
    let end = start + fitting.count().max(1);
    start..end.min(lengths.len()).max(start)
}

/// Cuts a text after `max_bytes`, or a little before, so that no character is divided, and appends an ellipsis. Returns
/// whether it was longer.
pub fn cut_text(text: &mut String, max_bytes: usize) -> bool {
    if text.len() <= max_bytes {
        return false;
    }
    let end = (0..=max_bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.truncate(end);
    text.push('…');
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shows_what_precedes_the_hit_if_there_is_room() {
        let check = |hit, from, expected| assert_eq!(page_window(&[10; 20], hit, from, 80), expected);
        check(0, None, 0..8);
        check(1, None, 0..8);
        check(2, None, 1..9);
        check(19, None, 18..20);
        check(5, Some(0), 0..8);
        check(5, Some(19), 19..20);
        assert_eq!(page_window(&[10, 1000, 10], 1, None, 80), 1..2);
        assert_eq!(page_window(&[1000, 10, 10], 1, None, 80), 1..3);
        assert_eq!(page_window(&[15, 10, 60], 1, None, 80), 1..3);
        assert_eq!(page_window(&[usize::MAX, usize::MAX], 1, None, 80), 1..2);
    }

    #[test]
    fn cuts_between_characters() {
        let cut = |text: &str, max_bytes| {
            let mut text = text.to_string();
            cut_text(&mut text, max_bytes).then_some(text)
        };
        assert_eq!(cut("æøå", 6), None);
        assert_eq!(cut("æøå", 5).as_deref(), Some("æø…"));
        assert_eq!(cut("a😀", 4).as_deref(), Some("a…"));
        assert_eq!(cut("😀", 1).as_deref(), Some("…"));
        assert_eq!(cut("", 0), None);
    }

    proptest! {
        #[test]
        fn the_hit_is_shown_and_reading_on_reaches_every_passage(
            lengths in proptest::collection::vec(0usize..60, 1..30), hit in any::<prop::sample::Index>(),
        ) {
            let hit = hit.index(lengths.len());
            let bytes = |range: Range<usize>| lengths[range].iter().sum::<usize>();
            let near = page_window(&lengths, hit, None, 100);
            prop_assert!(near.contains(&hit));
            prop_assert!(bytes(near.clone()) <= 100);
            let mut next = 0;
            while next < lengths.len() {
                let shown = page_window(&lengths, hit, Some(next), 100);
                prop_assert!(shown.start == next && !shown.is_empty() && bytes(shown.clone()) <= 100);
                next = shown.end;
            }
        }
    }
}
