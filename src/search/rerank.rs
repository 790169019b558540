//! Given the best passages, what do their pages, the order of the words in them and their letters add?
//!
//! These signals are too dear to be asked for every passage that matches. They only add, so a passage that is not looked
//! at stays below those that are.

use std::collections::HashMap;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, SegmentReader};

use super::filter::{postings, seek};
use super::rank::{Looked, Name, Scored, SearchScope, Signal, bm25, idf_of_any, order, set_apart};
use super::weights::{LEAD, LETTERS, ORDER, ORDER_HALF, PAGE, PAGE_B, PAGE_K1, READ, REPEATED, STANDS};
use crate::error::Result;
use crate::index::StoredRecord;
use crate::query::{Query, QueryWord};

/// The passages whose text was read.
pub type Read = FxHashMap<DocAddress, StoredRecord>;

/// Looks at `best` a second time and puts the first `wanted` of it in order again.
pub fn look_again(
    shelf: &SearchScope,
    query: &Query,
    idfs: &[f64],
    signals: &[Signal],
    best: &mut [Scored],
    wanted: usize,
    read: &mut Read,
) -> Result<()> {
    let mut stands: HashMap<DocAddress, Vec<bool>> = HashMap::new();
    let mut by_place: Vec<&mut Scored> = best.iter_mut().collect();
    by_place.sort_by_key(|scored| scored.address);
    for found in by_place.chunk_by_mut(|one, other| one.address.segment_ord == other.address.segment_ord) {
        let Some(number) = found.first().map(|scored| scored.address.segment_ord) else {
            continue;
        };
        let segment = shelf.index.searcher.segment_reader(number);
        let docs: Vec<DocId> = found.iter().map(|scored| scored.address.doc_id).collect();
        let of_pages = pages(shelf, number, signals, &docs)?;
        let words = words(shelf, segment, query, idfs, &docs)?;
        for (scored, (of_page, words)) in found.iter_mut().zip(of_pages.into_iter().zip(words)) {
            scored.add(of_page + ORDER * words.in_order);
            scored.looked = Looked::Again;
            stands.insert(scored.address, words.stand);
        }
    }
    // Letters tell which of several words stands there.
    if query.matching_words().nth(1).is_some() {
        let to_read = best.len().min(READ);
        set_apart(shelf.index, best, to_read)?;
        add_letters(shelf, query, &stands, &mut best[..to_read], read)?;
    }
    order(shelf.index, best, wanted)
}

/// What some signals' page gave a passage; nothing if it wasn't looked at again.
pub fn of_page(shelf: &SearchScope, signals: &[Signal], scored: &Scored) -> Result<f64> {
    if scored.looked < Looked::Again {
        return Ok(0.0);
    }
    Ok(pages(shelf, scored.address.segment_ord, signals, &[scored.address.doc_id])?.iter().sum())
}

/// What the order of a query's words gave a passage, and the letters of each of those that find: in their order, nothing
/// for those that are left.
pub fn of_words(shelf: &SearchScope, query: &Query, idfs: &[f64], scored: &Scored) -> Result<(f64, Vec<f64>)> {
    if scored.looked < Looked::Again {
        return Ok((0.0, Vec::new()));
    }
    let segment = shelf.index.searcher.segment_reader(scored.address.segment_ord);
    let found = words(shelf, segment, query, idfs, &[scored.address.doc_id])?;
    let (in_order, stand) = found.into_iter().next().map_or((0.0, Vec::new()), |found| (found.in_order, found.stand));
    let mut of_letters = Vec::new();
    if scored.looked == Looked::Read {
        let words = spelt(shelf, query)?;
        let text = shelf.index.record(scored.address)?.passage.text;
        of_letters.extend(letters(&words, &Asked::of(&words), &text, Some(&stand)).map(|letters| LETTERS * letters));
    }
    Ok((ORDER * in_order, of_letters))
}

impl Scored {
    fn add(&mut self, score: f64) {
        self.score += if self.is_repeated { score * REPEATED } else { score };
    }
}

