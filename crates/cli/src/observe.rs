//! From the state of a test to the document of its run, once a second and at its end.

use crate::args::Output;
use crate::claims::{self, ALPHA, Claim};
use crate::failure::Failure;
use crate::load::planned_ns;
use crate::progress::Progress;
use crate::record::Record;
use crate::terminal;
use anyhow::Context;
use plimsoll_engine::{Event as EngineEvent, Example as Seen, Finished, Observer, Tick};
use plimsoll_measure::validity::assess;
use plimsoll_measure::{Catalogue, ErrorKind, Series, Tally, Vitals};
use plimsoll_report::document::{Example, Load as LoadDocument, Notice, NoticeLevel, Run, Stage};
use plimsoll_report::events::Event;
use plimsoll_report::facts::{Ending, LoadModel, TestFacts};
use plimsoll_report::progress::Glance;
use plimsoll_report::terminal::{Style, render};
use plimsoll_scenario::{Load, Promise};
use plimsoll_schedule::Arrivals;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is known of a test before it begins.
pub(crate) struct TestContext {
    /// Its name, unique in the run.
    pub name: String,
    /// The names behind the series.
    pub catalogue: Arc<Catalogue>,
    /// Its load.
    pub load: Load,
    /// The seed of everything random in it.
    pub seed: u64,
    /// What it is judged by.
    pub claims: Vec<Claim>,
    /// Whether a drift says something of the evidence: not where the system is disturbed on purpose.
    pub trend_matters: bool,
}

/// Writes the result folder and shows progress while a test goes on.
pub(crate) struct Observing<'r> {
    record: &'r mut Record,
    test: TestContext,
    progress: Progress,
    quiet: bool,
    begun_ns: u64,
    on_begin: Option<Box<dyn FnOnce() + 'r>>,
    started: u64,
    last_ns: u64,
    known_failures: HashSet<(Series, ErrorKind)>,
    complained: bool,
    rewritten: Rewritten,
}

impl<'r> Observing<'r> {
    /// Prepares for a test.
    pub(crate) fn new(record: &'r mut Record, test: TestContext, output: &Output) -> Self {
        record.bundle.begin_test(&test.name, &test.catalogue);
        let title = if record.plan.is_some() {
            &test.name
        } else {
            &record.name
        };
        Self {
            progress: Progress::new(output, title, planned_ns(&test.load)),
            quiet: output.quiet,
            begun_ns: 0,
            on_begin: None,
            started: 0,
            last_ns: 0,
            known_failures: HashSet::new(),
            complained: false,
            rewritten: Rewritten::default(),
            record,
            test,
        }
    }

    /// Has something done as soon as the clock of the test is started.
    pub(crate) fn when_begun(&mut self, action: impl FnOnce() + 'r) {
        self.on_begin = Some(Box::new(action));
    }

