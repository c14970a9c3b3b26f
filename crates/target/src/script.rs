//! What happens to each request, and when: the behaviour brought to life, without a clock of its own.

mod autoscaler;
mod leak;
mod line;
mod pool;
mod quota;

use crate::behaviour::{Behaviour, Call, Fault, Priority, Refusal, Scoped};
use crate::quantity::Share;
use crate::random::mix;
use leak::Leak;
use line::{Line, Place};
use pool::Pool;
use quota::Quota;
use std::mem::take;
use std::time::Duration;

/// A behaviour and where it stands.
#[derive(Debug)]
pub(crate) struct Script {
    behaviour: Behaviour,
    line: Option<Line>,
    pool: Option<Pool>,
    leak: Option<Leak>,
    /// Since when the service ages.
    young_at: Duration,
    errors: Vec<Quota>,
    faults: Vec<Quota>,
    wrong: Vec<Quota>,
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
    Answer(Quality),
    /// It is answered with status 500.
    Fail,
    /// It is answered with status 502, for want of a dependency.
    Miss,
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

/// How good an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quality {
    /// What was promised.
    Full,
    /// Correct, but less than usual.
    Degraded,
    /// Not what was promised, though its status says so.
    Wrong,
}

impl Script {
    /// A behaviour that begins at `now`.
    pub(crate) fn new(behaviour: Behaviour, now: Duration) -> Self {
        let line = Line::of(&behaviour, now);
        let pool = behaviour
            .dependency
            .as_ref()
            .and_then(|dependency| dependency.pool);
        let leak = behaviour
            .leak
            .map(|each| Leak::new(each, behaviour.leak_limit));
        let mut streams = (1u64..).map(|stream| mix(behaviour.seed ^ mix(stream)));
        let mut quotas = |shares: &mut dyn Iterator<Item = Share>| -> Vec<Quota> {
            let seeded = shares.map(|share| (share, streams.next().unwrap_or(behaviour.seed)));
            seeded
                .map(|(share, seed)| Quota::new(share, seed))
                .collect()
        };
        let errors = quotas(&mut behaviour.errors.iter().map(|setting| setting.value));
        let faults = quotas(&mut behaviour.faults.iter().map(|setting| setting.value.share));
        let wrong = quotas(&mut behaviour.wrong.iter().map(|setting| setting.value));
        let idle = behaviour.latency.is_empty()
            && behaviour.stall.is_none()
            && line.is_none()
            && behaviour.ageing.is_none()
            && leak.is_none()
            && behaviour.dependency.is_none()
            && wrong.is_empty()
            && errors.is_empty()
            && faults.is_empty();
        Self {
            line,
            pool: pool.map(Pool::new),
            leak,
            young_at: now,
            errors,
            faults,
            wrong,
            number: 0,
            idle,
            behaviour,
        }
    }

    /// The same with some settings changed at `now`: what they do not concern goes on where it stands.
    ///
    /// A line keeps those who are in it unless it changes its kind. What is not taken over stays behind, to be dropped.
    pub(crate) fn changed(&mut self, behaviour: Behaviour, now: Duration) -> Self {
        let mut next = Self::new(behaviour, now);
        let (old, new) = (&self.behaviour, &next.behaviour);
        if (old.fifo.is_some(), old.capacity.is_some())
            == (new.fifo.is_some(), new.capacity.is_some())
            && let Some(mut line) = self.line.take()
        {
            line.change(old, new, now);
            next.line = Some(line);
        }
        if old.dependency == new.dependency {
            next.pool = self.pool.take();
        }
        if (old.leak, old.leak_limit) == (new.leak, new.leak_limit) {
            next.leak = self.leak.take();
        }
        if old.ageing == new.ageing {
            next.young_at = self.young_at;
        }
        if old.seed == new.seed {
            if old.errors == new.errors {
                next.errors = take(&mut self.errors);
            }
            if old.faults == new.faults {
                next.faults = take(&mut self.faults);
            }
            if old.wrong == new.wrong {
                next.wrong = take(&mut self.wrong);
            }
            next.number = self.number;
        }
        next
    }

