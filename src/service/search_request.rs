//! Runs a search as a user requests it: with filters, corrections, notes on the query, and counts.

use std::fmt;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::index::Index;
use crate::norwegian::{MAX_WORD_CHARS, is_word_char};
use crate::query::{self, Filter, FilterField, Query, QueryProblem, Synonyms};
use crate::search::{
    self, SearchOptions, SearchResults, Suggestion, UnknownFilterValue, count_matches, count_without_filters,
    expand_patterns, search_suggestion, unknown_filter_values,
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

/// A search as a user requests it.
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
    /// There is nothing to search for: the query as parsed, and the reason.
    Empty(Box<Query>, EmptyReason),
    Index(Error),
}

/// Why there is nothing to search for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyReason {
    /// The query only excludes words.
    OnlyExcludes,
    /// Every word is longer than indexed words are.
    WordTooLong,
    /// The query has no letters or digits.
    NoWords,
}

impl fmt::Display for EmptyReason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            EmptyReason::OnlyExcludes => "the query only excludes words; add a word to search for",
            EmptyReason::WordTooLong => "words of more than 200 letters are not indexed",
            EmptyReason::NoWords => "the query contains no letters or digits",
        })
    }
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
    /// Whether the query as typed matches anything.
    pub typed_has_matches: bool,
    /// The query that was searched, if it is a correction of the typed one.
    pub corrected: Option<Query>,
    pub results: SearchResults,
    /// Whether the search was stopped before it was complete. If so, there may be better hits, and all numbers are lower
    /// bounds.
    pub partial: bool,
    /// Number of passages that match (pages, if the search is grouped), if the options request it.
    pub total: Option<usize>,
    /// The spelling to offer: that of `results` unless, like the query itself, it matches nothing because of the filters.
    pub suggestion: Option<Suggestion>,
    /// Notes on patterns that match too many words.
    pub pattern_notes: Vec<String>,
    /// If nothing matches: the filters that no page passes.
    pub unknown_filters: Vec<UnknownFilterValue>,
    /// If nothing matches: the number of passages that match the query, or the suggestion if there is one, without the
    /// filters.
    pub without_filters: Option<usize>,
    /// If nothing matches: the number of pages that match in lines that were dropped as boilerplate.
    pub in_boilerplate: Option<usize>,
}

impl SearchOutcome {
    /// The query that was searched: the typed one, or its correction.
    pub fn query(&self) -> &Query {
        self.corrected.as_ref().unwrap_or(&self.typed)
    }
}

/// A request whose query is parsed, before there is an index to search.
pub struct ParsedRequest<'a> {
    request: &'a SearchRequest,
    synonyms: &'a Synonyms,
    filters: Vec<Filter>,
    typed: Query,
}

impl<'a> ParsedRequest<'a> {
    /// Parses the filters and the query.
    ///
    /// # Errors
    ///
    /// Every kind of `RequestError` but `Index`.
    pub fn parse(
        request: &'a SearchRequest,
        synonyms: &'a Synonyms,
    ) -> std::result::Result<ParsedRequest<'a>, RequestError> {
        let filters = request.filters.parse().map_err(|(name, message)| RequestError::Filter(name, message))?;
        let mut parsed = ParsedRequest { request, synonyms, filters, typed: Query::default() };
        parsed.typed = parsed.parse_text(&request.text);
        if let Some(problem) = parsed.typed.problems.first().filter(|_| request.is_strict) {
            return Err(RequestError::Syntax(problem.clone()));
        }
        if parsed.typed.is_empty() {
            let reason = reason_for_empty_query(&parsed.typed);
            return Err(RequestError::Empty(Box::new(parsed.typed), reason));
        }
        Ok(parsed)
    }

    /// The query as typed.
    pub fn query(&self) -> &Query {
        &self.typed
    }

    fn parse_text(&self, text: &str) -> Query {
        let mut query = query::parse(text, self.synonyms);
        query.add_filters(self.filters.clone());
        query
    }

    /// Runs the search.
    pub fn search(mut self, index: &Index) -> Result<SearchOutcome> {
        let request = self.request;
        let options = &request.options;
        let SearchOptions { with_boilerplate, interrupt, .. } = options;
        let pattern_notes = expand_patterns(index, &mut self.typed, *with_boilerplate, interrupt)?;
        let results = search::search(index, &self.typed, options)?;
        let typed_has_matches = results.has_matches;
        let mut partial = results.partial;
        let unknown_filters =
            if typed_has_matches || partial { Vec::new() } else { unknown_filter_values(index, &self.typed)? };
        let parse_suggestion = |text: &str| -> Result<Query> {
            let mut query = self.parse_text(text);
            expand_patterns(index, &mut query, *with_boilerplate, interrupt).map(|_| query)
        };
        let (corrected, results) =
            match search_suggestion(index, &results, options, parse_suggestion, request.corrects)? {
                Some((query, results)) => (Some(query), results),
                None => (None, results),
            };
        partial |= results.partial;
        let mut suggestion = results.suggestion.clone();
        let (mut without_filters, mut in_boilerplate) = (None, None);
        if !results.has_matches && !partial {
            let suggested = suggestion.as_ref().map(|suggestion| self.parse_text(&suggestion.query));
            let counted = suggested.as_ref().unwrap_or(&self.typed);
            without_filters = count_without_filters(index, counted, *with_boilerplate, interrupt)?;
            if !with_boilerplate {
                // Parsed again, since a pattern matches other words in the boilerplate.
                let query = self.parse_text(&request.text);
                in_boilerplate = Some(count_matches(index, &query, true, interrupt)?).filter(|pages| *pages > 0);
            }
            if let Some(suggested) = &suggested
                && count_matches(index, suggested, *with_boilerplate, interrupt)? == 0
            {
                suggestion = None;
            }
            // The counts may have been stopped.
            partial = interrupt.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        }
        let total = if options.is_grouped { results.pages } else { results.matching_passages };
        Ok(SearchOutcome {
            typed: self.typed,
            typed_has_matches,
            corrected,
            results,
            partial,
            total,
            suggestion,
            pattern_notes,
            unknown_filters,
            without_filters,
            in_boilerplate,
        })
    }
}

fn reason_for_empty_query(query: &Query) -> EmptyReason {
    let is_too_long = |word: &str| word.chars().count() > MAX_WORD_CHARS;
    if query.constraint.is_some() {
        EmptyReason::OnlyExcludes
    } else if query.text.split(|c| !is_word_char(c)).any(is_too_long) {
        EmptyReason::WordTooLong
    } else {
        EmptyReason::NoWords
    }
}
