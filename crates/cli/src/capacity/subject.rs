//! What is searched: the system, what users do there, and what has to hold.

use super::settings::Settings;
use crate::args::Output;
use crate::drive;
use crate::failure::Failure;
use crate::files::{FileKind, kind_of, load_plan, load_scenario};
use crate::plan::{self, Http, Sampling};
use crate::started::{self, Starting};
use plimsoll_conduct::Fetch;
use plimsoll_engine::Stop;
use plimsoll_measure::{Scope, Watched};
use plimsoll_report::document::{NamedRelease, Source};
use plimsoll_scenario::plan::ReadinessPlan;
use plimsoll_scenario::{Scenario, SourcedThreshold};
use plimsoll_target::Demo;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long a server may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// An objective: a threshold with what it is about.
pub(super) struct Objective {
    /// As people read it.
    pub text: String,
    /// The journey, and the step, that it is about; empty: all requests.
    pub of: String,
    pub watched: Watched,
}

/// What is known of the system before anything is started.
pub(super) struct Subject {
    pub name: String,
    pub scenario: Arc<Scenario>,
    pub objectives: Vec<Objective>,
    pub sources: Vec<Source>,
    /// The release that the plan names.
    pub release: Option<NamedRelease>,
    /// The peak, and that with what was agreed on top; per second.
    pub peak: Option<(f64, f64)>,
    plan: Option<ReadinessPlan>,
}

/// The system while it is up.
pub(super) struct Up {
    demo: Option<Arc<Demo>>,
    pub sampling: Sampling,
}

impl Subject {
    /// Reads the file.
    pub(super) fn of(settings: &Settings, output: &Output) -> Result<Self, Failure> {
        let file = &settings.file;
        let (plan, scenario) = match kind_of(file) {
            FileKind::Plan => {
                let plan = load_plan(file, output)?;
                let scenario = Arc::clone(&plan.scenario);
                (Some(plan), scenario)
            }
            FileKind::Scenario => (None, Arc::new(load_scenario(file, output)?)),
        };
        if plan.is_some() && settings.server.is_some() {
            return Err(Failure::Usage(
                "--server goes with a scenario: a plan says itself what is started, under `target:`"
                    .to_owned(),
            ));
        }
        let objectives = match settings.objectives.is_empty() {
            false => said(&settings.objectives)?,
            true => promised(plan.as_ref(), &scenario),
        };
        if objectives.is_empty() {
            return Err(Failure::Usage(format!(
                "{} has no threshold, and nothing says what a rate has to meet to be borne: say --slo \"p99 < 400ms\"",
                file.display()
            )));
        }
        let of_plan = plan.as_ref().map(|plan| &plan.expected);
        let peak = match (settings.peak, of_plan) {
            (Some(peak), Some(expected)) => Some((peak, peak * (1.0 + expected.headroom))),
            (Some(peak), None) => Some((peak, peak)),
            (None, Some(expected)) => Some((expected.peak, expected.target())),
            (None, None) => None,
        };
        let mut sources = Vec::new();
        let of_plan = plan.iter().flat_map(|plan| &plan.sources).enumerate();
        for (index, file) in of_plan {
            let role = if index == 0 { "plan" } else { "slo" };
            sources.push(crate::record::source(role, file));
        }
        sources.extend(crate::record::sources(&scenario));
        Ok(Self {
            name: plan
                .as_ref()
                .map_or_else(|| scenario.name.clone(), |plan| plan.name.clone()),
            scenario,
            objectives,
            sources,
            release: plan
                .as_ref()
                .and_then(|plan| plan.release.as_ref())
                .map(|release| NamedRelease {
                    version: release.version.clone(),
                    revision: release.revision.clone(),
                }),
            peak,
            plan,
        })
    }

    /// Starts what has to be started.
    pub(super) fn start(
        &self,
        settings: &Settings,
        folder: &Path,
        stop: &Stop,
    ) -> Result<Up, Failure> {
        let demo = match &self.plan {
            Some(plan) => plan::start_demo(plan)?,
            None => drive::start_demo(&self.scenario)?.map(Arc::new),
        };
        let address = demo.as_ref().map(|demo| demo.address());
        let http = Arc::new(Http::new(Arc::clone(&self.scenario), address)?);
        let base_url = http.base_url();
        let fetch: Arc<dyn Fetch> = http;
        let sampling = match &self.plan {
            Some(plan) => {
                let server = plan::start_server(plan, folder, (&*fetch, &base_url), stop)?;
                Sampling::of(plan, server, fetch)
            }
            None => {
                let server = settings.server.as_ref().map(|command| {
                    let starting = Starting {
                        name: "the system".to_owned(),
                        command: command.clone(),
                        ready: settings.ready.clone(),
                        within: READY_WITHIN,
                        log: folder.join("target.log"),
                        cure: "have it listen where the scenario's target is".to_owned(),
                    };
                    let server = started::start(&starting, &self.scenario, address, stop)?;
                    Ok::<_, Failure>((server, command.clone()))
                });
                Sampling::alone(server.transpose()?, fetch)
            }
        };
        let sampling = match &demo {
            Some(demo) => sampling.with_demo(Arc::clone(demo)),
            None => sampling,
        };
        Ok(Up { demo, sampling })
    }
}

impl Up {
    /// Where the demo service listens.
    pub(super) fn demo(&self) -> Option<SocketAddr> {
        self.demo.as_ref().map(|demo| demo.address())
    }
}

/// Objectives of the command line, about all requests.
fn said(texts: &[String]) -> Result<Vec<Objective>, Failure> {
    let objectives = texts.iter().map(|text| {
        let wrong = |problem: String| Failure::Usage(format!("--slo \"{text}\": {problem}"));
        let sourced = SourcedThreshold::parse(text).map_err(wrong)?;
        if sourced.threshold.window.is_some() {
            return Err(wrong(
                "a rate is judged over all of its probe; leave `for …` out".to_owned(),
            ));
        }
        Ok(Objective {
            text: format!("{} of all requests", sourced.text),
            of: String::new(),
            watched: Watched {
                scope: Scope::Test,
                threshold: sourced.threshold,
            },
        })
    });
    objectives.collect()
}

/// Thresholds of the file, those of windows apart: a probe is shorter than most.
fn promised(plan: Option<&ReadinessPlan>, scenario: &Scenario) -> Vec<Objective> {
    let catalogue = scenario.catalogue();
    let mut objectives = Vec::new();
    let mut add = |of: &str, scope: Scope, sourced: &SourcedThreshold| {
        if sourced.threshold.window.is_none() {
            objectives.push(Objective {
                text: match of {
                    "" => format!("{} of all requests", sourced.text),
                    of => format!("{} of {of}", sourced.text),
                },
                of: of.to_owned(),
                watched: Watched {
                    scope,
                    threshold: sourced.threshold.clone(),
                },
            });
        }
    };
    let Some(plan) = plan else {
        for (of, scope, sourced) in scenario.watched() {
            add(&of, scope, &sourced);
        }
        return objectives;
    };
    for promise in &plan.journeys {
        let mut entries = catalogue.journeys().iter();
        let Some(entry) = entries.find(|entry| entry.name == promise.name) else {
            continue;
        };
        for planned in &promise.thresholds {
            add(&promise.name, Scope::Series(entry.series), &planned.pass);
        }
        for (name, planned) in &promise.steps {
            if let Some(step) = entry.steps.iter().find(|step| step.name == *name) {
                let of = format!("{}/{name}", promise.name);
                add(&of, Scope::Series(step.series), &planned.pass);
            }
        }
    }
    objectives
}
