//! `GET /p/{id}`: a passage, marked, in its cleaned page.

use maud::{Markup, html};

use super::error_page::missing_passage;
use super::language::UiLanguage;
use super::page_state::PageState;
use super::parts::{Frame, displayed, html_answer, marked, metadata, page_language, site_name};
use super::text_fragment::with_text_fragment;
use crate::chunk::paragraphs;
use crate::index::{DocumentKind, StoredPassage};
use crate::model::{BULLETS, LineClass};
use crate::query::Query;
use crate::search::{PageOfHit, page_of_hit};
use crate::serve::http::{Answer, Problem};
use crate::serve::request::{AcceptedRequest, ReadContext, unavailable};
use crate::service::{FittingPassages, PathShortener, clip_marks, fit_page, query_to_mark, shown_title, web_url};
use crate::snippet::{self, Highlighter};

/// The beginning of the path.
pub const PASSAGE_PAGES: &str = "/p/";

/// Maximum number of passages to show before the hit, and after it.
const MAX_PASSAGES: usize = 100;

/// Answers `/p/{id}`. The parameters are those of the results, for the way back and for the marks.
pub fn passage_page(context: &ReadContext, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let config = &context.server.config;
    let language = UiLanguage::of_request(&request.query, &request.accept_language);
    let state = PageState::read(&request.query, &config.limits);
    let snapshot = &context.snapshot;
    let id = request.path.strip_prefix(PASSAGE_PAGES).unwrap_or_default();
    let found = snapshot.guarded(|| {
        let Some(page) = page_of_hit(&snapshot.index, id)? else { return Ok(None) };
        let with_boilerplate = state.search.options.with_boilerplate;
        let (text, interrupt) = (&state.search.text, context.interrupt());
        let query = query_to_mark(&snapshot.index, &snapshot.synonyms, text, with_boilerplate, &interrupt)?;
        Ok(Some((page, query)))
    });
    let Some((mut page, query)) = found.map_err(|error| unavailable(&error))? else {
        return Ok(missing_passage(&state, language, config));
    };
    let shown = fit_page(&mut page, None);
    let hit = page.hit();
    let title = shown_title(hit.title.as_deref(), hit.opening.as_deref());
    let title = title.unwrap_or(language.texts().title_missing);
    let frame = Frame { config, language, state: &state, path: Some(&request.path), title, is_listed: false };
    Ok(html_answer(frame.page(&content(context, &page, &query, &state, title, &shown, language))))
}

fn content(
    context: &ReadContext,
    page: &PageOfHit,
    query: &Query,
    state: &PageState,
    title: &str,
    shown: &FittingPassages,
    language: UiLanguage,
) -> Markup {
    let (texts, hit) = (language.texts(), page.hit());
    let highlighter = Highlighter::new(query);
    let marks = snippet::merge_marks(&highlighter.matches(&hit.passage.text, hit.standard));
    let lang = page_language(hit.lang);
    let url = hit.url.as_deref().and_then(web_url);
    let url = url.as_deref();
    let date = hit.published.as_deref().or(hit.updated.as_deref());
    let first = shown.range.start.max(page.position.saturating_sub(MAX_PASSAGES));
    let end = shown.range.end.min(page.position + MAX_PASSAGES + 1);
    let is_cut = shown.is_cut.contains(&true) || first > 0 || end < page.passages.len();
    let shown = page.passages.iter().enumerate().take(end).skip(first);
    html! {
        @if !state.is_empty() { p.back { a href=(state.url("/")) { "← " (texts.back_to_results) } } }
        h1 lang=(lang) { (displayed(title)) }
        (metadata(hit.source.as_deref(), date, &place(context, hit, url, language), None, language))
        @if let Some(updated) = hit.updated.as_deref().filter(|updated| date != Some(*updated)) {
            p.meta { (displayed(&(texts.updated)(&language.date(updated)))) }
        }
        ul.inline.links {
            @if let Some(url) = url {
                li {
                    a.out rel="external" href=(with_text_fragment(url, &hit.passage.text, &hit.passage.text, Some(first_quoted(hit, &marks)))) data-url=(displayed(url)) {
                        (displayed(&(texts.open_at)(site_name(url))))
                    }
                }
            }
            li { a href="#hit" { (texts.go_to_passage) } }
        }
        p.hint { (texts.cleaned) @if is_cut { " " (texts.page_cut) } }
        article lang=(lang) {
            @for (position, stored) in shown {
                @if position == page.position {
                    div.hit #hit role="group" aria-label=(texts.the_hit) tabindex="-1" { (passage(stored, &marks, title, language)) }
                } @else {
                    (passage(stored, &[], title, language))
                }
            }
        }
    }
}

