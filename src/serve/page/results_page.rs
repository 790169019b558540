//! `GET /`: the front page, or the hits of a search.

use maud::{Markup, html};

use super::language::UiLanguage;
use super::page_state::{HITS_PER_PAGE, PageState, last_page};
use super::parts::{
    Frame, chosen_filters, displayed, filter_panel, hit_item, html_answer, next_steps, notes, page_numbers,
    search_again,
};
use crate::model::shortened;
use crate::search::SortOrder;
use crate::serve::http::{Answer, Problem};
use crate::serve::limits::Limits;
use crate::serve::request::{AcceptedRequest, ReadContext, unavailable};
use crate::serve::run_search::run_search;
use crate::service::{EmptyReason, RequestError, SearchOutcome};
use crate::snippet::Highlighter;

/// Maximum number of characters of a query in a heading.
const MAX_HEADING_CHARS: usize = 80;

/// Answers `/`.
pub fn results_page(context: &ReadContext, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let config = &context.server.config;
    let language = UiLanguage::of_request(&request.query, &request.accept_language);
    let mut state = PageState::read(&request.query, &config.limits);
    let frame = |state: &PageState, title: &str, is_listed: bool, content: &Markup| {
        let frame = Frame { config, language, state, path: Some("/"), title, is_listed };
        html_answer(frame.page(content))
    };
    if state.is_empty() {
        return Ok(frame(&state, "", true, &front_page(context.snapshot.index.pages, language)));
    }
    let search = |state: &mut PageState| {
        let outcome = run_search(context, &state.search)?;
        let last = last_page_with_hits(outcome.total.unwrap_or_default(), &config.limits);
        if outcome.partial || state.page <= last {
            return Ok(outcome);
        }
        state.go_to_page(last);
        run_search(context, &state.search)
    };
    let outcome = match search(&mut state) {
        Ok(outcome) => outcome,
        Err(RequestError::Index(error)) => return Err(unavailable(&error)),
        Err(error) => {
            let reason = if let RequestError::Empty(_, reason) = error { reason } else { EmptyReason::NoWords };
            return Ok(frame(&state, language.texts().empty_query, false, &search_again(reason, language)));
        }
    };
    let shown = outcome.results.hits.len();
    let mut total = outcome.total.unwrap_or_default();
    if outcome.partial && shown > 0 {
        // A search that is stopped may have counted fewer than it found.
        total = total.max(state.search.options.offset + shown);
    }
    let results = Results { context, state: &state, outcome: &outcome, total, language };
    Ok(frame(&state, &results.title(), false, &results.content()))
}

/// The last page of results, if no hits are folded as near-duplicates.
fn last_page_with_hits(total: usize, limits: &Limits) -> usize {
    total.div_ceil(HITS_PER_PAGE).clamp(1, last_page(limits))
}

fn front_page(pages: u64, language: UiLanguage) -> Markup {
    let texts = language.texts();
    let pages = (texts.pages)(pages, &language.number(pages));
    let (and, example) = if language == UiLanguage::English { ("AND", "school") } else { ("OG", "skole") };
    let (other, phrase) =
        if language == UiLanguage::English { ("child", "child welfare") } else { ("barn", "barn og unge") };
    let tips = [
        (format!("{example} {other}"), texts.tip_words),
        (format!("\"{phrase}\""), texts.tip_phrase),
        (format!("{example} {and} {other}"), texts.tip_operators),
        (format!("+{example} {other}"), texts.tip_required),
        (format!("{example} -{other}"), texts.tip_excluded),
        (format!("{other}*"), texts.tip_wildcard),
    ];
    html! {
        h1 { (texts.front_heading) }
        p { ((texts.front_text)(&pages)) }
        h2 { (texts.tips) }
        dl {
            @for (example, meaning) in &tips {
                div { dt { code { (example) } } dd { (meaning) } }
            }
        }
    }
}

/// What the page of results is built from.
struct Results<'a> {
    context: &'a ReadContext,
    state: &'a PageState,
    outcome: &'a SearchOutcome,
    /// The number of matches; a lower bound if the search was stopped.
    total: usize,
    language: UiLanguage,
}

