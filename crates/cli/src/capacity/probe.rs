//! Probes: a rate that is offered and judged, as long as it takes up to a limit.

use super::outcome::{drift, name, outcome};
use super::subject::{Subject, Up};
use crate::claims::Claim;
use crate::failure::Failure;
use crate::session::{self, Driven};
use crate::test_context::TestContext;
use plimsoll_engine::{Observer, Rules, RunOptions, Stop, Tick};
use plimsoll_measure::capacity::Outcome;
use plimsoll_measure::series::Quantile;
use plimsoll_measure::validity::assess;
use plimsoll_measure::{Judgement, Ledger, Outcomes, Scope, State, Warmup, WarmupRule, Watched};
use plimsoll_report::document::{Mark, Probe, Resources, TestDocument};
use plimsoll_report::facts::About;
use plimsoll_report::quantity::rate as shown;
use plimsoll_scenario::Load;
use plimsoll_schedule::{LoadShape, Rate, Segment};
use std::sync::Arc;
use std::time::Duration;

/// The error of a judgement that ends a probe early, on either side.
pub(super) const ALPHA: f64 = 0.05;

/// What all probes have in common.
pub(super) struct Prober<'s> {
    pub subject: &'s Subject,
    pub up: Up,
    /// Load, demo, threads, seed, timer and grace; load and rules are those of each probe.
    pub options: RunOptions,
    pub arrivals: plimsoll_schedule::Arrivals,
    pub stop: Stop,
}

/// A load that a rate is judged under.
pub(super) struct Offer {
    /// What it is called.
    pub kind: &'static str,
    /// Which test of the search it is, from 1.
    pub number: usize,
    /// The rate that is judged, per second.
    pub rate: f64,
    /// What is offered before, without being judged: rates, and how long in seconds.
    pub before: Vec<(f64, f64)>,
    pub trimmed_s: f64,
    /// After how many seconds of measuring it may be judged; the last one ends it.
    pub lengths_s: Vec<f64>,
}

/// A probe that is over.
pub(super) struct Probed {
    /// How often it was judged without proof before its outcome was.
    pub extensions: usize,
    pub outcome: Outcome,
    pub document: Probe,
    /// Its test; a cool-down is none.
    pub test: Option<TestDocument>,
}

pub(super) fn ns(seconds: f64) -> u64 {
    (seconds * 1e9).round() as u64
}

