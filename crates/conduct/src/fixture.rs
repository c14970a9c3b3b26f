//! What tests of several modules need.

use crate::{Fetch, Fetched};
use rustix::process::{Pid, test_kill_process};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Longer than anything takes that works.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn words(run: &[&str]) -> Vec<String> {
    run.iter().map(|word| (*word).to_owned()).collect()
}

/// Writes a shell script. Another process does so: a file that is open for writing, also in a child
/// that another test starts just now, cannot be run.
pub(crate) fn script(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    let text = format!("#!/bin/sh\n{text}\n");
    let status = Command::new("sh")
        .args(["-c", "printf %s \"$1\" >\"$0\" && chmod +x \"$0\""])
        .arg(&file)
        .arg(text)
        .status();
    assert!(status.unwrap().success());
    file
}

/// Whether a process runs, by its number; one that only waits to be reaped does not.
pub(crate) fn is_running(pid: &str) -> bool {
    let pid = pid.trim().parse().ok().and_then(Pid::from_raw);
    let pid = pid.expect("a process id");
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    test_kill_process(pid).is_ok() && !state.is_ok_and(|stat| stat.contains(") Z "))
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what} within {PATIENCE:?}");
        // Between two looks at what other processes do; how long it takes decides no test.
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The text of a file; empty if there is none.
pub(crate) fn text_of(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_default()
}

/// Answers by a function.
pub(crate) struct Answer<F>(pub(crate) F);

impl<F: Fn(&str) -> Result<Fetched, String> + Send + Sync> Fetch for Answer<F> {
    fn get(&self, url: &str, _: Duration) -> Result<Fetched, String> {
        self.0(url)
    }
}

/// An answer with this status and body.
pub(crate) fn page(status: u16, body: &str) -> Result<Fetched, String> {
    Ok(Fetched {
        status,
        headers: Vec::new(),
        body: body.into(),
    })
}
