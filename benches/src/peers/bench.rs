//! What every section works with: the machine, the server, the programs, and how long to take.

use anyhow::Context;
use plimsoll_benches::machine::Machine;
use plimsoll_benches::program::{Finished, Running, pinned};
use plimsoll_benches::server::Server;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// How much longer than planned a program may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// What every section works with.
#[derive(Debug)]
pub(crate) struct Bench {
    /// This machine.
    pub(crate) machine: Machine,
    /// The server.
    pub(crate) server: Server,
    /// The program whose figures these are.
    pub(crate) plimsoll: PathBuf,
    /// Where programs are that were installed for this.
    pub(crate) tools: PathBuf,
    /// How often each generator runs.
    pub(crate) rounds: usize,
    /// How long each run takes, in seconds.
    pub(crate) seconds: u64,
    /// Whether this is only to see that it works.
    pub(crate) is_quick: bool,
    /// For what is written on the way; gone at the end.
    pub(crate) scratch: TempDir,
}

impl Bench {
    /// A command that runs a program on the generators' processor.
    pub(crate) fn generator(&self, program: &Path) -> Command {
        pinned(program, &self.machine.generator_core().to_string())
    }

    /// Runs a generator to its end.
    ///
    /// # Errors
    /// When it does not start, end in time, or succeed.
    pub(crate) fn run(&self, command: Command) -> anyhow::Result<Finished> {
        let limit = Duration::from_secs(self.seconds) + PATIENCE;
        Running::start(command)?.wait(limit)?.success()
    }

    /// A file of this section's own.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn file(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.scratch.path().join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Says how far it is.
    #[allow(clippy::print_stderr, reason = "progress belongs there")]
    pub(crate) fn say(&self, text: &str) {
        eprintln!("{text}");
    }
}
