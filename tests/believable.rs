//! A run that cannot be believed says so, and why. Each fault of the generator is caused here, which
//! disturbs whatever runs beside it: hence a program of its own, which is run by itself.

use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::program::program;
use plimsoll_tests::result::assert_balanced;
use plimsoll_tests::{Running, number, plimsoll, run_json};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::RwLock;
use std::time::Duration;

/// Held to read by tests that need a machine that is left in peace, and to write by those that do not
/// leave it so.
static PEACE: RwLock<()> = RwLock::new(());

/// An empty folder for a test.
fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new().expect("a temporary folder")
}

fn demo(behaviour: Behaviour) -> Demo {
    Demo::start(behaviour, ([127, 0, 0, 1], 0).into()).expect("the demo service starts")
}

/// Tells the demo service how long to take for an answer from now on.
fn set_latency(address: SocketAddr, latency: &str) {
    let body = format!("{{\"latency\":[\"{latency}\"]}}");
    let mut stream = TcpStream::connect(address).expect("the demo service answers");
    let head = format!(
        "PUT /behaviour HTTP/1.1\r\nhost: demo\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("it listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
}

/// Waits until the load has begun, however long the program took to start.
fn await_first_request(server: &Demo) {
    while server.counts().requests == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[track_caller]
fn check<'a>(run: &'a Value, name: &str) -> &'a Value {
    let checks = run["validity"]["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no check {name} in {checks:#?}"))
}

fn sentence(check: &Value) -> &str {
    check["sentence"].as_str().expect("a sentence")
}

/// Shell loops that keep one processor busy, ended when dropped.
struct Burners(Vec<Child>);

impl Burners {
    fn on_processor(processor: &str, count: usize) -> Self {
        let burn = || {
            Command::new("taskset")
                .args(["-c", processor, "sh", "-c", "while :; do :; done"])
                .stdout(Stdio::null())
                .spawn()
                .expect("taskset runs")
        };
        Self((0..count).map(|_| burn()).collect())
    }
}

impl Drop for Burners {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The first processor that this process may use.
fn a_processor() -> String {
    let status = std::fs::read_to_string("/proc/self/status").expect("procfs");
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .expect("a list of processors");
    let digits = list.trim().split(|char: char| !char.is_ascii_digit());
    digits.into_iter().next().expect("a processor").to_owned()
}

/// The program on one processor, where others come first.
fn starved(processor: &str) -> Command {
    let mut command = Command::new("taskset");
    command
        .args(["-c", processor, "nice", "-n", "10"])
        .arg(program());
    command
}

#[test]
fn a_starved_worker_is_found() {
    let _disturbed = PEACE.write();
    let folder = folder();
    let processor = a_processor();
    let burners = Burners::on_processor(&processor, 3);
    let mut command = starved(&processor);
    command.args([
        "hit",
        "demo/null",
        "--rate",
        "50/s",
        "--duration",
        "5s",
        "--out",
        "out",
    ]);
    Running::spawn(folder.path(), command).wait().expect(0);
    drop(burners);
    let run = run_json(&folder.path().join("out"));
    let stall = check(&run, "loop_stall");
    assert_ne!(stall["status"], "valid", "{stall:#}");
    assert_eq!(stall["cause"], "generator");
    let busy = check(&run, "shared_processors");
    assert_eq!(busy["status"], "warn", "{busy:#}");
}

#[test]
fn a_rate_beyond_the_machine_proves_no_pass() {
    let _disturbed = PEACE.write();
    let folder = folder();
    let finished = plimsoll(
        folder.path(),
        [
            "hit",
            "demo/null",
            "--rate",
            "400000/s",
            "--duration",
            "2s",
            "--threads",
            "1",
            "--connections",
            "20",
            "--drop-after",
            "50ms",
            "--abort-on",
            "off",
            "--threshold",
            "p50 < 10s",
            "--threshold",
            "rate < 1000000/s",
            "--out",
            "out",
        ],
    );
    let run = run_json(&folder.path().join("out"));
    assert_balanced(&run, "/totals");
    assert_eq!(
        run["validity"]["status"], "invalid",
        "{:#}",
        run["validity"]
    );
    let offered = check(&run, "offered_load");
    assert_eq!(
        (&offered["status"], &offered["cause"]),
        (&"invalid".into(), &"generator".into())
    );
    let items = run["items"].as_array().expect("items");
    assert!(
        items.iter().all(|item| item["state"] != "pass"),
        "{items:#?}"
    );
    assert_ne!(finished.code, Some(0));
    assert!(
        finished.stdout.contains("part of the load was never sent"),
        "{}",
        finished.stdout
    );
}

#[test]
fn descriptors_that_run_out_are_named() {
    let _peace = PEACE.read();
    let folder = folder();
    let server = demo(Behaviour {
        latency: vec!["300ms".parse().expect("a latency")],
        ..Behaviour::default()
    });
    let mut command = Command::new("prlimit");
    command.arg("--nofile=64:64").arg(program()).args([
        "hit",
        &format!("{}/null", server.url()),
        "--users",
        "200",
        "--iterations",
        "400",
        "--abort-on",
        "off",
        "--threshold",
        "rate > 1/s",
        "--out",
        "out",
    ]);
    Running::spawn(folder.path(), command).wait();
    let run = run_json(&folder.path().join("out"));
    assert_balanced(&run, "/totals");
    assert!(number(&run, "/tests/0/errors/descriptors") > 0);
    let resources = check(&run, "resources");
    assert_eq!(resources["status"], "invalid", "{resources:#}");
    assert!(sentence(resources).contains("ulimit -n"), "{resources:#}");
}

#[test]
fn ports_that_run_out_are_named() {
    let _peace = PEACE.read();
    let folder = folder();
    // A network of its own, with eleven local ports for each source address.
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "sh", "-c"]);
    command.arg(format!(
        "ip link set lo up && echo 40000 40010 > /proc/sys/net/ipv4/ip_local_port_range && exec {} hit demo/slow?ms=300 --users 300 --iterations 600 --abort-on off --threshold 'rate > 1/s' --out out",
        program().display()
    ));
    let finished = Running::spawn(folder.path(), command).wait();
    assert_ne!(finished.code, Some(2), "{}", finished.stderr);
    let run = run_json(&folder.path().join("out"));
    assert_balanced(&run, "/totals");
    assert!(number(&run, "/tests/0/errors/ports") > 0);
    let resources = check(&run, "resources");
    assert_eq!(resources["status"], "invalid", "{resources:#}");
    assert!(
        sentence(resources).contains("ip_local_port_range"),
        "{resources:#}"
    );
}

