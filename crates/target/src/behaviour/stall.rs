//! Regular stops of the whole service.

use crate::quantity::{ParseError, Written, parse_duration, serde_as_text};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A stop of `length` in every `every`: `1s/10s`, or `1s/10s+3s` with a phase.
///
/// Whatever arrives during a stop waits for its end, like requests to a server in a long garbage collection.
/// Stops begin at `phase`, `phase + every`, … after the service's start. Unless stated the phase is `every − length`: the service begins well, and each period ends in a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    length: Duration,
    every: Duration,
    phase: Duration,
}

impl Stall {
    /// A stop of `length` in every `every`, the first after `phase`.
    ///
    /// # Errors
    /// When the stop is empty or fills its period, or the phase is not within the period.
    pub fn new(
        length: Duration,
        every: Duration,
        phase: Option<Duration>,
    ) -> Result<Self, ParseError> {
        let phase = phase.unwrap_or(every.saturating_sub(length));
        let stall = Self {
            length,
            every,
            phase,
        };
        let error = |cause: &str| Err(ParseError::new(&stall.to_string(), A_STALL, cause, CURE));
        if length.is_zero() {
            return error("its length is zero");
        }
        if length >= every {
            return error("it is not shorter than its period");
        }
        if phase >= every {
            return error("its phase is not shorter than its period");
        }
        Ok(stall)
    }

    /// The earliest time, from `now` on, at which the service is not stopped. Times count from its start.
    pub(crate) fn release(&self, now: Duration) -> Duration {
        let Some(since_first) = now.checked_sub(self.phase) else {
            return now;
        };
        let into = Duration::from_nanos((since_first.as_nanos() % self.every.as_nanos()) as u64);
        match self.length.checked_sub(into) {
            Some(left) => now + left,
            None => now,
        }
    }
}

const A_STALL: &str = "a stall";
const CURE: &str = "LENGTH/PERIOD or LENGTH/PERIOD+PHASE, such as `1s/10s` or `1s/10s+3s`";

impl FromStr for Stall {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = |cause: String| ParseError::new(text, A_STALL, cause, CURE);
        let duration =
            |text: &str| parse_duration(text.trim()).map_err(|inner| error(inner.to_string()));
        let Some((length, rest)) = text.split_once('/') else {
            return Err(error("the period is missing".to_owned()));
        };
        let (every, phase) = match rest.split_once('+') {
            Some((every, phase)) => (every, Some(duration(phase)?)),
            None => (rest, None),
        };
        Self::new(duration(length)?, duration(every)?, phase).map_err(|inner| ParseError {
            text: text.to_owned(),
            ..inner
        })
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}+{}",
            Written(self.length),
            Written(self.every),
            Written(self.phase)
        )
    }
}

serde_as_text!(Stall);

#[cfg(test)]
mod tests {
    use super::*;

    fn released_at(text: &str, now_ms: u64) -> u128 {
        let stall: Stall = text.parse().expect("a stall");
        stall.release(Duration::from_millis(now_ms)).as_millis()
    }

    #[test]
    fn a_stop_holds_until_its_end() {
        assert_eq!(released_at("1s/10s", 8_999), 8_999);
        assert_eq!(released_at("1s/10s", 9_000), 10_000);
        assert_eq!(released_at("1s/10s", 9_999), 10_000);
        assert_eq!(released_at("1s/10s", 10_000), 10_000);
        assert_eq!(released_at("1s/10s", 19_500), 20_000);
        assert_eq!(released_at("1s/10s", 20_001), 20_001);
    }

    #[test]
    fn the_phase_moves_every_stop() {
        assert_eq!(released_at("1s/10s+3s", 0), 0);
        assert_eq!(released_at("1s/10s+3s", 3_250), 4_000);
        assert_eq!(released_at("1s/10s+3s", 4_000), 4_000);
        assert_eq!(released_at("1s/10s+3s", 13_250), 14_000);
        assert_eq!(released_at("1s/10s+0s", 0), 1_000);
    }

    #[test]
    fn wrong_text_says_why() {
        let said = |text: &str| text.parse::<Stall>().expect_err(text).to_string();
        assert!(said("1s").starts_with("`1s` is not a stall: the period is missing"));
        assert!(said("10s/10s").contains("not shorter than its period"));
        assert!(said("0s/10s").contains("its length is zero"));
        assert!(said("1s/10s+10s").contains("phase"));
        assert!(said("1s/10").contains("the unit is missing"));
    }
}
