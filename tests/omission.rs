//! Coordinated omission: a server that stands still for a second every ten must show it.

use crate::folder;
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::{number, plimsoll, run_json};

/// 100/s against a stall of 1 s every 10 s, unlimited concurrency: of every 1000 requests 100 wait,
/// for 1.00, 0.99 … 0.01 s. Hence p95 = 501 ms, p99 = 901 ms, max = 1001 ms with 1 ms of service.
#[test]
fn a_stall_is_felt_by_everybody_who_arrived_in_it() {
    let folder = folder();
    let demo = Demo::start(
        Behaviour {
            latency: vec!["1ms".parse().expect("a latency")],
            stall: Some("1s/10s".parse().expect("a stall")),
            ..Behaviour::default()
        },
        ([127, 0, 0, 1], 0).into(),
    )
    .expect("the demo service starts");
    let url = format!("http://{}/null", demo.address());
    plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "100/s",
            "--duration",
            "20s",
            "--out",
            "out",
        ],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_eq!(number(&json, "/totals/intended"), 2000);
    assert_eq!(number(&json, "/totals/ok"), 2000);
    let figure = |name: &str| number(&json, &format!("/tests/0/response/{name}")) as f64 / 1e6;
    // Within 2 % and one inter-arrival gap of 10 ms, since the phase is free; and what timers add.
    for (name, expected) in [("p95_ns", 501.0), ("p99_ns", 901.0), ("max_ns", 1001.0)] {
        let seen = figure(name);
        let slack = expected * 0.02 + 10.0;
        assert!(
            (seen - expected).abs() <= slack,
            "{name}: {seen} ms, expected {expected} ± {slack}"
        );
    }
}
