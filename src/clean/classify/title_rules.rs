//! Rules that find the title of a page and the lines that repeat it.
//!
//! `rule_table` lists all rules in their order.

use super::line_classifier::LineClassifier;
use crate::clean::site::line_hash;
use crate::clean::text::shape;
use crate::model::{LineClass, Markup, Reason};

/// Finds the title of the page: its main heading, else the title that the record or the page states, else the first
/// line if it has the shape of a title. Classifies the line of the title, if there is one.
pub fn find_title(page: &mut LineClassifier) {
    let main_heading = page.open_candidates().find(|index| page.markup(*index) == Markup::Heading(1));
    if let Some(heading) = main_heading {
        page.lines[heading].set(LineClass::Title, Reason::FirstHeading);
        page.title = Some(page.text(heading).to_string());
    } else if let Some(stated) = page.stated_title {
        let hash = line_hash(stated);
        let line = page
            .candidates
            .iter()
            .copied()
            .take_while(|index| !page.lines[*index].is_prose)
            .find(|index| page.lines[*index].is_open() && line_hash(page.text(*index)) == hash);
        if let Some(line) = line {
            page.lines[line].set(LineClass::Title, Reason::StatedTitle);
        }
        page.title = Some(stated.split_whitespace().collect::<Vec<_>>().join(" "));
    } else if let Some(line) = title_by_shape(page) {
        page.lines[line].set(LineClass::Title, Reason::TitleShape);
        page.title = Some(page.text(line).trim().to_string());
    }
}

fn title_by_shape(page: &LineClassifier) -> Option<usize> {
    let has_title_shape = |index: usize| {
        let state = &page.lines[index];
        let is_continued = page.lines.get(index + 1).is_some_and(|next| next.continues_paragraph);
        !state.is_interface
            && !state.is_prose
            && !state.continues_paragraph
            && !is_continued
            && shape::may_be_title(state.line.text.trim())
            && matches!(state.line.markup, Markup::None | Markup::Heading(_))
    };
    let first = page.open_candidates().next();
    if let Some(first) = first.filter(|first| has_title_shape(*first)) {
        // A line with nothing below it is not a title but the whole content.
        let has_body = page.open_candidates().any(|index| index > first);
        return has_body.then_some(first);
    }
    // Copies of a page have the same title, so it may have been dropped as recurring. In that case, it is the line
    // above the first date line.
    let date = page.lines.iter().position(|state| state.has_class(LineClass::Date))?;
    let above = page.candidates.iter().copied().rfind(|index| *index < date)?;
    let is_at_top = first.is_none_or(|first| date < first);
    (is_at_top && has_title_shape(above)).then_some(above)
}

/// Drops the lines above the title that repeat it, such as the last step of a breadcrumb.
pub fn drop_repeated_title(page: &mut LineClassifier) {
    let is_title = |index: &usize| page.lines[*index].has_class(LineClass::Title);
    let Some(title) = page.candidates.iter().copied().find(is_title) else {
        return;
    };
    let hash = line_hash(page.text(title));
    let above: Vec<usize> = page.open_candidates().take_while(|index| *index < title).collect();
    for index in above {
        if line_hash(page.text(index)) == hash {
            page.lines[index].set(LineClass::Boilerplate, Reason::RepeatsTitle);
        }
    }
}
