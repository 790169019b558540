//! A hit in the list of results.

use maud::{Markup, html};

use super::displayed::{displayed, marked};
use super::explanation_list::explanation_list;
use crate::chunk::paragraphs;
use crate::model::{Lang, url_host};
use crate::norwegian::Standard;
use crate::search::{Hit, PageLocation};
use crate::serve::page::language::UiLanguage;
use crate::serve::page::page_state::PageState;
use crate::serve::page::text_fragment::with_text_fragment;
use crate::service::{is_visible, shown_title, web_url};
use crate::snippet::{self, Highlighter};

/// Maximum number of other locations of a page to name.
const MAX_NAMED_COPIES: usize = 3;

/// The hit as a list item.
pub fn hit_item(hit: &Hit, highlighter: &Highlighter, state: &PageState, language: UiLanguage) -> Markup {
    let texts = language.texts();
    let lang = page_language(hit.lang);
    let title = shown_title(hit.title.as_deref(), hit.opening.as_deref());
    let url = hit.url.as_deref().and_then(web_url);
    let url = url.as_deref();
    html! {
        li {
            h2 lang=[title.map(|_| lang)] {
                a href=(format!("{}#hit", state.url(&format!("/p/{}", hit.id)))) {
                    @match title {
                        Some(title) => (highlighted(title, highlighter)),
                        None => (texts.title_missing),
                    }
                }
            }
            (metadata(hit.source.as_deref(), hit.date.as_deref(), &place(hit, url, language), hit.matching_passages, language))
            @if let Some(heading) = shown_heading(hit, highlighter) {
                p.heading lang=(lang) { (highlighted(heading, highlighter)) }
            }
            p lang=(lang) { (marked(&hit.snippet, &hit.marks)) }
            @if hit.boilerplate { p.meta { (texts.not_content) } }
            @if url.is_some() || !hit.copies.is_empty() || !hit.similar.is_empty() {
                ul.inline.links {
                    @if let Some(url) = url {
                        @let first_mark = hit.marks.first().map(|(start, _)| *start);
                        li {
                            a.out rel="external" href=(with_text_fragment(url, &hit.passage, &hit.snippet, first_mark)) data-url=(displayed(url)) {
                                (displayed(&(texts.open_at)(site_name(url))))
                            }
                        }
                    }
                    @if !hit.copies.is_empty() { li { (copies(hit, language)) } }
                    @if !hit.similar.is_empty() {
                        li {
                            a href=(state.results_with(|search| search.options.with_similar = true)) {
                                ((texts.similar)(hit.similar.len() as u64, &language.number(hit.similar.len() as u64)))
                            }
                        }
                    }
                }
            }
            @if let Some(explanation) = &hit.explanation { (explanation_list(explanation, hit.score, language)) }
        }
    }
}

/// Source, date, place, and the number of matching passages of a page.
pub fn metadata(
    source: Option<&str>,
    date: Option<&str>,
    place: &str,
    matching_passages: Option<u32>,
    language: UiLanguage,
) -> Markup {
    let texts = language.texts();
    html! {
        ul.inline.meta {
            @if let Some(source) = source { li { (displayed(source)) } }
            @if let Some(date) = date { li { time datetime=(displayed(date)) { (displayed(&language.date(date))) } } }
            @if !place.is_empty() { li.place { (displayed(place)) } }
            @if let Some(passages) = matching_passages.filter(|passages| *passages > 1) {
                li { ((texts.matching_passages)(passages.into(), &language.number(passages.into()))) }
            }
        }
    }
}

/// The value of `lang` for a text in the language of a page; `und` means that it is unknown.
pub fn page_language(lang: Lang) -> &'static str {
    lang.code()
}

/// The host of a URL, as people write it.
pub fn site_name(url: &str) -> &str {
    let host = url_host(url);
    host.strip_prefix("www.").unwrap_or(host)
}

/// Where the text is: the address of the page without its scheme or, for a page without one, its file and line.
fn place(hit: &Hit, url: Option<&str>, language: UiLanguage) -> String {
    match url {
        Some(url) => url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/').to_string(),
        None => {
            let record = hit.record.as_deref().map(|record| format!("#{record}")).unwrap_or_default();
            let line = (language.texts().line)(&hit.line.to_string());
            format!("{}{record}, {line}", hit.path)
        }
    }
}

fn copies(hit: &Hit, language: UiLanguage) -> Markup {
    let texts = language.texts();
    let more = hit.copies.len().saturating_sub(MAX_NAMED_COPIES);
    let copy = |copy: &PageLocation| match copy.url.as_deref().and_then(web_url) {
        Some(url) if copy.url != hit.url => {
            html! { a.out rel="external" href=(url) data-url=(url) { (displayed(site_name(&url))) } }
        }
        _ => html! { (displayed(&copy.path)) },
    };
    html! {
        (texts.also_at) " "
        @for (index, location) in hit.copies.iter().take(MAX_NAMED_COPIES).enumerate() {
            @if index > 0 { ", " }
            (copy(location))
        }
        @if more > 0 { " " ((texts.and_more)(&language.number(more as u64))) }
    }
}

/// The heading to show above the snippet: the one above the passage or, if the snippet shows no match, a paragraph of
/// the passage that matches. A heading that the title ends with is left out, since the title is shown anyway: pages of
/// laws have titles such as `Act – § 2. Definitions`.
fn shown_heading<'a>(hit: &'a Hit, highlighter: &Highlighter) -> Option<&'a str> {
    let above = hit.heading.as_deref().map(str::trim).filter(|heading| is_visible(heading));
    let inside = paragraphs(&hit.passage).map(|(_, paragraph)| paragraph).filter(|_| hit.marks.is_empty());
    let matches = |heading: &&str| !highlighter.matches(heading, Standard::Both).is_empty();
    let title = hit.title.as_deref().unwrap_or_default();
    let is_new = |heading: &&str| !ends_with_words(title, heading) && !hit.snippet.starts_with(*heading);
    above.filter(is_new).or_else(|| inside.filter(is_new).find(matches))
}

/// Whether the last words of a text are these.
fn ends_with_words(text: &str, words: &str) -> bool {
    text.trim_end().strip_suffix(words).is_some_and(|before| !before.ends_with(char::is_alphanumeric))
}

/// A text with the matches of the query marked.
pub fn highlighted(text: &str, highlighter: &Highlighter) -> Markup {
    let marks = snippet::merge_marks(&highlighter.matches(text, Standard::Both));
    let visible = snippet::visible_text(text, 0, text.len(), &marks);
    marked(&visible.text, &visible.marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_the_end_of_a_title_by_words() {
        assert!(ends_with_words("Lov om barn og foreldre – § 2. Medmor", "§ 2. Medmor"));
        assert!(ends_with_words("Medmor ", "Medmor"));
        assert!(!ends_with_words("Lov om barnevern", "vern"));
        assert!(!ends_with_words("§ 2. Medmor og far", "§ 2. Medmor"));
    }
}
