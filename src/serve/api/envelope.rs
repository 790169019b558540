//! The JSON of a search: the hits of docs/json.md in an envelope.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

use super::marked_text::{marked_html, utf16_ranges};
use crate::query::QueryProblem;
use crate::search::{FacetCounts, Hit, SCHEMA_VERSION, SearchOptions, Suggestion};
use crate::service::{MAX_PASSAGE_BYTES, QueryReading, SearchOutcome, cut_text, query_notes};

/// The answer of a search.
#[derive(Serialize)]
pub struct Envelope<'a> {
    v: u32,
    /// As typed.
    query: &'a str,
    read_as: QueryReading,
    /// Whether a correction was searched instead of what was typed.
    corrected: bool,
    problems: Vec<ProblemAnswer<'a>>,
    /// Further remarks on the query, as sentences.
    notes: Vec<String>,
    suggestion: Option<SuggestionAnswer<'a>>,
    /// Number of matches.
    total: usize,
    /// What `total` counts: `passages` or `pages`.
    unit: &'static str,
    offset: usize,
    limit: usize,
    /// If nothing matches, the number of passages that match without the filters.
    without_filters: Option<usize>,
    /// If nothing matches, the number of pages that match in boilerplate.
    in_boilerplate: Option<usize>,
    took_us: u64,
    generation: &'a str,
    partial: bool,
    /// If hits were left out because of the time or the size of the answer: the offset of the first one.
    next: Option<usize>,
    hits: Vec<HitAnswer<'a>>,
    facets: BTreeMap<&'static str, &'a FacetCounts>,
}

/// A hit, with its marks in two more forms.
#[derive(Serialize)]
struct HitAnswer<'a> {
    #[serde(flatten)]
    hit: &'a Hit,
    snippet_html: String,
    marks_utf16: Vec<(usize, usize)>,
    /// Whether `passage` or `snippet` is only the beginning.
    cut: bool,
}

/// A part of the query that was not read as it was probably meant.
#[derive(Serialize)]
struct ProblemAnswer<'a> {
    message: &'a str,
    fallback: &'static str,
    /// Byte range in the query.
    span: (usize, usize),
    span_utf16: (usize, usize),
}

#[derive(Serialize)]
struct SuggestionAnswer<'a> {
    query: &'a str,
    words: Vec<CorrectionAnswer<'a>>,
}

#[derive(Serialize)]
struct CorrectionAnswer<'a> {
    typed: &'a str,
    corrected: &'a str,
}

impl<'a> Envelope<'a> {
    /// `start` is when the search began.
    pub fn new(
        outcome: &'a mut SearchOutcome,
        options: &SearchOptions,
        generation: &'a str,
        start: Instant,
    ) -> Envelope<'a> {
        let cut: Vec<bool> = outcome.results.hits.iter_mut().map(cut_hit).collect();
        let outcome = &*outcome;
        let SearchOutcome { typed, corrected, results, pattern_notes, unknown_filters, .. } = outcome;
        let unknown = unknown_filters.iter().map(ToString::to_string);
        Envelope {
            v: SCHEMA_VERSION,
            query: &typed.text,
            read_as: QueryReading::of(outcome.query()),
            corrected: corrected.is_some(),
            problems: typed.problems.iter().map(|problem| ProblemAnswer::new(problem, &typed.text)).collect(),
            notes: query_notes(typed).into_iter().chain(pattern_notes.clone()).chain(unknown).collect(),
            suggestion: outcome.suggestion.as_ref().map(SuggestionAnswer::new),
            total: outcome.total.unwrap_or_default(),
            unit: if options.is_grouped { "pages" } else { "passages" },
            offset: options.offset,
            limit: options.limit,
            without_filters: outcome.without_filters,
            in_boilerplate: outcome.in_boilerplate,
            took_us: start.elapsed().as_micros() as u64,
            generation,
            partial: outcome.partial,
            next: results.is_cut.then_some(options.offset + results.hits.len()),
            hits: results.hits.iter().zip(cut).map(|(hit, cut)| HitAnswer::new(hit, cut)).collect(),
            facets: results.facets.iter().map(|facet| (facet.field.name(), facet)).collect(),
        }
    }
}

impl HitAnswer<'_> {
    fn new(hit: &Hit, cut: bool) -> HitAnswer<'_> {
        let snippet_html = marked_html(&hit.snippet, &hit.marks);
        HitAnswer { hit, snippet_html, marks_utf16: utf16_ranges(&hit.snippet, &hit.marks), cut }
    }
}

/// Cuts the texts of a hit. Returns whether one of them was too long.
fn cut_hit(hit: &mut Hit) -> bool {
    let is_passage_cut = cut_text(&mut hit.passage, MAX_PASSAGE_BYTES);
    if !cut_text(&mut hit.snippet, MAX_PASSAGE_BYTES) {
        return is_passage_cut;
    }
    let end = hit.snippet.trim_end_matches('…').len();
    hit.marks.retain(|mark| mark.1 <= end);
    hit.page_marks.truncate(hit.marks.len());
    true
}

impl ProblemAnswer<'_> {
    fn new<'a>(problem: &'a QueryProblem, query: &str) -> ProblemAnswer<'a> {
        let span = (problem.span.start, problem.span.end);
        ProblemAnswer {
            message: &problem.message,
            fallback: problem.fallback,
            span,
            span_utf16: utf16_ranges(query, &[span])[0],
        }
    }
}

impl SuggestionAnswer<'_> {
    fn new(suggestion: &Suggestion) -> SuggestionAnswer<'_> {
        let words = suggestion.words.iter().map(|(typed, corrected)| CorrectionAnswer { typed, corrected });
        SuggestionAnswer { query: &suggestion.query, words: words.collect() }
    }
}
