//! Two results side by side.

use crate::{demo, folder, json, run, turn};
use plimsoll_target::Behaviour;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn measure(folder: &Path, url: &str, rate: &str, out: &str) {
    let arguments = [
        "hit",
        url,
        "--rate",
        rate,
        "--duration",
        "2s",
        "--threshold",
        "p50 < 2s",
        "--warmup",
        "0s",
        "--out",
        out,
    ];
    run(folder, &[], &arguments);
}

/// The result as if the machine had kept up, whether or not it did.
fn believed(folder: &Path, out: &str, change: impl FnOnce(&mut Value)) {
    let path = folder.join(out).join("run.json");
    let mut document: Value =
        serde_json::from_slice(&fs::read(&path).expect("run.json")).expect("JSON");
    document["validity"]["status"] = json!("valid");
    change(&mut document);
    fs::write(path, document.to_string()).expect("written");
}

#[test]
fn single_runs_are_said_to_compare_weakly_and_judged_as_far_as_they_go() {
    let (_turn, folder) = (turn(), folder());
    let slow = |latency: &str| {
        demo(Behaviour {
            latency: vec![latency.parse().expect("a latency")],
            ..Behaviour::default()
        })
    };
    let (fast, slow) = (slow("5ms"), slow("100ms"));
    measure(
        folder.path(),
        &format!("http://{}/null", fast.address()),
        "50/s",
        "a",
    );
    measure(
        folder.path(),
        &format!("http://{}/null", slow.address()),
        "50/s",
        "b",
    );
    believed(folder.path(), "a", |_| {});
    believed(folder.path(), "b", |run| {
        run["circumstances"]["machine"]["kernel"] = json!("Linux 1.0");
    });

    let shown = run(folder.path(), &[], &["compare", "a", "b"]).expect(0);
    assert!(
        shown.stdout.contains("two single runs compare weakly"),
        "{}",
        shown.stdout
    );
    assert!(
        shown.stdout.contains("and is `Linux 1.0`"),
        "{}",
        shown.stdout
    );
    let document = json(
        &run(
            folder.path(),
            &[],
            &["compare", "a/run.json", "b/run.json", "--json"],
        )
        .expect(0),
    );
    let judged = &document["tests"][0]["judged"][0];
    assert_eq!(judged["differs"], true, "{judged:#}");
    assert!(
        judged["change"].as_f64().is_some_and(|change| change > 1.0),
        "{judged:#}"
    );
    let differences = document["tests"][0]["differences"].to_string();
    assert!(differences.contains("target was"), "{differences}");
    let figures = document["tests"][0]["figures"].as_array().expect("figures");
    // The test, its journey and its step, four figures each.
    assert_eq!(figures.len(), 12);

    // A run is no different from itself.
    let same = json(&run(folder.path(), &[], &["compare", "a", "a", "--json"]).expect(0));
    assert_eq!(same["tests"][0]["judged"][0]["differs"], false);
    assert_eq!(same["tests"][0]["differences"], json!([]));
}

#[test]
fn what_cannot_be_compared_is_not() {
    let (_turn, folder) = (turn(), folder());
    let demo = demo(Behaviour::default());
    let url = format!("http://{}/null", demo.address());
    measure(folder.path(), &url, "50/s", "a");
    measure(folder.path(), &url, "80/s", "b");
    believed(folder.path(), "a", |_| {});
    believed(folder.path(), "b", |_| {});
    let told = |b: &str| {
        let document = json(&run(folder.path(), &[], &["compare", "a", b, "--json"]).expect(0));
        let judged = &document["tests"][0]["judged"][0];
        assert_eq!(judged["differs"], Value::Null);
        judged["explanation"].as_str().expect("a reason").to_owned()
    };
    assert!(
        told("b").contains("compare runs of the same load"),
        "{}",
        told("b")
    );
    believed(folder.path(), "b", |run| {
        run["validity"]["status"] = json!("invalid")
    });
    assert!(told("b").contains("run B is invalid"), "{}", told("b"));
    believed(folder.path(), "b", |run| {
        run["status"] = json!("interrupted")
    });
    let part = told("b");
    assert!(part.contains("run B did not go to its end"), "{part}");
    let missing = run(folder.path(), &[], &["compare", "a", "nowhere"]).expect(2);
    assert!(
        missing.stderr.contains("cannot read nowhere/run.json"),
        "{}",
        missing.stderr
    );
}
