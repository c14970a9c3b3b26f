//! artillery: journeys written in YAML, driven by Node.js.

use crate::bench::Bench;
use crate::measured::Measured;
use crate::sections::journey;
use anyhow::{Context, ensure};
use plimsoll_benches::program::Cpu;
use serde_json::Value;

/// Journeys a second: what it can do on one processor with time to spare.
const RATE: u64 = 40;

/// What a request costs in addition to the program's start, which is dear: the difference of two runs.
///
/// # Errors
/// When it is not installed, does not run, or says nothing.
pub(crate) fn artillery(bench: &Bench) -> anyhow::Result<Measured> {
    let short = once(bench, 1)?;
    let long = once(bench, 1 + bench.seconds)?;
    Ok(Measured {
        completed: long.completed.saturating_sub(short.completed),
        failed: long.failed + short.failed,
        left_out: 2 * short.completed,
        cpu: Cpu {
            user_us: long.cpu.user_us - short.cpu.user_us,
            system_us: long.cpu.system_us - short.cpu.system_us,
        },
        seconds: bench.seconds as f64,
        ..Measured::default()
    })
}

fn once(bench: &Bench, seconds: u64) -> anyhow::Result<Measured> {
    let program = bench.tools.join("artillery/node_modules/.bin/artillery");
    ensure!(program.is_file(), "artillery is not installed");
    let report = bench.scratch.path().join("artillery.json");
    let phases = serde_json::json!({
        "config": { "phases": [ { "duration": seconds, "arrivalRate": RATE } ] }
    });
    let mut command = bench.generator(&program);
    command
        .args([
            "run",
            "--quiet",
            "--overrides",
            &phases.to_string(),
            "--output",
        ])
        .arg(&report)
        .arg(journey::folder().join("artillery.yml"))
        .env(
            "JOURNEY_SERVER",
            format!("http://{}", bench.server.authority()),
        )
        .env("ARTILLERY_DISABLE_TELEMETRY", "true");
    let finished = bench.run(command)?;
    let document: Value = serde_json::from_str(&std::fs::read_to_string(report)?)?;
    let (completed, failed) = counts(&document).context("its report has no requests")?;
    Ok(Measured::of(&finished, completed, failed))
}

/// Answers of 2xx; and all that it counts as an error, of a request, an expectation or a capture.
fn counts(report: &Value) -> Option<(u64, u64)> {
    let counters = report["aggregate"]["counters"].as_object()?;
    let sum = |prefixes: &[&str]| {
        let of = counters.iter();
        let of = of.filter(|(name, _)| prefixes.iter().any(|prefix| name.starts_with(prefix)));
        of.filter_map(|(_, count)| count.as_u64()).sum::<u64>()
    };
    let failed = sum(&[
        "errors.",
        "plugins.expect.failed",
        "http.codes.4",
        "http.codes.5",
    ]);
    Some((sum(&["http.codes.2"]), failed))
}

#[cfg(test)]
mod tests {
    use super::counts;
    use serde_json::json;

    #[test]
    fn only_what_went_well_is_completed() {
        let report = json!({ "aggregate": { "counters": {
            "http.requests": 210, "http.codes.200": 120, "http.codes.201": 80, "http.codes.401": 1,
            "errors.ECONNRESET": 2, "plugins.expect.failed": 3, "vusers.failed": 6,
        } } });
        assert_eq!(counts(&report), Some((200, 6)));
    }
}
