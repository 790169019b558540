//! Given an index, a query and how many hits are wanted, which passages answer, best first?
//!
//! `rank` scores and orders, `collect` counts and orders by date; here the first become hits with their snippets.

mod collect;
mod fold;
mod held;
mod matching;
mod pattern;
mod ranking;
mod scope;
mod suggest;
mod why;

pub use collect::{FacetCounts, FacetField, ValueCount};
pub use matching::unknown_filter_values;
pub use pattern::expand_patterns;
pub use ranking::SignalName;
pub use suggest::{Suggestion, suggest};
pub use why::{Explanation, WordExplanation};

use std::borrow::Cow;

use serde::Serialize;
use tantivy::DocAddress;

use collect::Pages;
use fold::Group;
use ranking::{LoadedRecords, ScoredPassage, Signal};
use scope::SearchScope;
use why::{rounded, why};

use crate::error::Result;
use crate::index::{DocumentKind, Index, StoredPassage, check_for_damage, page_hash};
use crate::model::Lang;
use crate::norwegian::is_word;
use crate::query::Query;
use crate::snippet::{self, Highlighter, Snippet};

/// How many hits, from where on, how long their snippets, and what may be among them.
#[derive(Clone, Debug, Default)]
pub struct SearchOptions {
    pub limit: usize,
    pub offset: usize,
    /// Characters.
    pub snippet_chars: usize,
    /// The whole passage in the place of a snippet.
    pub full: bool,
    /// Also what was dropped from its page as boilerplate.
    pub with_boilerplate: bool,
    /// Hits of pages that are nearly the same each by itself.
    pub with_similar: bool,
    pub order: SortOrder,
    /// Of each page the first passage alone, with the number of its passages that match.
    pub is_grouped: bool,
    /// Tell of each hit why it stands there.
    pub is_explained: bool,
    /// By what the pages that match are counted.
    pub facets: Vec<FacetField>,
}

/// Which hits come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// The best.
    #[default]
    Score,
    /// The newest, and those of one day by score.
    Date,
}

/// A page that goes with a hit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageLocation {
    pub path: String,
    pub record: Option<String>,
    pub url: Option<String>,
}

/// The hits asked for.
#[derive(Debug)]
pub struct SearchResults {
    pub hits: Vec<Hit>,
    /// Whether there are any hits at all, asked for or not.
    pub is_found: bool,
    /// How many pages these are of, where that was counted.
    pub pages: Option<usize>,
    /// As they were asked for.
    pub facets: Vec<FacetCounts>,
    /// What was probably meant, where a word of the query stands in no page.
    pub suggestion: Option<Suggestion>,
}

/// A passage that answers a query. Its JSON form is version 1 of the schema in README.md.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// The version of this schema.
    pub v: u32,
    /// Counted from 1, over all pages of results.
    pub rank: usize,
    /// Names the passage for `treff show`.
    pub id: String,
    pub score: f64,
    pub title: Option<String>,
    /// How the page begins, where it has no title.
    #[serde(skip)]
    pub opening: Option<String>,
    pub heading: Option<String>,
    pub source: Option<String>,
    /// When the page was published, or else last updated; ISO 8601.
    pub date: Option<String>,
    pub updated: Option<String>,
    pub url: Option<String>,
    pub lang: Lang,
    pub path: String,
    /// The record of a `.jsonl` file, or the page of an archive.
    pub record: Option<String>,
    /// The line of the page on which the snippet begins; for a record of a `.jsonl` file the line of the record.
    pub line: u32,
    /// First and last line of the passage; for a record counted in its text.
    pub lines: (u32, u32),
    pub snippet: String,
    /// Byte ranges of `snippet` that matched.
    pub marks: Vec<(usize, usize)>,
    /// The same in the page: number of the line, and bytes in it; empty for pages that are not read line by line.
    pub source_marks: Vec<(u32, usize, usize)>,
    /// The whole passage.
    pub passage: String,
    /// Of a page for which this hit stands: how many of its passages match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passages: Option<u32>,
    /// The query that it answers, where that is not what was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested: Option<String>,
    /// The passage was dropped from its page as boilerplate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub boilerplate: bool,
    /// Where else the same page stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<PageLocation>,
    /// Pages that are nearly the same and would stand below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<PageLocation>,
    /// How its score came about, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Explanation>,
}

/// Looked at beyond the hits wanted, for pages that are nearly the same as one of these.
const LOOKED_BEYOND: usize = 10;

