//! Tails of the binomial distribution for real-valued counts, which is what counts become when
//! they are divided by a design effect.

use super::normal;
use statrs::function::beta::checked_beta_reg;

/// Above this variance the continued fraction of the incomplete beta function is too slow to
/// converge, and the normal approximation is right to seven digits.
const LARGE_VARIANCE: f64 = 1000.0;

/// P(X ≤ `x`) for X binomial with `n` trials of probability `p`.
pub fn at_most(x: f64, n: f64, p: f64) -> f64 {
    if x < 0.0 {
        0.0
    } else if x >= n || p <= 0.0 {
        1.0
    } else if p >= 1.0 {
        0.0
    } else if n * p * (1.0 - p) > LARGE_VARIANCE {
        normal::below(deviate(x, n, p))
    } else {
        // I_{1−p}(n − x, x + 1); every argument is in range here.
        checked_beta_reg(n - x, x + 1.0, 1.0 - p).unwrap_or(f64::NAN)
    }
}

/// P(X ≥ `x`) for X binomial with `n` trials of probability `p`.
pub fn at_least(x: f64, n: f64, p: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x > n || p <= 0.0 {
        0.0
    } else if p >= 1.0 {
        1.0
    } else if n * p * (1.0 - p) > LARGE_VARIANCE {
        normal::below(-deviate(x - 1.0, n, p))
    } else {
        checked_beta_reg(x, n - x + 1.0, p).unwrap_or(f64::NAN)
    }
}

/// The standard normal deviate below which lies as much as the binomial has up to `x`.
///
/// Source: Peizer and Pratt, "A normal approximation for binomial, F, beta, and other common,
/// related tail probabilities", JASA 63 (1968).
fn deviate(x: f64, n: f64, p: f64) -> f64 {
    let q = 1.0 - p;
    let (below, above) = ((x + 0.5).max(0.0), (n - x - 0.5).max(0.0));
    let shift = x + 2.0 / 3.0 - (n + 1.0 / 3.0) * p
        + 0.02 * (q / (x + 1.0) - p / (n - x).max(0.5) + (q - 0.5) / (n + 1.0));
    let skew = 1.0 + q * imbalance(below / (n * p)) + p * imbalance(above / (n * q));
    shift * (skew / ((n + 1.0 / 6.0) * p * q)).sqrt()
}

/// `(1 − r² + 2r·ln r) / (1 − r)²`, by its series where that is 0/0.
fn imbalance(r: f64) -> f64 {
    let e = r - 1.0;
    if r <= 0.0 {
        1.0
    } else if e.abs() < 1e-3 {
        -e / 3.0 + e * e / 6.0 - e.powi(3) / 10.0 + e.powi(4) / 15.0
    } else {
        (1.0 - r * r + 2.0 * r * r.ln()) / (e * e)
    }
}

/// The exact interval (Clopper-Pearson) in which the probability lies, with an error of at most
/// `alpha` / 2 on each side, after `x` of `n` trials.
pub fn interval(x: f64, n: f64, alpha: f64) -> (f64, f64) {
    let lower = if x <= 0.0 {
        0.0
    } else {
        root(|p| at_least(x, n, p) > alpha / 2.0)
    };
    let upper = if x >= n {
        1.0
    } else {
        root(|p| at_most(x, n, p) <= alpha / 2.0)
    };
    (lower, upper)
}

/// The probability from which on `beyond` is true.
fn root(beyond: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if beyond(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(got: f64, expected: f64, relative: f64) {
        let off = (got - expected).abs();
        assert!(off <= expected * relative, "{got} is not {expected}");
    }

    #[test]
    fn tails_of_whole_counts() {
        close(at_most(1.0, 4.0, 0.5), 5.0 / 16.0, 1e-12);
        close(at_least(3.0, 4.0, 0.5), 5.0 / 16.0, 1e-12);
        close(at_most(0.0, 299.0, 0.01), 0.99_f64.powi(299), 1e-12);
    }

    #[test]
    fn tails_of_real_counts() {
        // References by mpmath's regularised incomplete beta function.
        close(at_most(4.8241, 1000.0, 0.01), 0.057_862_488_688_9, 1e-3);
        close(
            at_most(1000.0 - 0.5 * 990_f64.sqrt(), 1e5, 0.01),
            0.315_568_153_157,
            1e-9,
        );
        close(
            at_most(1e4 - 1.645 * 9900_f64.sqrt(), 1e6, 0.01),
            0.050_214_850_166_8,
            1e-7,
        );
        close(
            at_most(1e4 + 3.0 * 9900_f64.sqrt(), 1e6, 0.01),
            0.998_614_295_858_8,
            1e-9,
        );
    }

    #[test]
    fn both_ways_of_computing_agree_where_they_meet() {
        for z in [-3.0, -1.6, -0.5, 0.0, 0.4, 1.6, 3.0] {
            for (n, p) in [(101_000.0, 0.01), (4_000.0, 0.5), (6_250.0, 0.8)] {
                let variance: f64 = n * p * (1.0 - p);
                assert!((999.0..=1000.0).contains(&variance), "{variance}");
                let x = n * p + z * variance.sqrt();
                close(normal::below(deviate(x, n, p)), at_most(x, n, p), 1e-5);
            }
        }
    }

    #[test]
    fn edges_are_certain() {
        assert_eq!(at_most(5.0, 5.0, 0.3), 1.0);
        assert_eq!(at_most(0.0, 5.0, 1.0), 0.0);
        assert_eq!(at_most(0.0, 5.0, 0.0), 1.0);
        assert_eq!(at_least(0.0, 5.0, 0.3), 1.0);
        assert_eq!(at_least(1.0, 5.0, 0.0), 0.0);
        assert_eq!(at_least(5.0, 5.0, 1.0), 1.0);
    }

    #[test]
    fn intervals_are_those_of_clopper_and_pearson() {
        let (lower, upper) = interval(5.0, 100.0, 0.05);
        close(lower, 0.016_431_8, 1e-5);
        close(upper, 0.112_834_9, 1e-5);
        let (lower, upper) = interval(0.0, 100.0, 0.05);
        assert_eq!(lower, 0.0);
        close(upper, 1.0 - 0.025_f64.powf(0.01), 1e-9);
        assert_eq!(interval(7.0, 7.0, 0.05).1, 1.0);
    }

    proptest! {
        #[test]
        fn tails_are_probabilities_that_rise_with_the_count(
            n in 1.0..1e8_f64, p in 1e-6..1.0_f64, part in 0.0..1.0_f64, step in 0.0..1.0_f64,
        ) {
            let x = part * n;
            let further = x + step * (n - x);
            let (low, high) = (at_most(x, n, p), at_most(further, n, p));
            prop_assert!((0.0..=1.0).contains(&low) && low <= high + 1e-7, "{} {}", low, high);
            prop_assert!((0.0..=1.0).contains(&at_least(x, n, p)));
        }
    }
}
