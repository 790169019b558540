//! Reranks the best passages by the scores of their pages, the order in which they contain the query words, the share
//! of their titles that the query contains, and the character trigrams of their texts.
//!
//! These signals are too slow to compute for every passage that matches. They only add to scores, so passages that
//! aren't reranked stay below those that are.

use std::collections::HashMap;

use rustc_hash::FxHashMap;
use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, SegmentReader, Term};

use super::bm25::{lowest_idf, page_length_norm, page_weight, term_score};
use super::signals::{Signal, SignalName};
use super::tie_break::{partition_top, sort_top};
use super::top_k::{RankStage, ScoredPassage};
use super::trigrams::{TrigramSet, TrigramWord, trigram_scores, trigrams};
use super::weights::{
    PAGE, PAGE_LEAD, SYNONYM_FLOOR, TITLE_COVERAGE, TITLE_FULL_IDF, TRIGRAM_DEPTH, TRIGRAM_FLOOR, TRIGRAMS, WORD_ORDER,
    WORD_ORDER_HALF,
};
use crate::error::Result;
use crate::index::SerializedPassage;
use crate::query::{Phrase, Query, QueryWord, Synonym};
use crate::search::matching::{PostingsCursor, open_postings, seek};
use crate::search::scope::SearchScope;

/// Passages whose text was loaded.
pub type LoadedPassages = FxHashMap<DocAddress, SerializedPassage>;

/// Adds the signals of the second stage to the scores of the passages in `best`, and sorts the first `k` of them. If the
/// search is stopped meanwhile, the other passages keep their scores.
pub fn rerank(
    scope: &SearchScope,
    query: &Query,
    idfs: &[f64],
    signals: &[Signal],
    best: &mut [ScoredPassage],
    k: usize,
    loaded: &mut LoadedPassages,
) -> Result<()> {
    let mut trigram_floors_of: HashMap<DocAddress, Vec<f64>> = HashMap::new();
    let mut by_address: Vec<&mut ScoredPassage> = best.iter_mut().collect();
    by_address.sort_by_key(|scored| scored.address);
    for in_segment in by_address.chunk_by_mut(|one, other| one.address.segment_ord == other.address.segment_ord) {
        let Some(segment_ord) = in_segment.first().map(|scored| scored.address.segment_ord) else {
            continue;
        };
        let docs: Vec<DocId> = in_segment.iter().map(|scored| scored.address.doc_id).collect();
        let page_scores = page_scores(scope, segment_ord, signals, &docs)?;
        let word_orders = word_orders(scope, scope.segment(segment_ord), query, idfs, &docs)?;
        let coverages = title_coverages(scope, segment_ord, query, idfs, &docs)?;
        if scope.stop.should_stop() {
            // What was computed for this segment is incomplete.
            break;
        }
        let by_doc = page_scores.into_iter().zip(word_orders).zip(coverages);
        for (scored, ((page_score, words), coverage)) in in_segment.iter_mut().zip(by_doc) {
            scored.add(page_score + WORD_ORDER * words.score + TITLE_COVERAGE * coverage);
            scored.stage = RankStage::Reranked;
            trigram_floors_of.insert(scored.address, words.trigram_floors);
        }
    }
    // Trigrams distinguish between passages that lack some of the query words. If the query has only one word, every
    // match contains it.
    if has_several_words(query) && !scope.stop.is_stopped() {
        let depth = best.len().min(TRIGRAM_DEPTH);
        partition_top(scope.index, best, depth)?;
        add_trigrams(scope, query, &trigram_floors_of, &mut best[..depth], loaded)?;
    }
    sort_top(scope.index, best, k)
}

/// Returns what the given signals added to a passage's score, computed over the whole page of the passage; 0 if the
/// passage wasn't reranked.
pub fn page_score(scope: &SearchScope, signals: &[Signal], scored: &ScoredPassage) -> Result<f64> {
    if scored.stage < RankStage::Reranked {
        return Ok(0.0);
    }
    Ok(page_scores(scope, scored.address.segment_ord, signals, &[scored.address.doc_id])?.iter().sum())
}

