//! Whether goodput stays up under overload.

use crate::judge::evidence::{Tails, certain, conclusion, more_time_factor};
use crate::judge::{Interval, Judgement, Observed, State};
use crate::seconds::Seconds;
use crate::statistics::normal;
use crate::threshold::Comparison;
use crate::threshold::display;
use std::ops::Range;

/// So many batches at most: what depends on each other is then mostly within one batch.
const MOST_BATCHES: usize = 20;
/// With fewer, the scatter between them says nothing.
const FEWEST_BATCHES: usize = 5;

/// Judges goodput in a stretch, as a share of a capacity in good responses per second, with an error
/// of `alpha` a side. Seconds are put together into at most 20 batches of equal length, so that what
/// depends on each other is within one; their means x̄ₖ are taken as normal:
///
/// `t = (x̄ − limit) / (s / √B)`, against Student's t with B − 1 degrees of freedom, one-sided.
///
/// Source: Law, "Simulation Modeling and Analysis", section 9.5.3 (batch means).
pub fn goodput(
    seconds: &Seconds,
    stretch: &Range<f64>,
    capacity: f64,
    comparison: Comparison,
    limit: f64,
    alpha: f64,
) -> Judgement {
    let promise = format!("goodput {comparison} {} of capacity", display::share(limit));
    let bins = seconds.within(stretch.start, stretch.end);
    let intended: u64 = bins.iter().map(|second| second.intended).sum();
    let size = bins.len().div_ceil(MOST_BATCHES).max(1);
    // What is left over is at the beginning, where the system has not settled yet.
    let batches = bins.rchunks_exact(size).map(|batch| {
        let good: u64 = batch.iter().map(|second| second.good).sum();
        good as f64 / (batch.len() as f64 * seconds.width_s() * capacity)
    });
    let means: Vec<f64> = batches.collect();
    let is_known = capacity > 0.0 && capacity.is_finite() && limit.is_finite();
    if means.len() < FEWEST_BATCHES || intended == 0 || !is_known {
        return Judgement::no_data(&promise);
    }
    let test = Mean::of(&means);
    let (state, more) = test.settle(comparison, limit, alpha);
    let reach = normal::student_quantile(0.975, test.n - 1.0) * test.error;
    Judgement {
        state,
        observed: Observed::Share(test.mean),
        interval: Some(Interval {
            lower: (test.mean - reach).max(0.0),
            upper: Some(test.mean + reach),
        }),
        n: intended,
        n_eff: test.n,
        exceeding: None,
        by_failures: false,
        without_dropped: true,
        explanation: format!(
            "{:.1}% of a capacity of {}, {}",
            100.0 * test.mean,
            display::per_second((capacity * 10.0).round() / 10.0),
            conclusion(state, &promise, more)
        ),
        more_time_factor: more,
    }
}

/// The mean of independent values.
struct Mean {
    mean: f64,
    /// Its standard error.
    error: f64,
    n: f64,
}

