//! Given an index, a query and how many hits are wanted, which passages answer, best first?
//!
//! Two phases. tantivy finds the candidates that its BM25 puts first; these are then scored exactly, in an
//! order of arithmetic that doesn't depend on how the index is divided into segments, and ordered by score,
//! page and place. So an index that followed its pages answers as one built afresh.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use serde::Serialize;
use tantivy::columnar::{Column, StrColumn};
use tantivy::postings::Postings;
use tantivy::query::{EnableScoring, Query as _};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet, Score, SegmentReader, TERMINATED, Term};

use crate::error::Result;
use crate::index::{Index, Stored, page_hash};
use crate::page::Lang;
use crate::query::{EXACT_WEIGHT, Query, Word};
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
    /// More passages matched than were counted.
    pub matched_more: bool,
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
    /// The record of a `.jsonl` file.
    pub record: Option<String>,
    /// The line of the file on which the snippet begins; for a record the line of the record.
    pub line: u32,
    /// First and last line of the passage; for a record counted in its text.
    pub lines: (u32, u32),
    pub snippet: String,
    /// Byte ranges of `snippet` that matched.
    pub marks: Vec<(usize, usize)>,
    /// The whole passage.
    pub passage: String,
}

/// BM25's saturation and length parameters, and the weights below: chosen by nDCG@10 on the first 1,000
/// development questions of NorQuAD (CC0) among 61,488 passages, each value changed alone and then k1 and b
/// together (November 2026). Smaller k1 and b did better still there, but passages of that set are of one
/// length, and pages in general are not.
const K1: f64 = 0.6;
const B: f64 = 0.2;
/// A stop word's part of the score of a passage that other words have found. Of 0, 0.2 and 0.5 the middle one:
/// full questions gain a little with more, Nynorsk ones lose.
const STOP_WEIGHT: f64 = 0.2;
/// What words of the title and the heading add. Of 0, 0.2, 0.5 and 1 the second.
const CONTEXT_WEIGHT: f64 = 0.2;
/// Words of a title and a heading together, about; their length hardly tells passages apart.
const CONTEXT_WORDS: f64 = 10.0;
/// Candidates that are scored exactly; twice what is asked for when that is more.
const CANDIDATES: usize = 200;
/// Scores this close may be one score, added up in another order.
const ROUNDING: f32 = 1e-5;

/// Answers a query.
pub fn search(index: &Index, query: &Query, options: &Options) -> Result<Answer> {
    let wanted = options.offset + options.limit;
    let most = CANDIDATES.max(2 * wanted);
    let (mut candidates, matched_more) = find(index, query, most)?;
    let scorers = scorers(index, query)?;
    score(index, &scorers, &mut candidates)?;
    let mut places = Places::new(index);
    if candidates.len() > most {
        // Only who shares the last place matters here.
        order(&mut places, &mut candidates, most - 1..most, |candidate| candidate.first)?;
        candidates.truncate(most);
    }
    order(&mut places, &mut candidates, 0..wanted, |candidate| candidate.score)?;
    let weights: Vec<f64> = query
        .finding_words()
        .map(|word| idf(index, Term::from_field_text(index.fields.stem, &word.stem)))
        .collect::<Result<_>>()?;
    let hits = candidates
        .iter()
        .enumerate()
        .skip(options.offset)
        .take(options.limit)
        .map(|(place, candidate)| hit(index, query, &weights, options, place + 1, candidate))
        .collect::<Result<_>>()?;
    Ok(Answer { hits, matched: candidates.len(), matched_more })
}

struct Candidate {
    segment: u32,
    doc: u32,
    /// The score by which it was found, computed again in a fixed order.
    first: f64,
    score: f64,
}

