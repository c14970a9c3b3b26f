//! Scripted behaviour as a client sees it. Waits are only ever judged from below: an answer is never early.

use crate::client::{Client, demo};
use std::time::{Duration, Instant};

#[test]
fn latency_applies_to_its_paths() {
    let demo = demo(r#"{"latency":["60ms@/search"]}"#);
    let mut client = Client::connect(&demo);
    let begun = Instant::now();
    client.get("/search");
    assert!(begun.elapsed() >= Duration::from_millis(60));
}

#[test]
fn a_stall_holds_what_arrives_in_it() {
    let begun = Instant::now();
    let demo = demo(r#"{"stall":"150ms/1h+0ms"}"#);
    assert_eq!(Client::connect(&demo).get("/null").status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

#[test]
fn a_single_server_serves_one_at_a_time() {
    let demo = demo(r#"{"fifo":"30ms"}"#);
    let begun = Instant::now();
    let mut clients: Vec<Client> = (0..5).map(|_| Client::connect(&demo)).collect();
    for client in &mut clients {
        client.send("GET", "/null", "", "");
    }
    for client in &mut clients {
        assert_eq!(client.head_and_body(true).expect("an answer").status, 200);
    }
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

#[test]
fn beyond_capacity_requests_are_refused_at_once() {
    let demo = demo(r#"{"capacity":"1/h","queue":0}"#);
    let mut client = Client::connect(&demo);
    assert_eq!(client.get("/null").status, 200);
    let refused = client.get("/null");
    assert_eq!(refused.status, 503);
    let seconds: u64 = refused
        .header("retry-after")
        .expect("a header")
        .parse()
        .expect("seconds");
    assert!((1..=3600).contains(&seconds));
    assert_eq!(client.get("/healthz").status, 200, "health is no customer");
    assert_eq!(demo.counts().refused, 1);
}

#[test]
fn refusals_may_be_429_and_the_line_holds_what_it_may() {
    let demo = demo(r#"{"capacity":"1/h","queue":1,"refusal":"429"}"#);
    let mut clients: Vec<Client> = (0..3).map(|_| Client::connect(&demo)).collect();
    assert_eq!(clients[0].get("/null").status, 200);
    clients[1].send("GET", "/null", "", "");
    while demo.counts().requests < 2 {
        std::thread::yield_now();
    }
    assert_eq!(clients[2].get("/null").status, 429);
    assert_eq!(demo.stop().refused, 1, "the one in line was not refused");
}

#[test]
fn errors_take_their_exact_share() {
    let demo = demo(r#"{"errors":["10%","0%@/search"]}"#);
    let mut client = Client::connect(&demo);
    let mut failed = |path| (0..200).filter(|_| client.get(path).status == 500).count();
    assert_eq!((failed("/null"), failed("/search")), (20, 0));
    assert_eq!(demo.counts().failed, 20);
}

#[test]
fn behaviour_can_be_changed_while_it_runs() {
    let demo = demo("{}");
    let mut client = Client::connect(&demo);
    let release = r#"{"errors":["100%"],"release":{"version":"2.0.0","commit":"def"}}"#;
    let changed = client.ask("PUT", "/behaviour", "", release);
    assert_eq!(
        (changed.status, changed.header("x-release-id")),
        (200, Some("2.0.0+def"))
    );
    assert_eq!(client.get("/null").status, 500);
    assert_eq!(client.get("/behaviour").json()["errors"][0], "100%");
    let wrong = client.ask("PUT", "/behaviour", "", r#"{"latency":["fast"]}"#);
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.text().contains("is not a latency"),
        "{}",
        wrong.text()
    );
    let wrong = client.ask("PUT", "/behaviour", "", r#"{"queue":3}"#);
    assert!(wrong.text().contains("without a line"), "{}", wrong.text());
    assert_eq!(client.ask("PUT", "/behaviour", "", "{}").status, 200);
    assert_eq!(client.get("/null").status, 200);
}
