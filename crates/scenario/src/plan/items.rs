//! The items that a plan is judged by, and their ids.

use super::{DriftOf, Expectations, Line, PlannedTest, PlannedThreshold, ReadinessPlan};
use crate::Masker;
use crate::quantity::written;
use plimsoll_measure::{Metric, Threshold, Tier};

/// An item that has to be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedItem {
    /// Its id, unique in the plan.
    pub id: String,
    /// How much it matters.
    pub tier: Tier,
    /// What has to hold, as written.
    pub expression: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The file it stands in, as an index into the plan's `sources`.
    pub source: usize,
    /// Where it stands there; 0 if nowhere.
    pub line: Line,
    /// The test that shows it.
    pub test: Option<String>,
    /// The journey that it is about.
    pub journey: Option<String>,
    /// The step that it is about.
    pub step: Option<String>,
}

/// The id of a journey's threshold, or of one of its steps, in a test: `expected/search/results/p95`.
/// `metric` is what [`metric_name`] gives.
pub fn threshold_id(test: &str, journey: &str, step: Option<&str>, metric: &str) -> String {
    match step {
        Some(step) => format!("{test}/{journey}/{step}/{metric}"),
        None => format!("{test}/{journey}/{metric}"),
    }
}

/// A threshold's metric in ids: `p95`, and with a window `errors for 10s`.
pub fn metric_name(threshold: &Threshold) -> String {
    let name = threshold.metric.name();
    match threshold.window {
        Some(window) => format!(
            "{name} for {}",
            written(std::time::Duration::from_nanos(window))
        ),
        None => name,
    }
}

/// The id of what a test has to show: `spike/recover_within`, `soak/drift/p95`,
/// `rollback/invariant/1`.
pub fn expectation_id(test: &str, name: &str, detail: Option<&str>) -> String {
    match detail {
        Some(detail) => format!("{test}/{name}/{detail}"),
        None => format!("{test}/{name}"),
    }
}

/// The id of the comparison of a journey's metric in a test with an earlier release:
/// `expected/search/baseline/p95`. `metric` is its name.
pub fn baseline_id(test: &str, journey: &str, metric: &str) -> String {
    format!("{test}/{journey}/baseline/{metric}")
}

/// The id of a checklist item: `checklist/M1`.
pub fn checklist_id(id: &str) -> String {
    format!("checklist/{id}")
}

/// The id of a component's identity: `identity/web`.
pub fn identity_id(component: &str) -> String {
    format!("identity/{component}")
}

/// The id of the comparison of configurations: no component can be named like this.
pub fn config_id() -> String {
    identity_id(CONFIG)
}

/// The id of a journey in the smoke test: `smoke/search`.
pub fn smoke_id(journey: &str) -> String {
    format!("smoke/{journey}")
}

/// What the comparison of configurations is named among components.
pub(crate) const CONFIG: &str = "config";

/// What the smoke test asks of each journey.
pub(crate) const SMOKE: &str = "works once";

/// First parts of ids that no test may be named like.
pub(crate) const RESERVED: [&str; 3] = ["checklist", "identity", "smoke"];

/// Every item of a plan: identity, smoke test, tests in their order, checklist.
pub fn all_items(plan: &ReadinessPlan) -> Vec<PlannedItem> {
    let mut items = Vec::new();
    identity(plan, &mut items);
    for journey in &plan.journeys {
        items.push(PlannedItem {
            owner: journey.owner.clone(),
            journey: Some(journey.name.clone()),
            ..item(smoke_id(&journey.name), journey.tier, SMOKE, journey.line)
        });
    }
    for test in &plan.tests {
        for_thresholds(plan, test, |journey, step, threshold| {
            items.push(PlannedItem {
                owner: plan.journeys[journey].owner.clone(),
                source: threshold.source,
                test: Some(test.name.clone()),
                journey: Some(plan.journeys[journey].name.clone()),
                step: step.map(str::to_owned),
                ..item(
                    threshold_id(
                        &test.name,
                        &plan.journeys[journey].name,
                        step,
                        &metric_name(&threshold.pass.threshold),
                    ),
                    plan.journeys[journey].tier,
                    &threshold.pass.text,
                    threshold.line,
                )
            });
        });
        for_baseline(plan, test, |journey, expression, metric, line| {
            let journey = &plan.journeys[journey];
            items.push(PlannedItem {
                owner: journey.owner.clone(),
                test: Some(test.name.clone()),
                journey: Some(journey.name.clone()),
                ..item(
                    baseline_id(&test.name, &journey.name, metric),
                    journey.tier,
                    expression,
                    line,
                )
            });
        });
        for (name, detail, expression, line) in expected(&test.expect, &plan.scenario.secrets) {
            items.push(PlannedItem {
                test: Some(test.name.clone()),
                ..item(
                    expectation_id(&test.name, name, detail.as_deref()),
                    test.tier,
                    &expression,
                    line,
                )
            });
        }
    }
    for entry in &plan.checklist {
        items.push(PlannedItem {
            owner: entry.owner.clone(),
            ..item(
                checklist_id(&entry.id),
                entry.tier,
                &entry.title,
                entry.line,
            )
        });
    }
    items
}

