//! The program whose figures these are. Everything comes from its `run.json`.

use crate::bench::Bench;
use crate::measured::Measured;
use plimsoll_benches::program::Finished;
use plimsoll_benches::result::Document;
use std::path::Path;
use std::process::Command;

/// `plimsoll hit URL` with one thread on the generators' processor.
///
/// # Errors
/// When it does not run, or says nothing.
pub(crate) fn hit(bench: &Bench, url: &str, arguments: &[&str]) -> anyhow::Result<Measured> {
    let mut command = bench.generator(&bench.plimsoll);
    command.args(["hit", url, "--threads", "1"]).args(arguments);
    run(bench, command)
}

/// `plimsoll hit URL` as fast as 64 connections can.
///
/// # Errors
/// When it does not run, or says nothing.
pub(crate) fn closed(bench: &Bench, url: &str, arguments: &[&str]) -> anyhow::Result<Measured> {
    let duration = format!("{}s", bench.seconds);
    let load = ["--users", "64", "--connections", "64"];
    let load = [&load[..], &["--duration", &duration], arguments].concat();
    hit(bench, url, &load)
}

/// `plimsoll run FILE` with some threads on some processors.
///
/// # Errors
/// When it does not run, or says nothing.
pub(crate) fn scenario(bench: &Bench, file: &Path, arguments: &[&str]) -> anyhow::Result<Measured> {
    let mut command = bench.generator(&bench.plimsoll);
    command.arg("run").arg(file).args(arguments);
    command.env("JOURNEY_SERVER", bench.server.authority());
    run(bench, command)
}

fn run(bench: &Bench, mut command: Command) -> anyhow::Result<Measured> {
    let out = tempfile::tempdir_in(bench.scratch.path())?;
    command
        .args(["--quiet", "--out"])
        .arg(out.path().join("result"));
    let finished = bench.run(command)?;
    measured(&Document::read(&out.path().join("result"))?, &finished)
}

fn measured(document: &Document, finished: &Finished) -> anyhow::Result<Measured> {
    let microseconds = |figure: Option<f64>| figure.map(|ns| ns / 1e3);
    let completed = document.total("ok")?;
    let failed = document.total("intended")?.saturating_sub(completed);
    Ok(Measured {
        median_us: microseconds(document.figure("response", "p50_ns")),
        lag_us: microseconds(document.figure("dispatch_lag", "p50_ns")),
        ..Measured::of(finished, completed, failed)
    })
}
