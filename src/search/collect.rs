//! Given all passages that match, of which pages are they, which are the newest, and how many pages have what in common?
//!
//! A search that asks for none of this doesn't come here. What is read of a passage stands in columns.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;
use serde::Serialize;
use tantivy::columnar::{Column, StrColumn};
use tantivy::fastfield::FastFieldReaders;
use tantivy::{DocAddress, TantivyError};

use super::rank::{self, Scored, Shelf};
use crate::error::Result;
use crate::index::{Index, boilerplate_key};
use crate::query::Query;

/// By what pages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountBy {
    Source,
    Year,
    Lang,
    Site,
}

impl CountBy {
    pub fn name(self) -> &'static str {
        match self {
            CountBy::Source => "source",
            CountBy::Year => "year",
            CountBy::Lang => "lang",
            CountBy::Site => "site",
        }
    }
}

/// How many of the pages that a query finds have which source, year, language or site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facet {
    #[serde(skip)]
    pub by: CountBy,
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
pub fn all(shelves: &[(Shelf, Vec<f64>)], query: &Query) -> Result<Vec<Scored>> {
    let mut found = Vec::new();
    for (shelf, weights) in shelves {
        rank::each_match(shelf, query, weights, |scored| found.push(scored))?;
    }
    Ok(found)
}

/// The first `wanted`, the newest first, those of one day by score and then by page and place, those of no day last.
pub fn newest(index: &Index, all: &[Scored], wanted: usize) -> Result<Vec<Scored>> {
    if wanted == 0 {
        return Ok(Vec::new());
    }
    let mut days = ByPlace::of(index, |fast| fast.column_opt::<u64>("day"));
    let mut dated = Vec::with_capacity(all.len());
    for scored in all {
        let day = days.at(scored.address)?.as_ref().and_then(|column| column.first(scored.address.doc_id));
        dated.push((day.unwrap_or(0), *scored));
    }
    let newer =
        |one: &(u64, Scored), other: &(u64, Scored)| other.0.cmp(&one.0).then(other.1.score.total_cmp(&one.1.score));
    if dated.len() > wanted {
        let (_, last, _) = dated.select_nth_unstable_by(wanted - 1, newer);
        let bound = *last;
        dated.retain(|found| newer(found, &bound).is_le());
    }
    dated.sort_by(newer);
    let mut ordered = Vec::with_capacity(dated.len());
    for of_day in dated.chunk_by(|one, other| one.0 == other.0) {
        let mut of_day: Vec<Scored> = of_day.iter().map(|(_, scored)| *scored).collect();
        rank::order(index, &mut of_day, wanted.saturating_sub(ordered.len()))?;
        ordered.append(&mut of_day);
    }
    ordered.truncate(wanted);
    Ok(ordered)
}

/// The pages of passages, each named by its first document: the passages of a page stand one after the other.
pub struct Pages<'a> {
    columns: ByPlace<'a, (Option<StrColumn>, Column<u64>)>,
    /// What was dropped of a page is of the page too, but may stand elsewhere.
    with_boilerplate: bool,
}