/// Returns what word order and the trigrams of each matching word added to a passage's score. The trigram scores are
/// empty if the text of the passage wasn't loaded.
pub fn word_order_and_trigram_scores(
    scope: &SearchScope,
    query: &Query,
    idfs: &[f64],
    scored: &ScoredPassage,
) -> Result<(f64, Vec<f64>)> {
    if scored.stage < RankStage::Reranked {
        return Ok((0.0, Vec::new()));
    }
    let segment = scope.segment(scored.address.segment_ord);
    let word_orders = word_orders(scope, segment, query, idfs, &[scored.address.doc_id])?;
    let words = word_orders.into_iter().next().unwrap_or_default();
    let mut scores_by_word = Vec::new();
    if scored.stage == RankStage::RerankedByText {
        let query_words = trigram_words(scope, query)?;
        let text = scope.index.serialized(scored.address)?.passage.text;
        let scores = trigram_scores(&query_words, &TrigramSet::new(&query_words), &text, &words.trigram_floors);
        scores_by_word.extend(scores.map(|score| TRIGRAMS * score));
    }
    Ok((WORD_ORDER * words.score, scores_by_word))
}

/// The page score of each document: BM25 of the same signals, except the title, over all passages of its page. The
/// first passage gets a little more, since it says what the page is about.
fn page_scores(scope: &SearchScope, segment_ord: u32, signals: &[Signal], docs: &[DocId]) -> Result<Vec<f64>> {
    let mut scores = vec![0.0; docs.len()];
    if signals.is_empty() {
        return Ok(scores);
    }
    let page_spans = scope.index.fast_fields.page_spans(segment_ord)?;
    let pages: Vec<(DocId, DocId)> = docs
        .iter()
        .map(|doc| {
            let begin = page_spans.first(*doc);
            (begin, page_spans.end(*doc))
        })
        .collect();
    let mut distinct = pages.clone();
    distinct.dedup();
    let lengths = scope.segment(segment_ord).get_fieldnorms_reader(scope.fields.lemma)?;
    let page_length = |(begin, end): &(DocId, DocId)| (*begin..*end).map(|doc| lengths.fieldnorm(doc)).sum();
    let page_lengths: Vec<u32> = distinct.iter().map(page_length).collect();
    let average_length = scope.index.words.max(1) as f64 / scope.index.pages.max(1) as f64;
    for signal in signals.iter().filter(|signal| signal.name != SignalName::Title) {
        if scope.stop.should_stop() {
            break;
        }
        let mut best = vec![0.0_f64; distinct.len()];
        for (mut cursor, weight) in signal.cursors(scope, segment_ord)? {
            for (page, (begin, end)) in distinct.iter().enumerate() {
                if cursor.doc() < *begin {
                    cursor.seek(*begin);
                }
                let mut term_freq = 0;
                while cursor.doc() < *end {
                    term_freq += cursor.term_freq();
                    cursor.advance();
                }
                if term_freq > 0 {
                    let relative_length = f64::from(page_lengths[page]) / average_length;
                    let length_norm = page_length_norm(signal.average_length.map(|_| relative_length));
                    best[page] = best[page].max(term_score(page_weight(weight), term_freq, length_norm));
                }
            }
        }
        let mut page = 0;
        for (score, span) in scores.iter_mut().zip(&pages) {
            while distinct[page] != *span {
                page += 1;
            }
            *score += best[page];
        }
    }
    for ((score, doc), (begin, _)) in scores.iter_mut().zip(docs).zip(&pages) {
        *score *= if doc == begin { PAGE + PAGE_LEAD } else { PAGE };
    }
    Ok(scores)
}

/// Returns what the coverage of the page's title added to a passage's score; 0 if the passage wasn't reranked.
pub fn title_score(scope: &SearchScope, query: &Query, idfs: &[f64], scored: &ScoredPassage) -> Result<f64> {
    if scored.stage < RankStage::Reranked {
        return Ok(0.0);
    }
    let coverages = title_coverages(scope, scored.address.segment_ord, query, idfs, &[scored.address.doc_id])?;
    Ok(TITLE_COVERAGE * coverages.iter().sum::<f64>())
}

