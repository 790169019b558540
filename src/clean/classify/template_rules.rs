//! Rules that drop lines of the site template and interface phrases.
//!
//! `rule_table` lists all rules in their order.

use super::line_classifier::{LineClassifier, LineState};
use crate::clean::site::{Recurrence, first_folded_word, line_hash};
use crate::clean::text::interface_phrases::is_common_menu_entry;
use crate::clean::text::shape;
use crate::model::{LineClass, Markup, Reason};

/// A longer sentence is kept, no matter how many pages contain it.
const MAX_ASIDE_WORDS: usize = 12;
/// An aside (see `is_aside`) is dropped if the template around it has at least this many lines.
///
/// With this value and `MAX_ASIDE_WORDS` = 12, but without the list of interface phrases, 168 of the 182 words of
/// boilerplate in the seed pages are dropped (113 if asides are kept). No content is dropped.
const MIN_TEMPLATE_LINES: usize = 4;
/// On a text page, a longer line that recurs, but not everywhere, is content that pages share, such as the cast of a
/// play.
const MAX_TEMPLATE_LINE_WORDS: usize = 30;
/// Minimum number of adjacent recurring lines that are dropped between lines of content.
const MIN_INSIDE_RUN: usize = 3;

/// Drops lines that recur on other pages, in an unbroken run from the top of the page (menus) or to its end (notices,
/// forms).
pub fn drop_recurring_at_ends(page: &mut LineClassifier) {
    let from_top: Vec<usize> = page.candidates.clone();
    let from_end: Vec<usize> = page.candidates.iter().rev().copied().collect();
    let is_cleaned = page.is_cleaned_text();
    for (candidates, reason) in [(from_top, Reason::RecursAtTop), (from_end, Reason::RecursAtEnd)] {
        let run = recurring_run(page, candidates, is_cleaned);
        for index in trimmed_run(page, run) {
            page.lines[index].set(LineClass::Boilerplate, reason);
        }
    }
}

/// Recurring lines from one end of the page.
#[derive(Default)]
struct Run {
    lines: Vec<usize>,
    /// The line that ends the run; `None` if the run is the whole page.
    stopped_at: Option<usize>,
}

/// Collects recurring lines in the order of `candidates`, up to the first line of content.
///
/// `is_cleaned` is the value of `LineClassifier::is_cleaned_text`.
fn recurring_run(page: &LineClassifier, candidates: Vec<usize>, is_cleaned: bool) -> Run {
    let mut run = Run::default();
    // The positions of asides in the run.
    let mut asides = Vec::new();
    let mut skipped = 0;
    for index in candidates {
        let state = &page.lines[index];
        if !state.is_open() || state.is_interface || state.is_title_line {
            skipped += 1;
            continue;
        }
        let is_aside = is_aside(page, index);
        let is_long = state.recurrence != Recurrence::Everywhere
            && state.line.markup == Markup::None
            && shape::alphanumeric_words(&state.line.text) > MAX_TEMPLATE_LINE_WORDS;
        if state.recurrence == Recurrence::Rare
            || is_cleaned && may_be_shared_content(state)
            || state.is_sentence() && !is_aside
            || is_long
        {
            run.stopped_at = Some(index);
            break;
        }
        if is_aside {
            asides.push(run.lines.len());
        }
        run.lines.push(index);
    }
    // An aside belongs to the template only if template lines follow it; the first aside without them ends the run.
    let is_template = |index: &usize| !page.lines[*index].is_sentence();
    let is_large = run.lines.iter().filter(|index| is_template(index)).count() + skipped >= MIN_TEMPLATE_LINES;
    let is_inside = |aside: usize| is_large && run.lines[aside..].iter().any(is_template);
    if let Some(last) = asides.into_iter().find(|aside| !is_inside(*aside)) {
        run.stopped_at = run.stopped_at.map(|_| run.lines[last]);
        run.lines.truncate(last);
    }
    run
}

/// The lines of a run that are boilerplate.
fn trimmed_run(page: &LineClassifier, run: Run) -> Vec<usize> {
    let mut lines = run.lines;
    // If the whole page recurs, the run is not a template around content.
    let Some(stopped_at) = run.stopped_at else {
        return Vec::new();
    };
    // The menu entry of the page itself, repeated just above the text, is its heading.
    if let [.., last] = lines[..]
        && last < stopped_at
        && page.lines[stopped_at].is_prose
        && is_repeated_from_above(page, last)
    {
        lines.pop();
    }
    // A single line is a byline, or a heading such as "Hovedfunn", unless it recurs everywhere.
    if let [single] = lines[..] {
        let is_heading = page.lines[stopped_at].is_prose && stopped_at > single;
        if is_heading || page.lines[single].recurrence != Recurrence::Everywhere {
            return Vec::new();
        }
    }
    lines
}

/// Whether a line of a cleaned text may recur without belonging to the template of the site: two pages of a site may
/// share it by chance, and versions of a document share its table of contents.
fn may_be_shared_content(state: &LineState) -> bool {
    state.recurrence == Recurrence::OnTwoPages || shape::is_section_or_code(&state.line.text)
}

