//! Whether memory stays the same over ten minutes at 20,000 requests a second.

use crate::bench::Bench;
use crate::figure::{Figure, Unit};
use crate::row::{Goal, Row};
use plimsoll_benches::interrupt;
use plimsoll_benches::program::Running;
use plimsoll_benches::result::Document;
use std::time::Duration;

/// Requests a second.
const RATE: u64 = 20_000;

/// The rows.
pub(crate) fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let (seconds, beginning) = if bench.is_quick { (15, 5) } else { (600, 60) };
    let out = bench.scratch.path().join("soak");
    let mut command = bench.generator(&bench.plimsoll);
    command.args([
        "hit",
        &bench.server.http(),
        "--threads",
        "1",
        "--connections",
        "64",
    ]);
    command.args([
        "--rate",
        &format!("{RATE}/s"),
        "--duration",
        &format!("{seconds}s"),
    ]);
    command.args(["--quiet", "--out"]).arg(&out);
    let mut running = Running::start(command)?;
    let mut resident = Vec::new();
    bench.say(&format!("  soak: {seconds} s at {RATE}/s"));
    while !running.has_ended()? && resident.len() < seconds {
        interrupt::sleep(Duration::from_secs(1))?;
        // It may have ended meanwhile.
        resident.extend(running.resident_bytes().ok());
    }
    running.wait(Duration::from_secs(900))?.success()?;
    let (first, rest) = resident.split_at(beginning.min(resident.len()));
    // An allocator has some megabytes more now and then; when it has its most is chance, and where the most is in time no growth.
    let usual = |of: &[u64]| Figure::median(megabytes(of), Unit::Megabytes);
    let most = |of: &[u64]| megabytes(of).into_iter().fold(0.0, f64::max);
    let document = Document::read(&out)?;
    let (intended, ok) = (document.total("intended")?, document.total("ok")?);
    let rate = document.achieved_rate().unwrap_or_default();
    Ok(vec![Row {
        what: format!("{seconds} s at 20,000/s: memory after the first {beginning} s"),
        ours: usual(rest),
        other: Some((format!("in the first {beginning} s"), usual(first))),
        in_turn: None,
        goal: Goal::Times(1.05),
        notes: vec![
            format!("{ok} of {intended} requests ok, {rate:.0}/s"),
            format!(
                "at most {:.1} MB, {:.1} MB in the first {beginning} s",
                most(rest),
                most(first)
            ),
        ],
    }])
}

fn megabytes(bytes: &[u64]) -> Vec<f64> {
    bytes.iter().map(|bytes| *bytes as f64 / 1e6).collect()
}
