//! One test of a plan: driven, disturbed, watched, judged.

use super::claims;
use super::expectations::{self, Evidence};
use super::identity::Watch;
use super::runner::Runner;
use super::taken_back::take_back;
use crate::claims::watched;
use crate::failure::Failure;
use crate::load::planned_ns;
use crate::observe::Observing;
use crate::test_context::TestContext;
use http::HeaderName;
use plimsoll_conduct::identity::TestSpan;
use plimsoll_conduct::injection::{Injections, Record as Injected};
use plimsoll_engine::{Ended, Finished, Rules, RunOptions};
use plimsoll_measure::{Catalogue, Comparison, Scope, Threshold, Watched};
use plimsoll_report::document::{ItemState, Mark, Served, TestDocument};
use plimsoll_report::events::Event;
use plimsoll_scenario::ShedRule;
use plimsoll_scenario::plan::{PlannedTest, PlannedThreshold, ReadinessPlan};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

impl Runner<'_> {
    /// Runs a test and adds what it leaves to the record. Answers how it ended, and the rules it went by.
    pub(super) fn test(&mut self, test: &PlannedTest) -> Result<(Ended, Rules), Failure> {
        let plan = self.plan;
        let catalogue = Arc::new(plan.scenario.catalogue());
        let claims = claims::of_test(plan, test, &catalogue);
        let headers = self.watch.as_ref().map(Watch::headers).unwrap_or_default();
        let mut held_against = watched(&claims);
        held_against.extend(lateness(plan, test, &catalogue));
        let options = RunOptions {
            load: test.load.clone(),
            rules: Rules {
                watched: held_against,
                warmup: warmup(test),
                abort_on: abort_rules(plan, test, &catalogue),
                shed: shed(plan, test),
                shed_header: shed_header(test),
                release_headers: headers
                    .iter()
                    .filter_map(|name| HeaderName::try_from(name.as_str()).ok())
                    .collect(),
            },
            ..self.options()
        };
        let from_ns = self.record.elapsed_ns();
        self.record.bundle.event(
            from_ns,
            Event::TestStarted {
                test: test.name.clone(),
            },
        );
        let context = TestContext {
            name: test.name.clone(),
            catalogue: catalogue.clone(),
            load: test.load.clone(),
            seed: options.seed,
            claims,
            has_plan: true,
            trend_matters: !test.is_disturbed && test.expect.drift.is_empty(),
        };
        let begun = RefCell::new(None::<Injections>);
        let surroundings = self.surroundings();
        let length = Duration::from_nanos(planned_ns(&test.load).unwrap_or_default());
        let (watch, stop, sampling) = (self.watch.as_ref(), &self.stop, &self.sampling);
        let (record, output) = (&mut self.record, self.output);
        let (finished, observing, injected, sightings, resources) = std::thread::scope(|scope| {
            let asking = watch.map(|watch| watch.keep_asking(scope, from_ns, &test.name, length));
            let mut observing = Observing::new(record, context, output);
            let inject = || {
                let injections = Injections::begin(&test.inject, surroundings, Instant::now());
                *begun.borrow_mut() = Some(injections);
            };
            observing.when_begun(inject);
            let sampler = sampling.begin();
            let finished =
                plimsoll_engine::run(plan.scenario.clone(), &options, &mut observing, stop);
            // Before anything else: sources of identity may take their time, above all when the system is down.
            let injections = begun.take();
            let injected = injections.map(Injections::finish).unwrap_or_default();
            let resources = sampler.end();
            let sightings = asking.map(|(end, asking)| {
                drop(end);
                asking.join().unwrap_or_default()
            });
            (finished, observing, injected, sightings, resources)
        });
        let finished = finished?;
        let mut facts = observing.finish(&finished);
        let served = served(&test.name, &headers, &finished);
        let evidence = Evidence {
            plan,
            test,
            catalogue: &catalogue,
            tally: &finished.tally,
            injected: &injected,
            resources: &resources,
            warmup_ns: facts.warmup.until_ns,
            served: &served,
            is_declared: &|value| {
                let mut builds = injected.served.iter();
                builds.any(|declared| Watch::names(&declared.build, value))
            },
        };
        (facts.expectations, facts.findings) = expectations::judge(&evidence, &self.items);
        facts.expectations.extend(self.invariants(test));
        facts.marks = marks(test, &injected);
        facts.resources = resources;
        let mut document = TestDocument::of(&facts);
        self.qualify(&mut document, &finished.ended, &injected);
        if let Some(watch) = &mut self.watch {
            let span = TestSpan {
                name: test.name.clone(),
                from_ns,
                until_ns: self.record.elapsed_ns(),
            };
            watch.note(
                span,
                sightings.unwrap_or_default(),
                served,
                &injected.served,
            );
        }
        self.record.bundle.event(
            self.record.elapsed_ns(),
            Event::TestEnded {
                test: test.name.clone(),
                totals: document.test.totals,
            },
        );
        self.record.tests.push(document);
        Ok((finished.ended, options.rules))
    }

    /// Takes back what a test cannot show because it did not go as it should.
    fn qualify(&mut self, document: &mut TestDocument, ended: &Ended, injected: &Injected) {
        let name = document.test.name.clone();
        document.test.cut_short = matches!(ended, Ended::Interrupted | Ended::Aborted(_));
        for problem in &injected.problems {
            self.warn(format!("{name}: {problem}"));
        }
        let (state, reason) = match ended {
            Ended::Complete | Ended::Decided if injected.problems.is_empty() => return,
            Ended::Complete | Ended::Decided => (
                ItemState::Invalid,
                format!(
                    "what was to be done to the system did not work: {}",
                    injected.problems.join("; ")
                ),
            ),
            Ended::Interrupted => (
                ItemState::Inconclusive,
                "the test was interrupted before its end".to_owned(),
            ),
            Ended::Aborted(reason) => {
                self.warn(format!("{name}: given up: {reason}"));
                (
                    ItemState::Inconclusive,
                    format!("the test was given up before its end: {reason}"),
                )
            }
        };
        for item in &mut document.items {
            take_back(item, state, &reason);
        }
        // What is judged later on, such as how it compares with the release before, does not count either.
        self.taken_back.note(&name, state, reason);
    }
}

