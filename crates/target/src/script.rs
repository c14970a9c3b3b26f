//! What happens to each request, and when: the behaviour brought to life, without a clock of its own.

mod line;
mod quota;

use crate::behaviour::{Behaviour, Fault, Refusal, Scoped};
use crate::random::mix;
use line::{Line, Place};
use quota::Quota;
use std::time::Duration;

/// A behaviour and where it stands.
#[derive(Debug)]
pub(crate) struct Script {
    behaviour: Behaviour,
    line: Option<Line>,
    errors: Vec<Quota>,
    faults: Vec<Quota>,
    number: u64,
    idle: bool,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    /// When, counted from the start of the service; never before the request's arrival.
    pub(crate) at: Duration,
    /// What.
    pub(crate) act: Act,
}

/// What is done with a request when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// It is answered.
    Answer,
    /// It is answered with status 500.
    Fail,
    /// It is refused.
    Refuse {
        /// The status to say so with.
        refusal: Refusal,
        /// When to come back, in whole seconds, at least 1.
        retry_after_seconds: u64,
    },
    /// Something goes wrong.
    Misbehave(Fault),
}

impl Script {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        let mut line = match (behaviour.fifo, behaviour.capacity) {
            (Some(service), _) => Some(Line::new(service, true)),
            (None, Some(rate)) => Some(Line::new(rate.gap(), false)),
            (None, None) => None,
        };
        if let Some(line) = &mut line {
            line.limit = behaviour.queue;
            line.collapse = behaviour.collapse;
        }
        let mut streams = (1u64..).map(|stream| mix(behaviour.seed ^ mix(stream)));
        let mut quota = |share| Quota::new(share, streams.next().unwrap_or(behaviour.seed));
        let errors = behaviour
            .errors
            .iter()
            .map(|setting| quota(setting.value))
            .collect();
        let faults = behaviour
            .faults
            .iter()
            .map(|setting| quota(setting.value.share))
            .collect();
        let idle = behaviour.latency.is_empty()
            && behaviour.stall.is_none()
            && line.is_none()
            && behaviour.errors.is_empty()
            && behaviour.faults.is_empty();
        Self {
            behaviour,
            line,
            errors,
            faults,
            number: 0,
            idle,
        }
    }

    /// The behaviour it follows.
    pub(crate) fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Whether nothing ever happens, so that nobody need ask.
    pub(crate) fn is_idle(&self) -> bool {
        self.idle
    }

    /// What happens to a request for `path` that arrives at `now`, no earlier than the one before it.
    pub(crate) fn plan(&mut self, now: Duration, path: &str) -> Plan {
        let stall = self.behaviour.stall.as_ref();
        let ready = match &mut self.line {
            Some(line) => match line.join(now, stall) {
                Place::Until(ready) => ready,
                Place::Full(empty_after) => {
                    let seconds = empty_after.as_secs_f64().ceil().max(1.0) as u64;
                    let refusal = self.behaviour.refusal;
                    let act = Act::Refuse {
                        refusal,
                        retry_after_seconds: seconds,
                    };
                    return Plan { at: now, act };
                }
            },
            None => stall.map_or(now, |stall| stall.release(now)),
        };
        for (setting, quota) in self.behaviour.faults.iter().zip(&mut self.faults) {
            if setting.covers(path) && quota.takes() {
                return Plan {
                    at: ready,
                    act: Act::Misbehave(setting.value.fault),
                };
            }
        }
        let failed = Scoped::most_specific(&self.behaviour.errors, path)
            .and_then(|place| self.errors.get_mut(place))
            .is_some_and(Quota::takes);
        let act = if failed { Act::Fail } else { Act::Answer };
        Plan {
            at: ready + self.latency(path),
            act,
        }
    }

    fn latency(&mut self, path: &str) -> Duration {
        let settings = &self.behaviour.latency;
        let chosen = Scoped::most_specific(settings, path).and_then(|place| settings.get(place));
        let Some(setting) = chosen else {
            return Duration::ZERO;
        };
        self.number += 1;
        setting.value.sample(self.behaviour.seed, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(json: &str) -> Script {
        Script::new(serde_json::from_str(json).expect("a behaviour"))
    }

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_stall_comes_before_the_latency() {
        let mut script = script(r#"{"stall":"1s/10s+0s","latency":["20ms","50ms@/search"]}"#);
        assert_eq!(
            script.plan(ms(400), "/"),
            Plan {
                at: ms(1_020),
                act: Act::Answer
            }
        );
        assert_eq!(
            script.plan(ms(400), "/search"),
            Plan {
                at: ms(1_050),
                act: Act::Answer
            }
        );
        assert_eq!(
            script.plan(ms(2_000), "/"),
            Plan {
                at: ms(2_020),
                act: Act::Answer
            }
        );
    }

    #[test]
    fn a_full_line_refuses_at_once_and_says_when_to_return() {
        let mut script =
            script(r#"{"capacity":"1/s","queue":1,"refusal":"429","latency":["20ms"]}"#);
        assert_eq!(script.plan(ms(0), "/").at, ms(20));
        assert_eq!(script.plan(ms(0), "/").at, ms(1_020));
        let refusal = Refusal::TooManyRequests;
        let act = Act::Refuse {
            refusal,
            retry_after_seconds: 2,
        };
        assert_eq!(script.plan(ms(0), "/"), Plan { at: ms(0), act });
    }

    #[test]
    fn errors_are_exact_per_path() {
        let mut script = script(r#"{"errors":["1%","50%@/checkout"]}"#);
        let mut failed = |path| {
            (0..1_000)
                .filter(|_| script.plan(ms(0), path).act == Act::Fail)
                .count()
        };
        assert_eq!(failed("/"), 10);
        assert_eq!(failed("/checkout"), 500);
        assert_eq!(failed("/search"), 10);
    }

    #[test]
    fn faults_cover_their_paths_only() {
        let mut script = script(r#"{"faults":["reset=10%@/basket","close=100%@/account"]}"#);
        let mut hit = |path| {
            let plans = (0..100).map(|_| script.plan(ms(0), path).act);
            plans.filter(|act| matches!(act, Act::Misbehave(_))).count()
        };
        assert_eq!((hit("/"), hit("/basket"), hit("/account")), (0, 10, 100));
    }

    #[test]
    fn the_default_is_idle() {
        assert!(script("{}").is_idle());
        assert!(!script(r#"{"latency":["1ms"]}"#).is_idle());
        assert!(!script(r#"{"fifo":"1ms"}"#).is_idle());
    }
}
