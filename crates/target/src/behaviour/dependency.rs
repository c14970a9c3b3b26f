//! A service that this one calls, and that can fail.

use super::pairs::Pairs;
use super::scoped::covers;
use crate::quantity::{ParseError, duration, parse_duration};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::time::Duration;

/// A dependency of some pages: what becomes of them when it is slow or down, and of the others.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dependency {
    /// How it is.
    pub state: DependencyState,
    /// How long a call of it takes while it is slow, and until it is known to have failed while it is down.
    #[serde(with = "duration")]
    pub latency: Duration,
    /// The pages that call it, each with what lies below.
    pub paths: Vec<String>,
    /// Answer with less, marked `x-degraded: true`, and without a call, while it is slow or down. Without it a request
    /// waits while the dependency is slow, and fails with status 502 while it is down.
    pub fallback: bool,
    /// The service has so many workers for all pages together, and every request holds one until it is answered:
    /// calls that wait then leave none for other pages. `None`: as many as are needed.
    pub pool: Option<u32>,
}

/// How a dependency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DependencyState {
    /// It answers at once.
    #[default]
    Up,
    /// It fails.
    Down,
    /// It answers late.
    Slow,
}

/// What the dependency makes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// There is none, or it does no harm.
    Fine,
    /// There is none, and the answer is the lesser for it.
    Spared,
    /// It takes this long.
    Takes(Duration),
    /// It fails after this long.
    FailsAfter(Duration),
}

impl Dependency {
    /// What it makes of a request for this path.
    pub(crate) fn call(&self, path: &str) -> Call {
        if self.state == DependencyState::Up || !self.paths.iter().any(|scope| covers(scope, path))
        {
            return Call::Fine;
        }
        match self.state {
            _ if self.fallback => Call::Spared,
            DependencyState::Down => Call::FailsAfter(self.latency),
            _ => Call::Takes(self.latency),
        }
    }
}

impl FromStr for DependencyState {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text {
            "up" => Ok(Self::Up),
            "down" => Ok(Self::Down),
            "slow" => Ok(Self::Slow),
            _ => Err(ParseError::new(
                text,
                "a state",
                "a dependency is in no such state",
                "up, down or slow",
            )),
        }
    }
}

impl FromStr for Dependency {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let pairs = Pairs {
            text,
            expected: "a dependency",
            cure: "its parts, such as `state=slow,latency=2s,path=/recommend,fallback=true` or `…,pool=20`; \
                   `path` may be given several times",
        };
        let mut dependency = Self::default();
        pairs.read(|key, value| {
            match key {
                "state" => dependency.state = pairs.value(value)?,
                "latency" => dependency.latency = parse_duration(value)?,
                "path" => dependency.paths.push(value.to_owned()),
                "fallback" => dependency.fallback = pairs.value(value)?,
                "pool" => dependency.pool = Some(pairs.value(value)?),
                other => return Err(pairs.unknown(other)),
            }
            Ok(())
        })?;
        Ok(dependency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_json_say_the_same() {
        let json =
            r#"{"state":"slow","latency":"2s","paths":["/recommend"],"fallback":false,"pool":20}"#;
        let dependency: Dependency = serde_json::from_str(json).expect("valid");
        assert_eq!(serde_json::to_string(&dependency).expect("valid"), json);
        let text = "state=slow,latency=2s,path=/recommend,pool=20";
        assert_eq!(text.parse(), Ok(dependency));
        let error = "state=ill".parse::<Dependency>().expect_err("unknown");
        assert!(error.to_string().contains("up, down or slow"), "{error}");
    }

    #[test]
    fn only_its_own_pages_call_it_and_only_trouble_shows() {
        let two = Duration::from_secs(2);
        let mut dependency = Dependency {
            state: DependencyState::Down,
            latency: two,
            paths: vec!["/recommend".to_owned()],
            ..Dependency::default()
        };
        assert_eq!(dependency.call("/recommend/me"), Call::FailsAfter(two));
        assert_eq!(dependency.call("/recommendation"), Call::Fine);
        dependency.state = DependencyState::Slow;
        assert_eq!(dependency.call("/recommend"), Call::Takes(two));
        dependency.fallback = true;
        assert_eq!(dependency.call("/recommend"), Call::Spared);
        dependency.state = DependencyState::Up;
        assert_eq!(dependency.call("/recommend"), Call::Fine);
    }
}
