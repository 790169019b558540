//! Routes: from the method and path of a request to the function that answers it.

use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT_LANGUAGE, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, HeaderValue};
use hyper::{Method, Request, Response};

use super::http::{Answer, ClientState, ConnectionState, Problem, ProblemKind, check_access, response};
use super::page::UiLanguage;
use super::request::{AcceptedRequest, ReadContext, Server, unavailable};
use super::search_pool::JobError;
use super::{api, page};
use crate::service::IndexStatus;

/// What answers a request.
enum Route {
    /// Needs no index; answered at once.
    Static(fn(&Server, &AcceptedRequest) -> Result<Answer, Problem>),
    /// Reads the index, on a thread of the pool.
    Reading(Handler),
    /// Gets the body of a POST request.
    #[cfg(feature = "mcp")]
    Mcp,
}

/// Answers a request from a snapshot of the index.
pub type Handler = fn(&ReadContext, &AcceptedRequest) -> Result<Answer, Problem>;

/// Finds the route of a path. The second value tells whether errors are pages for people, in this language, or problem
/// objects.
fn route(path: &str, language: UiLanguage) -> Option<(Route, ErrorForm)> {
    let (route, form) = match path {
        "/" => (Route::Reading(page::results_page), ErrorForm::Page(language)),
        "/opensearch.xml" => (Route::Static(page::opensearch), ErrorForm::Problem),
        "/robots.txt" => (Route::Static(page::robots), ErrorForm::Problem),
        "/favicon.ico" => (Route::Static(page::favicon), ErrorForm::Problem),
        _ if path.starts_with(page::PASSAGE_PAGES) => (Route::Reading(page::passage_page), ErrorForm::Page(language)),
        _ if path.starts_with(page::ASSETS) => (Route::Static(page::asset), ErrorForm::Problem),
        "/healthz" => (Route::Static(health), ErrorForm::Problem),
        "/readyz" => (Route::Static(ready), ErrorForm::Problem),
        "/api/v1/search" => (Route::Reading(api::search), ErrorForm::Problem),
        "/api/v1/status" => (Route::Reading(api::status), ErrorForm::Problem),
        "/api/v1/openapi.json" => (Route::Static(api::openapi), ErrorForm::Problem),
        _ if path.starts_with(api::PROBLEMS) => (Route::Static(api::problem_page), ErrorForm::Problem),
        #[cfg(feature = "mcp")]
        "/mcp" => (Route::Mcp, ErrorForm::Problem),
        _ if path.starts_with(api::PASSAGES) => (Route::Reading(api::passage), ErrorForm::Problem),
        _ => return None,
    };
    Some((route, form))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ErrorForm {
    Page(UiLanguage),
    Problem,
}

/// Answers a request.
pub async fn respond(
    server: &Arc<Server>,
    connection: &ConnectionState,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let client = ClientState::of(&request);
    if let Some(problem) = connection.take_rejection() {
        return response(Answer::from(&problem), &client);
    }
    let path = request.uri().path().to_string();
    let language = UiLanguage::of_request(request.uri().query().unwrap_or_default(), accept_language(&request));
    let found = route(&path, language);
    let unknown_form = if path.starts_with("/api/") { ErrorForm::Problem } else { ErrorForm::Page(language) };
    let form = found.as_ref().map_or(unknown_form, |(_, form)| *form);
    let accepted = match accept(server, &request, client.clone()) {
        Ok(accepted) => accepted,
        Err(problem) => return response(error_answer(server, &problem, form), &client),
    };
    let cors_origin = accepted.access.cors_origin.clone();
    let mut response = match found {
        None => {
            let problem = Problem::new(ProblemKind::NotFound, "there is nothing at this path");
            response(error_answer(server, &problem, form), &client)
        }
        #[cfg(feature = "mcp")]
        Some((Route::Mcp, _)) => response(mcp(server, request).await, &client),
        Some(_) if accepted.method != Method::GET && accepted.method != Method::HEAD => {
            let problem = Problem::new(ProblemKind::MethodNotAllowed, "this path supports GET and HEAD");
            let answer = error_answer(server, &problem, form).with_header(ALLOW, HeaderValue::from_static("GET, HEAD"));
            response(answer, &client)
        }
        Some((Route::Static(answer), _)) => {
            let answer = answer(server, &accepted).unwrap_or_else(|problem| error_answer(server, &problem, form));
            response(answer, &client)
        }
        Some((Route::Reading(handler), _)) => read(server, handler, accepted, form).await,
    };
    if let Some(origin) = cors_origin.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

fn accept_language(request: &Request<Incoming>) -> &str {
    request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Checks the headers of a request.
fn accept(server: &Server, request: &Request<Incoming>, client: ClientState) -> Result<AcceptedRequest, Problem> {
    let path = request.uri().path();
    let needs_token = !matches!(path, "/healthz" | "/readyz");
    let access = check_access(request.headers(), &server.config, needs_token)?;
    if request.uri().authority().is_some() {
        return Err(Problem::new(ProblemKind::BadRequest, "the request target must be a path"));
    }
    Ok(AcceptedRequest {
        method: request.method().clone(),
        path: path.to_string(),
        query: request.uri().query().unwrap_or_default().to_string(),
        access,
        client,
        accept_language: accept_language(request).to_string(),
    })
}

/// Runs a handler on a thread of the pool.
async fn read(
    server: &Arc<Server>,
    handler: Handler,
    request: AcceptedRequest,
    form: ErrorForm,
) -> Response<Full<Bytes>> {
    let client = request.client.clone();
    let snapshot = match server.index.status() {
        IndexStatus::Open(snapshot) => snapshot,
        IndexStatus::Unavailable(error) => return response(error_answer(server, &unavailable(&error), form), &client),
    };
    let job_server = Arc::clone(server);
    let job = move |is_cancelled| {
        let context = ReadContext { server: job_server, snapshot, is_cancelled };
        let answer = handler(&context, &request);
        let answer = answer.unwrap_or_else(|problem| error_answer(&context.server, &problem, form));
        response(answer, &request.client)
    };
    match server.pool.run(job).await {
        Ok(response) => response,
        Err(JobError::QueueFull) => {
            let problem = Problem::new(ProblemKind::Overloaded, "too many searches are waiting; try again in a second");
            response(error_answer(server, &problem, form), &client)
        }
        Err(JobError::Panicked) => {
            let problem = Problem::new(ProblemKind::Internal, "the request failed because of a bug in treff");
            response(error_answer(server, &problem, form), &client)
        }
    }
}

/// Answers `/mcp`.
#[cfg(feature = "mcp")]
async fn mcp(server: &Arc<Server>, request: Request<Incoming>) -> Answer {
    if request.method() != Method::POST {
        let problem = Problem::new(ProblemKind::MethodNotAllowed, "this path supports POST; there are no sessions");
        return Answer::from(&problem).with_header(ALLOW, HeaderValue::from_static("POST"));
    }
    super::mcp_endpoint::answer(server, request).await.unwrap_or_else(|problem| Answer::from(&problem))
}

fn error_answer(server: &Server, problem: &Problem, form: ErrorForm) -> Answer {
    match form {
        ErrorForm::Problem => Answer::from(problem),
        ErrorForm::Page(language) => page::error_page(problem, language, &server.config),
    }
}

fn health(_: &Server, _: &AcceptedRequest) -> Result<Answer, Problem> {
    Ok(Answer::new("text/plain; charset=utf-8", "ok\n"))
}

fn ready(server: &Server, _: &AcceptedRequest) -> Result<Answer, Problem> {
    if server.is_draining() {
        return Err(Problem::new(ProblemKind::ShuttingDown, "the server is shutting down"));
    }
    match server.index.status() {
        IndexStatus::Open(_) => Ok(Answer::new("text/plain; charset=utf-8", "ready\n")),
        IndexStatus::Unavailable(error) => Err(unavailable(&error)),
    }
}
