//! The figures that are kept of a series.

use std::fmt;
use std::str::FromStr;

/// A figure of a series. The names are those of thresholds: `p99`, `errors`, `goodput`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Metric {
    /// Median response time over everything that was intended; what did not succeed is infinitely
    /// slow.
    P50,
    /// The same at 90 of 100.
    P90,
    /// The same at 95 of 100.
    P95,
    /// The same at 99 of 100.
    P99,
    /// The same at 999 of 1000.
    P999,
    /// The largest, infinite if anything did not succeed.
    Max,
    /// Mean response time of successes.
    Mean,
    /// Median response time of successes alone. To be read together with [`Metric::Errors`]: it gets
    /// better when what is slow fails.
    P50OfSuccesses,
    /// The same at 95 of 100.
    P95OfSuccesses,
    /// The same at 99 of 100.
    P99OfSuccesses,
    /// The largest of successes.
    MaxOfSuccesses,
    /// Share of what was intended that did not succeed.
    Errors,
    /// Share that was not answered in time.
    Timeouts,
    /// Share that was refused on purpose.
    Shed,
    /// Journeys that the schedule asked for, per second; of a whole test.
    Offered,
    /// Requests (of a journey: journeys) that were sent and are over, per second.
    Rate,
    /// Those that were correct and in time, per second.
    Goodput,
}

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Nanoseconds,
    /// A share of 1.
    Share,
    /// Events per second.
    PerSecond,
}

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum Value {
    /// In the [`Unit`] of its metric.
    Finite(f64),
    /// The figure falls among requests that did not succeed: it is worse than any number.
    Infinite,
}

/// There is no metric of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no metric `{name}`: it is one of {}", names())]
pub struct UnknownMetric {
    /// The name.
    pub name: String,
}

fn names() -> String {
    Metric::ALL.map(Metric::name).join(", ")
}

impl Metric {
    /// All there are.
    pub const ALL: [Self; 17] = [
        Self::P50,
        Self::P90,
        Self::P95,
        Self::P99,
        Self::P999,
        Self::Max,
        Self::Mean,
        Self::P50OfSuccesses,
        Self::P95OfSuccesses,
        Self::P99OfSuccesses,
        Self::MaxOfSuccesses,
        Self::Errors,
        Self::Timeouts,
        Self::Shed,
        Self::Offered,
        Self::Rate,
        Self::Goodput,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P999 => "p99.9",
            Self::Max => "max",
            Self::Mean => "mean",
            Self::P50OfSuccesses => "p50_ok",
            Self::P95OfSuccesses => "p95_ok",
            Self::P99OfSuccesses => "p99_ok",
            Self::MaxOfSuccesses => "max_ok",
            Self::Errors => "errors",
            Self::Timeouts => "timeouts",
            Self::Shed => "shed",
            Self::Offered => "offered",
            Self::Rate => "rate",
            Self::Goodput => "goodput",
        }
    }

    /// What it is measured in.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Errors | Self::Timeouts | Self::Shed => Unit::Share,
            Self::Offered | Self::Rate | Self::Goodput => Unit::PerSecond,
            _ => Unit::Nanoseconds,
        }
    }

    /// Whether more of it is better. The offered rate is neither good nor bad.
    pub const fn is_better_high(self) -> bool {
        matches!(self, Self::Rate | Self::Goodput)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Self, UnknownMetric> {
        let found = Self::ALL.into_iter().find(|metric| metric.name() == name);
        found.ok_or_else(|| UnknownMetric {
            name: name.to_owned(),
        })
    }
}

impl Unit {
    /// Its name in `run.json`: `ns`, `share` or `per_s`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Share => "share",
            Self::PerSecond => "per_s",
        }
    }
}

impl Value {
    /// The number, if it is one.
    pub const fn finite(self) -> Option<f64> {
        match self {
            Self::Finite(value) => Some(value),
            Self::Infinite => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_told_when_they_are_wrong() {
        for metric in Metric::ALL {
            assert_eq!(metric.name().parse(), Ok(metric));
        }
        let error = "p42".parse::<Metric>().unwrap_err().to_string();
        assert!(
            error.contains("`p42`") && error.contains("p99.9, max"),
            "{error}"
        );
    }

    #[test]
    fn what_is_infinite_is_worse_than_any_number() {
        assert!(Value::Infinite > Value::Finite(f64::MAX));
        assert!(Value::Finite(2.0) > Value::Finite(1.0));
    }
}
