//! Quantities as users write them: `250ms`, `1000/s`, `0.1%`.
//!
//! Each has a compact text form (`FromStr`, `Display`), which is also its form in JSON, YAML and on a command line.

use serde::{Deserialize, Deserializer, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A text that does not say what it should: what was read, what was expected, why it is wrong and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}: {cause}; write {cure}")]
pub struct ParseError {
    /// The text that was read.
    pub text: String,
    /// What it should have been, with its article.
    pub expected: &'static str,
    /// What is wrong with it.
    pub cause: String,
    /// What to write instead.
    pub cure: &'static str,
}

impl ParseError {
    pub(crate) fn new(
        text: &str,
        expected: &'static str,
        cause: impl Into<String>,
        cure: &'static str,
    ) -> Self {
        Self {
            text: text.to_owned(),
            expected,
            cause: cause.into(),
            cure,
        }
    }
}

/// Gives a type the JSON and YAML form of its text form.
macro_rules! serde_as_text {
    ($($type:ty),+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(crate) use serde_as_text;

const A_DURATION: &str = "a duration";
const DURATION_CURE: &str = "a number and a unit (ns, us, ms, s, m, h), such as `250ms` or `1.5s`";

/// Reads a duration such as `250ms`, `1.5s` or `5m`.
///
/// # Errors
/// When the number or its unit is missing, unknown, negative or out of range.
pub fn parse_duration(text: &str) -> Result<Duration, ParseError> {
    let error = |cause: String| ParseError::new(text, A_DURATION, cause, DURATION_CURE);
    let (number, unit) = split_number(text);
    let nanoseconds_per_unit = match unit {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 6e10,
        "h" => 3.6e12,
        "" => return Err(error("the unit is missing".to_owned())),
        other => return Err(error(format!("`{other}` is not a unit of time"))),
    };
    let number = parse_number(number).map_err(error)?;
    let nanoseconds = (number * nanoseconds_per_unit).round();
    // Beyond a century nothing here means anything, and sums of instants must not overflow.
    if nanoseconds > 3.2e18 {
        return Err(error("it is longer than a century".to_owned()));
    }
    Ok(Duration::from_nanos(nanoseconds as u64))
}

/// A duration's shortest exact text, such as `250ms`.
pub(crate) struct Written(pub(crate) Duration);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = self.0.as_nanos();
        let units = [
            (3_600_000_000_000, "h"),
            (60_000_000_000, "m"),
            (1_000_000_000, "s"),
            (1_000_000, "ms"),
            (1_000, "us"),
        ];
        for (size, unit) in units {
            if nanoseconds >= size && nanoseconds.is_multiple_of(size) {
                return write!(f, "{}{unit}", nanoseconds / size);
            }
        }
        write!(f, "{nanoseconds}ns")
    }
}

/// Durations in JSON and YAML as text; for `#[serde(with = …)]` on an `Option<Duration>`.
pub(crate) mod optional_duration {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(duration) => serializer.collect_str(&Written(*duration)),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let text = Option::<Cow<'de, str>>::deserialize(deserializer)?;
        text.map(|text| parse_duration(&text).map_err(serde::de::Error::custom))
            .transpose()
    }
}

/// The same for a `Duration` that is always there.
pub(crate) mod duration {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        value: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Written(*value))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        parse_duration(&text).map_err(serde::de::Error::custom)
    }
}

/// A rate of events, above zero: `1000/s`, `90/m` (or `/min`), `10/h`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// Events per second.
    pub fn per_second(self) -> f64 {
        self.0
    }

    /// The time between two events of an even rate.
    pub fn gap(self) -> Duration {
        Duration::from_nanos((1e9 / self.0).round() as u64)
    }
}

impl FromStr for Rate {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = |cause: String| {
            ParseError::new(
                text,
                "a rate",
                cause,
                "a number per s, min or h, such as `1000/s`",
            )
        };
        let Some((number, unit)) = text.split_once('/') else {
            return Err(error("the unit is missing".to_owned()));
        };
        let seconds = match unit.trim() {
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            other => return Err(error(format!("`{other}` is not a unit of a rate"))),
        };
        let rate = parse_number(number.trim()).map_err(error)? / seconds;
        if !(1e-6..=1e9).contains(&rate) {
            return Err(error(
                "it is not between one a fortnight and 10^9 per second".to_owned(),
            ));
        }
        Ok(Self(rate))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

/// A share of all requests, from `0%` to `100%`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// Every request.
    pub const ALL: Self = Self(1.0);

