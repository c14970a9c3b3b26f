//! How a duel is played: all that has to be known to go on with it later.

use crate::args::duel::Duel as Arguments;
use crate::args::{Arrivals, Timer};
use crate::begun::Begun;
use crate::drive;
use crate::failure::Failure;
use plimsoll_measure::Metric;
use plimsoll_measure::regression::Looks;
use plimsoll_scenario::Masker;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The error of a duel.
pub(super) const ALPHA: f64 = 0.05;
/// Rounds at most, unless more are planned.
const USUAL_MOST: usize = 30;
/// What is tolerated of shares, as a part of what is tolerated of ratios: 0.1 points of 5 %.
const SHARES: f64 = 0.02;

/// How a duel is played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub scenario: Option<PathBuf>,
    pub a: Place,
    pub b: Place,
    pub self_test: bool,
    pub duet: bool,
    pub ready: Option<String>,
    pub ready_within_ns: u64,
    pub rounds: usize,
    pub most: usize,
    pub round_ns: u64,
    pub warmup_ns: Option<u64>,
    pub metrics: Vec<String>,
    pub tolerance: f64,
    pub rate: Option<f64>,
    pub users: Option<u64>,
    pub arrivals: Option<Arrivals>,
    pub seed: u64,
    pub threads: usize,
    pub timer: Timer,
    pub grace_ns: u64,
    pub yes_i_may_load: Vec<String>,
    /// The command line of a duel that was begun before `begun` was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Where and by what it was begun; `None` until it is.
    #[serde(default)]
    pub begun: Option<Begun>,
}

/// A build: what it is, and where a command listens that starts it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    pub what: String,
    /// Whether a secret in it is masked, so that it cannot be started again.
    #[serde(default)]
    pub is_masked: bool,
    pub at: Option<String>,
}

impl Settings {
    /// From the command line.
    pub(super) fn of(arguments: &Arguments) -> Result<Self, Failure> {
        let what = |given: &Option<String>| given.clone().unwrap_or_else(|| "demo".to_owned());
        let a = Place {
            what: what(&arguments.a),
            is_masked: false,
            at: arguments.a_at.clone(),
        };
        let b = match arguments.self_test {
            true => a.clone(),
            false => Place {
                what: what(&arguments.b),
                is_masked: false,
                at: arguments.b_at.clone(),
            },
        };
        let nanoseconds =
            |time: std::time::Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let driving = &arguments.driving;
        let scenario = arguments.scenario.as_deref().map(std::path::absolute);
        let scenario = scenario.transpose().map_err(|problem| {
            Failure::Usage(format!("the scenario's file cannot be named: {problem}"))
        })?;
        let settings = Self {
            scenario,
            a,
            b,
            self_test: arguments.self_test,
            duet: arguments.duet,
            ready: arguments.ready.clone(),
            ready_within_ns: nanoseconds(arguments.ready_within),
            rounds: arguments.rounds,
            most: arguments.most.unwrap_or(USUAL_MOST.max(arguments.rounds)),
            round_ns: nanoseconds(arguments.round),
            warmup_ns: arguments.warmup.map(nanoseconds),
            metrics: match (arguments.metrics.is_empty(), arguments.users) {
                (false, _) => arguments.metrics.clone(),
                (true, None) => ["p50", "p99", "errors"].map(str::to_owned).to_vec(),
                (true, Some(_)) => ["p50", "p99", "errors", "rate"].map(str::to_owned).to_vec(),
            },
            tolerance: arguments.tolerance,
            rate: arguments.rate,
            users: arguments.users,
            arrivals: driving.arrivals,
            seed: driving.seed,
            threads: drive::threads(driving.threads),
            timer: driving.timer,
            grace_ns: nanoseconds(driving.grace),
            yes_i_may_load: arguments.outlet.yes_i_may_load.clone(),
            command: Vec::new(),
            begun: None,
        };
        settings.looks()?;
        settings.measured()?;
        Ok(settings)
    }

