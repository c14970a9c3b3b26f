//! The middle of differences, which single wild ones do not move.

use super::trend::median;

/// The Hodges-Lehmann estimate: the median of the means of all pairs of values, each with itself
/// too. `None` without values.
///
/// Source: Hodges and Lehmann, "Estimates of location based on rank tests", Annals of Mathematical
/// Statistics 34 (1963).
pub fn hodges_lehmann(values: &[f64]) -> Option<f64> {
    median(&mut pair_means(values))
}

/// Where the middle of a symmetric distribution lies, with an error of at most `alpha`, half of it
/// on each side: between the kth smallest and the kth largest mean of a pair, by the distribution of
/// Wilcoxon's signed-rank statistic. `None` if the values are too few: 6 are needed for 95 %.
///
/// Source: Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods" (2014), section 3.3.
pub fn interval(values: &[f64], alpha: f64) -> Option<(f64, f64)> {
    let k = critical(values.len(), alpha / 2.0)?;
    let mut means = pair_means(values);
    means.sort_by(f64::total_cmp);
    Some((means[k - 1], means[means.len() - k]))
}

fn pair_means(values: &[f64]) -> Vec<f64> {
    let pairs = values.iter().enumerate();
    pairs
        .flat_map(|(at, a)| values[at..].iter().map(|b| f64::midpoint(*a, *b)))
        .collect()
}

/// The largest k with P(W < k) ≤ `side`; `None` if that is 0.
fn critical(n: usize, side: f64) -> Option<usize> {
    let mut below = 0.0;
    let probabilities = rank_sums(n);
    let within = probabilities.iter().take_while(|probability| {
        below += **probability;
        below <= side
    });
    Some(within.count()).filter(|&k| k > 0 && n > 0)
}

/// The probability of every sum of signed ranks from 0 on, where each of n ranks counts or not
/// with even chances.
fn rank_sums(n: usize) -> Vec<f64> {
    let mut probabilities = vec![1.0];
    for rank in 1..=n {
        let mut next = vec![0.0; probabilities.len() + rank];
        for (sum, probability) in probabilities.iter().enumerate() {
            next[sum] += probability / 2.0;
            next[sum + rank] += probability / 2.0;
        }
        probabilities = next;
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use super::super::paired::tests::ROUNDS;
    use super::*;

    #[test]
    fn the_reference_is_met() {
        let middle = hodges_lehmann(&ROUNDS).unwrap();
        assert!((middle - 0.028).abs() < 1e-12, "{middle}");
        let (lower, upper) = interval(&ROUNDS, 0.05).unwrap();
        assert!((lower - 0.0135).abs() < 1e-12, "{lower}");
        assert!((upper - 0.044).abs() < 1e-12, "{upper}");
    }

    #[test]
    fn critical_values_are_those_of_the_tables() {
        // One more than Wilcoxon's T for 5 % on both sides, of which ours is the first outside.
        for (n, t) in [(6, 0), (8, 3), (10, 8), (12, 13), (20, 52), (30, 137)] {
            assert_eq!(critical(n, 0.025), Some(t + 1), "{n}");
        }
        assert_eq!((critical(5, 0.025), critical(0, 0.025)), (None, None));
    }

    #[test]
    fn a_wild_value_moves_the_middle_little() {
        let mut values = ROUNDS.to_vec();
        values[0] = 1e6;
        assert!(hodges_lehmann(&values).unwrap() < 0.06);
        assert_eq!((hodges_lehmann(&[]), interval(&[], 0.05)), (None, None));
    }
}
