//! From the probabilities of what was seen to one of three states, and how long it would take to
//! get away from the one in the middle.

use super::State;
use crate::threshold::{Comparison, display};
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

/// The end of an explanation of a verdict that rests on nothing but what was seen: that something never
/// happens, or that nothing is larger, is refuted by one sample and proven by none. It says which share of
/// all may still be otherwise although none of `n_eff` independent samples was: q with (1 − q)ⁿ = α.
///
/// It is a verdict all the same, and of few samples too. A smallest number of them would have to say how
/// rare is rare enough, which such a limit leaves open; and whoever asks for no error in a short check wants
/// to know of the errors in that check.
pub(crate) fn as_seen(holds: bool, threshold: &dyn Display, n_eff: f64) -> String {
    const ALPHA: f64 = 0.05;
    let not = if holds { "" } else { " not" };
    let share = 1.0 - ALPHA.powf(1.0 / n_eff.max(1.0));
    format!(
        "so that {threshold} was{not} seen to hold; unseen, up to {} of all may be otherwise, with 95% confidence",
        display::share((share * 1e4).ceil() / 1e4)
    )
}

/// How much longer would settle it.
pub(crate) fn longer(factor: f64) -> String {
    format!(
        "a run about {} times as long would settle it",
        (factor * 10.0).ceil() / 10.0
    )
}

/// The last part of every other explanation; what was promised may be a threshold or another text.
pub(crate) fn conclusion(state: State, threshold: &dyn Display, more: Option<f64>) -> String {
    match (state, more) {
        (State::Pass, _) => format!("which proves {threshold}"),
        (State::Fail, _) => format!("which refutes {threshold}"),
        (State::Inconclusive, Some(factor)) => format!(
            "which neither proves nor refutes {threshold}; {}",
            longer(factor)
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
    fn what_was_seen_is_no_proof() {
        assert_eq!(
            as_seen(true, &"errors <= 0%", 299.0),
            "so that errors <= 0% was seen to hold; unseen, up to 1% of all may be otherwise, with 95% confidence"
        );
        let one = as_seen(false, &"max > 1s", 1.0);
        assert!(one.starts_with("so that max > 1s was not seen to hold; unseen, up to 95% of"));
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
