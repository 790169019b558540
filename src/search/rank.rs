//! Given an index and a query, which passages score best?
//!
//! A score is the same whatever the index's segments: it is made of numbers whose sum doesn't depend on their order, and no
//! passage is left out that could be among the best. tantivy's own top-k is not used: it skips blocks of postings by bounds
//! that hold for the average length in a segment, not for that in the index, and so gives another list to an
//! index that followed its pages than to one built afresh.

use serde::Serialize;
use tantivy::query::{EnableScoring, Scorer};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, SegmentReader, Term};

use super::filter::{self, Test};
use super::rerank::{Read, look_again};
use super::titles::Titled;
use super::union::{self, Cursor, Open};
use super::weights::{CONTEXT, EXACT, JOINED, LOOKED_AT, OWN_PARTS, PART, REPEATED, STOP, SYNONYM};
use super::window::Run;
use crate::error::Result;
use crate::index::{Fields, Index, REPEATED_ON_SITE, TextColumn};
use crate::query::{Phrase, Query, Synonym, phrase_query};

/// A passage and its score.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    pub address: DocAddress,
    pub score: f64,
    /// Every page of its site says the same.
    pub is_repeated: bool,
    pub looked: Looked,
}

/// How closely a passage was looked at: the dear signals are asked for the best alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Looked {
    Once,
    /// Its page and the order of its words, too.
    Again,
    /// The letters of its text, too.
    Read,
}

/// What is ranked: the fields that are searched and the statistics of what stands in them.
#[derive(Clone, Copy)]
pub struct SearchScope<'a> {
    pub index: &'a Index,
    pub fields: Fields,
    passages: u64,
    /// `None` where lengths tell nothing.
    average_length: Option<f64>,
    /// Whether what is ranked are passages of pages.
    pub has_pages: bool,
}

