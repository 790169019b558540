//! The state of the search page. The URL contains all of it, except for default values.

use crate::query::{Filter, FilterField};
use crate::search::{FacetField, SortOrder};
use crate::serve::limits::Limits;
use crate::serve::parameters::{Strictness, pairs, search_request};
use crate::service::SearchRequest;

use super::language::UiLanguage;

/// Number of hits on a page of results.
pub const HITS_PER_PAGE: usize = 10;

/// What a URL of the search page says.
#[derive(Clone, Debug, Default)]
pub struct PageState {
    /// The query and the valid filters, with the options that the page sets itself.
    pub search: SearchRequest,
    /// The number of the page of results, counted from 1.
    pub page: usize,
    /// The language of the page, if the URL states one.
    pub ui: Option<UiLanguage>,
    /// The values of `since` and `until` that are not dates, for the form.
    pub invalid_since: Option<String>,
    pub invalid_until: Option<String>,
    /// Whether the query was cut at the limit.
    pub is_query_cut: bool,
}

/// A filter that the user has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChosenFilter {
    Source(String),
    Site(String),
    Lang(String),
    /// All days of a year.
    Year(String),
    Since(String),
    Until(String),
}

impl PageState {
    /// Reads the state from the part of a URL after `?`. What is unknown or invalid is ignored, since people have old
    /// links and change URLs by hand.
    pub fn read(query: &str, limits: &Limits) -> PageState {
        let (mut page, mut ui) = (1, None);
        let read = search_request(query, limits, Strictness::Ignore, |name, value| {
            match name {
                // A number that is too large for `usize` is one, too.
                "page" if value.bytes().all(|byte| byte.is_ascii_digit()) => page = value.parse().unwrap_or(usize::MAX),
                "page" => page = 1,
                "ui" => ui = UiLanguage::of_code(value),
                _ => return false,
            }
            true
        });
        let mut search = read.unwrap_or_default();
        let filters = &mut search.filters;
        filters.sources.retain(|value| is_valid(FilterField::Source, value));
        filters.sites.retain(|value| is_valid(FilterField::Site, value));
        filters.langs.retain(|value| is_valid(FilterField::Lang, value));
        for values in [&mut filters.sources, &mut filters.sites, &mut filters.langs] {
            remove_repetitions(values);
        }
        let invalid_since = take_invalid_date(&mut filters.since);
        let invalid_until = take_invalid_date(&mut filters.until);
        let typed = pairs(query).filter(|(name, value)| name == "q" && !value.is_empty()).last();
        let is_query_cut = typed.is_some_and(|(_, text)| text.chars().count() > limits.query_chars);
        let options = &mut search.options;
        options.limit = HITS_PER_PAGE;
        options.full = false;
        options.count_matches = true;
        options.snippet_chars = crate::search::SearchOptions::DEFAULT.snippet_chars;
        options.facets = FacetField::ALL.to_vec();
        search.is_strict = false;
        search.corrects = false;
        let mut state = PageState { search, page, ui, invalid_since, invalid_until, is_query_cut };
        state.go_to_page(page.clamp(1, last_page(limits)));
        state
    }

    /// Sets the number of the page of results, and which hits are on it.
    pub fn go_to_page(&mut self, page: usize) {
        self.page = page;
        self.search.options.offset = (page - 1) * HITS_PER_PAGE;
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.search.text.trim().is_empty() && self.search.filters.is_empty()
    }

    /// Whether there are filters, even if they are invalid.
    pub fn has_filters(&self) -> bool {
        !self.search.filters.is_empty() || self.invalid_since.is_some() || self.invalid_until.is_some()
    }

