//! `TopK`: keeps the k best passages by quickselect, including all ties with the k-th.

use tantivy::DocAddress;

use super::weights::REPEATED;

/// A passage and its score.
#[derive(Clone, Copy, Debug)]
pub struct ScoredPassage {
    pub address: DocAddress,
    pub score: f64,
    /// Whether it recurs on other pages of its site. If so, its signals count less (`weights::REPEATED`).
    pub is_repeated: bool,
    pub stage: RankStage,
}

impl ScoredPassage {
    /// Adds the score of a signal.
    pub fn add(&mut self, score: f64) {
        self.score += if self.is_repeated { score * REPEATED } else { score };
    }
}

/// Which signals a score includes: the expensive ones are computed only for the best passages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RankStage {
    /// Only the signals from posting lists, for the passage alone.
    FirstStage,
    /// Also the page score and the word order.
    Reranked,
    /// Also the character trigrams of its text.
    RerankedByText,
}

/// The k best passages so far, unordered, with all that share the k-th score.
pub struct TopK {
    passages: Vec<ScoredPassage>,
    k: usize,
    /// The k-th score at the last selection.
    threshold: f64,
    /// When `passages` gets longer than this, the k best are selected again. Initially a quarter more than k, so that
    /// selection is rare but the threshold still rises early.
    capacity: usize,
}

impl TopK {
    pub fn new(k: usize) -> TopK {
        TopK { passages: Vec::new(), k, threshold: f64::NEG_INFINITY, capacity: k + k / 4 }
    }

    /// Adds a passage if it can be among the best. Returns the threshold: passages with a lower score can't be among
    /// them.
    pub fn push(&mut self, scored: ScoredPassage) -> f64 {
        if scored.score >= self.threshold {
            self.passages.push(scored);
            if self.passages.len() > self.capacity {
                self.select();
                // Ties with the k-th can't be dropped. The capacity grows with them, so that selecting them over and
                // over doesn't take quadratic time.
                let ties = self.passages.len().saturating_sub(self.k);
                self.capacity = self.passages.len() + (self.k / 4).max(ties);
            }
        }
        self.threshold
    }

    /// The k best, unordered, with all that share the k-th score.
    pub fn into_passages(mut self) -> Vec<ScoredPassage> {
        self.select();
        self.passages
    }

    fn select(&mut self) {
        if self.k == 0 {
            self.passages.clear();
            self.threshold = f64::INFINITY;
        } else if self.passages.len() > self.k {
            let by_score = |one: &ScoredPassage, other: &ScoredPassage| other.score.total_cmp(&one.score);
            let (_, last, _) = self.passages.select_nth_unstable_by(self.k - 1, by_score);
            self.threshold = last.score;
            self.passages.retain(|scored| scored.score >= self.threshold);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(k: usize, scores: &[f64]) -> (Vec<f64>, f64) {
        let mut top = TopK::new(k);
        let mut threshold = f64::NEG_INFINITY;
        for (doc, score) in scores.iter().enumerate() {
            let address = DocAddress::new(0, doc as u32);
            let scored = ScoredPassage { address, score: *score, is_repeated: false, stage: RankStage::FirstStage };
            threshold = top.push(scored);
        }
        let mut scores: Vec<f64> = top.into_passages().iter().map(|scored| scored.score).collect();
        scores.sort_by(|one, other| other.total_cmp(one));
        (scores, threshold)
    }

    #[test]
    fn keeps_all_ties_with_the_last() {
        assert_eq!(select(2, &[1.0, 3.0, 2.0, 2.0, 2.0, 0.5]).0, [3.0, 2.0, 2.0, 2.0]);
        assert_eq!(select(3, &[1.0, 2.0]), (vec![2.0, 1.0], f64::NEG_INFINITY));
        assert_eq!(select(0, &[1.0]), (vec![], f64::INFINITY));
    }

    #[test]
    fn the_threshold_never_exceeds_the_last_score() {
        let scores: Vec<f64> = (0..500).map(|n| f64::from(n * 7919 % 503)).collect();
        let (best, threshold) = select(10, &scores);
        assert!(best.len() >= 10 && threshold <= best[9] && threshold > 0.0, "{threshold}");
    }
}
