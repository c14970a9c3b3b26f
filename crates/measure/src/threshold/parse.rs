//! From text to thresholds, with errors that say what was expected.

use super::display::DURATIONS;
use super::{Comparison, Kind, Metric, Threshold};
use std::str::FromStr;
use thiserror::Error;

/// Why a text is no threshold. Each message says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ThresholdError {
    /// No `<`, `<=`, `>` or `>=`.
    #[error(
        "`{0}` has no comparison: a threshold is METRIC OP VALUE, such as `p99 < 50ms`, with <, <=, > or >="
    )]
    NoComparison(String),
    /// A metric that does not exist.
    #[error("there is no metric `{found}`: {}", suggestion(.nearest.as_deref()))]
    UnknownMetric {
        /// What was written.
        found: String,
        /// The metric that was probably meant.
        nearest: Option<String>,
    },
    /// A percentile that is none.
    #[error(
        "`{0}` is no percentile: write one from p1 to p99.9999, such as `p95` or `p99.9`, or `max`"
    )]
    NoPercentile(String),
    /// No number where the limit should be.
    #[error("`{found}` is no {what}: write {example}")]
    NoValue {
        /// What was written.
        found: String,
        /// What kind of value is needed.
        what: &'static str,
        /// A value as it should be.
        example: String,
    },
    /// A number without the unit it needs.
    #[error("`{metric}` is a {what} and needs a unit: write `{example}` rather than `{found}`")]
    NoUnit {
        /// The metric.
        metric: String,
        /// What kind of value it has.
        what: &'static str,
        /// What was written.
        found: String,
        /// The same with a unit.
        example: String,
    },
    /// A unit that does not exist, or not for this metric.
    #[error("`{found}` is no unit of a {what}: use {units}")]
    WrongUnit {
        /// The unit as written.
        found: String,
        /// What kind of value is needed.
        what: &'static str,
        /// The units there are.
        units: &'static str,
    },
    /// A comma where a number has its point.
    #[error("`{0}` has a decimal comma, and the decimal point is `.` here: write `{point}`", point = .0.replacen(',', ".", 1))]
    DecimalComma(String),
    /// A share above the whole.
    #[error("`{0}` is more than all: a share is from 0% to 100% (or from 0 to 1 without the sign)")]
    ShareAboveOne(String),
    /// A claim that no service can meet.
    #[error("no share is below 0%: write `{0} <= 0%` if there must be none at all")]
    ShareBelowZero(String),
    /// A window that is none.
    #[error("`for {0}` is no window: write a duration of at least a second, such as `for 10s`")]
    NoWindow(String),
}

const METRICS: [&str; 11] = [
    "p50", "p90", "p95", "p99", "max", "mean", "errors", "timeouts", "shed", "goodput", "rate",
];

fn suggestion(nearest: Option<&str>) -> String {
    let all = "p50 … p99.99, max, mean, errors, timeouts, shed, goodput, rate";
    nearest.map_or_else(
        || format!("use one of {all}"),
        |name| format!("did you mean `{name}`? There are {all}"),
    )
}

impl FromStr for Metric {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        match text {
            "max" => Ok(Self::Max),
            "mean" => Ok(Self::Mean),
            "errors" => Ok(Self::Errors),
            "timeouts" => Ok(Self::Timeouts),
            "shed" => Ok(Self::Shed),
            "goodput" => Ok(Self::Goodput),
            "rate" => Ok(Self::Rate),
            _ => match text.strip_prefix('p') {
                Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                    percentile(rest).ok_or_else(|| ThresholdError::NoPercentile(text.to_owned()))
                }
                _ => Err(ThresholdError::UnknownMetric {
                    found: text.to_owned(),
                    nearest: nearest(text),
                }),
            },
        }
    }
}

/// The name that is closest to `text`, unless even that has little to do with it.
fn nearest(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    METRICS
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&lower, name), name))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(similarity, _)| *similarity >= 0.7)
        .map(|(_, name)| name.to_owned())
}

