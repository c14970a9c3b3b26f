//! Requests whose client has given up cost the service as much as any other.

use crate::client::{Client, demo};
use plimsoll_target::Demo;

/// Sends so many requests, each on a connection of its own, and gives all of them up. Comes back when the service has
/// taken every one in and has seen every client leave.
fn abandon(demo: &Demo, requests: usize) {
    let mut clients: Vec<Client> = (0..requests).map(|_| Client::connect(demo)).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send("GET", "/null", "", "");
        while demo.counts().of("/null") <= number as u64 {
            std::thread::yield_now();
        }
    }
    for client in &mut clients {
        let stream = client.stream.get_mut();
        stream.shutdown(std::net::Shutdown::Write).expect("open");
    }
    for mut client in clients {
        let rest = client.rest().expect("the service closes in its turn");
        assert_eq!(rest, b"", "no answer was due yet");
    }
}

/// The seconds after which a refused client should come back: what is in line, as the service tells it.
fn refused_for(demo: &Demo) -> u64 {
    let refused = Client::connect(demo).get("/null");
    assert_eq!(refused.status, 503, "those who left still stand in line");
    let seconds = refused.header("retry-after").expect("a header");
    seconds.parse().expect("seconds")
}

const HOUR: u64 = 3_600;

/// Whether it is so many hours, less what the test itself took, which is far less than half an hour.
#[track_caller]
fn about(seconds: u64, hours: u64) {
    assert!(
        (hours * HOUR - HOUR / 2..=hours * HOUR).contains(&seconds),
        "{seconds} s are not {hours} h"
    );
}

#[test]
fn by_a_single_server() {
    let demo = demo(r#"{"fifo":"1h","queue":2}"#);
    abandon(&demo, 3);
    about(refused_for(&demo), 3);
}

#[test]
fn by_a_service_of_limited_capacity() {
    let demo = demo(r#"{"capacity":"1/h","queue":2}"#);
    assert_eq!(Client::connect(&demo).get("/null").status, 200);
    let mut line: Vec<Client> = (0..2).map(|_| Client::connect(&demo)).collect();
    for client in &mut line {
        client.send("GET", "/null", "", "");
    }
    while demo.counts().of("/null") < 3 {
        std::thread::yield_now();
    }
    for mut client in line {
        let stream = client.stream.get_mut();
        stream.shutdown(std::net::Shutdown::Write).expect("open");
        assert_eq!(client.rest().expect("an end"), b"");
    }
    about(refused_for(&demo), 3);
}

#[test]
fn by_a_collapsing_service_which_they_slow_down() {
    let demo = demo(r#"{"fifo":"1h","queue":2,"collapse":"1h"}"#);
    // 1 h for the first; the second waits for it, so takes 2 h; the third waits 3 h, so takes 4 h.
    abandon(&demo, 3);
    about(refused_for(&demo), 7);
}

#[test]
fn by_the_workers_of_a_pool() {
    let demo = demo(
        r#"{"dependency":{"state":"slow","latency":"1h","paths":["/recommend"],"pool":1},
            "capacity":"1000000/s"}"#,
    );
    let mut client = Client::connect(&demo);
    client.send("GET", "/recommend", "", "");
    while demo.counts().of("/recommend") < 1 {
        std::thread::yield_now();
    }
    let stream = client.stream.get_mut();
    stream.shutdown(std::net::Shutdown::Write).expect("open");
    assert_eq!(client.rest().expect("an end"), b"");
    let mut other = Client::connect(&demo);
    other.send("GET", "/null", "", "");
    while demo.counts().of("/null") < 1 {
        std::thread::yield_now();
    }
    // A stop drops what is unfinished: had the worker been free, the answer would have been on its way before.
    demo.stop();
    other.head().expect_err("the worker is still held");
}
