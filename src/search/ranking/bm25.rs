//! BM25 (Robertson, Walker et al. 1994): idf, length normalization and term frequency saturation, for passages and
//! pages.
//!
//! The order of the floating-point operations is part of the contract: scores are compared bit by bit.

use tantivy::Term;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::Field;

use super::weights::{B, K1, PAGE_B, PAGE_K1};
use crate::error::Result;
use crate::search::scope::SearchScope;

/// Length norms by fieldnorm id, the byte in which tantivy stores a length.
pub type LengthNorms = [f64; 256];

/// The lowest idf among some terms: a word with several lemmas gets the idf of the most common of them.
pub fn lowest_idf(scope: &SearchScope, field: Field, keys: &[String]) -> Result<f64> {
    keys.iter()
        .map(|key| idf(scope, &Term::from_field_text(field, key)))
        .try_fold(f64::MAX, |lowest, idf| Ok(lowest.min(idf?)))
}

/// Robertson and Spärck Jones' inverse document frequency in Lucene's variant, which is never negative.
fn idf(scope: &SearchScope, term: &Term) -> Result<f64> {
    let doc_freq = scope.index.doc_freq_alive(term)? as f64;
    let doc_count = scope.doc_count.max(1) as f64;
    Ok((1.0 + (doc_count - doc_freq + 0.5) / (doc_freq + 0.5)).ln())
}

/// Multiplies a weight by BM25's constant factor for passages, k1 + 1.
pub fn passage_weight(weight: f64) -> f64 {
    weight * (K1 + 1.0)
}

/// The length norm of every fieldnorm id; without an average length, lengths don't count.
pub fn length_norms(average_length: Option<f64>) -> LengthNorms {
    std::array::from_fn(|id| match average_length {
        Some(average) => K1 * (1.0 - B + B * f64::from(FieldNormReader::id_to_fieldnorm(id as u8)) / average),
        None => K1,
    })
}

/// Multiplies a weight by BM25's constant factor for pages, k1 + 1.
pub fn page_weight(weight: f64) -> f64 {
    weight * (PAGE_K1 + 1.0)
}

/// The length norm of a page: `relative_length` is its length divided by the average; `None` where lengths don't count.
pub fn page_length_norm(relative_length: Option<f64>) -> f64 {
    match relative_length {
        Some(length) => PAGE_K1 * (1.0 - PAGE_B + PAGE_B * length),
        None => PAGE_K1,
    }
}

/// The score of a term, quantized. `weight` includes idf and k1 + 1.
pub fn term_score(weight: f64, term_freq: u32, length_norm: f64) -> f64 {
    let term_freq = f64::from(term_freq);
    quantize_score(weight * term_freq / (term_freq + length_norm))
}

/// The fraction of its weight that a term contributes at a given term frequency. In single precision, for tables of
/// upper bounds, whose margin covers the rounding error.
pub fn saturation(term_freq: usize, length_norm: f64) -> f32 {
    term_freq as f32 / (term_freq as f32 + length_norm as f32)
}

/// Quantized scores are multiples of this value, 2⁻³⁰.
pub const QUANTUM: f64 = 1.0 / (1u64 << 30) as f64;

/// Rounds to the nearest multiple of `QUANTUM`. A sum of such scores is exact, so it doesn't depend on the order of
/// addition.
fn quantize_score(score: f64) -> f64 {
    /// Between this value and twice this value, consecutive doubles differ by `QUANTUM`.
    const SHIFT: f64 = (1u64 << (52 - 30)) as f64;
    score + SHIFT - SHIFT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantized_scores_add_up_exactly() {
        let scores: Vec<f64> = (1..200).map(|n| term_score(9.7 / f64::from(n), n, 0.37)).collect();
        let forward = scores.iter().fold(0.0, |sum, score| sum + score);
        let backward = scores.iter().rev().fold(0.0, |sum, score| sum + score);
        assert_eq!(forward.to_bits(), backward.to_bits());
        assert!(scores.iter().all(|score| (score / QUANTUM).fract() == 0.0));
    }

    #[test]
    fn scores_grow_with_frequency_and_fall_with_length() {
        let norms = length_norms(Some(80.0));
        assert!(norms.is_sorted());
        assert!(term_score(1.0, 2, norms[40]) > term_score(1.0, 1, norms[40]));
        assert!(term_score(1.0, 1, norms[40]) > term_score(1.0, 1, norms[41]));
        assert!(length_norms(None).iter().all(|norm| *norm == K1));
    }
}
