//! Given ranked documents and what people judged right, how good is the ranking, and is it better than another?
//!
//! The measures are those of trec_eval: nDCG with the grade itself as gain (its `ndcg_cut`), and for the others every
//! grade above 0 as right.

mod forms;
mod places;

pub use forms::{JudgedQuery, Judgements, own_judgements, qrels, queries, run, trec_run};
pub use places::{Places, Wanted};

use std::collections::BTreeMap;

/// What documents are worth to a query, by their names; 0 and less: judged and not right.
pub type Grades = BTreeMap<String, i64>;

/// By their usual names, in the order of `Measures`.
pub const MEASURES: [&str; 5] = ["nDCG@10", "MRR@10", "P@1", "Recall@10", "Recall@100"];

/// The values of `MEASURES`, each from 0 to 1.
pub type Measures = [f64; MEASURES.len()];

/// How good is this list, best first, for a query with these grades? All 0 where nothing is judged right.
pub fn measure(ranked: &[String], grades: &Grades) -> Measures {
    let gain = |document: &String| grades.get(document).map_or(0, |grade| *grade.max(&0)) as f64;
    let right = grades.values().filter(|grade| **grade > 0).count();
    if right == 0 {
        return Measures::default();
    }
    let mut ideal: Vec<f64> = grades.values().map(|grade| *grade.max(&0) as f64).collect();
    ideal.sort_by(|one, other| other.total_cmp(one));
    let ndcg = discounted(ranked.iter().take(10).map(gain)) / discounted(ideal.into_iter().take(10));
    let rank = first_right(ranked, grades);
    let reciprocal = rank.filter(|rank| *rank <= 10).map_or(0.0, |rank| 1.0 / rank as f64);
    let recall = |depth| ranked.iter().take(depth).filter(|name| gain(name) > 0.0).count() as f64 / right as f64;
    [ndcg, reciprocal, f64::from(rank == Some(1)), recall(10), recall(100)]
}

/// The rank of the first document that is right, counted from 1.
pub fn first_right(ranked: &[String], grades: &Grades) -> Option<usize> {
    ranked.iter().position(|name| grades.get(name).is_some_and(|grade| *grade > 0)).map(|place| place + 1)
}

/// The discounted cumulative gain: that of the second form of Järvelin and Kekäläinen (2002), as trec_eval has it.
fn discounted(gains: impl Iterator<Item = f64>) -> f64 {
    // Not `sum`, which is -0 of nothing.
    gains.enumerate().fold(0.0, |sum, (place, gain)| sum + gain / (place as f64 + 2.0).log2())
}

/// Over queries, each of which counts the same.
pub fn mean(of: &[Measures]) -> Measures {
    std::array::from_fn(|place| of.iter().fold(0.0, |sum, values| sum + values[place]) / of.len().max(1) as f64)
}

/// How probable is a mean difference as large as this one, in either direction, if the two rankings were equally good?
///
/// Fisher's randomisation test, paired by queries, which Smucker, Allan and Carterette (2007) recommend for such
/// measures: were they equally good, each difference might as well have the other sign. Of few differences all signs are
/// tried, else `ROUNDS` drawn ones, and the value is never 0 (Phipson and Smyth, 2010). Equal input, equal output.
pub fn randomisation_test(differences: &[f64]) -> f64 {
    // Queries that are answered equally well change no sum.
    let differences: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    let observed = differences.iter().sum::<f64>().abs();
    // Sums of the same numbers in other signs differ by what is lost in rounding.
    let is_as_large = |sum: f64| sum.abs() >= observed - 1e-9;
    if differences.len() < usize::BITS as usize && 1 << differences.len() <= ROUNDS {
        let rounds = 1usize << differences.len();
        let with_signs = |signs: usize| {
            let signed = |(place, value): (usize, &f64)| if signs >> place & 1 == 1 { -value } else { *value };
            differences.iter().enumerate().map(signed).sum::<f64>()
        };
        return (0..rounds).filter(|signs| is_as_large(with_signs(*signs))).count() as f64 / rounds as f64;
    }
    let mut state = 0u64;
    let mut as_large = 0;
    for _ in 0..ROUNDS {
        let mut sum = 0.0;
        for differences in differences.chunks(64) {
            let mut signs = random(&mut state);
            for difference in differences {
                sum += if signs & 1 == 1 { -difference } else { *difference };
                signs >>= 1;
            }
        }
        as_large += usize::from(is_as_large(sum));
    }
    (as_large + 1) as f64 / (ROUNDS + 1) as f64
}

