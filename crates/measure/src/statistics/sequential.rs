//! A test that may be looked at again and again while the sample grows.
//!
//! An ordinary test that is repeated until it is decisive is wrong far more often than it says.
//! This one is wrong with probability α over all looks together.

use statrs::function::beta::checked_ln_beta;

/// The logarithm of the evidence against the true share being `limit`, after `x` of `n` counted:
/// how much more likely that is under a mixture of all shares than under the limit itself. It
/// exceeds ln(1/α) at any time with probability α at most, if the limit is the truth. The mixture
/// is Beta(1, 1/limit − 1), whose mean is the limit. 0, no evidence, outside 0 < limit < 1.
///
/// Source: Howard and Ramdas, "Sequential estimation of quantiles with applications to A/B testing
/// and best-arm identification", Bernoulli 28(3), 2022.
pub fn ln_evidence(x: f64, n: f64, limit: f64) -> f64 {
    if limit <= 0.0 || limit >= 1.0 {
        return 0.0;
    }
    let (a, b) = (1.0, 1.0 / limit - 1.0);
    match (checked_ln_beta(a + x, b + n - x), checked_ln_beta(a, b)) {
        (Ok(after), Ok(before)) => after - before - x * limit.ln() - (n - x) * (-limit).ln_1p(),
        _ => 0.0,
    }
}

/// Whether the evidence suffices to stop with an error of `alpha`.
pub fn is_decisive(x: f64, n: f64, limit: f64, alpha: f64) -> bool {
    ln_evidence(x, n, limit) >= -alpha.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_that_of_the_reference() {
        for (x, n, expected) in [
            (0.0, 1000.0, 7.6433),
            (5.0, 1000.0, 0.4093),
            (10.0, 1000.0, -1.2724),
            (30.0, 1000.0, 10.5175),
            (150.0, 10_000.0, 8.2646),
        ] {
            let got = ln_evidence(x, n, 0.01);
            assert!((got - expected).abs() < 5e-5, "{x} of {n}: {got}");
        }
    }

    #[test]
    fn decisions_are_those_of_the_table() {
        let decisive = |x: u32, n: f64| is_decisive(x.into(), n, 0.01, 0.05);
        for (n, pass, fail) in [(1e3, 2, 22), (1e4, 69, 136), (1e5, 888, 1117)] {
            assert!(decisive(pass, n) && !decisive(pass + 1, n), "{n}");
            assert!(decisive(fail, n) && !decisive(fail - 1, n), "{n}");
        }
        assert!(decisive(0, 473.0) && !decisive(0, 472.0));
    }

    #[test]
    fn there_is_no_evidence_about_certainties() {
        assert_eq!(ln_evidence(0.0, 100.0, 0.0), 0.0);
        assert_eq!(ln_evidence(0.0, 100.0, 1.0), 0.0);
    }
}
