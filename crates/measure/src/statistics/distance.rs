//! How far apart two distributions are: the largest difference of their cumulative functions.

/// The Kolmogorov-Smirnov distance of values, in any order, from the distribution that has the
/// cumulative function `below`. `None` without values.
pub fn from_distribution(values: &[f64], below: impl Fn(f64) -> f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    sorted
        .iter()
        .enumerate()
        .map(|(i, &value)| {
            let expected = below(value);
            (expected - i as f64 / n).max((i + 1) as f64 / n - expected)
        })
        .max_by(f64::total_cmp)
}

/// The same between two series of counts over the same consecutive stretches of time, such as
/// arrivals that were intended and that were made. `None` if either counts nothing.
pub fn between_counts(left: &[u64], right: &[u64]) -> Option<f64> {
    let total = |counts: &[u64]| Some(counts.iter().sum::<u64>()).filter(|&sum| sum > 0);
    let (left_total, right_total) = (total(left)? as f64, total(right)? as f64);
    let (mut left_sum, mut right_sum) = (0, 0);
    (0..left.len().max(right.len()))
        .map(|i| {
            left_sum += left.get(i).unwrap_or(&0);
            right_sum += right.get(i).unwrap_or(&0);
            (left_sum as f64 / left_total - right_sum as f64 / right_total).abs()
        })
        .max_by(f64::total_cmp)
}

/// The distance that `n` values from the distribution itself exceed with probability `alpha`.
///
/// Source: Miller, "Table of percentage points of Kolmogorov statistics", JASA 51 (1956).
pub fn limit(n: u64, alpha: f64) -> f64 {
    let (n, side) = (n as f64, alpha / 2.0);
    let digits = -side.log10();
    let bend = 0.09037 * digits.powf(1.5) + 0.01515 * digits.powi(2) - 0.08467 * side - 0.11143;
    (-side.ln() / (2.0 * n)).sqrt() - 0.16693 / n - bend / n.powf(1.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_schedule::Exponentials;

    fn exponential(x: f64) -> f64 {
        1.0 - (-x).exp()
    }

    #[test]
    fn limits_are_those_of_the_table() {
        for (n, five, one) in [
            (100, 0.1340, 0.1608),
            (1000, 0.04278, 0.05129),
            (10_000, 0.01356, 0.01626),
        ] {
            assert!((limit(n, 0.05) / five - 1.0).abs() < 5e-4, "{n}");
            assert!((limit(n, 0.01) / one - 1.0).abs() < 5e-4, "{n}");
        }
    }

    #[test]
    fn constant_gaps_are_far_from_exponential() {
        let distance = from_distribution(&[1.0; 50], exponential).unwrap();
        assert!((distance - 0.6321).abs() < 5e-5, "{distance}");
        assert_eq!(from_distribution(&[], exponential), None);
    }

    #[test]
    fn exponential_gaps_are_within_the_limit() {
        let gaps: Vec<_> = Exponentials::new(42).take(100_000).collect();
        let distance = from_distribution(&gaps, exponential).unwrap();
        assert!((distance - 0.003_804).abs() < 1e-6, "{distance}");
        assert!((limit(100_000, 0.01) - 0.005_147).abs() < 2e-6);
    }

    #[test]
    fn counts_are_compared_by_shares() {
        assert_eq!(between_counts(&[1, 2, 1], &[10, 20, 10]), Some(0.0));
        assert_eq!(between_counts(&[5, 5], &[0, 10]), Some(0.5));
        assert_eq!(between_counts(&[1], &[0, 0, 1]), Some(1.0));
        assert_eq!(between_counts(&[1], &[0]), None);
    }
}
