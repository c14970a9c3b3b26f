//! The ledger balances, whatever the server does.

use crate::folder;
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::result::assert_balanced;
use plimsoll_tests::{number, plimsoll, run_json};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

#[test]
fn it_balances_under_faults_of_every_kind() {
    let folder = folder();
    let faults = [
        "reset=5%",
        "close=5%",
        "garbage=5%",
        "truncated=5%",
        "never=5%",
        "endless-headers=2%",
    ];
    let demo = Demo::start(
        Behaviour {
            faults: faults
                .iter()
                .map(|fault| fault.parse().expect("a fault"))
                .collect(),
            errors: vec!["5%".parse().expect("a share")],
            ..Behaviour::default()
        },
        ([127, 0, 0, 1], 0).into(),
    )
    .expect("the demo service starts");
    fs::write(
        folder.path().join("scenario.yaml"),
        format!(
            "name: faults
target: http://{}/
defaults: {{ timeout: 500ms }}
shed: {{ status: [429] }}
abort_on: 'off'
journeys:
  one: {{ weight: 3, steps: [ {{ name: home, GET: / }}, {{ think: 1ms..5ms }}, {{ name: search, GET: '/search?to=ROM', expect: {{ json: {{ '$.flights': {{ min_items: 1 }} }} }} }} ] }}
  two: {{ weight: 1, steps: [ {{ parallel: [ {{ name: a, GET: /recommend }}, {{ name: b, GET: / }} ] }} ] }}
load: {{ rate: 200/s, duration: 4s, arrivals: poisson }}
",
            demo.address()
        ),
    )
    .expect("a scenario");
    plimsoll(
        folder.path(),
        ["run", "scenario.yaml", "--grace", "2s", "--out", "out"],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_balanced(&json, "/totals");
    assert_balanced(&json, "/tests/0/totals");
    let journeys = json["tests"][0]["journeys"].as_array().expect("journeys");
    for (at, journey) in journeys.iter().enumerate() {
        assert_balanced(&json, &format!("/tests/0/journeys/{at}/totals"));
        for step in 0..journey["steps"].as_array().expect("steps").len() {
            assert_balanced(
                &json,
                &format!("/tests/0/journeys/{at}/steps/{step}/totals"),
            );
        }
    }
    assert!(number(&json, "/totals/failed") > 50, "{:#}", json["totals"]);
    assert!(
        number(&json, "/totals/timeout") > 10,
        "{:#}",
        json["totals"]
    );
    let errors = json["tests"][0]["errors"].as_object().expect("errors");
    for kind in ["reset", "protocol", "body_truncated", "status", "timeout"] {
        assert!(errors.contains_key(kind), "{kind} is among {errors:?}");
    }
}

#[test]
fn requests_that_are_cut_off_at_the_end_are_in_flight() {
    let folder = folder();
    let demo = Demo::start(Behaviour::default(), ([127, 0, 0, 1], 0).into())
        .expect("the demo service starts");
    let url = format!("http://{}/fault/never", demo.address());
    plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "20/s",
            "--duration",
            "1s",
            "--grace",
            "300ms",
            "--out",
            "out",
        ],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_balanced(&json, "/totals");
    assert_eq!(number(&json, "/totals/in_flight_at_end"), 20);
}

#[test]
fn a_closed_model_counts_what_a_feed_had_no_row_for_and_goes_on_with_the_rest() {
    let folder = folder();
    fs::write(folder.path().join("users.csv"), "name\nada\nbob\n").expect("a feed");
    fs::write(
        folder.path().join("scenario.yaml"),
        "name: once
target: demo
abort_on: 'off'
data: { users: { file: users.csv, take: once } }
journeys:
  named: { steps: [ { name: home, GET: '/?user={{ users.name }}' } ] }
  other: { steps: [ { name: null-page, GET: /null } ] }
load: { users: 1, iterations: 20 }
",
    )
    .expect("a scenario");
    plimsoll(folder.path(), ["run", "scenario.yaml", "--out", "out"]).expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_balanced(&json, "/totals");
    assert_eq!(number(&json, "/tests/0/journeys/0/totals/ok"), 2);
    assert_eq!(number(&json, "/tests/0/journeys/0/totals/dropped"), 8);
    assert_eq!(number(&json, "/tests/0/journeys/1/totals/ok"), 10);
}

