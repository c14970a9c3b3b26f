//! How a system degrades under too much load or when something breaks, and how it recovers.
//!
//! Pure functions of what was counted second by second ([`crate::Tally::seconds`]), by the intended
//! time. Times are seconds since the start of the test, stretches are ranges of them of which only
//! whole seconds count. *Good* is correct and in time; everything else that was intended is *bad*:
//! wrong, refused, late, never sent, or not answered.
//!
//! What was promised is judged like a threshold: proven, refuted, or neither ([`crate::State`]).

mod capacity;
mod clients;
mod drift;
mod goodput;
mod isolation;
mod metastable;
mod recovery;
mod shed;

pub use capacity::{Capacity, Collapse, Grade, capacity, collapse_ratio, mean_goodput};
pub use clients::clients_harmed;
pub use drift::{Drift, drift, judge_drift};
pub use goodput::goodput;
pub use isolation::{Isolation, isolation, judge_isolation};
pub use metastable::{Metastability, Release, metastable, release_rate};
pub use recovery::{Objective, Recovery, objective_within, recovers_within, recovery};
pub use shed::{first_shed, sheds_least_important_first};

/// Seconds with one digit behind the point, where it is not 0.
fn text(seconds: f64) -> String {
    let tenths = (seconds * 10.0).round() / 10.0;
    format!("{tenths} s")
}

#[cfg(test)]
mod fixture {
    use crate::seconds::{Second, Seconds};

    /// Seconds in which so many requests were intended and so many of them were good.
    pub(super) fn seconds(counts: impl IntoIterator<Item = (u64, u64)>) -> Seconds {
        let second = |(intended, good)| Second {
            arrivals: intended,
            intended,
            ok: good,
            good,
            failed: intended.saturating_sub(good),
            ..Second::default()
        };
        Seconds {
            width_ns: 1_000_000_000,
            seconds: counts.into_iter().map(second).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::State;
    use crate::seconds::{Second, Seconds};
    use crate::threshold::Comparison;
    use proptest::prelude::*;

    fn seconds() -> impl Strategy<Value = Seconds> {
        let second = (0_u64..200, 0_u64..200, 0_u64..200).prop_map(|(arrivals, a, b)| Second {
            arrivals,
            intended: a.max(b),
            good: a.min(b),
            ..Second::default()
        });
        let width = prop_oneof![Just(0), Just(1_000_000_000), Just(4_000_000_000)];
        (width, prop::collection::vec(second, 0..90))
            .prop_map(|(width_ns, seconds)| Seconds { width_ns, seconds })
    }

    fn time() -> impl Strategy<Value = f64> {
        prop_oneof![0.0..100.0, -1.0..400.0, any::<f64>()]
    }

    proptest! {
        #[test]
        fn whatever_was_counted_nothing_panics(
            seconds in seconds(), from in time(), until in time(), value in time(), other in time(),
        ) {
            let (stretch, at_least) = (from..until, Comparison::GreaterOrEqual);
            let _ = capacity(&seconds, value);
            let _ = mean_goodput(&seconds, &stretch);
            let _ = collapse_ratio(value, other);
            let _ = goodput(&seconds, &stretch, value, at_least, other, 0.05);
            let _ = judge_isolation(&seconds, &stretch, at_least, value, 0.05);
            let _ = metastable(&seconds, &(value..other), &stretch, value, other);
            let objective = Objective { share: value, consecutive_s: other };
            let _ = recovers_within(&seconds, from, &objective, until);
            let _ = release_rate(&seconds, &[stretch.clone(), value..other], &objective);
            let _ = judge_drift("p95", &[(from, until), (value, other)].repeat(9), at_least, value, 0.05);
        }

        #[test]
        fn a_limit_that_is_met_is_met_by_a_larger_one_too(
            seconds in seconds(), at in 0.0..100.0, limit in 0.0..100.0, more in 0.0..100.0,
        ) {
            let judge = |limit| recovers_within(&seconds, at, &Objective::default(), limit).state;
            prop_assert!(judge(limit) != State::Pass || judge(limit + more) == State::Pass);
            prop_assert!(judge(limit + more) != State::Fail || judge(limit) == State::Fail);
        }
    }
}
