//! Rules that classify one line at a time: lines without words, user rules, markup, date lines, "read more" links.
//!
//! `rule_table` lists all rules in their order.

use super::line_classifier::{LineClassifier, LineState, is_expected};
use crate::clean::parse_date::{Label, parse_label, parse_stated_dates};
use crate::clean::site::{Recurrence, first_folded_word};
use crate::clean::text::shape;
use crate::model::{LineClass, Markup, OutsideReason, Reason};

/// Drops lines without letters or digits.
pub fn drop_lines_without_words(page: &mut LineClassifier) {
    for state in &mut page.lines {
        if state.line.text.trim().is_empty() {
            state.set(LineClass::Blank, Reason::Blank);
        } else if !state.line.text.contains(char::is_alphanumeric) {
            state.set(LineClass::Boilerplate, Reason::NoLettersOrDigits);
        }
    }
}

/// Drops lines that a user rule drops. This rule runs before those below, so that none of them uses such a line as the
/// title or as a neighbor of content. Lines that a user rule keeps become content after the last rule (see
/// `clean_with_rules`).
pub fn drop_by_user_rule(page: &mut LineClassifier) {
    for state in &mut page.lines {
        if let Some(rule) = state.user_rule.filter(|rule| !rule.keeps)
            && state.is_open()
        {
            state.set(LineClass::Boilerplate, rule.reason());
        }
    }
}

/// Drops blocks that the markup of the page places outside its content. If a user rule drops them too,
/// `clean_with_rules` gives that rule as the reason.
pub fn drop_outside_markup(page: &mut LineClassifier) {
    for index in page.candidates.clone() {
        if let Markup::Outside(reason) = page.markup(index) {
            let state = &mut page.lines[index];
            state.set(LineClass::Boilerplate, Reason::Outside(reason));
            state.is_expected_loss = is_expected(reason);
        }
    }
}

/// Finds lines that state when the page was published or updated.
pub fn find_date_lines(page: &mut LineClassifier) {
    let first_prose =
        page.candidates.iter().copied().find(|index| page.lines[*index].is_prose && !page.lines[*index].is_interface);
    for position in 0..page.candidates.len() {
        let index = page.candidates[position];
        let state = &page.lines[index];
        let is_outside = matches!(state.line.markup, Markup::Outside(_));
        if is_outside && !may_state_page_date(state) || !is_outside && !state.is_open() || state.continues_paragraph {
            continue;
        }
        let mut stated_dates = parse_stated_dates(&state.line.text);
        if let [only] = &mut stated_dates[..]
            && only.label == Label::None
        {
            only.label = label_above(page, position);
        }
        let is_event = !stated_dates.is_empty() && states_event(page, position);
        let state = &mut page.lines[index];
        if is_outside {
            // Many footers state when the page was updated: that is metadata, but the line stays boilerplate.
            stated_dates.retain(|stated_date| stated_date.label != Label::None);
            state.stated_dates = stated_dates;
            continue;
        }
        let Some(first) = stated_dates.first() else {
            continue;
        };
        // Below the first prose, a date without a label may belong to a list of events.
        let is_above_prose = first_prose.is_none_or(|first_prose| index < first_prose);
        if first.label != Label::None || is_above_prose && !is_event {
            state.set(LineClass::Date, Reason::DateLine);
            state.stated_dates = stated_dates;
        }
    }
}

/// Whether a line outside the content may state a date of the page, rather than the date of another page, of a reader's
/// comment, or of the whole site.
fn may_state_page_date(state: &LineState) -> bool {
    match state.line.markup {
        Markup::Outside(
            OutsideReason::Hidden
            | OutsideReason::NoScript
            | OutsideReason::Comments
            | OutsideReason::PostDetails
            | OutsideReason::Related
            | OutsideReason::LinkList
            | OutsideReason::Promotion
            | OutsideReason::Advertisement
            | OutsideReason::Repeated
            | OutsideReason::Reviews
            | OutsideReason::FormField,
        ) => false,
        _ => state.recurrence != Recurrence::Everywhere,
    }
}

/// The label in the line above, if that line is nothing but a label: "Sist oppdatert".
fn label_above(page: &LineClassifier, position: usize) -> Label {
    let above = position.checked_sub(1).map(|above| page.text(page.candidates[above]));
    above.map_or(Label::None, parse_label)
}

/// Whether a line near the date says that it is the date of an event or a deadline: "Tid: 18.00", "Sted: Rådhuset".
fn states_event(page: &LineClassifier, position: usize) -> bool {
    const DISTANCE: usize = 3;
    const WORDS: [&str; 26] = [
        "arrangør",
        "billett",
        "billetter",
        "billettar",
        "deadline",
        "frist",
        "høringsfrist",
        "høyringsfrist",
        "innmeldingsfrist",
        "klokkeslett",
        "møtested",
        "møtestad",
        "når",
        "oppmøte",
        "påmelding",
        "påmeldingsfrist",
        "slutt",
        "slutter",
        "stad",
        "start",
        "starter",
        "sted",
        "søknadsfrist",
        "tid",
        "tidspunkt",
        "venue",
    ];
    let near = position.saturating_sub(1)..page.candidates.len().min(position + DISTANCE);
    near.filter(|other| *other != position).any(|other| {
        let state = &page.lines[page.candidates[other]];
        !state.is_prose && WORDS.contains(&first_folded_word(&state.line.text).as_str())
    })
}

/// Finds lines that only ask the reader to follow a link.
pub fn find_read_more_links(page: &mut LineClassifier) {
    for index in page.candidates.clone() {
        let state = &mut page.lines[index];
        let names_target = state.line.markup == Markup::None && shape::names_target(&state.line.text);
        if state.is_open() && shape::is_read_more_link(&state.line.text) && !names_target {
            state.set(LineClass::Link, Reason::ReadMoreLink);
        }
    }
}