fn is_repeated_from_above(page: &LineClassifier, index: usize) -> bool {
    let hash = line_hash(page.text(index));
    (0..index).any(|above| line_hash(page.text(above)) == hash)
}

/// Whether a line is a short sentence, or a remark in parentheses, that recurs everywhere: "Hold Ctrl-tasten nede."
fn is_aside(page: &LineClassifier, index: usize) -> bool {
    let text = page.text(index);
    page.lines[index].is_sentence()
        && page.lines[index].recurrence == Recurrence::Everywhere
        && (shape::alphanumeric_words(text) <= MAX_ASIDE_WORDS || shape::is_in_parentheses(text))
}

/// Drops runs of at least three lines that recur everywhere (`Recurrence::Everywhere`), such as share buttons between
/// paragraphs. Drops nothing from a page without other lines.
pub fn drop_recurring_inside(page: &mut LineClassifier) {
    let is_cleaned = page.is_cleaned_text();
    let recurs: Vec<bool> = page
        .lines
        .iter()
        .map(|state| {
            state.is_open()
                && state.recurrence == Recurrence::Everywhere
                && !state.is_sentence()
                && !(is_cleaned && may_be_shared_content(state))
        })
        .collect();
    if !page.open_candidates().any(|index| !page.lines[index].is_interface && !recurs[index]) {
        return;
    }
    let runs: Vec<&[usize]> = page
        .candidates
        .chunk_by(|one, other| recurs[*one] && recurs[*other])
        .filter(|run| run.len() >= MIN_INSIDE_RUN)
        .collect();
    // Versions of a document share its table of contents and its lists, just as the pages of a site share a menu. But these
    // lines contain no interface phrases or common menu entries.
    let is_menu_entry = |index: &usize| page.lines[*index].is_interface || is_common_menu_entry(page.text(*index));
    if is_cleaned && !runs.iter().copied().flatten().any(is_menu_entry) {
        return;
    }
    for index in runs.concat() {
        page.lines[index].set(LineClass::Boilerplate, Reason::RecursInside);
    }
}

/// Drops interface phrases above and below the content.
pub fn drop_interface_at_ends(page: &mut LineClassifier) {
    let mut content = page.content_ends().filter(|(_, last)| page.markup(*last) != Markup::Heading(1));
    if content.is_none() && page.is_text_page() {
        // A list without sentences.
        let is_entry = |index: &usize| page.lines[*index].is_open() && !page.lines[*index].is_interface;
        let mut entries = page.candidates.iter().copied().filter(is_entry);
        content = entries.next().map(|first| (first, entries.next_back().unwrap_or(first)));
    }
    for position in 0..page.candidates.len() {
        let index = page.candidates[position];
        let is_at_an_end = match content {
            Some((first, last)) => index < first || index > last,
            // On an HTML page without sentences, it is unknown where the content starts and ends. There, the markup
            // identifies content: in a list of services, "Logg inn med ID-porten" is an entry.
            None => !matches!(page.markup(index), Markup::Heading(_) | Markup::Item | Markup::Row),
        };
        let state = &page.lines[index];
        if is_at_an_end && state.is_open() && state.is_interface && !is_content_by_markup(page, position) {
            page.lines[index].set(LineClass::Boilerplate, Reason::InterfacePhrase);
        }
    }
}

/// Whether an interface phrase is content: the main heading, a heading above content ("Kontakt" above an address), or
/// the answer below a question ("Nei" below "Kan jeg fiske gratis?").
fn is_content_by_markup(page: &LineClassifier, position: usize) -> bool {
    match page.markup(page.candidates[position]) {
        Markup::Heading(1) => true,
        Markup::Heading(_) => page.candidates.get(position + 1).is_some_and(|next| {
            let state = &page.lines[*next];
            state.is_open() && !state.is_interface && !matches!(state.line.markup, Markup::Heading(_))
        }),
        Markup::Paragraph => position.checked_sub(1).is_some_and(|above| {
            let above = &page.lines[page.candidates[above]];
            above.line.text.trim_end().ends_with('?')
                && matches!(above.line.markup, Markup::Heading(_))
                && !above.is_interface
        }),
        Markup::None => answers_question(page, position),
        _ => false,
    }
}

/// Whether an interface phrase of a text page is the answer to the question above it ("Ja" below "Er det gratis?"), and
/// not one of the buttons of a form.
fn answers_question(page: &LineClassifier, position: usize) -> bool {
    let is_answer = |index: &usize| {
        matches!(first_folded_word(page.text(*index)).as_str(), "ja" | "nei" | "yes" | "no")
            && shape::alphanumeric_words(page.text(*index)) == 1
    };
    let above = position.checked_sub(1).map(|above| page.candidates[above]);
    is_answer(&page.candidates[position])
        && above.is_some_and(|above| page.text(above).trim_end().ends_with('?') && !page.lines[above].is_interface)
        && !page.candidates.get(position + 1).is_some_and(is_answer)
}
