//! Capacity that grows when the load asks for it.

use super::pairs::Pairs;
use crate::quantity::{ParseError, Rate, Share, duration, parse_duration};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::time::Duration;

/// A scale-out: once the offered load has been above a share of the capacity for a while, the capacity steps up, once.
///
/// The load is counted in tenths of `after`, refused requests included; ten of them in a row above the share step up.
/// What is in line by then stays with the old servers; the new ones take what arrives later. There is no way down but
/// to set `scale` anew. A service that never scales has none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The capacity afterwards, above the one before.
    pub to: Rate,
    /// How long the load has to be high.
    #[serde(with = "duration")]
    pub after: Duration,
    /// Which share of the present capacity the load has to exceed.
    #[serde(default = "most")]
    pub load: Share,
}

fn most() -> Share {
    Share::percent(80)
}

impl FromStr for Scale {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let pairs = Pairs {
            text,
            expected: "a scale-out",
            cure: "`to=RATE,after=DURATION` and perhaps `load=SHARE`, such as `to=600/s,after=10s,load=80%`",
        };
        let (mut to, mut after, mut load) = (None, None, most());
        pairs.read(|key, value| {
            match key {
                "to" => to = Some(pairs.value(value)?),
                "after" => after = Some(parse_duration(value)?),
                "load" => load = pairs.value(value)?,
                other => return Err(pairs.unknown(other)),
            }
            Ok(())
        })?;
        Ok(Self {
            to: to.ok_or_else(|| pairs.error("`to` is missing"))?,
            after: after.ok_or_else(|| pairs.error("`after` is missing"))?,
            load,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_json_say_the_same() {
        let json = r#"{"to":"600/s","after":"10s","load":"80%"}"#;
        let scale: Scale = serde_json::from_str(json).expect("valid");
        assert_eq!(serde_json::to_string(&scale).expect("valid"), json);
        assert_eq!("to=600/s,after=10s".parse(), Ok(scale));
        assert_eq!("load=80%, to=600/s, after=10s".parse(), Ok(scale));
    }

    #[test]
    fn wrong_text_says_why() {
        let said = |text: &str| text.parse::<Scale>().expect_err(text).to_string();
        assert!(said("to=600/s").contains("`after` is missing"));
        assert!(said("600/s").contains("not of the form KEY=VALUE"));
        assert!(said("from=1/s").contains("`from` is not one of its parts"));
        assert!(said("to=600,after=1s").contains("the unit is missing"));
    }
}
