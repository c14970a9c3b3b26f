//! Which thresholds a test of a plan is judged by.

use crate::claims::Claim;
use plimsoll_measure::{Catalogue, Scope};
use plimsoll_report::facts::About;
use plimsoll_scenario::plan::items::{expectation_id, metric_name, threshold_id};
use plimsoll_scenario::plan::{JourneyPromise, PlannedTest, PlannedThreshold, ReadinessPlan};

/// The thresholds of a test: those of all journeys where it judges them, else those of the journeys
/// that it has to protect or leave unaffected; and its own on errors.
pub(crate) fn of_test(
    plan: &ReadinessPlan,
    test: &PlannedTest,
    catalogue: &Catalogue,
) -> Vec<Claim> {
    let mut claims = Vec::new();
    for promise in &plan.journeys {
        if test.judges(promise) {
            claims.extend(of_journey(plan, test, promise, catalogue));
        }
    }
    claims.extend(test.expect.errors.iter().map(|(errors, line)| Claim {
        id: expectation_id(&test.name, "errors", None),
        tier: Some(test.tier),
        scope: Scope::Test,
        threshold: errors.threshold.clone(),
        lenient: None,
        about: About {
            promised_at: Some(place(plan, 0, *line)),
            ..About::default()
        },
    }));
    claims
}

fn of_journey(
    plan: &ReadinessPlan,
    test: &PlannedTest,
    promise: &JourneyPromise,
    catalogue: &Catalogue,
) -> Vec<Claim> {
    let Some(entry) = catalogue
        .journeys()
        .iter()
        .find(|entry| entry.name == promise.name)
    else {
        return Vec::new();
    };
    let claim = |step: Option<&str>, scope, planned: &PlannedThreshold| {
        let threshold = planned.pass.threshold.clone();
        let metric = metric_name(&threshold);
        Claim {
            id: threshold_id(&test.name, &promise.name, step, &metric),
            tier: Some(promise.tier),
            scope,
            lenient: planned.warn.as_ref().map(|warn| warn.threshold.clone()),
            threshold,
            about: About {
                journey: Some(promise.name.clone()),
                step: step.map(str::to_owned),
                owner: promise.owner.clone(),
                promised_at: Some(place(plan, planned.source, planned.line)),
            },
        }
    };
    let own = promise.thresholds.iter();
    let mut claims: Vec<_> = own
        .map(|planned| claim(None, Scope::Series(entry.series), planned))
        .collect();
    for (name, planned) in &promise.steps {
        if let Some(step) = entry.steps.iter().find(|step| step.name == *name) {
            claims.push(claim(Some(name), Scope::Series(step.series), planned));
        }
    }
    claims
}

/// `plan.yaml:34`.
pub(crate) fn place(plan: &ReadinessPlan, source: usize, line: u32) -> String {
    let name = plan.sources.get(source).map(|file| file.path.display());
    match name {
        Some(name) => format!("{name}:{line}"),
        None => format!("line {line}"),
    }
}
