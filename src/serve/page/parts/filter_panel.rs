//! The filters: those that are chosen, with links to remove them, and the values and dates that can be chosen.

use maud::{Markup, html};

use super::displayed::displayed;
use super::frame::hidden_fields;
use crate::search::{FacetCounts, FacetField};
use crate::serve::page::language::{Texts, UiLanguage};
use crate::serve::page::page_state::{ChosenFilter, PageState};
use crate::service::is_visible;

/// The chosen filters, each with a link that removes it.
pub fn chosen_filters(state: &PageState, language: UiLanguage) -> Markup {
    let (texts, chosen) = (language.texts(), state.chosen());
    html! {
        @if !chosen.is_empty() {
            h2.hidden #chosen { (texts.active_filters) }
            ul.chosen aria-labelledby="chosen" {
                @for filter in &chosen {
                    @let name = filter_name(filter, language);
                    li {
                        (displayed(&name)) " "
                        a href=(state.without(filter)) {
                            (texts.remove) span.hidden { " " (displayed(&(texts.the_filter)(&name))) }
                        }
                    }
                }
                @if chosen.len() > 1 {
                    li.all { a href=(state.results_with(|search| search.filters = Default::default())) { (texts.remove_all) } }
                }
            }
        }
    }
}

fn filter_name(filter: &ChosenFilter, language: UiLanguage) -> String {
    let texts = language.texts();
    let (label, value) = match filter {
        ChosenFilter::Source(value) => (texts.source, value.clone()),
        ChosenFilter::Site(value) => (texts.site, value.clone()),
        ChosenFilter::Lang(code) => (texts.language, language_name(code, texts)),
        ChosenFilter::Year(year) => (texts.year, year.clone()),
        ChosenFilter::Since(date) => (texts.since, language.date(date.trim())),
        ChosenFilter::Until(date) => (texts.until, language.date(date.trim())),
    };
    format!("{label}: {value}")
}

/// The name of a language of pages.
fn language_name(code: &str, texts: &Texts) -> String {
    match code {
        "nb" => texts.bokmal,
        "nn" => texts.nynorsk,
        "en" => texts.english,
        "no" => texts.norwegian,
        "und" => texts.other_language,
        other => other,
    }
    .to_string()
}

/// The values of each facet with their numbers of pages, the dates and, if there are results, further choices.
pub fn filter_panel(state: &PageState, facets: &[FacetCounts], has_results: bool, language: UiLanguage) -> Markup {
    let texts = language.texts();
    html! {
        aside #filters aria-labelledby="filters-heading" {
            h2 #filters-heading { (texts.filters) }
            @if facets.iter().any(|facet| !facet.values.is_empty()) { p.hint { (texts.counted_pages) } }
            @for facet in facets.iter().filter(|facet| !facet.values.is_empty()) {
                (facet_values(state, facet, language))
            }
            (date_form(state, language))
            @if has_results { (further_choices(state, texts)) }
        }
    }
}

fn facet_values(state: &PageState, facet: &FacetCounts, language: UiLanguage) -> Markup {
    let texts = language.texts();
    let label = match facet.field {
        FacetField::Source => texts.source,
        FacetField::Year => texts.year,
        FacetField::Lang => texts.language,
        FacetField::Site => texts.site,
    };
    let mut values: Vec<_> = facet.values.iter().filter(|count| is_visible(&count.value)).collect();
    // Years are easier to find in the order of time, but if some are not listed, the most frequent come first.
    if facet.field == FacetField::Year && facet.more == 0 {
        values.sort_by(|one, other| other.value.cmp(&one.value));
    }
    html! {
        h3 { (label) }
        ul {
            @for count in values {
                @let name = if facet.field == FacetField::Lang { language_name(&count.value, texts) } else { count.value.clone() };
                li {
                    @if state.has_facet_value(facet.field, &count.value) {
                        b aria-current="true" { (displayed(&name)) }
                    } @else {
                        a href=(state.with_facet_value(facet.field, &count.value)) { (displayed(&name)) }
                    }
                    " " span { "(" (language.number(count.pages)) ")" }
                }
            }
            @if facet.more > 0 { li { ((texts.and_more)(&language.number(facet.more as u64))) } }
            @if facet.without > 0 { li { ((texts.not_stated)(&language.number(facet.without))) } }
        }
    }
}

/// The form for the first and the last day.
fn date_form(state: &PageState, language: UiLanguage) -> Markup {
    let texts = language.texts();
    let filters = &state.search.filters;
    let field = |name: &str, label: &str, value: &Option<String>, invalid: &Option<String>| {
        let error = format!("{name}-error");
        let described_by = if invalid.is_some() { format!("{error} date-hint") } else { "date-hint".to_string() };
        html! {
            label for=(name) { (label) }
            @if let Some(invalid) = invalid {
                p.error id=(error) { (displayed(&(texts.invalid_date)(&language.quoted(invalid)))) }
            }
            input id=(name) name=(name) autocomplete="off" size="12" aria-describedby=(described_by)
                aria-invalid=[invalid.is_some().then_some("true")]
                value=(displayed(value.as_deref().or(invalid.as_deref()).unwrap_or_default()));
        }
    };
    html! {
        form action="/" {
            h3 #dates { (texts.date) }
            p.hint #date-hint { (texts.date_hint) }
            div role="group" aria-labelledby="dates" {
                (field("since", texts.since, &filters.since, &state.invalid_since))
                (field("until", texts.until, &filters.until, &state.invalid_until))
            }
            (hidden_fields(state, &["since", "until", "page"]))
            button { (texts.use_dates) }
        }
    }
}

/// Links that change what is searched, and how hits are shown.
fn further_choices(state: &PageState, texts: &Texts) -> Markup {
    let options = &state.search.options;
    let link = |is_set: bool, set: &str, unset: &str, url: String| {
        html! { li { a href=(url) { (if is_set { unset } else { set }) } } }
    };
    html! {
        h3 { (texts.more_choices) }
        ul {
            (link(options.with_similar, texts.unfold_similar, texts.fold_similar,
                state.results_with(|search| search.options.with_similar ^= true)))
            (link(options.with_boilerplate, texts.with_boilerplate, texts.without_boilerplate,
                state.results_with(|search| search.options.with_boilerplate ^= true)))
            (link(options.is_explained, texts.explain, texts.do_not_explain,
                state.results_with(|search| search.options.is_explained ^= true)))
        }
    }
}
