//! A plan's tests against those of the release before.

use crate::{demo, folder, run, turn};
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::{plimsoll, run_json};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const ID: &str = "peak/buy/baseline/p95";

fn shop(latency: &str) -> Demo {
    demo(Behaviour {
        latency: vec![latency.parse().expect("a latency")],
        ..Behaviour::default()
    })
}

/// Writes the plan and its scenario, against this service, in the history's eyes always the same one.
fn plan(folder: &Path, demo: &Demo) {
    let scenario = "name: shop\ntarget: TARGET\njourneys: { buy: { weight: 1, steps: [ { name: home, GET: /null } ] } }\n";
    let target = format!("http://{}", demo.address());
    fs::write(
        folder.join("shop.yaml"),
        scenario.replace("TARGET", &target),
    )
    .expect("written");
    let plan = "name: shop-2\nscenario: shop.yaml\nexpected_load: { peak: 40/s, headroom: 0%, source: guess, owner: sales }\njourneys: { buy: { tier: critical, thresholds: [ 'p95 < 5s' ] } }\ntests: [ { name: peak, at: 1x, hold: 3s } ]\nbaseline: { release: '1', min_runs: 5, thresholds: [ 'p95 <= +300%' ] }\n";
    fs::write(folder.join("plan.yaml"), plan).expect("written");
}

fn item(folder: &Path, out: &str) -> Value {
    let document = run_json(&folder.join(out));
    let items = document["items"].as_array().expect("items").clone();
    let found = items.into_iter().find(|item| item["id"] == ID);
    found.unwrap_or_else(|| panic!("no item {ID}: {:#}", document["items"]))
}

/// Keeps a result as so many runs of the release before, on as many days.
fn keep(folder: &Path, out: &str, count: usize, change: impl Fn(&mut Value)) {
    let document = run_json(&folder.join(out));
    let p95 = document["tests"][0]["journeys"][0]["response"]["p95_ns"]
        .as_u64()
        .expect("p95");
    for day in 0..count {
        let mut earlier = document.clone();
        earlier["started_at"] = json!(format!("2026-01-{:02}T03:00:00Z", day + 1));
        earlier["status"] = json!("complete");
        earlier["validity"]["status"] = json!("valid");
        earlier["tests"][0]["journeys"][0]["response"]["p95_ns"] =
            json!(p95 + p95 / 100 * (day as u64 % 3));
        change(&mut earlier);
        let name = format!("earlier-{day}.json");
        fs::write(folder.join(&name), earlier.to_string()).expect("written");
        let arguments = ["history", "add", &name, "--release", "1", "--without-log"];
        run(folder, &[], &arguments).expect(0);
    }
}

#[test]
fn a_plan_is_held_against_the_release_before() {
    let (_turn, folder) = (turn(), folder());
    let here = folder.path();
    let fast = shop("20ms");
    plan(here, &fast);
    run(here, &[], &["run", "plan.yaml", "--out", "first"]);
    let first = item(here, "first");
    assert_eq!(first["state"], "not_run");
    let reason = first["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("there is no history at plimsoll-history.db"),
        "{reason}"
    );
    assert_eq!(first["expression"], "p95 <= +300% of 1");

    keep(here, "first", 3, |_| {});
    run(here, &[], &["run", "plan.yaml", "--out", "second"]);
    let second = item(here, "second");
    assert_eq!(second["state"], "inconclusive");
    let reason = second["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("3 runs of 1 can be compared, and the plan asks for 5"),
        "{reason}"
    );

    keep(here, "first", 6, |_| {});
    run(here, &[], &["run", "plan.yaml", "--out", "third"]);
    let third = item(here, "third");
    // A test that the machine did not keep up with proves no pass.
    let spoilt = third["reason"]
        .as_str()
        .is_some_and(|why| why.contains("proves no pass"));
    assert!(third["state"] == "pass" || spoilt, "{third:#}");
    assert_eq!(third["n"], 6);
    let page = fs::read_to_string(here.join("third/report.html")).expect("a page");
    assert!(page.contains("+300% of 1"));
    assert!(!page.contains("There is no earlier release to compare with"));
}

