//! Response times: quantiles by counting what exceeds the limit, the largest, and the mean.

use super::evidence::{certain, conclusion, more_time_factor};
use super::{INTERVAL_ALPHA, Interval, Judgement, Observed, Rules, State};
use crate::histogram::Moments;
use crate::outcomes::Outcomes;
use crate::series::Quantile;
use crate::statistics::{normal, order};
use crate::threshold::Threshold;

/// Fewer independent samples say too little about a mean whose distribution is unknown.
const SMALLEST_SAMPLE_OF_A_MEAN: f64 = 30.0;

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
            by_failures: self.by_failures(threshold, outcomes, tolerated),
            explanation,
            more_time_factor: more,
        }
    }

    /// Whether those that failed or were shed are proof enough.
    fn by_failures(&self, threshold: &Threshold, outcomes: &Outcomes, tolerated: f64) -> bool {
        let failures = outcomes.ledger.failed + outcomes.ledger.shed;
        let (x, n) = (failures as f64, outcomes.arrivals() as f64);
        let (state, _) = self.settle_share(threshold.comparison, tolerated, x, n);
        state == State::Fail
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
        let explanation = format!(
            "the largest of {n}{}, {}",
            failures(outcomes),
            conclusion(state, threshold, None)
        );
        Judgement {
            state,
            observed: observed.into(),
            interval: None,
            n,
            n_eff: n as f64 / self.deff(),
            exceeding: None,
            by_failures: outcomes.ledger.failed + outcomes.ledger.shed > 0,
            explanation,
            more_time_factor: None,
        }
    }

    /// The mean of successes, by the central limit theorem.
    pub(super) fn mean(&self, threshold: &Threshold, outcomes: &Outcomes) -> Judgement {
        self.mean_of(threshold, &outcomes.response_ok.moments())
    }

    pub(super) fn mean_of(&self, threshold: &Threshold, responses: &Moments) -> Judgement {
        if responses.count == 0 {
            return Judgement::no_data(threshold);
        }
        let mean = responses.mean;
        let n_eff = responses.count as f64 / self.deff();
        let (state, more) = self.settle_mean(threshold, responses);
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
            explanation: format!(
                "the mean of {} successes, {}",
                responses.count,
                conclusion(state, threshold, more)
            ),
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
