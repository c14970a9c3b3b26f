//! From the rounds of a duel to its findings.

use super::rounds::{Round, Stored};
use super::settings::Settings;
use plimsoll_measure::regression::{Contest, Duel, Finding, Measure, Reading, Scale};
use plimsoll_measure::threshold::Kind;
use plimsoll_measure::{Catalogue, Metric};
use plimsoll_report::duel as document;

/// How a metric is compared.
fn measure(metric: Metric, settings: &Settings) -> Measure {
    let usual = Measure::of(metric);
    Measure {
        delta: match usual.scale {
            Scale::Ratio => settings.tolerance,
            Scale::Difference => settings.tolerance_of_shares(),
        },
        ..usual
    }
}

/// The contests of all steps and metrics, over the rounds that count.
pub(super) fn contests<'r>(
    rounds: impl Iterator<Item = &'r Round> + Clone,
    steps: usize,
    metrics: &[Metric],
    settings: &Settings,
) -> Vec<Contest> {
    let places = (0..steps).flat_map(|step| (0..metrics.len()).map(move |metric| (step, metric)));
    places
        .map(|(step, metric)| Contest {
            measure: measure(metrics[metric], settings),
            rounds: rounds
                .clone()
                .map(|round| {
                    let of = |readings: &[Vec<Stored>]| {
                        let reading = readings.get(step).and_then(|step| step.get(metric));
                        reading.map_or(Reading::Missing, |stored| (*stored).into())
                    };
                    (of(&round.a.readings), of(&round.b.readings))
                })
                .collect(),
        })
        .collect()
}

/// The findings as a document says them, in the order of steps and metrics.
pub(super) fn findings(
    duel: &Duel,
    contests: &[Contest],
    catalogue: &Catalogue,
    metrics: &[Metric],
) -> Vec<document::Finding> {
    let journeys = catalogue.journeys().iter();
    let steps = journeys.flat_map(|journey| {
        let steps = journey.steps.iter();
        steps.map(|step| (journey.name.clone(), step.name.clone()))
    });
    let names = steps.flat_map(|(journey, step)| {
        let metrics = metrics.iter();
        metrics.map(move |metric| (journey.clone(), step.clone(), *metric))
    });
    let found = duel.findings.iter().zip(contests);
    names
        .zip(found)
        .map(|((journey, step, metric), (finding, contest))| {
            document_of((journey, step, metric), finding, contest)
        })
        .collect()
}

fn document_of(
    (journey, step, metric): (String, String, Metric),
    finding: &Finding,
    contest: &Contest,
) -> document::Finding {
    let measure = &contest.measure;
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    let change = |distance: f64| finite(measure.change(distance));
    let a = middle(contest.rounds.iter().map(|round| round.0));
    let b = middle(contest.rounds.iter().map(|round| round.1));
    document::Finding {
        journey,
        step,
        metric: metric.name(),
        unit: match metric.kind() {
            Kind::Duration => "ns",
            Kind::Share => "share",
            Kind::PerSecond => "per_s",
        }
        .to_owned(),
        verdict: finding.verdict.into(),
        a: a.and_then(finite),
        a_infinite: a.is_some_and(f64::is_infinite),
        b: b.and_then(finite),
        b_infinite: b.is_some_and(f64::is_infinite),
        scale: match measure.scale {
            Scale::Ratio => document::Scale::Ratio,
            Scale::Difference => document::Scale::Difference,
        },
        change: finding.estimate.and_then(change),
        interval: finding
            .interval
            .and_then(|(lower, upper)| Some([change(lower)?, change(upper)?])),
        minimum_detectable: finding.minimum_detectable.and_then(change),
        rounds: finding.rounds,
        missing: finding.missing,
        rounds_needed: finding.rounds_needed,
        p: finding.p,
        holm_p: finding.holm_p,
        benjamini_hochberg_p: finding.benjamini_hochberg_p,
        sign_flip_p: finding.sign_flip_p,
        explanation: finding.explanation.clone(),
    }
}

/// The median of readings; of an even number the lower one, so that it is one of them.
fn middle(readings: impl Iterator<Item = Reading>) -> Option<f64> {
    let values = readings.filter_map(|reading| match reading {
        Reading::Value(value) => Some(value),
        Reading::Share { count, n } if n > 0 => Some(count as f64 / n as f64),
        Reading::Missing | Reading::Share { .. } => None,
    });
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_one_of_the_readings() {
        let of = |values: &[f64]| middle(values.iter().map(|value| Reading::Value(*value)));
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(of(&[1.0, f64::INFINITY]), Some(1.0));
        assert_eq!(
            of(&[1.0, f64::INFINITY, f64::INFINITY]),
            Some(f64::INFINITY)
        );
        assert_eq!(of(&[]), None);
        assert_eq!(middle([Reading::Missing].into_iter()), None);
    }
}
