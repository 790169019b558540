//! Runs a query: ranks the matching passages, collapses near-duplicates, counts facets and builds the hits.

use std::borrow::Cow;

use tantivy::DocAddress;

use super::hit::Hit;
use super::ranking::{self, LoadedPassages, ScoredPassage};
use super::results::build_hit::HitBuilder;
use super::results::collapse::{self, HitGroup};
use super::results::date_order::newest;
use super::results::facets::{self, FacetCounts};
use super::results::page_groups::PageGroups;
use super::scope::SearchScope;
use super::search_options::{SearchOptions, SortOrder};
use super::searched_scopes::{PerScope, WeightedScope, searched_scopes};
use super::terms::{Suggestion, any_occurs, expand_patterns, suggest_query};
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
    /// Whether any passage matches, even if `hits` is empty because of `limit` or `offset`.
    pub has_matches: bool,
    /// Number of pages that match; counted only for grouped searches and facets.
    pub pages: Option<usize>,
    /// In the order of `SearchOptions::facets`.
    pub facets: Vec<FacetCounts>,
    /// A corrected query, if a word of the query occurs on no page.
    pub suggestion: Option<Suggestion>,
}

/// Number of hits to rank beyond the requested ones, since some may be collapsed as near-duplicates. With these, most
/// searches need only one pass; a search that needs more hits ranks again with four times as many.
const EXTRA_HITS: usize = 10;

/// Searches an index.
pub fn search(index: &Index, query: &Query, options: &SearchOptions) -> Result<SearchResults> {
    let query = &*prepare(index, query, options.with_boilerplate)?;
    let scopes = searched_scopes(index, query, options.with_boilerplate)?;
    let counts_pages = options.is_grouped || !options.facets.is_empty();
    let all_matches =
        if counts_pages || options.order == SortOrder::Date { collect_matches(&scopes, query)? } else { Vec::new() };
    let pages = PageGroups::new(index, options.with_boilerplate);
    let passages_by_page = if counts_pages { Some(pages.count_passages(&all_matches)?) } else { None };
    let matches = match options.order {
        SortOrder::Score => Matches::ByScore { scopes: &scopes, query },
        SortOrder::Date => Matches::ByDate { index, all: &all_matches },
    };
    let mut loaded = LoadedPassages::default();
    let (groups, has_matches) = top_groups(index, &matches, &pages, options, &mut loaded)?;
    let builder = HitBuilder::new(index, query, &scopes, options)?;
    let mut hits = Vec::with_capacity(groups.len());
    for (position, group) in groups.iter().enumerate().take(options.offset + options.limit).skip(options.offset) {
        let address = group.best.address;
        let serialized = loaded.remove(&address).map_or_else(|| index.serialized(address), Ok)?;
        let mut hit = builder.build(position + 1, group, index.with_page(address, serialized)?)?;
        if let Some(passages_by_page) = passages_by_page.as_ref().filter(|_| options.is_grouped) {
            hit.matching_passages = passages_by_page.get(&pages.page_of(address)?).copied();
        }
        hits.push(hit);
    }
    let matching_pages = || passages_by_page.iter().flat_map(|pages| pages.keys().copied());
    let facets =
        options.facets.iter().map(|field| facets::count_by(index, *field, matching_pages())).collect::<Result<_>>()?;
    let has_boilerplate_matches = options.with_boilerplate && has_matches;
    let suggestion = if has_boilerplate_matches { None } else { suggest_query(index, query, is_word)? };
    Ok(SearchResults { hits, has_matches, pages: passages_by_page.map(|pages| pages.len()), facets, suggestion })
}

/// Counts the passages that match. Slower than finding the best ones, which skips most postings.
pub fn count_matches(index: &Index, query: &Query, with_boilerplate: bool) -> Result<usize> {
    let query = &*prepare(index, query, with_boilerplate)?;
    let scopes = searched_scopes(index, query, with_boilerplate)?;
    scopes.iter().map(|WeightedScope { scope, idfs }| ranking::count_matches(scope, query, idfs)).sum()
}

