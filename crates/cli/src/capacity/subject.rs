//! What is searched: the system, what users do there, and what has to hold.

use super::probe::ALPHA;
use super::settings::Settings;
use crate::args::Output;
use crate::drive;
use crate::failure::Failure;
use crate::files::{FileKind, kind_of, load_plan, load_scenario};
use crate::notices::requests_per_arrival;
use crate::plan::{self, Http, Sampling};
use crate::started::{self, Starting};
use plimsoll_conduct::Fetch;
use plimsoll_engine::Stop;
use plimsoll_measure::statistics::order::minimum_n;
use plimsoll_measure::{Catalogue, Kind, Scope, Threshold, Watched};
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
    /// The journey that it is about; `None`: all requests.
    pub journey: Option<String>,
    /// The step of that journey; `None`: all of it.
    pub step: Option<String>,
    pub watched: Watched,
}

impl Objective {
    fn of(catalogue: &Catalogue, scope: Scope, sourced: &SourcedThreshold) -> Self {
        let (journey, step) = place(catalogue, scope);
        let of: Vec<&str> = journey.iter().chain(&step).map(String::as_str).collect();
        let of = match of.as_slice() {
            [] => "all requests".to_owned(),
            of => of.join("/"),
        };
        Self {
            text: format!("{} of {of}", sourced.text),
            journey,
            step,
            watched: Watched {
                scope,
                threshold: sourced.threshold.clone(),
            },
        }
    }
}

/// The journey and the step of a scope.
fn place(catalogue: &Catalogue, scope: Scope) -> (Option<String>, Option<String>) {
    let Scope::Series(series) = scope else {
        return (None, None);
    };
    let all = catalogue.journeys().iter();
    let mut found = all.filter_map(|journey| {
        let mut steps = journey.steps.iter();
        let step = steps.find(|step| step.series == series);
        let is_of = journey.series == series || step.is_some();
        is_of.then(|| (journey.name.clone(), step.map(|step| step.name.clone())))
    });
    found
        .next()
        .map_or((None, None), |(journey, step)| (Some(journey), step))
}

/// Whether it asks for so much a second, which any lower rate misses, however well the system does.
fn asks_for_a_rate(threshold: &Threshold) -> bool {
    threshold.metric.kind() == Kind::PerSecond && !threshold.comparison.is_upper_limit()
}

/// What is known of the system before anything is started.
pub(super) struct Subject {
    pub name: String,
    pub scenario: Arc<Scenario>,
    pub objectives: Vec<Objective>,
    /// Thresholds of the file that are none, because they ask for a rate.
    pub left_out: Vec<String>,
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
        let (objectives, left_out) = match settings.objectives.is_empty() {
            false => (said(&settings.objectives)?, Vec::new()),
            true => {
                let (rates, others) = promised(plan.as_ref(), &scenario)
                    .into_iter()
                    .partition(|one| asks_for_a_rate(&one.watched.threshold));
                let rates: Vec<Objective> = rates;
                (others, rates.into_iter().map(|one| one.text).collect())
            }
        };
        if objectives.is_empty() {
            let no = match left_out.is_empty() {
                true => "no threshold",
                false => "no threshold but such as ask for a rate",
            };
            return Err(Failure::Usage(format!(
                "{} has {no}, and nothing says what a rate has to meet to be borne: say --slo \"p99 < 400ms\"",
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
            left_out,
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

    /// With fewer journeys no probe can prove all objectives, however well the system does; 0 where nothing says so.
    pub(super) fn fewest(&self) -> f64 {
        let fewest = self.objectives.iter().filter_map(|objective| {
            let Watched { scope, threshold } = &objective.watched;
            let allowed = threshold.share_limit()?;
            let is_provable =
                threshold.comparison.is_upper_limit() && (allowed > 0.0 && allowed < 1.0);
            let each = requests_per_arrival(&self.scenario, *scope);
            (is_provable && each > 0.0).then(|| minimum_n(1.0 - allowed, ALPHA) as f64 / each)
        });
        fewest.fold(0.0, f64::max)
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
                    let name = self.scenario.secrets.mask(command).into_owned();
                    Ok::<_, Failure>((server, name))
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
        if asks_for_a_rate(&sourced.threshold) {
            return Err(wrong(
                "any lower rate misses that, however well the system does: the search says itself how much is borne; leave it out"
                    .to_owned(),
            ));
        }
        if !sourced.threshold.comparison.is_upper_limit() {
            return Err(wrong(
                "an objective bounds from above; write `<`, such as \"p99 < 400ms\"".to_owned(),
            ));
        }
        let catalogue = Catalogue::default();
        Ok(Objective::of(&catalogue, Scope::Test, &sourced))
    });
    objectives.collect()
}

/// Thresholds of the file, those of windows apart: a probe is shorter than most.
fn promised(plan: Option<&ReadinessPlan>, scenario: &Scenario) -> Vec<Objective> {
    let catalogue = scenario.catalogue();
    let mut all: Vec<(Scope, &SourcedThreshold)> = Vec::new();
    let of_scenario = scenario.watched();
    let Some(plan) = plan else {
        let watched = of_scenario.iter();
        return objectives(
            &catalogue,
            watched.map(|(_, scope, sourced)| (*scope, sourced)),
        );
    };
    for promise in &plan.journeys {
        let mut entries = catalogue.journeys().iter();
        let Some(entry) = entries.find(|entry| entry.name == promise.name) else {
            continue;
        };
        for planned in &promise.thresholds {
            all.push((Scope::Series(entry.series), &planned.pass));
        }
        for (name, planned) in &promise.steps {
            if let Some(step) = entry.steps.iter().find(|step| step.name == *name) {
                all.push((Scope::Series(step.series), &planned.pass));
            }
        }
    }
    objectives(&catalogue, all.into_iter())
}

fn objectives<'t>(
    catalogue: &Catalogue,
    all: impl Iterator<Item = (Scope, &'t SourcedThreshold)>,
) -> Vec<Objective> {
    all.filter(|(_, sourced)| sourced.threshold.window.is_none())
        .map(|(scope, sourced)| Objective::of(catalogue, scope, sourced))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journey_with_a_slash_in_its_name_is_no_step() {
        let mut catalogue = Catalogue::default();
        let entry = catalogue.add_journey("a/b", [("c", 0)]);
        let (journey, step) = (entry.series, entry.steps[0].series);
        let told = |series| place(&catalogue, Scope::Series(series));
        assert_eq!(told(journey), (Some("a/b".to_owned()), None));
        assert_eq!(told(step), (Some("a/b".to_owned()), Some("c".to_owned())));
        assert_eq!(place(&catalogue, Scope::Test), (None, None));
    }

    #[test]
    fn a_rate_is_no_objective_but_a_limit_of_one_is() {
        let asks = |text: &str| asks_for_a_rate(&text.parse().unwrap());
        assert!(asks("goodput >= 100/s") && asks("rate > 100/s"));
        assert!(!asks("rate <= 100/s") && !asks("p99 < 400ms"));
        let told = said(&["goodput >= 100/s".to_owned()]).err();
        let told = told.map(|problem| problem.to_string()).unwrap_or_default();
        assert!(
            told.contains("--slo \"goodput >= 100/s\": any lower rate"),
            "{told}"
        );
        let upside_down = said(&["p99 > 400ms".to_owned()]).err();
        assert!(upside_down.is_some_and(|problem| problem.to_string().contains("write `<`")));
    }
}
