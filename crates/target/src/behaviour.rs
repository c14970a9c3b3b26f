//! What the demo service is told to do: slow down, stop, refuse, fail.
//!
//! Every setting has a compact text form, the same on a command line and in JSON or YAML.

mod fault;
mod latency;
mod scoped;
mod stall;

pub use fault::{Fault, FaultShare};
pub use latency::Latency;
pub use scoped::Scoped;
pub use stall::Stall;

use crate::quantity::{Rate, Share, optional_duration};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the demo service does with requests. The default is to answer every one at once.
///
/// `/healthz` is left out of all of it; `/fault/…` is counted but neither delayed nor refused.
/// A request passes, in this order: the queue (`fifo` or `capacity`), the stall, a fault, an error, the latency.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Time taken per answer; the longest path that covers a request wins.
    pub latency: Vec<Scoped<Latency>>,
    /// Regular stops of the whole service.
    pub stall: Option<Stall>,
    /// One server, first come first served, this long for each request. Excludes `capacity`.
    ///
    /// Time is virtual: a request's end is `max(arrival, the end before) + fifo`, however late a timer fires.
    #[serde(with = "optional_duration")]
    pub fifo: Option<Duration>,
    /// How many requests may start per second; more wait in line. Excludes `fifo`.
    pub capacity: Option<Rate>,
    /// How many may wait in line before more are refused at once with a `retry-after`; `None`: no limit. `0` sheds whatever cannot start at once.
    pub queue: Option<u32>,
    /// The status of a refusal.
    pub refusal: Refusal,
    /// Collapse under overload: each request takes longer by a factor of 1 + (its time in line ÷ this).
    /// A queue that has grown beyond a point then never drains at the load that it used to bear.
    #[serde(with = "optional_duration")]
    pub collapse: Option<Duration>,
    /// Share of answers with status 500; the longest path that covers a request wins.
    pub errors: Vec<Scoped<Share>>,
    /// Faults in place of answers; all that cover a request have their turn, in order.
    pub faults: Vec<Scoped<FaultShare>>,
    /// Seed of everything random.
    pub seed: u64,
    /// Which build the service says it is.
    pub release: Release,
}

impl Behaviour {
    /// Whether the settings go together.
    ///
    /// # Errors
    /// Names the settings that do not, and the cure.
    pub fn check(&self) -> Result<(), BehaviourError> {
        if self.fifo.is_some() && self.capacity.is_some() {
            return Err(BehaviourError::TwoQueues);
        }
        if self.fifo.is_some_and(|service| service.is_zero()) {
            return Err(BehaviourError::Zero { setting: "fifo" });
        }
        if self.collapse.is_some_and(|delay| delay.is_zero()) {
            return Err(BehaviourError::Zero {
                setting: "collapse",
            });
        }
        let lined = self.fifo.is_some() || self.capacity.is_some();
        for (setting, set) in [
            ("queue", self.queue.is_some()),
            ("collapse", self.collapse.is_some()),
            ("refusal", self.refusal != Refusal::default()),
        ] {
            if set && !lined {
                return Err(BehaviourError::NoQueue { setting });
            }
        }
        Ok(())
    }
}

/// Settings that do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BehaviourError {
    /// Both kinds of line.
    #[error("`fifo` and `capacity` are both set, but a service has one line; remove one of them")]
    TwoQueues,
    /// A setting of a line that is not there.
    #[error(
        "`{setting}` is set without a line to apply to; set `capacity` (such as 1000/s) or `fifo` (such as 1ms) too"
    )]
    NoQueue {
        /// The setting.
        setting: &'static str,
    },
    /// A length of time that must not be zero.
    #[error("`{setting}` is zero; leave it out, or write a duration such as 1ms")]
    Zero {
        /// The setting.
        setting: &'static str,
    },
}

/// How a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Refusal {
    /// `503 Service Unavailable`.
    #[default]
    #[serde(rename = "503")]
    Unavailable,
    /// `429 Too Many Requests`.
    #[serde(rename = "429")]
    TooManyRequests,
}

impl std::str::FromStr for Refusal {
    type Err = crate::ParseError;

    fn from_str(text: &str) -> Result<Self, crate::ParseError> {
        match text {
            "503" => Ok(Self::Unavailable),
            "429" => Ok(Self::TooManyRequests),
            _ => Err(crate::ParseError::new(
                text,
                "a refusal",
                "no such status is used",
                "503 or 429",
            )),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unavailable => "503",
            Self::TooManyRequests => "429",
        })
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_uses_the_text_forms() {
        let text = r#"{"latency":["5ms..20ms","1s@/search"],"stall":"1s/10s+9s","fifo":null,"capacity":"1000/s","queue":200,"refusal":"429","collapse":"1s","errors":["1%"],"faults":["reset=0.1%@/basket"],"seed":7,"release":{"version":"1.0.0","commit":"abc","id":null}}"#;
        let behaviour: Behaviour = serde_json::from_str(text).expect("valid");
        assert_eq!(serde_json::to_string(&behaviour).expect("valid"), text);
        assert_eq!(behaviour.check(), Ok(()));
    }

    #[test]
    fn nothing_stated_is_the_default_and_unknown_keys_are_errors() {
        assert_eq!(
            serde_json::from_str::<Behaviour>("{}").expect("valid"),
            Behaviour::default()
        );
        let error = serde_json::from_str::<Behaviour>(r#"{"latancy":[]}"#).expect_err("unknown");
        assert!(error.to_string().contains("latancy"));
        let error = serde_json::from_str::<Behaviour>(r#"{"latency":["5mss"]}"#).expect_err("unit");
        assert!(
            error.to_string().contains("`mss` is not a unit of time"),
            "{error}"
        );
    }

    #[test]
    fn settings_that_do_not_go_together_are_told() {
        let capacity = "10/s".parse().ok();
        let millisecond = Some(Duration::from_millis(1));
        let both = Behaviour {
            fifo: millisecond,
            capacity,
            ..Behaviour::default()
        };
        assert_eq!(both.check(), Err(BehaviourError::TwoQueues));
        let alone = Behaviour {
            queue: Some(1),
            ..Behaviour::default()
        };
        assert_eq!(
            alone.check(),
            Err(BehaviourError::NoQueue { setting: "queue" })
        );
        let zero = Behaviour {
            fifo: Some(Duration::ZERO),
            ..Behaviour::default()
        };
        assert_eq!(zero.check(), Err(BehaviourError::Zero { setting: "fifo" }));
    }
}
