//! The frame of every page: head, search form, content and the choice of languages.

use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use maud::{DOCTYPE, Markup, html};

use super::displayed::displayed;
use crate::serve::config::ServeConfig;
use crate::serve::http::Answer;
use crate::serve::page::language::UiLanguage;
use crate::serve::page::page_state::PageState;
use crate::serve::page::static_files::{icon_url, script_url, stylesheet_url};

/// Nothing but this server's style sheet, script and icon, and no page of another site around this one.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// What surrounds the content of a page.
pub struct Frame<'a> {
    pub config: &'a ServeConfig,
    pub language: UiLanguage,
    /// The state of the search: the form keeps its filters, and links to other languages keep all of it.
    pub state: &'a PageState,
    /// The path of the page, for the links to other languages; `None` for an error, which has no such links.
    pub path: Option<&'a str>,
    /// The title of the document, without the name of the program.
    pub title: &'a str,
    /// Whether search engines may list the page.
    pub is_listed: bool,
}

impl Frame<'_> {
    /// The whole page.
    pub fn page(&self, content: &Markup) -> Markup {
        let Frame { config, language, state, path, title, is_listed } = *self;
        let texts = language.texts();
        html! {
            (DOCTYPE)
            html lang=(language.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { @if !title.is_empty() { (displayed(title)) " – " } "treff" }
                    @if !is_listed { meta name="robots" content="noindex"; }
                    meta name="color-scheme" content="light dark";
                    link rel="stylesheet" href=(stylesheet_url(config));
                    link rel="icon" type="image/svg+xml" href=(icon_url());
                    link rel="search" type="application/opensearchdescription+xml" title=(texts.browser_search) href="/opensearch.xml";
                    script src=(script_url()) defer {}
                }
                body {
                    a.skip href="#main" { (texts.skip) }
                    header {
                        a.home href=(front_page(state)) aria-label=(texts.home) { "treff" }
                        (self.form())
                    }
                    main #main tabindex="-1" { (content) }
                    footer {
                        @if let Some(path) = path {
                            nav aria-label=(texts.languages) {
                                ul.inline {
                                    @for other in UiLanguage::ALL {
                                        li {
                                            a href=(state.in_language(path, other)) lang=(other.code())
                                                hreflang=(other.code())
                                                aria-current=[(other == language).then_some("true")] { (other.name()) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The search form. It keeps the filters when the query changes.
    fn form(&self) -> Markup {
        let texts = self.language.texts();
        html! {
            form role="search" action="/" {
                label for="q" { (texts.search_label) }
                div.field {
                    input #q name="q" type="search" value=(displayed(&self.state.search.text)) autocomplete="off"
                        autocapitalize="none" spellcheck="false" maxlength=(self.config.limits.query_chars);
                    button { (texts.search) }
                }
                (hidden_fields(self.state, &["q", "page"]))
            }
        }
    }
}

/// The parameters of a state, except some, as fields that a form sends along.
pub fn hidden_fields(state: &PageState, except: &[&str]) -> Markup {
    html! {
        @for (name, value) in state.parameters().into_iter().filter(|(name, _)| !except.contains(name)) {
            input type="hidden" name=(name) value=(displayed(&value));
        }
    }
}

fn front_page(state: &PageState) -> String {
    PageState { page: 1, ui: state.ui, ..PageState::default() }.url("/")
}

/// The answer with a page. Its version is a hash of all its bytes, so a client that has them gets them only once.
pub fn html_answer(page: Markup) -> Answer {
    let page = page.into_string();
    let version = format!("{:016x}", xxhash_rust::xxh3::xxh3_64(page.as_bytes()));
    Answer::new("text/html; charset=utf-8", page)
        .with_version(version)
        .with_header(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
}
