//! Translates a query into weighted signals: each query word in each field, with BM25 weights from `weights`.

use serde::Serialize;
use tantivy::Term;
use tantivy::schema::{Field, IndexRecordOption};

use super::bm25::lowest_idf;
use super::weights::{
    COMPONENT, EXACT, NEAR_SYNONYM, QUERY_COMPONENTS, SPLIT_COMPOUND, STOP_WORD, SYNONYM, TITLE_AND_HEADING,
};
use crate::error::Result;
use crate::query::{Phrase, Query, QueryWord, SplitCompound, Synonym};
use crate::search::matching::{Cursor, PhraseCursor, PostingsCursor, TitlePostings};
use crate::search::scope::SearchScope;

/// The idf of each matching word of the query: the idf of its most common lemma in passages, which is also used for
/// titles. If the search is stopped meanwhile, the rest are 0.
pub fn query_idfs(scope: &SearchScope, query: &Query) -> Result<Vec<f64>> {
    let idf = |word: &QueryWord| {
        if scope.stop.should_stop() { Ok(0.0) } else { lowest_idf(scope, scope.fields.lemma, &word.lemmas) }
    };
    query.matching_words().map(idf).collect()
}

/// One query word in one field. If several of its terms or phrases match, the best one counts.
pub struct Signal<'a> {
    /// The exact form of the query word, or the pattern as typed.
    pub word: &'a str,
    pub name: SignalName,
    pub field: Field,
    /// Each with its weight: the idf times a factor from `weights`.
    sources: Vec<(SignalSource<'a>, f64)>,
    /// For BM25's length norm; `None` where lengths don't count.
    pub average_length: Option<f64>,
    /// Whether a match makes a passage a hit; otherwise the signal is boost-only.
    pub is_matching: bool,
}

/// What a signal matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalName {
    /// The word in the passage as typed.
    Exact,
    /// Any inflection of the word, or a synonym.
    Lemma,
    /// The word as a component of a compound.
    Component,
    /// The word in the title or the heading, inflected or as a component.
    Title,
    /// The compound of the word and the next word, which were typed separately.
    SplitCompound,
    /// The components of the query word, if that is a compound.
    QueryComponent,
    /// Words that a pattern matches.
    Pattern,
    /// A stop word in any form, where it is boost-only.
    StopWord,
    /// All of these except `Title`, over the whole page.
    Page,
    /// The character trigrams of the word.
    Trigrams,
}

enum SignalSource<'a> {
    Term(Term),
    /// The lemmas of words at consecutive positions, with their offsets.
    Phrase(&'a [(usize, Vec<String>)]),
}

