//! Builds a hit from a stored passage: snippet, marks, metadata, copies and explanation.

use super::collapse::HitGroup;
use super::explainer::Explainer;
use super::verify_hit::contradicts_query;
use crate::error::Result;
use crate::index::{DocumentKind, Index, StoredPassage, contradiction_error};
use crate::query::Query;
use crate::search::hit::{Hit, PageLocation, SCHEMA_VERSION, hit_id, round_score};
use crate::search::search_options::SearchOptions;
use crate::search::searched_scopes::{PerScope, WeightedScope};
use crate::snippet::{self, Highlighter, Snippet};

/// Builds the hits of one search.
pub struct HitBuilder<'a> {
    index: &'a Index,
    query: &'a Query,
    scopes: &'a PerScope<WeightedScope<'a>>,
    options: &'a SearchOptions,
    highlighter: Highlighter<'a>,
    explainers: Option<PerScope<Explainer<'a>>>,
}

impl<'a> HitBuilder<'a> {
    pub fn new(
        index: &'a Index,
        query: &'a Query,
        scopes: &'a PerScope<WeightedScope<'a>>,
        options: &'a SearchOptions,
    ) -> Result<HitBuilder<'a>> {
        let explainers =
            if options.is_explained { Some(scopes.try_map(|scope| Explainer::new(query, scope))?) } else { None };
        Ok(HitBuilder { index, query, scopes, options, highlighter: Highlighter::new(query), explainers })
    }

    /// `rank` counts from 1; `stored` is the passage of `group.best`.
    pub fn build(&self, rank: usize, group: &HitGroup, stored: StoredPassage) -> Result<Hit> {
        let HitBuilder { index, query, options, .. } = *self;
        let kind = stored.kind;
        let is_boilerplate = kind == DocumentKind::Boilerplate;
        let idfs = self.scopes.containing(kind).map_or(&[][..], |scope| &scope.idfs);
        let copies = if is_boilerplate { Vec::new() } else { index.copies_of(&stored)? };
        if copies.iter().any(|copy| copy.content != stored.content) {
            return Err(contradiction_error(index));
        }
        let similar = group.similar.iter().map(|scored| index.stored(scored.address)).collect::<Result<Vec<_>>>()?;
        let text = &stored.passage.text;
        let matches = self.highlighter.matches(text, stored.standard);
        // A match shows that the index led to the right passage, unless the query has constraints beyond its words.
        let is_verified = query.constraint.is_none() && !matches.is_empty();
        let is_outside_scopes = is_boilerplate && !options.with_boilerplate;
        if !query.is_empty() && (is_outside_scopes || !is_verified && contradicts_query(index, query, &stored)) {
            return Err(contradiction_error(index));
        }
        // A phrase is required to match, so it weighs more than all words together.
        let phrase_weight = 1.0 + idfs.iter().sum::<f64>();
        let weight = |word: usize| idfs.get(word).copied().unwrap_or(phrase_weight);
        let title_bytes = stored.title.as_deref().filter(|title| text.starts_with(*title)).map_or(0, str::len);
        let Snippet { text: snippet, marks, passage_marks, start } = if options.full {
            snippet::full_snippet(&stored.passage, &matches)
        } else {
            snippet::best_snippet(&stored.passage, title_bytes, &matches, weight, options.snippet_chars)
        };
        let page_marks = passage_marks.iter().flat_map(|(start, end)| stored.passage.in_source(*start, *end)).collect();
        let line = stored.line.unwrap_or_else(|| stored.passage.line_at(start));
        let explainer = self.explainers.as_ref().and_then(|explainers| explainers.containing(kind));
        let explanation = explainer.map(|explainer| explainer.explain(&group.best)).transpose()?;
        Ok(Hit {
            v: SCHEMA_VERSION,
            rank,
            id: hit_id(&stored),
            score: round_score(group.best.score),
            title: stored.title,
            opening: stored.opening,
            heading: stored.passage.heading.clone(),
            source: stored.source,
            date: stored.published.or_else(|| stored.updated.clone()),
            updated: stored.updated,
            url: stored.url,
            lang: stored.lang,
            path: index.base.show(&stored.page.path),
            record: stored.page.record,
            line,
            lines: stored.passage.range(),
            snippet,
            marks,
            page_marks,
            passage: stored.passage.text,
            matching_passages: None,
            corrected_query: None,
            boilerplate: is_boilerplate,
            copies: page_locations(index, copies),
            similar: page_locations(index, similar),
            explanation,
        })
    }
}

/// The locations of the pages of some passages, sorted and without duplicates.
fn page_locations(index: &Index, mut stored: Vec<StoredPassage>) -> Vec<PageLocation> {
    stored.sort_by(|one, other| one.page.cmp(&other.page));
    stored.dedup_by(|one, other| one.page == other.page);
    let location = |stored: StoredPassage| PageLocation {
        path: index.base.show(&stored.page.path),
        record: stored.page.record,
        url: stored.url,
    };
    stored.into_iter().map(location).collect()
}