impl<'a> SearchScope<'a> {
    pub fn of_content(index: &'a Index) -> SearchScope<'a> {
        let average_length = Some(index.words.max(1) as f64 / index.passages.max(1) as f64);
        SearchScope { index, fields: index.fields, passages: index.passages, average_length, has_pages: true }
    }

    /// What was dropped, page by page; of a menu the length tells nothing.
    pub fn of_boilerplate(index: &'a Index) -> SearchScope<'a> {
        let passages = index.searcher.num_docs().saturating_sub(index.passages + index.copies);
        SearchScope { index, fields: index.fields.of_boilerplate(), passages, average_length: None, has_pages: false }
    }

    fn segments(&self) -> &'a [SegmentReader] {
        self.index.searcher.segment_readers()
    }
}

/// How much each finding word of the query tells: the idf of its commonest lemma. A word is as rare as it is in
/// passages, also where it stands in a title.
pub fn weights(shelf: &SearchScope, query: &Query) -> Result<Vec<f64>> {
    query.matching_words().map(|word| idf_of_any(shelf, shelf.fields.lemma, &word.lemmas)).collect()
}

/// The idf of the commonest of some keys: none of a word's readings makes it rarer than it is.
pub(super) fn idf_of_any(shelf: &SearchScope, field: Field, keys: &[String]) -> Result<f64> {
    keys.iter()
        .map(|key| idf(shelf, &Term::from_field_text(field, key)))
        .try_fold(f64::MAX, |least, idf| Ok(least.min(idf?)))
}

/// The best `wanted` passages, best first, equals by page and place in the page.
/// `weights` are those of the query; what had to be read of the index is added to `read`.
pub fn best(
    shelf: &SearchScope,
    query: &Query,
    weights: &[f64],
    wanted: usize,
    read: &mut Read,
) -> Result<Vec<Scored>> {
    let signals = signals(shelf, query, weights)?;
    let looked_at = if shelf.has_pages { wanted.max(LOOKED_AT) } else { wanted };
    let mut found = Found::new(looked_at);
    each_scored(shelf, query, &signals, |scored| found.push(scored))?;
    found.cut();
    let mut best = found.best;
    if shelf.has_pages && looked_at == LOOKED_AT {
        set_apart(shelf.index, &mut best, looked_at)?;
    } else {
        order(shelf.index, &mut best, looked_at)?;
    }
    best.truncate(looked_at);
    if shelf.has_pages {
        let first = best.len().min(LOOKED_AT);
        look_again(shelf, query, weights, &signals, &mut best[..first], wanted, read)?;
    }
    best.truncate(wanted);
    Ok(best)
}

/// Calls `keep` with every passage that matches.
pub fn each_match(shelf: &SearchScope, query: &Query, weights: &[f64], mut keep: impl FnMut(Scored)) -> Result<()> {
    let keep_all = |scored| {
        keep(scored);
        f64::NEG_INFINITY
    };
    each_scored(shelf, query, &signals(shelf, query, weights)?, keep_all)
}

/// How many passages match.
pub fn count(shelf: &SearchScope, query: &Query, weights: &[f64]) -> Result<usize> {
    let mut count = 0;
    let signals = signals(shelf, query, weights)?;
    let finding: Vec<&Signal> = signals.iter().filter(|signal| signal.finds).collect();
    for (number, segment) in (0u32..).zip(shelf.segments()) {
        let mut opened = Opened::of(shelf, number, query, finding.iter().copied())?;
        count += union::count(segment, &mut opened.signals, &mut opened.asked, opened.finds);
        opened.end()?;
    }
    Ok(count)
}

/// Calls `keep` with the passages that match, and may leave out those whose score is below what `keep` returned last.
fn each_scored(
    shelf: &SearchScope,
    query: &Query,
    signals: &[Signal],
    mut keep: impl FnMut(Scored) -> f64,
) -> Result<()> {
    let mut least = f64::NEG_INFINITY;
    for (number, segment) in (0u32..).zip(shelf.segments()) {
        let mut opened = Opened::of(shelf, number, query, signals)?;
        let mut repeats = repeated(shelf, segment)?;
        let score_kept = |doc, score| {
            let is_repeated = repeats.as_mut().is_some_and(|run| run.seek(doc) == doc);
            let score = if is_repeated { score * REPEATED } else { score };
            keep(Scored { address: DocAddress::new(number, doc), score, is_repeated, looked: Looked::Once })
        };
        union::score(segment, &mut opened.signals, &mut opened.asked, opened.finds, &mut least, score_kept);
        opened.end()?;
    }
    Ok(())
}

/// What a query asks of the passages of a segment.
struct Opened<'a> {
    signals: Vec<Open>,
    asked: Option<Test<'a>>,
    /// Whether a finding signal must hold, too.
    finds: bool,
}

impl<'a> Opened<'a> {
    fn of<'s>(
        shelf: &'a SearchScope,
        number: u32,
        query: &'a Query,
        signals: impl IntoIterator<Item = &'s Signal<'s>>,
    ) -> Result<Opened<'a>> {
        let mut open = Vec::new();
        for signal in signals {
            open.extend(Open::new(shelf, number, signal)?);
        }
        let finds = query.must_match_word && !query.implies_word_match();
        Ok(Opened { signals: open, asked: filter::open(shelf, number, query)?, finds })
    }

    /// What went wrong in the meantime.
    fn end(mut self) -> Result<()> {
        self.asked.as_mut().and_then(Test::failure).map_or(Ok(()), Err)
    }
}

/// Robertson and Spärck Jones' inverse document frequency as Lucene has it, never negative.
fn idf(shelf: &SearchScope, term: &Term) -> Result<f64> {
    let holding = shelf.index.doc_freq_alive(term)? as f64;
    let all = shelf.passages.max(1) as f64;
    Ok((1.0 + (all - holding + 0.5) / (holding + 0.5)).ln())
}

/// What a word may be in one field, of which the best counts.
pub(super) struct Signal<'a> {
    /// The word of the query in its exact form, or the pattern as it was typed.
    pub word: &'a str,
    pub name: Name,
    pub field: Field,
    /// Each with what a match gives.
    sources: Vec<(Source<'a>, f64)>,
    /// For BM25's length part; `None` where lengths tell nothing.
    pub average_length: Option<f64>,
    /// A match finds the passage; others only lift what is found.
    pub finds: bool,
}

