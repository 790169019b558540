//! Counts matching pages by source, year, language or site, from fast fields.

use rustc_hash::FxHashMap;
use serde::Serialize;
use tantivy::DocAddress;

use crate::error::Result;
use crate::index::{Index, NumericColumn, TextColumn};

/// A field that pages are counted by.
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

/// Number of matching pages by value of one field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FacetCounts {
    #[serde(skip)]
    pub field: FacetField,
    /// The most frequent values; equally frequent ones in alphabetical order.
    pub values: Vec<ValueCount>,
    /// Number of values that are not listed.
    pub more: usize,
    /// Number of pages without a value.
    pub without: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueCount {
    pub value: String,
    pub pages: u64,
}

/// Maximum number of values listed; nobody reads longer lists.
const MAX_VALUES: usize = 10;

/// Counts pages by the values of a field. A page is given by the address of its first passage.
pub fn count_by(index: &Index, field: FacetField, pages: impl Iterator<Item = DocAddress>) -> Result<FacetCounts> {
    let column = match field {
        FacetField::Source => Some(TextColumn::Source),
        FacetField::Lang => Some(TextColumn::Lang),
        FacetField::Site => Some(TextColumn::Site),
        FacetField::Year => None,
    };
    let mut without = 0;
    // Keyed by segment and term ordinal (or year), so that each value is read from its dictionary only once.
    let mut by_ordinal: FxHashMap<(u32, u64), u64> = FxHashMap::default();
    for page in pages {
        let ordinal = match column {
            Some(column) => index.fast_fields.text_ordinal(page, column)?,
            None => index.fast_fields.number(page, NumericColumn::Day)?.map(|day| day / 10_000),
        };
        match ordinal {
            Some(ordinal) => *by_ordinal.entry((page.segment_ord, ordinal)).or_insert(0) += 1,
            None => without += 1,
        }
    }
    let mut by_value: FxHashMap<String, u64> = FxHashMap::default();
    for ((segment, ordinal), pages) in by_ordinal {
        let value = match column {
            Some(column) => index.fast_fields.text_of_ordinal(segment, column, ordinal)?,
            None => format!("{ordinal:04}"),
        };
        *by_value.entry(value).or_insert(0) += pages;
    }
    let mut values: Vec<ValueCount> = by_value.into_iter().map(|(value, pages)| ValueCount { value, pages }).collect();
    values.sort_by(|one, other| other.pages.cmp(&one.pages).then_with(|| one.value.cmp(&other.value)));
    let more = values.len().saturating_sub(MAX_VALUES);
    values.truncate(MAX_VALUES);
    Ok(FacetCounts { field, values, more, without })
}
