//! Response times: quantiles by counting what exceeds the limit, the largest, and the mean.

use super::evidence::{as_seen, certain, conclusion, more_time_factor};
use super::{INTERVAL_ALPHA, Interval, Judgement, Observed, Rules, State};
use crate::histogram::Moments;
use crate::ledger::Ledger;
use crate::outcomes::Outcomes;
use crate::series::Quantile;
use crate::statistics::{normal, order};
use crate::threshold::Threshold;

/// Fewer independent samples say too little about a mean whose distribution is unknown.
pub(crate) const SMALLEST_SAMPLE_OF_A_MEAN: f64 = 30.0;
/// With a larger share that did not end well, the mean of those that did describes another service than
/// its users have: they may have been failed fast because they would have been slow.
const MOST_LEFT_OUT_OF_A_MEAN: f64 = 0.001;

/// Whether the mean of successes leaves out so much that it proves nothing good.
pub(crate) fn leaves_out_too_much(ledger: &Ledger) -> bool {
    ledger.not_ok() as f64 > MOST_LEFT_OUT_OF_A_MEAN * ledger.intended as f64
}

impl From<Quantile> for Observed {
    fn from(quantile: Quantile) -> Self {
        match quantile {
            Quantile::NoData => Self::NoData,
            Quantile::Finite(ns) => Self::Duration(ns),
            Quantile::Infinite => Self::Infinite,
        }
    }
}

impl Rules {
    /// "The 99th percentile is below T" is the same as "the share that exceeds T is below 1 %", and
    /// that is what is tested: it needs no histogram and suffers from no bucket.
    pub(super) fn quantile(
        &self,
        threshold: &Threshold,
        outcomes: &Outcomes,
        (numerator, denominator): (u64, u64),
    ) -> Judgement {
        let n = outcomes.arrivals();
        let Some(exceeding) = outcomes.exceeding(threshold).filter(|_| n > 0) else {
            return Judgement::no_data(threshold);
        };
        let tolerated = (denominator.saturating_sub(numerator)) as f64 / denominator as f64;
        let (state, more) =
            self.settle_share(threshold.comparison, tolerated, exceeding as f64, n as f64);
        let n_eff = n as f64 / self.deff();
        let explanation = format!(
            "{exceeding} of {n} ({:.3}%) were over the limit{}, {}",
            exceeding as f64 * 100.0 / n as f64,
            failures(outcomes),
            conclusion(state, threshold, more)
        );
        Judgement {
            state,
            observed: outcomes.headline_quantile(numerator, denominator).into(),
            interval: Some(quantile_interval(outcomes, n_eff, numerator, denominator)),
            n,
            n_eff,
            exceeding: Some(exceeding),
            by_failures: self.is_missed(threshold, failed_or_shed(&outcomes.ledger), n),
            without_dropped: self.is_missed(threshold, sent(exceeding, &outcomes.ledger), n),
            explanation,
            more_time_factor: more,
        }
    }

    /// Whether it is refuted by so many of `n` that exceed the limit of a quantile.
    pub(super) fn is_missed(&self, threshold: &Threshold, exceeding: u64, n: u64) -> bool {
        threshold.share_limit().is_some_and(|tolerated| {
            let (x, n) = (exceeding as f64, n as f64);
            let (state, _) = self.settle_share(threshold.comparison, tolerated, x, n);
            state == State::Fail
        })
    }

    /// The largest that was seen, and no more: nothing follows from it for what was not seen.
    pub(super) fn max(&self, threshold: &Threshold, outcomes: &Outcomes) -> Judgement {
        let n = outcomes.arrivals();
        if n == 0 {
            return Judgement::no_data(threshold);
        }
        let observed = outcomes.headline_quantile(1, 1);
        let ns = match observed {
            Quantile::Finite(ns) => ns as f64,
            Quantile::NoData | Quantile::Infinite => f64::INFINITY,
        };
        let state = certain(threshold.comparison.holds(ns, threshold.value));
        let n_eff = n as f64 / self.deff();
        let explanation = format!(
            "the largest of {n}{}, {}",
            failures(outcomes),
            largest(state, threshold, n_eff)
        );
        let slowest = outcomes.response_ok.max().unwrap_or_default();
        Judgement {
            state,
            observed: observed.into(),
            interval: None,
            n,
            n_eff,
            exceeding: None,
            by_failures: failed_or_shed(&outcomes.ledger) > 0,
            without_dropped: sent(outcomes.ledger.not_ok(), &outcomes.ledger) > 0
                || !threshold.comparison.holds(slowest as f64, threshold.value),
            explanation,
            more_time_factor: None,
        }
    }