/// What a signal tells of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// It stands in the passage as it was typed.
    Exact,
    /// In any form, or by another name.
    Form,
    /// As a part of a compound.
    Part,
    /// In the title or the heading, in any form or as a part.
    Title,
    /// With the word after it in the query as one compound.
    Joined,
    /// Parts of the compound that it is.
    OwnParts,
    /// Words that a pattern stands for.
    Pattern,
    /// A stop word in any form, where it only lifts.
    StopWord,
    /// The same of the whole page.
    Page,
    /// Its letters, three by three.
    Letters,
}

enum Source<'a> {
    Term(Term),
    /// The lemmas of words that stand in a row.
    Row(&'a [(usize, Vec<String>)]),
}

impl<'a> Signal<'a> {
    fn new(word: &'a str, name: Name, field: Field, keys: &[String], weight: f64) -> Signal<'a> {
        let source = |key: &String| (Source::Term(Term::from_field_text(field, key)), weight);
        Signal { word, name, field, sources: keys.iter().map(source).collect(), average_length: None, finds: false }
    }

    /// What it gives one document.
    pub fn score_at(&self, shelf: &SearchScope, address: DocAddress) -> Result<f64> {
        Ok(Open::new(shelf, address.segment_ord, self)?.map_or(0.0, |mut open| open.score_at(address.doc_id)))
    }

    /// Its sources in a segment that has them, each with what a match gives.
    pub fn open(&self, shelf: &SearchScope, number: u32) -> Result<Vec<(Cursor, f64)>> {
        let segment = shelf.index.searcher.segment_reader(number);
        let inverted = segment.inverted_index(self.field)?;
        let mut cursors = Vec::new();
        for (source, weight) in &self.sources {
            let cursor = match source {
                Source::Term(term) => match Run::of(&inverted, term, IndexRecordOption::WithFreqs)? {
                    Some(run) if self.field == shelf.fields.title => {
                        Some(Cursor::Titled(Box::new(titled(shelf, number, run)?)))
                    }
                    run => run.map(|run| Cursor::Term(Box::new(run))),
                },
                Source::Row(row) => Some(Cursor::Phrase(docs(shelf, segment, row)?)),
            };
            cursors.extend(cursor.map(|cursor| (cursor, *weight)));
        }
        Ok(cursors)
    }
}

/// What is asked of every passage: first of the words that find, then of the patterns and of those that lift, those of one
/// word one after the other.
pub(super) fn signals<'a>(shelf: &SearchScope, query: &'a Query, weights: &[f64]) -> Result<Vec<Signal<'a>>> {
    let SearchScope { fields, average_length, .. } = *shelf;
    let mut signals = Vec::new();
    for (word, idf_of_lemma) in query.matching_words().zip(weights) {
        let exact = std::slice::from_ref(&word.exact);
        let new = |name, field, keys: &[String], weight| Signal::new(&word.exact, name, field, keys, weight);
        let weight = EXACT * idf_of_any(shelf, fields.exact, exact)?;
        signals.push(Signal { average_length, finds: true, ..new(Name::Exact, fields.exact, exact, weight) });
        let mut lemma = new(Name::Form, fields.lemma, &word.lemmas, *idf_of_lemma);
        for synonym in &word.synonyms {
            add_synonym(shelf, synonym, &mut lemma.sources)?;
        }
        signals.push(Signal { average_length, finds: true, ..lemma });
        let weight = PART * idf_of_any(shelf, fields.component, &word.lemmas)?;
        signals.push(Signal { finds: true, ..new(Name::Part, fields.component, &word.lemmas, weight) });
        // What was dropped of a page has neither.
        for field in [fields.title, fields.heading].into_iter().filter(|_| shelf.has_pages) {
            signals.push(new(Name::Title, field, &word.lemmas, CONTEXT * idf_of_lemma));
        }
        if !word.split_compound.is_empty() {
            let weight = JOINED * idf_of_any(shelf, fields.lemma, &word.split_compound)?;
            signals.push(Signal {
                average_length,
                finds: true,
                ..new(Name::Joined, fields.lemma, &word.split_compound, weight)
            });
        }
        let share = OWN_PARTS / word.components.len().max(1) as f64;
        for part in word.components.chunks(1) {
            let weight = share * idf_of_any(shelf, fields.lemma, part)?;
            signals.push(Signal { average_length, ..new(Name::OwnParts, fields.lemma, part, weight) });
            signals.push(new(Name::OwnParts, fields.component, part, weight * PART));
        }
    }
    for pattern in query.matching_patterns() {
        let forms = pattern.expansions.as_deref().unwrap_or(&[]);
        let mut signal =
            Signal { average_length, finds: true, ..Signal::new(&pattern.text, Name::Pattern, fields.exact, &[], 0.0) };
        for form in forms {
            let idf = idf_of_any(shelf, fields.exact, std::slice::from_ref(form))?;
            signal.sources.push((Source::Term(Term::from_field_text(fields.exact, form)), idf));
        }
        signals.push(signal);
    }
    for word in query.boost_only_words() {
        let weight = STOP * idf_of_any(shelf, fields.lemma, &word.lemmas)?;
        signals.push(Signal {
            average_length,
            ..Signal::new(&word.exact, Name::StopWord, fields.lemma, &word.lemmas, weight)
        });
    }
    Ok(signals)
}

