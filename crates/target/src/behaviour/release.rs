//! Which build the service says it is, and going over from one to another.

use super::pairs::Pairs;
use crate::quantity::{ParseError, duration, parse_duration};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::time::Duration;

/// Which build the service says it is: at `/version`, and in `x-release-id` on every answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Release {
    /// The version.
    pub version: String,
    /// The commit it was built from.
    pub commit: String,
    /// The value of `x-release-id`; unless stated `VERSION+COMMIT`. Left out where it cannot be a header value.
    pub id: Option<String>,
}

impl Default for Release {
    fn default() -> Self {
        Self {
            version: "4.12.0".to_owned(),
            commit: "9f2c1e07aa0b4c1d8e9f00112233445566778899".to_owned(),
            id: None,
        }
    }
}

/// A rolling deployment: from the moment it is set, a growing share of the answers comes from another build.
///
/// The share grows evenly from nothing to all of them. Which build answers is settled when a request arrives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseSwitch {
    /// The new build.
    pub to: Release,
    /// How long it takes; zero is at once.
    #[serde(with = "duration")]
    pub over: Duration,
}

impl FromStr for ReleaseSwitch {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let pairs = Pairs {
            text,
            expected: "a switch of release",
            cure: "`version=VERSION,over=DURATION` and perhaps `commit=COMMIT`, such as `version=4.13.0,over=10s`",
        };
        let (mut to, mut over) = (Release::default(), None);
        pairs.read(|key, value| {
            match key {
                "version" => to.version = value.to_owned(),
                "commit" => to.commit = value.to_owned(),
                "over" => over = Some(parse_duration(value)?),
                other => return Err(pairs.unknown(other)),
            }
            Ok(())
        })?;
        let over = over.ok_or_else(|| pairs.error("`over` is missing"))?;
        Ok(Self { to, over })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_json_say_the_same() {
        let json = r#"{"to":{"version":"2.0.0","commit":"def","id":null},"over":"10s"}"#;
        let switch: ReleaseSwitch = serde_json::from_str(json).expect("valid");
        assert_eq!(serde_json::to_string(&switch).expect("valid"), json);
        assert_eq!("version=2.0.0,commit=def,over=10s".parse(), Ok(switch));
        let error = "version=2".parse::<ReleaseSwitch>().expect_err("no time");
        assert!(error.to_string().contains("`over` is missing"), "{error}");
    }
}
