//! Retrieval measures as trec_eval computes them: nDCG, MRR, P@1 and recall.
//!
//! nDCG takes the grade itself as gain (trec_eval's `ndcg_cut`). For the other measures, every document with a grade
//! above 0 is relevant.

use std::collections::BTreeMap;

/// The grades of the documents judged for a query, by document name. A grade of 0 or less means judged not relevant.
pub type Grades = BTreeMap<String, i64>;

/// The usual names of the measures, in the order of `Measures`.
pub const MEASURES: [&str; 5] = ["nDCG@10", "MRR@10", "P@1", "Recall@10", "Recall@100"];

/// The values of `MEASURES`, each from 0 to 1.
pub type Measures = [f64; MEASURES.len()];

/// Measures a ranking, best document first, against the grades of its query. All values are 0 if no document is
/// relevant.
pub fn measure(ranking: &[String], grades: &Grades) -> Measures {
    let gain = |document: &String| grades.get(document).map_or(0, |grade| *grade.max(&0)) as f64;
    let relevant = grades.values().filter(|grade| **grade > 0).count();
    if relevant == 0 {
        return Measures::default();
    }
    let mut ideal: Vec<f64> = grades.values().map(|grade| *grade.max(&0) as f64).collect();
    ideal.sort_by(|one, other| other.total_cmp(one));
    let ndcg = dcg(ranking.iter().take(10).map(gain)) / dcg(ideal.into_iter().take(10));
    let rank = first_relevant(ranking, grades);
    let reciprocal_rank = rank.filter(|rank| *rank <= 10).map_or(0.0, |rank| 1.0 / rank as f64);
    let recall = |depth| ranking.iter().take(depth).filter(|name| gain(name) > 0.0).count() as f64 / relevant as f64;
    [ndcg, reciprocal_rank, f64::from(rank == Some(1)), recall(10), recall(100)]
}

/// The rank of the first relevant document, counted from 1.
pub fn first_relevant(ranking: &[String], grades: &Grades) -> Option<usize> {
    ranking.iter().position(|name| grades.get(name).is_some_and(|grade| *grade > 0)).map(|index| index + 1)
}

/// Discounted cumulative gain (Järvelin and Kekäläinen, 2002) with the discount log2(rank + 1), as in trec_eval.
fn dcg(gains: impl Iterator<Item = f64>) -> f64 {
    // Not `sum`, which returns -0 for an empty iterator.
    gains.enumerate().fold(0.0, |sum, (index, gain)| sum + gain / (index as f64 + 2.0).log2())
}

/// The mean of each measure over queries. All values are 0 if there are no queries.
pub fn mean(queries: &[Measures]) -> Measures {
    let sum = |index: usize| queries.iter().fold(0.0, |sum, values| sum + values[index]);
    std::array::from_fn(|index| sum(index) / queries.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_string).collect()
    }

    fn grades(pairs: &[(&str, i64)]) -> Grades {
        pairs.iter().map(|(name, grade)| (name.to_string(), *grade)).collect()
    }

    #[track_caller]
    fn check(value: f64, expected: f64) {
        assert!((value - expected).abs() < 5e-4, "{value}, expected {expected}");
    }

    #[test]
    fn computes_a_published_example_of_ndcg() {
        // "Discounted cumulative gain" on Wikipedia: six documents with the grades 3, 2, 3, 0, 1, 2 in the order of the
        // ranking, and two with 3 and 2 that were not found. DCG 6.861, ideal DCG@6 8.740, nDCG 0.785.
        let ranking = names("d1 d2 d3 d4 d5 d6");
        let gain = dcg([3.0, 2.0, 3.0, 0.0, 1.0, 2.0].into_iter());
        check(gain, 6.861);
        check(gain / dcg([3.0, 3.0, 3.0, 2.0, 2.0, 2.0].into_iter()), 0.785);
        let found = grades(&[("d1", 3), ("d2", 2), ("d3", 3), ("d4", 0), ("d5", 1), ("d6", 2)]);
        // Without the two: the ideal is 7.141, nDCG 0.961.
        check(measure(&ranking, &found)[0], 0.961);
    }

    #[test]
    fn measures_one_query() {
        let ranking = names("a b c d e f g h i j k");
        // 1/log2(3) and 1/log2(5) over 1 + 1/log2(3) + 1/log2(4).
        let [ndcg, mrr, first, recall_10, recall_100] =
            measure(&ranking, &grades(&[("b", 1), ("d", 1), ("k", 1), ("x", 0), ("a", -1)]));
        check(ndcg, (0.63093 + 0.43068) / (1.0 + 0.63093 + 0.5));
        check(mrr, 0.5);
        check(first, 0.0);
        check(recall_10, 0.6667);
        check(recall_100, 1.0);
        assert_eq!(measure(&ranking, &grades(&[("k", 2)])), [0.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(measure(&ranking, &grades(&[("a", 2)])), [1.0; 5]);
        assert_eq!(measure(&ranking, &grades(&[("a", 0)])), [0.0; 5]);
        assert_eq!(measure(&[], &grades(&[("a", 1)])), [0.0; 5]);
    }
}
