//! Whatever is in a plan's file, loading ends with a plan or with problems.

use crate::documented_plan::FULL;
use crate::plan_support::{BOOK_SLO, files, load_as};
use crate::robust::pieces;
use plimsoll_scenario::plan::{LoadedPlan, items};
use plimsoll_scenario::{MapLoader, Problems};
use proptest::prelude::*;

fn use_up(outcome: Result<LoadedPlan, Problems>) {
    match outcome {
        Ok(loaded) => {
            let mut plan = loaded.plan;
            let ids = items::all_items(&plan);
            assert!(!plan.tests.is_empty() && !ids.is_empty());
            plan.rehearse(0.03);
            assert_eq!(items::all_items(&plan).len(), ids.len());
        }
        Err(problems) => {
            assert!(!problems.all().is_empty());
            assert!(!problems.render(true).is_empty());
            for problem in problems.all() {
                assert!(problem.line == 0 || problem.column > 0);
            }
        }
    }
}

fn try_to_load(name: &str, bytes: &[u8]) {
    use_up(load_as(name, bytes, files()));
}

fn refusal(text: &str) -> String {
    refusal_among(text, files())
}

fn refusal_among(text: &str, files: MapLoader) -> String {
    match load_as("plan.yaml", text, files) {
        Err(problems) => problems.render(false),
        Ok(_) => panic!("it loads"),
    }
}

/// A text with some characters replaced.
fn changed(text: &str, changes: Vec<(prop::sample::Index, usize, String)>) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (index, removed, piece) in changes {
        let at = index.index(text.len().max(1)).min(text.len());
        let end = (at + removed).min(text.len());
        text.splice(at..end, piece.chars());
    }
    text.into_iter().collect()
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, String)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, pieces()), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        try_to_load("plan.yaml", &bytes);
        try_to_load("plan.toml", &bytes);
    }

    #[test]
    fn plans_with_changes(changes in changes()) {
        try_to_load("plan.yaml", changed(FULL, changes).as_bytes());
    }

    #[test]
    fn scenarios_with_changes(changes in changes()) {
        let scenario = changed(crate::plan_support::SHOP, changes);
        use_up(load_as("plan.yaml", FULL, files().with("travel-shop.yaml", scenario)));
    }

    #[test]
    fn objectives_with_changes(changes in changes()) {
        let slo = changed(BOOK_SLO, changes);
        use_up(load_as("plan.yaml", FULL, files().with("slo/book.openslo.yaml", slo)));
    }

    #[test]
    fn arbitrary_values(parts in prop::collection::vec(pieces(), 0..6), place in 0usize..8) {
        let value = serde_json::Value::from(parts.concat()).to_string();
        let (test, rest) = match place {
            0 => (format!("at: {value}, hold: 1m"), String::new()),
            1 => (format!("at: 1x, hold: {value}"), String::new()),
            2 => (format!("at: 1x, hold: 1m, expect: {{ goodput: {value}, errors: {value}, drift: {{ p95: {value} }} }}"), String::new()),
            3 => (format!("at: 1x, hold: 1m, inject: {{ after: {value}, run: [ {value} ] }}"), String::new()),
            4 => ("at: 1x, hold: 1m".to_owned(), format!("baseline: {{ release: {value}, thresholds: [ {value} ] }}")),
            5 => ("at: 1x, hold: 1m".to_owned(), format!("decision: {{ meeting: {value}, evidence_max_age: {value} }}")),
            6 => ("at: 1x, hold: 1m".to_owned(), format!("waivers: [ {{ item: {value}, ceiling: {value}, reason: r, approved_by: {value}, expires: {value} }} ]")),
            _ => ("at: 1x, hold: 1m".to_owned(), format!("release: {{ version: {value}, components: [ {{ name: {value}, sources: [ {{ endpoint: {value}, version: {value} }} ] }} ] }}")),
        };
        let text = format!("name: p\nscenario: travel-shop.yaml\nexpected_load: {{ peak: 1/s }}\ntests: [ {{ name: t, {test} }} ]\n{rest}\n");
        try_to_load("plan.yaml", text.as_bytes());
    }
}

#[test]
fn floods_are_refused() {
    let top = "name: p\nscenario: travel-shop.yaml\nexpected_load: { peak: 1/s }\n";
    let many = |line: fn(usize) -> String| (0..100_000).map(line).collect::<String>();
    for (text, message) in [
        (
            format!("{top}tests:\n{}", many(|n| format!("- {{ name: t{n} }}\n"))),
            "100000 tests, at most 200 are possible",
        ),
        (
            format!(
                "{top}tests: []\njourneys:\n{}",
                many(|n| format!("  j{n}: {{}}\n"))
            ),
            "100000 journeys, at most 1000 are possible",
        ),
        (
            format!(
                "{top}tests: []\nrisks:\n{}",
                many(|n| format!("- {{ id: r{n} }}\n"))
            ),
            "100000 risks, at most 1000 are possible",
        ),
        (
            format!(
                "{top}tests:\n- name: t\n  stages:\n{}",
                many(|n| format!("  - hold: {n}s\n"))
            ),
            "expected 1 to 10000 stages, found 100000",
        ),
        (
            format!(
                "{top}tests: []\njourneys:\n  search:\n    thresholds:\n{}",
                many(|_| "    - p95 < 1s\n".to_owned())
            ),
            "100000 thresholds, at most 100 are possible",
        ),
        (
            format!("{top}tests: []\n{}", many(|n| format!("key{n}: 1\n"))),
            "unknown key `key0` in plan",
        ),
    ] {
        let told = refusal(&text);
        assert!(told.contains(message), "{told}");
    }
}

