//! The plan that has everything, field by field.

use crate::plan_support::load;
use plimsoll_measure::{Comparison, Tier};
use plimsoll_scenario::Load;
use plimsoll_scenario::plan::{
    Action, AllowedDifference, DriftOf, IdentitySource, Jump, MetricsSource, OwnTarget,
    PlannedTest, PlannedThreshold, ReadinessPlan, Served, ShedExpectation, items,
};
use plimsoll_schedule::Arrivals;
use std::path::Path;
use std::time::Duration;

pub(crate) const FULL: &str = include_str!("travel-shop-plan.yaml");

fn full() -> ReadinessPlan {
    let loaded = load(FULL).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    loaded.plan
}

fn test<'p>(plan: &'p ReadinessPlan, name: &str) -> &'p PlannedTest {
    let found = plan.tests.iter().find(|test| test.name == name);
    found.unwrap_or_else(|| panic!("no test {name}"))
}

pub(crate) fn stages(test: &PlannedTest) -> Vec<(u64, f64, f64)> {
    let Load::Open { shape, .. } = &test.load else {
        panic!("no open load")
    };
    shape
        .segments()
        .map(|segment| {
            (
                segment.duration_ns / 1_000_000_000,
                segment.from.get(),
                segment.to.get(),
            )
        })
        .collect()
}