/// The documents whose score is among the highest `most`, with all that may share the last place; and whether
/// there are others.
fn find(index: &Index, query: &Query, most: usize) -> Result<(Vec<Candidate>, bool)> {
    let scoring = EnableScoring::enabled_from_statistics_provider(index, &index.searcher);
    let weight = query.candidates(&index.fields).weight(scoring)?;
    let mut found: Vec<(Score, u32, u32)> = Vec::new();
    let mut threshold = Score::MIN;
    let mut full_at = 2 * most;
    for (number, segment) in (0u32..).zip(index.searcher.segment_readers()) {
        weight.for_each_pruning(threshold, segment, &mut |doc, score| {
            if !segment.is_deleted(doc) {
                found.push((score, number, doc));
                if found.len() >= full_at {
                    threshold = keep_highest(&mut found, most);
                    full_at = (2 * most).max(found.len() * 2);
                }
            }
            threshold
        })?;
    }
    let is_more = found.len() > most || threshold > Score::MIN;
    if found.len() > most {
        keep_highest(&mut found, most);
    }
    let candidate = |(_, segment, doc)| Candidate { segment, doc, first: 0.0, score: 0.0 };
    Ok((found.into_iter().map(candidate).collect(), is_more))
}

/// Drops what is below the `most` highest by more than rounding, and gives that bound.
fn keep_highest(found: &mut Vec<(Score, u32, u32)>, most: usize) -> Score {
    let (_, last, _) = found.select_nth_unstable_by(most - 1, |one, other| other.0.total_cmp(&one.0));
    let bound = last.0 - last.0.abs() * ROUNDING;
    found.retain(|(score, _, _)| *score >= bound);
    // for_each_pruning passes what is above the threshold; the bound itself must pass too.
    bound.next_down()
}

/// A term of the query in one field, and what a match of it gives.
struct Scorer {
    term: Term,
    idf: f64,
    /// In the score that found the candidates: k1 and b are tantivy's.
    first_weight: f64,
    weight: f64,
    average_length: f64,
}

/// k1 and b of tantivy's BM25, which are fixed.
const FIRST_K1: f64 = 1.2;
const FIRST_B: f64 = 0.75;

fn scorers(index: &Index, query: &Query) -> Result<Vec<Scorer>> {
    let fields = &index.fields;
    let length = (index.words.max(1)) as f64 / (index.passages.max(1)) as f64;
    let finding: Vec<&Word> = query.finding_words().collect();
    let mut scorers = Vec::new();
    for word in &query.words {
        let finds = finding.contains(&word);
        let part = if finds { 1.0 } else { STOP_WEIGHT };
        for (field, text, weight, average_length) in [
            (fields.exact, &word.exact, f64::from(EXACT_WEIGHT), length),
            (fields.stem, &word.stem, 1.0, length),
            (fields.context, &word.stem, CONTEXT_WEIGHT, CONTEXT_WORDS),
        ] {
            if !finds && field == fields.context {
                continue;
            }
            let term = Term::from_field_text(field, text);
            // Rarity is a word's, wherever it stands: a context's own counts are those of few words.
            let counted = if field == fields.context { Term::from_field_text(fields.stem, text) } else { term.clone() };
            scorers.push(Scorer {
                idf: idf(index, counted)?,
                term,
                first_weight: if finds && field != fields.context { weight } else { 0.0 },
                weight: weight * part,
                average_length,
            });
        }
    }
    Ok(scorers)
}

/// Robertson and Spärck Jones' inverse document frequency as Lucene and tantivy have it, never negative.
fn idf(index: &Index, term: Term) -> Result<f64> {
    let holding = index.doc_freq_alive(&term)? as f64;
    let all = index.passages.max(1) as f64;
    Ok((1.0 + (all - holding + 0.5) / (holding + 0.5)).ln())
}

fn bm25(k1: f64, b: f64, frequency: f64, length: f64, average: f64) -> f64 {
    frequency * (k1 + 1.0) / (frequency + k1 * (1.0 - b + b * length / average))
}

fn score(index: &Index, scorers: &[Scorer], candidates: &mut [Candidate]) -> Result<()> {
    candidates.sort_by_key(|candidate| (candidate.segment, candidate.doc));
    for of_segment in candidates.chunk_by_mut(|one, other| one.segment == other.segment) {
        let segment = index.searcher.segment_reader(of_segment[0].segment);
        for scorer in scorers {
            score_term(segment, scorer, of_segment)?;
        }
    }
    Ok(())
}

