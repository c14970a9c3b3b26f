//! Every mistake in a plan is reported with its place and its cure. The snapshots are what users
//! read.

use crate::plan_support::{files, load, load_as, with};

fn told(text: &str) -> String {
    match load(text) {
        Err(problems) => problems.render(false),
        Ok(loaded) => panic!("no problem in {text}\n{loaded:?}"),
    }
}

/// What is said of one more test.
fn test(test: &str) -> String {
    told(&with(&format!("  - {{ name: t, {test} }}"), ""))
}

/// What is said of more at the top.
fn top(rest: &str) -> String {
    told(&with("", rest))
}

/// What is said of a plan that is valid.
fn warned(text: &str) -> String {
    let loaded = load(text).unwrap_or_else(|problems| panic!("{problems}"));
    let warnings: Vec<String> = loaded
        .warnings
        .iter()
        .map(|warning| warning.render(false))
        .collect();
    assert!(!warnings.is_empty(), "no warning in {text}");
    warnings.join("\n\n")
}

fn slo(spec: &str) -> String {
    let text =
        format!("apiVersion: openslo/v1\nkind: SLO\nmetadata: {{ name: s }}\nspec:\n{spec}\n");
    slo_file(&text)
}

fn slo_file(text: &str) -> String {
    let plan = with("", "").replace("book: {}", "book: { slo: bad.yaml }");
    match load_as("plan.yaml", plan, files().with("bad.yaml", text)) {
        Err(problems) => problems.render(false),
        Ok(loaded) => panic!("no problem in {text}\n{loaded:?}"),
    }
}

const THRESHOLD_METRIC: &str =
    "  indicator: { spec: { thresholdMetric: {} } }\n  budgetingMethod: Occurrences\n";
const RATIO: &str = "  indicator: { spec: { ratioMetric: { bad: {}, total: {} } } }\n  budgetingMethod: Occurrences\n";

macro_rules! mistakes {
    ($($name:ident: $text:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), $text);
        })*
    };
}

