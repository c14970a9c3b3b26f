//! What gives first as the load grows: objectives, and the steps that they are about.

use plimsoll_measure::Threshold;
use plimsoll_measure::threshold::Metric;

use super::{by_rate, measured};
use crate::document::{Gives, Item, ItemState, Latency, Percentile, Probe, Step, Test, Totals};

/// What held at low rates and did not at a higher one, the first first; of the same rate, what was
/// furthest beyond its limit. `tests` are those of the probes.
///
/// An objective is taken as it was judged. A step that an objective is about among others is held
/// against the same limit, as measured.
pub fn gives(probes: &[Probe], tests: &[Test]) -> Vec<Gives> {
    let by_rate = by_rate(measured(probes));
    let Some(first) = by_rate.first() else {
        return Vec::new();
    };
    let mut all: Vec<(f64, Gives)> = Vec::new();
    for (at, item) in first.objectives.iter().enumerate() {
        let Ok(threshold) = item.expression.parse::<Threshold>() else {
            continue;
        };
        let mut add = |of: Option<(&str, &str)>, missed: Option<Missed>| {
            all.extend(missed.map(|missed| {
                let beyond = beyond(&missed.trial, &threshold);
                (beyond, entry(item, of, missed))
            }));
        };
        let trials = by_rate.iter().filter_map(|probe| {
            let item = probe.objectives.get(at)?;
            Some((probe.rate, of_item(item)))
        });
        add(None, missed(trials));
        if item.step.is_some() {
            continue;
        }
        for (journey, step) in steps(tests, item) {
            let trials = by_rate.iter().filter_map(|probe| {
                let name = probe.test.as_ref()?;
                let test = tests.iter().find(|test| test.name == *name)?;
                let step = find(test, journey, step)?;
                Some((probe.rate, of_step(step, &threshold)?))
            });
            add(Some((journey, step)), missed(trials));
        }
    }
    all.sort_by(|(by, one), (other_by, other)| {
        let rates = one.missed_at.total_cmp(&other.missed_at);
        rates.then(other_by.total_cmp(by))
    });
    all.into_iter().map(|(_, gives)| gives).collect()
}

/// How something went at a rate.
#[derive(Debug, Clone, Copy)]
struct Trial {
    /// `None`: neither shown to hold nor not to.
    holds: Option<bool>,
    observed_ns: Option<u64>,
    observed: Option<f64>,
    infinite: bool,
}

/// Where something stopped holding.
struct Missed {
    held_at: Option<f64>,
    at: f64,
    trial: Trial,
}

/// The lowest rate at which it did not hold, or else was not shown to although it was at a lower one:
/// at the lowest rates there may be too few requests to show anything.
fn missed(trials: impl Iterator<Item = (f64, Trial)>) -> Option<Missed> {
    let trials: Vec<(f64, Trial)> = trials.collect();
    let below = |at: f64| {
        let held = trials.iter().rev();
        let mut held = held.filter(|(rate, trial)| *rate < at && trial.holds == Some(true));
        held.next().map(|(rate, _)| *rate)
    };
    let refuted = trials.iter().find(|(_, trial)| trial.holds == Some(false));
    let is_open = |(rate, trial): &&(f64, Trial)| trial.holds.is_none() && below(*rate).is_some();
    let open = || trials.iter().find(is_open);
    let (at, trial) = *refuted.or_else(open)?;
    Some(Missed {
        held_at: below(at),
        at,
        trial,
    })
}

fn entry(item: &Item, of: Option<(&str, &str)>, missed: Missed) -> Gives {
    let (journey, step) = match of {
        Some((journey, step)) => (Some(journey.to_owned()), Some(step.to_owned())),
        None => (item.journey.clone(), item.step.clone()),
    };
    Gives {
        journey,
        step,
        expression: item.expression.clone(),
        is_objective: of.is_none(),
        is_proven: of.is_none() && missed.trial.holds == Some(false),
        held_at: missed.held_at,
        missed_at: missed.at,
        observed_ns: missed.trial.observed_ns,
        observed: missed.trial.observed,
        observed_infinite: missed.trial.infinite,
    }
}

