//! Routes: from the method and path of a request to the function that answers it.

use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT_LANGUAGE, ALLOW, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};

use super::http::{
    Answer, ClientState, ConnectionState, CrossSite, Problem, ProblemKind, Rejection, add_cors_headers, check_access,
    cors_origin, is_preflight, preflight_answer, response,
};
use super::page::UiLanguage;
use super::request::{AcceptedRequest, ReadContext, Server, unavailable};
use super::request_record::RequestRecord;
use super::search_pool::JobError;
use super::{api, page};
use crate::service::IndexStatus;

/// What answers the requests to a path.
#[derive(Clone, Copy)]
struct Route {
    /// The path, or a pattern for several paths: the name of the route in metrics and in the access log.
    pattern: &'static str,
    /// The value of `Allow`.
    methods: &'static str,
    /// Whether clients need the token, if one is configured.
    needs_token: bool,
    /// Whether errors are pages for people; otherwise, they are problem objects.
    has_error_pages: bool,
    /// Which requests for pages of other sites are answered.
    cross_site: CrossSite,
    handler: Handler,
}

#[derive(Clone, Copy)]
enum Handler {
    /// Needs no index; answers at once.
    Direct(fn(&Server, &AcceptedRequest) -> Result<Answer, Problem>),
    /// Reads a snapshot of the index, on a thread of the pool.
    Reading(fn(&ReadContext, &AcceptedRequest) -> Result<Answer, Problem>),
    /// Answers a message of the Model Context Protocol.
    #[cfg(feature = "mcp")]
    Mcp,
}

/// Whether an error is a page for people, in this language, or a problem object for programs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ErrorForm {
    Page(UiLanguage),
    Problem,
}

impl Route {
    /// A route for GET and HEAD whose errors are problem objects.
    fn get(pattern: &'static str, handler: Handler) -> Route {
        let (methods, cross_site) = ("GET, HEAD", CrossSite::Refused);
        Route { pattern, methods, needs_token: true, has_error_pages: false, cross_site, handler }
    }

    /// A route for POST.
    #[cfg(feature = "mcp")]
    fn post(pattern: &'static str, handler: Handler) -> Route {
        Route { methods: "POST", ..Route::get(pattern, handler) }
    }

    /// A page for people: so are its errors, and other sites may link to it.
    fn for_people(self) -> Route {
        Route { has_error_pages: true, cross_site: CrossSite::Links, ..self }
    }

    /// A file that is the same for everyone, and that other sites may use.
    fn for_everyone(self) -> Route {
        Route { cross_site: CrossSite::Everything, ..self }
    }

    fn without_token(self) -> Route {
        Route { needs_token: false, ..self }
    }

    fn allows(&self, method: &Method) -> bool {
        self.methods.split(", ").any(|allowed| allowed == method.as_str())
    }
}

/// Finds the route of a path.
fn find_route(path: &str, server: &Server) -> Option<Route> {
    use Handler::{Direct, Reading};
    let route = match path {
        "/" => Route::get("/", Reading(page::results_page)).for_people(),
        "/opensearch.xml" => Route::get("/opensearch.xml", Direct(page::opensearch)).for_everyone(),
        "/robots.txt" => Route::get("/robots.txt", Direct(page::robots)).for_everyone().without_token(),
        "/favicon.ico" => Route::get("/favicon.ico", Direct(page::favicon)).for_everyone().without_token(),
        _ if path.starts_with(page::PASSAGE_PAGES) => Route::get("/p/{id}", Reading(page::passage_page)).for_people(),
        _ if path.starts_with(page::ASSETS) => {
            Route::get("/assets/{name}", Direct(page::asset)).for_everyone().without_token()
        }
        "/healthz" => Route::get("/healthz", Direct(health)).without_token(),
        "/readyz" => Route::get("/readyz", Direct(ready)).without_token(),
        "/metrics" if server.config.has_metrics => Route::get("/metrics", Direct(metrics)),
        "/api/v1/search" => Route::get("/api/v1/search", Reading(api::search)),
        "/api/v1/openapi.json" => Route::get("/api/v1/openapi.json", Direct(api::openapi)),
        "/api/v1/status" => Route::get("/api/v1/status", Reading(api::status)),
        #[cfg(feature = "mcp")]
        "/mcp" => Route::post("/mcp", Handler::Mcp),
        _ if path.starts_with(api::PASSAGES) => Route::get("/api/v1/passages/{id}", Reading(api::passage)),
        _ if path.starts_with(api::PROBLEMS) => {
            let route = Route::get("/problems/{name}", Direct(api::problem_page));
            Route { cross_site: CrossSite::Links, ..route }
        }
        #[cfg(test)]
        "/test/panic" => Route::get("/test/panic", Reading(|_, _| panic!("a test of panics"))),
        #[cfg(test)]
        "/test/wait" => Route::get("/test/wait", Reading(wait_for_file)),
        _ => return None,
    };
    Some(route)
}