/// How many items [`all_items`] has, without making them.
pub(crate) fn count(plan: &ReadinessPlan) -> usize {
    let components = plan.release.as_ref().map_or(0, |release| {
        release.components.len() + usize::from(release.config.is_some())
    });
    let tests = plan.tests.iter().map(|test| {
        let mut thresholds = 0;
        for_thresholds(plan, test, |_, _, _| thresholds += 1);
        for_baseline(plan, test, |_, _, _, _| thresholds += 1);
        thresholds + expected(&test.expect, &plan.scenario.secrets).len()
    });
    components + plan.journeys.len() + plan.checklist.len() + tests.sum::<usize>()
}

fn item(id: String, tier: Tier, expression: &str, line: Line) -> PlannedItem {
    PlannedItem {
        id,
        tier,
        expression: expression.to_owned(),
        owner: None,
        source: 0,
        line,
        test: None,
        journey: None,
        step: None,
    }
}

fn identity(plan: &ReadinessPlan, items: &mut Vec<PlannedItem>) {
    let Some(release) = &plan.release else { return };
    for component in &release.components {
        let build = match &component.revision {
            Some(revision) => format!("is {} at {revision}", component.version),
            None => format!("is {}", component.version),
        };
        let id = identity_id(&component.name);
        items.push(item(id, component.tier, &build, component.line));
    }
    if let Some(config) = &release.config {
        let same = "has the configuration of the release";
        items.push(item(config_id(), Tier::Critical, same, config.line));
    }
}

/// The thresholds that are judged in a test: index of the journey, step, threshold.
fn for_thresholds<'p>(
    plan: &'p ReadinessPlan,
    test: &PlannedTest,
    mut visit: impl FnMut(usize, Option<&'p str>, &'p PlannedThreshold),
) {
    for (index, journey) in plan.journeys.iter().enumerate() {
        if !test.judges(journey) {
            continue;
        }
        for threshold in &journey.thresholds {
            visit(index, None, threshold);
        }
        for (step, threshold) in &journey.steps {
            visit(index, Some(step), threshold);
        }
    }
}

/// What is compared with an earlier release in a test that judges thresholds: index of the journey,
/// expression, metric, line.
fn for_baseline(
    plan: &ReadinessPlan,
    test: &PlannedTest,
    mut visit: impl FnMut(usize, &str, &str, Line),
) {
    let Some(baseline) = plan.baseline.as_ref().filter(|_| test.judges_thresholds) else {
        return;
    };
    for (index, _) in plan.journeys.iter().enumerate() {
        for (pass, _) in baseline.relative() {
            let expression = format!("{} of {}", pass.text, baseline.release);
            visit(index, &expression, &pass.metric.name(), baseline.line);
        }
    }
}

