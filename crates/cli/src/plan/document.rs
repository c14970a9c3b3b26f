//! A plan as the document of its run tells it.

use crate::load::planned_ns;
use crate::record::hex_digest;
use plimsoll_report::document;
use plimsoll_scenario::Load;
use plimsoll_scenario::plan::ReadinessPlan;
use std::path::Path;

/// The name of the test that every plan begins with.
pub(crate) const SMOKE: &str = "smoke";

/// The plan, as far as a report needs it.
pub(crate) fn plan(plan: &ReadinessPlan, file: &Path, only: &[String]) -> document::Plan {
    let release = plan.release.as_ref();
    let decision = &plan.decision;
    document::Plan {
        name: plan.name.clone(),
        file: file.display().to_string(),
        sha256: plan
            .sources
            .first()
            .map(|source| hex_digest(&source.content))
            .unwrap_or_default(),
        rehearsal: plan.rehearsal,
        only: (!only.is_empty()).then(|| only.to_vec()),
        meeting: decision.meeting,
        go_live: decision.go_live.map(|(from, until)| [from, until]),
        evidence_max_age_ns: decision
            .evidence_max_age
            .map(|age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)),
        version: release.map(|release| release.version.clone()),
        revision: release.and_then(|release| release.revision.clone()),
        expected: expected(plan),
        journeys: journeys(plan),
        tests: tests(plan, only),
        risks: risks(plan),
        waivers: waivers(plan),
    }
}

fn expected(plan: &ReadinessPlan) -> document::Expected {
    let expected = &plan.expected;
    document::Expected {
        peak_per_s: expected.peak,
        headroom: expected.headroom,
        target_per_s: expected.target(),
        source: expected.source.clone(),
        owner: expected.owner.clone(),
        agreed_by: expected.agreed_by.clone(),
        agreed_on: expected.agreed_on.map(|date| date.to_string()),
        line: expected.line,
    }
}

fn journeys(plan: &ReadinessPlan) -> Vec<document::PlannedJourney> {
    let weights = plan.scenario.journeys.iter();
    let all: f64 = weights.map(|journey| f64::from(journey.weight)).sum();
    let weight = |name: &str| {
        let mut journeys = plan.scenario.journeys.iter();
        let journey = journeys.find(|journey| journey.name == name);
        journey.map_or(0.0, |journey| f64::from(journey.weight))
    };
    plan.journeys
        .iter()
        .map(|journey| document::PlannedJourney {
            name: journey.name.clone(),
            tier: journey.tier.name().to_owned(),
            share: if all > 0.0 {
                weight(&journey.name) / all
            } else {
                0.0
            },
            owner: journey.owner.clone(),
        })
        .collect()
}

fn tests(plan: &ReadinessPlan, only: &[String]) -> Vec<document::PlannedTest> {
    let smoke = document::PlannedTest {
        name: SMOKE.to_owned(),
        peak_per_s: 0.0,
        duration_ns: 0,
        line: None,
        ran: true,
    };
    let tests = plan.tests.iter().map(|test| document::PlannedTest {
        name: test.name.clone(),
        peak_per_s: match &test.load {
            Load::Open { shape, .. } => shape.peak_rate().get(),
            Load::Closed { .. } => 0.0,
        },
        duration_ns: planned_ns(&test.load).unwrap_or_default(),
        line: Some(test.line),
        ran: only.is_empty() || only.contains(&test.name),
    });
    std::iter::once(smoke).chain(tests).collect()
}

fn risks(plan: &ReadinessPlan) -> Vec<document::Risk> {
    let risks = plan.risks.iter();
    risks
        .map(|risk| document::Risk {
            id: risk.id.clone(),
            title: risk.title.clone(),
            likelihood: risk.likelihood,
            impact: risk.impact,
            owner: risk.owner.clone(),
            mitigation: risk.mitigation.clone(),
            proven_by: risk.proven_by.clone(),
            proven: None,
        })
        .collect()
}

fn waivers(plan: &ReadinessPlan) -> Vec<document::Waiver> {
    let waivers = plan.waivers.iter();
    waivers
        .map(|waiver| document::Waiver {
            item: waiver.item.clone(),
            ceiling: waiver.ceiling.as_ref().map(|ceiling| ceiling.text.clone()),
            reason: waiver.reason.clone(),
            approved_by: waiver.approved_by.clone(),
            expires: waiver.expires.to_string(),
            line: waiver.line,
            applied: false,
            sentence: String::new(),
        })
        .collect()
}
