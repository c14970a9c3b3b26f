//! Starts the release itself, keeps it running, and stops it.
//!
//! It runs at the head of its own process group, so that Ctrl-C ends the test and not the thing tested.

mod leash;
mod log;
mod ready;
mod supervise;

use crate::command::{StartError, shown};
use crate::fetch::Fetch;
use crate::pending::{Pending, register};
use plimsoll_report::document::Mark;
use plimsoll_scenario::Masker;
pub use ready::Ready;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use supervise::Supervisor;

/// How often a server is started again before it is given up.
pub const MOST_RESTARTS: usize = 5;
/// How long a server has between the request to end (SIGTERM) and its end (SIGKILL).
pub const STOP_GRACE: Duration = Duration::from_secs(5);

/// How long what is already in a server's place has to answer.
const FIRST_LOOK: Duration = Duration::from_secs(2);

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
    /// How it is known to be ready; `None`: it is not waited for.
    pub ready: Option<Ready>,
    /// How long that may take.
    pub ready_within: Duration,
    /// What to do where it takes longer.
    pub cure: String,
    /// The file that its output goes to.
    pub log: PathBuf,
    /// What is masked in its output.
    pub masker: Masker,
}

impl ServerPlan {
    /// What is started, as it may be shown.
    fn program(&self) -> String {
        self.masker.mask(&shown(&self.run)).into_owned()
    }
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
    /// Something else is there already, and would be measured in its place.
    #[error(
        "{ready} before `{program}` was started, and would be measured in its place; nothing was started: stop what is there, or let one of them use another port"
    )]
    Occupied {
        /// The program.
        program: String,
        /// What was seen, in words.
        ready: String,
    },
    /// Nobody wants it any more.
    #[error(
        "interrupted while `{program}` was getting ready; nothing was measured, and it was stopped"
    )]
    Interrupted {
        /// The program.
        program: String,
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
        "`{program}` was not ready within {within:?}: {seen}; {cure}, or see why it takes so long; its last lines:\n{last_lines}"
    )]
    NotReady {
        /// The program.
        program: String,
        /// How long it had.
        within: Duration,
        /// Where it was asked, and what the last answer was.
        seen: String,
        /// What to do.
        cure: String,
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
    /// Sees that nothing is in its place, checks the program's digest, starts it, and waits until it is
    /// ready, or until `is_interrupted`.
    ///
    /// # Errors
    /// [`ServerError`]; then nothing is left running.
    pub fn start(
        plan: ServerPlan,
        fetch: &dyn Fetch,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<Self, ServerError> {
        let ready = plan.ready.clone();
        let within = plan.ready_within;
        if let Some(Ok(seen)) = ready.as_ref().map(|ready| ready.look(fetch, FIRST_LOOK)) {
            return Err(ServerError::Occupied {
                program: plan.program(),
                ready: plan.masker.mask(&seen).into_owned(),
            });
        }
        let supervisor = Supervisor::start(plan)?;
        let server = Self { supervisor };
        register(&server.supervisor);
        if let Some(ready) = ready {
            let waited = server
                .supervisor
                .wait_until_ready(&ready, within, fetch, is_interrupted);
            waited?;
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
