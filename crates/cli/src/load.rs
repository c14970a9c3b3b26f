//! Which load to drive: what the command line says, else what the scenario says.

use crate::args;
use crate::failure::Failure;
use plimsoll_scenario::{Load, Scenario, SourcedThreshold};
use plimsoll_schedule::{Arrivals, LoadShape, Rate, Segment};
use std::time::Duration;

/// How long a load lasts where nobody says.
const USUAL_DURATION: Duration = Duration::from_secs(10);

fn usage(text: impl Into<String>) -> Failure {
    Failure::Usage(text.into())
}

fn shape(rate: f64, duration: Duration) -> Result<LoadShape, Failure> {
    if rate == 0.0 {
        return Err(usage(
            "--rate: 0/s sends nothing; say how many journeys start, such as 50/s",
        ));
    }
    let rate = Rate::per_second(rate).map_err(|problem| usage(format!("--rate: {problem}")))?;
    let duration_ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    LoadShape::constant(rate, duration_ns)
        .map_err(|problem| usage(format!("--duration: {problem}")))
}

/// Resolves the load. `fallback` is what a command drives when neither says anything.
pub(crate) fn resolve(
    given: &args::Load,
    scenario: Option<&Load>,
    fallback: Option<Load>,
) -> Result<Load, Failure> {
    if given.users.is_none() && (given.iterations.is_some() || given.pacing.is_some()) {
        return Err(usage(
            "--iterations and --pacing are about the closed model: say --users N too, or leave them out",
        ));
    }
    let length = scenario.and_then(planned_ns).map(Duration::from_nanos);
    let duration = given.duration.or(length).unwrap_or(USUAL_DURATION);
    let load = match (given.rate, given.users) {
        (Some(rate), _) => Load::Open {
            shape: shape(rate, duration)?,
            arrivals: match scenario {
                Some(Load::Open { arrivals, .. }) => *arrivals,
                _ => Arrivals::Even,
            },
            promise: None,
        },
        (None, Some(users)) => Load::Closed {
            users,
            pacing: given.pacing,
            duration: given
                .duration
                .or_else(|| given.iterations.is_none().then_some(duration)),
            iterations: given.iterations,
        },
        (None, None) => {
            let load = scenario.cloned().or(fallback).ok_or_else(|| {
                usage(
                    "the scenario has no `load:` block; add one, such as `load: { rate: 50/s, duration: 1m }`, or say --rate 50/s (open model) or --users 50 (closed model)",
                )
            })?;
            match given.duration {
                Some(duration) => lasting(load, duration)?,
                None => load,
            }
        }
    };
    let load = match (load, given.driving.arrivals) {
        (
            Load::Open {
                shape,
                arrivals,
                promise,
            },
            wanted,
        ) => Load::Open {
            shape,
            arrivals: wanted.map_or(arrivals, |kind| match kind {
                args::Arrivals::Even => Arrivals::Even,
                args::Arrivals::Poisson => Arrivals::Poisson,
            }),
            promise,
        },
        (Load::Closed { .. }, Some(_)) => {
            return Err(usage(
                "--arrivals is about the open model; with --users the answers decide when the next journey starts",
            ));
        }
        (closed, None) => closed,
    };
    check_maximum(&load, given.max_rate)?;
    Ok(load)
}

/// The same load for another length of time.
fn lasting(load: Load, duration: Duration) -> Result<Load, Failure> {
    match load {
        Load::Open {
            shape: old,
            arrivals,
            promise,
        } => {
            let segments: Vec<Segment> = old.segments().collect();
            let [only] = segments.as_slice() else {
                return Err(usage(
                    "--duration cannot be combined with the stages of the scenario; change their durations, or say --rate too",
                ));
            };
            let mut only = *only;
            only.duration_ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
            let shape = LoadShape::new([only])
                .map_err(|problem| usage(format!("--duration: {problem}")))?;
            Ok(Load::Open {
                shape,
                arrivals,
                promise,
            })
        }
        Load::Closed {
            users,
            pacing,
            iterations,
            ..
        } => Ok(Load::Closed {
            users,
            pacing,
            duration: Some(duration),
            iterations,
        }),
    }
}

/// Refuses a load that is higher than `--max-rate` allows.
pub(crate) fn check_maximum(load: &Load, maximum: Option<f64>) -> Result<(), Failure> {
    if let (Load::Open { shape, .. }, Some(maximum)) = (load, maximum) {
        let peak = shape.peak_rate().get();
        if peak > maximum {
            return Err(usage(format!(
                "the load peaks at {peak}/s, above the {maximum}/s of --max-rate; nothing was sent. Lower the load or raise the limit"
            )));
        }
    }
    Ok(())
}

/// Adds the thresholds and the abort rule of the command line to a scenario.
pub(crate) fn amend(scenario: &mut Scenario, given: &args::Load) -> Result<(), Failure> {
    for text in &given.thresholds {
        let threshold = SourcedThreshold::parse(text)
            .map_err(|problem| usage(format!("--threshold \"{text}\": {problem}")))?;
        scenario.thresholds.push(threshold);
    }
    scenario.warmup = given.warmup.or(scenario.warmup);
    if given.stop_when_decided && scenario.warmup.is_none() {
        return Err(usage(
            "--stop-when-decided: an estimate of the warm-up takes the whole run, and a slow beginning would decide a run that stops early; say how long it is with --warmup, 0s if there is none, or `warmup:` in the scenario",
        ));
    }
    if let Some(text) = &given.abort_on {
        scenario.abort_on = match text.as_str() {
            "off" => None,
            text => {
                let threshold = text
                    .parse()
                    .map_err(|problem| usage(format!("--abort-on \"{text}\": {problem}")))?;
                if plimsoll_measure::AbortRule::new(&threshold).is_none() {
                    return Err(usage(format!(
                        "--abort-on \"{text}\": a run can be given up on errors, timeouts or shed, such as `errors > 50% for 10s`"
                    )));
                }
                Some(threshold)
            }
        };
    }
    Ok(())
}

/// How long users are to arrive, in nanoseconds, if that is known beforehand.
pub(crate) fn planned_ns(load: &Load) -> Option<u64> {
    match load {
        Load::Open { shape, .. } => Some(shape.duration_ns()),
        Load::Closed { duration, .. } => duration.map(|duration| duration.as_nanos() as u64),
    }
}