#[test]
fn a_release_that_is_much_slower_fails_and_other_circumstances_do_not_count() {
    let (_turn, folder) = (turn(), folder());
    let here = folder.path();
    let slow = shop("200ms");
    plan(here, &slow);
    run(here, &[], &["run", "plan.yaml", "--out", "now"]);
    // As if it had been twenty times as fast before.
    let faster = |run: &mut Value| {
        let p95 = &mut run["tests"][0]["journeys"][0]["response"]["p95_ns"];
        *p95 = json!(p95.as_u64().map(|ns| ns / 20));
    };
    keep(here, "now", 6, |run| {
        faster(run);
        run["circumstances"]["machine"]["processor"] = json!("another");
    });
    run(here, &[], &["run", "plan.yaml", "--out", "other"]);
    let other = item(here, "other");
    assert_eq!(other["state"], "not_run");
    assert!(
        other["reason"]
            .to_string()
            .contains("processor was `another`"),
        "{other:#}"
    );

    fs::remove_file(here.join("plimsoll-history.db")).expect("removed");
    keep(here, "now", 6, faster);
    let failed = run(
        here,
        &[],
        &[
            "run",
            "plan.yaml",
            "--history",
            "plimsoll-history.db",
            "--out",
            "same",
        ],
    );
    let same = item(here, "same");
    assert_eq!(same["state"], "fail", "{same:#}");
    assert!(
        same["observed"].as_f64().is_some_and(|change| change > 3.0),
        "{same:#}"
    );
    assert!(matches!(failed.code, Some(20)), "{}", failed.stdout);
}

#[test]
fn a_test_that_was_given_up_passes_nothing_and_is_nothing_to_compare_with() {
    let (_turn, folder) = (turn(), folder());
    let here = folder.path();
    let demo = shop("20ms");
    plan(here, &demo);
    // One that nobody needs never works, and has the test given up.
    let change = |name: &str, from: &str, to: &str| {
        let text = fs::read_to_string(here.join(name)).expect("a file");
        assert!(text.contains(from), "{text}");
        fs::write(here.join(name), text.replace(from, to)).expect("written");
    };
    change(
        "shop.yaml",
        "GET: /null } ] } }",
        "GET: /null } ] }, tips: { weight: 1, steps: [ { name: tips, GET: /null, expect: { status: 418 } } ] } }",
    );
    change(
        "plan.yaml",
        "thresholds: [ 'p95 < 5s' ] } }",
        "thresholds: [ 'p95 < 5s' ] }, tips: { tier: nice_to_have, thresholds: [ { pass: 'errors < 20% for 1s', abort: true } ] } }",
    );
    change("plan.yaml", "hold: 3s", "hold: 60s");
    run(here, &[], &["run", "plan.yaml", "--out", "first"]);
    assert_eq!(run_json(&here.join("first"))["tests"][0]["cut_short"], true);

    keep(here, "first", 6, |_| {});
    run(here, &[], &["run", "plan.yaml", "--out", "second"]);
    let second = item(here, "second");
    let told = "6 runs were left out: not run to the end";
    assert!(second["reason"].to_string().contains(told), "{second:#}");

    // As if those had come to their end.
    fs::remove_file(here.join("plimsoll-history.db")).expect("removed");
    keep(here, "first", 6, |run| {
        run["tests"][0]["cut_short"] = json!(false);
    });
    run(here, &[], &["run", "plan.yaml", "--out", "third"]);
    let third = item(here, "third");
    assert_eq!(third["state"], "inconclusive", "{third:#}");
    let told = "given up before its end";
    assert!(third["reason"].to_string().contains(told), "{third:#}");
    assert_eq!(third["n"], 6);
}

#[test]
fn a_history_that_cannot_be_read_is_told_before_anything_is_sent() {
    let folder = folder();
    let here = folder.path();
    plan(here, &shop("20ms"));
    fs::write(here.join("notes.txt"), "no database").expect("a file");
    let run = ["run", "plan.yaml", "--history", "notes.txt", "--out", "out"];
    let told = plimsoll(here, run).expect(2);
    assert!(told.stderr.contains("notes.txt"), "{}", told.stderr);
    assert!(!here.join("out").exists());
}