    /// So many percent, at most 100.
    pub(crate) fn percent(percent: u8) -> Self {
        Self(f64::from(percent.min(100)) / 100.0)
    }

    /// The share as a number from 0 to 1.
    pub fn fraction(self) -> f64 {
        self.0
    }
}

impl FromStr for Share {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error =
            |cause: String| ParseError::new(text, "a share", cause, "a percentage, such as `0.1%`");
        let Some(number) = text.strip_suffix('%') else {
            return Err(error("the percent sign is missing".to_owned()));
        };
        let percent = parse_number(number.trim()).map_err(error)?;
        if percent > 100.0 {
            return Err(error("it is more than 100%".to_owned()));
        }
        Ok(Self(percent / 100.0))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounding hides the binary fraction that 0.1 % / 100 · 100 leaves behind.
        write!(f, "{}%", (self.0 * 1e14).round() / 1e12)
    }
}

serde_as_text!(Rate, Share);

/// Splits `250ms` into `250` and `ms`.
fn split_number(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

/// A finite number that is not negative, or why it is none.
fn parse_number(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number < 0.0 => Err("it is negative".to_owned()),
        Ok(number) if number.is_finite() => Ok(number),
        _ if text.is_empty() => Err("the number is missing".to_owned()),
        _ => Err(format!("`{text}` is not a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_have_units() {
        let read = |text: &str| parse_duration(text).map(|d| d.as_nanos());
        assert_eq!(read("250ms"), Ok(250_000_000));
        assert_eq!(read("1.5s"), Ok(1_500_000_000));
        assert_eq!(read("7us"), Ok(7_000));
        assert_eq!(read("2m"), Ok(120_000_000_000));
        assert_eq!(read("0ms"), Ok(0));
    }

    #[test]
    fn a_wrong_duration_says_what_to_write() {
        let said = |text: &str| parse_duration(text).expect_err("wrong").to_string();
        assert_eq!(
            said("5mss"),
            "`5mss` is not a duration: `mss` is not a unit of time; \
             write a number and a unit (ns, us, ms, s, m, h), such as `250ms` or `1.5s`"
        );
        assert!(said("5").contains("the unit is missing"));
        assert!(said("ms").contains("the number is missing"));
        assert!(said("-5ms").contains("it is negative"));
        assert!(said("9999999h").contains("longer than a century"));
        assert!(said("1.2.3s").contains("`1.2.3` is not a number"));
    }

    #[test]
    fn rates_and_shares() {
        assert_eq!("1000/s".parse::<Rate>().map(Rate::per_second), Ok(1000.0));
        assert_eq!("90/min".parse::<Rate>().map(Rate::per_second), Ok(1.5));
        assert_eq!(
            "1000/s".parse::<Rate>().map(Rate::gap),
            Ok(Duration::from_millis(1))
        );
        assert!("0/s".parse::<Rate>().is_err());
        assert!("10".parse::<Rate>().is_err());
        assert_eq!("0.1%".parse::<Share>().map(Share::fraction), Ok(0.001));
        assert_eq!(
            "0.1%".parse::<Share>().map(|s| s.to_string()),
            Ok("0.1%".to_owned())
        );
        assert!("0.1".parse::<Share>().is_err());
        assert!("101%".parse::<Share>().is_err());
    }

    proptest! {
        #[test]
        fn a_written_duration_reads_back(nanoseconds in 0u64..4_000_000_000_000_000) {
            // Above 2^53 ns (104 days) the decimal reader may round.
            let duration = Duration::from_nanos(nanoseconds);
            prop_assert_eq!(parse_duration(&Written(duration).to_string()), Ok(duration));
        }

        #[test]
        fn a_written_share_reads_back(parts in 0u32..=100_000) {
            let text = format!("{}%", f64::from(parts) / 1000.0);
            let share: Share = text.parse().expect("a share");
            prop_assert_eq!(share.to_string(), text);
        }
    }
}
