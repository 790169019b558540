//! Reads the term dictionaries of all segments, with document frequencies that exclude deleted passages.

use std::cell::Cell;
use std::sync::Arc;

use tantivy::index::InvertedIndexReader;
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{SegmentReader, TantivyError};
use tantivy_fst::Automaton;

use crate::error::Result;
use crate::index::Index;
use crate::search::interrupt::StopCheck;

/// The term dictionaries of one field, by segment.
pub struct TermDictionaries<'a> {
    segments: Vec<SegmentTerms<'a>>,
    stop: &'a StopCheck<'a>,
}

struct SegmentTerms<'a> {
    segment: &'a SegmentReader,
    inverted: Arc<InvertedIndexReader>,
}

impl<'a> TermDictionaries<'a> {
    pub fn open(index: &'a Index, field: Field, stop: &'a StopCheck<'a>) -> Result<TermDictionaries<'a>> {
        let open = |segment: &'a SegmentReader| Ok(SegmentTerms { segment, inverted: segment.inverted_index(field)? });
        let segments = index.searcher.segment_readers().iter().map(open).collect::<Result<_>>()?;
        Ok(TermDictionaries { segments, stop })
    }

    /// Calls `visit` with every term that the automaton accepts and a function that counts its live passages, segment
    /// by segment; a term in several segments is visited more than once. In a segment with deletions, counting reads
    /// the posting list. If the search is stopped meanwhile, some terms are missing.
    pub fn for_each_match<A: Automaton>(
        &self,
        automaton: &A,
        visit: impl FnMut(&str, &dyn Fn() -> Result<u64>) -> Result<()>,
    ) -> Result<()>
    where
        A::State: Clone,
    {
        if self.stop.is_active() {
            self.visit_matches(&StoppableAutomaton { automaton, stop: self.stop, steps: Cell::new(0) }, visit)
        } else {
            self.visit_matches(automaton, visit)
        }
    }

    fn visit_matches<A: Automaton>(
        &self,
        automaton: &A,
        mut visit: impl FnMut(&str, &dyn Fn() -> Result<u64>) -> Result<()>,
    ) -> Result<()>
    where
        A::State: Clone,
    {
        for segment in &self.segments {
            let mut terms = segment.inverted.terms().search(automaton).into_stream().map_err(TantivyError::from)?;
            while terms.advance() && !self.stop.should_stop() {
                if let Ok(term) = std::str::from_utf8(terms.key()) {
                    visit(term, &|| segment.count_passages(terms.value()))?;
                }
            }
        }
        Ok(())
    }

    /// Number of live passages that contain a term.
    pub fn count_passages(&self, term: &str) -> Result<u64> {
        let mut passages = 0;
        for segment in &self.segments {
            let info = segment.inverted.terms().get(term).map_err(TantivyError::from)?;
            passages += info.map_or(Ok(0), |info| segment.count_passages(&info))?;
        }
        Ok(passages)
    }
}

/// An automaton that matches nothing once a search is stopped. The walk through a dictionary returns to its caller only
/// at a match, and a pattern may have none.
struct StoppableAutomaton<'a, A> {
    automaton: &'a A,
    stop: &'a StopCheck<'a>,
    steps: Cell<u32>,
}

/// The number of bytes of terms after which a search checks whether it must stop.
const STEPS_PER_CHECK: u32 = 1 << 14;

impl<A: Automaton> Automaton for StoppableAutomaton<'_, A> {
    type State = A::State;

    fn start(&self) -> A::State {
        self.automaton.start()
    }

    fn is_match(&self, state: &A::State) -> bool {
        self.automaton.is_match(state)
    }

    fn can_match(&self, state: &A::State) -> bool {
        !self.stop.is_stopped() && self.automaton.can_match(state)
    }

    fn accept(&self, state: &A::State, byte: u8) -> A::State {
        self.steps.set(self.steps.get().wrapping_add(1));
        if self.steps.get().is_multiple_of(STEPS_PER_CHECK) {
            self.stop.should_stop();
        }
        self.automaton.accept(state, byte)
    }
}

impl SegmentTerms<'_> {
    fn count_passages(&self, info: &TermInfo) -> Result<u64> {
        let Some(alive) = self.segment.alive_bitset() else {
            return Ok(u64::from(info.doc_freq));
        };
        let postings = self.inverted.read_postings_from_terminfo(info, IndexRecordOption::Basic);
        Ok(u64::from(postings.map_err(TantivyError::from)?.doc_freq_given_deletes(alive)))
    }
}
