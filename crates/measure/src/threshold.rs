//! Thresholds: `METRIC OP VALUE`, such as `p99 < 50ms`, `errors < 0.1%`, `rate >= 100/s`.

use crate::catalogue::Series;

/// What a threshold is about.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Metric {
    /// A response-time quantile as an exact fraction: p99.9 is 999/1000.
    Quantile {
        /// Numerator.
        numerator: u32,
        /// Denominator.
        denominator: u32,
    },
    /// The largest response time.
    Max,
    /// The mean response time of successes.
    Mean,
    /// Share that did not end in `ok`.
    Errors,
    /// Share that timed out.
    Timeouts,
    /// Share that was shed.
    Shed,
    /// Correct responses per second.
    Goodput,
    /// Completed requests per second.
    Rate,
}

/// The direction of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A parsed threshold. Values are in base units: nanoseconds, shares of 1, events per second.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// What is measured.
    pub metric: Metric,
    /// How it compares.
    pub comparison: Comparison,
    /// With what, in base units.
    pub value: f64,
    /// `for 10s`: the worst sliding window of this length, in nanoseconds, instead of the whole.
    pub window: Option<u64>,
}

/// Which samples a threshold judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every request of the test.
    Test,
    /// One journey or one step.
    Series(Series),
}
