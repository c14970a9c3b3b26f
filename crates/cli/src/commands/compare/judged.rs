//! What two single runs tell of a figure: as much as their intervals do.

use super::series;
use plimsoll_measure::regression::{Measure, RunFigure, compare_runs};
use plimsoll_measure::{Interval, Threshold};
use plimsoll_report::document::{Item, Run, Status, Test, ValidityStatus};
use serde::Serialize;

/// A figure that a threshold was about in both runs, so that it has an interval.
#[derive(Serialize)]
pub(super) struct Judged {
    /// `test/journey/step/metric`.
    pub id: String,
    /// Whether the runs differ, as far as single runs tell; `null` where they cannot be compared.
    pub differs: Option<bool>,
    /// By how much B is more than A: a share, or of shares the difference.
    pub change: Option<f64>,
    /// What it says, or why it says nothing.
    pub explanation: String,
}

/// Judges the items that both runs have.
pub(super) fn judge(a: (&Run, &Test), b: (&Run, &Test)) -> Vec<Judged> {
    let of = |item: &&Item, test: &Test| item.test.as_deref().is_none_or(|name| name == test.name);
    let items_b = b.0.items.iter().filter(|item| of(item, b.1));
    items_b
        .filter_map(|item_b| {
            let threshold: Threshold = item_b.expression.parse().ok()?;
            // The worst ten seconds of a run are no figure of all of it.
            if threshold.window.is_some() {
                return None;
            }
            let metric = |item: &Item| {
                let threshold = item.expression.parse::<Threshold>().ok()?;
                (threshold.window.is_none()).then_some(threshold.metric)
            };
            let mut items_a = a.0.items.iter().filter(|item| of(item, a.1));
            let item_a = items_a.find(|item| {
                (&item.journey, &item.step) == (&item_b.journey, &item_b.step)
                    && own_path(item, a.1) == own_path(item_b, b.1)
                    && metric(item) == Some(threshold.metric)
            })?;
            let measure = Measure::of(threshold.metric);
            if let Some(explanation) = not_complete(a.0, b.0) {
                return Some(Judged {
                    id: item_b.id.clone(),
                    differs: None,
                    change: None,
                    explanation,
                });
            }
            let compared = compare_runs(&measure, &figure(item_a, a), &figure(item_b, b));
            Some(match compared {
                Ok(compared) => Judged {
                    id: item_b.id.clone(),
                    differs: Some(compared.differs),
                    change: compared
                        .distance
                        .map(|distance| measure.change(distance))
                        .filter(|change| change.is_finite()),
                    explanation: compared.explanation,
                },
                Err(problem) => Judged {
                    id: item_b.id.clone(),
                    differs: None,
                    change: None,
                    explanation: problem.to_string(),
                },
            })
        })
        .collect()
}

/// Which of two runs did not go to its end, if any.
fn not_complete(a: &Run, b: &Run) -> Option<String> {
    let is_partial = |run: &Run| run.status != Status::Complete;
    let which = match (is_partial(a), is_partial(b)) {
        (false, false) => return None,
        (true, false) => "run A did not go to its end, so that its figures are",
        (false, true) => "run B did not go to its end, so that its figures are",
        (true, true) => "neither run went to its end, so that their figures are",
    };
    Some(format!("{which} of a part of the test; run it again"))
}

/// The id of an item without the name of its test.
fn own_path<'i>(item: &'i Item, test: &Test) -> &'i str {
    item.id.strip_prefix(test.name.as_str()).unwrap_or(&item.id)
}

fn figure(item: &Item, (run, test): (&Run, &Test)) -> RunFigure {
    let of_duration = item
        .interval_ns
        .map(|ends| ends.map(|end| end.map(|ns| ns as f64)));
    let ends = of_duration.or(item.interval);
    let value = match (item.observed_ns, item.observed) {
        _ if item.observed_infinite => f64::INFINITY,
        (Some(ns), _) => ns as f64,
        (None, Some(value)) => value,
        (None, None) => f64::NAN,
    };
    RunFigure {
        value,
        interval: ends.map(|[lower, upper]| Interval {
            // A lower end without a number falls among what did not end well.
            lower: lower.unwrap_or(f64::INFINITY),
            upper,
        }),
        n: item.n,
        offered_per_second: offered(item, test),
        is_valid: run.validity.status != ValidityStatus::Invalid,
    }
}

/// Requests of an item's series that were intended, a second.
fn offered(item: &Item, test: &Test) -> f64 {
    let wanted = (item.journey.as_deref(), item.step.as_deref());
    let all = series(test);
    let found = all.iter().find(|one| (one.0, one.1) == wanted);
    let intended = found.map_or(test.totals.intended, |one| one.3.intended);
    // As planned rather than as it took: a slow end changes nothing of the load.
    let ns = test.planned_ns.unwrap_or(test.elapsed_ns).max(1);
    intended as f64 * 1e9 / ns as f64
}
