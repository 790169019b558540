//! Notes on how a query was read, and what to try if nothing is found.

use maud::{Markup, html};

use super::displayed::displayed;
use crate::model::shortened;
use crate::query::{FilterField, Pattern, Query, QueryProblem, QueryProblemKind};
use crate::search::{MAX_EXPANSIONS, UnknownFilterValue};
use crate::serve::limits::Limits;
use crate::serve::page::language::UiLanguage;
use crate::serve::page::page_state::PageState;
use crate::service::{EmptyReason, SearchOutcome};

/// Maximum number of characters of a part of a query to quote.
const MAX_QUOTED_CHARS: usize = 60;

/// What differs from what the user may have meant: a suggestion, a correction, and parts that were read as words.
pub fn notes(outcome: &SearchOutcome, state: &PageState, limits: &Limits, language: UiLanguage) -> Markup {
    let texts = language.texts();
    let typed = &outcome.typed;
    html! {
        @if outcome.corrected.is_some() {
            p.note { (displayed(&(texts.corrected)(&language.quoted(&outcome.query().text), &language.quoted(&typed.text)))) }
        }
        @if let Some(suggestion) = &outcome.suggestion {
            p.note {
                (texts.did_you_mean) " "
                a href=(state.results_with(|search| search.text.clone_from(&suggestion.query))) { (displayed(&suggestion.query)) } "?"
            }
        }
        @if outcome.partial { p.note { (texts.partial) } }
        @if state.is_query_cut { p.note { ((texts.cut_query)(&language.number(limits.query_chars as u64))) } }
        @for problem in &typed.problems { (problem_note(problem, &typed.text, language)) }
        @if typed.is_all_caps { p.note { (texts.all_capitals) } }
        @if typed.dropped_words > 0 { p.note { ((texts.dropped_words)(&language.number(typed.words.len() as u64))) } }
        @for pattern in broad_patterns(outcome.query()) {
            p.note { (displayed(&(texts.broad_pattern)(&language.quoted(&pattern.text), &language.number(MAX_EXPANSIONS as u64)))) }
        }
        @for date in state.invalid_since.iter().chain(&state.invalid_until) {
            p.note { (displayed(&(texts.invalid_date)(&language.quoted(date)))) }
        }
        @if state.has_reversed_dates() { p.note { (texts.reversed_dates) } }
    }
}

fn problem_note(problem: &QueryProblem, query: &str, language: UiLanguage) -> Markup {
    let texts = language.texts();
    let part = query.get(problem.span.clone()).map(str::trim).unwrap_or_default();
    let part = if part.is_empty() { query.trim() } else { part };
    html! {
        p.note {
            (displayed(&(texts.problem)(problem.kind, &language.quoted(&shortened(part, MAX_QUOTED_CHARS)))))
            @if problem.kind != QueryProblemKind::WordTooLong { " " (texts.words_instead) }
        }
    }
}

/// The patterns that match more words than are searched for.
fn broad_patterns(query: &Query) -> impl Iterator<Item = &Pattern> {
    let is_broad = |pattern: &&Pattern| pattern.expansions.as_ref().is_some_and(|words| words.len() >= MAX_EXPANSIONS);
    query.patterns.iter().filter(is_broad)
}

/// Says that no page passes a filter, and what would.
fn unknown_filter(unknown: &UnknownFilterValue, language: UiLanguage) -> String {
    let texts = language.texts();
    let field = match unknown.field {
        FilterField::Source => texts.source,
        FilterField::Site => texts.site,
        FilterField::Path => texts.path,
        FilterField::Lang => texts.language,
        FilterField::Date => texts.date,
    };
    let field = field.to_lowercase();
    match unknown.nearest.as_slice() {
        [] => (texts.no_page_with)(&field),
        [first, last] if unknown.field == FilterField::Date => {
            (texts.no_page_dated)(&language.date(first), &language.date(last))
        }
        nearest => {
            let filter = format!("{field} {}", language.quoted(&unknown.value));
            let nearest: Vec<String> = nearest.iter().map(|value| language.quoted(value)).collect();
            format!("{} {}", (texts.no_page_with)(&filter), (texts.nearest_values)(&nearest.join(", ")))
        }
    }
}

/// What to try if nothing is found: without the filters, outside the content, or other words.
pub fn next_steps(outcome: &SearchOutcome, state: &PageState, language: UiLanguage) -> Markup {
    let texts = language.texts();
    // The number without filters is that for the suggestion, if there is one.
    let counted = outcome.results.suggestion.as_ref().map_or(&outcome.query().text, |suggestion| &suggestion.query);
    let has_filters_in_text = !state.search.text.is_empty() && has_filters(outcome) && state.search.filters.is_empty();
    html! {
        h2 { (texts.try_this) }
        ul {
            @if let Some(passages @ 1..) = outcome.without_filters {
                @let results = (texts.results)(passages as u64, &language.number(passages as u64));
                li {
                    @if has_filters_in_text {
                        (texts.without_filters)
                    } @else {
                        a href=(state.results_with(|search| {
                            search.filters = Default::default();
                            search.text.clone_from(counted);
                        })) { (texts.without_filters) }
                    }
                    " (" (results) ")"
                }
            }
            @if let Some(pages) = outcome.in_boilerplate {
                li {
                    a href=(state.results_with(|search| search.options.with_boilerplate = true)) { (texts.outside_content) }
                    " (" ((texts.pages)(pages as u64, &language.number(pages as u64))) ")"
                }
            }
            @for unknown in &outcome.unknown_filters { li { (displayed(&unknown_filter(unknown, language))) } }
            li { (texts.advice) }
        }
    }
}

/// Whether the query itself contains filters.
fn has_filters(outcome: &SearchOutcome) -> bool {
    outcome.query().constraint.as_ref().is_some_and(|constraint| !constraint.filters().is_empty())
}

/// Why a query has nothing to search for.
pub fn search_again(reason: EmptyReason, language: UiLanguage) -> Markup {
    let texts = language.texts();
    let reason = match reason {
        EmptyReason::OnlyExcludes => texts.only_excludes,
        EmptyReason::WordTooLong => texts.only_long_words,
        EmptyReason::NoWords => texts.no_letters,
    };
    html! {
        h1 { (texts.empty_query) }
        p { (reason) }
    }
}
