//! oha: a generator in Rust, on hyper as well.

use crate::bench::Bench;
use crate::measured::Measured;
use anyhow::Context;
use plimsoll_benches::program::find;
use serde_json::Value;
use std::path::PathBuf;

/// One thread.
///
/// # Errors
/// When it is not installed, does not run, or says nothing.
pub(crate) fn oha(bench: &Bench, url: &str, arguments: &[&str]) -> anyhow::Result<Measured> {
    let mut command = bench.generator(&path(bench)?);
    command.args([
        "--no-tui",
        "--output-format",
        "json",
        "--worker-threads",
        "1",
    ]);
    command.args(["-z", &format!("{}s", bench.seconds)]);
    command.args(arguments).arg(url);
    let finished = bench.run(command)?;
    let document: Value = serde_json::from_str(&finished.stdout)?;
    let (completed, failed) = counts(&document).context("it says no status codes")?;
    Ok(Measured {
        completed,
        failed,
        cpu: finished.cpu,
        seconds: finished.wall.as_secs_f64(),
        median_us: document["latencyPercentiles"]["p50"]
            .as_f64()
            .map(|s| s * 1e6),
        ..Measured::default()
    })
}

/// The one that was installed for this, or the system's.
pub(crate) fn path(bench: &Bench) -> anyhow::Result<PathBuf> {
    let own = bench.tools.join("oha/bin/oha");
    if own.is_file() { Ok(own) } else { find("oha") }
}

/// Answers with 200, and everything else but what the end cut off.
fn counts(document: &Value) -> Option<(u64, u64)> {
    let statuses = document["statusCodeDistribution"].as_object()?;
    let ok = statuses.get("200").and_then(Value::as_u64).unwrap_or(0);
    let answered: u64 = statuses.values().filter_map(Value::as_u64).sum();
    let errors = document["errorDistribution"].as_object();
    let errors = errors.into_iter().flatten();
    // It counts what was under way at the end as an error of this name.
    let errors = errors.filter(|(name, _)| !name.contains("deadline"));
    let errors: u64 = errors.filter_map(|(_, count)| count.as_u64()).sum();
    Some((ok, answered - ok + errors))
}

#[cfg(test)]
mod tests {
    use super::counts;
    use serde_json::json;

    #[test]
    fn requests_cut_off_at_the_end_are_no_failures() {
        let document = json!({
            "statusCodeDistribution": { "200": 100, "503": 2 },
            "errorDistribution": { "aborted due to deadline": 64, "connection closed": 1 },
        });
        assert_eq!(counts(&document), Some((100, 3)));
        assert_eq!(counts(&json!({})), None);
    }
}
