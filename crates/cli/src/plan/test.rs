//! One test of a plan: driven, disturbed, watched, judged.

use super::claims;
use super::expectations::{self, Evidence};
use super::identity::Watch;
use super::runner::Runner;
use crate::claims::watched;
use crate::failure::Failure;
use crate::load::planned_ns;
use crate::observe::{Observing, TestContext};
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
    /// Runs a test and adds what it leaves to the record.
    pub(super) fn test(&mut self, test: &PlannedTest) -> Result<Ended, Failure> {
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
                abort_on: abort_rules(plan, test),
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
            trend_matters: test.inject.is_empty() && test.expect.drift.is_empty(),
        };
        let begun = RefCell::new(None::<Injections>);
        let surroundings = self.surroundings();
        let length = Duration::from_nanos(planned_ns(&test.load).unwrap_or_default());
        let (watch, stop, sampling) = (self.watch.as_ref(), &self.stop, &self.sampling);
        let (record, output) = (&mut self.record, self.output);
        let (finished, observing, sightings, resources) = std::thread::scope(|scope| {
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
            let resources = sampler.end();
            let sightings = asking.map(|(end, asking)| {
                drop(end);
                asking.join().unwrap_or_default()
            });
            (finished, observing, sightings, resources)
        });
        let finished = finished?;
        let mut facts = observing.finish(&finished);
        let injections = begun.into_inner();
        let injected = injections.map(Injections::finish).unwrap_or_default();
        let served = served(&test.name, &headers, &finished);
        let evidence = Evidence {
            plan,
            test,
            catalogue: &catalogue,
            tally: &finished.tally,
            injected: &injected,
            resources: &resources,
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
        Ok(finished.ended)
    }

    /// Takes back what a test cannot show because it did not go as it should.
    fn qualify(&mut self, document: &mut TestDocument, ended: &Ended, injected: &Injected) {
        let name = document.test.name.clone();
        for problem in &injected.problems {
            self.warn(format!("{name}: {problem}"));
        }
        let (state, reason) = match ended {
            _ if !injected.problems.is_empty() => (
                ItemState::Invalid,
                format!(
                    "what was to be done to the system did not work: {}",
                    injected.problems.join("; ")
                ),
            ),
            Ended::Complete | Ended::Decided => return,
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
            if matches!(item.state, ItemState::Pass | ItemState::Inconclusive) {
                item.state = state;
                item.marginal = false;
                item.reason = Some(reason.clone());
            }
        }
    }
}

/// Limits on response times that are not judged in a test, but still say what is late in it.
fn lateness<'p>(
    plan: &'p ReadinessPlan,
    test: &'p PlannedTest,
    catalogue: &'p Catalogue,
) -> impl Iterator<Item = Watched> + 'p {
    let others = plan.journeys.iter().filter(|promise| !test.judges(promise));
    others.flat_map(|promise| {
        let entries = catalogue.journeys().iter();
        let entry = entries.into_iter().find(|entry| entry.name == promise.name);
        let own = promise.thresholds.iter().map(move |planned| {
            let series = entry.map(|entry| entry.series);
            (series, planned)
        });
        let steps = promise.steps.iter().map(move |(name, planned)| {
            let step = entry.and_then(|entry| entry.steps.iter().find(|step| step.name == *name));
            (step.map(|step| step.series), planned)
        });
        own.chain(steps).filter_map(|(series, planned)| {
            planned.pass.threshold.slow_from()?;
            Some(Watched {
                scope: Scope::Series(series?),
                threshold: planned.pass.threshold.clone(),
            })
        })
    })
}

/// Where the system is disturbed on purpose, nothing is taken for a warm-up that was not declared.
fn warmup(test: &PlannedTest) -> Option<Duration> {
    let disturbed = !test.inject.is_empty() || !test.jumps.is_empty();
    test.warmup.or(disturbed.then_some(Duration::ZERO))
}

/// When to give a test up: as soon as a threshold that says so does not hold.
fn abort_rules(plan: &ReadinessPlan, test: &PlannedTest) -> Vec<Threshold> {
    let judged = plan.journeys.iter().filter(|promise| test.judges(promise));
    let thresholds = judged.flat_map(|promise| {
        let steps = promise.steps.iter().map(|(_, planned)| planned);
        promise.thresholds.iter().chain(steps)
    });
    thresholds
        .filter(|planned| planned.abort)
        .map(broken)
        .collect()
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
