//! For filters that no page passes, finds the nearest values in the index by edit distance.

use super::value_set::{PathFilter, for_each_value, text_column};
use crate::error::Result;
use crate::index::{Index, NumericColumn};
use crate::query::{Constraint, Filter, FilterField, Query, comparable_text};

/// Maximum number of values that a message names.
const MAX_NAMED: usize = 5;

/// A filter that no page of the index passes. `Display` writes it as a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownFilterValue {
    pub field: FilterField,
    /// The value in its comparable form; empty for dates.
    pub value: String,
    /// The nearest values that pages have, nearest first; for dates, the first and the last day in ISO 8601. Empty if no
    /// page has a value of this field.
    pub nearest: Vec<String>,
    /// Whether pages have other values, too.
    pub has_more: bool,
}

impl std::fmt::Display for UnknownFilterValue {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let (field, verb) = match self.field {
            FilterField::Source => ("source", "has"),
            FilterField::Site => ("site", "is from"),
            FilterField::Path => ("path", "has"),
            FilterField::Lang => ("language", "is in"),
            FilterField::Date => ("date", "has"),
        };
        let UnknownFilterValue { value, nearest, has_more, .. } = self;
        match nearest.as_slice() {
            [] => write!(f, "no page in the index has a {field}"),
            [first, last] if self.field == FilterField::Date => {
                write!(f, "no page is from these dates; the index has pages from {first} to {last}")
            }
            _ => {
                let more = if *has_more { ", …" } else { "" };
                write!(f, "no page {verb} the {field} \"{value}\"; {field}s in the index: {}{more}", nearest.join(", "))
            }
        }
    }
}

/// The filters of the query that no page of the index passes, each once.
pub fn unknown_filter_values(index: &Index, query: &Query) -> Result<Vec<UnknownFilterValue>> {
    let filters = query.constraint.as_ref().map(Constraint::filters).unwrap_or_default();
    let mut unknown: Vec<UnknownFilterValue> = Vec::new();
    for filter in filters {
        let found = unknown_value(index, filter)?.filter(|found| !unknown.contains(found));
        unknown.extend(found);
    }
    Ok(unknown)
}

fn unknown_value(index: &Index, filter: &Filter) -> Result<Option<UnknownFilterValue>> {
    let field = filter.field();
    let value = match filter {
        Filter::Days(days) => return unknown_days(index, *days.start(), *days.end()),
        Filter::Source(words) => words.join(" "),
        Filter::Site(site) => site.clone(),
        Filter::Path(path) => path.clone(),
        Filter::Lang(codes) => codes.join(" or "),
    };
    let mut paths = PathFilter::new(index, filter);
    let mut known: Vec<String> = Vec::new();
    let mut any_passes = false;
    for (segment_ord, segment) in (0u32..).zip(index.searcher.segment_readers()) {
        let Some(column) = text_column(index, segment_ord, field)? else {
            continue;
        };
        let is_path = matches!(filter, Filter::Path(_));
        let mut is_alive = vec![false; column.num_terms()];
        for doc in segment.doc_ids_alive() {
            column.term_ords(doc).for_each(|ordinal| is_alive[ordinal as usize] = true);
        }
        let mut ordinal = 0;
        for_each_value(column, |value| {
            if is_alive[ordinal] {
                any_passes |= if is_path { paths.passes(value) } else { filter.matches(value) };
                known.push(if is_path { paths.shown(value) } else { value.to_string() });
            }
            ordinal += 1;
        })?;
    }
    if any_passes {
        return Ok(None);
    }
    known.sort_by_cached_key(|known| (distance(&value, &comparable_text(known)), known.clone()));
    known.dedup();
    let has_more = known.len() > MAX_NAMED;
    known.truncate(MAX_NAMED);
    Ok(Some(UnknownFilterValue { field, value, nearest: known, has_more }))
}

fn unknown_days(index: &Index, from: u64, to: u64) -> Result<Option<UnknownFilterValue>> {
    let (mut first, mut last) = (u64::MAX, 0);
    for (segment_ord, segment) in (0u32..).zip(index.searcher.segment_readers()) {
        let Some(column) = index.fast_fields.numeric_column(segment_ord, NumericColumn::Day)? else {
            continue;
        };
        for day in segment.doc_ids_alive().filter_map(|doc| column.first(doc)) {
            if (from..=to).contains(&day) {
                return Ok(None);
            }
            (first, last) = (first.min(day), last.max(day));
        }
    }
    let date = |day: u64| format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100);
    let nearest = if last == 0 { Vec::new() } else { vec![date(first), date(last)] };
    Ok(Some(UnknownFilterValue { field: FilterField::Date, value: String::new(), nearest, has_more: false }))
}

/// The smallest edit distance between what was typed and a word of a value, or the whole value.
fn distance(typed: &str, value: &str) -> usize {
    let words = value.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.chain([value]).map(|word| levenshtein(typed, word)).min().unwrap_or(usize::MAX)
}

/// Levenshtein distance in characters, with one row of the matrix.
fn levenshtein(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, c) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, d) in other.iter().enumerate() {
            let substituted = diagonal + usize::from(c != *d);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_the_distance_to_the_nearest_word() {
        assert_eq!(distance("ipso", "rapport fra ipsos"), 1);
        assert_eq!(distance("ipsos", "ipsos"), 0);
        assert_eq!(levenshtein("", "abc"), 3);
        assert_eq!(levenshtein("skoel", "skole"), 2);
    }
}