/// Adds what a synonym may be in the place of one of the words that it stands for: the same signal, so that a passage
/// that holds both counts the better one. A phrase is as rare as its rarest word.
fn add_synonym<'a>(shelf: &SearchScope, synonym: &'a Synonym, sources: &mut Vec<(Source<'a>, f64)>) -> Result<()> {
    let Phrase::Lemmas(places) = &synonym.phrase else {
        return Ok(());
    };
    let lemma = shelf.fields.lemma;
    let rarest = places
        .iter()
        .map(|(_, lemmas)| idf_of_any(shelf, lemma, lemmas))
        .try_fold(0.0, |most: f64, idf| Result::Ok(most.max(idf?)))?;
    let weight = SYNONYM * rarest / synonym.covered_words as f64;
    match places.as_slice() {
        [(_, keys)] => sources.extend(keys.iter().map(|key| (Source::Term(Term::from_field_text(lemma, key)), weight))),
        _ => sources.push((Source::Row(places), weight)),
    }
    Ok(())
}

/// Robertson and Walker's BM25 of a term that stands so often in a text with this length part.
pub(super) fn bm25(weight: f64, frequency: u32, norm: f64) -> f64 {
    let frequency = f64::from(frequency);
    exact(weight * frequency / (frequency + norm))
}

/// The nearest number with thirty binary places: of such the sum is the same in whatever order they are added.
fn exact(score: f64) -> f64 {
    /// From here to twice as much, all numbers of 53 binary digits have thirty places.
    const FROM: f64 = (1u64 << (52 - 30)) as f64;
    score + FROM - FROM
}

/// The passages of a segment under the titles of these first ones.
pub(super) fn titled(shelf: &SearchScope, number: u32, firsts: Run) -> Result<Titled> {
    Ok(Titled::new(firsts, shelf.index.fast_fields.page_spans(number)?))
}

/// Where words stand in a row in a segment, in any form.
pub fn docs(shelf: &SearchScope, segment: &SegmentReader, row: &[(usize, Vec<String>)]) -> Result<Box<dyn Scorer>> {
    let unscored = EnableScoring::disabled_from_searcher(&shelf.index.searcher);
    Ok(phrase_query(row, &shelf.fields).weight(unscored)?.scorer(segment, 1.0)?)
}

/// The passages that several pages of their site have. Most indexes have none, and a field without terms is dear to open.
fn repeated(shelf: &SearchScope, segment: &SegmentReader) -> Result<Option<Run>> {
    if shelf.index.repeated == 0 {
        return Ok(None);
    }
    let term = Term::from_field_u64(shelf.fields.duplicate_key, REPEATED_ON_SITE);
    Run::of(segment.inverted_index(shelf.fields.duplicate_key)?.as_ref(), &term, IndexRecordOption::Basic)
}