/// By how many times it was beyond its limit.
fn beyond(trial: &Trial, threshold: &Threshold) -> f64 {
    let observed = trial
        .observed_ns
        .map(|ns| ns as f64)
        .or(trial.observed)
        .unwrap_or_default();
    match (trial.infinite, threshold.comparison.is_upper_limit()) {
        (true, _) => f64::INFINITY,
        (false, true) => observed / threshold.value.max(f64::MIN_POSITIVE),
        (false, false) => threshold.value / observed.max(f64::MIN_POSITIVE),
    }
}

fn of_item(item: &Item) -> Trial {
    Trial {
        holds: match item.state {
            ItemState::Pass => Some(true),
            ItemState::Fail => Some(false),
            _ => None,
        },
        observed_ns: item.observed_ns,
        observed: item.observed,
        infinite: item.observed_infinite,
    }
}

/// The steps that an objective is about, by journey and name.
fn steps<'t>(tests: &'t [Test], item: &Item) -> Vec<(&'t str, &'t str)> {
    let journeys = tests.first().into_iter().flat_map(|test| &test.journeys);
    let journeys =
        journeys.filter(|journey| item.journey.as_ref().is_none_or(|of| *of == journey.name));
    let steps = journeys.flat_map(|journey| {
        let steps = journey.steps.iter();
        steps.map(|step| (journey.name.as_str(), step.name.as_str()))
    });
    steps.collect()
}

fn find<'t>(test: &'t Test, journey: &str, step: &str) -> Option<&'t Step> {
    let mut journeys = test.journeys.iter();
    let journey = journeys.find(|one| one.name == journey)?;
    journey.steps.iter().find(|one| one.name == step)
}

/// `None` where the document of a step does not say, or nothing was asked of it.
fn of_step(step: &Step, threshold: &Threshold) -> Option<Trial> {
    let holds = |observed: f64| Some(threshold.comparison.holds(observed, threshold.value));
    if step.totals.intended == 0 {
        return None;
    }
    match threshold.metric {
        Metric::Quantile {
            numerator,
            denominator,
        } => {
            let of = |one: &&Percentile| {
                u64::from(one.fraction.0) * u64::from(denominator)
                    == u64::from(numerator) * u64::from(one.fraction.1)
            };
            let percentile = Percentile::ALL.iter().find(of)?;
            of_latency(&step.response, percentile.name, holds)
        }
        Metric::Max => of_latency(&step.response, "max", holds),
        Metric::Mean => of_latency(&step.response_ok, "mean", holds),
        Metric::Errors => of_share(step.totals.intended - step.totals.ok, &step.totals, holds),
        Metric::Timeouts => of_share(step.totals.timeout, &step.totals, holds),
        Metric::Shed => of_share(step.totals.shed, &step.totals, holds),
        // A rate of all requests says nothing of one step, and others are not known.
        _ => None,
    }
}

fn of_latency(latency: &Latency, name: &str, holds: impl Fn(f64) -> Option<bool>) -> Option<Trial> {
    let infinite = latency.is_infinite(name);
    let observed_ns = latency.figure(name);
    let observed = match (infinite, observed_ns) {
        (true, _) => f64::INFINITY,
        (false, ns) => ns? as f64,
    };
    Some(Trial {
        holds: holds(observed),
        observed_ns: observed_ns.filter(|_| !infinite),
        observed: None,
        infinite,
    })
}

fn of_share(bad: u64, totals: &Totals, holds: impl Fn(f64) -> Option<bool>) -> Option<Trial> {
    let share = bad as f64 / totals.intended as f64;
    Some(Trial {
        holds: holds(share),
        observed_ns: None,
        observed: Some(share),
        infinite: false,
    })
}
