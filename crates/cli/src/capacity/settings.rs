//! How a search goes about it: all that has to be known to go on with it later.

use crate::args::capacity::Capacity as Arguments;
use crate::args::{Arrivals, Timer};
use crate::drive;
use crate::failure::Failure;
use plimsoll_measure::capacity::{CoolDown, Options};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// The first rate where nobody says, per second.
const USUAL_START: f64 = 50.0;
/// So many times as long as a probe is measured at first, it is at most.
const LONGEST: f64 = 3.0;
/// So long a system has to be calm, in seconds; less where it may not take three times as long.
const CALM_S: f64 = 5.0;

/// How a search goes about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub file: PathBuf,
    pub objectives: Vec<String>,
    pub start: Option<f64>,
    pub most: Option<f64>,
    pub probe_s: f64,
    pub longest_s: f64,
    pub trim_s: f64,
    pub confirm_s: f64,
    pub resolution: f64,
    pub cool_down_s: f64,
    pub from_above: bool,
    pub server: Option<String>,
    /// Whether a secret in it is masked, so that it cannot be started again.
    #[serde(default)]
    pub server_is_masked: bool,
    pub ready: Option<String>,
    pub peak: Option<f64>,
    pub growth: Option<f64>,
    pub utilisation: f64,
    pub arrivals: Option<Arrivals>,
    pub seed: u64,
    pub threads: usize,
    pub timer: Timer,
    pub grace_s: f64,
    pub yes_i_may_load: Vec<String>,
}

impl Settings {
    /// From the command line.
    pub(super) fn of(arguments: &Arguments) -> Result<Self, Failure> {
        let file = arguments.file.clone().unwrap_or_default();
        let file = std::path::absolute(file)
            .map_err(|problem| Failure::Usage(format!("the file cannot be named: {problem}")))?;
        let probe_s = arguments.probe.as_secs_f64();
        let longest = arguments.longest.map(|longest| longest.as_secs_f64());
        let driving = &arguments.driving;
        Ok(Self {
            file,
            objectives: arguments.objectives.clone(),
            start: arguments.start,
            most: arguments.most,
            probe_s,
            longest_s: longest.unwrap_or(LONGEST * probe_s),
            trim_s: arguments.trim.as_secs_f64(),
            confirm_s: arguments.confirm.as_secs_f64(),
            resolution: arguments.resolution,
            cool_down_s: arguments.cool_down.as_secs_f64(),
            from_above: !arguments.not_from_above,
            server: arguments.server.clone(),
            server_is_masked: false,
            ready: arguments.ready.clone(),
            peak: arguments.peak,
            growth: arguments.growth,
            utilisation: arguments.utilisation,
            arrivals: driving.arrivals,
            seed: driving.seed,
            threads: drive::threads(driving.threads),
            timer: driving.timer,
            grace_s: driving.grace.as_secs_f64(),
            yes_i_may_load: arguments.outlet.yes_i_may_load.clone(),
        })
    }

    /// The options of the search, for a plan with this peak.
    pub(super) fn options(&self, peak: Option<f64>) -> Result<Options, Failure> {
        let usual = Options::default();
        let start = self.start.or(peak.map(|peak| peak / 2.0));
        let start = start.unwrap_or(USUAL_START);
        let options = Options {
            start,
            resolution: 1.0 + self.resolution,
            most: self.most.unwrap_or(usual.most.max(start)),
            trimmed_s: self.trim_s,
            measured_s: self.probe_s,
            longest_s: self.longest_s,
            confirmed_s: self.confirm_s,
            from_above: self.from_above,
            cool_down: CoolDown {
                calm_s: CALM_S.min(self.cool_down_s / 3.0),
                longest_s: self.cool_down_s,
                ..usual.cool_down
            },
            ..usual
        };
        options
            .check()
            .map_err(|problem| Failure::Usage(problem.to_string()))?;
        Ok(options)
    }

    /// How long journeys may take to finish.
    pub(super) fn grace(&self) -> Duration {
        Duration::try_from_secs_f64(self.grace_s).unwrap_or(Duration::from_secs(30))
    }
}
