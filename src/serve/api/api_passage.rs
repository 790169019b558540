//! `GET /api/v1/passages/{id}`: a passage in its page, as `treff show` prints it.

use serde::Serialize;

use super::entity_version::entity_version;
use super::marked_text::{marked_html, utf16_ranges};
use crate::index::{DocumentKind, StoredPassage};
use crate::model::Lang;
use crate::query::Query;
use crate::search::{PageOfHit, SCHEMA_VERSION, hit_id, page_of_hit};
use crate::serve::http::{Answer, Problem, ProblemKind};
use crate::serve::parameters::{bad_parameter, check_utf8, number, pairs, unknown_parameter};
use crate::serve::request::{AcceptedRequest, ReadContext, unavailable};
use crate::service::{FittingPassages, PathShortener, ShownLine, fit_page, query_to_mark, shown_lines};

/// The beginning of the path.
pub const PASSAGES: &str = "/api/v1/passages/";

/// Answers `/api/v1/passages/{id}`.
pub fn passage(context: &ReadContext, request: &AcceptedRequest) -> Result<Answer, Problem> {
    let id = request.path.strip_prefix(PASSAGES).unwrap_or_default();
    let Parameters { text, from } = parameters(context, request)?;
    let snapshot = &context.snapshot;
    let found = snapshot.guarded(|| page_of_hit(&snapshot.index, id)).map_err(|error| unavailable(&error))?;
    let mut page = found.ok_or_else(|| {
        Problem::new(ProblemKind::NotFound, "no passage of the index has this id; use the id of a hit")
    })?;
    let count = page.passages.len();
    if from.is_some_and(|from| !(1..=count).contains(&from)) {
        return Err(bad_parameter(FROM, &format!("the page has {count} passages; use a number from 1 to {count}")));
    }
    let shown = fit_page(&mut page, from.map(|from| from - 1));
    let path = snapshot.index.base.show(&page.hit().page.path);
    let shortener = PathShortener::new(&snapshot.index, !context.server.config.is_local());
    let path = shortener.shorten(&path).to_string();
    let is_boilerplate = page.hit().kind == DocumentKind::Boilerplate;
    let interrupt = context.interrupt();
    let query =
        |text: &str| query_to_mark(&snapshot.index, &snapshot.synonyms, text, is_boilerplate, &interrupt).map(Some);
    let query = snapshot.guarded(|| text.as_deref().map_or(Ok(None), query)).map_err(|error| unavailable(&error))?;
    let answer = PageAnswer::new(&page, &shown, query.as_ref(), path, &snapshot.version);
    Ok(Answer::json(&answer).with_version(entity_version(context, request)))
}

/// The parameters of a request.
struct Parameters {
    /// The query whose matches are marked.
    text: Option<String>,
    /// The number of the passage with which the answer begins, counted from 1.
    from: Option<usize>,
}

const FROM: &str = "from";

fn parameters(context: &ReadContext, request: &AcceptedRequest) -> Result<Parameters, Problem> {
    let max_chars = context.server.config.limits.query_chars;
    let (mut text, mut from) = (None, None);
    check_utf8(&request.query)?;
    for (name, value) in pairs(&request.query) {
        match &*name {
            "q" if text.is_some() => return Err(bad_parameter("q", "it may be given only once")),
            "q" if value.chars().count() > max_chars => {
                return Err(bad_parameter("q", &format!("the query has more than {max_chars} characters")));
            }
            "q" => text = Some(value.into_owned()),
            FROM if from.is_some() => return Err(bad_parameter(FROM, "it may be given only once")),
            FROM => from = Some(number(&value).map_err(|message| bad_parameter(FROM, &message))?),
            _ => return Err(unknown_parameter(&name)),
        }
    }
    Ok(Parameters { text, from })
}

/// A page with its passages. Members with the same names as those of a hit mean the same.
#[derive(Serialize)]
struct PageAnswer<'a> {
    v: u32,
    /// The id of the passage that the request names.
    id: String,
    generation: &'a str,
    title: Option<&'a str>,
    source: Option<&'a str>,
    date: Option<&'a str>,
    updated: Option<&'a str>,
    url: Option<&'a str>,
    lang: Lang,
    path: String,
    record: Option<&'a str>,
    /// The line of the record in a `.jsonl` file.
    record_line: Option<u32>,
    /// Number of passages of the page.
    count: usize,
    /// The number of the first of these passages, counted from 1.
    from: usize,
    /// The number of the first passage after these.
    next: Option<usize>,
    passages: Vec<PassageAnswer<'a>>,
}

#[derive(Serialize)]
struct PassageAnswer<'a> {
    id: String,
    /// Whether it is the passage that the request names.
    hit: bool,
    heading: Option<&'a str>,
    /// First and last line in the page.
    lines: (u32, u32),
    boilerplate: bool,
    /// Whether `text` is only the beginning.
    cut: bool,
    text: &'a str,
    /// The text by paragraph and line.
    paragraphs: Vec<Vec<LineAnswer>>,
}

/// A line of a passage. Only lines of the hit have marks.
#[derive(Serialize)]
struct LineAnswer {
    line: u32,
    text: String,
    html: String,
    marks: Vec<(usize, usize)>,
    marks_utf16: Vec<(usize, usize)>,
}

impl<'a> PageAnswer<'a> {
    fn new(
        page: &'a PageOfHit,
        shown: &FittingPassages,
        query: Option<&Query>,
        path: String,
        generation: &'a str,
    ) -> PageAnswer<'a> {
        let hit = page.hit();
        let FittingPassages { range, is_cut } = shown;
        let passages = range.clone().map(|position| {
            let is_hit = position == page.position;
            PassageAnswer::new(&page.passages[position], is_hit, is_cut[position], query.filter(|_| is_hit))
        });
        PageAnswer {
            v: SCHEMA_VERSION,
            id: hit_id(hit),
            generation,
            title: hit.title.as_deref(),
            source: hit.source.as_deref(),
            date: hit.published.as_deref().or(hit.updated.as_deref()),
            updated: hit.updated.as_deref(),
            url: hit.url.as_deref(),
            lang: hit.lang,
            path,
            record: hit.page.record.as_deref(),
            record_line: hit.line,
            count: page.passages.len(),
            from: range.start + 1,
            next: (range.end < page.passages.len()).then_some(range.end + 1),
            passages: passages.collect(),
        }
    }
}

impl PassageAnswer<'_> {
    fn new<'a>(stored: &'a StoredPassage, is_hit: bool, cut: bool, query: Option<&Query>) -> PassageAnswer<'a> {
        let paragraphs = shown_lines(stored, query).into_iter();
        PassageAnswer {
            id: hit_id(stored),
            hit: is_hit,
            heading: stored.passage.heading.as_deref(),
            lines: stored.passage.range(),
            boilerplate: stored.kind == DocumentKind::Boilerplate,
            cut,
            text: &stored.passage.text,
            paragraphs: paragraphs.map(|lines| lines.into_iter().map(LineAnswer::new).collect()).collect(),
        }
    }
}

impl LineAnswer {
    fn new(line: ShownLine) -> LineAnswer {
        let ShownLine { number, text, marks } = line;
        LineAnswer {
            line: number,
            html: marked_html(&text, &marks),
            marks_utf16: utf16_ranges(&text, &marks),
            text,
            marks,
        }
    }
}
