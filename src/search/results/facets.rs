//! Counts matching pages by source, year, language or site, from fast fields.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;
use serde::Serialize;
use tantivy::DocAddress;

use crate::error::Result;
use crate::index::{Index, NumericColumn, TextColumn};
use crate::query::{Filter, FilterField, comparable_host, comparable_source, comparable_text};
use crate::search::interrupt::StopCheck;

/// A field that pages are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FacetField {
    Source,
    Year,
    Lang,
    Site,
}

impl FacetField {
    pub const ALL: [FacetField; 4] = [FacetField::Source, FacetField::Year, FacetField::Lang, FacetField::Site];

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
    /// Number of pages without a value that a filter could have.
    pub without: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueCount {
    pub value: String,
    pub pages: u64,
}

/// Maximum number of values listed; nobody reads longer lists.
const MAX_VALUES: usize = 10;

/// Counts pages by the values of a field. A page is given by the address of its first passage. The
/// counts are incomplete if the search is canceled.
pub fn count_by(
    index: &Index,
    field: FacetField,
    pages: impl Iterator<Item = DocAddress>,
    stop: &StopCheck,
) -> Result<FacetCounts> {
    let column = match field {
        FacetField::Source => Some(TextColumn::Source),
        FacetField::Lang => Some(TextColumn::Lang),
        FacetField::Site => Some(TextColumn::Site),
        FacetField::Year => None,
    };
    let mut without = 0;
    // Keyed by segment and term ordinal (or year), so that each value is read from its dictionary only once.
    let mut by_ordinal: FxHashMap<(u32, u64), u64> = FxHashMap::default();
    for (number, page) in pages.enumerate() {
        if stop.is_canceled_at(number) {
            break;
        }
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
        if field == FacetField::Source && Filter::parse(FilterField::Source, &value).is_err() {
            // Without letters and digits, it can't be a filter.
            without += pages;
            continue;
        }
        *by_value.entry(value).or_insert(0) += pages;
    }
    let mut values = merge_spellings(field, by_value.into_iter());
    values.sort_by(by_frequency);
    let more = values.len().saturating_sub(MAX_VALUES);
    values.truncate(MAX_VALUES);
    Ok(FacetCounts { field, values, more, without })
}

/// Merges the counts of values that a filter doesn't distinguish. A source is shown in the spelling that most pages
/// use. Among equally frequent spellings, the last in byte order is used, which prefers lower-case and composed
/// letters. A site with several spellings is shown in its comparable form. So is a source with several spellings, if
/// the most frequent one is an encoded host name (`xn--`).
fn merge_spellings(field: FacetField, by_value: impl Iterator<Item = (String, u64)>) -> Vec<ValueCount> {
    let mut by_key: FxHashMap<String, Vec<ValueCount>> = FxHashMap::default();
    for (value, pages) in by_value {
        let key = match field {
            FacetField::Site => comparable_host(&value),
            FacetField::Source => comparable_source(&value),
            FacetField::Year | FacetField::Lang => comparable_text(&value),
        };
        by_key.entry(key.into_owned()).or_default().push(ValueCount { value, pages });
    }
    let merge = |(key, spellings): (String, Vec<ValueCount>)| {
        let pages = spellings.iter().map(|spelling| spelling.pages).sum();
        let has_several = spellings.len() > 1;
        let best =
            spellings.into_iter().max_by(|one, other| (one.pages, &one.value).cmp(&(other.pages, &other.value)))?;
        let is_encoded = best.value.to_ascii_lowercase().contains("xn--");
        let value = match field {
            FacetField::Site if has_several => key,
            FacetField::Source if has_several && is_encoded => key,
            _ => best.value,
        };
        Some(ValueCount { value, pages })
    };
    by_key.into_iter().filter_map(merge).collect()
}

/// The most frequent first, then in alphabetical order.
fn by_frequency(one: &ValueCount, other: &ValueCount) -> Ordering {
    other.pages.cmp(&one.pages).then_with(|| one.value.cmp(&other.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_spellings_of_a_value_together() {
        let check = |field: FacetField, values: &[(&str, u64)], expected: &[(&str, u64)]| {
            let mut merged = merge_spellings(field, values.iter().map(|(value, pages)| (value.to_string(), *pages)));
            merged.sort_by(by_frequency);
            let merged: Vec<_> = merged.iter().map(|count| (count.value.as_str(), count.pages)).collect();
            assert_eq!(merged, expected);
        };
        check(FacetField::Site, &[("blåbær.no", 1), ("xn--blbr-roah.no", 2)], &[("blåbær.no", 3)]);
        check(FacetField::Site, &[("ssb.no.", 1), ("ssb.no", 1), ("nav.no", 1)], &[("ssb.no", 2), ("nav.no", 1)]);
        check(FacetField::Source, &[("blåbær.no", 1), ("xn--blbr-roah.no", 1)], &[("blåbær.no", 2)]);
        check(FacetField::Source, &[("blåbær.no", 2), ("XN--BLBR-ROAH.NO", 1)], &[("blåbær.no", 3)]);
        check(FacetField::Source, &[("xn--blbr-roah.no", 1), ("nrk.no", 1)], &[("nrk.no", 1), ("xn--blbr-roah.no", 1)]);
        let sources = [("Ålesund kommune", 2), ("A\u{30a}lesund kommune", 1), ("ÅLESUND KOMMUNE", 1), ("Alesund", 1)];
        check(FacetField::Source, &sources, &[("Ålesund kommune", 4), ("Alesund", 1)]);
    }
}
