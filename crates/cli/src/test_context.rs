//! From what a test counted to the facts that a document is made of.

use crate::claims::{self, ALPHA, Claim};
use crate::load::planned_ns;
use plimsoll_engine::Example as Seen;
use plimsoll_measure::validity::assess;
use plimsoll_measure::{Catalogue, Series, Tally, Vitals};
use plimsoll_report::document::{Example, Load as LoadDocument, Stage};
use plimsoll_report::facts::{LoadModel, TestFacts};
use plimsoll_scenario::{Load, Promise};
use plimsoll_schedule::Arrivals;
use std::sync::Arc;

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
    /// Whether the plan of a run has it, so that its target is the plan's.
    pub has_plan: bool,
    /// Whether a drift says something of the evidence: not where the system is disturbed on purpose.
    pub trend_matters: bool,
}

impl TestContext {
    /// The facts of what there is.
    pub(crate) fn facts<'a>(
        &self,
        (tally, vitals): (&'a Tally, &Vitals),
        examples: &[Seen],
        (arrivals_ns, elapsed_ns): (u64, u64),
    ) -> TestFacts<'a> {
        let answered_ns = arrivals_ns.max(elapsed_ns);
        let warmup = tally.warmup(elapsed_ns);
        let judgements = tally.judge(ALPHA, &warmup, arrivals_ns);
        let mut validity = assess(tally, vitals, &warmup, &judgements, arrivals_ns);
        if !self.trend_matters {
            validity
                .checks
                .retain(|check| check.name != plimsoll_measure::CheckName::Trend);
        }
        let (model, scheduled) = self.model(arrivals_ns);
        let per_second = |count: f64, ns: u64| (ns > 0).then(|| count * 1e9 / ns as f64);
        TestFacts {
            name: self.name.clone(),
            model,
            seed: Some(self.seed),
            planned_ns: planned_ns(&self.load),
            elapsed_ns,
            arrivals_ns,
            offered_rate: scheduled.and_then(|count| per_second(count, arrivals_ns)),
            achieved_rate: per_second(self.journeys_completed(tally) as f64, answered_ns),
            tally,
            items: claims::items(&self.claims, judgements),
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
                let promised = |promise: Promise| promise.expected * (1.0 + promise.headroom);
                let load = LoadDocument {
                    expected_per_s: promise.map(|promise| promise.expected),
                    headroom: promise.map(|promise| promise.headroom),
                    target_per_s: match promise.filter(|_| self.has_plan) {
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
        let journeys = self.catalogue.journeys().iter();
        journeys
            .map(|journey| tally.series(journey.series).outcomes.ledger.completed())
            .sum()
    }

    /// How many journeys were started.
    pub(crate) fn journeys_started(&self, tally: &Tally) -> u64 {
        let journeys = self.catalogue.journeys().iter();
        journeys
            .map(|journey| {
                let ledger = &tally.series(journey.series).outcomes.ledger;
                ledger.intended - ledger.dropped
            })
            .sum()
    }

    /// The journey and the step of a series.
    pub(crate) fn names(&self, series: Series) -> (String, String) {
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
}
