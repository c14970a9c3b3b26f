//! Runs the program under valgrind's callgrind and reads what it counted.

use crate::program::{Running, find};
use crate::result::Document;
use crate::server::Server;
use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const JOURNEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/journey/journey.yaml");
/// Longer than a run takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// `plimsoll hit`, HTTP/1.1 in clear text.
    Plain,
    /// The journey that peers are compared with.
    Journey,
}

/// What a run came to.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// Instructions of the worker threads.
    pub instructions: u64,
    /// Requests that they sent.
    pub requests: u64,
    /// Whether the program was built without optimisation.
    pub is_debug_build: bool,
}

/// A program and a server that it is run against.
#[derive(Debug)]
pub struct Callgrind {
    // Before the folder that its files are in.
    server: Server,
    program: PathBuf,
    scratch: TempDir,
}

impl Callgrind {
    /// Starts the server.
    ///
    /// # Errors
    /// When the program or nginx is missing.
    pub fn new(program: &Path) -> anyhow::Result<Self> {
        let program = std::path::absolute(program)?;
        ensure!(program.is_file(), "{} is not there", program.display());
        let scratch = TempDir::with_prefix("plimsoll-instructions-")?;
        Ok(Self {
            server: Server::start(None, 1_000)?,
            program: stripped(&program, scratch.path()).unwrap_or(program),
            scratch,
        })
    }

    /// Runs the program as one user over one connection, for so many iterations.
    ///
    /// # Errors
    /// When valgrind is missing, or a request does not end well.
    pub fn count(&self, load: Load, iterations: u64) -> anyhow::Result<Counted> {
        let folder = tempfile::tempdir_in(self.scratch.path())?;
        let (counts, out) = (
            folder.path().join("callgrind"),
            folder.path().join("result"),
        );
        let mut command = Command::new(find("valgrind")?);
        command
            .args(["--tool=callgrind", "--quiet", "--separate-threads=yes"])
            .arg(format!("--callgrind-out-file={}", counts.display()))
            .arg(&self.program);
        match load {
            Load::Plain => command.args(["hit", &self.server.http()]),
            Load::Journey => command
                .args(["run", JOURNEY])
                .env("JOURNEY_SERVER", self.server.authority()),
        };
        command
            .args([
                "--users",
                "1",
                "--threads",
                "1",
                "--iterations",
                &iterations.to_string(),
            ])
            .args(["--warmup", "0s", "--quiet", "--out"])
            .arg(&out);
        Running::start(command)?.wait(PATIENCE)?.success()?;
        let document = Document::read(&out)?;
        let (intended, ok) = (document.total("intended")?, document.total("ok")?);
        ensure!(
            intended == ok,
            "{} of {intended} requests did not end well",
            intended - ok
        );
        Ok(Counted {
            instructions: of_workers(folder.path())?,
            requests: ok,
            is_debug_build: document.is_debug_build(),
        })
    }
}

/// A copy without what debuggers want to know: valgrind reads that for longer than a request takes.
fn stripped(program: &Path, folder: &Path) -> Option<PathBuf> {
    let copy = folder.join("program");
    let mut command = Command::new(find("strip").ok()?);
    command
        .args(["--strip-debug", "-o"])
        .arg(&copy)
        .arg(program);
    let finished = Running::start(command).ok()?.wait(PATIENCE).ok()?;
    finished.status.success().then_some(copy)
}

/// The sum over all threads but the main one, which valgrind counts as the first. Each has a file.
fn of_workers(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let thread = name
            .strip_prefix("callgrind-")
            .and_then(|thread| thread.parse::<u32>().ok());
        if thread.is_some_and(|thread| thread > 1) {
            let text = std::fs::read_to_string(&path)?;
            sum += total(&text).with_context(|| format!("{name} has no total"))?;
        }
    }
    ensure!(sum > 0, "callgrind counted no worker thread");
    Ok(sum)
}

/// The sum in a file of callgrind's.
fn total(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals:"));
    line?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_total_is_at_the_end_of_the_file() {
        assert_eq!(total("events: Ir\n0 1\ntotals: 42\n"), Some(42));
        assert_eq!(total("events: Ir\n"), None);
    }
}
