//! The load a scenario is driven with.

use plimsoll_schedule::{Arrivals, LoadShape};
use std::time::Duration;

/// The load a scenario is driven with.
#[derive(Debug, Clone)]
pub enum Load {
    /// Arrivals at a set rate, whatever the responses do.
    Open {
        /// Rate over time.
        shape: LoadShape,
        /// Even or Poisson.
        arrivals: Arrivals,
        /// Where it came from: expected load and headroom, for reports.
        promise: Option<Promise>,
    },
    /// A fixed number of users, each starting again when it has finished.
    Closed {
        /// How many.
        users: u64,
        /// From one start to the next at the earliest.
        pacing: Option<Duration>,
        /// How long; `None`: until the iterations are done.
        duration: Option<Duration>,
        /// How many journeys over all users at most.
        iterations: Option<u64>,
    },
}

/// Expected load and the headroom above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Promise {
    /// Expected arrivals per second.
    pub expected: f64,
    /// Headroom as a share: 0.3 for 30 %.
    pub headroom: f64,
}

/// What counts as shed rather than failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShedRule {
    /// Statuses of a refusal on purpose: 429 and 503.
    pub statuses: Vec<u16>,
    /// How quick a refusal must be (service time): 100 ms.
    pub within: Duration,
}

impl Default for ShedRule {
    /// 429 or 503 within 100 ms of service time.
    fn default() -> Self {
        Self {
            statuses: vec![429, 503],
            within: Duration::from_millis(100),
        }
    }
}
