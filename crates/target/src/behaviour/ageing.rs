//! Getting slower with time.

use crate::quantity::{ParseError, Written, parse_duration, serde_as_text};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Latency that grows with the time since it was set: `1ms/s` is one millisecond more in every second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ageing {
    growth: Duration,
    every: Duration,
}

impl Ageing {
    /// The latency that has been added after this time.
    pub(crate) fn added_after(&self, uptime: Duration) -> Duration {
        let periods = uptime.as_secs_f64() / self.every.as_secs_f64();
        // A saturating cast: the far future stays within range.
        Duration::from_nanos((self.growth.as_secs_f64() * periods * 1e9) as u64)
    }
}

impl FromStr for Ageing {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = |cause: String| {
            ParseError::new(
                text,
                "an ageing",
                cause,
                "GROWTH/TIME, such as `1ms/s` or `5ms/10s`",
            )
        };
        let duration =
            |text: &str| parse_duration(text.trim()).map_err(|inner| error(inner.to_string()));
        let Some((growth, every)) = text.split_once('/') else {
            return Err(error("the time that it takes is missing".to_owned()));
        };
        let growth = duration(growth)?;
        let every = match every.trim() {
            unit @ ("s" | "m" | "h") => duration(&format!("1{unit}"))?,
            every => duration(every)?,
        };
        if every.is_zero() {
            return Err(error("the time that it takes is zero".to_owned()));
        }
        Ok(Self { growth, every })
    }
}

impl fmt::Display for Ageing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Written(self.growth), Written(self.every))
    }
}

serde_as_text!(Ageing);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_evenly_with_the_uptime() {
        let ageing: Ageing = "1ms/s".parse().expect("an ageing");
        let after = |seconds| ageing.added_after(Duration::from_secs(seconds)).as_millis();
        assert_eq!((after(0), after(1), after(3_600)), (0, 1, 3_600));
        assert_eq!(ageing.to_string(), "1ms/1s");
        assert_eq!("1ms/1s".parse(), Ok(ageing));
        let slower: Ageing = "5ms/10s".parse().expect("an ageing");
        assert_eq!(slower.added_after(Duration::from_secs(20)).as_millis(), 10);
        let extreme: Ageing = "876000h/1ns".parse().expect("an ageing");
        let century = Duration::from_secs(3_000_000_000);
        assert!(extreme.added_after(century) > century, "no overflow");
    }

    #[test]
    fn wrong_text_says_why() {
        let said = |text: &str| text.parse::<Ageing>().expect_err(text).to_string();
        assert!(said("1ms").contains("the time that it takes is missing"));
        assert!(said("1ms/0s").contains("the time that it takes is zero"));
        assert!(said("fast/s").contains("`fast` is not a unit of time"));
    }
}