/// Enough for a probability of 0.05 to be within 0.005 of what all signs would give.
const ROUNDS: usize = 10_000;

/// splitmix64 (Steele, Lea and Flood, 2014): 64 bits that are each as good as the others.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_string).collect()
    }

    fn grades(of: &[(&str, i64)]) -> Grades {
        of.iter().map(|(name, grade)| (name.to_string(), *grade)).collect()
    }

    #[track_caller]
    fn check(found: f64, expected: f64) {
        assert!((found - expected).abs() < 5e-4, "{found} for {expected}");
    }

    #[test]
    fn a_published_example_of_ndcg() {
        // "Discounted cumulative gain" in Wikipedia: six documents with the grades 3, 2, 3, 0, 1, 2 in the order of the
        // ranking, and two with 3 and 2 that were not found. DCG 6.861, ideal DCG at 6 8.740, nDCG 0.785.
        let ranked = names("d1 d2 d3 d4 d5 d6");
        let dcg = discounted([3.0, 2.0, 3.0, 0.0, 1.0, 2.0].into_iter());
        check(dcg, 6.861);
        check(dcg / discounted([3.0, 3.0, 3.0, 2.0, 2.0, 2.0].into_iter()), 0.785);
        let found = grades(&[("d1", 3), ("d2", 2), ("d3", 3), ("d4", 0), ("d5", 1), ("d6", 2)]);
        // Without the two: the ideal is 7.141, nDCG 0.961.
        check(measure(&ranked, &found)[0], 0.961);
    }

    #[test]
    fn measures_of_one_query() {
        let ranked = names("a b c d e f g h i j k");
        // 1/log2(3) and 1/log2(5) over 1 + 1/log2(3) + 1/log2(4).
        let [ndcg, mrr, first, recall_10, recall_100] =
            measure(&ranked, &grades(&[("b", 1), ("d", 1), ("k", 1), ("x", 0), ("a", -1)]));
        check(ndcg, (0.63093 + 0.43068) / (1.0 + 0.63093 + 0.5));
        check(mrr, 0.5);
        check(first, 0.0);
        check(recall_10, 0.6667);
        check(recall_100, 1.0);
        assert_eq!(measure(&ranked, &grades(&[("k", 2)])), [0.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(measure(&ranked, &grades(&[("a", 2)])), [1.0; 5]);
        assert_eq!(measure(&ranked, &grades(&[("a", 0)])), [0.0; 5]);
        assert_eq!(measure(&[], &grades(&[("a", 1)])), [0.0; 5]);
    }

    #[test]
    fn signs_are_tried_or_drawn() {
        // Of eight ways to sign three equal differences, two are as large.
        check(randomisation_test(&[0.5, 0.5, 0.5, 0.0]), 0.25);
        // Fisher's example (The Design of Experiments, 1935, section 21): Darwin's pairs of plants, in eighths of an inch;
        // 1,726 of 32,768 sums are as large: 0.05267. Fifteen differences are drawn.
        let darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48].map(f64::from);
        let found = randomisation_test(&darwin);
        assert!((found - 0.05267).abs() < 0.005, "{found}");
        assert_eq!(found, randomisation_test(&darwin));
        check(randomisation_test(&[0.0, 0.0]), 1.0);
        check(randomisation_test(&[]), 1.0);
    }
}