/// `99.9` as 999/1000. The denominator is 100 or a larger power of ten.
fn percentile(text: &str) -> Option<Metric> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let denominator = 10_u32.checked_pow(u32::try_from(fraction.len()).ok()? + 2)?;
    let numerator = format!("{whole}{fraction}").parse().ok()?;
    (0 < numerator && numerator < denominator).then_some(Metric::Quantile {
        numerator,
        denominator,
    })
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let missing = || ThresholdError::NoComparison(text.trim().to_owned());
        let at = text.find(['<', '>']).ok_or_else(missing)?;
        let (metric, rest) = text.split_at(at);
        if metric.trim().is_empty() {
            return Err(missing());
        }
        let metric: Metric = metric.trim().parse()?;
        let (comparison, rest) = comparison(rest);
        let (value, window) = match rest.split_once(" for ") {
            Some((value, window)) => (value, Some(parse_window(window.trim())?)),
            None => (rest, None),
        };
        let value = parse_value(metric, value.trim())?;
        if metric.kind() == Kind::Share && comparison == Comparison::Less && value == 0.0 {
            return Err(ThresholdError::ShareBelowZero(metric.name()));
        }
        Ok(Self {
            metric,
            comparison,
            value,
            window,
        })
    }
}

fn comparison(text: &str) -> (Comparison, &str) {
    let (strict, loose) = if text.starts_with('<') {
        (Comparison::Less, Comparison::LessOrEqual)
    } else {
        (Comparison::Greater, Comparison::GreaterOrEqual)
    };
    let rest = &text[1..];
    match rest.strip_prefix('=') {
        Some(rest) => (loose, rest),
        None => (strict, rest),
    }
}

/// Beyond this, no number is meant.
const LARGEST: f64 = 1e18;

/// A number and what stands behind it.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let value: f64 = text[..end].parse().ok()?;
    (value < LARGEST).then_some((value, text[end..].trim_start()))
}

fn parse_value(metric: Metric, text: &str) -> Result<f64, ThresholdError> {
    let (what, example) = match metric.kind() {
        Kind::Duration => ("duration", "`50ms` or `2s`"),
        Kind::Share => ("share", "`0.1%`, or `0.001`"),
        Kind::PerSecond => ("rate", "`120/s` or `4/min`"),
    };
    let Some((value, unit)) = number(text) else {
        return Err(ThresholdError::NoValue {
            found: text.to_owned(),
            what,
            example: example.to_owned(),
        });
    };
    if unit.starts_with(',') {
        return Err(ThresholdError::DecimalComma(text.to_owned()));
    }
    let no_unit = |suffix: &str| ThresholdError::NoUnit {
        metric: metric.name(),
        what,
        found: text.to_owned(),
        example: format!("{text}{suffix}"),
    };
    let wrong_unit = |units| ThresholdError::WrongUnit {
        found: unit.to_owned(),
        what,
        units,
    };
    match (metric.kind(), unit) {
        (Kind::Duration, "") => Err(no_unit("ms")),
        (Kind::Duration, _) => duration_unit(unit).map_or_else(
            || Err(wrong_unit(DURATION_UNITS)),
            |length| Ok(value * length),
        ),
        (Kind::Share, "" | "%") => {
            let share = if unit == "%" { value / 100.0 } else { value };
            if share > 1.0 {
                return Err(ThresholdError::ShareAboveOne(text.to_owned()));
            }
            Ok(share)
        }
        (Kind::Share, _) => Err(wrong_unit("%, or none for a fraction of 1")),
        (Kind::PerSecond, "") => Err(no_unit("/s")),
        (Kind::PerSecond, "/s") => Ok(value),
        (Kind::PerSecond, "/min" | "/m") => Ok(value / 60.0),
        (Kind::PerSecond, "/h") => Ok(value / 3600.0),
        (Kind::PerSecond, _) => Err(wrong_unit("/s, /min or /h")),
    }
}

const DURATION_UNITS: &str = "ns, us, ms, s, m, h or d";

fn duration_unit(text: &str) -> Option<f64> {
    let text = if text == "µs" || text == "μs" {
        "us"
    } else {
        text
    };
    DURATIONS
        .into_iter()
        .find(|(unit, _)| *unit == text)
        .map(|(_, length)| length)
}

fn parse_window(text: &str) -> Result<u64, ThresholdError> {
    number(text)
        .and_then(|(value, unit)| Some(value * duration_unit(unit)?))
        // Seconds are the grain in which a run is recorded.
        .filter(|ns| *ns >= 1e9 && *ns < u64::MAX as f64)
        .map(|ns| ns as u64)
        .ok_or_else(|| ThresholdError::NoWindow(text.to_owned()))
}
