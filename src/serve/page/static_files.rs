//! The style sheet, the script and the icon, with a hash of their content in their URLs; `robots.txt` and the
//! description that lets a browser add the page as a search engine (OpenSearch 1.1).

use std::borrow::Cow;

use hyper::header::{CACHE_CONTROL, HeaderValue};

use maud::Render;

use crate::serve::config::ServeConfig;
use crate::serve::http::{Answer, Problem, ProblemKind, RESOURCE_POLICY};
use crate::serve::request::{AcceptedRequest, Server};

use super::language::UiLanguage;
use super::parts::displayed;

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/script.js");
const ICON: &str = include_str!("assets/icon.svg");

/// The beginning of the paths of files whose content never changes.
pub const ASSETS: &str = "/assets/";

/// The built-in style sheet, followed by the configured one.
fn stylesheet(config: &ServeConfig) -> Cow<'static, str> {
    match &config.css {
        Some(css) => Cow::Owned(format!("{STYLE}\n{css}")),
        None => Cow::Borrowed(STYLE),
    }
}

pub fn stylesheet_url(config: &ServeConfig) -> String {
    asset_url("style", &stylesheet(config), "css")
}

pub fn script_url() -> String {
    asset_url("script", SCRIPT, "js")
}

pub fn icon_url() -> String {
    asset_url("icon", ICON, "svg")
}

fn asset_url(name: &str, content: &str, ending: &str) -> String {
    format!("{ASSETS}{name}-{:016x}.{ending}", xxhash_rust::xxh3::xxh3_64(content.as_bytes()))
}

/// Answers `/assets/…`.
pub fn asset(server: &Server, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let (content_type, content) = match request.path.as_str() {
        path if path == stylesheet_url(&server.config) => ("text/css; charset=utf-8", stylesheet(&server.config)),
        path if path == script_url() => ("text/javascript; charset=utf-8", Cow::Borrowed(SCRIPT)),
        path if path == icon_url() => ("image/svg+xml", Cow::Borrowed(ICON)),
        _ => return Err(Problem::new(ProblemKind::NotFound, "there is nothing at this path")),
    };
    Ok(shared(content_type, content.into_owned())
        .with_header(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")))
}

/// Answers `/favicon.ico`, which some programs ask for without reading a page.
pub fn favicon(_: &Server, _: &AcceptedRequest) -> Result<Answer, Problem> {
    Ok(shared("image/svg+xml", ICON).with_header(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")))
}

/// Answers `/robots.txt`: there are as many pages of results as there are queries, so crawlers get the front page only.
pub fn robots(_: &Server, _: &AcceptedRequest) -> Result<Answer, Problem> {
    Ok(shared("text/plain; charset=utf-8", "User-agent: *\nAllow: /$\nDisallow: /\n"))
}

/// Answers `/opensearch.xml`.
pub fn opensearch(_: &Server, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let language = UiLanguage::of_request(&request.query, &request.accept_language);
    let base = displayed(&request.access.base_url).render().into_string();
    let (name, description) = (language.texts().browser_search, language.texts().search_label);
    let icon = icon_url();
    let code = language.code();
    let description = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n\
         <ShortName>{name}</ShortName>\n\
         <Description>{description}</Description>\n\
         <Language>{code}</Language>\n\
         <InputEncoding>UTF-8</InputEncoding>\n\
         <OutputEncoding>UTF-8</OutputEncoding>\n\
         <Image width=\"16\" height=\"16\" type=\"image/svg+xml\">{base}{icon}</Image>\n\
         <Url type=\"text/html\" rel=\"results\" template=\"{base}/?q={{searchTerms}}\"/>\n\
         <Url type=\"application/opensearchdescription+xml\" rel=\"self\" template=\"{base}/opensearch.xml\"/>\n\
         </OpenSearchDescription>\n"
    );
    Ok(shared("application/opensearchdescription+xml", description))
}

/// An answer that pages of other origins may show, such as the icon in a list of search engines.
fn shared(content_type: &'static str, body: impl Into<Vec<u8>>) -> Answer {
    Answer::new(content_type, body).with_header(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"))
}
