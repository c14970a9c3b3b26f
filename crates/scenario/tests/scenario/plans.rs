//! What plans mean.

use crate::documented_plan::{FULL, stages, texts};
use crate::plan_support::{files, load_as, valid, with};
use plimsoll_measure::Tier;
use plimsoll_scenario::MapLoader;
use plimsoll_scenario::plan::{FileKind, kind_of};
use std::path::Path;
use std::time::Duration;

#[test]
fn what_is_left_out_has_a_meaning() {
    let plan = valid(&with("", ""));
    assert_eq!(plan.settle, Duration::from_secs(5));
    assert_eq!(plan.release, None);
    assert_eq!(plan.target, None);
    assert_eq!(plan.tests[0].tier, Tier::Critical);
    assert_eq!(plan.tests[0].inject, []);
    assert!(plan.tests[0].expect.is_empty());
    assert_eq!(stages(&plan.tests[0]), [(1_200, 150.0, 150.0)]);
}

#[test]
fn thresholds_are_judged_where_the_load_is_calm_or_nothing_else_is_asked() {
    for (rest, judged) in [
        ("at: target, hold: 1m", true),
        ("at: 3x, hold: 1m", true),
        ("at: 3x, hold: 1m, expect: { errors: '< 90%' }", false),
        ("at: 1x, hold: 1m, expect: { errors: '< 90%' }", true),
        (
            "stages: [ { jump: 1x, hold: 1m } ], expect: { errors: '< 90%' }",
            false,
        ),
        ("at: 1x, hold: 1m, inject: { after: 1s, run: [ x ] }", true),
        (
            "at: 1x, hold: 1m, inject: { after: 1s, run: [ x ] }, expect: { errors: '< 90%' }",
            false,
        ),
        (
            "at: 1x, hold: 1m, inject: { after: 1s, run: [ x ] }, expect: { errors: '< 90%' }, thresholds: true",
            true,
        ),
        ("at: 1x, hold: 1m, thresholds: false", false),
    ] {
        let plan = valid(&with(&format!("  - {{ name: t, {rest} }}"), ""));
        assert_eq!(plan.tests[1].judges_thresholds, judged, "{rest}");
    }
}

#[test]
fn a_plan_may_be_toml() {
    let toml = "name = \"p\"\nscenario = \"travel-shop.yaml\"\n[expected_load]\npeak = \"100/s\"\nheadroom = \"50%\"\nagreed = { by = \"sre\", on = 2026-10-30 }\n[journeys.search]\nthresholds = \"p95 < 1s\"\n[[tests]]\nname = \"headroom\"\nat = \"target\"\nhold = \"5m\"\n";
    let plan = load_as("plan.toml", toml, files())
        .unwrap_or_else(|problems| panic!("{problems}"))
        .plan;
    assert_eq!(
        plan.expected
            .agreed_on
            .map(|date| date.to_string())
            .as_deref(),
        Some("2026-10-30")
    );
    assert_eq!(texts(&plan.journeys[0].thresholds), ["p95 < 1s"]);
}

#[test]
fn files_are_named_from_the_folder_of_the_plan() {
    let files = MapLoader::default().with("plans/shop/s.yaml", crate::plan_support::SHOP);
    let text = with("", "").replace("travel-shop.yaml", "shop/s.yaml");
    let plan = load_as("plans/p.yaml", text, files)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .plan;
    assert_eq!(plan.folder, Path::new("plans"));
}

#[test]
fn plans_are_told_from_scenarios_by_their_keys() {
    let files = files()
        .with("full.yaml", FULL)
        .with("half.toml", "tests = []\n")
        .with("load.yaml", "expected_load: {}")
        .with("nothing.yaml", "")
        .with("broken.txt", "tests: [");
    for (name, kind) in [
        ("full.yaml", FileKind::Plan),
        ("half.toml", FileKind::Plan),
        ("load.yaml", FileKind::Plan),
        ("travel-shop.yaml", FileKind::Scenario),
        ("nothing.yaml", FileKind::Scenario),
        ("broken.txt", FileKind::Scenario),
        ("missing.yaml", FileKind::Scenario),
    ] {
        assert_eq!(kind_of(Path::new(name), &files), kind, "{name}");
    }
}

#[test]
fn the_templates_load_without_a_word() {
    use plimsoll_scenario::plan::init::{INIT_PLAN, INIT_SCENARIO};
    let files = MapLoader::default().with("shop.yaml", INIT_SCENARIO);
    let alone = plimsoll_scenario::Scenario::from_bytes(INIT_SCENARIO.as_bytes())
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert!(alone.warnings.is_empty(), "{:?}", alone.warnings);
    let loaded = load_as("readiness.yaml", INIT_PLAN, files.clone())
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    // What is commented out is right as well.
    let uncommented: String = INIT_PLAN
        .lines()
        .map(|line| {
            let indent = line.len() - line.trim_start().len();
            let rest = line
                .trim_start()
                .strip_prefix("# ")
                .unwrap_or(line.trim_start());
            let is_key = rest.trim_start().starts_with("- {")
                || rest.trim_start().starts_with("- name")
                || rest
                    .split(':')
                    .next()
                    .is_some_and(|key| !key.trim().contains(' '));
            match line.trim_start().starts_with('#') {
                true if is_key && !rest.ends_with("yaml") => format!("{}{rest}\n", &line[..indent]),
                true => String::new(),
                false => format!("{line}\n"),
            }
        })
        .collect();
    let slo = crate::plan_support::BOOK_SLO;
    let outcome = load_as(
        "readiness.yaml",
        uncommented.as_str(),
        files.with("slo/login.openslo.yaml", slo),
    );
    let loaded = outcome.unwrap_or_else(|problems| panic!("{problems}\n{uncommented}"));
    assert_eq!(loaded.plan.waivers.len(), 1, "{uncommented}");
    assert_eq!(loaded.plan.tests.len(), 5);
    assert!(loaded.plan.release.is_some() && loaded.plan.target.is_some());
}
