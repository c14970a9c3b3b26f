//! What a connection and a waiting user cost in resident memory.
//!
//! Users arrive at a set rate, send a request over a connection of their own, and think for longer than this
//! takes: their connections stay open, idle between two requests. What many have more than few, over how many
//! they are more, is the cost of one.

use crate::bench::Bench;
use crate::figure::{Figure, Unit};
use crate::row::Row;
use anyhow::{Context, ensure};
use plimsoll_benches::interrupt;
use plimsoll_benches::program::Running;
use std::time::{Duration, Instant};

/// How many connections are wanted.
const CONNECTIONS: u64 = 20_000;
/// Descriptors that are needed for other things.
const SPARE: u64 = 100;
/// How many users wait without a connection.
const WAITING: u64 = 50_000;
/// How long users arrive, in seconds.
const ARRIVING: u64 = 10;
/// How long everything that was opened may take to be there.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often memory is looked at, once a tenth of a second.
const LOOKS: usize = 20;

/// Users who all wait at the end.
struct Crowd {
    name: &'static str,
    target: String,
    /// Whether they have sent a request before.
    are_connected: bool,
    users: u64,
}

/// The rows.
pub(crate) fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let possible = bench.machine.descriptors.saturating_sub(SPARE);
    let connections = CONNECTIONS.min(possible) / if bench.is_quick { 10 } else { 1 };
    let waiting = WAITING / if bench.is_quick { 10 } else { 1 };
    let verified =
        |url: String, verify: bool| format!("url: \"{url}\", tls: {{ verify: {verify} }}");
    let (http, https) = (bench.server.origin(false), bench.server.origin(true));
    let crowds = [
        (
            Crowd {
                name: "an open connection, HTTP/1.1",
                target: verified(http.clone(), true),
                are_connected: true,
                users: connections,
            },
            6.0,
        ),
        (
            Crowd {
                name: "an open connection, HTTP/1.1, TLS",
                target: verified(https, false),
                are_connected: true,
                users: connections,
            },
            25.0,
        ),
        (
            Crowd {
                name: "a waiting user without a connection",
                target: verified(http, true),
                are_connected: false,
                users: waiting,
            },
            1.0,
        ),
    ];
    let mut rows = Vec::new();
    for (crowd, goal) in crowds {
        let what = format!("memory of {}, {} at once", crowd.name, crowd.users);
        let goal = Figure::once(goal, Unit::Kib);
        let row = match each(bench, &crowd) {
            Ok(kib) => Row::limit(what, Some(Figure::once(kib, Unit::Kib)), goal),
            Err(problem) => {
                interrupt::check()?;
                Row::limit(what, None, goal).note(format!("{problem:#}"))
            }
        };
        bench.say(&format!("  {}: {}", row.what, row.cells()[1]));
        let is_less = crowd.are_connected && !bench.is_quick && connections < CONNECTIONS;
        rows.push(if is_less {
            let limit = bench.machine.descriptors;
            row.note(format!(
                "not {CONNECTIONS}: this machine allows {limit} open files"
            ))
        } else {
            row
        });
    }
    Ok(rows)
}

/// What one of a crowd has, in KiB.
fn each(bench: &Bench, crowd: &Crowd) -> anyhow::Result<f64> {
    let few = crowd.users / 100;
    let less = resident(bench, crowd, few).context("with few")?;
    let more = resident(bench, crowd, crowd.users).context("with many")?;
    Ok((more - less) / 1024.0 / (crowd.users - few) as f64)
}

/// Resident memory once all of them wait, in bytes.
fn resident(bench: &Bench, crowd: &Crowd, users: u64) -> anyhow::Result<f64> {
    let first = if crowd.are_connected {
        "- { name: first, GET: /plain }"
    } else {
        ""
    };
    let rate = users as f64 / ARRIVING as f64;
    let text = format!(
        "name: crowd
target: {{ {}, http: 1, connections: per_user }}
journeys:
  wait:
    steps:
      {first}
      - think: 1h
      - {{ name: last, GET: /plain }}
load: {{ rate: {rate}/s, duration: {ARRIVING}s }}
",
        crowd.target
    );
    let file = bench.file("crowd.yaml", &text)?;
    let out = tempfile::tempdir_in(bench.scratch.path())?;
    let mut command = bench.generator(&bench.plimsoll);
    command
        .arg("run")
        .arg(&file)
        .args(["--threads", "1", "--quiet", "--out"]);
    command.arg(out.path().join("result"));
    let mut running = Running::start(command)?;
    interrupt::sleep(Duration::from_secs(ARRIVING))?;
    let until = Instant::now() + PATIENCE;
    while crowd.are_connected && running.open_files()? < usize::try_from(users)? {
        ensure!(!running.has_ended()?, "it ended early");
        let open = running.open_files()?;
        ensure!(
            Instant::now() < until,
            "only {open} of {users} connections were opened"
        );
        interrupt::sleep(Duration::from_millis(100))?;
    }
    let mut seen = Vec::new();
    for _ in 0..LOOKS {
        interrupt::sleep(Duration::from_millis(100))?;
        seen.push(running.resident_bytes()? as f64);
    }
    let seen = Figure::median(seen, Unit::Count).context("nothing was seen")?;
    Ok(seen.value)
}