#[test]
fn a_cold_start_is_left_out_and_said_to_be() {
    let _peace = PEACE.read();
    let folder = folder();
    let server = demo(Behaviour {
        latency: vec!["600ms".parse().expect("a latency")],
        ..Behaviour::default()
    });
    let url = format!("{}/echo", server.url());
    let warm = std::thread::spawn(move || {
        await_first_request(&server);
        // The demo service warms up while the load goes on; when exactly does not matter.
        std::thread::sleep(Duration::from_secs(5));
        set_latency(server.address(), "20ms");
        server
    });
    let finished = plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "50/s",
            "--duration",
            "24s",
            "--threshold",
            "p80 < 500ms",
            "--out",
            "out",
        ],
    );
    let server = warm.join().expect("the demo service was told");
    drop(server);
    let run = run_json(&folder.path().join("out"));
    let warmup = &run["tests"][0]["warmup"];
    assert_eq!(warmup["rule"], "estimated", "{warmup:#}");
    let until = number(&run, "/tests/0/warmup/until_ns") / 1_000_000_000;
    assert!((4..=8).contains(&until), "{warmup:#}");
    // A fifth of all requests were slow, and none of those that are judged.
    assert!(number(&run, "/items/0/n") <= 1200 - 4 * 50);
    assert!(
        finished.stdout.contains("are left out of response times"),
        "{}",
        finished.stdout
    );
}

#[test]
fn a_service_that_drifts_proves_no_pass() {
    let _peace = PEACE.read();
    let folder = folder();
    let server = demo(Behaviour {
        latency: vec!["20ms".parse().expect("a latency")],
        ..Behaviour::default()
    });
    let url = format!("{}/echo", server.url());
    let drift = std::thread::spawn(move || {
        await_first_request(&server);
        for step in 1..=18 {
            std::thread::sleep(Duration::from_secs(1));
            set_latency(server.address(), &format!("{}ms", 20 + 5 * step));
        }
        server
    });
    let finished = plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "50/s",
            "--duration",
            "18s",
            "--threshold",
            "p50 < 10s",
            "--out",
            "out",
        ],
    );
    let server = drift.join().expect("the demo service was told");
    drop(server);
    let run = run_json(&folder.path().join("out"));
    let trend = check(&run, "trend");
    assert_eq!(trend["status"], "invalid", "{trend:#}");
    assert_eq!(run["items"][0]["state"], "invalid");
    assert!(
        finished.stdout.contains("the service became steadily"),
        "{}",
        finished.stdout
    );
    finished.expect(22);
}

#[test]
fn a_decided_run_ends_early() {
    let _peace = PEACE.read();
    let folder = folder();
    plimsoll(
        folder.path(),
        [
            "hit",
            "demo/null",
            "--rate",
            "100/s",
            "--duration",
            "100s",
            "--stop-when-decided",
            "--warmup",
            "0s",
            "--threshold",
            "errors < 5%",
            "--out",
            "out",
        ],
    )
    .expect(0);
    let run = run_json(&folder.path().join("out"));
    let elapsed = number(&run, "/tests/0/elapsed_ns") / 1_000_000_000;
    assert!((30..60).contains(&elapsed), "{elapsed} s");
    assert!(
        run["reason"]
            .as_str()
            .is_some_and(|why| why.contains("decided"))
    );
    let events = std::fs::read_to_string(folder.path().join("out/events.ndjson")).expect("events");
    assert!(events.contains("\"stop_when_decided\""), "{events}");
}

#[test]
fn the_worst_window_is_judged_and_named() {
    let _peace = PEACE.read();
    let folder = folder();
    let finished = plimsoll(
        folder.path(),
        [
            "hit",
            "demo/status/500",
            "--rate",
            "50/s",
            "--duration",
            "4s",
            "--abort-on",
            "off",
            "--threshold",
            "errors < 50% for 2s",
            "--out",
            "out",
        ],
    )
    .expect(20);
    assert!(
        finished.stdout.contains("the worst 2 s began at"),
        "{}",
        finished.stdout
    );
}