    /// The surroundings of this process.
    pub(super) fn here(&self, secrets: &Masker) -> Begun {
        Begun::here(secrets, self.timer.mode(), self.threads)
    }

    /// The same as it is kept: without secrets, and with where and by what it was begun.
    pub(super) fn kept(&self, secrets: &Masker) -> Self {
        let mut kept = self.clone();
        // Neither build can be started again without what is masked here.
        let mut is_ready_masked = false;
        if let Some(ready) = &mut kept.ready {
            is_ready_masked = mask(ready, secrets);
        }
        for place in [&mut kept.a, &mut kept.b] {
            let is_what_masked = mask(&mut place.what, secrets);
            let is_at_masked = place.at.as_mut().is_some_and(|at| mask(at, secrets));
            place.is_masked = is_ready_masked || is_what_masked || is_at_masked;
        }
        kept.begun = Some(self.here(secrets));
        kept
    }

    /// When it is judged.
    pub(super) fn looks(&self) -> Result<Looks, Failure> {
        Looks::new(self.rounds, self.most, ALPHA)
            .map_err(|problem| Failure::Usage(format!("--rounds, --most: {problem}")))
    }

    /// What is compared of every step.
    pub(super) fn measured(&self) -> Result<Vec<Metric>, Failure> {
        let mut metrics = Vec::new();
        for name in &self.metrics {
            let wrong = |problem: &str| Failure::Usage(format!("--metric {name}: {problem}"));
            let metric = name
                .parse::<Metric>()
                .map_err(|problem| wrong(&problem.to_string()))?;
            // Figures that are compared twice would cost the others power.
            if metrics.contains(&metric) {
                return Err(wrong("is compared already; leave one out"));
            }
            metrics.push(metric);
        }
        Ok(metrics)
    }

    /// By how much a share may be worse.
    pub(super) fn tolerance_of_shares(&self) -> f64 {
        self.tolerance * SHARES
    }
}

/// Masks secrets in a text, and says whether there were any.
fn mask(text: &mut String, secrets: &Masker) -> bool {
    let masked = secrets.mask(text).into_owned();
    let is_masked = masked != *text;
    *text = masked;
    is_masked
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// As a duel of two commands is kept.
    pub(crate) fn settings() -> Settings {
        let command = |port: u16| {
            serde_json::json!({
                "what": format!("./shop --port {port}"),
                "at": format!("http://127.0.0.1:{port}"),
            })
        };
        let settings = serde_json::json!({
            "scenario": null, "a": command(1), "b": command(2), "self_test": false, "duet": false,
            "ready": "/health", "ready_within_ns": 1, "rounds": 12, "most": 30, "round_ns": 1,
            "warmup_ns": null, "metrics": ["p50"], "tolerance": 0.05, "rate": 1.0, "users": null,
            "arrivals": null, "seed": 1, "threads": 1, "timer": "timerfd", "grace_ns": 1,
            "yes_i_may_load": [],
        });
        serde_json::from_value(settings).unwrap()
    }

    #[test]
    fn no_secret_is_kept_and_what_had_one_cannot_be_started_again() {
        let secrets = Masker::new(["hunter22"]);
        let kept = settings().kept(&secrets);
        assert!(!kept.a.is_masked && !kept.b.is_masked);
        assert!(kept.begun.is_some_and(|begun| !begun.command.is_empty()));
        let places: [fn(&mut Settings) -> &mut String; 3] = [
            |settings| &mut settings.b.what,
            |settings| settings.b.at.as_mut().unwrap(),
            |settings| settings.ready.as_mut().unwrap(),
        ];
        for place in places {
            let mut settings = settings();
            place(&mut settings).push_str("/hunter22");
            let kept = settings.kept(&secrets);
            assert!(kept.b.is_masked);
            let text = serde_json::to_string(&kept).unwrap();
            assert!(!text.contains("hunter22"), "{text}");
        }
    }
}
