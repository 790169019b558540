//! Rules for text dumps that still contain what surrounded the text on the site: reader comments and menus.
//!
//! `rule_table` lists all rules in their order.

use super::line_classifier::{LineClassifier, LineState};
use crate::clean::site::Recurrence;
use crate::clean::text::comments::find_comments;
use crate::clean::text::interface_phrases::is_common_menu_entry;
use crate::clean::text::menus::{Evidence, PageLine, lines_outside_text};
use crate::clean::text::shape;
use crate::model::{LineClass, Reason};

/// Drops reader comments, to the end of the page.
///
/// The lines are also removed from `candidates`, so that no later rule considers them. Comments contain sentences,
/// dates and headings, which would otherwise count as content of the page and keep the menus above them.
pub fn drop_reader_comments(page: &mut LineClassifier) {
    let lines: Vec<(&str, bool)> =
        page.candidates.iter().map(|index| (page.text(*index), page.lines[*index].is_prose)).collect();
    if let Some(start) = find_comments(&lines) {
        for index in page.candidates.split_off(start) {
            page.lines[index].set(LineClass::Boilerplate, Reason::ReaderComment);
            page.lines[index].is_expected_loss = true;
            page.lines[index].stated_dates.clear();
        }
    }
}

/// Drops menus, recognized by the shape of their lines and by evidence that they are menu entries.
pub fn drop_menus(page: &mut LineClassifier) {
    let lines: Vec<PageLine> = page
        .candidates
        .iter()
        .map(|index| &page.lines[*index])
        .map(|state| PageLine {
            text: &state.line.text,
            is_prose: state.is_prose || state.is_in_closing_list || shape::is_long(&state.line.text),
            is_title: state.is_title_line,
            evidence: evidence(state),
        })
        .collect();
    let reasons = lines_outside_text(&lines);
    for (index, reason) in page.candidates.iter().zip(reasons) {
        let state = &mut page.lines[*index];
        if let Some(reason) = reason.filter(|_| state.is_open()) {
            state.set(LineClass::Boilerplate, reason);
        }
    }
}

/// What indicates that a line is a menu entry.
fn evidence(state: &LineState) -> Evidence {
    let recurs = state.recurrence != Recurrence::Rare && !state.is_sentence();
    if state.is_in_closing_list {
        Evidence::None
    } else if state.is_interface || recurs && state.line.text.contains(char::is_alphabetic) {
        Evidence::Strong
    } else if recurs || is_common_menu_entry(&state.line.text) {
        Evidence::Weak
    } else {
        Evidence::None
    }
}
