//! Says what went wrong, in the language of the page, with a way back to the search.

use maud::{Markup, html};

use super::language::{Texts, UiLanguage};
use super::page_state::PageState;
use super::parts::{Frame, displayed, html_answer};
use crate::serve::config::ServeConfig;
use crate::serve::http::{Answer, Problem, ProblemKind, problem_headers};

/// The page for a problem.
pub fn error_page(problem: &Problem, language: UiLanguage, config: &ServeConfig) -> Answer {
    let texts = language.texts();
    let (heading, text) = explain(problem.kind, texts);
    // The reason is for those who run the server or write requests, and is in English like all messages of treff.
    let has_reason = text == texts.error_request_text;
    let is_temporary = problem.kind.status() >= 500;
    let content = html! {
        h1 { (heading) }
        p { (text) }
        @if has_reason { p lang="en" { code { (displayed(&problem.detail)) } } }
        @if is_temporary { p { a href="" { (texts.try_again) } } }
        p { a href="/" { (texts.to_search) } }
    };
    answer(&content, heading, problem.kind, &PageState::default(), language, config)
}

/// The page for a passage that is not in the index, or no longer.
pub fn missing_passage(state: &PageState, language: UiLanguage, config: &ServeConfig) -> Answer {
    let texts = language.texts();
    let content = html! {
        h1 { (texts.passage_missing) }
        p { (texts.passage_missing_text) }
        p { a href=(state.url("/")) { (if state.is_empty() { texts.to_search } else { texts.back_to_results }) } }
    };
    answer(&content, texts.passage_missing, ProblemKind::NotFound, state, language, config)
}

fn answer(
    content: &Markup,
    title: &str,
    kind: ProblemKind,
    state: &PageState,
    language: UiLanguage,
    config: &ServeConfig,
) -> Answer {
    let frame = Frame { config, language, state, path: None, title, is_listed: false };
    let mut answer = html_answer(frame.page(content));
    answer.version = None;
    answer.status = hyper::StatusCode::from_u16(kind.status()).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers.extend(problem_headers(kind));
    answer
}

/// The heading and the text for a kind of problem.
fn explain(kind: ProblemKind, texts: &Texts) -> (&'static str, &'static str) {
    match kind {
        ProblemKind::NotFound => (texts.error_not_found, texts.error_not_found_text),
        ProblemKind::NoIndex | ProblemKind::ShuttingDown => (texts.error_no_index, texts.error_no_index_text),
        ProblemKind::Overloaded => (texts.error_busy, texts.error_busy_text),
        ProblemKind::Internal | ProblemKind::Damaged => (texts.error_internal, texts.error_internal_text),
        ProblemKind::Unauthorized => (texts.error_access, texts.error_request_text),
        _ => (texts.error_request, texts.error_request_text),
    }
}
