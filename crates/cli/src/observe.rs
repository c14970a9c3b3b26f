//! From the state of a run to its document, once a second and at its end.

use crate::args::Output;
use crate::bundle::Bundle;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::terminal;
use anyhow::Context;
use jiff::Timestamp;
use plimsoll_engine::{
    Event as EngineEvent, Example as Seen, Finished, Observer, RunOptions, Tick,
};
use plimsoll_measure::validity::assess;
use plimsoll_measure::{Catalogue, ErrorKind, Judgement, Scope, Series, Tally, Vitals};
use plimsoll_report::document::build;
use plimsoll_report::document::{
    Engine, Example, Load as LoadDocument, Notice, NoticeLevel, Run, Source, Stage,
};
use plimsoll_report::events::Event;
use plimsoll_report::facts::{About, Ending, ItemFacts, LoadModel, RunFacts, TestFacts};
use plimsoll_report::progress::Glance;
use plimsoll_report::terminal::{Style, render};
use plimsoll_scenario::{Load, Scenario, SourcedThreshold};
use plimsoll_schedule::Arrivals;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::Arc;

/// The error of a verdict, on either side.
const ALPHA: f64 = 0.05;
/// The name of the test, where a scenario is run without a plan.
const TEST: &str = "load";

/// Writes the result folder and shows progress while a run goes on.
pub(crate) struct Observing {
    scenario: Arc<Scenario>,
    catalogue: Arc<Catalogue>,
    watched: Vec<(String, Scope, SourcedThreshold)>,
    load: Load,
    seed: u64,
    engine: Engine,
    command: Vec<String>,
    sources: Vec<Source>,
    notices: Vec<Notice>,
    started_at: Timestamp,
    bundle: Bundle,
    progress: Progress,
    quiet: bool,
    started: u64,
    last_ns: u64,
    known_failures: HashSet<(Series, ErrorKind)>,
    complained: bool,
}

impl Observing {
    /// Prepares for a run.
    pub(crate) fn new(
        scenario: Arc<Scenario>,
        options: &RunOptions,
        mut bundle: Bundle,
        notices: Vec<Notice>,
        started_at: Timestamp,
        output: &Output,
    ) -> Self {
        bundle.event(
            0,
            Event::Started {
                name: scenario.name.clone(),
                started_at,
            },
        );
        for notice in &notices {
            bundle.event(
                0,
                Event::Notice {
                    level: notice.level,
                    text: notice.text.clone(),
                },
            );
        }
        let planned_ns = planned_ns(&options.load);
        Self {
            catalogue: Arc::new(scenario.catalogue()),
            watched: scenario.watched(),
            load: options.load.clone(),
            seed: options.seed,
            engine: Engine {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                debug_build: cfg!(debug_assertions),
                timer: options.timer.name().to_owned(),
                threads: u32::try_from(options.threads).ok(),
                platform: Some(format!(
                    "{} {}",
                    std::env::consts::OS,
                    std::env::consts::ARCH
                )),
                timer_p50_ns: None,
                timer_p99_ns: None,
            },
            command: std::env::args()
                .map(|argument| scenario.secrets.mask(&argument).into_owned())
                .collect(),
            sources: sources(&scenario),
            notices,
            started_at,
            bundle,
            progress: Progress::new(output, &scenario.name, planned_ns),
            quiet: output.quiet,
            started: 0,
            last_ns: 0,
            known_failures: HashSet::new(),
            complained: false,
            scenario,
        }
    }

    /// The document of what there is.
    fn document(
        &self,
        (tally, vitals): (&Tally, &Vitals),
        examples: &[Seen],
        (arrivals_ns, elapsed_ns): (u64, u64),
        ending: Ending,
    ) -> Run {
        // What is answered late took longer than users arrived, and its rate is that much lower.
        let answered_ns = arrivals_ns.max(elapsed_ns);
        let warmup = tally.warmup(elapsed_ns);
        let judgements = tally.judge(ALPHA, &warmup, answered_ns);
        let validity = assess(tally, vitals, &warmup, &judgements);
        let items = self
            .watched
            .iter()
            .zip(judgements)
            .map(|((of, _, sourced), judgement)| item(of, sourced, judgement));
        let (model, scheduled) = self.model(arrivals_ns);
        let per_second = |count: f64, ns: u64| (ns > 0).then(|| count * 1e9 / ns as f64);
        let test = TestFacts {
            name: TEST.to_owned(),
            model,
            seed: Some(self.seed),
            planned_ns: planned_ns(&self.load),
            elapsed_ns,
            offered_rate: scheduled.and_then(|count| per_second(count, arrivals_ns)),
            achieved_rate: per_second(self.journeys_completed(tally) as f64, answered_ns),
            tally,
            items: items.collect(),
            validity,
            warmup,
            examples: examples.iter().map(|seen| self.example(seen)).collect(),
            expectations: Vec::new(),
            marks: Vec::new(),
            findings: Vec::new(),
            resources: Vec::new(),
        };
        build(&RunFacts {
            name: self.scenario.name.clone(),
            ending,
            started_at: Some(self.started_at),
            duration_ns: elapsed_ns,
            command: self.command.clone(),
            engine: Engine {
                timer_p50_ns: vitals.heartbeat.quantile(50, 100),
                timer_p99_ns: vitals.heartbeat.quantile(99, 100),
                ..self.engine.clone()
            },
            sources: self.sources.clone(),
            notices: self.notices.clone(),
            tests: vec![test],
            items: Vec::new(),
            plan: None,
            identity: None,
        })
    }

