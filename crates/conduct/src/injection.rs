//! Does to the system what a test asks for, at its time, and undoes it whatever happens.
//!
//! | how it ends | who undoes |
//! |---|---|
//! | the time of the undo, the end of the test | [`Injections`], the newest first |
//! | an error, a panic | the drop of [`Injections`] |
//! | Ctrl-C | [`Injections::undo_all`], or [`undo_pending_now`](crate::undo_pending_now) before an exit |
//! | SIGKILL | a guard process, when it sees that we are gone |
//!
//! Each undo is run once, and not before the command that it undoes has ended: of one that still runs when the
//! program ends, the process group is ended first. A command that failed is undone too: it may have done half of its work. One
//! that could not be started is not, and one whose undo could not be started is not run in the first place.
//! A change of the demo service needs no guard, as the service ends with the program.

mod demo;
mod guard;
mod perform;

pub use demo::DemoControl;

use crate::identity::Declared;
use perform::Shared;
use plimsoll_report::document::Mark;
use plimsoll_scenario::Masker;
use plimsoll_scenario::plan::{Injection, Served};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// What injections need of their surroundings.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The plan's folder, where commands are run.
    pub folder: PathBuf,
    /// What the environment of commands has besides ours.
    pub environment: Vec<(String, String)>,
    /// What is masked in everything that is told.
    pub masker: Masker,
    /// The demo service, if the program has it in its hands.
    pub demo: Option<Arc<dyn DemoControl>>,
}

/// What happened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// Injections and undos, by time.
    pub marks: Vec<Mark>,
    /// When the test was over, in nanoseconds since its start: undos from then on are because of that.
    pub ended_ns: u64,
    /// What went wrong, in sentences. Each makes the evidence of the test invalid.
    pub problems: Vec<String>,
    /// The builds that were declared to be served.
    pub served: Vec<DeclaredBuild>,
}

/// A change of build that an injection declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredBuild {
    /// From when on, in nanoseconds since the start of the test.
    pub from_ns: u64,
    /// Until when, if it was undone.
    pub until_ns: Option<u64>,
    /// The build.
    pub build: Served,
}

impl DeclaredBuild {
    /// The same as [`identity`](crate::identity) asks for it.
    pub fn declared(&self, test: &str) -> Declared {
        Declared {
            test: test.to_owned(),
            from_ns: self.from_ns,
            version: self.build.version.clone(),
            revision: self.build.revision.clone(),
        }
    }
}

/// The injections of a test that is running.
pub struct Injections {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Injections {
    /// Begins to carry them out, each on a thread of its own, at its time since `started`.
    pub fn begin(injections: &[Injection], surroundings: Surroundings, started: Instant) -> Self {
        let shared = Arc::new(Shared::new(injections, surroundings, started));
        let threads = (0..injections.len()).map(|which| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.carry_out(which))
        });
        Self {
            threads: threads.collect(),
            shared,
        }
    }

    /// Begins nothing any more, waits for a command that is running (at most its time limit), and
    /// undoes what is not undone yet, the newest first. May be called from any thread, and again.
    pub fn undo_all(&self) {
        self.shared.stop();
        self.shared.undo_rest();
    }

    /// The test is over: undoes what is not undone yet, and says what happened.
    pub fn finish(mut self) -> Record {
        self.end();
        let record = &self.shared.record;
        let mut record = record
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        record.marks.sort_by_key(|mark| mark.at_ns);
        record.served.sort_by_key(|declared| declared.from_ns);
        record
    }

    fn end(&mut self) {
        self.shared.stop();
        self.shared.undo_rest();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                let problem =
                    "an injection ended in an error of this program: report it".to_owned();
                self.shared.problem(problem);
            }
        }
        // A thread that ended in an error may have left something.
        self.shared.undo_rest();
    }
}

impl Drop for Injections {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests;
