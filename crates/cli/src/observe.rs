//! From the state of a test to the document of its run, once a second and at its end.

use crate::args::Output;
use crate::failure::Failure;
use crate::load::planned_ns;
use crate::progress::Progress;
use crate::record::Record;
use crate::terminal;
use crate::test_context::TestContext;
use anyhow::Context;
use plimsoll_engine::{Ended, Event as EngineEvent, Finished, Observer, Tick};
use plimsoll_measure::{ErrorKind, Series, Vitals};
use plimsoll_report::document::{Notice, NoticeLevel, Run};
use plimsoll_report::events::Event;
use plimsoll_report::facts::{Ending, TestFacts};
use plimsoll_report::progress::Glance;
use plimsoll_report::terminal::{Style, render};
use plimsoll_scenario::Load;
use std::collections::HashSet;
use std::time::{Duration, Instant};

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
                EngineEvent::Stopped { at_ns, why } => {
                    let abort = |item: &str, reason: &str| Event::Abort {
                        item: item.to_owned(),
                        reason: reason.to_owned(),
                    };
                    let event = match why {
                        Ended::Complete => continue,
                        Ended::Interrupted => Event::Interrupted {
                            signal: crate::signals::INTERRUPTED.to_owned(),
                        },
                        Ended::Aborted(reason) => abort("abort_on", reason),
                        Ended::Decided => abort("stop_when_decided", "every threshold is decided"),
                    };
                    if let Event::Abort { reason, .. } = &event {
                        self.progress.say(&format!("stopping early: {reason}"));
                    }
                    self.record.bundle.event(self.begun_ns + at_ns, event);
                }
                _ => {}
            }
        }
        for seen in tick.examples {
            if self.known_failures.insert((seen.series, seen.kind)) {
                let (journey, step) = self.test.names(seen.series);
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
        let started = self.test.journeys_started(tick.tally);
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
        self.test.facts(
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

/// How often the document is made anew while a test goes on: the longer that takes, the more seldom, so
/// that it takes a five-hundredth of a processor at most where it is made within 120 ms.
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
        self.wait = (time.as_millis() / 2).min(60) as u32;
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
        let facts = self
            .test
            .facts((tick.tally, tick.vitals), tick.examples, times);
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
