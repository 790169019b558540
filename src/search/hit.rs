//! A search hit with the fields of its JSON form (docs/json.md), and hit ids.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ranking::SignalName;
use crate::index::{StoredPassage, page_hash};
use crate::model::Lang;
use crate::snippet::WordMatch;

/// Version of the JSON form of hits and facets.
pub const SCHEMA_VERSION: u32 = 1;

/// A passage that matches a query. Its JSON form is documented in docs/json.md.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// `SCHEMA_VERSION`.
    pub v: u32,
    /// Counted from 1, over all result pages (`SearchOptions::offset` included).
    pub rank: usize,
    /// Identifies the passage for `treff show`; see `hit_id`.
    pub id: String,
    /// Rounded to four decimals.
    pub score: f64,
    pub title: Option<String>,
    /// The first words of the page if it has no title.
    #[serde(skip)]
    pub opening: Option<String>,
    pub heading: Option<String>,
    pub source: Option<String>,
    /// Date of publication, or of the last update if the page states only that; ISO 8601.
    pub date: Option<String>,
    pub updated: Option<String>,
    pub url: Option<String>,
    pub lang: Lang,
    pub path: String,
    /// The record of a `.jsonl` file or the member of an archive.
    pub record: Option<String>,
    /// The line of the page on which the snippet begins; for a record of a `.jsonl` file, the record's line.
    pub line: u32,
    /// First and last line of the passage in its page or record.
    pub lines: (u32, u32),
    pub snippet: String,
    /// Byte ranges of the matches in `snippet`.
    pub marks: Vec<(usize, usize)>,
    /// The matches by their place in the page: line number, and byte range in that line. Empty for formats without
    /// lines (HTML, Markdown).
    pub page_marks: Vec<(u32, usize, usize)>,
    /// Text of the passage.
    pub passage: String,
    /// With `SearchOptions::is_grouped`, the number of passages of the page that match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matching_passages: Option<u32>,
    /// The query that was searched, if it differs from the query that was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_query: Option<String>,
    /// Whether cleaning dropped the passage as boilerplate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub boilerplate: bool,
    /// Other locations of the same page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<PageLocation>,
    /// Near-duplicates of the page that were collapsed into this hit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<PageLocation>,
    /// With `SearchOptions::is_explained`, the parts of the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

impl Hit {
    /// About the number of bytes that its texts, marks and locations take up in JSON.
    pub fn text_bytes(&self) -> usize {
        const MARK: usize = 60;
        const LOCATION: usize = 200;
        let locations = self.copies.len() + self.similar.len();
        self.passage.len() + self.snippet.len() + self.marks.len() * MARK + locations * LOCATION
    }
}

/// Where a copy or near-duplicate of a hit's page is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageLocation {
    pub path: String,
    pub record: Option<String>,
    pub url: Option<String>,
}

/// The parts of a hit's score: `(sum of words[].score + word_order + title_coverage) * factor`.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    pub words: Vec<WordExplanation>,
    /// Score for words that occur in the order of the query.
    pub word_order: f64,
    /// Score for the share of the title's terms that the query contains.
    pub title_coverage: f64,
    /// Less than 1 if other pages of the site contain the same passage, otherwise 1.
    pub factor: f64,
}

/// How a query word or a pattern matched, and its contribution to the score.
#[derive(Clone, Debug, Serialize)]
pub struct WordExplanation {
    /// The exact form of the word, or the pattern as typed.
    pub word: String,
    /// The word that was typed, if `word` is a correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    pub matches: Vec<WordMatch>,
    /// Sum of `signals`.
    pub score: f64,
    /// The signals that contributed, with their scores.
    pub signals: BTreeMap<SignalName, f64>,
}

/// Rounds a score to the four decimals that are shown.
pub(super) fn round_score(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}

/// The id of a passage: the hash of its page in Crockford's base 32, a dot, and the passage's position in the page,
/// counted from 1.
pub fn hit_id(stored: &StoredPassage) -> String {
    format!("{}.{}", base32(page_hash(&stored.page.key())), stored.ordinal + 1)
}

/// Parses a hit id into page hash and passage ordinal (counted from 0). Returns `None` if `id` is not a hit id.
pub fn parse_hit_id(id: &str) -> Option<(u64, u32)> {
    let (digits, position) = id.split_once('.')?;
    // `parse` would accept a sign.
    let is_canonical = position.bytes().all(|byte| byte.is_ascii_digit()) && !position.starts_with('0');
    if digits.len() != 8 || !is_canonical {
        return None;
    }
    let mut hash = 0u64;
    for digit in digits.bytes() {
        let value = DIGITS.iter().position(|known| *known == digit.to_ascii_lowercase())?;
        hash = hash << 5 | value as u64;
    }
    Some((hash, position.parse::<u32>().ok()?.checked_sub(1)?))
}

/// The digits of Crockford's base 32.
pub(super) const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Encodes a 40-bit page hash as eight digits.
fn base32(mut number: u64) -> String {
    let mut digits = [0u8; 8];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number & 31) as usize];
        number >>= 5;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hit_ids_round_trip() {
        for hash in [0, 1, 31, 32, (1 << 40) - 1, 0x12_3456_789a] {
            assert_eq!(parse_hit_id(&format!("{}.7", base32(hash))), Some((hash, 6)));
        }
        for text in [
            "",
            ".",
            "00000000",
            "00000000.0",
            "00000000.01",
            "00000000.+1",
            "00000000.",
            "0000000u.1",
            "x.1",
            "seeds/a.txt:3",
        ] {
            assert_eq!(parse_hit_id(text), None, "{text}");
        }
    }
}
