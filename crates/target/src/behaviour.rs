//! What the demo service is told to do: slow down, stop, refuse, fail.
//!
//! Every setting has a compact text form, the same on a command line and in JSON or YAML.

mod ageing;
mod check;
mod dependency;
mod fault;
mod latency;
mod merge;
mod pairs;
mod priority;
mod release;
mod scale;
mod scoped;
mod size;
mod stall;

pub use ageing::Ageing;
pub use check::BehaviourError;
pub(crate) use dependency::Call;
pub use dependency::{Dependency, DependencyState};
pub use fault::{Fault, FaultShare};
pub use latency::Latency;
pub use merge::MergeError;
pub use priority::Priority;
pub use release::{Release, ReleaseSwitch};
pub use scale::Scale;
pub use scoped::Scoped;
pub use size::Size;
pub use stall::Stall;

use crate::quantity::{Rate, Share, optional_duration};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the demo service does with requests. The default is to answer every one at once.
///
/// `/healthz`, `/metrics` and `/behaviour` are left out of all of it; `/fault/…` is counted but neither delayed nor
/// refused. A request passes, in this order: the queue (`fifo` or `capacity`), the stall, a fault, an error, the
/// dependency (whose workers it may wait for), wrong data, the latency. What a client gives up is worked on all the same.
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
    /// How much requests matter when `queue` is set; the longest path that covers a request wins, and its header
    /// `x-tier` (a [`Priority`]) goes before. Unmarked requests matter most.
    ///
    /// With priorities 0 to n, a request of priority p is refused once (n + 1 − p) of n + 1 equal parts of the queue are
    /// taken. With none set, the header says nothing.
    pub priority: Vec<Scoped<Priority>>,
    /// Capacity that steps up under load. Needs `capacity`.
    pub scale: Option<Scale>,
    /// Collapse under overload: each request takes longer by a factor of 1 + (its time in line ÷ this).
    /// A queue that has grown beyond a point then never drains at the load that it used to bear.
    ///
    /// With `queue` the state is metastable: N in line at capacity C make a wait of w = N/C ÷ (1 − N/C ÷ collapse), the
    /// service does C ÷ (1 + w ÷ collapse) at best, and any load above that keeps it there. `capacity` 1000/s, `queue`
    /// 600 and `collapse` 1s bear 800/s for ever; after a spike they do 400/s until the load falls below that.
    #[serde(with = "optional_duration")]
    pub collapse: Option<Duration>,
    /// Latency that grows with the time since this was set.
    pub ageing: Option<Ageing>,
    /// Memory that every request leaves behind, until `leak` or `leak_limit` is set anew.
    pub leak: Option<Size>,
    /// The most that is left behind in all; `None`: [`Behaviour::USUAL_LEAK_LIMIT`]. Needs `leak`.
    pub leak_limit: Option<Size>,
    /// A service that some pages need.
    pub dependency: Option<Dependency>,
    /// Share of answers that break the shop's promise with a good status: no flights found, nothing recommended,
    /// elsewhere `{}`; the longest path that covers a request wins.
    pub wrong: Vec<Scoped<Share>>,
    /// Share of answers with status 500; the longest path that covers a request wins.
    pub errors: Vec<Scoped<Share>>,
    /// Faults in place of answers; all that cover a request have their turn, in order.
    pub faults: Vec<Scoped<FaultShare>>,
    /// Seed of everything random.
    pub seed: u64,
    /// Which build the service says it is.
    pub release: Release,
    /// A rolling deployment of another build, from now on.
    pub release_switch: Option<ReleaseSwitch>,
}

impl Behaviour {
    /// How much [`Behaviour::leak`] takes in all unless stated: 512 MiB.
    pub const USUAL_LEAK_LIMIT: Size = Size::from_bytes(512 << 20);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_uses_the_text_forms() {
        let text = r#"{"latency":["5ms..20ms","1s@/search"],"stall":"1s/10s+9s","fifo":null,"capacity":"1000/s","queue":200,"refusal":"429","priority":["2@/recommend"],"scale":{"to":"3000/s","after":"10s","load":"80%"},"collapse":"1s","ageing":"1ms/1s","leak":"50KB","leak_limit":"64MiB","dependency":{"state":"down","latency":"2s","paths":["/recommend"],"fallback":true,"pool":8},"wrong":["5%@/search"],"errors":["1%"],"faults":["reset=0.1%@/basket"],"seed":7,"release":{"version":"1.0.0","commit":"abc","id":null},"release_switch":{"to":{"version":"1.1.0","commit":"def","id":null},"over":"10s"}}"#;
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
}
