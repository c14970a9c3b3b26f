//! The example scenarios against the demo service, as in the README.

use crate::folder;
use plimsoll_tests::result::assert_balanced;
use plimsoll_tests::{number, plimsoll, run_json};
use std::path::Path;

fn scenarios() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../scenarios")
        .display()
        .to_string()
}

#[test]
fn the_travel_shop_runs_and_leaves_a_whole_result_folder() {
    let folder = folder();
    let scenario = format!("{}/travel-shop.yaml", scenarios());
    let run = plimsoll(
        folder.path(),
        ["run", &scenario, "--duration", "3s", "--out", "shop"],
    );
    // Three seconds may be too few to prove every threshold, never enough to miss one.
    assert!(
        matches!(run.code, Some(0 | 21 | 22)),
        "{}\n{}",
        run.stdout,
        run.stderr
    );
    let result = folder.path().join("shop");
    for file in [
        "run.json",
        "summary.md",
        "junit.xml",
        "metrics.txt",
        "intervals.hlog",
        "events.ndjson",
        "travel-shop.yaml",
    ] {
        assert!(result.join(file).is_file(), "{file} is there");
    }
    let json = run_json(&result);
    assert_eq!(json["schema"], "plimsoll.run/1");
    assert_eq!(json["status"], "complete");
    assert_balanced(&json, "/totals");
    assert_eq!(
        json["totals"]["failed"], 0,
        "{:#}",
        json["tests"][0]["errors"]
    );
    assert_eq!(json["tests"][0]["model"], "open");
    let journeys = json["tests"][0]["journeys"].as_array().expect("journeys");
    assert_eq!(journeys.len(), 4);
    for index in 0..journeys.len() {
        assert_balanced(&json, &format!("/tests/0/journeys/{index}/totals"));
    }
    // 100/s expected and 30 % headroom, for 3 s.
    let started: u64 = (0..journeys.len())
        .map(|index| number(&json, &format!("/tests/0/journeys/{index}/totals/intended")))
        .sum();
    assert_eq!(started, 390);
}

#[test]
fn the_report_of_a_folder_is_what_the_run_showed() {
    let folder = folder();
    let scenario = format!("{}/travel-shop.yaml", scenarios());
    let run = plimsoll(
        folder.path(),
        ["run", &scenario, "--duration", "1s", "--out", "shop"],
    );
    let report = plimsoll(folder.path(), ["report", "shop"]);
    assert_eq!(run.stdout, report.stdout);
    assert_eq!(run.code, report.code);
}

#[test]
fn json_on_stdout_is_the_document_and_nothing_else() {
    let folder = folder();
    let scenario = format!("{}/travel-shop.yaml", scenarios());
    let run = plimsoll(
        folder.path(),
        [
            "run",
            &scenario,
            "--duration",
            "1s",
            "--json",
            "--quiet",
            "--out",
            "shop",
        ],
    );
    let printed: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON alone");
    assert_eq!(printed, run_json(&folder.path().join("shop")));
    assert_eq!(run.stderr, "");
}

#[test]
fn the_same_seed_sends_the_same_journeys() {
    let folder = folder();
    let scenario = format!("{}/travel-shop.yaml", scenarios());
    let intended = |out: &str, threads: &str| {
        plimsoll(
            folder.path(),
            [
                "run",
                &scenario,
                "--duration",
                "2s",
                "--arrivals",
                "poisson",
                "--seed",
                "42",
                "--threads",
                threads,
                "--out",
                out,
            ],
        );
        let json = run_json(&folder.path().join(out));
        let journeys = json["tests"][0]["journeys"]
            .as_array()
            .expect("journeys")
            .clone();
        journeys
            .iter()
            .map(|journey| journey["totals"]["intended"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(intended("one", "1"), intended("three", "3"));
}

#[test]
fn a_closed_model_is_labelled_closed() {
    let folder = folder();
    let scenario = format!("{}/travel-shop.yaml", scenarios());
    let run = plimsoll(
        folder.path(),
        [
            "run",
            &scenario,
            "--users",
            "5",
            "--iterations",
            "20",
            "--out",
            "shop",
        ],
    );
    assert!(run.stdout.contains("CLOSED"), "{}", run.stdout);
    let json = run_json(&folder.path().join("shop"));
    assert_eq!(json["tests"][0]["model"], "closed");
    assert_balanced(&json, "/totals");
    let journeys = json["tests"][0]["journeys"]
        .as_array()
        .expect("journeys")
        .len();
    let started: u64 = (0..journeys)
        .map(|index| number(&json, &format!("/tests/0/journeys/{index}/totals/intended")))
        .sum();
    assert_eq!(started, 20);
}
