//! Servers that die, lie, stall or never stop: a clear kind of failure, bounded memory, no panic.

use crate::folder;
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::nginx::free_ports;
use plimsoll_tests::result::assert_balanced;
use plimsoll_tests::wire::Wire;
use plimsoll_tests::{Running, number, plimsoll, run_json, wait_for};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::Command;

/// Hits a URL ten times and returns the failures by kind.
fn errors_of(url: &str, more: &[&str]) -> Value {
    let folder = folder();
    let all = [
        &[
            "hit",
            url,
            "--users",
            "2",
            "--iterations",
            "10",
            "--timeout",
            "700ms",
            "--out",
            "out",
        ],
        more,
    ];
    plimsoll(folder.path(), all.concat()).expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_balanced(&json, "/totals");
    assert_eq!(number(&json, "/totals/intended"), 10);
    json["tests"][0]["errors"].clone()
}

#[track_caller]
fn assert_only(errors: &Value, kind: &str) {
    assert_eq!(errors[kind], 10, "{errors:#}");
    assert_eq!(errors.as_object().expect("errors").len(), 1, "{errors:#}");
}

#[test]
fn nobody_listens() {
    let [port] = free_ports();
    assert_only(
        &errors_of(&format!("http://127.0.0.1:{port}/"), &[]),
        "connect_refused",
    );
}

#[test]
fn what_comes_is_not_http() {
    let garbage = Wire::saying(b"\x16\x03\x01 this is not HTTP at all\r\n\r\n");
    assert_only(&errors_of(&garbage.url(), &[]), "protocol");
    let half = Wire::saying(b"HTTP/1.1 200 OK\r\ncontent-length: nonsense\r\n\r\n");
    assert_only(&errors_of(&half.url(), &[]), "protocol");
    let chunks = Wire::saying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n");
    assert_only(&errors_of(&chunks.url(), &[]), "protocol");
}

#[test]
fn clear_text_where_tls_was_expected_and_http1_where_http2_was() {
    let plain = Wire::saying(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let url = plain.url().replace("http://", "https://");
    assert_only(&errors_of(&url, &["--insecure"]), "tls");
    // It goes on reading, so that its answer is not overtaken by a reset.
    let old = Wire::serve(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        let _ = std::io::copy(&mut &stream, &mut std::io::sink());
    });
    assert_only(&errors_of(&old.url(), &["--http", "2"]), "protocol");
}

#[test]
fn the_connection_is_closed_without_an_answer() {
    let closing = Wire::saying(b"");
    assert_only(&errors_of(&closing.url(), &[]), "reset");
    let in_head = Wire::saying(b"HTTP/1.1 200 OK\r\ncontent-le");
    assert_only(&errors_of(&in_head.url(), &[]), "reset");
}

#[test]
fn the_body_ends_too_early() {
    let short = Wire::saying(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nten bytes.");
    assert_only(&errors_of(&short.url(), &[]), "body_truncated");
    let chunks =
        Wire::saying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
    assert_only(&errors_of(&chunks.url(), &[]), "body_truncated");
}

#[test]
fn no_answer_ever_comes() {
    let silent = Wire::serve(|stream| {
        // Held until the other side gives up.
        let _ = std::io::copy(&mut &stream, &mut std::io::sink());
    });
    assert_only(&errors_of(&silent.url(), &[]), "timeout");
}

#[test]
fn a_half_closed_connection_still_delivers() {
    let polite = Wire::serve(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = std::io::copy(&mut &stream, &mut std::io::sink());
    });
    let errors = errors_of(&polite.url(), &["--no-keepalive"]);
    assert_eq!(errors.as_object().expect("errors").len(), 0, "{errors:#}");
    assert_eq!(polite.accepted(), 10);
}

#[test]
fn a_hundred_thousand_headers() {
    let chatty = Wire::serve(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        let line = b"x-header: value\r\n".repeat(1000);
        for _ in 0..100 {
            if stream.write_all(&line).is_err() {
                return;
            }
        }
        let _ = stream.write_all(b"\r\n");
    });
    assert_only(&errors_of(&chatty.url(), &[]), "protocol");
}