    /// The facts of what there is.
    fn facts<'a>(
        &self,
        (tally, vitals): (&'a Tally, &Vitals),
        examples: &[Seen],
        (arrivals_ns, elapsed_ns): (u64, u64),
    ) -> TestFacts<'a> {
        // What is answered late took longer than users arrived, and its rate is that much lower.
        let answered_ns = arrivals_ns.max(elapsed_ns);
        let warmup = tally.warmup(elapsed_ns);
        let judgements = tally.judge(ALPHA, &warmup, answered_ns);
        let mut validity = assess(tally, vitals, &warmup, &judgements);
        if !self.test.trend_matters {
            validity
                .checks
                .retain(|check| check.name != plimsoll_measure::CheckName::Trend);
        }
        let (model, scheduled) = self.model(arrivals_ns);
        let per_second = |count: f64, ns: u64| (ns > 0).then(|| count * 1e9 / ns as f64);
        TestFacts {
            name: self.test.name.clone(),
            model,
            seed: Some(self.test.seed),
            planned_ns: planned_ns(&self.test.load),
            elapsed_ns,
            offered_rate: scheduled.and_then(|count| per_second(count, arrivals_ns)),
            achieved_rate: per_second(self.journeys_completed(tally) as f64, answered_ns),
            tally,
            items: claims::items(&self.test.claims, judgements),
            validity,
            warmup,
            examples: examples.iter().map(|seen| self.example(seen)).collect(),
            expectations: Vec::new(),
            marks: Vec::new(),
            findings: Vec::new(),
            resources: Vec::new(),
        }
    }

    /// The model of the load, and how many journeys its schedule asks for in that time.
    fn model(&self, arrivals_ns: u64) -> (LoadModel, Option<f64>) {
        match &self.test.load {
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
                let promised = |promise: Promise| promise.expected * (1.0 + promise.headroom);
                let load = LoadDocument {
                    expected_per_s: promise.map(|promise| promise.expected),
                    headroom: promise.map(|promise| promise.headroom),
                    target_per_s: match promise.filter(|_| self.record.plan.is_some()) {
                        Some(promise) => Some(promised(promise)),
                        None => Some(shape.peak_rate().get()),
                    },
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
        let journeys = self.test.catalogue.journeys().iter();
        journeys
            .map(|journey| tally.series(journey.series).outcomes.ledger.completed())
            .sum()
    }

    fn journeys_started(&self, tally: &Tally) -> u64 {
        let journeys = self.test.catalogue.journeys().iter();
        journeys
            .map(|journey| {
                let ledger = &tally.series(journey.series).outcomes.ledger;
                ledger.intended - ledger.dropped
            })
            .sum()
    }

    fn names(&self, series: Series) -> (String, String) {
        for journey in self.test.catalogue.journeys() {
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
                    self.record.notices.push(Notice {
                        level: NoticeLevel::Warn,
                        text,
                    });
                    let event = Event::FeedExhausted {
                        feed: feed.clone(),
                        rows: *rows,
                    };
                    self.record.bundle.event(self.begun_ns + at_ns, event);
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
                    self.record.bundle.event(self.begun_ns + at_ns, event);
                }
                _ => {}
            }
        }
        for seen in tick.examples {
            if self.known_failures.insert((seen.series, seen.kind)) {
                let (journey, step) = self.names(seen.series);
                let event = Event::FirstError {
                    test: self.test.name.clone(),
                    journey,
                    step,
                    error: seen.kind.name().to_owned(),
                    message: seen.text.clone(),
                };
                self.record.bundle.event(self.begun_ns + seen.at_ns, event);
            }
        }
    }

    fn show(&mut self, tick: &Tick<'_>) {
        let started = self.journeys_started(tick.tally);
        let seconds = (tick.elapsed_ns.saturating_sub(self.last_ns) as f64 / 1e9).max(1e-3);
        let achieved_rate = started.saturating_sub(self.started) as f64 / seconds;
        let intended_rate = match &self.test.load {
            Load::Open { shape, .. } => {
                (shape.cumulative(tick.elapsed_ns) - shape.cumulative(self.last_ns)) / seconds
            }
            Load::Closed { .. } => achieved_rate,
        };
        self.started = started;
        self.last_ns = tick.elapsed_ns;
        let mut totals = plimsoll_measure::Ledger::default();
        for journey in self.test.catalogue.journeys() {
            for step in &journey.steps {
                totals.merge(&tick.tally.series(step.series).outcomes.ledger);
            }
        }
        self.progress.show(&Glance {
            elapsed_ns: tick.elapsed_ns,
            planned_ns: planned_ns(&self.test.load),
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

    fn note_timers(&mut self, vitals: &Vitals) {
        self.record.engine.timer_p50_ns = vitals.heartbeat.quantile(50, 100);
        self.record.engine.timer_p99_ns = vitals.heartbeat.quantile(99, 100);
    }

    /// The facts of the test that is over.
    pub(crate) fn finish(mut self, finished: &Finished) -> TestFacts<'_> {
        self.progress.end();
        self.note_timers(&finished.vitals);
        let times = (finished.arrivals_ns, finished.elapsed_ns);
        self.facts(
            (&finished.tally, &finished.vitals),
            &finished.examples,
            times,
        )
    }
}

impl Observer for Observing<'_> {
    fn begin(&mut self) {
        // A scenario that runs alone begins with its test.
        if self.record.plan.is_some() {
            self.begun_ns = self.record.elapsed_ns();
        }
        self.record.bundle.set_offset(self.begun_ns);
        let name = self.test.name.clone();
        self.record.starts.insert(name, self.begun_ns);
        if let Some(action) = self.on_begin.take() {
            action();
        }
    }

    fn tick(&mut self, tick: &Tick<'_>) {
        self.log(tick);
        self.show(tick);
        self.note_timers(tick.vitals);
        self.record.bundle.tick(tick);
        if self.rewritten.is_due() {
            let began = Instant::now();
            self.rewrite(tick);
            self.rewritten.took(began.elapsed());
        }
        if let (Some(problem), false) = (self.record.bundle.broken(), self.complained || self.quiet)
        {
            self.progress
                .say(&format!("WARNING: {problem}; the run goes on"));
            self.complained = true;
        }
    }
}

/// How often the document is made anew while a test goes on: the larger it is, the more seldom, so
/// that it takes a hundredth of a processor at most.
#[derive(Debug, Default)]
struct Rewritten {
    ticks: u32,
    wait: u32,
}

impl Rewritten {
    /// Whether it is time, asked once a second.
    fn is_due(&mut self) -> bool {
        self.ticks += 1;
        self.ticks > self.wait
    }

    fn took(&mut self, time: Duration) {
        self.ticks = 0;
        self.wait = (time.as_millis() / 10).min(60) as u32;
    }
}

impl Observing<'_> {
    /// Replaces the document of the run by what is known now.
    fn rewrite(&mut self, tick: &Tick<'_>) {
        // Until it says otherwise, a run that is found on disk did not come to its end.
        let planned = planned_ns(&self.test.load);
        let arrivals_ns = planned.map_or(tick.elapsed_ns, |ns| ns.min(tick.elapsed_ns));
        let times = (arrivals_ns, tick.elapsed_ns);
        let ending = Ending::Incomplete {
            reason: "it was killed, or its machine went down".to_owned(),
        };
        let facts = self.facts((tick.tally, tick.vitals), tick.examples, times);
        let duration_ns = self.begun_ns + tick.elapsed_ns;
        let run = self.record.document(Some(facts), ending, duration_ns);
        self.record.bundle.write_run(&run);
    }
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
