//! Reads a search from the parameters of a URL, which are named like the options of `treff search`.

use std::borrow::Cow;

use super::config::Limits;
use super::http::{Problem, ProblemKind};
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

/// The parameters of a URL in order, decoded. Invalid UTF-8 is replaced.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(query.as_bytes())
}

/// Reads the parameters of a search. `other` gets those that are not about the search, and returns whether it knows
/// the name. An empty value is the same as no parameter, since a form also sends its empty fields.
///
/// # Errors
///
/// The first invalid parameter, unless `strictness` is `Ignore`; also a query or a depth beyond the limits.
pub fn search_request(
    query: &str,
    limits: &Limits,
    strictness: Strictness,
    mut other: impl FnMut(&str, &str) -> bool,
) -> Result<SearchRequest, Problem> {
    let mut request = SearchRequest::default();
    for (name, value) in pairs(query) {
        if value.is_empty() {
            continue;
        }
        let result = set(&mut request, &name, &value);
        let problem = match result {
            Ok(true) => continue,
            Ok(false) if other(&name, &value) => continue,
            Ok(false) => format!("unknown parameter `{name}`"),
            Err(message) => format!("{name}: {message}"),
        };
        if strictness == Strictness::Reject {
            return Err(Problem::new(ProblemKind::BadParameter, problem).with("parameter", name.as_ref()));
        }
    }
    let chars = request.text.chars().count();
    if chars > limits.query_chars {
        if strictness == Strictness::Reject {
            let detail = format!("the query has {chars} characters; at most {} are allowed", limits.query_chars);
            return Err(Problem::new(ProblemKind::BadParameter, detail).with("parameter", "q"));
        }
        request.text = request.text.chars().take(limits.query_chars).collect();
    }
    let SearchOptions { limit, offset, .. } = request.options;
    if offset.saturating_add(limit) > limits.hits {
        if strictness == Strictness::Reject {
            let detail =
                format!("offset + limit is {}; at most {} is allowed", offset.saturating_add(limit), limits.hits);
            return Err(Problem::new(ProblemKind::BadParameter, detail).with("parameter", "offset"));
        }
        request.options.limit = limit.min(limits.hits);
        request.options.offset = offset.min(limits.hits - request.options.limit);
    }
    Ok(request)
}

/// Sets what a parameter stands for. Returns whether its name is known.
fn set(request: &mut SearchRequest, name: &str, value: &str) -> Result<bool, String> {
    let SearchRequest { text, filters, options, is_strict, corrects } = request;
    match name {
        "q" => *text = value.to_string(),
        "limit" => options.limit = number(value)?,
        "offset" => options.offset = number(value)?,
        "source" => filters.sources.push(value.to_string()),
        "site" => filters.sites.push(value.to_string()),
        "lang" => filters.langs.push(value.to_string()),
        "since" => filters.since = Some(value.to_string()),
        "until" => filters.until = Some(value.to_string()),
        "strict" => *is_strict = flag(value)?,
        "correct" => *corrects = flag(value)?,
        "snippet-chars" => options.snippet_chars = number(value)?.min(MAX_SNIPPET_CHARS),
        "full" => options.full = flag(value)?,
        "group" => options.is_grouped = flag(value)?,
        "similar" => options.with_similar = flag(value)?,
        "with-boilerplate" => options.with_boilerplate = flag(value)?,
        "explain" => options.is_explained = flag(value)?,
        "sort" => {
            options.order = match value {
                "score" => SortOrder::Score,
                "date" => SortOrder::Date,
                _ => return Err("use score or date".to_string()),
            }
        }
        "facets" => {
            for name in value.split(',') {
                let field = FacetField::ALL.into_iter().find(|field| field.name() == name);
                let field = field.ok_or_else(|| format!("unknown facet `{name}`; use source, year, lang or site"))?;
                if !options.facets.contains(&field) {
                    options.facets.push(field);
                }
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Longer snippets are whole passages.
const MAX_SNIPPET_CHARS: usize = 10_000;

fn number(value: &str) -> Result<usize, String> {
    value.parse().map_err(|_| format!("`{value}` is not a number"))
}

fn flag(value: &str) -> Result<bool, String> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("`{value}` is neither true nor false")),
    }
}
