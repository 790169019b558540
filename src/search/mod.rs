//! Given an index, a query and how many hits are wanted, which passages answer, best first?
//!
//! `rank` scores and orders; here the best become hits with their snippets.

mod rank;
mod suggest;

pub use suggest::{Suggestion, suggest};

use serde::Serialize;

use crate::error::Result;
use crate::index::{Index, Stored, page_hash};
use crate::norwegian::is_word;
use crate::page::Lang;
use crate::query::Query;
use crate::snippet::{self, Snippet};

/// How many hits, from where on, and how long their snippets.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub limit: usize,
    pub offset: usize,
    /// Characters.
    pub snippet_chars: usize,
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
}

/// Answers a query.
pub fn search(index: &Index, query: &Query, options: &Options) -> Result<Answer> {
    let weights = rank::weights(index, query)?;
    let (best, matched) = rank::best(index, query, &weights, options.offset + options.limit)?;
    let hits = best
        .iter()
        .enumerate()
        .skip(options.offset)
        .map(|(place, scored)| hit(index, query, &weights, options, place + 1, scored))
        .collect::<Result<_>>()?;
    let suggestion = suggest::suggestion(index, query, is_word)?;
    Ok(Answer { hits, matched, suggestion })
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
    weights: &[f64],
    options: &Options,
    rank: usize,
    scored: &rank::Scored,
) -> Result<Hit> {
    let stored = index.stored(scored.address)?;
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
        score: (scored.score * 1e4).round() / 1e4,
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
    })
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
