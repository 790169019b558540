//! Runs a query: ranks the matching passages, collapses near-duplicates, counts facets and builds the hits.

use std::borrow::Cow;

use tantivy::DocAddress;

use super::hit::Hit;
use super::interrupt::{Interrupt, NEVER, StopCheck};
use super::matching;
use super::ranking::{self, LoadedPassages, ScoredPassage};
use super::results::build_hit::HitBuilder;
use super::results::collapse::{self, HitGroup};
use super::results::date_order::newest;
use super::results::facets::{self, FacetCounts};
use super::results::page_groups::{PageCounts, PageGroups};
use super::scope::SearchScope;
use super::search_options::{SearchOptions, SortOrder};
use super::searched_scopes::{PerScope, WeightedScope, searched_scopes};
use super::terms::{Suggestion, any_occurs, expand_patterns_until, suggest_query};
use super::without_filters::without_filters;
use crate::error::Result;
use crate::index::Index;
use crate::norwegian::is_word;
use crate::query::{Query, SplitCompound};

/// The result of a search.
#[derive(Debug)]
pub struct SearchResults {
    /// Hits `offset..offset + limit`.
    pub hits: Vec<Hit>,
    /// Whether the last of these hits were left out, because of `SearchOptions::max_bytes` or of the deadline.
    pub is_cut: bool,
    /// Whether any passage matches, even if `hits` is empty because of `limit` or `offset`.
    pub has_matches: bool,
    /// Number of passages that match; counted only with `SearchOptions::count_matches`.
    pub matching_passages: Option<usize>,
    /// Number of pages that match; counted only for grouped searches and facets.
    pub pages: Option<usize>,
    /// In the order of `SearchOptions::facets`.
    pub facets: Vec<FacetCounts>,
    /// A corrected query, if a word of the query occurs on no page.
    pub suggestion: Option<Suggestion>,
    /// Whether the search was stopped by `SearchOptions::interrupt`. If so, every hit matches, but there may be better
    /// ones, and perhaps only the first ten of those found are included. The numbers of passages and pages, also of
    /// facets, are lower bounds, and there may be matches even if `has_matches` is false. A canceled search has no hits.
    pub partial: bool,
}

/// Number of hits to rank beyond the requested ones, since some may be collapsed as near-duplicates. With these, most
/// searches need only one pass; a search that needs more hits ranks again with four times as many.
const EXTRA_HITS: usize = 10;

/// Number of hits that are built even if the deadline has passed.
const MIN_HITS: usize = 10;