#[test]
fn more_items_than_anybody_reads_are_refused() {
    let journeys: String = (0..400)
        .map(|n| format!("  j{n}: {{ steps: [ {{ GET: /, redirects: none }} ] }}\n"))
        .collect();
    let scenario = format!("name: t\ntarget: demo\njourneys:\n{journeys}");
    let tests: String = (0..100)
        .map(|n| format!("- {{ name: t{n}, at: target, hold: 1m }}\n"))
        .collect();
    let plan = format!(
        "name: p\nscenario: many.yaml\nexpected_load: {{ peak: 1/s, headroom: 1% }}\ntiers: {{ critical: {{ thresholds: errors < 1% }} }}\ntests:\n{tests}"
    );
    let told = refusal_among(&plan, files().with("many.yaml", scenario));
    assert!(told.contains("40400 items to judge"), "{told}");
}

#[test]
fn bombs_and_deep_nesting_are_refused() {
    let mut bomb =
        "name: p\nscenario: travel-shop.yaml\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let list = [format!("*a{}", level - 1).as_str(); 9].join(", ");
        bomb += &format!("a{level}: &a{level} [{list}]\n");
    }
    assert!(refusal(&bomb).contains("aliases expand"));
    let deep = format!("tests: {}1{}", "[".repeat(250), "]".repeat(250));
    let told = refusal(&deep);
    assert!(told.contains("nested more than 200 levels deep"), "{told}");
    try_to_load("plan.yaml", "[".repeat(50_000).as_bytes());
    try_to_load(
        "plan.toml",
        format!("a = {}", "[".repeat(50_000)).as_bytes(),
    );
    let slo = format!("apiVersion: openslo/v1\nkind: SLO\n---\n{bomb}");
    let told = refusal_among(FULL, files().with("slo/book.openslo.yaml", slo));
    assert!(told.contains("aliases expand"), "{told}");
    let documents = "---\nkind: SLO\n".repeat(1_000);
    let told = refusal_among(FULL, files().with("slo/book.openslo.yaml", documents));
    assert!(told.contains("more than 200 documents"), "{told}");
}

#[test]
fn long_texts_are_cut_in_messages() {
    let long = "x".repeat(1 << 20);
    let plan = format!(
        "name: p\nscenario: travel-shop.yaml\nexpected_load: {{ peak: {long} }}\njourneys: {{ {long}: {{ tier: {long} }} }}\ntests: [ {{ name: {long}, at: {long}, hold: {long} }} ]\n"
    );
    assert!(refusal(&plan).len() < 60_000);
}

#[test]
fn nothing_refers_to_itself() {
    let plan = FULL.replace("scenario: travel-shop.yaml", "scenario: plan.yaml");
    assert!(refusal(&plan).contains("`plan.yaml` is a readiness plan, not a scenario"));
    let plan = FULL.replace("slo/book.openslo.yaml", "plan.yaml");
    assert!(refusal(&plan).contains("this is no OpenSLO document"));
    let slo = "apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: me }\nspec: { indicatorRef: me, budgetingMethod: Occurrences, objectives: [ { target: 0.9 } ] }\n";
    let told = refusal_among(FULL, files().with("slo/book.openslo.yaml", slo));
    assert!(told.contains("there is no SLI `me`"), "{told}");
}

#[test]
fn one_document_for_every_journey_is_read_once() {
    let plan = FULL.replace(
        "recommend: { tier: nice_to_have }",
        "recommend: { slo: slo/book.openslo.yaml }",
    );
    let loaded =
        load_as("plan.yaml", plan, files()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.plan.sources.len(), 2);
    assert_eq!(loaded.plan.journeys[2].thresholds.len(), 2);
}

/// What the fuzzer starts from.
#[test]
fn the_seeds_of_the_fuzzer_load() {
    let scenario = "name: t\ntarget: demo\nclients: { population: 9 }\njourneys:\n  \
        browse: { weight: 80, steps: [ { name: results, GET: / } ] }\n  \
        login: { weight: 20, steps: [ { name: login, POST: /login } ] }\n";
    for seed in [
        &include_bytes!("../../fuzz/corpus/scenario/seed-plan.yaml")[..],
        &include_bytes!("../../fuzz/corpus/scenario/seed-plan-slo")[..],
    ] {
        let mut parts = seed.splitn(2, |byte| *byte == 0);
        let (plan, slo) = (parts.next().unwrap_or(&[]), parts.next().unwrap_or(&[]));
        let files = MapLoader::default()
            .with("shop.yaml", scenario)
            .with("slo.yaml", slo);
        load_as("plan.yaml", plan, files).unwrap_or_else(|problems| panic!("{problems}"));
    }
}
