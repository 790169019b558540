//! Reads the term dictionaries of all segments, with document frequencies that exclude deleted passages.

use std::sync::Arc;

use tantivy::index::InvertedIndexReader;
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{SegmentReader, TantivyError};
use tantivy_fst::Automaton;

use crate::error::Result;
use crate::index::Index;

/// The term dictionaries of one field, by segment.
pub struct TermDictionaries<'a>(Vec<SegmentTerms<'a>>);

struct SegmentTerms<'a> {
    segment: &'a SegmentReader,
    inverted: Arc<InvertedIndexReader>,
}

impl<'a> TermDictionaries<'a> {
    pub fn open(index: &'a Index, field: Field) -> Result<TermDictionaries<'a>> {
        let open = |segment: &'a SegmentReader| Ok(SegmentTerms { segment, inverted: segment.inverted_index(field)? });
        Ok(TermDictionaries(index.searcher.segment_readers().iter().map(open).collect::<Result<_>>()?))
    }

    /// Calls `visit` with every term that the automaton accepts and a function that counts its live passages, segment
    /// by segment; a term in several segments is visited more than once. In a segment with deletions, counting reads
    /// the posting list.
    pub fn for_each_match<A: Automaton>(
        &self,
        automaton: &A,
        mut visit: impl FnMut(&str, &dyn Fn() -> Result<u64>) -> Result<()>,
    ) -> Result<()>
    where
        A::State: Clone,
    {
        for segment in &self.0 {
            let mut terms = segment.inverted.terms().search(automaton).into_stream().map_err(TantivyError::from)?;
            while terms.advance() {
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
        for segment in &self.0 {
            let info = segment.inverted.terms().get(term).map_err(TantivyError::from)?;
            passages += info.map_or(Ok(0), |info| segment.count_passages(&info))?;
        }
        Ok(passages)
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