/// What each document's page gives: BM25 of the same signals over all passages of the page. It counts a little more for
/// the first of them, which says what the page is about.
fn pages(shelf: &SearchScope, number: u32, signals: &[Signal], docs: &[DocId]) -> Result<Vec<f64>> {
    let segment = shelf.index.searcher.segment_reader(number);
    let pages = shelf.index.fast_fields.page_spans(number)?;
    let range = |doc: &DocId| {
        let first = pages.first(*doc);
        (first, pages.end(*doc))
    };
    let ranges: Vec<(DocId, DocId)> = docs.iter().map(range).collect();
    let average = shelf.index.words.max(1) as f64 / shelf.index.pages.max(1) as f64;
    let mut scores = vec![0.0; docs.len()];
    let mut distinct = ranges.clone();
    distinct.dedup();
    let mut lengths = Vec::new();
    for signal in signals.iter().filter(|signal| signal.name != Name::Title) {
        let mut best = vec![0.0_f64; distinct.len()];
        if lengths.is_empty() {
            let of_passage = segment.get_fieldnorms_reader(shelf.fields.lemma)?;
            let of_page = |(begin, end): &(DocId, DocId)| (*begin..*end).map(|doc| of_passage.fieldnorm(doc)).sum();
            lengths = distinct.iter().map(of_page).collect::<Vec<u32>>();
        }
        for (mut cursor, weight) in signal.open(shelf, number)? {
            for (page, (begin, end)) in distinct.iter().enumerate() {
                if cursor.doc() < *begin {
                    cursor.seek(*begin);
                }
                let mut frequency = 0;
                while cursor.doc() < *end {
                    frequency += cursor.frequency();
                    cursor.advance();
                }
                if frequency > 0 {
                    let length = f64::from(lengths[page]) / average;
                    let norm = match signal.average_length {
                        Some(_) => PAGE_K1 * (1.0 - PAGE_B + PAGE_B * length),
                        None => PAGE_K1,
                    };
                    best[page] = best[page].max(bm25(weight * (PAGE_K1 + 1.0), frequency, norm));
                }
            }
        }
        let mut page = 0;
        for (score, range) in scores.iter_mut().zip(&ranges) {
            while distinct[page] != *range {
                page += 1;
            }
            *score += best[page];
        }
    }
    for ((score, doc), (begin, _)) in scores.iter_mut().zip(docs).zip(&ranges) {
        *score *= if doc == begin { PAGE + LEAD } else { PAGE };
    }
    Ok(scores)
}

/// Two words of a query in its order, with so many others between them, are taken for one expression.
const MAX_BETWEEN: u32 = 1;

/// What a document says of the words of a query.
#[derive(Default)]
struct Words {
    /// Which of them stand there, in any form.
    stand: Vec<bool>,
    /// How much neighbours in the query tell that stand so in the text too.
    in_order: f64,
}

/// The finding words of a query in each document.
fn words(
    shelf: &SearchScope,
    segment: &SegmentReader,
    query: &Query,
    idfs: &[f64],
    docs: &[DocId],
) -> Result<Vec<Words>> {
    let mut found: Vec<Words> = docs.iter().map(|_| Words::default()).collect();
    // There is no order of a single word, and all that match hold it.
    if query.matching_words().nth(1).is_none() {
        return Ok(found);
    }
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); docs.len()];
    for (at, word) in query.matching_words().enumerate() {
        let here = places(shelf, segment, word, docs)?;
        let idf = (idfs[at.saturating_sub(1)] + idfs[at]) / 2.0;
        for (found, (before, here)) in found.iter_mut().zip(before.iter().zip(&here)) {
            let follow = |one: &u32| {
                here.iter().filter(|other| (1..=MAX_BETWEEN + 1).contains(&other.wrapping_sub(*one))).count()
            };
            let count = before.iter().map(follow).sum::<usize>() as f64;
            found.in_order += idf * count / (count + ORDER_HALF);
            found.stand.push(!here.is_empty());
        }
        before = here;
    }
    Ok(found)
}

/// Where a word stands in each document, in any form.
fn places(shelf: &SearchScope, segment: &SegmentReader, word: &QueryWord, docs: &[DocId]) -> Result<Vec<Vec<u32>>> {
    let lemma = shelf.fields.lemma;
    let mut places = vec![Vec::new(); docs.len()];
    let mut here = Vec::new();
    for mut postings in postings(segment, lemma, &word.lemmas, IndexRecordOption::WithFreqsAndPositions)? {
        for (places, doc) in places.iter_mut().zip(docs) {
            if seek(&mut postings, *doc) == *doc {
                postings.positions(&mut here);
                places.extend_from_slice(&here);
            }
        }
    }
    Ok(places)
}

/// Adds what the letters of passages say of the words: `stand` tells which of them stand there in some form.
fn add_letters(
    shelf: &SearchScope,
    query: &Query,
    stand: &HashMap<DocAddress, Vec<bool>>,
    best: &mut [Scored],
    read: &mut Read,
) -> Result<()> {
    let words = spelt(shelf, query)?;
    let asked = Asked::of(&words);
    for scored in best {
        let record = shelf.index.record(scored.address)?;
        let letters: f64 = letters(&words, &asked, &record.passage.text, stand.get(&scored.address)).sum();
        read.insert(scored.address, record);
        scored.add(LETTERS * letters);
        scored.looked = Looked::Read;
    }
    Ok(())
}

