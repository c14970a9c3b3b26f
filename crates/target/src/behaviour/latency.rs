//! How long an answer takes: a distribution, sampled by request number.

use crate::quantity::{ParseError, Written, parse_duration, serde_as_text};
use crate::random::uniform;
use std::f64::consts::TAU;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The time that the service takes for an answer, on top of any waiting.
///
/// Timers are tokio's: an answer leaves up to about 1 ms after its time, never before it.
/// Zero means no timer at all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Latency {
    /// `20ms`: always the same.
    Fixed(Duration),
    /// `5ms..20ms`: evenly spread from the first up to the second.
    Uniform {
        /// The shortest.
        from: Duration,
        /// The longest.
        to: Duration,
    },
    /// `exponential:10ms`, by its mean.
    Exponential {
        /// The mean.
        mean: Duration,
    },
    /// `normal:10ms,2ms`, by mean and standard deviation; negative draws count as zero.
    Normal {
        /// The mean.
        mean: Duration,
        /// The standard deviation.
        deviation: Duration,
    },
    /// `lognormal:10ms,80ms`, by median and 99th percentile: the usual long tail.
    LogNormal {
        /// The median.
        median: Duration,
        /// The 99th percentile, at least the median.
        p99: Duration,
    },
}

/// The standard normal distribution's 99th percentile.
const NORMAL_P99: f64 = 2.326_347_874_040_841;

impl Latency {
    /// No time at all.
    pub const NONE: Self = Self::Fixed(Duration::ZERO);

    /// The latency of request `number`: the same for the same seed and number.
    pub(crate) fn sample(&self, seed: u64, number: u64) -> Duration {
        let draw = |stream: u64| uniform(seed, number.wrapping_mul(2).wrapping_add(stream));
        // Box and Muller (1958): two uniform draws make a normal one.
        let normal = || (-2.0 * draw(0).ln()).sqrt() * (TAU * draw(1)).cos();
        let seconds = match *self {
            Self::Fixed(latency) => return latency,
            Self::Uniform { from, to } => {
                from.as_secs_f64() + draw(0) * (to.saturating_sub(from)).as_secs_f64()
            }
            Self::Exponential { mean } => -draw(0).ln() * mean.as_secs_f64(),
            Self::Normal { mean, deviation } => {
                mean.as_secs_f64() + normal() * deviation.as_secs_f64()
            }
            Self::LogNormal { median, p99 } => {
                let ratio = p99.as_secs_f64() / median.as_secs_f64();
                median.as_secs_f64() * (normal() * ratio.ln() / NORMAL_P99).exp()
            }
        };
        // A saturating cast: negative becomes zero, and the far tail stays within range.
        Duration::from_nanos((seconds * 1e9) as u64)
    }
}

impl FromStr for Latency {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = |cause: String| {
            ParseError::new(
                text,
                "a latency",
                cause,
                "`20ms`, `5ms..20ms`, `exponential:MEAN`, `normal:MEAN,DEVIATION` or `lognormal:MEDIAN,P99`",
            )
        };
        let duration =
            |text: &str| parse_duration(text.trim()).map_err(|inner| error(inner.to_string()));
        let two = |text: &str, names: &str| match text.split_once(',') {
            Some((first, second)) => Ok((duration(first)?, duration(second)?)),
            None => Err(error(format!("it needs {names}, separated by a comma"))),
        };
        if let Some((from, to)) = text.split_once("..") {
            let (from, to) = (duration(from)?, duration(to)?);
            if to < from {
                return Err(error("it ends before it begins".to_owned()));
            }
            return Ok(Self::Uniform { from, to });
        }
        match text.split_once(':') {
            None => Ok(Self::Fixed(duration(text)?)),
            Some(("exponential", mean)) => Ok(Self::Exponential {
                mean: duration(mean)?,
            }),
            Some(("normal", rest)) => {
                let (mean, deviation) = two(rest, "a mean and a standard deviation")?;
                Ok(Self::Normal { mean, deviation })
            }
            Some(("lognormal", rest)) => {
                let (median, p99) = two(rest, "a median and a 99th percentile")?;
                if median.is_zero() {
                    return Err(error("its median is zero".to_owned()));
                }
                if p99 < median {
                    return Err(error("its 99th percentile is below its median".to_owned()));
                }
                Ok(Self::LogNormal { median, p99 })
            }
            Some((other, _)) => Err(error(format!("`{other}` is not a known distribution"))),
        }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Fixed(latency) => Written(latency).fmt(f),
            Self::Uniform { from, to } => write!(f, "{}..{}", Written(from), Written(to)),
            Self::Exponential { mean } => write!(f, "exponential:{}", Written(mean)),
            Self::Normal { mean, deviation } => {
                write!(f, "normal:{},{}", Written(mean), Written(deviation))
            }
            Self::LogNormal { median, p99 } => {
                write!(f, "lognormal:{},{}", Written(median), Written(p99))
            }
        }
    }
}

serde_as_text!(Latency);

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(text: &str) -> Vec<f64> {
        let latency: Latency = text.parse().expect("a latency");
        let mut drawn: Vec<f64> = (0..20_000)
            .map(|number| latency.sample(7, number).as_secs_f64() * 1e3)
            .collect();
        drawn.sort_by(f64::total_cmp);
        drawn
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    #[track_caller]
    fn close(actual: f64, expected: f64, tolerance: f64) {
        assert!(
            (actual - expected).abs() <= tolerance,
            "{actual} is not {expected} ± {tolerance}"
        );
    }

    #[test]
    fn distributions_have_the_moments_they_are_named_by() {
        let uniform = sorted("5ms..20ms");
        assert!(uniform[0] >= 5.0 && uniform[19_999] <= 20.0);
        close(mean(&uniform), 12.5, 0.15);
        let exponential = sorted("exponential:10ms");
        close(mean(&exponential), 10.0, 0.3);
        close(exponential[9_999], 6.93, 0.25);
        let normal = sorted("normal:10ms,2ms");
        close(mean(&normal), 10.0, 0.07);
        close(normal[19_544], 14.0, 0.2);
        let lognormal = sorted("lognormal:10ms,80ms");
        close(lognormal[9_999], 10.0, 0.35);
        close(lognormal[19_799], 80.0, 8.0);
    }

    #[test]
    fn a_request_number_has_one_latency() {
        let latency: Latency = "exponential:10ms".parse().expect("a latency");
        assert_eq!(latency.sample(1, 5), latency.sample(1, 5));
        assert_ne!(latency.sample(1, 5), latency.sample(2, 5));
        assert_ne!(latency.sample(1, 5), latency.sample(1, 6));
    }

    #[test]
    fn text_reads_back() {
        for text in [
            "20ms",
            "5ms..20ms",
            "exponential:10ms",
            "normal:10ms,2ms",
            "lognormal:10ms,80ms",
        ] {
            assert_eq!(text.parse::<Latency>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn wrong_text_says_why() {
        let said = |text: &str| text.parse::<Latency>().expect_err(text).cause;
        assert!(said("20ms..5ms").contains("ends before it begins"));
        assert!(said("pareto:5ms").contains("`pareto` is not a known distribution"));
        assert!(said("normal:5ms").contains("a mean and a standard deviation"));
        assert!(said("lognormal:80ms,10ms").contains("below its median"));
        assert!(said("fast").contains("`fast` is not a unit of time"));
    }
}
