//! Counts the passages that match a query, with bit sets of documents and without scores.

use std::collections::BTreeSet;

use tantivy::query::Scorer;
use tantivy::schema::Field;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use super::constraint_matcher::{ConstraintMatcher, retain_hits};
use super::cursor::phrase_scorer;
use super::doc_window::DocWindow;
use super::postings_cursor::{PostingsCursor, seek};
use crate::error::Result;
use crate::query::{Phrase, Query};
use crate::search::scope::SearchScope;

/// The number of passages that match; a lower bound if the search is stopped.
pub fn count_matches(scope: &SearchScope, query: &Query) -> Result<usize> {
    let mut count = 0;
    for (segment_ord, segment) in (0u32..).zip(scope.segments()) {
        let needs_match = query.must_match_word && !query.implies_word_match();
        let matching = if needs_match { Some(MatchingDocs::open(scope, segment, query)?) } else { None };
        let constraint = ConstraintMatcher::open(scope, segment_ord, query)?;
        if scope.stop.should_stop() {
            break;
        }
        count += count_in_segment(scope, segment, matching, constraint)?;
    }
    Ok(count)
}

fn count_in_segment(
    scope: &SearchScope,
    segment: &SegmentReader,
    mut matching: Option<MatchingDocs>,
    mut constraint: Option<ConstraintMatcher>,
) -> Result<usize> {
    if constraint.is_none()
        && segment.alive_bitset().is_none()
        && let Some(doc_freq) = matching.as_ref().and_then(MatchingDocs::doc_freq)
    {
        return Ok(doc_freq);
    }
    let max_doc = segment.max_doc();
    let (mut count, mut from) = (0, 0);
    loop {
        from = matching.as_mut().map_or(from, |matching| matching.seek(from));
        if let Some(constraint) = constraint.as_mut().filter(|_| from < max_doc) {
            from = constraint.seek(from);
        }
        if from >= max_doc || scope.stop.should_stop() {
            break;
        }
        let mut window = match &mut matching {
            Some(matching) => matching.window(from, max_doc),
            None => DocWindow::full(from, max_doc),
        };
        retain_hits(&mut window, segment, &mut constraint);
        if scope.stop.is_stopped() {
            break;
        }
        count += window.len();
        from = window.end();
    }
    constraint.as_mut().and_then(ConstraintMatcher::take_error).map_or(Ok(count), Err)
}

/// The documents of a segment in which a matching word or pattern of a query occurs: those that its matching signals
/// score.
struct MatchingDocs {
    lists: Vec<PostingsCursor>,
    /// Synonyms of several words.
    phrases: Vec<Box<dyn Scorer>>,
}

impl MatchingDocs {
    /// If the search is stopped meanwhile, some lists are missing.
    fn open(scope: &SearchScope, segment: &SegmentReader, query: &Query) -> Result<MatchingDocs> {
        let fields = &scope.fields;
        let mut phrases = Vec::new();
        // Words can share lists: lemmas, synonyms, and the compounds of neighbors.
        let mut keys: BTreeSet<(Field, &String)> = BTreeSet::new();
        for word in query.matching_words() {
            keys.insert((fields.exact, &word.exact));
            keys.extend(word.lemmas.iter().flat_map(|key| [(fields.lemma, key), (fields.component, key)]));
            keys.extend(word.split_compound.lemmas.iter().map(|key| (fields.lemma, key)));
            for synonym in &word.synonyms {
                match &synonym.phrase {
                    Phrase::Lemmas(words) if words.len() == 1 => {
                        keys.extend(words[0].1.iter().map(|key| (fields.lemma, key)));
                    }
                    Phrase::Lemmas(_) if scope.stop.should_stop() => {}
                    Phrase::Lemmas(words) => phrases.push(phrase_scorer(scope, segment, words)?),
                    Phrase::ExactWord(_) | Phrase::ExactWords(_) => {}
                }
            }
        }
        for pattern in query.matching_patterns() {
            keys.extend(pattern.expansions.iter().flatten().map(|form| (fields.exact, form)));
        }
        let mut lists = Vec::new();
        for (field, key) in keys {
            if !scope.stop.should_stop() {
                lists.extend(PostingsCursor::open_all(segment, field, std::slice::from_ref(key))?);
            }
        }
        Ok(MatchingDocs { lists, phrases })
    }

    /// The number of documents, including deleted ones, if it is known without reading the lists.
    fn doc_freq(&self) -> Option<usize> {
        match (self.lists.as_slice(), self.phrases.as_slice()) {
            ([], []) => Some(0),
            ([list], []) => Some(list.doc_freq()),
            _ => None,
        }
    }

    /// The first document at or after `doc`.
    fn seek(&mut self, doc: DocId) -> DocId {
        let in_lists = self.lists.iter_mut().map(|list| list.seek(doc)).min().unwrap_or(TERMINATED);
        let in_phrases = self.phrases.iter_mut().map(|docs| seek(docs.as_mut(), doc)).min();
        in_lists.min(in_phrases.unwrap_or(TERMINATED))
    }

    /// The documents of the window that begins at `begin`.
    fn window(&mut self, begin: DocId, max_doc: DocId) -> DocWindow {
        let mut window = DocWindow::empty(begin, max_doc);
        self.lists.iter_mut().for_each(|list| list.insert_into(&mut window));
        for docs in &mut self.phrases {
            let mut doc = seek(docs.as_mut(), begin);
            while doc < window.end() {
                window.insert_docs(&[doc]);
                doc = docs.advance();
            }
        }
        window
    }
}
