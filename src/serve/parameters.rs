//! Reads a search from the parameters of a URL, which are named like the options of `treff search`.

use std::borrow::Cow;
use std::num::{IntErrorKind, ParseIntError};

use percent_encoding::percent_decode_str;

use super::http::{Problem, ProblemKind};
use super::limits::Limits;
use crate::search::{FacetField, SearchOptions, SortOrder};
use crate::service::SearchRequest;

/// What to do with a parameter that is unknown or has an invalid value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// It is an error: for programs.
    Reject,
    /// It is ignored: for people, who may have an old link.
    Ignore,
}

/// Checks that all parameters of a URL are UTF-8.
///
/// # Errors
///
/// The first parameter that is not.
pub fn check_utf8(query: &str) -> Result<(), Problem> {
    let is_utf8 = |part: &str| percent_decode_str(part).decode_utf8().is_ok();
    let mut parts = query.split('&').map(|part| part.split_once('=').unwrap_or((part, "")));
    match parts.find(|(name, value)| !is_utf8(name) || !is_utf8(value)) {
        None => Ok(()),
        Some((name, _)) => {
            Err(bad_parameter(&percent_decode_str(name).decode_utf8_lossy(), "it is not valid UTF-8 when decoded"))
        }
    }
}

/// The parameters of a URL in order, decoded. Invalid UTF-8 is replaced.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(query.as_bytes())
}

/// A parameter of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchParameter {
    Q,
    Limit,
    Offset,
    Source,
    Site,
    Lang,
    Since,
    Until,
    Strict,
    Correct,
    SnippetChars,
    Full,
    Group,
    Similar,
    WithBoilerplate,
    Explain,
    Sort,
    Facets,
}

impl SearchParameter {
    pub const ALL: [SearchParameter; 18] = [
        SearchParameter::Q,
        SearchParameter::Limit,
        SearchParameter::Offset,
        SearchParameter::Source,
        SearchParameter::Site,
        SearchParameter::Lang,
        SearchParameter::Since,
        SearchParameter::Until,
        SearchParameter::Strict,
        SearchParameter::Correct,
        SearchParameter::SnippetChars,
        SearchParameter::Full,
        SearchParameter::Group,
        SearchParameter::Similar,
        SearchParameter::WithBoilerplate,
        SearchParameter::Explain,
        SearchParameter::Sort,
        SearchParameter::Facets,
    ];

    pub fn name(self) -> &'static str {
        match self {
            SearchParameter::Q => "q",
            SearchParameter::Limit => "limit",
            SearchParameter::Offset => "offset",
            SearchParameter::Source => "source",
            SearchParameter::Site => "site",
            SearchParameter::Lang => "lang",
            SearchParameter::Since => "since",
            SearchParameter::Until => "until",
            SearchParameter::Strict => "strict",
            SearchParameter::Correct => "correct",
            SearchParameter::SnippetChars => "snippet-chars",
            SearchParameter::Full => "full",
            SearchParameter::Group => "group",
            SearchParameter::Similar => "similar",
            SearchParameter::WithBoilerplate => "with-boilerplate",
            SearchParameter::Explain => "explain",
            SearchParameter::Sort => "sort",
            SearchParameter::Facets => "facets",
        }
    }

    /// Whether it may be given several times.
    pub fn is_repeatable(self) -> bool {
        matches!(
            self,
            SearchParameter::Source | SearchParameter::Site | SearchParameter::Lang | SearchParameter::Facets
        )
    }
}

