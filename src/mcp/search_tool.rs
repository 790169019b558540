//! The tool `search`: the best passages for a query, without their whole text, in at most 12 kB.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::arguments::{Arguments, Mistake};
use super::tool_output::{IndexAccess, MAX_QUERY_CHARS, ToolError, ToolOutput};
use crate::model::shortened;
use crate::search::{Hit, SearchOptions, SortOrder};
use crate::service::{
    ParsedRequest, PathShortener, RequestError, SearchFilters, SearchOutcome, SearchRequest, is_visible, one_line,
    query_notes, shown_title, shown_url,
};

/// Maximum number of hits of a call.
pub const MAX_LIMIT: usize = 20;
/// Number of the best hits that can be reached.
const MAX_DEPTH: usize = 1000;
/// Maximum number of hits to skip.
pub const MAX_OFFSET: usize = MAX_DEPTH - 1;
pub const LANGS: &[&str] = &["nb", "nn", "en", "no"];
pub const ORDERS: &[&str] = &["score", "date"];

/// Maximum number of bytes of a result. Hits that don't fit are left for the next call.
const MAX_RESULT_BYTES: usize = 12_000;
/// Maximum number of characters of a filter.
const MAX_FILTER_CHARS: usize = 200;
const MAX_TITLE_CHARS: usize = 160;
const MAX_SOURCE_CHARS: usize = 80;
/// Longer addresses are left out, since a part of one leads nowhere.
const MAX_URL_BYTES: usize = 500;
const MAX_PATH_CHARS: usize = 160;
const MAX_NOTES: usize = 5;
const MAX_NOTE_CHARS: usize = 300;

pub fn search(arguments: Map<String, Value>, access: &IndexAccess) -> Result<ToolOutput, ToolError> {
    let (mut request, limit) = read_arguments(Arguments::new(arguments))?;
    request.options.interrupt = access.interrupt.clone();
    let snapshot = access.snapshot()?;
    let parsed = ParsedRequest::parse(&request, &snapshot.synonyms).map_err(|error| request_error(error, access))?;
    let mut outcome =
        snapshot.guarded(|| parsed.search(&snapshot.index)).map_err(|error| access.index_error(&error))?;
    PathShortener::new(&snapshot.index, access.hides_folders).shorten_outcome(&mut outcome);
    let notes = notes(&outcome);
    let mut shown = outcome.results.hits.len().min(limit);
    loop {
        let output = output(&outcome, shown, request.options.offset, &notes, &snapshot.version);
        if shown <= 1 || output.to_json().to_string().len() <= MAX_RESULT_BYTES {
            return Ok(output);
        }
        shown -= 1;
    }
}

/// Reads the arguments. The search is for one hit more than the limit, which is returned, too; that hit tells whether
/// there are more.
fn read_arguments(mut arguments: Arguments) -> Result<(SearchRequest, usize), Mistake> {
    let text = arguments.required_text("query", MAX_QUERY_CHARS)?;
    let limit = arguments.integer("limit", 1..=MAX_LIMIT)?.unwrap_or(SearchOptions::DEFAULT.limit);
    let offset = arguments.integer("offset", 0..=MAX_OFFSET)?.unwrap_or(0);
    let limit = limit.min(MAX_DEPTH - offset);
    let filters = SearchFilters {
        sources: arguments.text("source", MAX_FILTER_CHARS)?.into_iter().collect(),
        sites: arguments.text("site", MAX_FILTER_CHARS)?.into_iter().collect(),
        langs: arguments.choice("lang", LANGS)?.into_iter().map(str::to_string).collect(),
        since: arguments.text("since", MAX_FILTER_CHARS)?,
        until: arguments.text("until", MAX_FILTER_CHARS)?,
    };
    let order = match arguments.choice("sort", ORDERS)? {
        Some("date") => SortOrder::Date,
        _ => SortOrder::Score,
    };
    let is_grouped = arguments.flag("group")?;
    arguments.finish()?;
    let options =
        SearchOptions { limit: limit + 1, offset, order, is_grouped, count_matches: true, ..SearchOptions::DEFAULT };
    Ok((SearchRequest { text, filters, options, ..SearchRequest::default() }, limit))
}

fn request_error(error: RequestError, access: &IndexAccess) -> ToolError {
    ToolError(match error {
        RequestError::Filter(name, message) => format!("`{name}`: {}", shortened(&message, MAX_NOTE_CHARS)),
        RequestError::Syntax(problem) => problem.message,
        RequestError::Empty(_, reason) => reason.to_string(),
        RequestError::Index(error) => return access.index_error(&error),
    })
}

/// What the model should know about how the query was read, and what to try if nothing was found.
fn notes(outcome: &SearchOutcome) -> Vec<String> {
    let problems = outcome.typed.problems.iter().map(|problem| format!("{}; {}", problem.message, problem.fallback));
    let mut notes: Vec<String> = problems.chain(query_notes(&outcome.typed)).collect();
    if outcome.partial {
        notes.insert(0, "the search took too long and was stopped; there may be more and better hits".to_string());
    }
    notes.extend(outcome.pattern_notes.iter().cloned());
    notes.extend(outcome.unknown_filters.iter().map(ToString::to_string));
    if let Some(corrected) = &outcome.corrected {
        notes.push(format!("searched for {} instead", quoted(&corrected.text)));
    }
    if let Some(passages) = outcome.without_filters {
        notes.push(format!("without the filters, {passages} passages match"));
    }
    if let Some(pages) = outcome.in_boilerplate {
        notes.push(format!("{pages} pages match only in menus, footers and the like, which are not searched"));
    }
    notes.truncate(MAX_NOTES);
    notes.iter().map(|note| shortened(&one_line(note), MAX_NOTE_CHARS)).collect()
}

