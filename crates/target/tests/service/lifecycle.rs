//! Starting, stopping, counting.

use crate::client::{Client, anywhere, demo};
use plimsoll_target::{Behaviour, Demo};
use std::io::{ErrorKind, Write};
use std::net::TcpStream;

fn wait_for_requests(demo: &Demo, requests: u64) {
    while demo.counts().requests < requests {
        std::thread::yield_now();
    }
}

#[test]
fn a_stop_lets_requests_in_flight_finish() {
    let demo = demo("{}");
    let mut client = Client::connect(&demo);
    client.send("GET", "/slow?ms=50", "", "");
    wait_for_requests(&demo, 1);
    let address = demo.address();
    assert_eq!(demo.stop().requests, 1);
    assert_eq!(
        client.head_and_body(true).expect("an answer").text(),
        "at last\n"
    );
    let error = TcpStream::connect(address).expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_stop_does_not_wait_for_the_endless() {
    let demo = demo("{}");
    let (mut never, mut drip, mut half) = (
        Client::connect(&demo),
        Client::connect(&demo),
        Client::connect(&demo),
    );
    let silent = Client::connect(&demo);
    never.send("GET", "/fault/never", "", "");
    drip.send("GET", "/fault/slow-drip", "", "");
    half.send("GET", "/fault/half-close", "", "");
    wait_for_requests(&demo, 3);
    // It comes back at all: nothing here ever ends by itself.
    drop(demo);
    never.head().expect_err("no answer");
    drop(silent);
}

#[test]
fn an_address_is_free_again_after_a_stop() {
    let first = demo("{}");
    let address = first.address();
    Client::connect(&first).get("/null");
    let error = Demo::start(Behaviour::default(), address).expect_err("taken");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    first.stop();
    let second = Demo::start(Behaviour::default(), address).expect("free");
    assert_eq!(Client::connect(&second).get("/null").status, 200);
    assert_eq!(second.url(), format!("http://{address}"));
}

#[test]
fn a_contradiction_does_not_start() {
    let behaviour = Behaviour {
        queue: Some(1),
        ..Behaviour::default()
    };
    let error = Demo::start(behaviour, anywhere()).expect_err("a contradiction");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(
        error.to_string().contains("`queue` is set without a line"),
        "{error}"
    );
}

#[test]
fn every_request_is_counted_once() {
    let demo = demo(r#"{"errors":["3%"]}"#);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Client::connect(&demo);
                for _ in 0..250 {
                    client.get("/null");
                    client.get("/bytes/10");
                }
            });
        }
    });
    let counts = demo.stop();
    assert_eq!(
        (counts.connections, counts.requests, counts.failed),
        (4, 2_000, 60)
    );
    assert_eq!((counts.of("/null"), counts.of("/bytes")), (1_000, 1_000));
}

#[test]
fn a_preface_in_pieces_and_a_method_like_it_are_told_apart() {
    let demo = demo("{}");
    let mut post = Client::connect(&demo);
    for piece in ["P", "O", "ST /echo HTTP/1.1\r\nhost: demo\r\n\r\n"] {
        post.stream
            .get_mut()
            .write_all(piece.as_bytes())
            .expect("sent");
    }
    assert_eq!(
        post.head_and_body(true).expect("an answer").json()["method"],
        "POST"
    );
    let mut propfind = Client::connect(&demo);
    assert_eq!(
        propfind.ask("PRINT", "/echo", "", "").json()["method"],
        "PRINT"
    );
}
