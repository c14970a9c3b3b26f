//! What a user does.

use super::{Request, SourcedThreshold};
use crate::template::Condition;
use std::time::Duration;

/// What a user does from arrival to leaving.
#[derive(Debug)]
pub struct Journey {
    /// Its name.
    pub name: String,
    /// Its share of arrivals, as written. 0: tried, never loaded.
    pub weight: u32,
    /// Its steps.
    pub steps: Vec<Step>,
    /// How many capture slots a user needs.
    pub slots: usize,
    /// Indices of the feeds that its templates use.
    pub feeds: Vec<usize>,
    /// Every request in it, in file order: what the catalogue lists. `Request::index` counts these.
    pub requests: Vec<RequestInfo>,
    /// Thresholds on the journey as a whole.
    pub thresholds: Vec<SourcedThreshold>,
}

impl Journey {
    /// The longest timeout among its requests; zero without any.
    pub fn longest_timeout(&self) -> Duration {
        self.steps
            .iter()
            .map(Step::longest_timeout)
            .max()
            .unwrap_or_default()
    }
}

/// What the catalogue needs to know of a request.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// The step's name.
    pub name: String,
    /// How many hops to time apart: 0, or the most redirects that are followed plus one.
    pub hops: u8,
    /// Thresholds on this step.
    pub thresholds: Vec<SourcedThreshold>,
}

impl Step {
    fn longest_timeout(&self) -> Duration {
        let of = |steps: &[Self]| steps.iter().map(Self::longest_timeout).max();
        let longest = match self {
            Self::Request(request) => Some(request.timeout),
            Self::Think(_) => None,
            Self::If {
                then, otherwise, ..
            } => of(then).max(of(otherwise)),
            Self::Repeat { steps, .. } | Self::Group { steps, .. } => of(steps),
            Self::Parallel { branches } => of(branches),
        };
        longest.unwrap_or_default()
    }
}

/// One element of a journey.
#[derive(Debug)]
pub enum Step {
    /// Send a request.
    Request(Box<Request>),
    /// Wait as a person would.
    Think(Think),
    /// Steps under a condition.
    If {
        /// The condition.
        condition: Condition,
        /// What to do where it holds.
        then: Vec<Step>,
        /// What to do where it does not.
        otherwise: Vec<Step>,
    },
    /// Steps several times.
    Repeat {
        /// How often at most.
        times: u64,
        /// Stop before a round in which this does not hold.
        while_: Option<Condition>,
        /// The steps.
        steps: Vec<Step>,
    },
    /// Steps at the same time; goes on when all are over.
    Parallel {
        /// Each runs beside the others.
        branches: Vec<Step>,
    },
    /// Steps under a name.
    Group {
        /// The name.
        name: String,
        /// The steps.
        steps: Vec<Step>,
    },
}

/// A think time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Think {
    /// Always the same.
    Fixed(Duration),
    /// Uniform between two.
    Uniform(Duration, Duration),
    /// Normal, cut off at 0.
    Normal {
        /// Mean.
        mean: Duration,
        /// Standard deviation.
        sd: Duration,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: Duration,
    },
}
