//! wrk: a closed loop of HTTP/1.1 in C, and the yardstick for cost.

use super::number_before;
use crate::bench::Bench;
use crate::measured::Measured;
use plimsoll_benches::program::find;

/// One thread, so many connections.
///
/// # Errors
/// When it is not installed, does not run, or says nothing.
pub(crate) fn wrk(bench: &Bench, url: &str, connections: u32) -> anyhow::Result<Measured> {
    let mut command = bench.generator(&find("wrk")?);
    let (connections, duration) = (connections.to_string(), format!("{}s", bench.seconds));
    command.args(["-t", "1", "-c", &connections, "-d", &duration, url]);
    let finished = bench.run(command)?;
    let (completed, failed) = counts(&finished.stdout)?;
    Ok(Measured::of(&finished, completed, failed))
}

/// Requests that were answered well, and that were not.
fn counts(text: &str) -> anyhow::Result<(u64, u64)> {
    let all = number_before(text, " requests in ")?;
    let after = |words: &str| {
        let mut lines = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix(words));
        lines.next().unwrap_or_default().to_owned()
    };
    let bad = after("Non-2xx or 3xx responses:")
        .trim()
        .parse()
        .unwrap_or(0);
    let errors = after("Socket errors:");
    let digits = errors.split(|letter: char| !letter.is_ascii_digit());
    let errors: u64 = digits.filter_map(|digits| digits.parse::<u64>().ok()).sum();
    Ok((all.saturating_sub(bad), bad + errors))
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn what_did_not_go_well_is_told_apart() {
        let text =
            "Running 3s test @ http://127.0.0.1:1/\n  181268 requests in 3.00s, 36.65MB read\n";
        assert_eq!(counts(text).unwrap(), (181_268, 0));
        let text = "  100 requests in 1.00s, 8.85MB read\n  Socket errors: connect 0, read 2, write 0, timeout 3\n  Non-2xx or 3xx responses: 40\n";
        assert_eq!(counts(text).unwrap(), (60, 45));
        assert!(counts("unable to connect to 127.0.0.1:1").is_err());
    }
}