    /// The model of the load, and how many journeys its schedule asks for in that time.
    fn model(&self, arrivals_ns: u64) -> (LoadModel, Option<f64>) {
        match &self.load {
            Load::Open {
                shape,
                arrivals,
                promise,
            } => {
                let stages = shape.segments().map(|segment| Stage {
                    from_per_s: segment.from.get(),
                    to_per_s: segment.to.get(),
                    duration_ns: segment.duration_ns,
                });
                let load = LoadDocument {
                    expected_per_s: promise.map(|promise| promise.expected),
                    headroom: promise.map(|promise| promise.headroom),
                    target_per_s: Some(shape.peak_rate().get()),
                    stages: stages.collect(),
                };
                let arrivals = match arrivals {
                    Arrivals::Even => "even",
                    Arrivals::Poisson => "poisson",
                };
                let model = LoadModel::Open {
                    arrivals: arrivals.to_owned(),
                    load,
                };
                let end = arrivals_ns.min(shape.duration_ns());
                (model, Some(shape.cumulative(end)))
            }
            Load::Closed { users, pacing, .. } => {
                let model = LoadModel::Closed {
                    users: *users,
                    pacing_ns: pacing.map_or(0, |pacing| pacing.as_nanos() as u64),
                };
                (model, None)
            }
        }
    }

    fn journeys_completed(&self, tally: &Tally) -> u64 {
        let journeys = self.catalogue.journeys().iter();
        journeys
            .map(|journey| tally.series(journey.series).outcomes.ledger.completed())
            .sum()
    }

    fn journeys_started(&self, tally: &Tally) -> u64 {
        self.catalogue
            .journeys()
            .iter()
            .map(|journey| {
                let ledger = &tally.series(journey.series).outcomes.ledger;
                ledger.intended - ledger.dropped
            })
            .sum()
    }

    fn names(&self, series: Series) -> (String, String) {
        for journey in self.catalogue.journeys() {
            for step in &journey.steps {
                if step.series == series {
                    return (journey.name.clone(), step.name.clone());
                }
            }
        }
        Default::default()
    }

    fn example(&self, seen: &Seen) -> Example {
        let (journey, step) = self.names(seen.series);
        let (head, body) = match seen.response.split_once("\n\n") {
            Some((head, body)) => (head, body),
            None => (seen.response.as_str(), ""),
        };
        let some = |text: &str| Some(text.trim_end().to_owned()).filter(|text| !text.is_empty());
        Example {
            journey,
            step,
            kind: seen.kind.name().to_owned(),
            at_ns: seen.at_ns,
            status: (seen.status != 0).then_some(seen.status),
            message: seen.text.clone(),
            request: some(&seen.request),
            response: some(head),
            body: some(body),
        }
    }

    fn log(&mut self, tick: &Tick<'_>) {
        for event in tick.events {
            match event {
                EngineEvent::FeedExhausted { at_ns, feed, rows } => {
                    let text = format!(
                        "the feed `{feed}` has no row left after {rows}: journeys that need one are dropped; give it more rows, or `take: cycle`"
                    );
                    self.progress.say(&format!("WARNING: {text}"));
                    self.notices.push(Notice {
                        level: NoticeLevel::Warn,
                        text,
                    });
                    let event = Event::FeedExhausted {
                        feed: feed.clone(),
                        rows: *rows,
                    };
                    self.bundle.event(*at_ns, event);
                }
                EngineEvent::Stopped { at_ns, reason } => {
                    let event = if reason == "interrupted" {
                        Event::Interrupted {
                            signal: crate::signals::INTERRUPTED.to_owned(),
                        }
                    } else {
                        self.progress.say(&format!("stopping early: {reason}"));
                        Event::Abort {
                            item: "abort_on".to_owned(),
                            reason: reason.clone(),
                        }
                    };
                    self.bundle.event(*at_ns, event);
                }
                _ => {}
            }
        }
        for seen in tick.examples {
            if self.known_failures.insert((seen.series, seen.kind)) {
                let (journey, step) = self.names(seen.series);
                let event = Event::FirstError {
                    test: TEST.to_owned(),
                    journey,
                    step,
                    error: seen.kind.name().to_owned(),
                    message: seen.text.clone(),
                };
                self.bundle.event(seen.at_ns, event);
            }
        }
    }

