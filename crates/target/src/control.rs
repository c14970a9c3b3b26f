//! The behaviour in force, shared by the service's thread and whoever steers it.

mod deployment;

pub(crate) use deployment::Identity;

use crate::behaviour::{Behaviour, BehaviourError, MergeError};
use crate::script::{Act, Plan, Quality, Script};
use deployment::Deployment;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the service does from now on. Every request asks once.
///
/// A lock that nobody else wants costs some 20 ns, which a request does not notice; and a change is in force as soon as
/// it has been made, however busy the service is.
#[derive(Debug)]
pub(crate) struct Control {
    started: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    script: Script,
    deployment: Deployment,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) struct Turn {
    /// How long it waits.
    pub(crate) wait: Duration,
    /// What comes then.
    pub(crate) act: Act,
    /// Which build answers.
    pub(crate) identity: Arc<Identity>,
}

impl Control {
    /// A behaviour that has been checked, from now on.
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        let deployment = Deployment::new(&behaviour, Duration::ZERO);
        Self {
            started: Instant::now(),
            state: Mutex::new(State {
                script: Script::new(behaviour, Duration::ZERO),
                deployment,
            }),
        }
    }

    /// The behaviour in force.
    pub(crate) fn behaviour(&self) -> Behaviour {
        self.state().script.behaviour().clone()
    }

    /// Begins another behaviour from nothing.
    pub(crate) fn replace(&self, behaviour: Behaviour) -> Result<(), BehaviourError> {
        behaviour.check()?;
        let mut state = self.state();
        let now = self.started.elapsed();
        state.deployment = Deployment::new(&behaviour, now);
        let before = std::mem::replace(&mut state.script, Script::new(behaviour, now));
        drop(state);
        // What leaked may be large; nobody waits while it is given back.
        drop(before);
        Ok(())
    }

    /// Changes some settings and leaves alone what they do not concern. Returns the behaviour before.
    pub(crate) fn merge(&self, change: &serde_json::Value) -> Result<Behaviour, MergeError> {
        let mut state = self.state();
        let before = state.script.behaviour().clone();
        let behaviour = before.merged(change)?;
        let now = self.started.elapsed();
        let concerned = |of: &Behaviour| (of.release.clone(), of.release_switch.clone(), of.seed);
        if concerned(&before) != concerned(&behaviour) {
            state.deployment = Deployment::new(&behaviour, now);
        }
        let next = state.script.changed(behaviour, now);
        let old = std::mem::replace(&mut state.script, next);
        drop(state);
        // What leaked may be large; nobody waits while it is given back.
        drop(old);
        Ok(before)
    }

    /// A request arrives, for `path` and marked with a `tier` or none.
    pub(crate) fn arrive(&self, path: &str, tier: Option<&str>) -> Turn {
        let mut state = self.state();
        if state.script.is_idle() && !state.deployment.is_under_way() {
            return Turn::at_once(state.deployment.settled());
        }
        // Read under the lock, so that no request is before the one that went before it.
        let now = self.started.elapsed();
        let identity = state.deployment.identity(now);
        if state.script.is_idle() {
            return Turn::at_once(identity);
        }
        let Plan { at, act } = state.script.plan(now, path, tier);
        Turn {
            wait: at.saturating_sub(now),
            act,
            identity,
        }
    }

    /// A request arrives that the script has no say in.
    pub(crate) fn pass(&self) -> Turn {
        let now = self.started.elapsed();
        Turn::at_once(self.state().deployment.identity(now))
    }

    /// How many requests are in line.
    pub(crate) fn waiting(&self) -> usize {
        let now = self.started.elapsed();
        self.state().script.waiting(now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves nothing half done that would matter.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    fn at_once(identity: Arc<Identity>) -> Self {
        Self {
            wait: Duration::ZERO,
            act: Act::Answer(Quality::Full),
            identity,
        }
    }
}