#[test]
fn a_feed_that_runs_out_is_said_aloud_and_counted() {
    let folder = folder();
    fs::write(folder.path().join("users.csv"), "name\nada\nbob\neve\n").expect("a feed");
    fs::write(
        folder.path().join("scenario.yaml"),
        "name: once
target: demo
abort_on: 'off'
data: { users: { file: users.csv, take: once } }
journeys: { visit: { steps: [ { name: home, GET: '/?user={{ users.name }}' } ] } }
load: { rate: 10/s, duration: 1s }
",
    )
    .expect("a scenario");
    let run = plimsoll(
        folder.path(),
        ["run", "scenario.yaml", "--threads", "2", "--out", "out"],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_balanced(&json, "/totals");
    assert_eq!(number(&json, "/totals/ok"), 3);
    assert_eq!(number(&json, "/totals/dropped"), 7);
    assert!(run.stderr.contains("users"), "{}", run.stderr);
}

/// What users asked for and what was sent are two things, and both are counted.
#[test]
fn retries_are_attempts_apart_from_what_users_asked_for() {
    let folder = folder();
    let demo = Demo::start(
        Behaviour {
            errors: vec!["50%".parse().expect("a share")],
            ..Behaviour::default()
        },
        ([127, 0, 0, 1], 0).into(),
    )
    .expect("the demo service starts");
    fs::write(
        folder.path().join("scenario.yaml"),
        format!(
            "name: retries
target: http://{}/
journeys:
  one: {{ steps: [ {{ name: home, GET: /null, retry: {{ times: 10, pause: 1ms }} }} ] }}
load: {{ users: 2, iterations: 200 }}
",
            demo.address()
        ),
    )
    .expect("a scenario");
    plimsoll(
        folder.path(),
        ["run", "scenario.yaml", "--out", "out", "--abort-on", "off"],
    );
    let json = run_json(&folder.path().join("out"));
    assert_balanced(&json, "/totals");
    assert_eq!(number(&json, "/totals/intended"), 200);
    assert!(number(&json, "/totals/ok") >= 195, "{:#}", json["totals"]);
    let retries = number(&json, "/tests/0/journeys/0/steps/0/retries");
    assert!(retries > 100, "{retries}");
    assert_eq!(demo.counts().requests, 200 + retries);
}

/// What waits to be tried again holds nothing that somebody else could use.
#[test]
fn a_connection_that_was_given_up_is_free_before_the_next_attempt() {
    let folder = folder();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let server = std::thread::spawn(move || {
        let (mut order, mut silent) = (Vec::new(), None);
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 1024];
            let length = stream.read(&mut request).unwrap_or(0);
            let Some(path) = request[..length].split(|byte| *byte == b' ').nth(1) else {
                break;
            };
            order.push(String::from_utf8_lossy(path).into_owned());
            if order.len() == 1 {
                // The first request is never answered.
                silent = Some(stream);
            } else {
                let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                let _ = stream.write_all(answer);
            }
        }
        drop(silent);
        order
    });
    fs::write(
        folder.path().join("scenario.yaml"),
        format!(
            "name: given-up
target: {{ url: \"http://{address}\", connections: {{ pooled: {{ max: 1 }} }} }}
journeys:
  first:
    steps: [ {{ name: one, GET: /first, timeout: 200ms, retry: {{ times: 1, pause: 2s }} }} ]
  second:
    steps: [ {{ name: one, GET: /second, timeout: 60s }} ]
load: {{ users: 2, iterations: 2 }}
"
        ),
    )
    .expect("a scenario");
    plimsoll(
        folder.path(),
        ["run", "scenario.yaml", "--out", "out", "--threads", "1"],
    );
    let _ = TcpStream::connect(address);
    let order = server.join().expect("the server");
    assert_eq!(order, ["/first", "/second", "/first"]);
    assert_eq!(
        number(&run_json(&folder.path().join("out")), "/totals/ok"),
        2
    );
}