/// For each document, the share of the terms of its page's title that the query contains. Stop words of the query don't
/// count. If the query contains all of a short title, the page is about the query. A term whose idf is below
/// `TITLE_FULL_IDF` counts less. `docs` are in ascending order.
fn title_coverages(
    scope: &SearchScope,
    segment_ord: u32,
    query: &Query,
    idfs: &[f64],
    docs: &[DocId],
) -> Result<Vec<f64>> {
    let page_spans = scope.index.fast_fields.page_spans(segment_ord)?;
    let field = scope.fields.title;
    // Each with its idf, if that is known.
    let mut keys: Vec<(&String, Option<f64>)> = Vec::new();
    for (word, idf) in query.matching_words().zip(idfs).filter(|(word, _)| !word.is_stop_word) {
        keys.extend(word.lemmas.iter().map(|key| (key, Some(*idf))));
        keys.extend(word.split_compound.lemmas.iter().map(|key| (key, None)));
    }
    keys.sort_by_key(|(key, _)| *key);
    keys.dedup_by(|(one, _), (other, _)| one == other);
    let segment = scope.segment(segment_ord);
    let inverted = segment.inverted_index(field)?;
    let mut lists = Vec::new();
    for (key, idf) in keys {
        let term = Term::from_field_text(field, key);
        if let Some(postings) = PostingsCursor::open(&inverted, &term, IndexRecordOption::WithFreqs)? {
            let idf = idf.map_or_else(|| lowest_idf(scope, scope.fields.lemma, std::slice::from_ref(key)), Ok)?;
            lists.push((postings, (idf / TITLE_FULL_IDF).min(1.0)));
        }
    }
    if lists.is_empty() {
        return Ok(vec![0.0; docs.len()]);
    }
    let lengths = segment.get_fieldnorms_reader(field)?;
    let coverage = |doc: &DocId| {
        let first = page_spans.first(*doc);
        let (mut matching, mut covered) = (0, 0.0);
        for (list, share) in &mut lists {
            if list.seek(first) == first {
                matching += list.term_freq();
                covered += f64::from(list.term_freq()) * *share;
            }
        }
        // Lengths are rounded, so they may be less than the number of matching terms.
        covered / f64::from(lengths.fieldnorm(first).max(matching).max(1))
    };
    Ok(docs.iter().map(coverage).collect())
}

/// Two neighboring words of the query count as being in order if at most this many words of the passage are between
/// them.
const MAX_GAP: u32 = 1;

/// How the matching words of a query occur in a document.
#[derive(Clone, Default)]
struct WordOrder {
    /// The minimum share of trigrams that is credited to each word (see `trigram_scores`): `TRIGRAM_FLOOR` if the word
    /// occurs in any form, even in the compound that it forms with a neighbor; `SYNONYM_FLOOR` if only a single-word
    /// synonym occurs; otherwise 0. Empty for a query of one word.
    trigram_floors: Vec<f64>,
    /// The score for neighboring query words that occur in the order of the query.
    score: f64,
}

