//! `SignalScorer`: scores one signal in one segment, exactly or as an upper bound.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::{DocAddress, DocId, TantivyError};

use super::bm25::{LengthNorms, QUANTUM, length_norms, passage_weight, term_score};
use super::signals::Signal;
use super::upper_bounds::BoundSource;
use crate::error::Result;
use crate::search::matching::WeightedCursor;
use crate::search::scope::SearchScope;

/// A signal, opened in a segment. Its cursors never move back, so documents must be scored in ascending order.
pub struct SignalScorer {
    cursors: Vec<WeightedCursor>,
    lengths: FieldNormReader,
    pub length_norms: LengthNorms,
    pub is_matching: bool,
    /// The most that it adds to the score of any document.
    pub upper_bound: f64,
    /// The approximate number of postings of its cursors.
    pub posting_count: usize,
    /// Copies of the cursors, since bounds are computed ahead of scores.
    pub bound_source: BoundSource,
    /// Whether its postings are read to find candidates (MaxScore's essential lists). Otherwise it is only looked up
    /// for candidates that others find.
    pub is_essential: bool,
}

/// Factor on upper bounds, for rounding errors that are proportional to a score. The score of a term that is in nearly
/// all passages is tiny. Rounding it to a multiple of `QUANTUM` can increase it by more than this factor, so `QUANTUM`
/// is also added.
const SLACK: f64 = 1.0001;

impl SignalScorer {
    /// `None` where the signal doesn't occur.
    pub fn open(scope: &SearchScope, segment_ord: u32, signal: &Signal) -> Result<Option<SignalScorer>> {
        let segment = scope.segment(segment_ord);
        let cursors: Vec<WeightedCursor> = signal
            .cursors(scope, segment_ord)?
            .into_iter()
            .map(|(cursor, weight)| WeightedCursor::new(cursor, passage_weight(weight)))
            .collect();
        if cursors.is_empty() {
            return Ok(None);
        }
        let length_norms = length_norms(signal.average_length);
        let passages_per_page = (scope.index.passages / scope.index.pages.max(1)).max(1) as usize;
        // The first norm belongs to the shortest text, which scores highest.
        let max_score = |cursor: &WeightedCursor| {
            cursor.max_term_freq().map_or(cursor.weight, |freq| term_score(cursor.weight, freq, length_norms[0]))
        };
        let lengths = segment.get_fieldnorms_reader(scope.fields.lemma)?;
        let open_lengths = || segment.fieldnorms_readers().get_inner_file().open_read(scope.fields.lemma);
        let lengths_file = signal.average_length.and_then(|_| open_lengths());
        let length_bytes = lengths_file.map(|file| file.read_bytes()).transpose().map_err(TantivyError::from)?;
        Ok(Some(SignalScorer {
            bound_source: BoundSource::new(cursors.clone(), length_bytes, length_norms[0]),
            is_essential: true,
            upper_bound: cursors.iter().map(max_score).fold(0.0, f64::max) * SLACK + QUANTUM,
            posting_count: cursors.iter().map(|cursor| cursor.estimated_doc_freq(passages_per_page)).sum(),
            cursors,
            lengths,
            length_norms,
            is_matching: signal.is_matching,
        }))
    }

    /// The highest BM25 score of its cursors in `doc`; 0 if none of them contains it.
    // Without the attribute, the compiler inlines neither this function nor the `seek` that it calls. The calls then take
    // 1 % of the instructions of a search.
    #[inline(always)]
    pub fn score(&mut self, doc: DocId) -> f64 {
        let SignalScorer { cursors, lengths, length_norms, .. } = self;
        let mut best = 0.0_f64;
        for cursor in cursors {
            if cursor.seek(doc) == doc {
                let length_norm = length_norms[usize::from(lengths.fieldnorm_id(doc))];
                best = best.max(term_score(cursor.weight, cursor.term_freq(), length_norm));
            }
        }
        debug_assert!(best <= self.upper_bound, "the upper bound of a signal bounds its scores");
        best
    }
}

/// The score of a signal in a single document.
pub fn score_at(scope: &SearchScope, signal: &Signal, address: DocAddress) -> Result<f64> {
    let scorer = SignalScorer::open(scope, address.segment_ord, signal)?;
    Ok(scorer.map_or(0.0, |mut scorer| scorer.score(address.doc_id)))
}
