//! How small an effect a number of rounds can show.

use super::normal;

/// How often an effect of that size is found.
const POWER: f64 = 0.8;
/// Nobody runs more rounds.
const MOST_ROUNDS: usize = 1000;

/// The smallest true mean that a two-sided t-test at level `alpha` finds in four of five cases,
/// with so many rounds of this standard deviation:
///
/// `(t(1 − α/2, R − 1) + t(0.8, R − 1)) · s / √R`
///
/// Infinite for fewer than two rounds.
///
/// Source: Bloom, "Minimum detectable effects", Evaluation Review 19 (1995).
pub fn minimum_detectable(deviation: f64, rounds: usize, alpha: f64) -> f64 {
    if rounds < 2 {
        return f64::INFINITY;
    }
    let t = |p| normal::student_quantile(p, (rounds - 1) as f64);
    (t(1.0 - alpha / 2.0) + t(POWER)) * deviation / (rounds as f64).sqrt()
}

/// How many rounds it takes until an effect of `effect` is [found](minimum_detectable); `None` if
/// more than a thousand.
pub fn rounds_for(effect: f64, deviation: f64, alpha: f64) -> Option<usize> {
    let suffices = |rounds| minimum_detectable(deviation, rounds, alpha) <= effect;
    if !suffices(MOST_ROUNDS) {
        return None;
    }
    let (mut low, mut high) = (1, MOST_ROUNDS);
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if suffices(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_met() {
        for (rounds, percent) in [
            (6, 7.12),
            (8, 5.76),
            (10, 4.97),
            (12, 4.44),
            (20, 3.30),
            (30, 2.65),
        ] {
            let got = minimum_detectable(5.0, rounds, 0.05);
            assert!((got - percent).abs() < 5e-3, "{rounds}: {got}");
        }
        assert_eq!(minimum_detectable(0.05, 1, 0.05), f64::INFINITY);
    }

    #[test]
    fn the_rounds_needed_are_the_first_that_suffice() {
        assert_eq!(rounds_for(0.0498, 0.05, 0.05), Some(10));
        assert_eq!(rounds_for(0.0496, 0.05, 0.05), Some(11));
        assert_eq!(rounds_for(0.05, 0.0, 0.05), Some(2));
        assert_eq!(rounds_for(1e-6, 0.05, 0.05), None);
        assert_eq!(rounds_for(f64::NAN, 0.05, 0.05), None);
    }
}