mistakes! {
    several_at_once: told(
        "name: shop
scenario: broken.yaml
expected_lod: {}
expected_load: { peak: 120, headroom: 0.5 }
tiers: { crtical: { thresholds: [ \"errors < 0.1%\" ] } }
journeys:
  serch: { tier: importnt }
tests:
  - { name: a, at: 1x }
  - { name: b, stages: [ { jump: 2x } ], expect: { recover_in: 2m } }
risks: [ { id: R1, title: t, likelihood: 6, impact: 1, proven_by: c } ]
"
    );
    an_empty_plan: told("name: p\n");
    no_such_scenario: told(&with("", "").replace("travel-shop.yaml", "travel.yaml"));
    a_scenario_outside: told(&with("", "").replace("travel-shop.yaml", "../travel-shop.yaml"));
    a_plan_as_its_own_scenario: told(&with("", "").replace("travel-shop.yaml", "plan.yaml"));
    unknown_journeys_and_steps: told(&with("", "").replace("search: {}", "serch: {}, search: { steps: { result: { thresholds: p95 < 1s } } }"));
    bad_thresholds: told(&with("", "").replace("search: {}", "search: { thresholds: [ p95 < 1, p95 < 1s, p95 < 2s, { pass: p99 < 1s, warn: p99 < 500ms }, { pass: p50 < 1s, warn: p90 < 2s }, { pass: errors < 5%, abort: true }, { pass: max < 5s for 10s, abort: true }, { warn: p75 < 1s } ] }"));
    bad_load: told(&with("", "").replace("peak: 100/s, headroom: 50%", "peak: 0/s, headroom: 50%, agreed: { on: yesterday }"));
    bad_decision: top("decision: { meeting: 2026-11-18, go_live: { start: 2026-11-20T09:00:00Z, end: 2026-11-20T05:00:00Z }, evidence_max_age: 7 }");
    bad_release: top("release: { version: 1.0, min_sources: 2, components: [ { name: a/b, sources: [ { header: x } ] }, { name: c, sources: [ { endpoint: version, sha256: x }, { file: x }, { image: y }, { header: a, run: [ b ] } ] }, { name: config, sources: [ { file: x, sha256: 12 }, { image: [ x ], digest: 12 } ] } ], config: { rendered: a, allowed_differences: [ { path: $.a.b, reason: r, owner: o } ] } }");
    bad_own_target: top("target: { run: ./server, ready: healthz, env: { 'A=B': x } }\nmetrics: { url: metrics, rsss: x }");
    demo_without_the_demo: told("name: p\nscenario: elsewhere.yaml\nexpected_load: { peak: 1/s }\ntarget: { demo: { capacity: 5/s } }\ntests: [ { name: t, at: 1x, hold: 1m, inject: { after: 1s, demo: {} } } ]\n");
    no_tests: told(&with("", "").replace("\n  - { name: headroom, at: target, hold: 20m }", " []"));
    names_of_tests: told(&with("  - { name: headroom, at: 1x, hold: 1m }\n  - { name: smoke, at: 1x, hold: 1m }\n  - { name: a/b, at: 1x, hold: 1m }", ""));
    a_test_without_a_load: test("hold: 5m");
    a_test_with_two_loads: test("at: 1x, hold: 5m, stages: [ { hold: 1m } ]");
    stages_of_a_test: test("stages: [ { at: 1y, hold: 5m }, { jump: 2x }, { ramp: 5m, to: targt } ]");
    a_warmup_too_long: test("at: 1x, hold: 1m, warmup: 5m, arrivals: random");
    bad_injections: test("at: 1x, hold: 1m, inject: [ { after: 2m, run: [ x ] }, { after: 10s, run: ./x.sh }, { after: 10s, run: [ x ], undo: [ y ], undo_after: 5s }, { after: 1s, run: [ x ], undo_after: 5s }, { after: 1s, demo: {}, undo: [ y ] }, { run: [] } ]");
    recovery_from_nothing: test("at: 1x, hold: 1m, expect: { recover_within: 1m, objective_within: 1m, served_within: 1m }");
    bad_expectations: test("at: 1x, hold: 1m, expect: { goodput: '>= 90%', clients_harmed: 35%, protected: critcal, unaffected: [ serch, admin ], shed: { status: 42, header: 'a b' }, drift: { p95: 5, p42: '<= 1%' }, errors: 1%, invariants: [ ./x.sh ] }");
    clients_harmed_without_clients: told("name: p\nscenario: elsewhere.yaml\nexpected_load: { peak: 1/s }\ntests: [ { name: t, at: 1x, hold: 1m, expect: { clients_harmed: '<= 1%' } } ]\n");
    bad_baseline: top("baseline: { release: 1.0, min_runs: 0, thresholds: [ p95 <= 10%, { pass: p99 <= +10%, warn: p99 <= +5% }, latency <= +5% ] }");
    a_baseline_of_what_is_not_kept: top("baseline: { release: 1.0, thresholds: [ p97 <= +30%, goodput <= +5% ] }");
    bad_risks: top("risks: [ { id: R1, title: t, likelihood: 0, impact: 9, proven_by: [ headrom ] }, { id: R1, title: t, likelihood: 1, impact: 1 } ]");
    bad_checklist: top("checklist: [ { id: C1, title: t, tier: vital, done: yes }, { id: C1, title: t, expires: 21.11.2026 }, { id: a/b } ]");
    bad_waivers: top("waivers:\n  - { item: headroom/serch/errors, reason: r, approved_by: [ a, b ], expires: 2026-12-01 }\n  - { item: headroom/search/errors, ceiling: p95 < 1s, reason: r, approved_by: [ a, b ], expires: 2026-12-01 }");
    a_waiver_of_nobody: top("waivers: [ { item: headroom/search/errors, reason: r, approved_by: [], expires: soon } ]");
    ids_that_clash: told("name: p\nscenario: drift.yaml\nexpected_load: { peak: 1/s, headroom: 1% }\njourneys: { drift: { thresholds: p95 < 1s } }\ntests: [ { name: t, at: target, hold: 1m, expect: { drift: { p95: '<= 1%' } } } ]\n");
    mistakes_in_toml: load_as("p.toml", "name = \"p\"\nscenario = \"travel-shop.yaml\"\n[expected_load]\npeek = \"1/s\"\n[[tests]]\nname = \"t\"\nat = \"1x\"\n", files()).expect_err("mistakes").render(false);

    no_openslo: slo_file("name: p\n");
    an_unknown_kind: slo_file("apiVersion: openslo/v2\nkind: SLA\nmetadata: { name: x }\nspec: {}\n");
    no_slo: slo_file("apiVersion: openslo/v1\nkind: Service\nmetadata: { name: x }\n");
    an_unknown_indicator: slo("  indicatorRef: book-latncy\n  budgetingMethod: Occurrences\n  objectives: []");
    time_slices: slo("  indicator: { spec: { ratioMetric: { good: {}, total: {} } } }\n  budgetingMethod: Timeslices\n  objectives: [ { target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 1m } ]");
    no_percentile: slo(&format!("{THRESHOLD_METRIC}  objectives: [ {{ op: lte, value: 0.8, target: 0.42 }}, {{ op: lte, value: 0.8, target: 0.99999 }} ]"));
    not_from_above: slo(&format!("{THRESHOLD_METRIC}  objectives: [ {{ op: gte, value: 0.8, target: 0.95 }}, {{ target: 0.95 }} ]"));
    a_ratio_with_a_limit: slo(&format!("{RATIO}  objectives: [ {{ op: lte, value: 1, target: 0.95 }}, {{ target: 95 }}, {{ targetPercent: 99 }}, {{ target: 0.98 }}, {{ target: 1, targetPercent: 1 }} ]"));
    no_total: slo("  indicator: { spec: { ratioMetric: { good: {} } } }\n  budgetingMethod: Ocurrences\n  objectives: [ { target: 0.9 } ]");
    slo_outside: told(&with("", "").replace("book: {}", "book: { slo: [ ../book.yaml, missing.yaml ] }"));
    slo_is_no_yaml: slo_file("a: [ }\n");

    warnings_of_promises: warned("name: p\nscenario: travel-shop.yaml\ndecision: { meeting: 2026-11-18T14:00:00Z }\nexpected_load: { peak: 100/s, agreed: { by: sre, on: 2026-12-24 } }\ntiers: { important: { thresholds: errors < 1% } }\njourneys: { search: { tier: important }, book: {}, admin: {} }\ntests: [ { name: half, at: 0.5x, hold: 1m } ]\n");
    warnings_of_tests: warned(&with("  - { name: a, stages: [ { jump: 1x, hold: 1m }, { jump: 0.5x, hold: 1m } ], expect: { recover_within: 1m, objective_within: 5m, goodput: '>= 1% of capacity' } }\n  - { name: b, at: 1x, hold: 1m, inject: { after: 1s, run: [ x ], serves: { version: '1' } }, expect: { served_within: 1m, recover_within: 1m } }", ""));
    warnings_of_waivers: warned(&with("", "decision: { meeting: 2026-11-18T14:00:00Z, evidence_max_age: 7d }\nwaivers: [ { item: headroom/search/errors, reason: r, approved_by: a, expires: 2026-11-17 } ]\nchecklist: [ { id: C, title: t, evidence: required, done: true } ]"));
    a_warning_of_an_override: warned(&with("", "").replace("book: {}", "book: { thresholds: p99 < 9s, slo: slo/book.openslo.yaml }"));
    a_warning_of_the_wrong_target: warned(&with("", "target: { run: [ ./server ] }"));
}

#[test]
fn problems_name_their_file_and_the_plan_comes_first() {
    let problems = load(
        "name: p\nscenario: broken.yaml\nexpected_load: { peak: 1 }\ntests: [ { name: t, at: 1x, hold: 1m } ]\n",
    )
    .expect_err("mistakes");
    let places: Vec<(String, usize)> = problems
        .all()
        .iter()
        .map(|problem| (problem.file.display().to_string(), problem.line))
        .collect();
    let [broken, plan] = ["broken.yaml", "plan.yaml"].map(str::to_owned);
    assert_eq!(places, [(plan, 3), (broken.clone(), 3), (broken, 3)]);
}
