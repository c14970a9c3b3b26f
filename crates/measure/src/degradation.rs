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
            failed: intended - good,
            ..Second::default()
        };
        Seconds {
            width_ns: 1_000_000_000,
            seconds: counts.into_iter().map(second).collect(),
        }
    }
}
