//! Faults, each on the second request of a connection.

use crate::client::{Client, demo};
use plimsoll_target::{Demo, Fault};
use std::io::{BufRead, ErrorKind, Read, Write};
use std::time::Duration;

/// A connection that has worked once and has now asked for a fault.
fn provoke(demo: &Demo, fault: Fault) -> Client {
    let mut client = Client::connect(demo);
    assert_eq!(client.get("/null").status, 200);
    client.send("GET", &format!("/fault/{fault}"), "", "");
    client
}

#[test]
fn reset_is_a_reset() {
    let demo = demo("{}");
    let error = provoke(&demo, Fault::Reset).rest().expect_err("no end");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(demo.counts().faults, 1);
}

#[test]
fn close_is_an_orderly_end() {
    let demo = demo("{}");
    assert_eq!(provoke(&demo, Fault::Close).rest().expect("an end"), b"");
}

#[test]
fn close_is_orderly_even_with_a_body_unread() {
    let demo = demo("{}");
    let mut client = Client::connect(&demo);
    client.send("POST", "/fault/close", "", &"x".repeat(10_000));
    assert_eq!(client.rest().expect("an end"), b"");
}

#[test]
fn half_close_still_takes_bytes() {
    let demo = demo("{}");
    let mut client = provoke(&demo, Fault::HalfClose);
    assert_eq!(client.rest().expect("an end"), b"");
    for _ in 0..100 {
        client
            .stream
            .get_mut()
            .write_all(b"still there?")
            .expect("taken");
    }
}

#[test]
fn garbage_is_not_http() {
    let demo = demo("{}");
    let said = provoke(&demo, Fault::Garbage).rest().expect("an end");
    assert!(!said.is_empty() && !said.starts_with(b"HTTP"), "{said:?}");
}

#[test]
fn truncated_announces_more_than_it_sends() {
    let demo = demo("{}");
    let mut client = provoke(&demo, Fault::Truncated);
    assert_eq!(
        client.head().expect("a head").header("content-length"),
        Some("1000")
    );
    assert_eq!(client.rest().expect("an end").len(), 10);
}

#[test]
fn truncated_chunked_lacks_the_last_chunk() {
    let demo = demo("{}");
    let mut client = provoke(&demo, Fault::TruncatedChunked);
    assert_eq!(
        client.head().expect("a head").header("transfer-encoding"),
        Some("chunked")
    );
    assert_eq!(client.rest().expect("an end"), b"100\r\nten bytes!");
}

#[test]
fn never_does_not_answer_but_stays() {
    let demo = demo("{}");
    let client = provoke(&demo, Fault::Never);
    let mut stream = client.stream.into_inner();
    stream
        .set_read_timeout(Some(Duration::from_millis(100)))
        .expect("a timeout");
    let error = stream
        .read(&mut [0])
        .expect_err("neither an answer nor an end");
    assert!(
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{error}"
    );
}

#[test]
fn the_drip_comes_byte_by_byte() {
    let demo = demo("{}");
    let mut client = provoke(&demo, Fault::SlowDrip);
    assert_eq!(
        client.head().expect("a head").header("content-length"),
        Some("1000")
    );
    let mut drops = [0; 2];
    client.stream.read_exact(&mut drops).expect("drops");
}

#[test]
fn the_huge_body_flows_as_long_as_it_is_read() {
    let demo = demo("{}");
    let mut client = provoke(&demo, Fault::HugeBody);
    assert_eq!(
        client.head().expect("a head").header("content-length"),
        Some("10000000000")
    );
    let mut some = vec![0; 10_000_000];
    client.stream.read_exact(&mut some).expect("bytes");
    assert!(some.iter().all(|byte| *byte == b'x'));
    drop(client);
    assert_eq!(Client::connect(&demo).get("/null").status, 200);
}

#[test]
fn endless_headers_are_a_hundred_thousand() {
    let demo = demo("{}");
    let client = provoke(&demo, Fault::EndlessHeaders);
    let lines = client
        .stream
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty());
    assert_eq!(
        lines.filter(|line| line.starts_with("x-endless-")).count(),
        100_000
    );
}

#[test]
fn close_after_says_so_and_close_silently_does_not() {
    let demo = demo("{}");
    let mut client = provoke(&demo, Fault::CloseAfter);
    let answer = client.head_and_body(true).expect("an answer");
    assert_eq!(
        (answer.status, answer.header("connection")),
        (200, Some("close"))
    );
    assert_eq!(client.rest().expect("an end"), b"");
    let mut client = provoke(&demo, Fault::CloseSilently);
    let answer = client.head_and_body(true).expect("an answer");
    assert_eq!(
        (answer.status, answer.header("connection")),
        (200, Some("keep-alive"))
    );
    assert_eq!(client.rest().expect("an end"), b"");
}

#[test]
fn redirects_loop_and_lead_away() {
    let demo = demo("{}");
    let mut client = Client::connect(&demo);
    let mut location = |path: &str| client.get(path).header("location").map(str::to_owned);
    assert_eq!(
        location("/fault/redirect-loop").as_deref(),
        Some("/fault/redirect-loop")
    );
    assert_eq!(
        location("/fault/redirect-away").as_deref(),
        Some("http://elsewhere.invalid/")
    );
    let away = location("/fault/redirect-away?to=http%3A%2F%2F127.0.0.1%3A9%2Fecho");
    assert_eq!(away.as_deref(), Some("http://127.0.0.1:9/echo"));
    assert_eq!(client.get("/fault/explode").status, 404);
}

#[test]
fn faults_strike_ordinary_pages_by_share_and_path() {
    let demo = demo(r#"{"faults":["close=100%@/basket","reset=25%@/search"]}"#);
    let mut client = Client::connect(&demo);
    assert_eq!(client.get("/null").status, 200);
    client.send("POST", "/basket", "", "{}");
    assert_eq!(client.rest().expect("an end"), b"");
    let struck = (0..40).filter(|_| {
        let mut client = Client::connect(&demo);
        client.send("GET", "/search", "", "");
        client.head_and_body(true).is_err()
    });
    assert_eq!(struck.count(), 10);
    assert_eq!(demo.counts().faults, 11);
}
