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

/// Successes and failures of all requests: its last row has them, the others those of each request.
fn counts(report: &Value) -> Option<(u64, u64)> {
    let rows = report["raw_request_metrics"].as_array()?;
    let all = rows.iter().find(|row| row["name"] == "Aggregated")?;
    let count = |key: &str| all[key].as_u64();
    let failed = count("number_of_failures")?;
    Some((count("number_of_requests")?.checked_sub(failed)?, failed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_is_counted_once() {
        let row = |name: &str, requests: u64, failures: u64| json!({ "name": name, "number_of_requests": requests, "number_of_failures": failures });
        let report = json!({ "raw_request_metrics": [
            row("/", 40, 0),
            row("/login", 60, 5),
            row("Aggregated", 100, 5),
        ]});
        assert_eq!(counts(&report), Some((95, 5)));
        assert_eq!(counts(&json!({ "raw_request_metrics": [] })), None);
    }
}