/// The names of requests without a route in metrics and in the access log.
const OTHER_PATHS: &str = "(other)";
const MALFORMED: &str = "(malformed)";

/// Answers a request, and records the answer.
pub async fn respond(
    server: &Arc<Server>,
    connection: &ConnectionState,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let client = ClientState::of(&request);
    let (head, body) = request.into_parts();
    let rejection = connection.rejection_of(&head.method);
    let route = find_route(head.uri.path(), server);
    let pattern = match (&rejection, &route) {
        (Some(_), _) => MALFORMED,
        (None, Some(route)) => route.pattern,
        (None, None) => OTHER_PATHS,
    };
    let record = RequestRecord::start(server, connection.peer(), pattern, &head);
    let response = match rejection {
        Some(Rejection { problem, target }) => {
            let form = match target.path.as_str() {
                "" => ErrorForm::Problem,
                path => error_form(find_route(path, server), path, &target.query, &target.accept_language),
            };
            response(error_answer(server, &problem, form), &client)
        }
        None => {
            let cors_origin = cors_origin(&head.headers, &server.config);
            let mut response = answer(server, route, head, body, client).await;
            if let Some(origin) = cors_origin {
                add_cors_headers(response.headers_mut(), origin);
            }
            response
        }
    };
    record.complete(&response);
    response
}

/// The form of errors at a path, which may have no route.
fn error_form(route: Option<Route>, path: &str, query: &str, accept_language: &str) -> ErrorForm {
    if route.map_or(!path.starts_with("/api/"), |route| route.has_error_pages) {
        ErrorForm::Page(UiLanguage::of_request(query, accept_language))
    } else {
        ErrorForm::Problem
    }
}

/// Answers a request whose head is well-formed.
async fn answer(
    server: &Arc<Server>,
    route: Option<Route>,
    head: Parts,
    body: Incoming,
    client: ClientState,
) -> Response<Full<Bytes>> {
    let accept_language = head.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let error_form = error_form(route, head.uri.path(), head.uri.query().unwrap_or_default(), accept_language);
    let error = |problem: &Problem, headers: HeaderMap| {
        let mut answer = error_answer(server, problem, error_form);
        answer.headers.extend(headers);
        response(answer, &client)
    };
    // Read before any answer: if the connection were closed with unread bytes, the client might not get the answer.
    let body = tokio::select! {
        biased;
        body = body.collect() => body,
        () = server.draining() => return error(&shutting_down(), HeaderMap::new()),
    };
    #[cfg_attr(not(feature = "mcp"), expect(unused_variables))]
    let body = match body {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            let problem = Problem::new(ProblemKind::RequestTimeout, "the request body did not arrive in time");
            return error(&problem, HeaderMap::new());
        }
    };
    let is_preflight = is_preflight(&head, &server.config);
    let needs_token = route.is_none_or(|route| route.needs_token) && !is_preflight;
    let cross_site = route.map_or(CrossSite::Links, |route| route.cross_site);
    let access = match check_access(&head, &server.config, needs_token, cross_site) {
        Ok(access) => access,
        Err(problem) => return error(&problem, HeaderMap::new()),
    };
    let Some(route) = route else {
        let problem = Problem::new(ProblemKind::NotFound, "there is nothing at this path");
        return error(&problem, HeaderMap::new());
    };
    if is_preflight {
        return response(preflight_answer(route.methods), &client);
    }
    if !route.allows(&head.method) {
        let problem = Problem::new(ProblemKind::MethodNotAllowed, format!("this path supports {}", route.methods));
        let allow = HeaderMap::from_iter([(ALLOW, HeaderValue::from_static(route.methods))]);
        return error(&problem, allow);
    }
    let request = AcceptedRequest {
        path: head.uri.path().to_string(),
        query: head.uri.query().unwrap_or_default().to_string(),
        access,
        client,
        accept_language: accept_language.to_string(),
    };
    match route.handler {
        Handler::Direct(handler) => {
            let answer = handler(server, &request).unwrap_or_else(|problem| error_answer(server, &problem, error_form));
            response(answer, &request.client)
        }
        Handler::Reading(handler) => read(server, handler, request, error_form).await,
        #[cfg(feature = "mcp")]
        Handler::Mcp => {
            let answer = super::mcp_endpoint::answer(server, &head.headers, &body).await;
            response(answer.unwrap_or_else(|problem| Answer::from(&problem)), &request.client)
        }
    }
}

