//! Coordinated omission: a server that stands still for a second every ten must show it.

use crate::folder;
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::{number, plimsoll, run_json};
use serde_json::Value;
use std::time::Duration;

const STALLING: &str = "1s/10s";

fn stalling(fifo: Option<Duration>) -> Demo {
    let latency = if fifo.is_some() { "0ms" } else { "1ms" };
    let behaviour = Behaviour {
        latency: vec![latency.parse().expect("a latency")],
        stall: Some(STALLING.parse().expect("a stall")),
        fifo,
        ..Behaviour::default()
    };
    Demo::start(behaviour, ([127, 0, 0, 1], 0).into()).expect("the demo service starts")
}

/// The result of 100/s for 20 s, none of which may be missing: tools that skip what they should have
/// sent into the stall see the right p99 by luck.
fn result(demo: &Demo, connections: &str) -> Value {
    let folder = folder();
    let url = format!("http://{}/null", demo.address());
    let load = ["--rate", "100/s", "--duration", "20s", "--warmup", "0s"];
    let args = ["hit", &url, "--connections", connections, "--out", "out"];
    plimsoll(folder.path(), args.into_iter().chain(load)).expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_eq!(number(&json, "/totals/intended"), 2000);
    assert_eq!(number(&json, "/totals/ok"), 2000);
    json
}

fn milliseconds(json: &Value, figure: &str) -> f64 {
    number(json, &format!("/tests/0/journeys/0/steps/0/{figure}")) as f64 / 1e6
}

/// Within 2 % and one inter-arrival gap of 10 ms, since the phase is free; and what timers add.
fn expect<const N: usize>(json: &Value, metric: &str, expected: [(&str, f64); N]) {
    for (name, expected) in expected {
        let seen = milliseconds(json, &format!("{metric}/{name}"));
        let slack = expected * 0.02 + 10.0;
        assert!(
            (seen - expected).abs() <= slack,
            "{metric} {name}: {seen} ms, expected {expected} ± {slack}"
        );
    }
}

/// 100/s against a stall of 1 s every 10 s, unlimited concurrency: of every 1000 requests 100 wait,
/// for 1.00, 0.99 … 0.01 s. Hence p95 = 501 ms, p99 = 901 ms, max = 1001 ms with 1 ms of service.
#[test]
fn a_stall_is_felt_by_everybody_who_arrived_in_it() {
    let json = result(&stalling(None), "200");
    expect(
        &json,
        "response",
        [("p95_ns", 501.0), ("p99_ns", 901.0), ("max_ns", 1001.0)],
    );
}

/// A single server that takes 1 ms for each, first come, first served: those who arrive while it
/// makes up for the stall wait too.
#[test]
fn a_stall_of_a_single_server_is_felt_by_those_after_it_too() {
    let json = result(&stalling(Some(Duration::from_millis(1))), "200");
    expect(
        &json,
        "response",
        [("p95_ns", 551.0), ("p99_ns", 911.0), ("max_ns", 1001.0)],
    );
}

/// With one connection requests go out one after the other, as from a tool that waits for its answer
/// before it sends again. Timed from their sending, one of a thousand is slow; timed from when they
/// were due, it is what their users felt. Both are of the same run.
#[test]
fn timing_from_the_sending_hides_nearly_all_of_a_stall() {
    let json = result(&stalling(None), "1");
    expect(&json, "service", [("max_ns", 1001.0)]);
    for name in ["p95_ns", "p99_ns"] {
        // A millisecond where nothing else runs; a busy machine adds some, and hundreds would be the stall.
        let seen = milliseconds(&json, &format!("service/{name}"));
        assert!(seen < 100.0, "service {name}: {seen} ms");
    }
    // How long the queue takes to drain depends on how quick server and machine are: the quickest sets the
    // least that was felt, and nobody waited longer than the longest.
    let longest = milliseconds(&json, "response/max_ns");
    for (name, least) in [("p95_ns", 500.0), ("p99_ns", 890.0)] {
        let felt = milliseconds(&json, &format!("response/{name}"));
        assert!(
            (least..=longest).contains(&felt),
            "response {name}: {felt} ms"
        );
    }
}