/// The best passages seen so far, with all that share the last place.
struct Found {
    best: Vec<Scored>,
    wanted: usize,
    /// The score of the last place when they were last looked at.
    least: f64,
    /// So many are looked at again.
    full: usize,
}

impl Found {
    fn new(wanted: usize) -> Found {
        Found { best: Vec::new(), wanted, least: f64::NEG_INFINITY, full: wanted + wanted / 4 }
    }

    /// Takes one that may be among the best. What has a lower score than what is returned can't be.
    fn push(&mut self, scored: Scored) -> f64 {
        if scored.score >= self.least {
            self.best.push(scored);
            if self.best.len() > self.full {
                self.cut();
                // Equals of the last place can't be dropped; a full list of them is next looked at when it has doubled.
                self.full = self.best.len() + (self.wanted / 4).max(self.best.len().saturating_sub(self.wanted));
            }
        }
        self.least
    }

    fn cut(&mut self) {
        if self.wanted == 0 {
            self.best.clear();
            self.least = f64::INFINITY;
        } else if self.best.len() > self.wanted {
            let by_score = |one: &Scored, other: &Scored| other.score.total_cmp(&one.score);
            let (_, last, _) = self.best.select_nth_unstable_by(self.wanted - 1, by_score);
            self.least = last.score;
            self.best.retain(|scored| scored.score >= self.least);
        }
    }
}

/// Orders by score; equals that concern the first `wanted` by page and place in the page.
pub fn order(index: &Index, best: &mut [Scored], wanted: usize) -> Result<()> {
    order_where(index, best, wanted, |start, end| start < wanted && end - start > 1)
}

/// Puts the first `count` before the others, of equals those whose page and place come first; in which order they stand there
/// is left open, since to read of what page each is takes long. Of more than `LOOKED_AT` equals others may be lost.
pub fn set_apart(index: &Index, best: &mut [Scored], count: usize) -> Result<()> {
    order_where(index, best, LOOKED_AT, |start, end| start < count && count < end)
}

/// Orders by score, and those equals by page and place for which `is_asked` holds of where they begin and end.
fn order_where(
    index: &Index,
    best: &mut [Scored],
    wanted: usize,
    is_asked: impl Fn(usize, usize) -> bool,
) -> Result<()> {
    best.sort_by(|one, other| other.score.total_cmp(&one.score));
    let mut end = 0;
    for equals in best.chunk_by_mut(|one, other| one.score == other.score) {
        let start = end;
        end += equals.len();
        if is_asked(start, end) {
            order_equals(index, equals, wanted)?;
        }
    }
    Ok(())
}

/// Orders by page and place in the page those that can be among the first `wanted`; the others are lost if there are many.
/// In a segment the numbers of pages have the order of their names, so that names are read only where segments meet.
fn order_equals(index: &Index, equals: &mut [Scored], wanted: usize) -> Result<()> {
    let mut numbered = Vec::with_capacity(equals.len());
    for scored in equals.iter() {
        let page = index.fast_fields.text_ordinal(scored.address, TextColumn::Page)?;
        let DocAddress { segment_ord, doc_id } = scored.address;
        let place = doc_id - index.fast_fields.page_spans(segment_ord)?.first(doc_id);
        numbered.push(((scored.address.segment_ord, page, place), *scored));
    }
    numbered.sort_unstable_by_key(|(number, _)| *number);
    let is_one_segment = numbered.first().map(|(number, _)| number.0) == numbered.last().map(|(number, _)| number.0);
    let mut placed = Vec::new();
    for in_segment in numbered.chunk_by(|one, other| one.0.0 == other.0.0) {
        for ((_, _, place), scored) in in_segment.iter().take(wanted) {
            let page = if is_one_segment {
                String::new()
            } else {
                index.fast_fields.text(scored.address, TextColumn::Page)?
            };
            placed.push(((page, *place), *scored));
        }
    }
    if !is_one_segment {
        placed.sort_by(|one, other| one.0.cmp(&other.0));
    }
    for (slot, (_, scored)) in equals.iter_mut().zip(placed) {
        *slot = scored;
    }
    Ok(())
}
