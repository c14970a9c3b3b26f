//! Shares of all that was intended: the binomial test.

use super::evidence::{Tails, as_seen, certain, conclusion, more_time_factor};
use super::{INTERVAL_ALPHA, Interval, Judgement, Observed, Rules, State};
use crate::statistics::{binomial, normal};
use crate::threshold::{Comparison, Threshold};
use std::fmt::Display;

impl Rules {
    /// Judges the share `counted` / `n` against what the threshold allows.
    pub(super) fn share(&self, threshold: &Threshold, counted: u64, n: u64) -> Judgement {
        match threshold.share_limit() {
            Some(limit) => self.share_of(threshold, threshold.comparison, limit, counted, n),
            None => Judgement::no_data(threshold),
        }
    }

    /// Judges the share `counted` / `n` against a limit; `promise` is that in words.
    pub fn share_of(
        &self,
        promise: &dyn Display,
        comparison: Comparison,
        limit: f64,
        counted: u64,
        n: u64,
    ) -> Judgement {
        if n == 0 {
            return Judgement::no_data(promise);
        }
        let (x, size) = (counted as f64, n as f64);
        let (state, more) = self.settle_share(comparison, limit, x, size);
        let share = x / size;
        let n_eff = size / self.deff();
        let (lower, upper) = binomial::interval(x / self.deff(), n_eff, INTERVAL_ALPHA);
        // At such a limit one sample is a refutation, and all of them are no proof.
        let is_extreme = (limit <= 0.0 && counted == 0) || (limit >= 1.0 && counted == n);
        let settled = if is_extreme {
            as_seen(state == State::Pass, promise, n_eff)
        } else {
            conclusion(state, promise, more)
        };
        Judgement {
            state,
            observed: Observed::Share(share),
            interval: Some(Interval {
                lower,
                upper: Some(upper),
            }),
            n,
            n_eff,
            exceeding: Some(counted),
            by_failures: false,
            without_dropped: true,
            explanation: format!("{counted} of {n} ({:.3}%), {settled}", share * 100.0),
            more_time_factor: more,
        }
    }

    /// The state of a share of `x` in `n` against `limit`, and the factor that would settle it.
    pub(super) fn settle_share(
        &self,
        comparison: Comparison,
        limit: f64,
        x: f64,
        n: f64,
    ) -> (State, Option<f64>) {
        if limit <= 0.0 || limit >= 1.0 {
            // No sample proves that something never happens, or always does.
            return (certain(comparison.holds(x / n, limit)), None);
        }
        let z = -normal::quantile(self.alpha);
        let state_at = |factor: f64| {
            let (x, n) = (factor * x, factor * n);
            let deff = self.deff();
            let low_deff = self.dependence.after(factor).deff_from_below(z);
            let tails = Tails {
                low: binomial::at_most(x / low_deff, n / low_deff, limit),
                high: binomial::at_least(x / deff, n / deff, limit),
            };
            tails.state(comparison, self.alpha)
        };
        match state_at(1.0) {
            State::Inconclusive => (State::Inconclusive, more_time_factor(state_at)),
            state => (state, None),
        }
    }
}
