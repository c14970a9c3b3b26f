//! Thresholds and metrics as text, in the one form that is the same for equal meanings.

use super::{Comparison, Kind, Metric, Threshold};
use std::fmt;

/// Units of time, longest first, in nanoseconds.
pub(super) const DURATIONS: [(&str, f64); 7] = [
    ("d", 86_400e9),
    ("h", 3_600e9),
    ("m", 60e9),
    ("s", 1e9),
    ("ms", 1e6),
    ("us", 1e3),
    ("ns", 1.0),
];

/// A duration in the longest unit of which it is a whole multiple.
pub(crate) fn duration(ns: f64) -> String {
    let (unit, length) = DURATIONS
        .into_iter()
        .find(|(_, length)| ns != 0.0 && ns % length == 0.0)
        .unwrap_or(("ns", 1.0));
    format!("{}{unit}", ns / length)
}

/// A share of 1 as a percentage.
pub(crate) fn share(share: f64) -> String {
    format!("{}%", trimmed(share * 100.0))
}

/// Events per second, or per minute where that is a whole number and the other is none with six
/// digits behind the point.
pub(crate) fn per_second(rate: f64) -> String {
    let is_whole = |x: f64| (x - x.round()).abs() < 1e-9 * x.max(1.0);
    if is_whole(rate * 60.0) && !is_whole(rate * 1e6) {
        format!("{}/min", trimmed(rate * 60.0))
    } else {
        format!("{}/s", trimmed(rate))
    }
}

/// Nine digits behind the point at most, and no zeros at its end: the noise of binary fractions
/// is further behind.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Metric {
    /// Its name, as in thresholds and item ids: `p99.9`, `errors`.
    pub fn name(self) -> String {
        match self {
            Self::Quantile {
                numerator,
                denominator,
            } => {
                let percent = f64::from(numerator) * 100.0 / f64::from(denominator.max(1));
                format!("p{}", trimmed(percent))
            }
            Self::Max => "max".to_owned(),
            Self::Mean => "mean".to_owned(),
            Self::Errors => "errors".to_owned(),
            Self::Timeouts => "timeouts".to_owned(),
            Self::Shed => "shed".to_owned(),
            Self::Goodput => "goodput".to_owned(),
            Self::Rate => "rate".to_owned(),
        }
    }

    /// A value of this metric as text, with its unit.
    pub(crate) fn text(self, value: f64) -> String {
        match self.kind() {
            Kind::Duration => duration(value),
            Kind::Share => share(value),
            Kind::PerSecond => per_second(value),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl Comparison {
    /// Its sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sign())
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.metric.text(self.value);
        write!(f, "{} {} {value}", self.metric, self.comparison)?;
        match self.window {
            Some(ns) => write!(f, " for {}", duration(ns as f64)),
            None => Ok(()),
        }
    }
}
