//! Thresholds: `METRIC OP VALUE [for DURATION]`, such as `p99 < 50ms`, `errors < 0.1% for 10s`,
//! `rate >= 100/s`.

pub(crate) mod display;
mod parse;
#[cfg(test)]
mod tests;

pub use parse::ThresholdError;

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
    /// The largest response time, infinite if anything did not end well.
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

/// What the values of a metric are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Durations, in nanoseconds.
    Duration,
    /// Shares of all that was intended.
    Share,
    /// Events per second.
    PerSecond,
}

impl Metric {
    /// What its values are.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Quantile { .. } | Self::Max | Self::Mean => Kind::Duration,
            Self::Errors | Self::Timeouts | Self::Shed => Kind::Share,
            Self::Goodput | Self::Rate => Kind::PerSecond,
        }
    }
}

impl Comparison {
    /// Whether it holds of values up to a limit, rather than from one on.
    pub const fn is_upper_limit(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }

    /// Whether `observed` compares like this with `limit`.
    pub fn holds(self, observed: f64, limit: f64) -> bool {
        match self {
            Self::Less => observed < limit,
            Self::LessOrEqual => observed <= limit,
            Self::Greater => observed > limit,
            Self::GreaterOrEqual => observed >= limit,
        }
    }
}

impl Threshold {
    /// The smallest response time, in nanoseconds, that counts against the limit of a quantile:
    /// under `p99 < 50ms` one of exactly 50 ms does, under `p99 <= 50ms` it does not. `None` if
    /// the metric is no quantile.
    pub fn slow_from(&self) -> Option<u64> {
        if !matches!(self.metric, Metric::Quantile { .. }) {
            return None;
        }
        // Casts saturate, which is right: nothing is slower than the largest duration.
        Some(match self.comparison {
            Comparison::Less | Comparison::GreaterOrEqual => self.value.ceil() as u64,
            Comparison::LessOrEqual | Comparison::Greater => {
                (self.value.floor() as u64).saturating_add(1)
            }
        })
    }
}

impl Threshold {
    /// Which share of all may count against it: 1 % under `p99 < 50ms` (slower than that) and under
    /// `errors < 1%` (not ok). `None` if it is about no share.
    pub fn share_limit(&self) -> Option<f64> {
        match (self.metric, self.metric.kind()) {
            (
                Metric::Quantile {
                    numerator,
                    denominator,
                },
                _,
            ) => Some(f64::from(denominator.saturating_sub(numerator)) / f64::from(denominator)),
            (_, Kind::Share) => Some(self.value),
            _ => None,
        }
    }
}

/// Which samples a threshold judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every request of the test.
    Test,
    /// One journey or one step.
    Series(Series),
}
