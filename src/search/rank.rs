//! Given an index and a query, which passages score best?
//!
//! Every passage that matches is scored, term after term in the order of the query, so that a score is the
//! same whatever the index's segments. tantivy's own top-k is not used: it skips blocks of postings by bounds
//! that hold for the average length in a segment, not for that in the index, and so gives another list to an
//! index that followed its pages than to one built afresh.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tantivy::columnar::{Column, StrColumn};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EnableScoring, Scorer};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::error::Result;
use crate::index::Index;
use crate::query::{Phrase, Query};

/// A passage and its score.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    pub address: DocAddress,
    pub score: f64,
}

/// BM25's saturation and length parameters, and the weights below: chosen by nDCG@10 on the first 1,000
/// development questions of NorQuAD (CC0) among 61,488 passages, each value changed alone and then k1 and b
/// together (November 2026). Smaller k1 and b did better still there, but passages of that set are of one
/// length, and pages in general are not.
const K1: f64 = 0.6;
const B: f64 = 0.2;
/// How much a match of the exact form adds to that of the stem. Of 0, 0.3 and 0.6 the middle one.
const EXACT_WEIGHT: f64 = 0.3;
/// What words of the title and the heading add. Of 0, 0.2, 0.5 and 1 the second.
const CONTEXT_WEIGHT: f64 = 0.2;
/// Words of a title and a heading together, about; their length hardly tells passages apart.
const CONTEXT_WORDS: f64 = 10.0;

/// How much each finding word of the query tells: the idf of its stem. A word is as rare as it is in passages,
/// also where it stands in a title.
pub fn weights(index: &Index, query: &Query) -> Result<Vec<f64>> {
    query.finding_words().map(|word| idf(index, &Term::from_field_text(index.fields.stem, &word.stem))).collect()
}

/// The best `wanted` passages, best first, equals by page and place in the page; and how many matched in all.
/// `weights` are those of the query.
pub fn best(index: &Index, query: &Query, weights: &[f64], wanted: usize) -> Result<(Vec<Scored>, usize)> {
    let terms = terms(index, query, weights)?;
    let mut found = Found { best: Vec::new(), wanted, matched: 0 };
    for (number, segment) in (0u32..).zip(index.searcher.segment_readers()) {
        let mut cursors = Vec::new();
        for term in &terms {
            cursors.extend(Cursor::open(segment, term)?);
        }
        let mut filter = Filter::open(index, segment, query)?;
        let mut keep = |doc, score| {
            if !segment.is_deleted(doc) && filter.passes(doc) {
                found.push(Scored { address: DocAddress::new(number, doc), score });
            }
        };
        match query.phrases.first() {
            None => score_union(&mut cursors, &mut keep),
            Some(phrase) => score_phrase(docs(index, segment, phrase)?, &mut cursors, &mut keep),
        }
    }
    found.cut();
    let Found { mut best, matched, .. } = found;
    order(index, &mut best, wanted)?;
    best.truncate(wanted);
    Ok((best, matched))
}

/// Robertson and Spärck Jones' inverse document frequency as Lucene has it, never negative.
fn idf(index: &Index, term: &Term) -> Result<f64> {
    let holding = index.doc_freq_alive(term)? as f64;
    let all = index.passages.max(1) as f64;
    Ok((1.0 + (all - holding + 0.5) / (holding + 0.5)).ln())
}

/// A term of the query in one field, and what a match gives.
struct WeightedTerm {
    term: Term,
    weight: f64,
    average_length: f64,
    /// A match finds the passage; one in its context only lifts it.
    finds: bool,
}