    /// The behaviour it follows.
    pub(crate) fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Whether nothing ever happens, so that nobody need ask.
    pub(crate) fn is_idle(&self) -> bool {
        self.idle
    }

    /// How many are in line at `now`.
    pub(crate) fn waiting(&mut self, now: Duration) -> usize {
        self.line.as_mut().map_or(0, |line| line.waiting(now))
    }

    /// What happens to a request for `path`, marked with this `tier` or none, that arrives at `now`, no earlier than the
    /// one before it.
    pub(crate) fn plan(&mut self, now: Duration, path: &str, tier: Option<&str>) -> Plan {
        let priority = self.priority(path, tier);
        let stall = self.behaviour.stall.as_ref();
        let ready = match &mut self.line {
            Some(line) => match line.join(now, stall, priority) {
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
        if let Some(leak) = &mut self.leak {
            leak.drip();
        }
        let (act, takes) = self.work(now, path);
        let start = match &mut self.pool {
            Some(pool) => pool.take(ready, takes),
            None => ready,
        };
        Plan {
            at: start + takes,
            act,
        }
    }

    /// How much a request matters. A mark that is no priority is none.
    fn priority(&self, path: &str, tier: Option<&str>) -> Priority {
        let settings = &self.behaviour.priority;
        if settings.is_empty() {
            return Priority::FIRST;
        }
        if let Some(priority) = tier.and_then(|tier| tier.parse().ok()) {
            return priority;
        }
        Scoped::most_specific(settings, path)
            .and_then(|place| settings.get(place))
            .map_or(Priority::FIRST, |setting| setting.value)
    }

    /// What comes of a request once its turn has come, and how long it takes.
    fn work(&mut self, now: Duration, path: &str) -> (Act, Duration) {
        for (setting, quota) in self.behaviour.faults.iter().zip(&mut self.faults) {
            if setting.covers(path) && quota.takes() {
                return (Act::Misbehave(setting.value.fault), Duration::ZERO);
            }
        }
        let latency = self.latency(now, path);
        if falls_to(&self.behaviour.errors, &mut self.errors, path) {
            return (Act::Fail, latency);
        }
        let dependency = self.behaviour.dependency.as_ref();
        let call = dependency.map_or(Call::Fine, |dependency| dependency.call(path));
        let (quality, called) = match call {
            Call::FailsAfter(after) => return (Act::Miss, latency + after),
            Call::Takes(after) => (Quality::Full, after),
            Call::Spared => (Quality::Degraded, Duration::ZERO),
            Call::Fine => (Quality::Full, Duration::ZERO),
        };
        let quality = if falls_to(&self.behaviour.wrong, &mut self.wrong, path) {
            Quality::Wrong
        } else {
            quality
        };
        (Act::Answer(quality), latency + called)
    }

    fn latency(&mut self, now: Duration, path: &str) -> Duration {
        let aged = match &self.behaviour.ageing {
            Some(ageing) => ageing.added_after(now.saturating_sub(self.young_at)),
            None => Duration::ZERO,
        };
        let settings = &self.behaviour.latency;
        let chosen = Scoped::most_specific(settings, path).and_then(|place| settings.get(place));
        let Some(setting) = chosen else {
            return aged;
        };
        self.number += 1;
        setting.value.sample(self.behaviour.seed, self.number) + aged
    }
}

/// Whether a request falls to the share of its path.
fn falls_to(settings: &[Scoped<Share>], quotas: &mut [Quota], path: &str) -> bool {
    Scoped::most_specific(settings, path)
        .and_then(|place| quotas.get_mut(place))
        .is_some_and(Quota::takes)
}

#[cfg(test)]
mod tests;
