//! goose: journeys written in Rust, one task a user.

use crate::bench::Bench;
use crate::measured::Measured;
use crate::sections::journey;
use anyhow::{Context, ensure};
use serde_json::Value;

/// 64 users that go through the journey again and again.
///
/// # Errors
/// When it is not built, does not run, or says nothing.
pub(crate) fn goose(bench: &Bench) -> anyhow::Result<Measured> {
    let program = bench.tools.join("goose/release/journey-goose");
    ensure!(program.is_file(), "goose is not built");
    let report = bench.scratch.path().join("goose.json");
    let mut command = bench.generator(&program);
    command
        .args(["--host", &format!("http://{}", bench.server.authority())])
        .args(["--users", "64", "--increase-rate", "1000"])
        .args(["--run-time", &format!("{}s", bench.seconds)])
        // Otherwise it forgets what was sent until all users were there.
        .args(["--no-reset-metrics"])
        .args(["--quiet", "--no-print-metrics", "--report-file"])
        .arg(&report)
        .env("JOURNEY_USERS", journey::folder().join("users.csv"))
        .current_dir(bench.scratch.path());
    let finished = bench.run(command)?;
    let document: Value = serde_json::from_str(&std::fs::read_to_string(report)?)?;
    let (completed, failed) = counts(&document).context("its report has no requests")?;
    Ok(Measured::of(&finished, completed, failed))
}

/// Successes and failures of all requests.
fn counts(report: &Value) -> Option<(u64, u64)> {
    let requests = report["raw_request_metrics"].as_array()?;
    let sum = |key: &str| {
        requests
            .iter()
            .filter_map(|row| row[key].as_u64())
            .sum::<u64>()
    };
    let of_all = |all: u64, failed: u64| (all - failed, failed);
    Some(of_all(sum("number_of_requests"), sum("number_of_failures")))
}
