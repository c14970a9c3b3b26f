//! Tails of the Poisson distribution for real-valued counts.

use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

/// P(X ≤ `x`) for X Poisson with this mean.
pub fn at_most(x: f64, mean: f64) -> f64 {
    if mean <= 0.0 {
        1.0
    } else {
        checked_gamma_ur(x + 1.0, mean).unwrap_or(f64::NAN)
    }
}

/// P(X ≥ `x`) for X Poisson with this mean.
pub fn at_least(x: f64, mean: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if mean <= 0.0 {
        0.0
    } else {
        checked_gamma_lr(x, mean).unwrap_or(f64::NAN)
    }
}

/// The exact interval (Garwood) in which the mean lies, with an error of at most `alpha` / 2 on
/// each side, when `x` was counted.
pub fn interval(x: f64, alpha: f64) -> (f64, f64) {
    // Ten standard deviations and more on either side.
    let widest = x + 10.0 * (x + 1.0).sqrt() + 10.0;
    let lower = if x <= 0.0 {
        0.0
    } else {
        root(widest, |mean| at_least(x, mean) > alpha / 2.0)
    };
    (lower, root(widest, |mean| at_most(x, mean) <= alpha / 2.0))
}

/// The mean, up to `widest`, from which on `beyond` is true.
fn root(widest: f64, beyond: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, widest);
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

    #[test]
    fn tails_add_up_to_one() {
        let (none, two) = ((-3.0_f64).exp(), (-3.0_f64).exp() * 8.5);
        assert!((at_most(0.0, 3.0) - none).abs() < 1e-12);
        assert!((at_most(2.0, 3.0) - two).abs() < 1e-12);
        assert!((at_least(3.0, 3.0) - (1.0 - two)).abs() < 1e-12);
        assert_eq!((at_most(0.0, 0.0), at_least(1.0, 0.0)), (1.0, 0.0));
        assert_eq!(at_least(0.0, 3.0), 1.0);
    }

    #[test]
    fn intervals_are_those_of_garwood() {
        for (x, lower, upper) in [
            (0.0, 0.0, 3.688_879),
            (10.0, 4.795_389, 18.390_36),
            (100.0, 81.363_96, 121.627_0),
        ] {
            let got = interval(x, 0.05);
            assert!((got.0 - lower).abs() < 1e-4, "{got:?}");
            assert!((got.1 - upper).abs() < 1e-3, "{got:?}");
        }
    }

    #[test]
    fn large_counts_are_near_normal() {
        let (lower, upper) = interval(1e8, 0.05);
        assert!((lower - (1e8 - 1.96e4)).abs() < 5.0, "{lower}");
        assert!((upper - (1e8 + 1.96e4)).abs() < 5.0, "{upper}");
    }
}
