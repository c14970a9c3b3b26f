//! Events per second: the Poisson test.

use super::evidence::{Tails, certain, conclusion, more_time_factor};
use super::{INTERVAL_ALPHA, Interval, Judgement, Observed, Rules, State};
use crate::statistics::poisson;
use crate::threshold::Threshold;

impl Rules {
    /// Judges `counted` events in a time against the threshold's value. `intended` arrivals must
    /// have been asked for at all: that nothing comes of nothing proves nothing.
    pub(crate) fn events(
        &self,
        threshold: &Threshold,
        counted: u64,
        intended: u64,
        elapsed_ns: u64,
    ) -> Judgement {
        if intended == 0 || elapsed_ns == 0 {
            return Judgement::no_data(threshold);
        }
        let seconds = elapsed_ns as f64 / 1e9;
        let x = counted as f64;
        let (state, more) = self.settle_events(threshold, x, seconds);
        let (lower, upper) = poisson::interval(x / self.deff(), INTERVAL_ALPHA);
        let per_second = |events: f64| events * self.deff() / seconds;
        Judgement {
            state,
            observed: Observed::PerSecond(x / seconds),
            interval: Some(Interval {
                lower: per_second(lower),
                upper: Some(per_second(upper)),
            }),
            n: intended,
            n_eff: intended as f64 / self.deff(),
            exceeding: None,
            by_failures: false,
            without_dropped: true,
            explanation: format!(
                "{counted} in {seconds:.1} s ({:.2}/s), {}",
                x / seconds,
                conclusion(state, threshold, more)
            ),
            more_time_factor: more,
        }
    }

    fn settle_events(&self, threshold: &Threshold, x: f64, seconds: f64) -> (State, Option<f64>) {
        if threshold.value <= 0.0 {
            return (certain(threshold.comparison.holds(x, 0.0)), None);
        }
        let state_at = |factor: f64| {
            let scale = factor / self.deff();
            let (x, mean) = (scale * x, scale * threshold.value * seconds);
            let tails = Tails {
                low: poisson::at_most(x, mean),
                high: poisson::at_least(x, mean),
            };
            tails.state(threshold.comparison, self.alpha)
        };
        match state_at(1.0) {
            State::Inconclusive => (State::Inconclusive, more_time_factor(state_at)),
            state => (state, None),
        }
    }
}
