//! `plimsoll hit`: one URL, no file.

use crate::folder;
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::result::assert_balanced;
use plimsoll_tests::{number, plimsoll, run_json};

fn demo(behaviour: Behaviour) -> Demo {
    Demo::start(behaviour, ([127, 0, 0, 1], 0).into()).expect("the demo service starts")
}

#[test]
fn every_request_of_the_rate_is_sent_and_counted() {
    let folder = folder();
    let demo = demo(Behaviour::default());
    let url = format!("http://{}/null", demo.address());
    plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "500/s",
            "--duration",
            "2s",
            "--out",
            "out",
        ],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_eq!(number(&json, "/totals/intended"), 1000);
    assert_eq!(number(&json, "/totals/ok"), 1000);
    assert_eq!(
        demo.counts().requests,
        1000,
        "what arrived is what was said to be sent"
    );
}

/// One user in a closed loop: there is no schedule that a busy test machine could be late for, so
/// nothing but the thresholds decides.
#[test]
fn thresholds_decide_the_exit_code() {
    let folder = folder();
    let demo = demo(Behaviour::default());
    let hit = |path: &str, threshold: &str, iterations: &str| {
        let url = format!("http://{}{path}", demo.address());
        plimsoll(
            folder.path(),
            [
                "hit",
                &url,
                "--users",
                "1",
                "--iterations",
                iterations,
                "--threshold",
                threshold,
                "--out",
                "out",
            ],
        )
    };
    let outcome = || run_json(&folder.path().join("out"))["verdict"]["outcome"].clone();
    // Enough of them to last a second or so: a run of two batches says too little about dependence.
    let passed = hit("/null", "p95 < 5s", "4000").expect(0);
    assert!(passed.stdout.contains("GO"), "{}", passed.stdout);
    assert_eq!(outcome(), "go");
    let failed = hit("/status/500", "errors < 1%", "400").expect(20);
    assert!(failed.stdout.contains("NO-GO"), "{}", failed.stdout);
    assert_eq!(outcome(), "no_go");
    let open = hit("/null", "p99 < 5s", "20").expect(21);
    assert!(open.stdout.contains("INCONCLUSIVE"), "{}", open.stdout);
    assert_eq!(outcome(), "inconclusive");
}

#[test]
fn the_very_first_request_is_timed_like_any_other() {
    let folder = folder();
    plimsoll(
        folder.path(),
        [
            "hit",
            "demo/null",
            "--rate",
            "1/s",
            "--duration",
            "1s",
            "--out",
            "out",
        ],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_eq!(number(&json, "/totals/ok"), 1);
    // The connect is the first thing that takes time: before the clock's start it would take none.
    let connect = number(&json, "/tests/0/journeys/0/steps/0/connect/min_ns");
    assert!(connect > 0, "{:#}", json["tests"][0]["journeys"]);
    assert!(
        number(&json, "/tests/0/response/max_ns") > 1000,
        "{:#}",
        json["tests"][0]["response"]
    );
}

#[test]
fn a_method_headers_and_a_body_arrive_as_given() {
    let folder = folder();
    let demo = demo(Behaviour::default());
    let url = format!("http://{}/login", demo.address());
    plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "-X",
            "POST",
            "-H",
            "content-type: application/json",
            "-d",
            r#"{"user":"ada","password":"pw"}"#,
            "--users",
            "2",
            "--iterations",
            "10",
            "--out",
            "out",
        ],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_eq!(number(&json, "/totals/ok"), 10);
    assert_eq!(json["tests"][0]["model"], "closed");
}

#[test]
fn shed_requests_are_told_from_failures() {
    let folder = folder();
    let demo = demo(Behaviour {
        capacity: Some("50/s".parse().expect("a rate")),
        queue: Some(0),
        ..Behaviour::default()
    });
    let url = format!("http://{}/null", demo.address());
    plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "200/s",
            "--duration",
            "2s",
            "--abort-on",
            "off",
            "--out",
            "out",
        ],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_balanced(&json, "/totals");
    assert!(number(&json, "/totals/shed") > 200, "{:#}", json["totals"]);
    assert_eq!(number(&json, "/totals/failed"), 0);
}

#[test]
fn a_public_host_needs_permission() {
    let folder = folder();
    let hit = plimsoll(
        folder.path(),
        [
            "hit",
            "http://192.0.2.1/",
            "--rate",
            "1/s",
            "--duration",
            "1s",
        ],
    );
    let hit = hit.expect(2);
    assert!(
        hit.stderr.contains("--yes-i-may-load 192.0.2.1"),
        "{}",
        hit.stderr
    );
}

#[test]
fn a_rate_above_the_maximum_is_refused() {
    let folder = folder();
    let hit = plimsoll(
        folder.path(),
        [
            "hit",
            "http://127.0.0.1:9/",
            "--rate",
            "100/s",
            "--duration",
            "1s",
            "--max-rate",
            "50/s",
        ],
    )
    .expect(2);
    assert!(hit.stderr.contains("--max-rate"), "{}", hit.stderr);
}

#[test]
fn a_threshold_that_the_load_cannot_prove_is_said_before_the_run() {
    let folder = folder();
    let demo = demo(Behaviour::default());
    let url = format!("http://{}/null", demo.address());
    let mut arguments = vec!["hit", &url, "--rate", "150/s", "--duration", "1s"];
    arguments.extend(["--threshold", "p99 < 1s", "--threshold", "p95 < 1s"]);
    let finished = plimsoll(folder.path(), arguments);
    let warning = "WARNING: `p99 < 1s` cannot pass: it takes at least 299 requests to prove, and this load has 150; test longer, or judge a lower percentile";
    let said = format!("{}{}", finished.stdout, finished.stderr);
    assert!(said.contains(warning), "{said}");
    assert!(!said.contains("`p95 < 1s` cannot"), "{said}");
}

#[test]
fn a_warm_up_or_a_stretch_longer_than_the_load_is_said_before_the_run() {
    let folder = folder();
    let demo = demo(Behaviour::default());
    let url = format!("http://{}/null", demo.address());
    let said = |more: &[&str]| {
        let load = ["hit", &url, "--rate", "10/s", "--duration", "1s"];
        let finished = plimsoll(folder.path(), load.iter().chain(more).copied());
        format!("{}{}", finished.stdout, finished.stderr)
    };
    let text = said(&["--warmup", "2s"]);
    let warning = "WARNING: the warm-up of 2s leaves nothing of a load of 1s to judge; shorten it, or test longer";
    assert!(text.contains(warning), "{text}");
    let text = said(&["--threshold", "errors < 50% for 5s"]);
    let warning = "WARNING: `errors < 50% for 5s` cannot be judged: what is left of a load of 1s has no stretch of 5s; test longer, or shorten the stretch";
    assert!(text.contains(warning), "{text}");
}

/// Whatever the machine is busy with meanwhile.
#[test]
fn a_service_that_is_down_is_never_the_generators_fault() {
    let folder = folder();
    let mut hit = vec!["hit", "http://127.0.0.1:1/", "--rate", "20/s"];
    hit.extend(["--duration", "1s", "--threshold", "p99 < 1ms"]);
    plimsoll(folder.path(), hit).expect(20);
}