/// Answers a query.
pub fn search(index: &Index, query: &Query, options: &SearchOptions) -> Result<SearchResults> {
    let query = &*expanded(index, query, options.with_boilerplate)?;
    let shelves = shelves(index, query, options.with_boilerplate)?;
    let counts_pages = options.is_grouped || !options.facets.is_empty();
    let all =
        if counts_pages || options.order == SortOrder::Date { collect::all(&shelves, query)? } else { Vec::new() };
    let pages = Pages::of(index, options.with_boilerplate);
    let counts = if counts_pages { Some(pages.count(&all)?) } else { None };
    let found = match options.order {
        SortOrder::Score => Found::Best { shelves: &shelves, query },
        SortOrder::Date => Found::Newest { index, all: &all },
    };
    let mut read = LoadedRecords::default();
    let (groups, is_found) = groups(index, &found, &pages, options, &mut read)?;
    let mut explained: Vec<Vec<Signal>> = Vec::new();
    if options.is_explained {
        for (shelf, weights) in &shelves {
            explained.push(ranking::query_signals(shelf, query, weights)?);
        }
    }
    let sought = Highlighter::of(query);
    let mut hits = Vec::with_capacity(groups.len());
    for (place, group) in groups.iter().enumerate().take(options.offset + options.limit).skip(options.offset) {
        let address = group.best.address;
        let record = read.remove(&address).map_or_else(|| index.record(address), Ok)?;
        let stored = index.with_page(address, record)?;
        let mut hit = hit(index, &sought, &shelves, options, place + 1, group, stored)?;
        if let Some(counts) = counts.as_ref().filter(|_| options.is_grouped) {
            hit.passages = counts.get(&pages.page(group.best.address)?).copied();
        }
        let shelf = usize::from(hit.boilerplate);
        if let (Some((shelf, weights)), Some(signals)) = (shelves.get(shelf), explained.get(shelf)) {
            hit.why = Some(why(shelf, query, weights, signals, &group.best)?);
        }
        hits.push(hit);
    }
    let facet = |by: &FacetField| collect::facet(index, *by, counts.iter().flat_map(|counts| counts.keys().copied()));
    let facets = options.facets.iter().map(facet).collect::<Result<_>>()?;
    let is_found_in_boilerplate = options.with_boilerplate && is_found;
    let suggestion = if is_found_in_boilerplate { None } else { suggest::suggestion(index, query, is_word)? };
    Ok(SearchResults { hits, is_found, pages: counts.map(|counts| counts.len()), facets, suggestion })
}

/// How many passages answer a query; to find the best takes less.
pub fn count(index: &Index, query: &Query, with_boilerplate: bool) -> Result<usize> {
    let query = &*expanded(index, query, with_boilerplate)?;
    let shelves = shelves(index, query, with_boilerplate)?;
    shelves.iter().map(|(shelf, weights)| ranking::count_matches(shelf, query, weights)).sum()
}

/// The query with the words of its patterns.
fn expanded<'a>(index: &Index, query: &'a Query, with_boilerplate: bool) -> Result<Cow<'a, Query>> {
    let mut query = Cow::Borrowed(query);
    if query.patterns.iter().any(|pattern| pattern.expansions.is_none()) {
        expand_patterns(index, query.to_mut(), with_boilerplate)?;
    }
    Ok(query)
}

/// What is searched, each with the weights of the query.
fn shelves<'a>(index: &'a Index, query: &Query, with_boilerplate: bool) -> Result<Vec<(SearchScope<'a>, Vec<f64>)>> {
    let mut shelves = vec![SearchScope::content(index)];
    if with_boilerplate {
        shelves.push(SearchScope::boilerplate(index));
    }
    shelves.into_iter().map(|shelf| Ok((shelf, ranking::query_idfs(&shelf, query)?))).collect()
}

/// The query that is searched without being asked for: a word that stands nowhere is read with the æ, ø and å that it was
/// typed without.
pub fn respell(index: &Index, query: &Query) -> Result<Option<String>> {
    let suggestion = suggest::suggestion(index, query, is_word)?.filter(Suggestion::only_respells);
    Ok(suggestion.map(|suggestion| suggestion.query))
}

/// The passages that answer a query, best first: without snippets, and those of pages that are nearly the same each by
/// itself.
pub fn ranked(index: &Index, query: &Query, limit: usize) -> Result<Vec<DocAddress>> {
    let shelf = SearchScope::content(index);
    let mut query = query.clone();
    expand_patterns(index, &mut query, false)?;
    let best =
        ranking::top_k(&shelf, &query, &ranking::query_idfs(&shelf, &query)?, limit, &mut LoadedRecords::default())?;
    Ok(best.into_iter().map(|scored| scored.address).collect())
}

/// All that matches, before it is put in order.
enum Found<'a> {
    Best { shelves: &'a [(SearchScope<'a>, Vec<f64>)], query: &'a Query },
    Newest { index: &'a Index, all: &'a [ScoredPassage] },
}

impl Found<'_> {
    /// The first `reach` hits in order.
    fn first(&self, reach: usize, read: &mut LoadedRecords) -> Result<Vec<ScoredPassage>> {
        match self {
            Found::Newest { index, all } => collect::newest(index, all, reach),
            Found::Best { shelves, query } => {
                let mut hits = Vec::new();
                for (shelf, weights) in *shelves {
                    hits.append(&mut ranking::top_k(shelf, query, weights, reach, read)?);
                }
                if shelves.len() > 1 {
                    // Stable: of equals the content comes first.
                    hits.sort_by(|one, other| other.score.total_cmp(&one.score));
                    hits.truncate(reach);
                }
                Ok(hits)
            }
        }
    }
}

