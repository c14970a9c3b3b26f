//! What a plan would do, before it does anything: which tests, for how long, how much load on what,
//! and which commands on this machine.

use super::claims;
use super::document::SMOKE;
use crate::load::planned_ns;
use crate::notices::requests_per_arrival;
use plimsoll_conduct::command::shown;
use plimsoll_measure::Scope;
use plimsoll_report::quantity::{plural, span};
use plimsoll_scenario::plan::{Action, IdentitySource, OwnTarget, PlannedTest, ReadinessPlan};
use plimsoll_scenario::{Address, Load};
use std::fmt::Write;

/// The overview, in lines.
pub(crate) fn overview(plan: &ReadinessPlan) -> String {
    let mut text = String::new();
    let expected = &plan.expected;
    let targets = plan.scenario.targets.iter();
    let targets: Vec<String> = targets.map(|target| address(&target.address)).collect();
    let _ = writeln!(
        text,
        "{}: the journeys of {} against {}",
        plan.name,
        plan.scenario.name,
        targets.join(", ")
    );
    let _ = writeln!(
        text,
        "expected {}/s + {:.0} % headroom = target {}/s",
        short(expected.peak),
        expected.headroom * 100.0,
        short(expected.target())
    );
    let width = plan.tests.iter().map(|test| test.name.len()).max();
    let width = width.unwrap_or_default().max(SMOKE.len());
    let _ = writeln!(text, "  {SMOKE:width$}  every journey once");
    let catalogue = plan.scenario.catalogue();
    let per_arrival = requests_per_arrival(&plan.scenario, Scope::Test);
    let (mut all_ns, mut all_requests) = (0, 0.0);
    for test in &plan.tests {
        let (ns, arrivals, peak) = size(test);
        let requests = arrivals * per_arrival;
        all_ns += ns;
        all_requests += requests;
        let judged = claims::of_test(plan, test, &catalogue).len() + expectations(test);
        let _ = writeln!(
            text,
            "  {:width$}  {:>8}  up to {}/s ({:.2}x)  about {requests:.0} requests  {}",
            test.name,
            span(ns),
            short(peak),
            peak / expected.peak,
            plural(judged, "item"),
        );
    }
    let settling = plan.settle * u32::try_from(plan.tests.len()).unwrap_or(u32::MAX);
    let settling_ns = u64::try_from(settling.as_nanos()).unwrap_or(u64::MAX);
    let _ = writeln!(
        text,
        "in all about {} and {all_requests:.0} requests",
        span(all_ns.saturating_add(settling_ns))
    );
    let commands = commands(plan);
    if !commands.is_empty() {
        let _ = writeln!(text, "commands that run on this machine:");
    }
    for (command, when) in commands {
        let _ = writeln!(text, "  {command}  ({when})");
    }
    text
}

/// Length, arrivals and highest rate of a test.
fn size(test: &PlannedTest) -> (u64, f64, f64) {
    let ns = planned_ns(&test.load).unwrap_or_default();
    match &test.load {
        Load::Open { shape, .. } => (ns, shape.total_arrivals(), shape.peak_rate().get()),
        Load::Closed { .. } => (ns, 0.0, 0.0),
    }
}

/// How many items there are besides thresholds.
fn expectations(test: &PlannedTest) -> usize {
    let expect = &test.expect;
    [
        expect.recover_within.is_some(),
        expect.objective_within.is_some(),
        expect.goodput.is_some(),
        expect.clients_harmed.is_some(),
        expect.shed.is_some(),
        expect.served_within.is_some(),
    ]
    .into_iter()
    .map(usize::from)
    .sum::<usize>()
        + expect.drift.len()
        + expect.invariants.len()
}

/// The commands of a plan, and when each is run.
fn commands(plan: &ReadinessPlan) -> Vec<(String, String)> {
    let mut commands = Vec::new();
    let components = plan.release.iter().flat_map(|release| &release.components);
    for source in components.flat_map(|component| &component.sources) {
        if let IdentitySource::Command { run, .. } | IdentitySource::Image { run, .. } = source {
            let when = "to tell which build it is, again and again".to_owned();
            commands.push((shown(run), when));
        }
    }
    if let Some(OwnTarget::Command { run, .. }) = &plan.target {
        commands.push((
            shown(run),
            "the release itself, while the plan runs".to_owned(),
        ));
    }
    for test in &plan.tests {
        for injection in &test.inject {
            if let Action::Run(run) = &injection.action {
                let after = span(injection.after.as_nanos() as u64);
                commands.push((shown(run), format!("{}, after {after}", test.name)));
            }
            if let Some(Action::Run(run)) = &injection.undo {
                commands.push((shown(run), format!("{}, to undo it", test.name)));
            }
        }
        for (run, _) in &test.expect.invariants {
            commands.push((shown(run), format!("{}, when it is over", test.name)));
        }
    }
    commands
}

fn address(address: &Address) -> String {
    match address {
        Address::Demo => "the demo service".to_owned(),
        Address::Url(url) => url.to_string(),
    }
}

fn short(rate: f64) -> String {
    let text = format!("{rate:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}