/// Reads the parameters of a search. `other` gets those that are not about the search, and returns whether it knows
/// the name.
///
/// # Errors
///
/// The first invalid parameter, or one that is repeated, unless `strictness` is `Ignore`; also a query or a depth
/// beyond the limits. With `Ignore`, an empty value is the same as no parameter, since a form also sends its empty
/// fields, and the last of several values counts.
pub fn search_request(
    query: &str,
    limits: &Limits,
    strictness: Strictness,
    mut other: impl FnMut(&str, &str) -> bool,
) -> Result<SearchRequest, Problem> {
    let mut request = SearchRequest::default();
    request.options.count_matches = true;
    let is_strict = strictness == Strictness::Reject;
    if is_strict {
        check_utf8(query)?;
    }
    let mut seen: Vec<SearchParameter> = Vec::new();
    for (name, value) in pairs(query) {
        if value.is_empty() && !is_strict {
            continue;
        }
        let Some(parameter) = SearchParameter::ALL.into_iter().find(|parameter| parameter.name() == name) else {
            if !other(&name, &value) && is_strict {
                return Err(unknown_parameter(&name));
            }
            continue;
        };
        let is_repeated = seen.contains(&parameter) && !parameter.is_repeatable();
        let is_repeated_too_often = seen.iter().filter(|known| **known == parameter).count() >= MAX_VALUES;
        if is_repeated_too_often && !is_strict {
            continue;
        }
        let result = if is_repeated_too_often {
            Err(format!("it may be given at most {MAX_VALUES} times"))
        } else {
            set(&mut request, parameter, &value, strictness)
        };
        let result = if is_repeated { Err("it may be given only once".to_string()) } else { result };
        seen.push(parameter);
        if let Err(message) = result
            && is_strict
        {
            return Err(bad_parameter(&name, &message));
        }
    }
    let chars = request.text.chars().count();
    if chars > limits.query_chars {
        if is_strict {
            let message = format!("the query has {chars} characters; at most {} are allowed", limits.query_chars);
            return Err(bad_parameter("q", &message));
        }
        request.text = request.text.chars().take(limits.query_chars).collect();
    }
    let SearchOptions { limit, offset, .. } = request.options;
    let depth = offset.saturating_add(limit);
    if depth > limits.hits {
        if is_strict {
            let name = if limit > limits.hits { "limit" } else { "offset" };
            return Err(bad_parameter(name, &format!("offset + limit is {depth}; at most {} is allowed", limits.hits)));
        }
        request.options.limit = limit.min(limits.hits);
        request.options.offset = offset.min(limits.hits - request.options.limit);
    }
    Ok(request)
}

/// The problem for a parameter with an invalid value.
pub fn bad_parameter(name: &str, message: &str) -> Problem {
    Problem::new(ProblemKind::BadParameter, format!("{name}: {message}")).with("parameter", name)
}

/// The problem for a parameter that the route doesn't have.
pub fn unknown_parameter(name: &str) -> Problem {
    Problem::new(ProblemKind::BadParameter, format!("unknown parameter `{name}`")).with("parameter", name)
}

/// Applies a parameter to the request. An invalid value changes nothing.
fn set(
    request: &mut SearchRequest,
    parameter: SearchParameter,
    value: &str,
    strictness: Strictness,
) -> Result<(), String> {
    let SearchRequest { text, filters, options, is_strict, corrects } = request;
    let flag = |value| flag(value, strictness);
    match parameter {
        SearchParameter::Q => *text = value.to_string(),
        SearchParameter::Limit => options.limit = number(value)?,
        SearchParameter::Offset => options.offset = number(value)?,
        SearchParameter::Source => filters.sources.push(value.to_string()),
        SearchParameter::Site => filters.sites.push(value.to_string()),
        SearchParameter::Lang => filters.langs.push(value.to_string()),
        SearchParameter::Since => filters.since = Some(value.to_string()),
        SearchParameter::Until => filters.until = Some(value.to_string()),
        SearchParameter::Strict => *is_strict = flag(value)?,
        SearchParameter::Correct => *corrects = flag(value)?,
        SearchParameter::SnippetChars => options.snippet_chars = number(value)?.min(MAX_SNIPPET_CHARS),
        SearchParameter::Full => options.full = flag(value)?,
        SearchParameter::Group => options.is_grouped = flag(value)?,
        SearchParameter::Similar => options.with_similar = flag(value)?,
        SearchParameter::WithBoilerplate => options.with_boilerplate = flag(value)?,
        SearchParameter::Explain => options.is_explained = flag(value)?,
        SearchParameter::Sort => {
            options.order = match value {
                "score" => SortOrder::Score,
                "date" => SortOrder::Date,
                _ => return Err("use score or date".to_string()),
            }
        }
        SearchParameter::Facets => {
            let field = |name: &str| {
                let field = FacetField::ALL.into_iter().find(|field| field.name() == name);
                field.ok_or_else(|| format!("unknown facet `{name}`; use source, year, lang or site"))
            };
            for field in value.split(',').map(field).collect::<Result<Vec<FacetField>, String>>()? {
                if !options.facets.contains(&field) {
                    options.facets.push(field);
                }
            }
        }
    }
    Ok(())
}

/// Maximum number of values of one filter. Each link of the search page that removes a value repeats all others, so
/// the size of the page grows with the square of their number.
const MAX_VALUES: usize = 20;

/// Longer snippets are whole passages.
const MAX_SNIPPET_CHARS: usize = 10_000;

/// Reads a number.
pub fn number(value: &str) -> Result<usize, String> {
    value.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => format!("`{value}` is too large"),
        _ => format!("`{value}` is not a number"),
    })
}

/// Reads a flag. People also write it as in other search engines.
fn flag(value: &str, strictness: Strictness) -> Result<bool, String> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        "1" if strictness == Strictness::Ignore => Ok(true),
        "0" if strictness == Strictness::Ignore => Ok(false),
        _ => Err(format!("`{value}` is neither true nor false")),
    }
}