    /// The parameters in a fixed order.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let SearchRequest { text, filters, options, .. } = &self.search;
        let mut found: Vec<(&str, String)> = Vec::new();
        let mut add = |name, value: &str| found.push((name, value.to_string()));
        if !text.is_empty() {
            add("q", text);
        }
        filters.sources.iter().for_each(|value| add("source", value));
        filters.sites.iter().for_each(|value| add("site", value));
        filters.langs.iter().for_each(|value| add("lang", value));
        filters.since.iter().chain(&self.invalid_since).for_each(|value| add("since", value));
        filters.until.iter().chain(&self.invalid_until).for_each(|value| add("until", value));
        if options.order == SortOrder::Date {
            add("sort", "date");
        }
        let flags = [
            ("group", options.is_grouped),
            ("similar", options.with_similar),
            ("with-boilerplate", options.with_boilerplate),
            ("explain", options.is_explained),
        ];
        flags.iter().filter(|(_, is_set)| *is_set).for_each(|(name, _)| add(name, "true"));
        if self.page > 1 {
            add("page", &self.page.to_string());
        }
        if let Some(ui) = self.ui {
            add("ui", ui.code());
        }
        found
    }

    /// The URL of this state at a path.
    pub fn url(&self, path: &str) -> String {
        let parameters = self.parameters();
        if parameters.is_empty() {
            return path.to_string();
        }
        let path = format!("{path}?");
        let start = path.len();
        let mut encoder = form_urlencoded::Serializer::for_suffix(path, start);
        encoder.extend_pairs(parameters);
        encoder.finish()
    }

    /// The URL of the results for a changed search, from the first page on.
    pub fn results_with(&self, change: impl FnOnce(&mut SearchRequest)) -> String {
        let mut state = PageState { page: 1, ..self.clone() };
        change(&mut state.search);
        state.url("/")
    }

    /// The URL of another page of the same results.
    pub fn results_page(&self, page: usize) -> String {
        PageState { page, ..self.clone() }.url("/")
    }

    /// The URL of the results, or of a passage, in another language of the page.
    pub fn in_language(&self, path: &str, language: UiLanguage) -> String {
        PageState { ui: Some(language), ..self.clone() }.url(path)
    }

    /// The chosen filters, in the order of the parameters.
    pub fn chosen(&self) -> Vec<ChosenFilter> {
        let filters = &self.search.filters;
        let mut chosen: Vec<ChosenFilter> = Vec::new();
        chosen.extend(filters.sources.iter().cloned().map(ChosenFilter::Source));
        chosen.extend(filters.sites.iter().cloned().map(ChosenFilter::Site));
        chosen.extend(filters.langs.iter().cloned().map(ChosenFilter::Lang));
        match (&filters.since, &filters.until) {
            (Some(since), Some(until)) if since == until && is_year(since) => {
                chosen.push(ChosenFilter::Year(since.clone()));
            }
            (since, until) => {
                chosen.extend(since.iter().cloned().map(ChosenFilter::Since));
                chosen.extend(until.iter().cloned().map(ChosenFilter::Until));
            }
        }
        chosen
    }

    /// The URL without a filter.
    pub fn without(&self, filter: &ChosenFilter) -> String {
        self.results_with(|search| {
            let filters = &mut search.filters;
            match filter {
                ChosenFilter::Source(value) => filters.sources.retain(|other| other != value),
                ChosenFilter::Site(value) => filters.sites.retain(|other| other != value),
                ChosenFilter::Lang(value) => filters.langs.retain(|other| other != value),
                ChosenFilter::Year(_) => (filters.since, filters.until) = (None, None),
                ChosenFilter::Since(_) => filters.since = None,
                ChosenFilter::Until(_) => filters.until = None,
            }
        })
    }

    /// The URL with a value of a facet in place of the filters of the same field.
    pub fn with_facet_value(&self, field: FacetField, value: &str) -> String {
        let mut state = PageState { page: 1, ..self.clone() };
        let (filters, value) = (&mut state.search.filters, value.to_string());
        match field {
            FacetField::Source => filters.sources = vec![value],
            FacetField::Site => filters.sites = vec![value],
            FacetField::Lang => filters.langs = vec![value],
            FacetField::Year => {
                (filters.since, filters.until) = (Some(value.clone()), Some(value));
                (state.invalid_since, state.invalid_until) = (None, None);
            }
        }
        state.url("/")
    }

    /// Whether the only filter of a field is this value of its facet.
    pub fn has_facet_value(&self, field: FacetField, value: &str) -> bool {
        let filters = &self.search.filters;
        let is_only = |values: &[String]| matches!(values, [only] if only == value);
        match field {
            FacetField::Source => is_only(&filters.sources),
            FacetField::Site => is_only(&filters.sites),
            FacetField::Lang => is_only(&filters.langs),
            FacetField::Year => self.chosen().contains(&ChosenFilter::Year(value.to_string())),
        }
    }

    /// Whether the first day is after the last.
    pub fn has_reversed_dates(&self) -> bool {
        let days = |date: &Option<String>| match Filter::parse(FilterField::Date, date.as_deref()?) {
            Ok(Filter::Days(days)) => Some(days),
            _ => None,
        };
        let filters = &self.search.filters;
        days(&filters.since).zip(days(&filters.until)).is_some_and(|(since, until)| since.start() > until.end())
    }
}

