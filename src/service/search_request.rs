//! Runs a search as a user asked for it: with filters, corrections, notes on the query, and counts.

use crate::error::{Error, Result};
use crate::index::Index;
use crate::query::{self, Filter, FilterField, Query, QueryProblem, Synonyms};
use crate::search::{
    self, SearchOptions, SearchResults, count_matches, count_without_filters, expand_patterns, search_suggestion,
    unknown_filter_values,
};

/// Filters that are given apart from the query. Each is also a field in the query language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchFilters {
    /// The source contains these words; several are alternatives.
    pub sources: Vec<String>,
    /// The page is from this host; several are alternatives.
    pub sites: Vec<String>,
    /// `nb`, `nn`, `en`, or `no`; several are alternatives.
    pub langs: Vec<String>,
    /// The page is dated this day or later.
    pub since: Option<String>,
    /// The page is dated this day or earlier.
    pub until: Option<String>,
}

impl SearchFilters {
    pub fn is_empty(&self) -> bool {
        *self == SearchFilters::default()
    }

    /// Parses the values.
    ///
    /// # Errors
    ///
    /// The name of the first filter with an invalid value, and a message.
    pub fn parse(&self) -> std::result::Result<Vec<Filter>, (&'static str, String)> {
        let mut filters = Vec::new();
        let lists = [
            ("source", FilterField::Source, &self.sources),
            ("lang", FilterField::Lang, &self.langs),
            ("site", FilterField::Site, &self.sites),
        ];
        for (name, field, values) in lists {
            for value in values {
                filters.push(Filter::parse(field, value).map_err(|message| (name, message))?);
            }
        }
        for (name, operator, date) in [("since", ">=", &self.since), ("until", "<=", &self.until)] {
            if let Some(date) = date.as_deref().map(str::trim) {
                let filter = Filter::parse(FilterField::Date, &format!("{operator}{date}"));
                filters.push(filter.map_err(|_| {
                    (name, format!("`{date}` is not a date; write 2018, 2018-03, 2018-03-12 or 12.03.2018"))
                })?);
            }
        }
        Ok(filters)
    }
}

/// A search as a user asked for it.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest {
    pub text: String,
    pub filters: SearchFilters,
    pub options: SearchOptions,
    /// Whether a syntax error in the query is an error.
    pub is_strict: bool,
    /// Whether to search for the suggestion if nothing is found.
    pub corrects: bool,
}

/// Why a request has no outcome.
#[derive(Debug)]
pub enum RequestError {
    /// The name of a filter with an invalid value, and a message.
    Filter(&'static str, String),
    /// A syntax error, if the request is strict.
    Syntax(QueryProblem),
    /// The query contains neither letters nor digits, or only excludes.
    Empty,
    Index(Error),
}

impl From<Error> for RequestError {
    fn from(error: Error) -> RequestError {
        RequestError::Index(error)
    }
}

/// The outcome of a search.
#[derive(Debug)]
pub struct SearchOutcome {
    /// The query as typed.
    pub typed: Query,
    /// The query that was searched: the typed one, or its correction.
    pub query: Query,
    pub results: SearchResults,
    /// Notes on patterns that match too many words.
    pub pattern_notes: Vec<String>,
    /// If nothing matches: a sentence for each filter that no page passes.
    pub filter_notes: Vec<String>,
    /// If nothing matches: the number of passages that match without the filters.
    pub without_filters: Option<usize>,
    /// If nothing matches: the number of pages that match in lines that were dropped as boilerplate.
    pub in_boilerplate: Option<usize>,
}

impl SearchOutcome {
    /// Whether the query that was searched differs from the one that was typed.
    pub fn is_corrected(&self) -> bool {
        self.query.text != self.typed.text
    }
}

/// Runs a search.
///
/// # Errors
///
/// See `RequestError`.
pub fn search(
    index: &Index,
    synonyms: &Synonyms,
    request: &SearchRequest,
) -> std::result::Result<SearchOutcome, RequestError> {
    let filters = request.filters.parse().map_err(|(name, message)| RequestError::Filter(name, message))?;
    let parse = |text: &str| {
        let mut query = query::parse(text, synonyms);
        query.add_filters(filters.clone());
        query
    };
    let options = &request.options;
    let mut typed = parse(&request.text);
    if let Some(problem) = typed.problems.first().filter(|_| request.is_strict) {
        return Err(RequestError::Syntax(problem.clone()));
    }
    if typed.is_empty() {
        return Err(RequestError::Empty);
    }
    let pattern_notes = expand_patterns(index, &mut typed, options.with_boilerplate)?;
    let results = search::search(index, &typed, options)?;
    let filter_notes = if results.has_matches { Vec::new() } else { unknown_filter_values(index, &typed)? };
    let parse_suggestion = |text: &str| -> Result<Query> {
        let mut query = parse(text);
        expand_patterns(index, &mut query, options.with_boilerplate).map(|_| query)
    };
    let corrected = search_suggestion(index, &results, options, parse_suggestion, request.corrects)?;
    let (query, results) = corrected.unwrap_or_else(|| (typed.clone(), results));
    let (mut without_filters, mut in_boilerplate) = (None, None);
    if !results.has_matches {
        let suggested = results.suggestion.as_ref().map(|suggestion| parse(&suggestion.query));
        let counted = suggested.as_ref().unwrap_or(&query);
        without_filters = count_without_filters(index, counted, options.with_boilerplate)?;
        if !options.with_boilerplate {
            in_boilerplate = Some(count_matches(index, &typed, true)?).filter(|pages| *pages > 0);
        }
    }
    Ok(SearchOutcome { typed, query, results, pattern_notes, filter_notes, without_filters, in_boilerplate })
}