    /// The mean of successes, by the central limit theorem. It passes nothing where too many did not
    /// end well, for those are not in it.
    pub(super) fn mean(&self, threshold: &Threshold, outcomes: &Outcomes) -> Judgement {
        self.mean_of(threshold, &outcomes.response_ok.moments(), &outcomes.ledger)
    }

    pub(super) fn mean_of(
        &self,
        threshold: &Threshold,
        responses: &Moments,
        ledger: &Ledger,
    ) -> Judgement {
        if responses.count == 0 {
            return Judgement::no_data(threshold);
        }
        let mean = responses.mean;
        let n_eff = responses.count as f64 / self.deff();
        let (state, more) = self.settle_mean(threshold, responses);
        let is_partial = leaves_out_too_much(ledger);
        let (state, more, settled) = match state {
            State::Pass | State::Inconclusive if is_partial => {
                let (bad, intended) = (ledger.not_ok(), ledger.intended);
                let reason = format!(
                    "which cannot prove {threshold}: {bad} of {intended} ({:.3}%) did not end well and are not in it; limit errors, or a percentile",
                    bad as f64 * 100.0 / intended as f64
                );
                (State::Inconclusive, None, reason)
            }
            state => (state, more, conclusion(state, threshold, more)),
        };
        let reach = -normal::quantile(INTERVAL_ALPHA / 2.0);
        let interval = standard_error(responses, n_eff).map(|error| Interval {
            lower: (mean - reach * error).max(0.0),
            upper: Some(mean + reach * error),
        });
        Judgement {
            state,
            observed: Observed::Duration(mean.round() as u64),
            interval,
            n: responses.count,
            n_eff,
            exceeding: None,
            by_failures: false,
            without_dropped: true,
            explanation: format!("the mean of {} successes, {settled}", responses.count),
            more_time_factor: more,
        }
    }

    fn settle_mean(&self, threshold: &Threshold, responses: &Moments) -> (State, Option<f64>) {
        let z = -normal::quantile(self.alpha);
        let state_at = |factor: f64| {
            let deff = if responses.mean < threshold.value {
                self.dependence.after(factor).deff_from_below(z)
            } else {
                self.deff()
            };
            let size = responses.count as f64 * factor / deff;
            // The deviation of fewer than two is unknown, and of no use for a longer run.
            let Some(error) = standard_error(responses, size) else {
                return State::Inconclusive;
            };
            let reach = z * error;
            let holds = threshold.comparison.holds(responses.mean, threshold.value);
            let is_far = (responses.mean - threshold.value).abs() >= reach;
            if size >= SMALLEST_SAMPLE_OF_A_MEAN && is_far {
                certain(holds)
            } else {
                State::Inconclusive
            }
        };
        match state_at(1.0) {
            State::Inconclusive => (State::Inconclusive, more_time_factor(state_at)),
            state => (state, None),
        }
    }
}

fn standard_error(responses: &Moments, n_eff: f64) -> Option<f64> {
    Some(responses.deviation()? / n_eff.sqrt())
}

/// What failed or was shed: no lateness of the generator is in that.
pub(super) const fn failed_or_shed(ledger: &Ledger) -> u64 {
    ledger.failed + ledger.shed
}

/// Those of `exceeding` that were sent at all.
pub(super) const fn sent(exceeding: u64, ledger: &Ledger) -> u64 {
    exceeding.saturating_sub(ledger.dropped)
}

/// What follows from the largest: it refutes a limit from above, and proves one from below.
pub(super) fn largest(state: State, threshold: &Threshold, n_eff: f64) -> String {
    let passes = state == State::Pass;
    if passes == threshold.comparison.is_upper_limit() {
        as_seen(passes, threshold, n_eff)
    } else {
        conclusion(state, threshold, None)
    }
}

/// What the reader of a latency must know of failures.
fn failures(outcomes: &Outcomes) -> String {
    match outcomes.ledger.not_ok() {
        0 => String::new(),
        bad => format!(" ({bad} did not end well, which counts as infinitely slow)"),
    }
}

/// Where a quantile over everything that was intended lies with 95 % confidence, if it is worth
/// `n_eff` independent samples.
pub(crate) fn quantile_interval(
    outcomes: &Outcomes,
    n_eff: f64,
    numerator: u64,
    denominator: u64,
) -> Interval {
    let q = numerator as f64 / denominator as f64;
    let ranks = order::scaled_ranks(outcomes.arrivals(), n_eff, q, INTERVAL_ALPHA);
    let at = |rank| match outcomes.headline_at_rank(rank) {
        Quantile::Finite(ns) => Some(ns as f64),
        Quantile::NoData | Quantile::Infinite => None,
    };
    Interval {
        lower: match ranks.lower {
            0 => 0.0,
            rank => at(rank).unwrap_or(f64::INFINITY),
        },
        upper: ranks.upper.and_then(at),
    }
}
