//! The rule that gives each kept line its class: heading, list item or text.
//!
//! `rule_table` lists all rules in their order.

use super::line_classifier::LineClassifier;
use crate::clean::text::shape;
use crate::model::{LineClass, Markup, Reason};

/// Classifies the lines that no rule has matched, and ends paragraphs at dropped lines.
pub fn classify_content(page: &mut LineClassifier) {
    let kept: Vec<usize> = page.open_candidates().collect();
    for (position, &index) in kept.iter().enumerate() {
        let next = kept.get(position + 1).copied();
        let (class, reason) = content_class(page, index, next);
        page.lines[index].set(class, reason);
    }
    // A dropped line between two lines of a paragraph ends it.
    for index in 1..page.lines.len() {
        let continues = page.lines[index].continues_paragraph;
        page.lines[index].continues_paragraph =
            continues && page.lines[index - 1].is_body() && page.lines[index].is_body();
    }
}

/// The class of a kept line; `next` is the next kept line.
fn content_class(page: &LineClassifier, index: usize, next: Option<usize>) -> (LineClass, Reason) {
    let state = &page.lines[index];
    let text = &state.line.text;
    let is_heading = || {
        let is_continued = page.lines.get(index + 1).is_some_and(|next| next.continues_paragraph);
        !state.continues_paragraph
            && !is_continued
            && shape::may_be_heading(text, is_separated(page, index), next.map(|next| page.text(next)))
    };
    match state.line.markup {
        Markup::Heading(_) => (LineClass::Heading, Reason::MarkupHeading),
        Markup::Item => (LineClass::Item, Reason::MarkupItem),
        Markup::Paragraph | Markup::Row => (LineClass::Content, Reason::MarkupText),
        Markup::Outside(_) => (LineClass::Content, Reason::NoRule),
        Markup::None if shape::is_item(text) => (LineClass::Item, Reason::ItemShape),
        Markup::None if is_heading() => (LineClass::Heading, Reason::HeadingShape),
        Markup::None if state.is_prose => (LineClass::Content, Reason::Prose),
        Markup::None => (LineClass::Content, Reason::NoRule),
    }
}

/// Whether the line above is blank, dropped or missing, or ends a sentence.
fn is_separated(page: &LineClassifier, index: usize) -> bool {
    let Some(above) = index.checked_sub(1).map(|above| &page.lines[above]) else {
        return true;
    };
    let is_text = above.is_open() || above.is_body();
    !is_text || above.line.text.trim_end().ends_with(['.', '!', '?', '»', '"', ')'])
}