/// Searches an index.
pub fn search(index: &Index, query: &Query, options: &SearchOptions) -> Result<SearchResults> {
    let stop = &StopCheck::new(&options.interrupt);
    let query = &*prepare(index, query, options.with_boilerplate, stop)?;
    let scopes = searched_scopes(index, query, options.with_boilerplate, stop)?;
    let all = if options.order == SortOrder::Date { Some(collect_matches(&scopes, query)?) } else { None };
    let pages = PageGroups::new(index, options.with_boilerplate);
    let counts_pages = options.is_grouped || !options.facets.is_empty();
    // Evaluating a constraint once, for the count and the ranking, takes less time than evaluating it twice. Without
    // one, the count reads less than the ranking, and the ranking skips most documents.
    let counts_while_ranking = options.count_matches && all.is_none() && !counts_pages && query.constraint.is_some();
    let mut ranked_count = 0;
    let count = counts_while_ranking.then_some(&mut ranked_count);
    let matches = RankedMatches { index, scopes: &scopes, query, all: all.as_deref(), stop };
    let mut loaded = LoadedPassages::default();
    let Ranked { groups, has_matches } = top_groups(&matches, &pages, options, count, &mut loaded)?;
    let grouped_hits: usize = groups.iter().map(HitGroup::len).sum();
    let page_counts = if counts_pages { Some(pages.count_passages(&scopes, query)?) } else { None };
    let count = || -> Result<usize> {
        let count = match (&all, &page_counts) {
            (Some(all), _) => all.len(),
            (None, Some(counts)) => counts.passages(),
            (None, None) if counts_while_ranking => ranked_count,
            (None, None) => {
                let counts = scopes.iter().map(|WeightedScope { scope, .. }| matching::count_matches(scope, query));
                counts.sum::<Result<usize>>()?
            }
        };
        // A count that is stopped may be less than the number of hits.
        Ok(if stop.is_stopped() { count.max(grouped_hits) } else { count })
    };
    let matching_passages = options.count_matches.then(count).transpose()?;
    let builder = HitBuilder::new(index, query, &scopes, options)?;
    let mut hits: Vec<Hit> = Vec::with_capacity(groups.len());
    let (mut bytes, mut is_cut) = (0, false);
    for (position, group) in groups.iter().enumerate().take(options.offset + options.limit).skip(options.offset) {
        if stop.is_canceled() {
            break;
        }
        if bytes >= options.max_bytes || hits.len() >= MIN_HITS && stop.should_stop_now() {
            is_cut = true;
            break;
        }
        let address = group.best.address;
        let serialized = loaded.remove(&address).map_or_else(|| index.serialized(address), Ok)?;
        let mut hit = builder.build(position + 1, group, index.with_page(address, serialized)?)?;
        if let Some(counts) = page_counts.as_ref().filter(|_| options.is_grouped) {
            // At least the hit itself, if counting was stopped.
            hit.matching_passages = Some(counts.of_page(pages.page_of(address)?).max(1) as u32);
        }
        bytes += hit.text_bytes();
        hits.push(hit);
    }
    let matching_pages = || page_counts.iter().flat_map(PageCounts::pages);
    let facets = options.facets.iter().map(|field| facets::count_by(index, *field, matching_pages(), stop));
    let facets = facets.collect::<Result<_>>()?;
    let has_boilerplate_matches = options.with_boilerplate && has_matches;
    let suggestion = if has_boilerplate_matches { None } else { suggest_query(index, query, is_word, stop)? };
    if stop.is_canceled() {
        hits.clear();
    }
    let partial = stop.is_stopped() || stop.is_canceled();
    // Counting may have been stopped before it reached the pages of the hits.
    let min_pages = if options.is_grouped { grouped_hits } else { 0 };
    let pages = page_counts.map(|counts| counts.pages().len().max(min_pages));
    Ok(SearchResults { hits, is_cut, has_matches, matching_passages, pages, facets, suggestion, partial })
}

/// Counts the passages that match; if interrupted, those found by then.
pub fn count_matches(index: &Index, query: &Query, with_boilerplate: bool, interrupt: &Interrupt) -> Result<usize> {
    let stop = &StopCheck::new(interrupt);
    let query = &*prepare(index, query, with_boilerplate, stop)?;
    let boilerplate = with_boilerplate.then(|| SearchScope::boilerplate(index));
    let scopes = [SearchScope::content(index)].into_iter().chain(boilerplate);
    scopes.map(|scope| matching::count_matches(&SearchScope { stop, ..scope }, query)).sum()
}

/// Counts the passages that match the query without its filters. Returns `None` if the query has no filter, or nothing
/// but filters.
pub fn count_without_filters(
    index: &Index,
    query: &Query,
    with_boilerplate: bool,
    interrupt: &Interrupt,
) -> Result<Option<usize>> {
    without_filters(query).map(|query| count_matches(index, &query, with_boilerplate, interrupt)).transpose()
}

/// Returns the query with `æ`, `ø` and `å` restored in words that occur on no page, as `search` suggests it; `None` if
/// there is no such word.
pub fn respell_query(index: &Index, query: &Query) -> Result<Option<String>> {
    let query = &*prepare(index, query, false, &NEVER)?;
    let suggestion = suggest_query(index, query, is_word, &NEVER)?.and_then(|suggestion| suggestion.only_respellings());
    Ok(suggestion.map(|suggestion| suggestion.query))
}

/// Returns the addresses of the best `limit` passages, best first. Near-duplicates are not collapsed.
pub fn top_passages(index: &Index, query: &Query, limit: usize) -> Result<Vec<DocAddress>> {
    let scope = SearchScope::content(index);
    let query = &*prepare(index, query, false, &NEVER)?;
    let idfs = ranking::query_idfs(&scope, query)?;
    let best = ranking::top_k(&scope, query, &idfs, limit, None, &mut LoadedPassages::default())?;
    Ok(best.into_iter().map(|scored| scored.address).collect())
}

