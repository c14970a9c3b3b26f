//! h2load: nghttp2's generator, for HTTP/2, and for a set rate over HTTP/1.1.

use super::number_before;
use crate::bench::Bench;
use crate::measured::Measured;
use plimsoll_benches::program::find;

/// One thread.
///
/// # Errors
/// When it is not installed, does not run, or says nothing.
pub(crate) fn h2load(bench: &Bench, url: &str, arguments: &[&str]) -> anyhow::Result<Measured> {
    let mut command = bench.generator(&find("h2load")?);
    command.args(["-t", "1", "-D", &bench.seconds.to_string()]);
    command.args(arguments).arg(url);
    let finished = bench.run(command)?;
    let text = &finished.stdout;
    let completed = number_before(text, " succeeded,")?;
    let failed = number_before(text, " failed,")? + number_before(text, " timeout")?;
    Ok(Measured::of(&finished, completed, failed))
}

#[cfg(test)]
mod tests {
    use super::number_before;

    #[test]
    fn the_line_of_counts_is_read() {
        let text = "requests: 29952 total, 29960 started, 29952 done, 29950 succeeded, 2 failed, 1 errored, 3 timeout\nstatus codes: 29950 2xx";
        assert_eq!(number_before(text, " succeeded,").unwrap(), 29_950);
        assert_eq!(number_before(text, " failed,").unwrap(), 2);
        assert_eq!(number_before(text, " timeout").unwrap(), 3);
        assert!(number_before(text, " sent,").is_err());
    }
}
