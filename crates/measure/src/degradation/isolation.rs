//! Whether what matters is spared while the rest suffers.

use crate::judge::{Interval, Judgement, Observed, Rules};
use crate::seconds::{Second, Seconds};
use crate::statistics::design::{self, Batch, Dependence};
use crate::threshold::{Comparison, display};
use std::ops::Range;

/// What became of the requests of a tier in a stretch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Isolation {
    /// Requests asked for.
    pub intended: u64,
    /// Those that were good.
    pub good: u64,
}

impl Isolation {
    /// The share of requests that were good; `None` if none was intended.
    pub fn ratio(&self) -> Option<f64> {
        (self.intended > 0).then(|| self.good as f64 / self.intended as f64)
    }
}

/// The good requests of a tier in a stretch: `good / intended`. `seconds` are those of the journeys
/// of the tier.
pub fn isolation(seconds: &Seconds, stretch: &Range<f64>) -> Isolation {
    let mut sum = Second::default();
    let stretch = seconds.within(stretch.start, stretch.end);
    stretch.iter().for_each(|second| sum.add(second));
    Isolation {
        intended: sum.intended,
        good: sum.good,
    }
}

/// Judges the share of good requests in a stretch with an error of `alpha` a side: the binomial
/// test of the share of bad ones, with the design effect between seconds
/// ([`crate::statistics::design`]).
pub fn judge_isolation(
    seconds: &Seconds,
    stretch: &Range<f64>,
    comparison: Comparison,
    limit: f64,
    alpha: f64,
) -> Judgement {
    let batch = |second: &Second| Batch {
        exceeding: second.bad(),
        n: second.intended,
    };
    let within = seconds.within(stretch.start, stretch.end);
    let batches: Vec<_> = within.iter().map(batch).collect();
    let rules = Rules {
        alpha,
        dependence: design::dependence(&batches).unwrap_or(Dependence::NONE),
    };
    let Isolation { intended, good } = isolation(seconds, stretch);
    let bad = intended.saturating_sub(good);
    let opposite = match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    };
    let promise = format!("good {comparison} {}", display::share(limit));
    let judgement = rules.share_of(&promise, opposite, 1.0 - limit, bad, intended);
    let observed = match judgement.observed {
        Observed::Share(bad) => Observed::Share(1.0 - bad),
        other => other,
    };
    let interval = judgement.interval.map(|bad| Interval {
        lower: 1.0 - bad.upper.unwrap_or(1.0),
        upper: Some(1.0 - bad.lower),
    });
    Judgement {
        observed,
        interval,
        explanation: format!("bad were {}", judgement.explanation),
        ..judgement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::degradation::fixture::seconds;
    use crate::judge::State;

    fn judged(seconds: &Seconds, limit: f64) -> Judgement {
        judge_isolation(
            seconds,
            &(0.0..60.0),
            Comparison::GreaterOrEqual,
            limit,
            0.05,
        )
    }

    #[test]
    fn the_ratio_is_of_what_was_intended_in_the_stretch() {
        let seconds = seconds((0..60).map(|t| (100, if t < 30 { 100 } else { 50 })));
        let found = isolation(&seconds, &(20.0..40.0));
        assert_eq!((found.intended, found.good), (2000, 1500));
        assert_eq!(found.ratio(), Some(0.75));
        assert_eq!(isolation(&seconds, &(70.0..80.0)).ratio(), None);
    }

    #[test]
    fn a_protected_tier_needs_a_proof() {
        // Twelve bad ones of 6,000, evenly spread.
        let spared = seconds((0..60).map(|t| (100, 100 - u64::from(t % 5 == 0))));
        let judgement = judged(&spared, 0.99);
        assert_eq!(judgement.state, State::Pass);
        assert_eq!(judgement.observed, Observed::Share(1.0 - 12.0 / 6000.0));
        assert_eq!(
            judgement.explanation,
            "bad were 12 of 6000 (0.200%), which proves good >= 99%"
        );
        let interval = judgement.interval.unwrap();
        assert!(interval.lower < 0.998 && interval.upper.unwrap() > 0.998);
        assert_eq!(judged(&spared, 0.9981).state, State::Inconclusive);
        assert_eq!(judged(&seconds([(100, 90); 60]), 0.99).state, State::Fail);
    }

    #[test]
    fn one_burst_is_not_as_many_independent_failures() {
        let burst = seconds((0..60).map(|t| (100, if t == 30 { 10 } else { 100 })));
        let judgement = judged(&burst, 0.99);
        assert_eq!(judgement.state, State::Inconclusive);
        assert!(judgement.n_eff < 200.0, "{}", judgement.n_eff);
    }

    #[test]
    fn nothing_proves_nothing() {
        assert_eq!(
            judged(&seconds([(0, 0); 60]), 0.5).state,
            State::Inconclusive
        );
    }
}