/// Limits on response times that say what is late, for every step that has none of its own among what is
/// judged: its own in the plan, or else the most patient one of its journey, which it cannot exceed without
/// its journey doing so.
fn lateness(plan: &ReadinessPlan, test: &PlannedTest, catalogue: &Catalogue) -> Vec<Watched> {
    let mut watched = Vec::new();
    for promise in &plan.journeys {
        let mut entries = catalogue.journeys().iter();
        let Some(entry) = entries.find(|entry| entry.name == promise.name) else {
            continue;
        };
        let limit = |planned: &PlannedThreshold| planned.pass.threshold.slow_from();
        let of_journey = promise
            .thresholds
            .iter()
            .filter(|planned| limit(planned).is_some())
            .max_by_key(|planned| limit(planned));
        for step in &entry.steps {
            let mut own = promise
                .steps
                .iter()
                .filter(|(name, planned)| *name == step.name && limit(planned).is_some())
                .map(|(_, planned)| planned)
                .peekable();
            if own.peek().is_some() && test.judges(promise) {
                continue;
            }
            let own: Vec<_> = own.collect();
            let limits = if own.is_empty() {
                of_journey.into_iter().collect()
            } else {
                own
            };
            watched.extend(limits.into_iter().map(|planned| Watched {
                scope: Scope::Series(step.series),
                threshold: planned.pass.threshold.clone(),
            }));
        }
    }
    watched
}

/// Where the system is disturbed on purpose, nothing is taken for a warm-up that was not declared.
fn warmup(test: &PlannedTest) -> Option<Duration> {
    test.warmup.or(test.is_disturbed.then_some(Duration::ZERO))
}

/// When to give a test up: as soon as a threshold that says so does not hold.
fn abort_rules(plan: &ReadinessPlan, test: &PlannedTest, catalogue: &Catalogue) -> Vec<Watched> {
    let mut rules = Vec::new();
    for promise in plan.journeys.iter().filter(|promise| test.judges(promise)) {
        let mut entries = catalogue.journeys().iter();
        let Some(entry) = entries.find(|entry| entry.name == promise.name) else {
            continue;
        };
        let mut add = |series, planned: &PlannedThreshold| {
            if planned.abort {
                rules.push(Watched {
                    scope: Scope::Series(series),
                    threshold: broken(planned),
                });
            }
        };
        for planned in &promise.thresholds {
            add(entry.series, planned);
        }
        for (name, planned) in &promise.steps {
            if let Some(step) = entry.steps.iter().find(|step| step.name == *name) {
                add(step.series, planned);
            }
        }
    }
    rules
}

/// That a threshold does not hold.
fn broken(planned: &PlannedThreshold) -> Threshold {
    let threshold = planned.pass.threshold.clone();
    Threshold {
        comparison: match threshold.comparison {
            Comparison::Less => Comparison::GreaterOrEqual,
            Comparison::LessOrEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessOrEqual,
            Comparison::GreaterOrEqual => Comparison::Less,
        },
        ..threshold
    }
}

fn shed(plan: &ReadinessPlan, test: &PlannedTest) -> ShedRule {
    let usual = &plan.scenario.shed;
    match &test.expect.shed {
        Some((expected, _)) => ShedRule {
            statuses: expected.status.clone(),
            within: expected.within.unwrap_or(usual.within),
        },
        None => usual.clone(),
    }
}

fn shed_header(test: &PlannedTest) -> Option<HeaderName> {
    let (expected, _) = test.expect.shed.as_ref()?;
    HeaderName::try_from(expected.header.as_deref()?).ok()
}

/// The builds that answered, as a document says it: of the targets that name them at all.
fn served(test: &str, headers: &[String], finished: &Finished) -> Vec<Served> {
    let names = |header: usize, target: usize| {
        let mut served = finished.served.iter();
        served.any(|one| (one.header, one.target) == (header, target) && one.value.is_some())
    };
    finished
        .served
        .iter()
        .filter(|one| one.value.is_some() || names(one.header, one.target))
        .filter_map(|one| {
            Some(Served {
                test: test.to_owned(),
                header: headers.get(one.header)?.clone(),
                value: one.value.clone(),
                responses: one.responses,
                first_ns: one.first_ns,
                last_ns: one.last_ns,
                expected: false,
            })
        })
        .collect()
}

/// What happened to the load and to the system, in order.
fn marks(test: &PlannedTest, injected: &Injected) -> Vec<Mark> {
    let jumps = test.jumps.iter().map(|jump| Mark {
        at_ns: jump.at_ns,
        kind: "jump".to_owned(),
        text: format!("{:.0}/s to {:.0}/s", jump.from, jump.to),
    });
    let mut marks: Vec<_> = jumps.chain(injected.marks.iter().cloned()).collect();
    marks.sort_by_key(|mark| mark.at_ns);
    marks
}
