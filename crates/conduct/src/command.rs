//! Runs a program to its end, within a time limit, and leaves nothing of it behind.
//!
//! A program is the head of its own process group, so that Ctrl-C at the terminal does not reach it and
//! so that everything it started is ended with it. Its output is drained by threads: however much it
//! writes, it never waits for us, and what is beyond the limit is dropped.

mod capture;
mod group;
mod place;

pub use place::StartError;

pub(crate) use capture::{MOST_READ, shown as output_shown};
pub(crate) use group::{end_group, signal_group, wait_for_exit};
pub(crate) use place::{check, explain, locate, to_command};

use crate::pending::Question;
use capture::Capture;
use plimsoll_scenario::Masker;
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Most that is kept of an output, in bytes.
pub const LONGEST_OUTPUT: usize = 64 * 1024;

/// How long a program has between the request to end (SIGTERM) and its end (SIGKILL).
pub const GRACE: Duration = Duration::from_secs(2);

/// How long output is waited for that a program's children still hold open after its end.
const LINGERING_OUTPUT: Duration = Duration::from_secs(1);

/// What becomes of processes that a program leaves in its group when it ends in time. When it does
/// not, they are ended with it in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Leftovers {
    /// They are killed: a check or a question has no business in the background.
    #[default]
    Kill,
    /// They go on: what a script starts, such as a service, is meant to stay.
    Keep,
}

/// A program that is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Program and arguments. A program with a `/` in it is looked for from `folder`, any other in `PATH`.
    pub run: Vec<String>,
    /// Where it runs.
    pub folder: PathBuf,
    /// What its environment has besides ours.
    pub environment: Vec<(String, String)>,
    /// How long it may take.
    pub limit: Duration,
    /// What becomes of processes that it leaves.
    pub leftovers: Leftovers,
}

/// What came of a program that was run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    /// Its exit status; `None` after a signal.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether the time limit ended it.
    pub timed_out: bool,
    /// How long it took.
    pub took: Duration,
    /// What it wrote to standard output, secrets masked, at most [`LONGEST_OUTPUT`].
    pub stdout: String,
    /// What it wrote to standard error, likewise.
    pub stderr: String,
    /// Standard output as it came, for reading and not for showing.
    pub(crate) raw_stdout: Vec<u8>,
}

/// Who has a say in a program while it runs.
pub(crate) trait Overseer {
    /// Starts it, unless it is not to be started any more.
    fn start(&self, command: &mut Command) -> std::io::Result<Child>;
    /// It has ended, and is not reaped yet, so that its number is still its own.
    fn has_ended(&self);
}

/// A program that nobody has a say in.
struct Free;

impl Overseer for Free {
    fn start(&self, command: &mut Command) -> std::io::Result<Child> {
        command.spawn()
    }

    fn has_ended(&self) {}
}

impl Job {
    /// A job in `folder` within `limit`, with our environment, that leaves nothing behind.
    pub fn new(run: &[String], folder: impl Into<PathBuf>, limit: Duration) -> Self {
        Self {
            run: run.to_vec(),
            folder: folder.into(),
            environment: Vec::new(),
            limit,
            leftovers: Leftovers::Kill,
        }
    }

    /// Runs it and waits for its end: at most the limit and [`GRACE`], and a second for output.
    ///
    /// A process that leaves the group (`setsid`) is out of reach.
    ///
    /// # Errors
    /// [`StartError`] if it could not be started.
    pub fn run(&self, masker: &Masker) -> Result<Finished, StartError> {
        self.run_under(&Free, masker)
    }

    /// The same, under somebody.
    pub(crate) fn run_under(
        &self,
        overseer: &dyn Overseer,
        masker: &Masker,
    ) -> Result<Finished, StartError> {
        self.run_to_end(overseer, masker)
            .map_err(|error| error.masked(masker))
    }

    fn run_to_end(&self, overseer: &dyn Overseer, masker: &Masker) -> Result<Finished, StartError> {
        let mut command = to_command(&self.run, &self.folder, &self.environment)?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = overseer
            .start(&mut command)
            .map_err(|error| place::explain(&self.run, &self.folder, &error))?;
        let stdout = Capture::begin(child.stdout.take());
        let stderr = Capture::begin(child.stderr.take());

        let id = child.id();
        let question = (self.leftovers == Leftovers::Kill).then(|| Question::asked(id));
        let (sender, ended) = mpsc::channel();
        std::thread::spawn(move || {
            wait_for_exit(id);
            let _ = sender.send(());
        });
        let timed_out = ended.recv_timeout(self.limit).is_err();
        let status = if timed_out {
            signal_group(id, Signal::TERM);
            if ended.recv_timeout(GRACE).is_err() {
                signal_group(id, Signal::KILL);
                let _ = ended.recv();
            }
            overseer.has_ended();
            drop(question);
            let status = child.wait().ok();
            // The head may have ended at once and left others to their own devices.
            end_group(
                id,
                GRACE.saturating_sub(started.elapsed().saturating_sub(self.limit)),
            );
            status
        } else {
            // It is not reaped yet, so that the number of its group cannot be another's by now.
            if self.leftovers == Leftovers::Kill {
                signal_group(id, Signal::KILL);
            }
            overseer.has_ended();
            drop(question);
            child.wait().ok()
        };
        let took = started.elapsed();
        let until = Instant::now() + LINGERING_OUTPUT;
        let raw_stdout = stdout.collect(until);
        let raw_stderr = stderr.collect(until);
        Ok(Finished {
            code: status.and_then(|status| status.code()),
            signal: status.and_then(|status: ExitStatus| status.signal()),
            timed_out,
            took,
            stdout: capture::shown(&raw_stdout, masker),
            stderr: capture::shown(&raw_stderr, masker),
            raw_stdout,
        })
    }
}

impl Finished {
    /// Whether it ended in time with exit status 0.
    pub fn is_success(&self) -> bool {
        !self.timed_out && self.code == Some(0)
    }

    /// How it ended, in a few words: `exited with 3`, `killed by signal 9`, `did not end within 5 s`.
    pub fn ending(&self) -> String {
        match (self.timed_out, self.code, self.signal) {
            (true, ..) => format!(
                "did not end within its time limit and was killed after {:.1} s",
                self.took.as_secs_f64()
            ),
            (false, Some(code), _) => format!("exited with {code}"),
            (false, None, Some(signal)) => format!("was killed by signal {signal}"),
            (false, None, None) => "ended in a way that the system does not tell".to_owned(),
        }
    }

    /// The last lines of what it had to say, standard error before standard output; secrets masked.
    pub fn last_words(&self) -> &str {
        let words = [self.stderr.trim(), self.stdout.trim()];
        let words = words.into_iter().find(|words| !words.is_empty());
        crate::text::tail(words.unwrap_or_default(), 5, 600)
    }

    /// [`Self::ending`], and its last words if it had any.
    pub fn account(&self) -> String {
        match self.last_words() {
            "" => format!("{} and printed nothing", self.ending()),
            words => format!("{}: {words}", self.ending()),
        }
    }
}

/// A command line for a reader: words with blanks in quotes.
pub fn shown(run: &[String]) -> String {
    let quoted = |word: &String| {
        let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    run.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
