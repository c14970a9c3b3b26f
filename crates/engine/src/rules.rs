//! By which rules a run goes, besides its load: what samples are held against, what ends it early,
//! what counts as shed, and which headers name the build that answered.

use http::HeaderName;
use plimsoll_measure::{Scope, Watched};
use plimsoll_scenario::{Scenario, ShedRule};
use std::time::Duration;

/// The rules of a run. A scenario that is run alone brings its own ([`Rules::of`]).
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// What is judged; the order is that of the judgements.
    pub watched: Vec<Watched>,
    /// How much of the beginning is left out of what is judged. `None`: it is estimated.
    pub warmup: Option<Duration>,
    /// When to give up early: as soon as one of these holds.
    pub abort_on: Vec<Watched>,
    /// What counts as shed.
    pub shed: ShedRule,
    /// A header that a refusal has to carry to count as shed.
    pub shed_header: Option<HeaderName>,
    /// Headers that name the build that answered. Every response is counted by them.
    pub release_headers: Vec<HeaderName>,
}

impl Rules {
    /// Those that a scenario states.
    pub fn of(scenario: &Scenario) -> Self {
        let watched = scenario.watched().into_iter();
        Self {
            watched: watched
                .map(|(_, scope, sourced)| Watched {
                    scope,
                    threshold: sourced.threshold,
                })
                .collect(),
            warmup: scenario.warmup,
            abort_on: scenario
                .abort_on
                .iter()
                .map(|threshold| Watched {
                    scope: Scope::Test,
                    threshold: threshold.clone(),
                })
                .collect(),
            shed: scenario.shed.clone(),
            shed_header: None,
            release_headers: Vec::new(),
        }
    }
}
