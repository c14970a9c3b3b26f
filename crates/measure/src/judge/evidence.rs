//! From the probabilities of what was seen to one of three states, and how long it would take to
//! get away from the one in the middle.

use super::State;
use crate::threshold::Comparison;
use std::fmt::Display;

/// How likely it would have been to see as little, or as much, if the true value were the limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tails {
    /// As little as was seen or less.
    pub(crate) low: f64,
    /// As much as was seen or more.
    pub(crate) high: f64,
}

impl Tails {
    /// A claim of "less" is proven by seeing so little that it would be unlikely otherwise.
    pub(crate) fn state(self, comparison: Comparison, alpha: f64) -> State {
        let (proof, refutation) = if comparison.is_upper_limit() {
            (self.low, self.high)
        } else {
            (self.high, self.low)
        };
        if proof <= alpha {
            State::Pass
        } else if refutation <= alpha {
            State::Fail
        } else {
            State::Inconclusive
        }
    }
}

/// What was seen, without statistics: for limits that no sample can prove.
pub(crate) const fn certain(holds: bool) -> State {
    if holds { State::Pass } else { State::Fail }
}

/// Beyond this many times the run, what was seen is as good as on the threshold.
const LONGEST_FACTOR: f64 = 1000.0;

/// The smallest factor by which a run of the same kind would have to be longer to be decisive.
pub(crate) fn more_time_factor(state_at: impl Fn(f64) -> State) -> Option<f64> {
    let settled = |factor| state_at(factor) != State::Inconclusive;
    let mut high = 2.0;
    while !settled(high) {
        high *= 2.0;
        if high > LONGEST_FACTOR {
            return None;
        }
    }
    let mut low = high / 2.0;
    while high / low > 1.001 {
        let middle = (low + high) / 2.0;
        if settled(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

/// The last part of every explanation; what was promised may be a threshold or another text.
pub(crate) fn conclusion(state: State, threshold: &dyn Display, more: Option<f64>) -> String {
    match (state, more) {
        (State::Pass, _) => format!("which proves {threshold}"),
        (State::Fail, _) => format!("which refutes {threshold}"),
        (State::Inconclusive, Some(factor)) => format!(
            "which neither proves nor refutes {threshold}; a run about {} times as long would settle it",
            (factor * 10.0).ceil() / 10.0
        ),
        (State::Inconclusive, None) => {
            format!(
                "which is too close to {threshold} for any run of practical length to settle it"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proof_and_refutation_change_sides_with_the_comparison() {
        let little = Tails {
            low: 0.01,
            high: 0.999,
        };
        assert_eq!(little.state(Comparison::Less, 0.05), State::Pass);
        assert_eq!(little.state(Comparison::GreaterOrEqual, 0.05), State::Fail);
        assert_eq!(little.state(Comparison::Less, 0.001), State::Inconclusive);
    }

    #[test]
    fn the_factor_is_the_smallest_that_settles() {
        let from = |limit| {
            move |factor| {
                if factor < limit {
                    State::Inconclusive
                } else {
                    State::Pass
                }
            }
        };
        let factor = more_time_factor(from(37.0)).unwrap();
        assert!((37.0..37.1).contains(&factor), "{factor}");
        let factor = more_time_factor(from(1.5)).unwrap();
        assert!((1.5..1.502).contains(&factor), "{factor}");
        assert_eq!(more_time_factor(from(5000.0)), None);
    }
}