type Expected = (&'static str, Option<String>, String, Line);

/// What a test has to show besides thresholds: name, detail, expression with secrets masked, line.
fn expected(expect: &Expectations, secrets: &Masker) -> Vec<Expected> {
    let mut found: Vec<Expected> = Vec::new();
    for (name, verb, limit) in [
        ("recover_within", "recovers", expect.recover_within),
        (
            "objective_within",
            "meets the objective",
            expect.objective_within,
        ),
        (
            "served_within",
            "serves the declared build",
            expect.served_within,
        ),
    ] {
        if let Some((limit, line)) = limit {
            found.push((
                name,
                None,
                format!("{verb} within {}", written(limit)),
                line,
            ));
        }
    }
    if let Some((comparison, share, line)) = expect.goodput {
        let text = format!("goodput {comparison} {} of capacity", percent(share));
        found.push(("goodput", None, text, line));
    }
    if let Some((comparison, share, line)) = expect.clients_harmed {
        let text = format!("clients harmed {comparison} {}", percent(share));
        found.push(("clients_harmed", None, text, line));
    }
    if let Some((shed, line)) = &expect.shed {
        let statuses: Vec<String> = shed.status.iter().map(u16::to_string).collect();
        let mut text = format!("< 1% bad but shed with {}", statuses.join(" or "));
        if let Some(header) = &shed.header {
            text.push_str(&format!(", {header}"));
        }
        if let Some(within) = shed.within {
            text.push_str(&format!(", within {}", written(within)));
        }
        found.push(("shed", None, text, *line));
    }
    for (of, comparison, share, line) in &expect.drift {
        let text = format!("{} drifts {comparison} {}", of.name(), percent(*share));
        found.push(("drift", Some(of.name()), text, *line));
    }
    if let Some((threshold, line)) = &expect.errors {
        found.push(("errors", None, threshold.text.clone(), *line));
    }
    for (index, (command, line)) in expect.invariants.iter().enumerate() {
        let text = format!(
            "`{}` exits with 0",
            crate::excerpt::short(&secrets.mask(&command.join(" ")))
        );
        found.push(("invariant", Some((index + 1).to_string()), text, *line));
    }
    found
}

/// A share as it is written: nine digits behind the point, for the noise of binary fractions is
/// further behind.
fn percent(share: f64) -> String {
    let text = format!("{:.9}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

impl DriftOf {
    /// Its name, as in plans and ids.
    pub fn name(self) -> String {
        match self {
            Self::Quantile {
                numerator,
                denominator,
            } => Metric::Quantile {
                numerator,
                denominator,
            }
            .name(),
            Self::Errors => "errors".to_owned(),
            Self::Rss => "rss".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LoadOptions, MapLoader};
    use std::path::Path;

    const SCENARIO: &str =
        "{ name: t, target: demo, journeys: { a: { steps: [ { name: s, GET: / } ] } } }";
    const PLAN: &str = "name: p
scenario: s.yaml
expected_load: { peak: 1/s }
release: { version: 1, components: [ { name: web, sources: [ { header: x } ] } ], config: { rendered: a, deployed: b } }
journeys: { a: { thresholds: [ p95 < 1s, errors < 1% for 10s ], steps: { s: { thresholds: p50 < 1s } } } }
tests:
  - { name: calm, at: 1x, hold: 1m, expect: { drift: { p95: <= 1%, rss: <= 1% }, errors: < 1%, invariants: [ [ x ], [ y ] ] } }
  - { name: other, at: 1x, hold: 1m, thresholds: false, expect: { unaffected: a, shed: {} } }
checklist: [ { id: C, title: t } ]
";

    #[test]
    fn items_are_counted_without_being_made() {
        let files = MapLoader::default()
            .with("p.yaml", PLAN)
            .with("s.yaml", SCENARIO);
        let plan = ReadinessPlan::load(Path::new("p.yaml"), &files, &LoadOptions::default())
            .unwrap_or_else(|problems| panic!("{problems}"))
            .plan;
        let items = all_items(&plan);
        // Component and configuration, smoke, three thresholds in each test, five expectations of
        // the first and one of the other, checklist.
        assert_eq!(items.len(), 2 + 1 + 3 + 3 + 5 + 1 + 1);
        assert_eq!(count(&plan), items.len());
    }

    #[test]
    fn no_secret_stands_in_what_an_invariant_promises() {
        let mut expect = Expectations::default();
        let command = ["psql", "postgres://shop:hunter2@db", "-c", "select 1"];
        let command = command.map(str::to_owned).to_vec();
        expect.invariants.push((command, 7));
        let found = expected(&expect, &Masker::new(["hunter2"]));
        assert_eq!(
            found[0].2,
            "`psql postgres://shop:***@db -c select 1` exits with 0"
        );
    }
}