impl<'a> Pages<'a> {
    pub fn of(index: &'a Index, with_boilerplate: bool) -> Pages<'a> {
        let columns = ByPlace::of(index, |fast| Ok((fast.str("page")?, fast.u64("ordinal")?)));
        Pages { columns, with_boilerplate }
    }

    /// The page of a passage.
    pub fn page(&mut self, address: DocAddress) -> Result<DocAddress> {
        let (keys, ordinals) = self.columns.at(address)?;
        let ordinal = ordinals.first(address.doc_id).unwrap_or(0) as u32;
        let Some(first) = address.doc_id.checked_sub(ordinal) else {
            return Ok(address);
        };
        if self.with_boilerplate && first != address.doc_id {
            let (key, key_of_first) = (text(keys, address.doc_id)?, text(keys, first)?);
            if key != key_of_first && key != boilerplate_key(&key_of_first) {
                return Ok(address);
            }
        }
        Ok(DocAddress::new(address.segment_ord, first))
    }

    /// How many of the passages each page has.
    pub fn count(&mut self, all: &[Scored]) -> Result<FxHashMap<DocAddress, u32>> {
        let mut counts = FxHashMap::default();
        for scored in all {
            *counts.entry(self.page(scored.address)?).or_insert(0) += 1;
        }
        Ok(counts)
    }

    /// The first passage of each page, in the same order.
    pub fn first_of_each(&mut self, hits: Vec<Scored>) -> Result<Vec<Scored>> {
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
pub fn facet(index: &Index, by: CountBy, pages: impl Iterator<Item = DocAddress>) -> Result<Facet> {
    let mut without = 0;
    let counts = match by {
        CountBy::Year => {
            let mut days = ByPlace::of(index, |fast| fast.column_opt::<u64>("day"));
            let mut counts: FxHashMap<u64, u64> = FxHashMap::default();
            for page in pages {
                match days.at(page)?.as_ref().and_then(|column| column.first(page.doc_id)) {
                    Some(day) => *counts.entry(day / 10_000).or_insert(0) += 1,
                    None => without += 1,
                }
            }
            counts.into_iter().map(|(year, pages)| ValueCount { value: format!("{year:04}"), pages }).collect()
        }
        _ => {
            let mut columns = ByPlace::of(index, move |fast| fast.str(by.name()));
            // By the number that a value has in its segment; values are read once.
            let mut counts: FxHashMap<(u32, u64), u64> = FxHashMap::default();
            for page in pages {
                match columns.at(page)?.as_ref().and_then(|column| column.term_ords(page.doc_id).next()) {
                    Some(value) => *counts.entry((page.segment_ord, value)).or_insert(0) += 1,
                    None => without += 1,
                }
            }
            let mut of_value: FxHashMap<String, u64> = FxHashMap::default();
            for ((segment, number), pages) in counts {
                let mut value = String::new();
                if let Some(column) = columns.at(DocAddress::new(segment, 0))? {
                    column.ord_to_str(number, &mut value).map_err(TantivyError::from)?;
                }
                *of_value.entry(value).or_insert(0) += pages;
            }
            of_value.into_iter().map(|(value, pages)| ValueCount { value, pages }).collect()
        }
    };
    let mut values: Vec<ValueCount> = counts;
    values.sort_by(|one, other| other.pages.cmp(&one.pages).then_with(|| one.value.cmp(&other.value)));
    let more = values.len().saturating_sub(MAX_VALUES);
    values.truncate(MAX_VALUES);
    Ok(Facet { by, values, more, without })
}

fn text(column: &Option<StrColumn>, doc: u32) -> Result<String> {
    let mut text = String::new();
    if let Some(column) = column
        && let Some(number) = column.term_ords(doc).next()
    {
        column.ord_to_str(number, &mut text).map_err(TantivyError::from)?;
    }
    Ok(text)
}

type Open<'a, C> = Box<dyn Fn(&FastFieldReaders) -> tantivy::Result<C> + 'a>;

/// Columns that are opened once a segment.
struct ByPlace<'a, C> {
    index: &'a Index,
    open: Open<'a, C>,
    columns: HashMap<u32, C>,
}

impl<'a, C> ByPlace<'a, C> {
    fn of(index: &'a Index, open: impl Fn(&FastFieldReaders) -> tantivy::Result<C> + 'a) -> Self {
        ByPlace { index, open: Box::new(open), columns: HashMap::new() }
    }

    fn at(&mut self, address: DocAddress) -> Result<&C> {
        Ok(match self.columns.entry(address.segment_ord) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let fast = self.index.searcher.segment_reader(address.segment_ord).fast_fields();
                unknown.insert((self.open)(fast)?)
            }
        })
    }
}
