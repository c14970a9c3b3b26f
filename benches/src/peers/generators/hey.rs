//! hey and ab: what many people reach for first.

use super::number_before;
use crate::bench::Bench;
use crate::measured::Measured;
use anyhow::Context;
use plimsoll_benches::program::find;

/// hey on one processor, 64 connections.
///
/// # Errors
/// When it is not installed, does not run, or says nothing.
pub(crate) fn hey(bench: &Bench, url: &str) -> anyhow::Result<Measured> {
    let mut command = bench.generator(&find("hey")?);
    command.args([
        "-cpus",
        "1",
        "-c",
        "64",
        "-z",
        &format!("{}s", bench.seconds),
        url,
    ]);
    let finished = bench.run(command)?;
    let (completed, failed) = counts_of_hey(&finished.stdout)?;
    Ok(Measured::of(&finished, completed, failed))
}

/// ab, 64 connections that are kept.
///
/// # Errors
/// When it is not installed, does not run, or says nothing.
pub(crate) fn ab(bench: &Bench, url: &str) -> anyhow::Result<Measured> {
    let mut command = bench.generator(&find("ab")?);
    // The time ends it; without the number, it would end after 50,000 requests.
    command.args(["-q", "-k", "-c", "64", "-t", &bench.seconds.to_string()]);
    command.args(["-n", "100000000", url]);
    let finished = bench.run(command)?;
    let after = |words: &str| {
        let found = finished
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix(words));
        found.and_then(|number| number.trim().parse::<u64>().ok())
    };
    let completed = after("Complete requests:").context("it printed no number of requests")?;
    let failed = after("Failed requests:").unwrap_or(0) + after("Non-2xx responses:").unwrap_or(0);
    Ok(Measured::of(
        &finished,
        completed.saturating_sub(failed),
        failed,
    ))
}

/// Answers with 200, and everything else.
fn counts_of_hey(text: &str) -> anyhow::Result<(u64, u64)> {
    let (mut completed, mut failed) = (0, 0);
    let mut is_errors = false;
    for line in text.lines().map(str::trim) {
        is_errors |= line == "Error distribution:";
        let Some((bracketed, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']'))
        else {
            continue;
        };
        if is_errors {
            failed += bracketed.parse().unwrap_or(0);
        } else if rest.ends_with("responses") {
            let count = number_before(rest, " responses")?;
            let is_ok = bracketed == "200";
            *if is_ok { &mut completed } else { &mut failed } += count;
        }
    }
    Ok((completed, failed))
}

#[cfg(test)]
mod tests {
    use super::counts_of_hey;

    #[test]
    fn statuses_and_errors_of_hey_are_counted() {
        let text = "Status code distribution:\n  [200]\t45903 responses\n  [503]\t2 responses\n\nError distribution:\n  [3]\tGet http://x: EOF\n";
        assert_eq!(counts_of_hey(text).unwrap(), (45_903, 5));
    }
}