fn word_orders(
    scope: &SearchScope,
    segment: &SegmentReader,
    query: &Query,
    idfs: &[f64],
    docs: &[DocId],
) -> Result<Vec<WordOrder>> {
    let mut orders = vec![WordOrder::default(); docs.len()];
    if !has_several_words(query) {
        return Ok(orders);
    }
    let mut previous: Vec<Vec<u32>> = vec![Vec::new(); docs.len()];
    // The compounds that the previous word forms with the current one.
    let mut joined = previous.clone();
    for (index, word) in query.matching_words().enumerate() {
        if scope.stop.should_stop() {
            break;
        }
        let mut current = positions(scope, segment, &word.lemmas, docs)?;
        let next_joined = positions(scope, segment, &word.split_compound.lemmas, docs)?;
        // A split compound counts as an occurrence of both words.
        for ((current, joined), next_joined) in current.iter_mut().zip(&joined).zip(&next_joined) {
            current.extend(joined);
            current.extend(next_joined);
        }
        let synonym_keys: Vec<String> = word.synonyms.iter().flat_map(synonym_keys).cloned().collect();
        let synonyms = positions(scope, segment, &synonym_keys, docs)?;
        let idf = (idfs[index.saturating_sub(1)] + idfs[index]) / 2.0;
        let by_doc = previous.iter().zip(&current).zip(&joined).zip(&synonyms);
        for (order, (((previous, current), joined), synonyms)) in orders.iter_mut().zip(by_doc) {
            let followers = |position: &u32| {
                let gaps = current.iter().map(|next| next.wrapping_sub(*position));
                gaps.filter(|gap| (1..=MAX_GAP + 1).contains(gap)).count()
            };
            let count = (previous.iter().map(followers).sum::<usize>() + joined.len()) as f64;
            order.score += idf * count / (count + WORD_ORDER_HALF);
            order.trigram_floors.push(match (current.is_empty(), synonyms.is_empty()) {
                (false, _) => TRIGRAM_FLOOR,
                (true, false) => SYNONYM_FLOOR,
                (true, true) => 0.0,
            });
        }
        previous = current;
        joined = next_joined;
    }
    Ok(orders)
}

/// The lemma keys of a single-word synonym; empty for a synonym of several words.
fn synonym_keys(synonym: &Synonym) -> &[String] {
    match &synonym.phrase {
        Phrase::Lemmas(words) if words.len() == 1 => &words[0].1,
        _ => &[],
    }
}

/// The positions in each document of words with one of the lemma keys.
fn positions(scope: &SearchScope, segment: &SegmentReader, keys: &[String], docs: &[DocId]) -> Result<Vec<Vec<u32>>> {
    let mut all = vec![Vec::new(); docs.len()];
    if keys.is_empty() {
        return Ok(all);
    }
    let mut list_positions = Vec::new();
    let option = IndexRecordOption::WithFreqsAndPositions;
    for mut list in open_postings(segment, scope.fields.lemma, keys, option)? {
        for (positions, doc) in all.iter_mut().zip(docs) {
            if seek(&mut list, *doc) == *doc {
                list.positions(&mut list_positions);
                positions.extend_from_slice(&list_positions);
            }
        }
    }
    Ok(all)
}

/// Adds trigram scores. For each passage, `trigram_floors_of` has its `WordOrder::trigram_floors`.
fn add_trigrams(
    scope: &SearchScope,
    query: &Query,
    trigram_floors_of: &HashMap<DocAddress, Vec<f64>>,
    best: &mut [ScoredPassage],
    loaded: &mut LoadedPassages,
) -> Result<()> {
    let words = trigram_words(scope, query)?;
    let set = TrigramSet::new(&words);
    for scored in best {
        if scope.stop.should_stop() {
            break;
        }
        let serialized = scope.index.serialized(scored.address)?;
        let floors = trigram_floors_of.get(&scored.address).map_or(&[][..], Vec::as_slice);
        let score: f64 = trigram_scores(&words, &set, &serialized.passage.text, floors).sum();
        loaded.insert(scored.address, serialized);
        scored.add(TRIGRAMS * score);
        scored.stage = RankStage::RerankedByText;
    }
    Ok(())
}

/// The matching words of a query as trigrams.
fn trigram_words(scope: &SearchScope, query: &Query) -> Result<Vec<TrigramWord>> {
    let trigram_word = |word: &QueryWord| {
        let idf = lowest_idf(scope, scope.fields.exact, std::slice::from_ref(&word.exact))?;
        Ok(TrigramWord { trigrams: trigrams(&word.exact), idf })
    };
    query.matching_words().map(trigram_word).collect()
}

fn has_several_words(query: &Query) -> bool {
    query.matching_words().nth(1).is_some()
}