/// Counts the passages that match the query without its filters. Returns `None` if the query has no filter, or nothing
/// but filters.
pub fn count_without_filters(index: &Index, query: &Query, with_boilerplate: bool) -> Result<Option<usize>> {
    without_filters(query).map(|query| count_matches(index, &query, with_boilerplate)).transpose()
}

/// Returns the query with `æ`, `ø` and `å` restored in words that occur on no page, as `search` suggests it; `None` if
/// there is no such word.
pub fn respell_query(index: &Index, query: &Query) -> Result<Option<String>> {
    let query = &*prepare(index, query, false)?;
    let suggestion = suggest_query(index, query, is_word)?.and_then(|suggestion| suggestion.only_respellings());
    Ok(suggestion.map(|suggestion| suggestion.query))
}

/// Returns the addresses of the best `limit` passages, best first. Near-duplicates are not collapsed.
pub fn top_passages(index: &Index, query: &Query, limit: usize) -> Result<Vec<DocAddress>> {
    let scope = SearchScope::content(index);
    let query = &*prepare(index, query, false)?;
    let idfs = ranking::query_idfs(&scope, query)?;
    let best = ranking::top_k(&scope, query, &idfs, limit, &mut LoadedPassages::default())?;
    Ok(best.into_iter().map(|scored| scored.address).collect())
}

/// Returns the query with its patterns expanded, and without the split compounds that occur on no page: each would be
/// looked up several times.
fn prepare<'a>(index: &Index, query: &'a Query, with_boilerplate: bool) -> Result<Cow<'a, Query>> {
    let mut prepared = Cow::Borrowed(query);
    if query.patterns.iter().any(|pattern| pattern.expansions.is_none()) {
        expand_patterns(index, prepared.to_mut(), with_boilerplate)?;
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

/// The matching passages, not yet ordered.
enum Matches<'a> {
    ByScore { scopes: &'a PerScope<WeightedScope<'a>>, query: &'a Query },
    ByDate { index: &'a Index, all: &'a [ScoredPassage] },
}

impl Matches<'_> {
    /// The first `limit` passages in order.
    fn top(&self, limit: usize, loaded: &mut LoadedPassages) -> Result<Vec<ScoredPassage>> {
        match self {
            Matches::ByDate { index, all } => newest(index, all, limit),
            Matches::ByScore { scopes, query } => {
                let mut hits = Vec::new();
                for WeightedScope { scope, idfs } in scopes.iter() {
                    hits.append(&mut ranking::top_k(scope, query, idfs, limit, loaded)?);
                }
                if scopes.boilerplate.is_some() {
                    // A stable sort: content precedes boilerplate of the same score.
                    hits.sort_by(|one, other| other.score.total_cmp(&one.score));
                    hits.truncate(limit);
                }
                Ok(hits)
            }
        }
    }
}

/// Returns groups of hits in order, at least `offset + limit` of them if there are that many, and whether any passage
/// matches.
fn top_groups(
    index: &Index,
    matches: &Matches,
    pages: &PageGroups,
    options: &SearchOptions,
    loaded: &mut LoadedPassages,
) -> Result<(Vec<HitGroup>, bool)> {
    let wanted = options.offset + options.limit;
    let has_one_group_per_passage = options.with_similar && !options.is_grouped;
    // At least one, to learn whether anything matches.
    let mut depth = if has_one_group_per_passage { wanted.max(1) } else { wanted + EXTRA_HITS };
    loop {
        let hits = matches.top(depth, loaded)?;
        let is_exhausted = hits.len() < depth;
        let has_matches = !hits.is_empty();
        let hits = if options.is_grouped { pages.first_of_each_page(hits)? } else { hits };
        let groups = if options.with_similar {
            collapse::ungrouped(&hits)
        } else {
            collapse::collapse_duplicates(index, &hits)?
        };
        if has_one_group_per_passage || is_exhausted || groups.len() >= wanted {
            return Ok((groups, has_matches));
        }
        depth *= 4;
    }
}