/// The trigrams of each finding word of a query, and its idf.
fn spelt(shelf: &SearchScope, query: &Query) -> Result<Vec<(Vec<u64>, f64)>> {
    let spelt = |word: &QueryWord| {
        let idf = idf_of_any(shelf, shelf.fields.exact, std::slice::from_ref(&word.exact))?;
        Ok((trigrams(&word.exact), idf))
    };
    query.matching_words().map(spelt).collect()
}

/// How much of each word's letters stands in a text, times its idf. `stand` tells which of the words stand there in some
/// form.
fn letters<'a>(
    words: &'a [(Vec<u64>, f64)],
    asked: &Asked,
    text: &str,
    stand: Option<&'a Vec<bool>>,
) -> impl Iterator<Item = f64> + use<'a> {
    let in_text = asked.in_text(text);
    words.iter().enumerate().map(move |(at, (trigrams, idf))| {
        let there = trigrams.iter().filter(|trigram| in_text.contains(trigram)).count() as f64;
        let least = if stand.is_some_and(|stand| stand[at]) { STANDS } else { 0.0 };
        idf * (there / trigrams.len().max(1) as f64).max(least)
    })
}

/// Trigrams of a query: nearly all of a text are none of them, which a few bits of each tell.
struct Asked {
    all: FxHashSet<u64>,
    bits: [u64; 64],
}

impl Asked {
    fn of(words: &[(Vec<u64>, f64)]) -> Asked {
        let all: FxHashSet<u64> = words.iter().flat_map(|(trigrams, _)| trigrams).copied().collect();
        let mut bits = [0; 64];
        for trigram in &all {
            let bit = bit(*trigram);
            bits[bit / 64] |= 1 << (bit % 64);
        }
        Asked { all, bits }
    }

    /// Those that stand in the words of a text.
    fn in_text(&self, text: &str) -> FxHashSet<u64> {
        let mut found = FxHashSet::default();
        each_trigram(text, |trigram| {
            let bit = bit(trigram);
            if self.bits[bit / 64] >> (bit % 64) & 1 == 1 && self.all.contains(&trigram) {
                found.insert(trigram);
            }
        });
        found
    }
}

/// Twelve bits of a trigram.
fn bit(trigram: u64) -> usize {
    (trigram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize
}

/// The different trigrams of a word.
fn trigrams(word: &str) -> Vec<u64> {
    let mut all = Vec::new();
    each_trigram(word, |trigram| all.push(trigram));
    all.sort_unstable();
    all.dedup();
    all
}

/// Every run of three letters or digits in lower case, as one number; the beginning and the end of a word are one each.
fn each_trigram(text: &str, mut each: impl FnMut(u64)) {
    const MASK: u64 = (1 << 63) - 1;
    const EDGE: u64 = 1;
    let mut run = EDGE;
    let mut letters = 0;
    for c in text.chars() {
        let letter = match c {
            'a'..='z' | '0'..='9' | 'æ' | 'ø' | 'å' => Some(c),
            'A'..='Z' => Some(c.to_ascii_lowercase()),
            '\0'..='\x7f' => None,
            _ => c.is_alphanumeric().then(|| c.to_lowercase().next().unwrap_or(c)),
        };
        if let Some(letter) = letter {
            run = (run << 21 | u64::from(u32::from(letter))) & MASK;
            letters += 1;
            if letters >= 2 {
                each(run);
            }
        } else if letters > 0 {
            each((run << 21 | EDGE) & MASK);
            (run, letters) = (EDGE, 0);
        }
    }
    if letters > 0 {
        each((run << 21 | EDGE) & MASK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_the_trigrams_of_its_letters_and_edges() {
        assert_eq!(trigrams("å").len(), 1);
        assert_eq!(trigrams("på").len(), 2);
        assert_eq!(trigrams("plikt").len(), 5);
        assert_eq!(trigrams("Ære"), trigrams("ære"));
    }

    #[test]
    fn trigrams_of_a_word_are_found_inside_of_others() {
        let words = [(trigrams("regning"), 1.0)];
        let share = |text: &str| Asked::of(&words).in_text(text).len();
        assert_eq!(share("En regning."), 7);
        assert_eq!(share("Reiseregningene"), 6, "all but the end");
        assert_eq!(share("Noe annet"), 0);
    }
}