impl Prober<'_> {
    /// A load of segments: rates per second, each with its seconds.
    pub(super) fn load(&self, segments: &[(f64, f64)]) -> Result<Load, Failure> {
        let wrong = |problem: String| Failure::Usage(problem);
        let segments = segments.iter().filter(|(_, seconds)| *seconds > 0.0);
        let segments = segments.map(|(rate, seconds)| {
            let rate = Rate::per_second(*rate).map_err(|problem| wrong(problem.to_string()))?;
            Ok(Segment {
                from: rate,
                to: rate,
                duration_ns: ns(*seconds),
            })
        });
        let segments = segments.collect::<Result<Vec<_>, Failure>>()?;
        Ok(Load::Open {
            shape: LoadShape::new(segments).map_err(|problem| wrong(problem.to_string()))?,
            arrivals: self.arrivals,
            promise: None,
        })
    }

    /// What is watched.
    pub(super) fn watched(&self) -> Vec<Watched> {
        let objectives = self.subject.objectives.iter();
        objectives
            .map(|objective| objective.watched.clone())
            .collect()
    }

    /// Offers a rate and judges it; `None` if somebody ended it.
    pub(super) fn probe(&self, offer: &Offer) -> Result<Option<Probed>, Failure> {
        let longest_s = offer.lengths_s.last().copied().unwrap_or_default();
        let before_s: f64 = offer.before.iter().map(|(_, seconds)| seconds).sum();
        let from_s = before_s + offer.trimmed_s;
        let judged = [(offer.rate, offer.trimmed_s + longest_s)];
        let mut rules = Rules {
            watched: self.watched(),
            warmup: Some(Duration::from_nanos(ns(from_s))),
            ..Rules::of(&self.subject.scenario)
        };
        if !offer.before.is_empty() {
            // It is overload that is offered first.
            rules.abort_on.clear();
        }
        let options = RunOptions {
            load: self.load(&[&offer.before[..], &judged].concat())?,
            rules,
            ..self.options.clone()
        };
        let own_stop = Stop::default();
        let mut watcher = Watcher {
            user: &self.stop,
            own: own_stop.clone(),
            from_ns: ns(from_s),
            lengths_ns: offer.lengths_s.iter().map(|seconds| ns(*seconds)).collect(),
            judged: 0,
            served: Served::default(),
        };
        let ends_before = self.up.sampling.ends().len();
        let samplers = self.up.sampling.begin();
        let driven = session::drive(&self.subject.scenario, &options, &mut watcher, &own_stop);
        let resources = samplers.end();
        let (driven, judged) = (driven?, watcher.judged);
        let arrivals_ns = driven.finished.arrivals_ns;
        let span = watcher.served.within(ns(from_s), arrivals_ns);
        let span = span.unwrap_or_else(|| Span::until_answered(&driven));
        if self.stop.is_stopped() {
            return Ok(None);
        }
        let (outcome, reason) = outcome(&self.subject.objectives, &driven, offer, span);
        let reason = self.with_ends(reason, ends_before);
        let mut document = figures(&driven, offer, Some(span), reason);
        document.processors = processors(&resources, &span);
        document.outcome = name(outcome).to_owned();
        let mut test = self.test(&driven, offer, options.load, resources);
        document.test = Some(test.test.name.clone());
        document.objectives = std::mem::take(&mut test.items);
        let last = offer.lengths_s.len().saturating_sub(1);
        Ok(Some(Probed {
            extensions: judged.min(last),
            outcome,
            document,
            test: Some(test),
        }))
    }

    /// What it leaves of itself, with everything that was counted of journeys and steps.
    fn test(
        &self,
        driven: &Driven,
        offer: &Offer,
        load: Load,
        resources: Vec<Resources>,
    ) -> TestDocument {
        let kind = offer.kind.replace('_', " ");
        let name = format!("{kind} {} at {}", offer.number, shown(offer.rate));
        let context = TestContext {
            claims: self.claims(&name),
            name,
            catalogue: Arc::new(self.subject.scenario.catalogue()),
            load,
            seed: self.options.seed,
            has_plan: false,
            trend_matters: true,
        };
        let finished = &driven.finished;
        let mut facts = context.facts(
            (&finished.tally, &finished.vitals),
            &finished.examples,
            (finished.arrivals_ns, finished.elapsed_ns),
        );
        // It is over as soon as it says something.
        facts.planned_ns = None;
        facts.resources = resources;
        facts.marks = jumps(offer);
        TestDocument::of(&facts)
    }

    /// The objectives as claims of a test.
    fn claims(&self, test: &str) -> Vec<Claim> {
        let objectives = self.subject.objectives.iter();
        objectives
            .map(|objective| {
                let threshold = &objective.watched.threshold;
                let metric = threshold.metric.name();
                let (journey, step) = (&objective.journey, &objective.step);
                let of = journey.iter().chain(step).map(String::as_str);
                let parts: Vec<&str> = [test].into_iter().chain(of).chain([&*metric]).collect();
                Claim {
                    id: parts.join("/"),
                    tier: None,
                    scope: objective.watched.scope,
                    threshold: threshold.clone(),
                    lenient: None,
                    about: About {
                        journey: journey.clone(),
                        step: step.clone(),
                        ..About::default()
                    },
                }
            })
            .collect()
    }

    /// Why the outcome is what it is, and how often the system ended by itself meanwhile, of `before` times.
    pub(super) fn with_ends(&self, reason: String, before: usize) -> String {
        let ends = self.up.sampling.ends();
        let ends = ends.into_iter().skip(before);
        ends.fold(reason, |reason, end| {
            format!("{reason}; the system did not stay up: {end}")
        })
    }
}

/// Where the load jumps.
fn jumps(offer: &Offer) -> Vec<Mark> {
    let rates = offer.before.iter().map(|(rate, _)| *rate);
    let next = rates.clone().skip(1).chain([offer.rate]);
    let ends = offer.before.iter().scan(0.0, |end, (_, seconds)| {
        *end += seconds;
        Some(*end)
    });
    let jumps = ends.zip(rates.zip(next));
    jumps
        .map(|(end, (from, to))| Mark {
            at_ns: ns(end),
            kind: "jump".to_owned(),
            text: format!("{} to {}", shown(from), shown(to)),
        })
        .collect()
}

/// Ends a probe as soon as a judgement says something.
struct Watcher<'u> {
    user: &'u Stop,
    own: Stop,
    from_ns: u64,
    lengths_ns: Vec<u64>,
    /// How many lengths have gone by without proof.
    judged: usize,
    served: Served,
}

/// A part of a test, and how many requests ended well in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    from_ns: u64,
    until_ns: u64,
    ok: u64,
}

impl Span {
    /// What was judged, until the last answer: for probes too short for anything else.
    fn until_answered(driven: &Driven) -> Self {
        let from_ns = driven.warmup.until_ns;
        Self {
            from_ns,
            until_ns: from_ns + driven.judged_ns(),
            ok: driven.judged(Scope::Test).ledger.ok,
        }
    }

    /// Requests that ended well, a second.
    pub(super) fn throughput(&self) -> Option<f64> {
        let seconds = self.until_ns.saturating_sub(self.from_ns).max(1) as f64 / 1e9;
        (self.ok > 0).then_some(self.ok as f64 / seconds)
    }
}

/// What ended well, look by look: when, and how many since the look before.
#[derive(Debug, Default)]
struct Served(Vec<(u64, u64)>);

