//! Given an index, a query and how many hits are wanted, which passages answer, best first?
//!
//! `rank` scores and orders; here the best become hits with their snippets.

mod filter;
mod fold;
mod pattern;
mod rank;
mod suggest;

pub use filter::unknown_values;
pub use pattern::expand;
pub use suggest::{Suggestion, suggest};

use serde::Serialize;

use fold::Group;
use rank::Shelf;

use crate::error::Result;
use crate::index::{Index, Role, Stored, page_hash};
use crate::norwegian::is_word;
use crate::page::Lang;
use crate::query::Query;
use crate::snippet::{self, Snippet};

/// How many hits, from where on, how long their snippets, and what may be among them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub limit: usize,
    pub offset: usize,
    /// Characters.
    pub snippet_chars: usize,
    /// Also what was dropped from its page as boilerplate.
    pub with_boilerplate: bool,
    /// Hits of pages that are nearly the same each by itself.
    pub with_similar: bool,
}

/// A page that goes with a hit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    pub path: String,
    pub record: Option<String>,
    pub url: Option<String>,
}

/// The hits asked for, and how many passages matched.
#[derive(Debug)]
pub struct Answer {
    pub hits: Vec<Hit>,
    pub matched: usize,
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
    /// The whole passage.
    pub passage: String,
    /// The query that it answers, where that is not what was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested: Option<String>,
    /// The passage was dropped from its page as boilerplate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub boilerplate: bool,
    /// Where else the same page stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Place>,
    /// Pages that are nearly the same and would stand below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<Place>,
}

/// Looked at beyond the hits wanted, for pages that are nearly the same as one of these.
const LOOKED_BEYOND: usize = 10;

/// Answers a query.
pub fn search(index: &Index, query: &Query, options: &Options) -> Result<Answer> {
    let mut expanded;
    let query = if query.patterns.iter().any(|pattern| pattern.forms.is_none()) {
        expanded = query.clone();
        expand(index, &mut expanded, options.with_boilerplate)?;
        &expanded
    } else {
        query
    };
    let wanted = options.offset + options.limit;
    let content = Shelf::of_content(index);
    let weights = rank::weights(&content, query)?;
    let (mut groups, mut matched) = groups(&content, query, &weights, wanted, options.with_similar)?;
    let mut weights_dropped = Vec::new();
    if options.with_boilerplate {
        let dropped = Shelf::of_boilerplate(index);
        weights_dropped = rank::weights(&dropped, query)?;
        let (best, also_matched) = rank::best(&dropped, query, &weights_dropped, wanted)?;
        matched += also_matched;
        groups.extend(fold::apart(&best));
        // Stable: of equals the content comes first.
        groups.sort_by(|one, other| other.best.score.total_cmp(&one.best.score));
    }
    let hits = groups
        .iter()
        .enumerate()
        .take(wanted)
        .skip(options.offset)
        .map(|(place, group)| hit(index, query, [&weights, &weights_dropped], options, place + 1, group))
        .collect::<Result<_>>()?;
    let is_found_in_boilerplate = options.with_boilerplate && matched > 0;
    let suggestion = if is_found_in_boilerplate { None } else { suggest::suggestion(index, query, is_word)? };
    Ok(Answer { hits, matched, suggestion })
}

/// At least as many groups of hits as are wanted, if there are, best first; and how many passages matched in all.
fn groups(
    shelf: &Shelf,
    query: &Query,
    weights: &[f64],
    wanted: usize,
    with_similar: bool,
) -> Result<(Vec<Group>, usize)> {
    if with_similar {
        let (best, matched) = rank::best(shelf, query, weights, wanted)?;
        return Ok((fold::apart(&best), matched));
    }
    let mut reach = wanted + LOOKED_BEYOND;
    loop {
        let (best, matched) = rank::best(shelf, query, weights, reach)?;
        let groups = fold::fold(shelf.index, &best)?;
        if groups.len() >= wanted || best.len() == matched {
            return Ok((groups, matched));
        }
        reach *= 4;
    }
}

/// Names a passage: the hash of its page in Crockford's base 32, and its place in the page.
pub fn hit_id(stored: &Stored) -> String {
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
    query: &Query,
    [of_content, of_boilerplate]: [&[f64]; 2],
    options: &Options,
    rank: usize,
    group: &Group,
) -> Result<Hit> {
    let stored = index.stored(group.best.address)?;
    let is_boilerplate = stored.role == Role::Boilerplate;
    let weights = if is_boilerplate { of_boilerplate } else { of_content };
    let also = if is_boilerplate { Vec::new() } else { index.copies_of(&stored)? };
    let similar = group.similar.iter().map(|scored| index.stored(scored.address)).collect::<Result<Vec<_>>>()?;
    let text = &stored.passage.text;
    let matches = snippet::matches(text, stored.standard, query);
    // A phrase must stand in the passage: it weighs more than any word.
    let phrase_weight = 1.0 + weights.iter().sum::<f64>();
    let weight = |word: usize| weights.get(word).copied().unwrap_or(phrase_weight);
    let shown = stored.title.as_deref().filter(|title| text.starts_with(*title)).map_or(0, str::len);
    let Snippet { text: snippet, marks, start } =
        snippet::snippet(text, shown, &matches, weight, options.snippet_chars);
    let line = stored.line.unwrap_or_else(|| stored.passage.line_at(start));
    Ok(Hit {
        v: 1,
        rank,
        id: hit_id(&stored),
        score: (group.best.score * 1e4).round() / 1e4,
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
        passage: stored.passage.text,
        suggested: None,
        boilerplate: is_boilerplate,
        also: places(index, also),
        similar: places(index, similar),
    })
}

/// The pages of what is stored, each once.
fn places(index: &Index, mut stored: Vec<Stored>) -> Vec<Place> {
    stored.sort_by(|one, other| one.page.cmp(&other.page));
    stored.dedup_by(|one, other| one.page == other.page);
    let place = |stored: Stored| Place {
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
