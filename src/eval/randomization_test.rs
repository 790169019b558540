//! Fisher's randomization test for the difference between two rankings, paired by query.

/// Returns the two-sided p-value: how probable a mean difference at least as large as this one is if the two rankings
/// are equally good.
///
/// Smucker, Allan and Carterette (2007) recommend the test for retrieval measures. If the rankings are equally good,
/// each difference could just as well have had the opposite sign. The test compares the observed sum with the sums under other
/// signs: all of them if there are at most `ROUNDS`, otherwise `ROUNDS` random ones. With random signs the p-value is
/// never 0 (Phipson and Smyth, 2010). The signs are pseudo-random with a fixed seed, so that equal input gives equal
/// output.
pub fn randomization_test(differences: &[f64]) -> f64 {
    // Queries that are answered equally well change no sum.
    let differences: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    let observed = differences.iter().sum::<f64>().abs();
    // Sums that are mathematically equal may differ by rounding errors.
    let is_as_large = |sum: f64| sum.abs() >= observed - 1e-9;
    if differences.len() < usize::BITS as usize && 1 << differences.len() <= ROUNDS {
        let rounds = 1usize << differences.len();
        let sum_with_signs = |signs: usize| {
            let signed = |(index, value): (usize, &f64)| if signs >> index & 1 == 1 { -value } else { *value };
            differences.iter().enumerate().map(signed).sum::<f64>()
        };
        return (0..rounds).filter(|signs| is_as_large(sum_with_signs(*signs))).count() as f64 / rounds as f64;
    }
    let mut state = 0u64;
    let mut as_large = 0;
    for _ in 0..ROUNDS {
        let mut sum = 0.0;
        for differences in differences.chunks(64) {
            let mut signs = splitmix64(&mut state);
            for difference in differences {
                sum += if signs & 1 == 1 { -difference } else { *difference };
                signs >>= 1;
            }
        }
        as_large += usize::from(is_as_large(sum));
    }
    (as_large + 1) as f64 / (ROUNDS + 1) as f64
}

/// Number of rounds: enough for a p-value of 0.05 to be within 0.005 of the value for all signs.
const ROUNDS: usize = 10_000;

/// splitmix64 (Steele, Lea and Flood, 2014), chosen because each of its 64 bits can serve as a sign.
fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(p: f64, expected: f64) {
        assert!((p - expected).abs() < 5e-4, "{p}, expected {expected}");
    }

    #[test]
    fn tries_all_signs_of_few_differences() {
        // Two of the eight ways to sign three equal differences have a sum as large.
        check(randomization_test(&[0.5, 0.5, 0.5, 0.0]), 0.25);
        check(randomization_test(&[0.0, 0.0]), 1.0);
        check(randomization_test(&[]), 1.0);
    }

    #[test]
    fn draws_signs_of_many_differences() {
        // Fisher's example (The Design of Experiments, 1935, section 21): Darwin's pairs of plants, in eighths of an
        // inch; 1,726 of 32,768 sums are as large: 0.05267. Fifteen differences are too many to try all signs.
        let darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48].map(f64::from);
        let p = randomization_test(&darwin);
        assert!((p - 0.05267).abs() < 0.005, "{p}");
        assert_eq!(p, randomization_test(&darwin));
    }
}
