//! Counts the passages that match a query, with bit sets of documents and without scores.

use std::collections::BTreeSet;

use tantivy::schema::Field;
use tantivy::{DocId, SegmentReader, TERMINATED};

use super::constraint_matcher::{ConstraintMatcher, retain_hits};
use super::doc_window::DocWindow;
use super::phrase_cursor::PhraseCursor;
use super::postings_cursor::PostingsCursor;
use crate::error::Result;
use crate::query::{Phrase, Query};
use crate::search::interrupt::StopCheck;
use crate::search::scope::SearchScope;

/// The number of passages that match; a lower bound if the search is stopped.
pub fn count_matches(scope: &SearchScope, query: &Query) -> Result<usize> {
    let mut count = 0;
    for (segment_ord, segment) in (0u32..).zip(scope.segments()) {
        let mut counter = MatchCounter::open(scope, segment, query)?;
        let mut constraint = ConstraintMatcher::open(scope, segment_ord, query)?;
        if scope.stop.should_stop() {
            break;
        }
        count += match counter.known_count(segment).filter(|_| constraint.is_none()) {
            Some(count) => count,
            None => {
                visit_segment(scope, segment, &mut counter, &mut constraint, |_| Ok(()))?;
                counter.count
            }
        };
    }
    Ok(count)
}

/// Calls `visit` with the passages that match, segment by segment in ascending windows, and with the ordinal of the
/// segment. If the search is stopped, some are missing.
pub fn for_each_window(
    scope: &SearchScope,
    query: &Query,
    mut visit: impl FnMut(u32, &DocWindow) -> Result<()>,
) -> Result<()> {
    for (segment_ord, segment) in (0u32..).zip(scope.segments()) {
        let mut counter = MatchCounter::open(scope, segment, query)?;
        let mut constraint = ConstraintMatcher::open(scope, segment_ord, query)?;
        visit_segment(scope, segment, &mut counter, &mut constraint, |window| visit(segment_ord, window))?;
    }
    Ok(())
}

fn visit_segment(
    scope: &SearchScope,
    segment: &SegmentReader,
    counter: &mut MatchCounter,
    constraint: &mut Option<ConstraintMatcher>,
    mut visit: impl FnMut(&DocWindow) -> Result<()>,
) -> Result<()> {
    let max_doc = segment.max_doc();
    let mut from = 0;
    loop {
        from = counter.seek(from, constraint, max_doc);
        if from >= max_doc || scope.stop.should_stop() {
            break;
        }
        let window = counter.matches(from, max_doc, segment, constraint);
        from = window.end();
        if scope.stop.is_stopped() {
            // The constraint may not have been evaluated for the whole window.
            break;
        }
        visit(&window)?;
    }
    constraint.as_mut().and_then(ConstraintMatcher::take_error).map_or(Ok(()), Err)
}

/// Counts the documents of a segment that match, window by window.
pub struct MatchCounter<'a> {
    /// `None` if the constraint alone decides.
    matching: Option<MatchingDocs>,
    /// The number of matches in all windows so far.
    pub count: usize,
    stop: &'a StopCheck<'a>,
}

impl<'a> MatchCounter<'a> {
    /// If the search is stopped meanwhile, some lists are missing.
    pub fn open(scope: &SearchScope<'a>, segment: &SegmentReader, query: &Query) -> Result<MatchCounter<'a>> {
        let needs_match = query.must_match_word && !query.implies_word_match();
        let matching = if needs_match { Some(MatchingDocs::open(scope, segment, query)?) } else { None };
        Ok(MatchCounter { matching, count: 0, stop: scope.stop })
    }

    /// The number of matches without a constraint, if it is known without reading the lists.
    fn known_count(&self, segment: &SegmentReader) -> Option<usize> {
        self.matching.as_ref().filter(|_| segment.alive_bitset().is_none())?.doc_freq()
    }

    /// A lower bound of the first match at or after `from`.
    pub fn seek(&mut self, from: DocId, constraint: &mut Option<ConstraintMatcher>, max_doc: DocId) -> DocId {
        let next = self.matching.as_mut().map_or(from, |matching| matching.seek(from));
        match constraint {
            Some(constraint) if next < max_doc => constraint.seek(next),
            _ => next,
        }
    }

    /// Returns and counts the matches in the window that begins at `begin` and ends at `max_doc` at the latest. Windows
    /// must be passed in ascending order.
    pub fn matches(
        &mut self,
        begin: DocId,
        max_doc: DocId,
        segment: &SegmentReader,
        constraint: &mut Option<ConstraintMatcher>,
    ) -> DocWindow {
        let mut window = match &mut self.matching {
            Some(matching) => matching.window(begin, max_doc),
            None => DocWindow::full(begin, max_doc),
        };
        retain_hits(&mut window, segment, constraint);
        if !self.stop.is_stopped() {
            // Otherwise the constraint may not have been evaluated for the whole window.
            self.count += window.len();
        }
        window
    }
}

/// The documents of a segment in which a matching word or pattern of a query occurs: those that its matching signals
/// score.
struct MatchingDocs {
    lists: Vec<PostingsCursor>,
    /// Synonyms of several words.
    phrases: Vec<PhraseCursor>,
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
                    Phrase::Lemmas(words) => phrases.push(PhraseCursor::open(segment, fields.lemma, words)?),
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
        let in_phrases = self.phrases.iter_mut().map(|phrase| phrase.seek(doc)).min();
        in_lists.min(in_phrases.unwrap_or(TERMINATED))
    }

    /// The documents of the window that begins at `begin`.
    fn window(&mut self, begin: DocId, max_doc: DocId) -> DocWindow {
        let mut window = DocWindow::empty(begin, max_doc);
        self.lists.iter_mut().for_each(|list| list.insert_into(&mut window));
        for phrase in &mut self.phrases {
            let mut doc = phrase.seek(begin);
            while doc < window.end() {
                window.insert_docs(&[doc]);
                doc = phrase.advance();
            }
        }
        window
    }
}