impl Results<'_> {
    /// Whether the search was stopped before it found a hit to show.
    fn found_nothing_in_time(&self) -> bool {
        self.outcome.partial && self.outcome.results.hits.is_empty()
    }

    /// The number of hits and the query, or that the search took too long.
    fn heading(&self) -> String {
        let (texts, language, total) = (self.language.texts(), self.language, self.total as u64);
        if self.found_nothing_in_time() {
            return texts.took_too_long.to_string();
        }
        let number = language.number(total);
        let results = match total {
            0 => texts.nothing.to_string(),
            _ if self.state.search.options.is_grouped => (texts.pages_with_results)(total, &number),
            _ => (texts.results)(total, &number),
        };
        let results = if self.outcome.partial && total > 0 { (texts.at_least)(&results) } else { results };
        let text = self.outcome.query().text.trim();
        if text.is_empty() {
            return results;
        }
        let cut = shortened(text, MAX_HEADING_CHARS);
        (texts.results_for)(&results, &language.quoted(&cut))
    }

    /// The title of the document.
    fn title(&self) -> String {
        match self.state.page {
            1 => self.heading(),
            page => format!("{}, {}", self.heading(), (self.language.texts().page_number)(&page.to_string())),
        }
    }

    fn content(&self) -> Markup {
        let Results { context, state, outcome, language, .. } = *self;
        let (texts, results) = (language.texts(), &outcome.results);
        let highlighter = Highlighter::new(outcome.query());
        // There is nothing to narrow, but a filter may be the reason.
        let has_filter_panel = self.total > 0 || state.has_filters();
        html! {
            div.columns {
            div.results {
                h1 { (displayed(&self.heading())) }
                (notes(outcome, state, &context.server.config.limits, language))
                (chosen_filters(state, language))
                @if self.total > 0 {
                    (self.order_and_grouping())
                    p.jump { a href="#filters" { (texts.jump_to_filters) } }
                } @else if !outcome.partial {
                    (next_steps(outcome, state, language))
                }
                @if !results.hits.is_empty() {
                    ol.hits start=(state.search.options.offset + 1) {
                        @for hit in &results.hits { (hit_item(hit, &highlighter, state, language)) }
                    }
                }
                (self.end())
            }
            @if has_filter_panel { (filter_panel(state, &results.facets, self.total > 0, language)) }
            }
        }
    }

    /// The choices of the order and of hits per page.
    fn order_and_grouping(&self) -> Markup {
        let (state, texts) = (self.state, self.language.texts());
        let options = &state.search.options;
        let choice = |is_chosen: bool, name: &str, url: String| {
            html! { li { a href=(url) aria-current=[is_chosen.then_some("true")] { (name) } } }
        };
        let by = |order| state.results_with(|search| search.options.order = order);
        let grouped = |is_grouped| state.results_with(|search| search.options.is_grouped = is_grouped);
        html! {
            div.choices {
                div {
                    span #sort { (texts.sort_by) }
                    ul.inline aria-labelledby="sort" {
                        (choice(options.order == SortOrder::Score, texts.by_relevance, by(SortOrder::Score)))
                        (choice(options.order == SortOrder::Date, texts.by_date, by(SortOrder::Date)))
                    }
                }
                div {
                    span #group { (texts.show) }
                    ul.inline aria-labelledby="group" {
                        (choice(!options.is_grouped, texts.all_passages, grouped(false)))
                        (choice(options.is_grouped, texts.one_per_page, grouped(true)))
                    }
                }
            }
        }
    }

    /// What follows the hits: the numbers of the pages, or why there are no more hits.
    fn end(&self) -> Markup {
        let Results { context, state, outcome, total, language } = *self;
        let texts = language.texts();
        let limits = &context.server.config.limits;
        let (offset, shown) = (state.search.options.offset, outcome.results.hits.len());
        let is_last = shown < HITS_PER_PAGE;
        let last = if is_last { state.page } else { last_page_with_hits(total, limits) };
        let is_beyond = total > 0 && shown == 0 && !outcome.partial;
        html! {
            @if is_beyond {
                p { (texts.no_more) }
                p { a href=(state.results_page(1)) { (texts.to_first_page) } }
            }
            @if is_last && !outcome.partial && offset + shown < total && !state.search.options.with_similar {
                p.note {
                    (texts.folded) " "
                    a href=(state.results_with(|search| search.options.with_similar = true)) { (texts.show_folded) } "."
                }
            }
            @if !is_last && state.page == last_page(limits) && total > last_page(limits) * HITS_PER_PAGE {
                p.note { ((texts.too_many)(&language.number((last_page(limits) * HITS_PER_PAGE) as u64))) }
            }
            @if !is_beyond { (page_numbers(state, last, language)) }
        }
    }
}