/// Runs a handler on a thread of the pool.
async fn read(
    server: &Arc<Server>,
    handler: fn(&ReadContext, &AcceptedRequest) -> Result<Answer, Problem>,
    request: AcceptedRequest,
    error_form: ErrorForm,
) -> Response<Full<Bytes>> {
    let client = request.client.clone();
    let snapshot = match server.index.status() {
        IndexStatus::Open(snapshot) => snapshot,
        IndexStatus::Unavailable(error) => {
            return response(error_answer(server, &unavailable(&error), error_form), &client);
        }
    };
    let job_server = Arc::clone(server);
    let job = move |is_cancelled| {
        let context = ReadContext { server: job_server, snapshot, is_cancelled };
        let answer = handler(&context, &request);
        let answer = answer.unwrap_or_else(|problem| error_answer(&context.server, &problem, error_form));
        response(answer, &request.client)
    };
    let problem = match server.pool.run(job).await {
        Ok(response) => return response,
        Err(JobError::QueueFull) => {
            Problem::new(ProblemKind::Overloaded, "too many searches are waiting; try again in a second")
        }
        Err(JobError::Panicked) => Problem::new(ProblemKind::Internal, "the request failed because of a bug in treff"),
    };
    response(error_answer(server, &problem, error_form), &client)
}

fn error_answer(server: &Server, problem: &Problem, form: ErrorForm) -> Answer {
    match form {
        ErrorForm::Problem => Answer::from(problem),
        ErrorForm::Page(language) => page::error_page(problem, language, &server.config),
    }
}

const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

fn health(_: &Server, _: &AcceptedRequest) -> Result<Answer, Problem> {
    Ok(Answer::new(PLAIN_TEXT, "ok\n"))
}

fn shutting_down() -> Problem {
    Problem::new(ProblemKind::ShuttingDown, "the server is shutting down")
}

fn ready(server: &Server, _: &AcceptedRequest) -> Result<Answer, Problem> {
    if server.is_draining() {
        return Err(shutting_down());
    }
    match server.index.status() {
        IndexStatus::Open(_) => Ok(Answer::new(PLAIN_TEXT, "ready\n")),
        IndexStatus::Unavailable(error) => Err(unavailable(&error)),
    }
}

fn metrics(server: &Server, _: &AcceptedRequest) -> Result<Answer, Problem> {
    Ok(Answer::new("text/plain; version=0.0.4; charset=utf-8", server.metrics_text()))
}

/// Waits until the file that the query names exists, or the client is gone.
#[cfg(test)]
fn wait_for_file(context: &ReadContext, request: &AcceptedRequest) -> Result<Answer, Problem> {
    while !std::path::Path::new(&request.query).exists()
        && !context.is_cancelled.load(std::sync::atomic::Ordering::Relaxed)
    {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    Ok(Answer::new(PLAIN_TEXT, "the file exists\n"))
}
