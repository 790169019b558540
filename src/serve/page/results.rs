//! `GET /`: the search form and the hits.

use maud::{DOCTYPE, Markup, html};

use crate::serve::http::{Answer, Problem};
use crate::serve::parameters::{Strictness, search_request};
use crate::serve::request::{AcceptedRequest, ReadContext};
use crate::serve::run_search::run_search;

/// Answers `/`.
pub fn results(context: &ReadContext, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let search = search_request(&request.query, &context.server.config.limits, Strictness::Ignore, |_, _| false)?;
    let outcome = run_search(context, &search);
    let body = html! {
        form { input name="q" value=(search.text); }
        @if let Ok(outcome) = &outcome {
            ol {
                @for hit in &outcome.results.hits { li { h2 { (hit.title.as_deref().unwrap_or(&hit.path)) } p { (hit.snippet) } } }
            }
        }
    };
    Ok(page("treff", &body))
}

/// A page that says what went wrong.
pub fn error_page(problem: &Problem) -> Answer {
    let mut answer = page(problem.kind.title(), &html! { h1 { (problem.kind.title()) } p { (problem.detail) } });
    let as_problem = Answer::from(problem);
    answer.status = as_problem.status;
    answer.headers.extend(as_problem.headers);
    answer
}

fn page(title: &str, body: &Markup) -> Answer {
    let markup =
        html! { (DOCTYPE) html lang="nb" { head { meta charset="utf-8"; title { (title) } } body { (body) } } };
    Answer::new("text/html; charset=utf-8", markup.into_string())
}