#[test]
fn ten_gigabytes_are_neither_stored_nor_waited_for() {
    let folder = folder();
    let demo = Demo::start(Behaviour::default(), ([127, 0, 0, 1], 0).into())
        .expect("the demo service starts");
    // Whoever looks at the body gets an error after 16 MiB, and whoever does not gets a timeout.
    fs::write(
        folder.path().join("scenario.yaml"),
        format!(
            "name: huge
target: http://{}/
abort_on: 'off'
journeys:
  look: {{ steps: [ {{ name: look, GET: /fault/huge-body, timeout: 20s, expect: {{ body: {{ contains: needle }} }} }} ] }}
  count: {{ steps: [ {{ name: count, GET: /fault/huge-body, timeout: 1s }} ] }}
load: {{ users: 2, iterations: 2 }}
",
            demo.address()
        ),
    )
    .expect("a scenario");
    // 512 MiB of address space beyond what the program maps at start would not hold the body.
    let mut command = Command::new("prlimit");
    command
        .arg("--data=536870912")
        .arg(plimsoll_tests::program::program())
        .args(["run", "scenario.yaml", "--out", "out"]);
    Running::spawn(folder.path(), command).wait().expect(0);
    let json = run_json(&folder.path().join("out"));
    let errors = &json["tests"][0]["errors"];
    assert_eq!(errors["body_too_large"], 1, "{errors:#}");
    assert_eq!(errors["timeout"], 1, "{errors:#}");
}

#[test]
fn a_target_that_dies_and_comes_back() {
    let folder = folder();
    let demo = Demo::start(Behaviour::default(), ([127, 0, 0, 1], 0).into())
        .expect("the demo service starts");
    let address = demo.address();
    let url = format!("http://{address}/null");
    let run = Running::start(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "100/s",
            "--duration",
            "6s",
            "--abort-on",
            "off",
            "--out",
            "out",
        ],
    );
    wait_for("50 requests", || {
        (demo.counts().requests > 50).then_some(())
    });
    demo.stop();
    wait_for("20 refused connections", || {
        let json = fs::read(folder.path().join("out/run.json")).ok()?;
        let json: Value = serde_json::from_slice(&json).ok()?;
        let refused = json["tests"][0]["errors"]["connect_refused"].as_u64()?;
        (refused > 20).then_some(())
    });
    let again = Demo::start(Behaviour::default(), address).expect("the demo service starts again");
    run.wait().expect(0);
    assert!(again.counts().requests > 50, "it is used again");
    let json = run_json(&folder.path().join("out"));
    assert_balanced(&json, "/totals");
    assert_eq!(number(&json, "/totals/intended"), 600);
}

#[test]
fn errors_beyond_the_limit_abort_the_run() {
    let folder = folder();
    let [port] = free_ports();
    let url = format!("http://127.0.0.1:{port}/");
    let hit = plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "50/s",
            "--duration",
            "60s",
            "--abort-on",
            "errors > 50% for 2s",
            "--threshold",
            "errors < 1%",
            "--out",
            "out",
        ],
    )
    .expect(20);
    assert!(hit.stdout.contains("errors"), "{}", hit.stdout);
    let json = run_json(&folder.path().join("out"));
    assert_eq!(json["status"], "interrupted");
    assert!(number(&json, "/tests/0/elapsed_ns") < 30_000_000_000);
    assert_balanced(&json, "/totals");
}

#[test]
fn an_unwritable_folder_and_a_full_disk_are_said_in_plain_words() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").expect("a file");
    let unwritable = plimsoll(
        folder.path(),
        [
            "hit",
            "http://127.0.0.1:9/",
            "--rate",
            "1/s",
            "--duration",
            "1s",
            "--out",
            "file/out",
        ],
    )
    .expect(2);
    assert!(
        unwritable.stderr.contains("file/out"),
        "{}",
        unwritable.stderr
    );

    let demo = Demo::start(Behaviour::default(), ([127, 0, 0, 1], 0).into())
        .expect("the demo service starts");
    let url = format!("http://{}/null", demo.address());
    fs::create_dir(folder.path().join("full")).expect("a folder");
    // Writing to /dev/full fails as it does on a full disk.
    std::os::unix::fs::symlink("/dev/full", folder.path().join("full/intervals.hlog"))
        .expect("a link");
    let full = plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "100/s",
            "--duration",
            "3s",
            "--out",
            "full",
        ],
    );
    assert_eq!(full.code, Some(70), "{}\n{}", full.stdout, full.stderr);
    assert!(full.stderr.contains("full/"), "{}", full.stderr);
    assert!(
        full.stdout.contains("request"),
        "the table is shown all the same: {}",
        full.stdout
    );
}
