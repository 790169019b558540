//! `GET /problems/NAME`: what a problem type means and what to do about it, as plain text.

use crate::serve::http::{Answer, Problem, ProblemKind};
use crate::serve::request::{AcceptedRequest, Server};

/// The beginning of the path.
pub const PROBLEMS: &str = "/problems/";

/// Answers `/problems/{name}`.
pub fn problem_page(_: &Server, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let name = request.path.strip_prefix(PROBLEMS).unwrap_or_default();
    let kind = ProblemKind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| Problem::new(ProblemKind::NotFound, "there is no problem type with this name"))?;
    let text = format!("{} ({})\n\n{}\n", kind.title(), kind.status(), explanation(kind));
    Ok(Answer::new("text/plain; charset=utf-8", text))
}

/// The cause of a problem and the next step.
fn explanation(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::BadRequest => {
            "The request is not valid HTTP/1.1, or it has a form that proxies and servers read differently, such as two \
             lengths. `detail` says which rule it breaks."
        }
        ProblemKind::BadParameter => {
            "A parameter is unknown, repeated, or has an invalid value. `parameter` names it, and `detail` says what is \
             allowed. /api/v1/openapi.json describes all parameters."
        }
        ProblemKind::EmptyQuery => {
            "The query has no letters or digits, or it only excludes words, and there is no filter. Add a word to search \
             for."
        }
        ProblemKind::QuerySyntax => {
            "The query has a syntax error. `span` is its byte range in the query as UTF-8, `span_utf16` its range in \
             UTF-16 code units. Without `strict=true`, the words of the query are searched for instead."
        }
        ProblemKind::Unauthorized => {
            "The server requires a token in the header `Authorization: Bearer TOKEN`. A token in the URL is ignored."
        }
        ProblemKind::ForeignHost => {
            "The Host header names neither this machine nor one of the names that the server was started with \
             (`--host-name`)."
        }
        ProblemKind::ForeignOrigin => {
            "A browser made the request for a page of another origin (`Origin`, `Sec-Fetch-Site`), and the server was not \
             started with `--cors` for that origin. Links to the search page work; to open an answer of the API, type its \
             address."
        }
        ProblemKind::NotFound => {
            "There is nothing at this path, or no passage of the index has this id. The ids of pages that were removed or \
             changed may be gone; search again."
        }
        ProblemKind::MethodNotAllowed => {
            "The path doesn't support this method. The header `Allow` names those it supports."
        }
        ProblemKind::RequestTimeout => "The request did not arrive completely in time. Send it again.",
        ProblemKind::GenerationChanged => {
            "The index has changed since the generation that the request names, so the hits at this offset may be others. \
             Start again without `generation`. The member `generation` is the current one."
        }
        ProblemKind::LengthRequired => "A request with a body needs the header Content-Length.",
        ProblemKind::TooLarge => "The body of the request is larger than the server accepts.",
        ProblemKind::UriTooLong => "The path and the parameters are longer than the server accepts.",
        ProblemKind::HeadersTooLarge => "The request has more or longer headers than the server accepts.",
        ProblemKind::Internal => {
            "The request failed because of a bug in treff. The server still answers others. Please report the request."
        }
        ProblemKind::NoIndex => {
            "There is no index, another version of treff built it, or a file of synonyms can't be read. The server uses the \
             index as soon as it is built (`treff index`), or the file is correct."
        }
        ProblemKind::Damaged => {
            "Files of the index are damaged. `treff check` on the server names them, and `treff index --rebuild` builds the \
             index again."
        }
        ProblemKind::Overloaded => {
            "More searches are waiting than the server accepts. Try again after the seconds in the header `Retry-After`."
        }
        ProblemKind::ShuttingDown => {
            "The server is shutting down. Try again after the seconds in the header `Retry-After`."
        }
    }
}