pub(crate) fn texts(thresholds: &[PlannedThreshold]) -> Vec<&str> {
    thresholds
        .iter()
        .map(|threshold| threshold.pass.text.as_str())
        .collect()
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

#[test]
fn the_top_of_the_documented_plan() {
    let plan = full();
    assert_eq!(plan.name, "travel-shop-4.12");
    assert_eq!(plan.scenario.name, "travel-shop");
    assert_eq!(plan.settle, Duration::from_secs(5));
    assert_eq!(plan.rehearsal, None);
    assert_eq!(plan.folder, Path::new(""));
    let sources: Vec<&Path> = plan.sources.iter().map(|source| &*source.path).collect();
    assert_eq!(
        sources,
        [Path::new("plan.yaml"), Path::new("slo/book.openslo.yaml")]
    );

    let decision = &plan.decision;
    assert_eq!(
        decision.meeting.map(|at| at.to_string()).as_deref(),
        Some("2026-11-18T14:00:00Z")
    );
    let (start, end) = decision.go_live.expect("a window");
    assert_eq!(start.to_string(), "2026-11-20T05:00:00Z");
    assert_eq!(end.to_string(), "2026-11-20T09:00:00Z");
    assert_eq!(
        decision.evidence_max_age,
        Some(Duration::from_secs(7 * 86_400))
    );

    let expected = &plan.expected;
    assert_eq!(
        (expected.peak, expected.headroom, expected.target()),
        (120.0, 0.5, 180.0)
    );
    assert_eq!(
        expected.source.as_deref(),
        Some("2025 peak 96/s x 1.25 campaign")
    );
    assert_eq!(expected.owner.as_deref(), Some("commercial"));
    assert_eq!(expected.agreed_by, ["commercial", "sre"]);
    assert_eq!(
        expected.agreed_on.map(|date| date.to_string()).as_deref(),
        Some("2026-10-30")
    );
    let line = FULL.lines().nth(expected.line as usize - 1);
    assert!(line.is_some_and(|line| line.trim_start().starts_with("peak: 120/s")));

    assert_eq!(
        plan.target,
        Some(OwnTarget::Demo(serde_json::json!({ "latency": [ "5ms" ] })))
    );
    assert_eq!(
        plan.metrics,
        Some(MetricsSource {
            url: "/metrics".to_owned(),
            rss: "process_resident_memory_bytes".to_owned(),
            cpu: "process_cpu_seconds_total".to_owned(),
            fds: "process_open_fds".to_owned(),
        })
    );
    let baseline = plan.baseline.expect("a baseline");
    assert_eq!(
        (baseline.release.as_str(), baseline.min_runs),
        ("4.11.3", 3)
    );
    assert_eq!(
        baseline.thresholds,
        [("p95 <= +10%".to_owned(), Some("p95 <= +20%".to_owned()))]
    );
}

#[test]
fn the_release_of_the_documented_plan() {
    let release = full().release.expect("a release");
    assert_eq!(release.version, "4.12.0");
    let revision = Some("9f2c1e07aa0b4c1d8e9f00112233445566778899".to_owned());
    assert_eq!(release.revision, revision);
    assert_eq!((release.min_sources, release.components.len()), (2, 1));
    let web = &release.components[0];
    assert_eq!((web.name.as_str(), web.tier), ("web", Tier::Critical));
    assert_eq!((web.version.as_str(), &web.revision), ("4.12.0", &revision));
    assert_eq!(
        web.sources,
        [
            IdentitySource::Endpoint {
                url: "/version".to_owned(),
                version: Some("version".to_owned()),
                revision: Some("commit".to_owned()),
            },
            IdentitySource::Header {
                name: "x-release-id".to_owned()
            },
            IdentitySource::Command {
                run: vec!["./ops/version.sh".to_owned()],
                version: Some("$.version".to_owned()),
                revision: None,
            },
            IdentitySource::File {
                path: "../build/server".into(),
                sha256: "0".repeat(64),
            },
            IdentitySource::Image {
                run: vec!["./ops/digest.sh".to_owned()],
                digest: format!("sha256:{}", "ab".repeat(32)),
            },
        ]
    );
    let config = release.config.expect("a comparison");
    assert_eq!(config.rendered, Path::new("deploy/prod.yaml"));
    assert_eq!(config.deployed, Path::new("deploy/perf.yaml"));
    assert_eq!(
        config.allowed,
        [AllowedDifference {
            path: "/web/ingress/host".to_owned(),
            reason: "test host".to_owned(),
            owner: "sre".to_owned(),
        }]
    );
}

#[test]
fn the_promises_of_the_documented_plan() {
    let plan = full();
    let tiers: Vec<(&str, Tier)> = plan
        .journeys
        .iter()
        .map(|journey| (journey.name.as_str(), journey.tier))
        .collect();
    assert_eq!(
        tiers,
        [
            ("search", Tier::Critical),
            ("book", Tier::Important),
            ("recommend", Tier::NiceToHave),
        ],
        "in the scenario's order, and only what is loaded"
    );
    let [search, book, recommend] = &plan.journeys[..] else {
        panic!("three journeys")
    };
    assert_eq!(search.owner.as_deref(), Some("web team"));
    assert_eq!(
        texts(&search.thresholds),
        [
            "p95 < 800ms",
            "p99 < 2s",
            "errors < 5% for 10s",
            "errors < 0.1%"
        ],
        "the tier's threshold is on the whole test, not on a window"
    );
    let warn = search.thresholds[1].warn.as_ref().expect("a lenient limit");
    assert_eq!(warn.text, "p99 < 2.5s");
    let aborts: Vec<bool> = search
        .thresholds
        .iter()
        .map(|threshold| threshold.abort)
        .collect();
    assert_eq!(aborts, [false, false, true, false]);
    assert_eq!(search.steps.len(), 1);
    assert_eq!(
        (
            search.steps[0].0.as_str(),
            search.steps[0].1.pass.text.as_str()
        ),
        ("results", "p95 < 500ms")
    );

    assert_eq!(
        texts(&book.thresholds),
        ["p99 <= 2500ms", "errors <= 0.5%"],
        "what the SLO says, instead of the tier's"
    );
    assert_eq!(
        (book.thresholds[0].source, book.thresholds[0].line),
        (1, 20)
    );
    assert_eq!(texts(&recommend.thresholds), ["errors < 5%"]);
    assert_eq!(recommend.thresholds[0].source, 0);
    let line = recommend.thresholds[0].line as usize;
    assert!(
        FULL.lines()
            .nth(line - 1)
            .is_some_and(|line| line.contains("nice_to_have:"))
    );
}

#[test]
fn the_tests_of_the_documented_plan() {
    let plan = full();
    let names: Vec<(&str, bool)> = plan
        .tests
        .iter()
        .map(|test| (test.name.as_str(), test.judges_thresholds))
        .collect();
    assert_eq!(
        names,
        [
            ("expected", true),
            ("headroom", true),
            ("spike", false),
            ("soak", true),
            ("scale-out", false),
            ("overload", false),
            ("recommender-down", false),
            ("rollback", false),
        ]
    );
    assert_eq!(
        stages(test(&plan, "expected")),
        [(300, 0.0, 120.0), (1_200, 120.0, 120.0)]
    );
    assert_eq!(stages(test(&plan, "headroom"))[1], (1_800, 180.0, 180.0));
    assert_eq!(test(&plan, "expected").warmup, Some(minutes(1)));
    assert_eq!(test(&plan, "headroom").warmup, None);
    assert_eq!(test(&plan, "headroom").tier, Tier::Critical);
    assert_eq!(test(&plan, "soak").tier, Tier::Important);
    let Load::Open {
        arrivals, promise, ..
    } = &test(&plan, "soak").load
    else {
        panic!("no open load")
    };
    assert_eq!(*arrivals, Arrivals::Poisson);
    assert_eq!(
        promise.map(|promise| (promise.expected, promise.headroom)),
        Some((120.0, 0.5))
    );

    let spike = test(&plan, "spike");
    let jump = |seconds: u64, from, to| Jump {
        at_ns: seconds * 1_000_000_000,
        from,
        to,
    };
    assert_eq!(
        spike.jumps,
        [jump(300, 60.0, 240.0), jump(480, 240.0, 60.0)]
    );
    let line = FULL.lines().nth(spike.line as usize - 1).expect("a line");
    assert!(line.contains("name: spike"));
}

#[test]
fn the_expectations_of_the_documented_plan() {
    let plan = full();
    let expect = |name: &str| &test(&plan, name).expect;
    assert_eq!(
        expect("spike").recover_within.map(|(limit, _)| limit),
        Some(minutes(2))
    );
    assert_eq!(
        expect("scale-out").objective_within.map(|(limit, _)| limit),
        Some(minutes(4))
    );
    let drift: Vec<_> = expect("soak")
        .drift
        .iter()
        .map(|(of, comparison, share, _)| (*of, *comparison, *share))
        .collect();
    let p95 = DriftOf::Quantile {
        numerator: 95,
        denominator: 100,
    };
    let at_most = Comparison::LessOrEqual;
    assert_eq!(drift, [(p95, at_most, 0.05), (DriftOf::Rss, at_most, 0.1)]);

    let overload = expect("overload");
    assert_eq!(
        overload.goodput.map(|(c, share, _)| (c, share)),
        Some((Comparison::GreaterOrEqual, 0.9))
    );
    assert_eq!(
        overload.clients_harmed.map(|(c, share, _)| (c, share)),
        Some((at_most, 0.35))
    );
    assert_eq!(
        overload
            .protected
            .iter()
            .map(|(tier, _)| *tier)
            .collect::<Vec<_>>(),
        [Tier::Critical]
    );
    assert_eq!(
        overload.shed.as_ref().map(|(shed, _)| shed),
        Some(&ShedExpectation {
            status: vec![429, 503],
            header: Some("retry-after".to_owned()),
            within: Some(Duration::from_millis(100)),
        })
    );
    let unaffected: Vec<&str> = expect("recommender-down")
        .unaffected
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(unaffected, ["search", "book"]);

    let rollback = expect("rollback");
    assert_eq!(
        rollback.served_within.map(|(limit, _)| limit),
        Some(minutes(5))
    );
    assert_eq!(
        rollback
            .errors
            .as_ref()
            .map(|(errors, _)| errors.text.as_str()),
        Some("errors < 1%")
    );
    assert_eq!(rollback.invariants[0].0, ["./ops/check-bookings.sh"]);
}

#[test]
fn the_injections_of_the_documented_plan() {
    let plan = full();
    let [down] = &test(&plan, "recommender-down").inject[..] else {
        panic!("one injection")
    };
    assert_eq!(down.after, minutes(1));
    assert_eq!(
        down.action,
        Action::Run(vec!["./ops/stop-recommender.sh".to_owned()])
    );
    assert_eq!(
        down.undo,
        Some(Action::Run(vec!["./ops/start-recommender.sh".to_owned()]))
    );
    assert_eq!(
        (down.undo_after, down.timeout, &down.serves),
        (None, minutes(1), &None)
    );
    let [roll, slow] = &test(&plan, "rollback").inject[..] else {
        panic!("two injections")
    };
    assert_eq!(
        roll.serves,
        Some(Served {
            version: "4.11.3".to_owned(),
            revision: Some("77aa".to_owned()),
        })
    );
    assert_eq!(roll.timeout, minutes(2));
    assert_eq!(
        slow.action,
        Action::Demo(serde_json::json!({ "latency": [ "50ms" ] }))
    );
    assert_eq!(
        (slow.undo.as_ref(), slow.undo_after),
        (None, Some(minutes(8)))
    );
}

#[test]
fn the_people_of_the_documented_plan() {
    let plan = full();
    let risk = &plan.risks[0];
    assert_eq!(
        (risk.id.as_str(), risk.title.as_str()),
        ("R1", "migration overruns")
    );
    assert_eq!((risk.likelihood, risk.impact), (3, 5));
    assert_eq!(risk.owner.as_deref(), Some("dba"));
    assert_eq!(risk.mitigation.as_deref(), Some("dry run"));
    assert_eq!(risk.proven_by, ["rollback"]);
    let [anonymised, signed, told] = &plan.checklist[..] else {
        panic!("three items")
    };
    assert_eq!(
        (anonymised.id.as_str(), anonymised.tier),
        ("M1", Tier::Critical)
    );
    assert_eq!(anonymised.owner.as_deref(), Some("dpo"));
    assert_eq!(
        (
            anonymised.evidence_required,
            &anonymised.evidence,
            anonymised.done
        ),
        (true, &None, false)
    );
    assert_eq!(
        anonymised.expires.map(|date| date.to_string()).as_deref(),
        Some("2026-11-21")
    );
    assert_eq!(
        (
            signed.evidence_required,
            signed.evidence.as_deref(),
            signed.done
        ),
        (false, Some("docs/sign-off.pdf"), true)
    );
    assert_eq!((told.evidence.as_deref(), told.done), (None, true));
    let waiver = &plan.waivers[0];
    assert_eq!(waiver.item, "headroom/book/p99");
    assert_eq!(
        waiver.ceiling.as_ref().map(|ceiling| ceiling.text.as_str()),
        Some("p99 < 3.5s")
    );
    assert_eq!(waiver.reason, "partner is slow");
    assert_eq!(waiver.approved_by, ["product"]);
    assert_eq!(waiver.expires.to_string(), "2026-12-01");
}

#[test]
fn the_items_of_the_documented_plan() {
    let plan = full();
    let items: Vec<String> = items::all_items(&plan)
        .into_iter()
        .map(|item| {
            let owner = item.owner.unwrap_or_else(|| "-".to_owned());
            format!(
                "{} | {} | {} | {owner} | {}:{}",
                item.id,
                item.tier.name(),
                item.expression,
                item.source,
                item.line
            )
        })
        .collect();
    insta::assert_snapshot!(items.join("\n"));
}