impl Served {
    /// Between the first look from a time on and the last one before another; `None` without two looks.
    ///
    /// It is what the system did meanwhile, whatever is still on its way when arrivals end.
    fn within(&self, from_ns: u64, until_ns: u64) -> Option<Span> {
        let is_within = |look: &&(u64, u64)| (from_ns..=until_ns).contains(&look.0);
        let mut looks = self.0.iter().filter(is_within);
        let (from_ns, _) = *looks.next()?;
        let ok = looks.clone().map(|(_, ok)| ok).sum();
        let (until_ns, _) = *looks.next_back()?;
        Some(Span {
            from_ns,
            until_ns,
            ok,
        })
    }
}

impl Observer for Watcher<'_> {
    fn tick(&mut self, tick: &Tick<'_>) {
        self.served.0.push((tick.elapsed_ns, tick.glance.ledger.ok));
        if self.user.is_stopped() {
            self.own.stop();
        }
        if self.own.is_stopped() {
            return;
        }
        let Some(length_ns) = self.lengths_ns.get(self.judged) else {
            return;
        };
        // The last one is over when the load is.
        let is_last = self.judged + 1 == self.lengths_ns.len();
        if is_last || tick.elapsed_ns < self.from_ns + length_ns {
            return;
        }
        let warmup = Warmup {
            until_ns: self.from_ns,
            rule: WarmupRule::Declared,
        };
        let judgements = tick.tally.judge(ALPHA, &warmup, tick.elapsed_ns);
        let is = |state| move |judgement: &Judgement| judgement.state == state;
        let is_proven = judgements.iter().all(is(State::Pass));
        let validity = || {
            let (tally, vitals) = (tick.tally, tick.vitals);
            assess(tally, vitals, &warmup, &judgements, tick.elapsed_ns)
        };
        let is_proven = is_proven && drift(&validity()).is_none();
        if is_proven {
            // It is judged once more when the journeys under way are over.
            self.own.enough();
        } else if judgements.iter().any(is(State::Fail)) {
            self.own.stop();
        } else {
            self.judged += 1;
        }
    }
}

/// The figures of what was measured; what was served a second is that of `span`.
pub(super) fn figures(driven: &Driven, offer: &Offer, span: Option<Span>, reason: String) -> Probe {
    let outcomes = driven.judged(Scope::Test);
    let ledger = &outcomes.ledger;
    let quantile = |numerator, denominator| outcomes.headline_quantile(numerator, denominator);
    let finite = |quantile: Quantile| match quantile {
        Quantile::Finite(ns) => Some(ns),
        Quantile::NoData | Quantile::Infinite => None,
    };
    let throughput = span.and_then(|span| span.throughput());
    let mean_s = outcomes.response_ok.mean().map(|ns| ns / 1e9);
    let in_flight = throughput.zip(mean_s).map(|(per_second, mean_s)| {
        plimsoll_measure::scalability::mean_in_flight(per_second, mean_s)
    });
    let until_ns = driven.warmup.until_ns;
    Probe {
        kind: offer.kind.to_owned(),
        test: None,
        rate: offer.rate,
        outcome: String::new(),
        trimmed_ns: ns(offer.trimmed_s),
        measured_ns: driven.finished.arrivals_ns.saturating_sub(until_ns),
        throughput,
        goodput: goodput(offer.rate, &journeys(driven), &outcomes),
        in_flight,
        p50_ns: finite(quantile(50, 100)),
        p95_ns: finite(quantile(95, 100)),
        p99_ns: finite(quantile(99, 100)),
        p99_infinite: quantile(99, 100) == Quantile::Infinite,
        errors: (ledger.intended > 0).then(|| ledger.not_ok() as f64 / ledger.intended as f64),
        processors: None,
        reason,
        objectives: Vec::new(),
    }
}

/// How the journeys ended that were judged.
fn journeys(driven: &Driven) -> Ledger {
    let mut sum = Ledger::default();
    for journey in driven.finished.tally.catalogue().journeys() {
        sum.merge(&driven.judged(Scope::Series(journey.series)).ledger);
    }
    sum
}

/// Journeys that were served well and in time, a second. What is in time is known of requests alone.
fn goodput(rate: f64, journeys: &Ledger, requests: &Outcomes) -> Option<f64> {
    let share = |part: u64, all: u64| (all > 0).then(|| part as f64 / all as f64);
    let well = share(journeys.ok, journeys.intended)?;
    let in_time = share(requests.good(), requests.ledger.ok).unwrap_or_default();
    Some(rate * well * in_time)
}

/// How many processors the target used in a part of the test.
fn processors(resources: &[Resources], span: &Span) -> Option<f64> {
    let points = resources.iter().find(|one| {
        let mut points = one.points.iter();
        points.any(|point| point.processors.is_some())
    })?;
    let within = points.points.iter();
    let used: Vec<f64> = within
        .filter(|point| point.at_ns > span.from_ns && point.at_ns <= span.until_ns)
        .filter_map(|point| point.processors)
        .collect();
    (!used.is_empty()).then(|| used.iter().sum::<f64>() / used.len() as f64)
}

#[cfg(test)]
mod tests;
