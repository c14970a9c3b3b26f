//! Which ranks of a sample enclose a quantile of where it came from.

use super::binomial;

/// Ranks, from 1, of the sorted values that enclose a quantile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranks {
    /// The lower rank; 0 where the sample is too small for a lower bound.
    pub lower: u64,
    /// The upper rank; `None` where the sample is too small for an upper bound.
    pub upper: Option<u64>,
    /// With which probability they enclose it.
    pub coverage: f64,
}

/// The ranks that enclose the `q` quantile with an error of at most `alpha` / 2 on each side, for
/// `n` independent values: from the largest l with F(l − 1) ≤ α/2 to the smallest u with
/// F(u − 1) ≥ 1 − α/2, where F is the distribution of how many of them lie below the quantile.
///
/// Source: David and Nagaraja, "Order Statistics", section 7.1.
pub fn ranks(n: u64, q: f64, alpha: f64) -> Ranks {
    let up_to = |count: u64| binomial::at_most(count as f64, n as f64, q);
    // How many counts from 0 on are no more likely than this: F rises, so they come first.
    let first = |condition: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0, n + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if condition(up_to(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    };
    let lower = first(&|f| f <= alpha / 2.0);
    let last = first(&|f| f < 1.0 - alpha / 2.0);
    let upper = (last < n).then_some(last + 1);
    let below = lower.checked_sub(1).map_or(0.0, up_to);
    Ranks {
        lower,
        upper,
        coverage: upper.map_or(1.0, |upper| up_to(upper - 1)) - below,
    }
}

/// The same for `n` values that tell as much as `n_eff` independent ones.
pub fn scaled_ranks(n: u64, n_eff: f64, q: f64, alpha: f64) -> Ranks {
    let independent = (n_eff.min(n as f64) as u64).max(1);
    let ranks = ranks(independent, q, alpha);
    let scaled = |rank: u64| u128::from(rank) * u128::from(n);
    let by = u128::from(independent);
    Ranks {
        // Neither exceeds n.
        lower: (scaled(ranks.lower) / by) as u64,
        upper: ranks.upper.map(|upper| scaled(upper).div_ceil(by) as u64),
        coverage: ranks.coverage,
    }
}

/// How many independent samples, all on one side of the limit, it takes to prove something about
/// the `q` quantile with an error of `alpha`: the smallest n with qⁿ ≤ α.
pub fn minimum_n(q: f64, alpha: f64) -> u64 {
    (alpha.ln() / q.ln()).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_table() {
        for (n, q, lower, upper, coverage) in [
            (1000, 0.5, 469, Some(532), 0.9537),
            (1000, 0.95, 936, Some(964), 0.9581),
            (1000, 0.99, 983, Some(997), 0.9761),
            (1000, 0.999, 997, None, 0.9811),
            (10_000, 0.99, 9880, Some(9920), 0.9558),
            (100_000, 0.999, 99_880, Some(99_920), 0.9548),
        ] {
            let ranks = ranks(n, q, 0.05);
            assert_eq!((ranks.lower, ranks.upper), (lower, upper), "{n} {q}");
            assert!((ranks.coverage - coverage).abs() < 5e-5, "{ranks:?}");
        }
    }

    #[test]
    fn a_sample_too_small_has_bounds_on_no_side() {
        let ranks = ranks(3, 0.5, 0.05);
        assert_eq!((ranks.lower, ranks.upper), (0, None));
        assert!((ranks.coverage - 1.0).abs() < 1e-12);
    }

    #[test]
    fn ranks_are_scaled_by_the_design_effect() {
        let unscaled = ranks(2500, 0.99, 0.05);
        assert_eq!((unscaled.lower, unscaled.upper), (2465, Some(2485)));
        let scaled = scaled_ranks(10_000, 2500.0, 0.99, 0.05);
        assert_eq!((scaled.lower, scaled.upper), (9860, Some(9940)));
    }

    #[test]
    fn minimum_sizes_are_those_of_the_table() {
        for (q, two_sided, one_sided) in [
            (0.95, 72, 59),
            (0.99, 368, 299),
            (0.999, 3688, 2995),
            (0.9999, 36_887, 29_956),
        ] {
            assert_eq!(minimum_n(q, 0.025), two_sided);
            assert_eq!(minimum_n(q, 0.05), one_sided);
        }
    }
}