/// The last page of results that the limits allow.
pub fn last_page(limits: &Limits) -> usize {
    (limits.hits / HITS_PER_PAGE).max(1)
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_valid(field: FilterField, value: &str) -> bool {
    Filter::parse(field, value).is_ok()
}

fn remove_repetitions(values: &mut Vec<String>) {
    let mut known: Vec<String> = Vec::new();
    values.retain(|value| {
        let is_new = !known.contains(value);
        known.push(value.clone());
        is_new
    });
}

/// Removes a value that can't be the start or end of a range of days.
fn take_invalid_date(date: &mut Option<String>) -> Option<String> {
    let is_valid = date.as_deref().is_none_or(|date| {
        let text = date.trim();
        is_valid(FilterField::Date, &format!(">={text}")) && is_valid(FilterField::Date, &format!("<={text}"))
    });
    if is_valid { None } else { date.take() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(query: &str) -> PageState {
        PageState::read(query, &Limits::default())
    }

    #[test]
    fn leaves_out_defaults_and_what_is_invalid() {
        let check = |query: &str, url: &str| assert_eq!(read(query).url("/"), url, "{query}");
        check("", "/");
        check("q=barn&page=1&sort=score&group=false&since=&foo=bar", "/?q=barn");
        check("page=3&q=barn+og+unge&ui=nn", "/?q=barn+og+unge&page=3&ui=nn");
        check("q=a&lang=nb&lang=xx&lang=nb&lang=nn&page=-1&ui=de", "/?q=a&lang=nb&lang=nn");
        check("q=a&limit=500&offset=90&full=true&snippet-chars=1&facets=site", "/?q=a");
        check("q=a&page=4711", "/?q=a&page=100");
        check("q=a&page=99999999999999999999", "/?q=a&page=100");
        check("q=a&page=-99999999999999999999", "/?q=a");
        check("q=a&page=0", "/?q=a");
        check("q=%C3%A5&source=%3Cb%3E", "/?q=%C3%A5&source=%3Cb%3E");
        check("q=a&since=i+fjor&until=2020", "/?q=a&since=i+fjor&until=2020");
    }

    #[test]
    fn changes_start_from_the_first_page() {
        let state = read("q=barn&source=Ipsos&since=2018&until=2018&page=2");
        assert_eq!(state.chosen(), [ChosenFilter::Source("Ipsos".to_string()), ChosenFilter::Year("2018".to_string())]);
        assert_eq!(state.without(&ChosenFilter::Year(String::new())), "/?q=barn&source=Ipsos");
        assert_eq!(state.without(&ChosenFilter::Source("Ipsos".to_string())), "/?q=barn&since=2018&until=2018");
        assert_eq!(state.with_facet_value(FacetField::Source, "NIBR"), "/?q=barn&source=NIBR&since=2018&until=2018");
        assert!(state.has_facet_value(FacetField::Year, "2018"));
        assert!(!state.has_facet_value(FacetField::Source, "NIBR"));
        assert_eq!(state.results_page(3), "/?q=barn&source=Ipsos&since=2018&until=2018&page=3");
    }

    #[test]
    fn recognizes_reversed_dates() {
        assert!(read("since=2020&until=2019").has_reversed_dates());
        assert!(!read("since=2020&until=2020").has_reversed_dates());
        assert!(!read("since=2020").has_reversed_dates());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// The URL of a state is read as the same state, whatever was typed.
        #[test]
        fn urls_round_trip(
            q in any::<String>(), source in any::<String>(), site in any::<String>(), since in any::<String>(),
            lang in "(nb|nn|en|und|no|x)?", page in any::<i64>(), flags in any::<[bool; 4]>(), name in any::<String>(),
        ) {
            let [group, similar, explain, date] = flags.map(|flag| flag.to_string());
            let sort = if date == "true" { "date" } else { "score" };
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("q", &q)
                .append_pair(&name, &q)
                .append_pair("source", &source)
                .append_pair("site", &site)
                .append_pair("since", &since)
                .append_pair("lang", &lang)
                .append_pair("page", &page.to_string())
                .append_pair("group", &group)
                .append_pair("similar", &similar)
                .append_pair("explain", &explain)
                .append_pair("sort", sort)
                .finish();
            let state = read(&query);
            let url = state.url("/");
            let again = read(url.split_once('?').map_or("", |(_, query)| query));
            prop_assert_eq!(&again.url("/"), &url);
            prop_assert_eq!(again.search.text, state.search.text);
            prop_assert_eq!(again.search.filters, state.search.filters);
            prop_assert_eq!((again.page, again.invalid_since), (state.page, state.invalid_since));
        }

        #[test]
        fn any_query_string_is_read(query in any::<String>()) {
            read(&query).url("/");
        }
    }
}
