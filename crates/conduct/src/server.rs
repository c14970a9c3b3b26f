//! Starts the release itself, keeps it running, and stops it.
//!
//! It runs at the head of its own process group, so that Ctrl-C ends the test and not the thing tested.

mod log;
mod supervise;

use crate::command::StartError;
use crate::fetch::Fetch;
use crate::pending::{Pending, register};
use plimsoll_report::document::Mark;
use plimsoll_scenario::Masker;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use supervise::Supervisor;

/// How often a server is started again before it is given up.
pub const MOST_RESTARTS: usize = 5;
/// How long a server has between the request to end (SIGTERM) and its end (SIGKILL).
pub const STOP_GRACE: Duration = Duration::from_secs(5);

/// What is started, from a plan's [`OwnTarget::Command`](plimsoll_scenario::plan::OwnTarget::Command).
#[derive(Debug, Clone)]
pub struct ServerPlan {
    /// Program and arguments.
    pub run: Vec<String>,
    /// What its environment has besides ours.
    pub environment: Vec<(String, String)>,
    /// The plan's folder, where it runs.
    pub folder: PathBuf,
    /// What the SHA-256 of the program's file has to be, in hexadecimal.
    pub sha256: Option<String>,
    /// A path of the default target, or a URL, that answers 2xx when it is ready.
    pub ready: Option<String>,
    /// How long that may take.
    pub ready_within: Duration,
    /// The file that its output goes to.
    pub log: PathBuf,
    /// What is masked in its output.
    pub masker: Masker,
}

/// Why there is no server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Its file is another than the plan says.
    #[error(
        "`{program}` has the SHA-256 {found}, and the plan says {expected}: nothing was started; put the release in place, or correct `sha256`"
    )]
    Digest {
        /// The program.
        program: String,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A file could not be read or written.
    #[error(
        "`{path}`: {cause}; see that it can be read, and that the result folder can be written"
    )]
    File {
        /// Which.
        path: String,
        /// Why.
        cause: String,
    },
    /// It ended before it was ready.
    #[error("`{program}` {ending} before it was ready; its last lines:\n{last_lines}")]
    Ended {
        /// The program.
        program: String,
        /// How it ended.
        ending: String,
        /// What it wrote last.
        last_lines: String,
    },
    /// It did not become ready in time.
    #[error(
        "`{program}` was not ready within {within:?}: {ready} {seen}; give it more time (`ready_within`) or see why it takes so long; its last lines:\n{last_lines}"
    )]
    NotReady {
        /// The program.
        program: String,
        /// How long it had.
        within: Duration,
        /// Where it was asked.
        ready: String,
        /// What the last answer was.
        seen: String,
        /// What it wrote last.
        last_lines: String,
    },
}

/// That a server ended without being asked to, and what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restart {
    /// When it ended.
    pub at: Instant,
    /// What happened, in a sentence.
    pub text: String,
    /// Whether it was started again.
    pub restarted: bool,
}

impl Restart {
    /// Its mark in a test that began at `started`; `None` if it was before.
    pub fn mark(&self, started: Instant) -> Option<Mark> {
        let since = self.at.checked_duration_since(started)?;
        Some(Mark {
            at_ns: u64::try_from(since.as_nanos()).unwrap_or(u64::MAX),
            kind: "restart".to_owned(),
            text: self.text.clone(),
        })
    }
}

/// A server that runs. Dropping it stops it.
pub struct Server {
    supervisor: Arc<Supervisor>,
}

impl Server {
    /// Checks the program's digest, starts it, and waits until it is ready.
    ///
    /// # Errors
    /// [`ServerError`]; then nothing is left running.
    pub fn start(plan: ServerPlan, fetch: &dyn Fetch) -> Result<Self, ServerError> {
        let ready = plan.ready.clone();
        let within = plan.ready_within;
        let supervisor = Supervisor::start(plan)?;
        let server = Self { supervisor };
        register(&server.supervisor);
        if let Some(ready) = ready {
            server.supervisor.wait_until_ready(&ready, within, fetch)?;
        }
        server.supervisor.keep_running();
        Ok(server)
    }

    /// The number of its process; `None` while there is none.
    pub fn process(&self) -> Option<u32> {
        self.supervisor.process()
    }

    /// The same for a thread that goes on asking while it is started again.
    pub fn process_source(&self) -> impl Fn() -> Option<u32> + Send + 'static {
        let supervisor = Arc::clone(&self.supervisor);
        move || supervisor.process()
    }

    /// Every unexpected end so far.
    pub fn restarts(&self) -> Vec<Restart> {
        self.supervisor.restarts()
    }

    /// Stops it: SIGTERM to its group, SIGKILL after [`STOP_GRACE`]. Answers every unexpected end.
    pub fn stop(self) -> Vec<Restart> {
        self.supervisor.stop();
        self.supervisor.restarts()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.supervisor.stop();
    }
}

impl Pending for Supervisor {
    fn put_right(&self) -> Option<String> {
        self.stop().then(|| format!("stopped `{}`", self.program()))
    }
}

#[cfg(test)]
mod tests;