/// A query in quotation marks, shortened.
fn quoted(query: &str) -> String {
    format!("“{}”", shortened(&one_line(query), 100))
}

/// A path with the record in its file.
pub fn place(path: &str, record: Option<&str>) -> String {
    record.map_or(path.to_string(), |record| format!("{path}#{record}"))
}

/// A hit as the model sees it.
#[derive(Serialize)]
struct ShownHit<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Cow<'a, str>>,
    path: String,
    line: u32,
    lang: &'static str,
    snippet: String,
}

impl<'a> ShownHit<'a> {
    fn of(hit: &'a Hit) -> ShownHit<'a> {
        let short = |text: Option<&str>, max| {
            text.filter(|text| is_visible(text)).map(|text| shortened(one_line(text).trim(), max))
        };
        let title = short(shown_title(hit.title.as_deref(), hit.opening.as_deref()), MAX_TITLE_CHARS);
        ShownHit {
            id: &hit.id,
            heading: short(hit.heading.as_deref(), MAX_TITLE_CHARS).filter(|heading| Some(heading) != title.as_ref()),
            title,
            source: short(hit.source.as_deref(), MAX_SOURCE_CHARS),
            date: hit.date.as_deref().map(one_line),
            url: hit.url.as_deref().and_then(shown_url).filter(|url| url.len() <= MAX_URL_BYTES),
            path: shortened(&one_line(&place(&hit.path, hit.record.as_deref())), MAX_PATH_CHARS),
            line: hit.line,
            lang: hit.lang.code(),
            snippet: shortened(&one_line(&hit.snippet), SearchOptions::DEFAULT.snippet_chars + 10),
        }
    }
}

/// The output with the first `shown` hits.
fn output(outcome: &SearchOutcome, shown: usize, offset: usize, notes: &[String], generation: &str) -> ToolOutput {
    let results = &outcome.results;
    let hits: Vec<ShownHit> = results.hits.iter().take(shown).map(ShownHit::of).collect();
    let end = offset + hits.len();
    let has_more = results.hits.len() > shown || results.is_cut;
    let next = (has_more && end < MAX_DEPTH).then_some(end);
    let mut notes = notes.to_vec();
    if has_more && next.is_none() {
        notes.push(format!("only the first {MAX_DEPTH} hits can be shown; narrow the search to find others"));
    }
    let suggestion = outcome.suggestion.as_ref().map(|suggestion| one_line(&suggestion.query));
    let suggestion = suggestion.map(|query| shortened(&query, MAX_NOTE_CHARS));
    let mut text = text_of(&hits, outcome, offset);
    for note in &notes {
        let _ = writeln!(text, "Note: {note}");
    }
    if let Some(suggestion) = &suggestion {
        let _ = writeln!(text, "Did you mean {}?", quoted(suggestion));
    }
    if let Some(next) = next {
        let _ = writeln!(text, "More hits: search with offset {next}.");
    }
    let mut structured = json!({"hits": hits, "generation": generation});
    let optional = [
        ("total", outcome.total.map(Value::from)),
        ("next", next.map(Value::from)),
        ("suggestion", suggestion.map(Value::from)),
        ("notes", (!notes.is_empty()).then(|| json!(notes))),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            structured[name] = value;
        }
    }
    ToolOutput { text, structured }
}

fn text_of(hits: &[ShownHit], outcome: &SearchOutcome, offset: usize) -> String {
    let mut text = String::new();
    let query = quoted(&outcome.query().text);
    if hits.is_empty() {
        let _ = if outcome.partial {
            writeln!(text, "Nothing found for {query} in time. Try fewer or more specific words.")
        } else if outcome.results.has_matches {
            writeln!(text, "No more hits for {query}.")
        } else {
            writeln!(text, "Nothing found for {query}. Try fewer or other words, or fewer filters.")
        };
        return text;
    }
    let (first, last) = (offset + 1, offset + hits.len());
    let of = outcome.total.map(|total| format!(" of {total}")).unwrap_or_default();
    let _ = writeln!(
        text,
        "Hits {first} to {last}{of} for {query}; titles, sources, paths, URLs and lines after `>` are quoted from the pages.\n"
    );
    for (rank, hit) in (first..).zip(hits) {
        let title: Vec<&str> = hit.title.iter().chain(&hit.heading).map(String::as_str).collect();
        let title = if title.is_empty() { "(without a title)".to_string() } else { title.join(" › ") };
        let _ = writeln!(text, "{rank}. {title}");
        let place = format!("{}:{}", hit.path, hit.line);
        let parts = [Some(hit.id), hit.source.as_deref(), hit.date.as_deref(), Some(&place), hit.url.as_deref()];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        let _ = writeln!(text, "{}\n> {}\n", parts.join(" · "), hit.snippet);
    }
    text
}