impl<'a> Signal<'a> {
    fn new(word: &'a str, name: SignalName, field: Field, keys: &[String], weight: f64) -> Signal<'a> {
        let source = |key: &String| (SignalSource::Term(Term::from_field_text(field, key)), weight);
        let sources = keys.iter().map(source).collect();
        Signal { word, name, field, sources, average_length: None, is_matching: false }
    }

    /// Opens the sources that occur in a segment, each with its weight.
    pub fn cursors(&self, scope: &SearchScope, segment_ord: u32) -> Result<Vec<(Cursor, f64)>> {
        let segment = scope.segment(segment_ord);
        let inverted = segment.inverted_index(self.field)?;
        let mut cursors = Vec::new();
        for (source, weight) in &self.sources {
            let cursor = match source {
                SignalSource::Term(term) => {
                    match PostingsCursor::open(&inverted, term, IndexRecordOption::WithFreqs)? {
                        Some(postings) if self.field == scope.fields.title => {
                            let titles = TitlePostings::new(postings, scope.index.fast_fields.page_spans(segment_ord)?);
                            Some(Cursor::Title(Box::new(titles)))
                        }
                        postings => postings.map(|postings| Cursor::Term(Box::new(postings))),
                    }
                }
                SignalSource::Phrase(lemmas) => {
                    Some(Cursor::Phrase(Box::new(PhraseCursor::open(segment, self.field, lemmas)?)))
                }
            };
            cursors.extend(cursor.map(|cursor| (cursor, *weight)));
        }
        Ok(cursors)
    }
}

/// The signals of a query: first those of the words that match, then those of the patterns, then those of the words
/// that only boost. Signals of one word are adjacent. If the search is stopped meanwhile, some are missing.
pub fn query_signals<'a>(scope: &SearchScope, query: &'a Query, idfs: &[f64]) -> Result<Vec<Signal<'a>>> {
    let SearchScope { fields, average_length, .. } = *scope;
    let mut signals = Vec::new();
    for (word, lemma_idf) in query.matching_words().zip(idfs) {
        if scope.stop.should_stop() {
            return Ok(signals);
        }
        let exact = std::slice::from_ref(&word.exact);
        let new = |name, field, keys: &[String], weight| Signal::new(&word.exact, name, field, keys, weight);
        let weight = EXACT * lowest_idf(scope, fields.exact, exact)?;
        signals.push(Signal {
            average_length,
            is_matching: true,
            ..new(SignalName::Exact, fields.exact, exact, weight)
        });
        let mut lemma = new(SignalName::Lemma, fields.lemma, &word.lemmas, *lemma_idf);
        for synonym in &word.synonyms {
            add_synonym(scope, synonym, *lemma_idf, &mut lemma.sources)?;
        }
        signals.push(Signal { average_length, is_matching: true, ..lemma });
        let weight = COMPONENT * lowest_idf(scope, fields.component, &word.lemmas)?;
        signals
            .push(Signal { is_matching: true, ..new(SignalName::Component, fields.component, &word.lemmas, weight) });
        // Boilerplate has neither title nor heading.
        for field in [fields.title, fields.heading].into_iter().filter(|_| scope.is_content) {
            signals.push(new(SignalName::Title, field, &word.lemmas, TITLE_AND_HEADING * lemma_idf));
        }
        let SplitCompound { forms, lemmas } = &word.split_compound;
        if !lemmas.is_empty() {
            let weight = EXACT * lowest_idf(scope, fields.exact, forms)?;
            signals.push(Signal { average_length, ..new(SignalName::SplitCompound, fields.exact, forms, weight) });
            let weight = SPLIT_COMPOUND * lowest_idf(scope, fields.lemma, lemmas)?;
            signals.push(Signal {
                average_length,
                is_matching: true,
                ..new(SignalName::SplitCompound, fields.lemma, lemmas, weight)
            });
        }
        let share = QUERY_COMPONENTS / word.components.len().max(1) as f64;
        for component in word.components.chunks(1) {
            let weight = share * lowest_idf(scope, fields.lemma, component)?;
            signals.push(Signal { average_length, ..new(SignalName::QueryComponent, fields.lemma, component, weight) });
            signals.push(new(SignalName::QueryComponent, fields.component, component, weight * COMPONENT));
        }
    }
    for pattern in query.matching_patterns() {
        let mut signal = Signal::new(&pattern.text, SignalName::Pattern, fields.exact, &[], 0.0);
        for form in pattern.expansions.as_deref().unwrap_or(&[]) {
            if scope.stop.should_stop() {
                return Ok(signals);
            }
            let idf = lowest_idf(scope, fields.exact, std::slice::from_ref(form))?;
            signal.sources.push((SignalSource::Term(Term::from_field_text(fields.exact, form)), idf));
        }
        signals.push(Signal { average_length, is_matching: true, ..signal });
    }
    for word in query.boost_only_words() {
        let weight = STOP_WORD * lowest_idf(scope, fields.lemma, &word.lemmas)?;
        let signal = Signal::new(&word.exact, SignalName::StopWord, fields.lemma, &word.lemmas, weight);
        signals.push(Signal { average_length, ..signal });
    }
    Ok(signals)
}

/// Adds a synonym to the lemma signal of a word that it can replace: a passage with both gets only the higher score.
/// The idf of a phrase is the idf of its rarest word. The idf of a word of similar meaning is limited to the idf of
/// the word that was typed, because most passages with it are about something else.
fn add_synonym<'a>(
    scope: &SearchScope,
    synonym: &'a Synonym,
    word_idf: f64,
    sources: &mut Vec<(SignalSource<'a>, f64)>,
) -> Result<()> {
    let Phrase::Lemmas(words) = &synonym.phrase else {
        return Ok(());
    };
    let field = scope.fields.lemma;
    let rarest = words
        .iter()
        .map(|(_, lemmas)| lowest_idf(scope, field, lemmas))
        .try_fold(0.0, |highest: f64, idf| Result::Ok(highest.max(idf?)))?;
    let full = rarest / synonym.covered_words as f64;
    let weight = if synonym.is_near { NEAR_SYNONYM * full.min(word_idf) } else { SYNONYM * full };
    match words.as_slice() {
        [(_, keys)] => {
            sources.extend(keys.iter().map(|key| (SignalSource::Term(Term::from_field_text(field, key)), weight)));
        }
        _ => sources.push((SignalSource::Phrase(words), weight)),
    }
    Ok(())
}