fn terms(index: &Index, query: &Query, weights: &[f64]) -> Result<Vec<WeightedTerm>> {
    let fields = &index.fields;
    let average_length = index.words.max(1) as f64 / index.passages.max(1) as f64;
    let mut terms = Vec::new();
    for (word, stem_idf) in query.finding_words().zip(weights) {
        let exact = Term::from_field_text(fields.exact, &word.exact);
        let stem = Term::from_field_text(fields.stem, &word.stem);
        let context = Term::from_field_text(fields.context, &word.stem);
        terms.push(WeightedTerm {
            weight: EXACT_WEIGHT * idf(index, &exact)?,
            term: exact,
            average_length,
            finds: true,
        });
        terms.push(WeightedTerm { weight: *stem_idf, term: stem, average_length, finds: true });
        terms.push(WeightedTerm {
            weight: CONTEXT_WEIGHT * stem_idf,
            term: context,
            average_length: CONTEXT_WORDS,
            finds: false,
        });
    }
    Ok(terms)
}

/// The postings of a term in a segment.
struct Cursor {
    postings: SegmentPostings,
    lengths: FieldNormReader,
    weight: f64,
    /// BM25's length part for each length that tantivy tells apart.
    norms: [f64; 256],
    finds: bool,
}

impl Cursor {
    fn open(segment: &SegmentReader, term: &WeightedTerm) -> Result<Option<Cursor>> {
        let field = term.term.field();
        let postings = segment
            .inverted_index(field)?
            .read_postings(&term.term, IndexRecordOption::WithFreqs)
            .map_err(tantivy::TantivyError::from)?;
        let Some(postings) = postings else {
            return Ok(None);
        };
        let norm = |id| {
            let length = f64::from(FieldNormReader::id_to_fieldnorm(id as u8));
            K1 * (1.0 - B + B * length / term.average_length)
        };
        Ok(Some(Cursor {
            postings,
            lengths: segment.get_fieldnorms_reader(field)?,
            weight: term.weight * (K1 + 1.0),
            norms: std::array::from_fn(norm),
            finds: term.finds,
        }))
    }

    /// BM25 of the term in the document it stands at.
    fn score(&self) -> f64 {
        let frequency = f64::from(self.postings.term_freq());
        let norm = self.norms[usize::from(self.lengths.fieldnorm_id(self.postings.doc()))];
        self.weight * frequency / (frequency + norm)
    }
}

/// Documents are scored in windows: one term after the other is added up for as many, so that each list of
/// postings is read in long runs.
const WINDOW: usize = 4096;

/// Scores every document that holds a finding term.
fn score_union(cursors: &mut [Cursor], keep: &mut impl FnMut(DocId, f64)) {
    let mut scores = vec![0.0; WINDOW];
    let mut is_found = vec![false; WINDOW];
    while let Some(begin) = cursors.iter().filter(|cursor| cursor.finds).map(|cursor| cursor.postings.doc()).min()
        && begin != TERMINATED
    {
        let end = begin.saturating_add(WINDOW as u32).min(TERMINATED);
        for cursor in cursors.iter_mut() {
            let mut doc = cursor.postings.doc();
            if doc < begin {
                doc = cursor.postings.seek(begin);
            }
            while doc < end {
                let place = (doc - begin) as usize;
                scores[place] += cursor.score();
                is_found[place] |= cursor.finds;
                doc = cursor.postings.advance();
            }
        }
        for (place, (score, is_found)) in scores.iter_mut().zip(&mut is_found).enumerate() {
            if *is_found {
                keep(begin + place as u32, *score);
            }
            (*score, *is_found) = (0.0, false);
        }
    }
}

/// Scores every document of the phrase; its other words need not stand there.
fn score_phrase(mut docs: Box<dyn Scorer>, cursors: &mut [Cursor], keep: &mut impl FnMut(DocId, f64)) {
    let mut doc = docs.doc();
    while doc != TERMINATED {
        let mut score = 0.0;
        for cursor in cursors.iter_mut() {
            if cursor.postings.doc() < doc {
                cursor.postings.seek(doc);
            }
            if cursor.postings.doc() == doc {
                score += cursor.score();
            }
        }
        keep(doc, score);
        doc = docs.advance();
    }
}

