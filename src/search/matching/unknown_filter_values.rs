//! For filters that no page passes, finds the nearest values in the index by edit distance.

use super::value_set::{PathFilter, for_each_value, text_column};
use crate::error::Result;
use crate::index::{Index, NumericColumn};
use crate::query::{Constraint, Filter, Query, comparable_text};

/// Maximum number of values that a message names.
const MAX_NAMED: usize = 5;

/// One sentence for each filter of the query that no page of the index passes, naming the nearest values that pages
/// have. Equal sentences are returned once.
pub fn unknown_filter_values(index: &Index, query: &Query) -> Result<Vec<String>> {
    let filters = query.constraint.as_ref().map(Constraint::filters).unwrap_or_default();
    let mut sentences: Vec<String> = Vec::new();
    for filter in filters {
        let sentence = unknown_value(index, filter)?.filter(|sentence| !sentences.contains(sentence));
        sentences.extend(sentence);
    }
    Ok(sentences)
}

fn unknown_value(index: &Index, filter: &Filter) -> Result<Option<String>> {
    let (typed, field, verb) = match filter {
        Filter::Days(days) => return unknown_days(index, *days.start(), *days.end()),
        Filter::Source(words) => (words.join(" "), "source", "has"),
        Filter::Site(site) => (site.clone(), "site", "is from"),
        Filter::Path(path) => (path.clone(), "path", "has"),
        Filter::Lang(codes) => (codes.join(" or "), "language", "is in"),
    };
    let mut paths = PathFilter::new(index, filter);
    let mut known: Vec<String> = Vec::new();
    let mut any_passes = false;
    for (segment_ord, segment) in (0u32..).zip(index.searcher.segment_readers()) {
        let Some(column) = text_column(index, segment_ord, filter.field())? else {
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
    if known.is_empty() {
        return Ok(Some(format!("no page in the index has a {field}")));
    }
    known.sort_by_cached_key(|value| (distance(&typed, &comparable_text(value)), value.clone()));
    known.dedup();
    let more = if known.len() > MAX_NAMED { ", …" } else { "" };
    known.truncate(MAX_NAMED);
    Ok(Some(format!("no page {verb} the {field} \"{typed}\"; {field}s in the index: {}{more}", known.join(", "))))
}

fn unknown_days(index: &Index, from: u64, to: u64) -> Result<Option<String>> {
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
    Ok(Some(if last == 0 {
        "no page in the index has a date".to_string()
    } else {
        format!("no page is from these dates; the index has pages from {} to {}", date(first), date(last))
    }))
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