/// The byte offset in the text of the passage of what a link to the page quotes: the first mark, or else the first
/// paragraph that is not a heading.
fn first_quoted(hit: &StoredPassage, marks: &[(usize, usize)]) -> usize {
    let is_heading = |class: &LineClass| matches!(class, LineClass::Heading | LineClass::Title);
    let mut kinds = hit.passage.classes.iter().chain(std::iter::repeat(&LineClass::Content));
    let mut texts = paragraphs(&hit.passage.text);
    let first_text = texts.find(|_| kinds.next().is_some_and(|class| !is_heading(class)));
    marks.first().map(|(start, _)| *start).or(first_text.map(|(start, _)| start)).unwrap_or(0)
}

fn place(context: &ReadContext, hit: &StoredPassage, url: Option<&str>, language: UiLanguage) -> String {
    match url {
        Some(url) => url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/').to_string(),
        None => {
            let record = hit.page.record.as_deref().map(|record| format!("#{record}")).unwrap_or_default();
            let line = hit.line.unwrap_or(hit.passage.range().0);
            let (index, is_local) = (&context.snapshot.index, context.server.config.is_local());
            let path = index.base.show(&hit.page.path);
            let shortener = PathShortener::new(index, !is_local);
            let path = shortener.shorten(&path);
            format!("{path}{record}, {}", (language.texts().line)(&line.to_string()))
        }
    }
}

/// The paragraphs, headings and lists of a passage. The title of the page is left out, since it is the heading of the
/// whole page.
fn passage(stored: &StoredPassage, marks: &[(usize, usize)], title: &str, language: UiLanguage) -> Markup {
    let text = &stored.passage.text;
    let classes = stored.passage.classes.iter().copied().chain(std::iter::repeat(LineClass::Content));
    let blocks: Vec<(usize, &str, LineClass)> =
        paragraphs(text).zip(classes).map(|((start, paragraph), class)| (start, paragraph, class)).collect();
    let is_item = |class: LineClass| class == LineClass::Item;
    html! {
        @if stored.kind == DocumentKind::Boilerplate { p.note lang=(language.code()) { (language.texts().not_content) } }
        @for run in blocks.chunk_by(|one, other| is_item(one.2) && is_item(other.2)) {
            @if is_item(run[0].2) {
                ul {
                    @for (start, item, _) in run {
                        @let bullet = bullet_length(item);
                        li.numbered[is_numbered(item)] { (marked_part(text, start + bullet, start + item.len(), marks)) }
                    }
                }
            } @else {
                @let (start, block, class) = run[0];
                @match class {
                    LineClass::Title if block.trim() == title.trim() => {}
                    LineClass::Title | LineClass::Heading => h2 { (marked_part(text, start, start + block.len(), marks)) },
                    _ => p { (marked_part(text, start, start + block.len(), marks)) },
                }
            }
        }
    }
}

fn marked_part(text: &str, start: usize, end: usize, marks: &[(usize, usize)]) -> Markup {
    let visible = snippet::visible_text(text, start, end, &clip_marks(marks, start, end));
    marked(&visible.text, &visible.marks)
}

/// The length of the bullet of a list item and of the blanks after it.
fn bullet_length(item: &str) -> usize {
    let rest = item.strip_prefix(BULLETS).unwrap_or(item);
    let words = rest.trim_start();
    if rest.len() < item.len() && words.len() < rest.len() { item.len() - words.len() } else { 0 }
}

/// Whether an item has a number or letter of its own, such as `1.` or `a)`.
fn is_numbered(item: &str) -> bool {
    let mark = item.split_whitespace().next().unwrap_or_default();
    let number = mark.trim_end_matches(['.', ')']);
    number.len() < mark.len() && (number.bytes().all(|byte| byte.is_ascii_digit()) || number.chars().count() == 1)
}