fn score_term(segment: &SegmentReader, scorer: &Scorer, candidates: &mut [Candidate]) -> Result<()> {
    let field: Field = scorer.term.field();
    let postings = segment
        .inverted_index(field)?
        .read_postings(&scorer.term, IndexRecordOption::WithFreqs)
        .map_err(tantivy::TantivyError::from)?;
    let Some(mut postings) = postings else {
        return Ok(());
    };
    let lengths = segment.get_fieldnorms_reader(field)?;
    for candidate in candidates {
        if postings.doc() < candidate.doc {
            postings.seek(candidate.doc);
        }
        if postings.doc() == TERMINATED {
            break;
        }
        if postings.doc() != candidate.doc {
            continue;
        }
        let frequency = f64::from(postings.term_freq());
        let length = f64::from(lengths.fieldnorm(candidate.doc));
        let average = scorer.average_length;
        candidate.first += scorer.first_weight * scorer.idf * bm25(FIRST_K1, FIRST_B, frequency, length, average);
        candidate.score += scorer.weight * scorer.idf * bm25(K1, B, frequency, length, average);
    }
    Ok(())
}

/// Orders by score; equals that concern the places of `range` by page and place in the page.
fn order(
    places: &mut Places,
    candidates: &mut Vec<Candidate>,
    range: Range<usize>,
    score: impl Fn(&Candidate) -> f64,
) -> Result<()> {
    candidates.sort_by(|one, other| score(other).total_cmp(&score(one)));
    let mut start = 0;
    while start < candidates.len().min(range.end) {
        let mut end = start + 1;
        while end < candidates.len() && score(&candidates[end]) == score(&candidates[start]) {
            end += 1;
        }
        if end - start > 1 && end > range.start {
            let equals = candidates.splice(start..end, []).collect::<Vec<_>>();
            let mut placed: Vec<_> =
                equals.into_iter().map(|candidate| Ok((places.of(&candidate)?, candidate))).collect::<Result<_>>()?;
            placed.sort_by(|one, other| one.0.cmp(&other.0));
            candidates.splice(start..start, placed.into_iter().map(|(_, candidate)| candidate));
        }
        start = end;
    }
    Ok(())
}

/// Reads where passages stand, from the fast fields; their columns are opened once a segment.
struct Places<'a> {
    index: &'a Index,
    columns: HashMap<u32, (Option<StrColumn>, Column<u64>)>,
}

impl<'a> Places<'a> {
    fn new(index: &'a Index) -> Places<'a> {
        Places { index, columns: HashMap::new() }
    }

    /// A passage's page, and its place in it.
    fn of(&mut self, candidate: &Candidate) -> Result<(String, u64)> {
        let (pages, ordinals) = match self.columns.entry(candidate.segment) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let fast = self.index.searcher.segment_reader(candidate.segment).fast_fields();
                unknown.insert((fast.str("page")?, fast.u64("ordinal")?))
            }
        };
        let mut page = String::new();
        if let Some(pages) = pages
            && let Some(term) = pages.term_ords(candidate.doc).next()
        {
            pages.ord_to_str(term, &mut page).map_err(tantivy::TantivyError::from)?;
        }
        Ok((page, ordinals.first(candidate.doc).unwrap_or(0)))
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
    weights: &[f64],
    options: &Options,
    rank: usize,
    candidate: &Candidate,
) -> Result<Hit> {
    let stored = index.stored(DocAddress::new(candidate.segment, candidate.doc))?;
    let text = &stored.passage.text;
    let matches = snippet::matches(text, query);
    // A phrase must stand in the passage: it weighs more than any word.
    let phrase_weight = 1.0 + weights.iter().sum::<f64>();
    let weight = |word: usize| weights.get(word).copied().unwrap_or(phrase_weight);
    let shown = stored.title.as_deref().filter(|title| text.starts_with(*title)).map_or(0, str::len);
    let Snippet { text: snippet, marks, start } =
        snippet::snippet(text, shown, &matches, weight, options.snippet_chars);
    let line = match stored.page.record {
        Some(_) => stored.first_line,
        None => stored.passage.line_at(start),
    };
    Ok(Hit {
        v: 1,
        rank,
        id: hit_id(&stored),
        score: (candidate.score * 1e4).round() / 1e4,
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