    fn show(&mut self, tick: &Tick<'_>) {
        let started = self.journeys_started(tick.tally);
        let seconds = (tick.elapsed_ns.saturating_sub(self.last_ns) as f64 / 1e9).max(1e-3);
        let achieved_rate = started.saturating_sub(self.started) as f64 / seconds;
        let intended_rate = match &self.load {
            Load::Open { shape, .. } => {
                (shape.cumulative(tick.elapsed_ns) - shape.cumulative(self.last_ns)) / seconds
            }
            Load::Closed { .. } => achieved_rate,
        };
        self.started = started;
        self.last_ns = tick.elapsed_ns;
        let mut totals = plimsoll_measure::Ledger::default();
        for journey in self.catalogue.journeys() {
            for step in &journey.steps {
                totals.merge(&tick.tally.series(step.series).outcomes.ledger);
            }
        }
        self.progress.show(&Glance {
            elapsed_ns: tick.elapsed_ns,
            planned_ns: planned_ns(&self.load),
            intended_rate,
            achieved_rate,
            in_flight: tick.in_flight,
            ok: totals.ok,
            failed: totals.failed + totals.timeout + totals.dropped,
            shed: totals.shed,
            p50_ns: tick.glance.p50(),
            p99_ns: tick.glance.p99(),
        });
    }

    /// The final document.
    pub(crate) fn finish(self, finished: &Finished, ending: Ending) -> (Run, Bundle) {
        self.progress.end();
        let times = (finished.arrivals_ns, finished.elapsed_ns);
        let run = self.document(
            (&finished.tally, &finished.vitals),
            &finished.examples,
            times,
            ending,
        );
        (run, self.bundle)
    }
}

impl Observer for Observing {
    fn tick(&mut self, tick: &Tick<'_>) {
        self.log(tick);
        self.show(tick);
        // Until it says otherwise, a run that is found on disk did not come to its end.
        let arrivals_ns =
            planned_ns(&self.load).map_or(tick.elapsed_ns, |planned| planned.min(tick.elapsed_ns));
        let times = (arrivals_ns, tick.elapsed_ns);
        let ending = Ending::Incomplete {
            reason: "it was killed, or its machine went down".to_owned(),
        };
        let run = self.document((tick.tally, tick.vitals), tick.examples, times, ending);
        self.bundle.tick(tick, &run);
        if let (Some(problem), false) = (self.bundle.broken(), self.complained || self.quiet) {
            self.progress
                .say(&format!("WARNING: {problem}; the run goes on"));
            self.complained = true;
        }
    }
}

/// What became of a threshold.
fn item(of: &str, sourced: &SourcedThreshold, judgement: Judgement) -> ItemFacts {
    let metric = sourced.threshold.metric.name();
    let parts = [TEST, of, metric.as_str()];
    let id: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    ItemFacts {
        id: id.join("/"),
        tier: None,
        threshold: sourced.threshold.clone(),
        judgement,
        lenient: None,
        about: About::default(),
    }
}

fn planned_ns(load: &Load) -> Option<u64> {
    match load {
        Load::Open { shape, .. } => Some(shape.duration_ns()),
        Load::Closed { duration, .. } => duration.map(|duration| duration.as_nanos() as u64),
    }
}

fn sources(scenario: &Scenario) -> Vec<Source> {
    scenario
        .sources
        .iter()
        .enumerate()
        .map(|(index, source)| Source {
            role: if index == 0 { "scenario" } else { "data" }.to_owned(),
            path: source.path.display().to_string(),
            sha256: Sha256::digest(&source.content)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        })
        .collect()
}

/// A run as it is printed: the table, or the document with `--json`.
pub(crate) fn rendered(run: &Run, output: &Output) -> Result<String, Failure> {
    let mut text = Vec::new();
    if output.json {
        run.write(&mut text)
    } else {
        let style = Style {
            color: terminal::colored(output),
            columns: terminal::columns(),
        };
        render(run, style, &mut text)
    }
    .context("cannot render the result")?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