/// At least as many groups of hits as are wanted, if there are, in order; and whether there are any.
fn groups(
    index: &Index,
    found: &Found,
    pages: &Pages,
    options: &SearchOptions,
    read: &mut LoadedRecords,
) -> Result<(Vec<Group>, bool)> {
    let wanted = options.offset + options.limit;
    let is_plain = options.with_similar && !options.is_grouped;
    // One tells whether there are any.
    let mut reach = if is_plain { wanted.max(1) } else { wanted + LOOKED_BEYOND };
    loop {
        let hits = found.first(reach, read)?;
        let is_all = hits.len() < reach;
        let is_found = !hits.is_empty();
        let hits = if options.is_grouped { pages.first_of_each(hits)? } else { hits };
        let groups = if options.with_similar { fold::apart(&hits) } else { fold::fold(index, &hits)? };
        if is_plain || is_all || groups.len() >= wanted {
            return Ok((groups, is_found));
        }
        reach *= 4;
    }
}

/// Names a passage: the hash of its page in Crockford's base 32, and its place in the page.
pub fn hit_id(stored: &StoredPassage) -> String {
    format!("{}.{}", base32(page_hash(&stored.page.key())), stored.ordinal + 1)
}

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Eight digits for 40 bits.
fn base32(mut number: u64) -> String {
    let mut digits = [0u8; 8];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number & 31) as usize];
        number >>= 5;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// The page hash and the ordinal that a hit's id names; `None` for what is no id.
pub fn parse_hit_id(id: &str) -> Option<(u64, u32)> {
    let (digits, ordinal) = id.split_once('.')?;
    if digits.len() != 8 {
        return None;
    }
    let mut hash = 0u64;
    for digit in digits.bytes() {
        let value = DIGITS.iter().position(|known| *known == digit.to_ascii_lowercase())?;
        hash = hash << 5 | value as u64;
    }
    Some((hash, ordinal.parse::<u32>().ok()?.checked_sub(1)?))
}

fn hit(
    index: &Index,
    sought: &Highlighter,
    shelves: &[(SearchScope, Vec<f64>)],
    options: &SearchOptions,
    rank: usize,
    group: &Group,
    stored: StoredPassage,
) -> Result<Hit> {
    let query = sought.query;
    let is_boilerplate = stored.kind == DocumentKind::Boilerplate;
    let weights = shelves.get(usize::from(is_boilerplate)).map_or(&[][..], |(_, weights)| weights);
    let also = if is_boilerplate { Vec::new() } else { index.copies_of(&stored)? };
    if also.iter().any(|copy| copy.content != stored.content) {
        check_for_damage(index)?;
    }
    let similar = group.similar.iter().map(|scored| index.stored(scored.address)).collect::<Result<Vec<_>>>()?;
    let text = &stored.passage.text;
    let matches = sought.matches(text, stored.standard);
    let is_marked = query.constraint.is_none() && !matches.is_empty();
    let is_unasked = is_boilerplate && !options.with_boilerplate;
    if !query.is_empty() && (is_unasked || !is_marked && held::is_misled(index, query, &stored)) {
        check_for_damage(index)?;
    }
    // A phrase must stand in the passage: it weighs more than any word.
    let phrase_weight = 1.0 + weights.iter().sum::<f64>();
    let weight = |word: usize| weights.get(word).copied().unwrap_or(phrase_weight);
    let shown = stored.title.as_deref().filter(|title| text.starts_with(*title)).map_or(0, str::len);
    let Snippet { text: snippet, marks, places: marked, start } = if options.full {
        snippet::whole(&stored.passage, &matches)
    } else {
        snippet::snippet(&stored.passage, shown, &matches, weight, options.snippet_chars)
    };
    let source_marks = marked.iter().flat_map(|(start, end)| stored.passage.in_source(*start, *end)).collect();
    let line = stored.line.unwrap_or_else(|| stored.passage.line_at(start));
    Ok(Hit {
        v: 1,
        rank,
        id: hit_id(&stored),
        score: rounded(group.best.score),
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
        source_marks,
        passage: stored.passage.text,
        passages: None,
        suggested: None,
        boilerplate: is_boilerplate,
        also: places(index, also),
        similar: places(index, similar),
        why: None,
    })
}

/// The pages of what is stored, each once.
fn places(index: &Index, mut stored: Vec<StoredPassage>) -> Vec<PageLocation> {
    stored.sort_by(|one, other| one.page.cmp(&other.page));
    stored.dedup_by(|one, other| one.page == other.page);
    let place = |stored: StoredPassage| PageLocation {
        path: index.base.show(&stored.page.path),
        record: stored.page.record,
        url: stored.url,
    };
    stored.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        for hash in [0, 1, 31, 32, (1 << 40) - 1, 0x12_3456_789a] {
            assert_eq!(parse_hit_id(&format!("{}.7", base32(hash))), Some((hash, 6)));
        }
        for text in ["", ".", "00000000", "00000000.0", "0000000u.1", "x.1", "seeds/a.txt:3"] {
            assert_eq!(parse_hit_id(text), None, "{text}");
        }
    }
}
