//! Given all passages that match, of which pages are they, which are the newest, and how many pages have what in common?
//!
//! A search that asks for none of this doesn't come here. What is read of a passage stands in columns.

use rustc_hash::FxHashMap;
use serde::Serialize;
use tantivy::DocAddress;

use super::ranking::{self, ScoredPassage};
use super::scope::SearchScope;
use crate::error::Result;
use crate::index::{Index, NumericColumn, TextColumn, boilerplate_key};
use crate::query::Query;

/// By what pages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FacetField {
    Source,
    Year,
    Lang,
    Site,
}

impl FacetField {
    pub fn name(self) -> &'static str {
        match self {
            FacetField::Source => "source",
            FacetField::Year => "year",
            FacetField::Lang => "lang",
            FacetField::Site => "site",
        }
    }
}

/// How many of the pages that a query finds have which source, year, language or site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FacetCounts {
    #[serde(skip)]
    pub by: FacetField,
    /// The commonest, equals in the order of their names.
    pub values: Vec<ValueCount>,
    /// How many values are left out.
    pub more: usize,
    /// Pages that have none.
    pub without: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueCount {
    pub value: String,
    pub pages: u64,
}

/// More values than anyone reads.
const MAX_VALUES: usize = 10;

/// Every passage that matches on some shelves, each with the weights of the query.
pub fn all(shelves: &[(SearchScope, Vec<f64>)], query: &Query) -> Result<Vec<ScoredPassage>> {
    let mut found = Vec::new();
    for (shelf, weights) in shelves {
        ranking::for_each_match(shelf, query, weights, |scored| found.push(scored))?;
    }
    Ok(found)
}

/// The first `wanted`, the newest first, those of one day by score and then by page and place, those of no day last.
pub fn newest(index: &Index, all: &[ScoredPassage], wanted: usize) -> Result<Vec<ScoredPassage>> {
    if wanted == 0 {
        return Ok(Vec::new());
    }
    let mut dated = Vec::with_capacity(all.len());
    for scored in all {
        let day = index.fast_fields.number(scored.address, NumericColumn::Day)?;
        dated.push((day.unwrap_or(0), *scored));
    }
    let newer = |one: &(u64, ScoredPassage), other: &(u64, ScoredPassage)| {
        other.0.cmp(&one.0).then(other.1.score.total_cmp(&one.1.score))
    };
    if dated.len() > wanted {
        let (_, last, _) = dated.select_nth_unstable_by(wanted - 1, newer);
        let bound = *last;
        dated.retain(|found| newer(found, &bound).is_le());
    }
    dated.sort_by(newer);
    let mut ordered = Vec::with_capacity(dated.len());
    for of_day in dated.chunk_by(|one, other| one.0 == other.0) {
        let mut of_day: Vec<ScoredPassage> = of_day.iter().map(|(_, scored)| *scored).collect();
        ranking::sort_top(index, &mut of_day, wanted.saturating_sub(ordered.len()))?;
        ordered.append(&mut of_day);
    }
    ordered.truncate(wanted);
    Ok(ordered)
}

/// The pages of passages, each named by its first document: the passages of a page stand one after the other.
pub struct Pages<'a> {
    index: &'a Index,
    /// What was dropped of a page is of the page too, but may stand elsewhere.
    with_boilerplate: bool,
}

impl<'a> Pages<'a> {
    pub fn of(index: &'a Index, with_boilerplate: bool) -> Pages<'a> {
        Pages { index, with_boilerplate }
    }

    /// The page of a passage.
    pub fn page(&self, address: DocAddress) -> Result<DocAddress> {
        let first = self.index.fast_fields.page_spans(address.segment_ord)?.first(address.doc_id);
        if self.with_boilerplate && first != address.doc_id {
            let key = self.index.fast_fields.text(address, TextColumn::Page)?;
            let key_of_first =
                self.index.fast_fields.text(DocAddress::new(address.segment_ord, first), TextColumn::Page)?;
            if key != key_of_first && key != boilerplate_key(&key_of_first) {
                return Ok(address);
            }
        }
        Ok(DocAddress::new(address.segment_ord, first))
    }

    /// How many of the passages each page has.
    pub fn count(&self, all: &[ScoredPassage]) -> Result<FxHashMap<DocAddress, u32>> {
        let mut counts = FxHashMap::default();
        for scored in all {
            *counts.entry(self.page(scored.address)?).or_insert(0) += 1;
        }
        Ok(counts)
    }

    /// The first passage of each page, in the same order.
    pub fn first_of_each(&self, hits: Vec<ScoredPassage>) -> Result<Vec<ScoredPassage>> {
        let mut seen = FxHashMap::default();
        let mut kept = Vec::new();
        for hit in hits {
            if seen.insert(self.page(hit.address)?, ()).is_none() {
                kept.push(hit);
            }
        }
        Ok(kept)
    }
}

/// What the pages have in common.
pub fn facet(index: &Index, by: FacetField, pages: impl Iterator<Item = DocAddress>) -> Result<FacetCounts> {
    let text = match by {
        FacetField::Source => Some(TextColumn::Source),
        FacetField::Lang => Some(TextColumn::Lang),
        FacetField::Site => Some(TextColumn::Site),
        FacetField::Year => None,
    };
    let mut without = 0;
    // By the number that a value has in its segment; values are read once.
    let mut counts: FxHashMap<(u32, u64), u64> = FxHashMap::default();
    for page in pages {
        let number = match text {
            Some(text) => index.fast_fields.text_ordinal(page, text)?,
            None => index.fast_fields.number(page, NumericColumn::Day)?.map(|day| day / 10_000),
        };
        match number {
            Some(number) => *counts.entry((page.segment_ord, number)).or_insert(0) += 1,
            None => without += 1,
        }
    }
    let mut of_value: FxHashMap<String, u64> = FxHashMap::default();
    for ((segment, number), pages) in counts {
        let value = match text {
            Some(text) => index.fast_fields.text_of_ordinal(segment, text, number)?,
            None => format!("{number:04}"),
        };
        *of_value.entry(value).or_insert(0) += pages;
    }
    let mut values: Vec<ValueCount> = of_value.into_iter().map(|(value, pages)| ValueCount { value, pages }).collect();
    values.sort_by(|one, other| other.pages.cmp(&one.pages).then_with(|| one.value.cmp(&other.value)));
    let more = values.len().saturating_sub(MAX_VALUES);
    values.truncate(MAX_VALUES);
    Ok(FacetCounts { by, values, more, without })
}