impl Mean {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            error: (squares / (n - 1.0) / n).sqrt(),
            n,
        }
    }

    fn settle(&self, comparison: Comparison, limit: f64, alpha: f64) -> (State, Option<f64>) {
        // Means that are the same but for the last digit do not scatter.
        if self.error <= 1e-12 * self.mean.abs() {
            return (certain(comparison.holds(self.mean, limit)), None);
        }
        let state_at = |factor: f64| {
            let t = (self.mean - limit) / (self.error / factor.sqrt());
            let freedom = factor * self.n - 1.0;
            let tails = Tails {
                low: normal::student_below(t, freedom),
                high: normal::student_below(-t, freedom),
            };
            tails.state(comparison, alpha)
        };
        match state_at(1.0) {
            State::Inconclusive => (State::Inconclusive, more_time_factor(state_at)),
            state => (state, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::degradation::fixture::seconds;

    fn judged(good: &[u64], limit: f64) -> Judgement {
        let seconds = seconds(good.iter().map(|good| (2000, *good)));
        let stretch = 0.0..good.len() as f64;
        goodput(
            &seconds,
            &stretch,
            1000.0,
            Comparison::GreaterOrEqual,
            limit,
            0.05,
        )
    }

    /// Ten batches of 910, 950, 930 …: mean 0.93, s = √(0.00213…); computed by hand.
    const GOOD: [u64; 10] = [910, 950, 930, 920, 940, 900, 960, 935, 925, 930];

    #[test]
    fn the_interval_is_that_of_student() {
        let judgement = judged(&GOOD, 0.9);
        let Observed::Share(share) = judgement.observed else {
            panic!("{judgement:?}");
        };
        assert!((share - 0.93).abs() < 1e-12, "{share}");
        let interval = judgement.interval.unwrap();
        // s = 0.017795, s/√10 = 0.0056273, t₀.₉₇₅,₉ = 2.262157.
        assert!((interval.lower - 0.917_27).abs() < 1e-5, "{interval:?}");
        assert!((interval.upper.unwrap() - 0.942_73).abs() < 1e-5);
        assert_eq!((judgement.n, judgement.n_eff), (20_000, 10.0));
        assert_eq!(judgement.state, State::Pass);
        assert_eq!(
            judgement.explanation,
            "93.0% of a capacity of 1000/s, which proves goodput >= 90% of capacity"
        );
    }

    #[test]
    fn near_the_limit_it_is_neither_proven_nor_refuted() {
        // t₀.₉₅,₉ = 1.833113, so that limits within 0.93 ± 0.010315 are not settled.
        assert_eq!(judged(&GOOD, 0.9196).state, State::Pass);
        let near = judged(&GOOD, 0.9198);
        assert_eq!(near.state, State::Inconclusive);
        let more = near.more_time_factor.unwrap();
        assert!(more > 1.0 && more < 1.1, "{more}");
        assert_eq!(judged(&GOOD, 0.9402).state, State::Inconclusive);
        assert_eq!(judged(&GOOD, 0.9404).state, State::Fail);
    }

    #[test]
    fn what_depends_on_each_other_is_put_together() {
        // Ten seconds down, ten seconds up: as single seconds this would prove 72 %.
        let waves: Vec<u64> = (0..100)
            .map(|t| if t / 10 % 2 == 0 { 500 } else { 1000 })
            .collect();
        let judgement = judged(&waves, 0.72);
        assert_eq!(judgement.n_eff, 20.0);
        assert_eq!(judgement.state, State::Inconclusive);
    }

    #[test]
    fn on_the_limit_it_is_rarely_decided() {
        let [mut passed, mut failed] = [0, 0];
        for seed in 0..1000 {
            let numbers = plimsoll_schedule::SplitMix64::new(seed);
            // 900 in the mean: exponential scatter of 100 upwards from 800.
            let good = |t| 800 + (100.0 * numbers.exponential(t)).round() as u64;
            match judged(&(0..120).map(good).collect::<Vec<_>>(), 0.9).state {
                State::Pass => passed += 1,
                State::Fail => failed += 1,
                State::Inconclusive => {}
            }
        }
        // 5 % a side are promised, which are 50 of 1,000, to two standard errors.
        assert!(passed <= 64 && failed <= 64, "{passed} {failed}");
    }

    #[test]
    fn without_scatter_it_is_certain_and_without_data_nothing_is() {
        assert_eq!(judged(&[900; 10], 0.9).state, State::Pass);
        assert_eq!(judged(&[899; 10], 0.9).state, State::Fail);
        assert_eq!(judged(&[900; 4], 0.5).state, State::Inconclusive);
        let nothing = seconds([(0, 0); 20]);
        let judgement = goodput(
            &nothing,
            &(0.0..20.0),
            1.0,
            Comparison::GreaterOrEqual,
            0.9,
            0.05,
        );
        assert_eq!(
            (judgement.state, judgement.observed),
            (State::Inconclusive, Observed::NoData)
        );
    }
}