fn docs(index: &Index, segment: &SegmentReader, phrase: &Phrase) -> Result<Box<dyn Scorer>> {
    let unscored = EnableScoring::disabled_from_searcher(&index.searcher);
    Ok(phrase.query(&index.fields).weight(unscored)?.scorer(segment, 1.0)?)
}

/// What a passage must hold and must not hold. Asked for documents in rising order.
struct Filter {
    required: Vec<Box<dyn Scorer>>,
    excluded: Vec<Box<dyn Scorer>>,
}

impl Filter {
    fn open(index: &Index, segment: &SegmentReader, query: &Query) -> Result<Filter> {
        let open = |phrases: &[Phrase]| -> Result<Vec<Box<dyn Scorer>>> {
            phrases.iter().map(|phrase| docs(index, segment, phrase)).collect()
        };
        // The first phrase leads the search already.
        Ok(Filter { required: open(query.phrases.get(1..).unwrap_or(&[]))?, excluded: open(&query.excluded)? })
    }

    fn passes(&mut self, doc: DocId) -> bool {
        let mut holds = |docs: &mut Box<dyn Scorer>| {
            if docs.doc() < doc {
                docs.seek(doc);
            }
            docs.doc() == doc
        };
        self.required.iter_mut().all(&mut holds) && !self.excluded.iter_mut().any(&mut holds)
    }
}

/// The best passages seen so far, with all that share the last place.
struct Found {
    best: Vec<Scored>,
    wanted: usize,
    matched: usize,
}

impl Found {
    fn push(&mut self, scored: Scored) {
        self.matched += 1;
        self.best.push(scored);
        // Equals of the last place can't be dropped; a full list of them is next looked at when it has doubled.
        if self.best.len() >= self.best.capacity() && self.best.len() > 2 * self.wanted.max(512) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.wanted == 0 {
            self.best.clear();
        } else if self.best.len() > self.wanted {
            let by_score = |one: &Scored, other: &Scored| other.score.total_cmp(&one.score);
            let (_, last, _) = self.best.select_nth_unstable_by(self.wanted - 1, by_score);
            let bound = last.score;
            self.best.retain(|scored| scored.score >= bound);
        }
    }
}

/// Orders by score; equals that concern the first `wanted` by page and place in the page.
fn order(index: &Index, best: &mut [Scored], wanted: usize) -> Result<()> {
    best.sort_by(|one, other| other.score.total_cmp(&one.score));
    let mut places = Places { index, columns: HashMap::new() };
    let mut start = 0;
    for equals in best.chunk_by_mut(|one, other| one.score == other.score) {
        if start >= wanted {
            break;
        }
        start += equals.len();
        if equals.len() > 1 {
            let mut placed: Vec<_> =
                equals.iter().map(|scored| Ok((places.of(scored.address)?, *scored))).collect::<Result<_>>()?;
            placed.sort_by(|one, other| one.0.cmp(&other.0));
            for (slot, (_, scored)) in equals.iter_mut().zip(placed) {
                *slot = scored;
            }
        }
    }
    Ok(())
}

/// Reads where passages stand, from the fast fields; their columns are opened once a segment.
struct Places<'a> {
    index: &'a Index,
    columns: HashMap<u32, (Option<StrColumn>, Column<u64>)>,
}

impl Places<'_> {
    /// A passage's page, and its place in it.
    fn of(&mut self, address: DocAddress) -> Result<(String, u64)> {
        let (pages, ordinals) = match self.columns.entry(address.segment_ord) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let fast = self.index.searcher.segment_reader(address.segment_ord).fast_fields();
                unknown.insert((fast.str("page")?, fast.u64("ordinal")?))
            }
        };
        let mut page = String::new();
        if let Some(pages) = pages
            && let Some(term) = pages.term_ords(address.doc_id).next()
        {
            pages.ord_to_str(term, &mut page).map_err(tantivy::TantivyError::from)?;
        }
        Ok((page, ordinals.first(address.doc_id).unwrap_or(0)))
    }
}