/// Returns the query with its patterns expanded, and without the split compounds that occur on no page: each would be
/// looked up several times.
fn prepare<'a>(index: &Index, query: &'a Query, with_boilerplate: bool, stop: &StopCheck) -> Result<Cow<'a, Query>> {
    let mut prepared = Cow::Borrowed(query);
    if query.patterns.iter().any(|pattern| pattern.expansions.is_none()) {
        expand_patterns_until(index, prepared.to_mut(), with_boilerplate, stop)?;
    }
    let (content, boilerplate) = (index.fields.lemma, index.fields.of_boilerplate().lemma);
    for (position, word) in query.words.iter().enumerate() {
        let SplitCompound { forms, lemmas } = &word.split_compound;
        let mut present = Vec::new();
        for lemma in lemmas {
            let key = std::slice::from_ref(lemma);
            if any_occurs(index, content, key)? || with_boilerplate && any_occurs(index, boilerplate, key)? {
                present.push(lemma.clone());
            }
        }
        if present.len() < lemmas.len() {
            let forms = if present.is_empty() { Vec::new() } else { forms.clone() };
            prepared.to_mut().words[position].split_compound = SplitCompound { forms, lemmas: present };
        }
    }
    Ok(prepared)
}

/// Every passage that matches, with its first-stage score, scope by scope in document order.
fn collect_matches(scopes: &PerScope<WeightedScope>, query: &Query) -> Result<Vec<ScoredPassage>> {
    let mut matches = Vec::new();
    for WeightedScope { scope, idfs } in scopes.iter() {
        ranking::for_each_match(scope, query, idfs, |scored| matches.push(scored))?;
    }
    Ok(matches)
}

/// The matching passages, in the order of the hits.
struct RankedMatches<'a> {
    index: &'a Index,
    scopes: &'a PerScope<WeightedScope<'a>>,
    query: &'a Query,
    /// All matches, if the newest come first; otherwise those with the highest scores do.
    all: Option<&'a [ScoredPassage]>,
    stop: &'a StopCheck<'a>,
}

impl RankedMatches<'_> {
    /// The first `limit` passages. With `count`, the number of passages that match is added to it if they are ranked by
    /// score.
    fn top(
        &self,
        limit: usize,
        mut count: Option<&mut usize>,
        loaded: &mut LoadedPassages,
    ) -> Result<Vec<ScoredPassage>> {
        let RankedMatches { scopes, query, .. } = self;
        if let Some(all) = self.all {
            return newest(self.index, all, limit, self.stop);
        }
        let mut hits = Vec::new();
        for WeightedScope { scope, idfs } in scopes.iter() {
            hits.append(&mut ranking::top_k(scope, query, idfs, limit, count.as_deref_mut(), loaded)?);
        }
        if scopes.boilerplate.is_some() {
            // A stable sort: content precedes boilerplate of the same score.
            hits.sort_by(|one, other| other.score.total_cmp(&one.score));
            hits.truncate(limit);
        }
        Ok(hits)
    }
}

/// Groups of hits in order, and whether any passage matches.
struct Ranked {
    groups: Vec<HitGroup>,
    has_matches: bool,
}

/// Returns at least `offset + limit` groups if there are that many and the search is not stopped. For `count`, see
/// `RankedMatches::top`.
fn top_groups(
    matches: &RankedMatches,
    pages: &PageGroups,
    options: &SearchOptions,
    mut count: Option<&mut usize>,
    loaded: &mut LoadedPassages,
) -> Result<Ranked> {
    let wanted = options.offset + options.limit;
    let has_one_group_per_passage = options.with_similar && !options.is_grouped;
    // At least one, to learn whether anything matches.
    let mut depth = if has_one_group_per_passage { wanted.max(1) } else { wanted + EXTRA_HITS };
    let mut last: Option<Ranked> = None;
    loop {
        let hits = matches.top(depth, count.take(), loaded)?;
        if matches.stop.is_stopped()
            && let Some(last) = last
        {
            // The groups of a complete pass are better than those of one that was stopped.
            return Ok(last);
        }
        let is_exhausted = hits.len() < depth;
        let has_matches = !hits.is_empty();
        let hits = if options.is_grouped { pages.first_of_each_page(hits)? } else { hits };
        let groups = if options.with_similar {
            collapse::ungrouped(&hits)
        } else {
            collapse::collapse_duplicates(matches.index, &hits)?
        };
        if has_one_group_per_passage || is_exhausted || groups.len() >= wanted {
            return Ok(Ranked { groups, has_matches });
        }
        last = Some(Ranked { groups, has_matches });
        depth *= 4;
    }
}
