//! A process that undoes something when we are gone.
//!
//! A shell in its own session holds the read end of a pipe, and only we hold the other. When our end
//! closes, because we let go of it or because we were killed, the shell becomes the undo command. There
//! is no other way for the undo to begin, and so it begins once. The one exception is a guard that was
//! itself killed while it waited: then we run the command.
//!
//! The guard knows the process group of the injection's command while that runs, and ends it before it undoes:
//! a command that goes on would do its harm after the undo.

use crate::command::{
    Finished, GRACE, Job, MOST_READ, Overseer, StartError, check, end_group, output_shown, shown,
    signal_group, wait_for_exit,
};
use crate::pending::{Pending, register};
use plimsoll_scenario::Masker;
use rustix::process::Signal;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// What the shell does. A number is the process group of a command that was started, which has two seconds to end;
/// `ended` says that it has. Any other line says that there is nothing to undo. Signals are ignored meanwhile: a
/// service manager that ends everything must not end that.
const GUARD: &str = "trap '' HUP INT QUIT TERM; group=; \
    while read -r word; do \
    case $word in ended) group= ;; [0-9]*) group=$word ;; *) exit 0 ;; esac; \
    done; \
    if [ \"$group\" ]; then { \
    kill -s TERM -- \"-$group\"; left=20; \
    while [ $left -gt 0 ] && kill -s 0 -- \"-$group\"; do sleep 0.1; left=$((left - 1)); done; \
    [ $left -gt 0 ] || kill -s KILL -- \"-$group\"; \
    } 2>/dev/null; fi; \
    trap - HUP INT QUIT TERM; exec \"$@\" </dev/null";

/// A guard over one undo.
pub(super) struct Guard {
    job: Job,
    masker: Masker,
    state: Mutex<State>,
}

enum State {
    Armed(Armed),
    /// Undone, or called off.
    Over,
}

struct Armed {
    child: Child,
    pipe: Option<ChildStdin>,
    /// The process group of the injection's command while it runs.
    running: Option<u32>,
    /// A file and not a pipe: the undo outlives us, and must be able to write then.
    output: File,
}

impl Guard {
    /// Puts a guard in place before what it undoes is done.
    ///
    /// # Errors
    /// Why the undo could not be run, or the guard not be started: then nothing should be done.
    pub(super) fn arm(job: Job, masker: Masker) -> Result<Arc<Self>, StartError> {
        let program = check(&job.run, &job.folder)?;
        let failed = |error: std::io::Error| StartError {
            program: shown(&job.run),
            cause: format!("its guard could not be started ({error})"),
            cure: "see that `sh` is installed and that a temporary file can be written".into(),
        };
        let output = tempfile::tempfile().map_err(failed)?;
        let start = |mut command: Command| -> std::io::Result<Child> {
            command
                .args(["-c", GUARD, "undo"])
                .arg(&program)
                .args(job.run.iter().skip(1))
                .current_dir(&job.folder)
                .envs(job.environment.iter().map(|(name, value)| (name, value)))
                .stdin(Stdio::piped())
                .stdout(output.try_clone()?)
                .stderr(output.try_clone()?)
                .spawn()
        };
        let mut session = Command::new("setsid");
        session.arg("sh");
        let child = start(session).or_else(|error| {
            if error.kind() != std::io::ErrorKind::NotFound {
                return Err(error);
            }
            // Where there is no such program, a group of its own is out of reach of Ctrl-C at least.
            let mut group = Command::new("sh");
            group.process_group(0);
            start(group)
        });
        let mut child = child.map_err(failed)?;
        let pipe = child.stdin.take();
        let guard = Arc::new(Self {
            job,
            masker,
            state: Mutex::new(State::Armed(Armed {
                child,
                pipe,
                running: None,
                output,
            })),
        });
        register(&guard);
        Ok(guard)
    }

    /// Undoes it and waits until that is done, at most the time limit and [`GRACE`]; twice that where the
    /// command of the injection has to be ended first. `None` if it was undone or called off before.
    pub(super) fn undo(&self) -> Option<Result<Finished, StartError>> {
        // Held meanwhile: whoever else wants it undone waits until it is.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Over) {
            State::Armed(armed) => Some(armed.undo(&self.job, &self.masker)),
            State::Over => None,
        }
    }

    /// Calls it off: there is nothing to undo.
    pub(super) fn dismiss(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Armed(mut armed) = std::mem::replace(&mut *state, State::Over) {
            if let Some(mut pipe) = armed.pipe.take() {
                let _ = pipe.write_all(b"done\n");
            }
            let _ = armed.child.wait();
        }
    }

    #[cfg(test)]
    pub(super) fn kill_for_test(&self) {
        if let State::Armed(armed) = &mut *self.state.lock().expect("not poisoned") {
            armed.child.kill().expect("it runs");
            wait_for_exit(armed.child.id());
        }
    }

    /// The command that undoes it.
    pub(super) fn command(&self) -> &[String] {
        &self.job.run
    }
}

/// The command of the injection, which is ended before it is undone and not started afterwards.
impl Overseer for Guard {
    fn start(&self, command: &mut Command) -> std::io::Result<Child> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State::Armed(armed) = &mut *state else {
            return Err(std::io::Error::other("the run is being ended"));
        };
        let child = command.spawn()?;
        armed.running = Some(child.id());
        armed.tell(&format!("{}\n", child.id()));
        Ok(child)
    }

    fn has_ended(&self) {
        // Whoever holds it undoes, and waits for that end: nobody needs to be told.
        if let Ok(mut state) = self.state.try_lock()
            && let State::Armed(armed) = &mut *state
        {
            armed.running = None;
            armed.tell("ended\n");
        }
    }
}

impl Armed {
    fn tell(&mut self, line: &str) {
        if let Some(pipe) = &mut self.pipe {
            // A guard that was killed is stood in for.
            let _ = pipe.write_all(line.as_bytes());
        }
    }

    fn undo(mut self, job: &Job, masker: &Masker) -> Result<Finished, StartError> {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            if let Some(group) = self.running {
                signal_group(group, Signal::TERM);
                end_group(group, GRACE);
            }
            return job.run(masker);
        }
        let started = Instant::now();
        let id = self.child.id();
        drop(self.pipe.take());
        let (sender, ended) = mpsc::channel();
        std::thread::spawn(move || {
            wait_for_exit(id);
            let _ = sender.send(());
        });
        let before = self.running.map_or(Duration::ZERO, |_| GRACE);
        let timed_out = ended.recv_timeout(job.limit + before).is_err();
        if timed_out {
            signal_group(id, Signal::TERM);
            if ended.recv_timeout(GRACE).is_err() {
                signal_group(id, Signal::KILL);
                let _ = ended.recv();
            }
        }
        let status = self.child.wait().ok();
        if timed_out {
            end_group(id, Duration::ZERO);
        }
        let mut raw = Vec::new();
        // One more than is shown, so that it is known to be cut.
        let _ = self.output.rewind();
        let _ = (&mut self.output).take(MOST_READ).read_to_end(&mut raw);
        Ok(Finished {
            code: status.and_then(|status| status.code()),
            signal: status.and_then(|status| status.signal()),
            timed_out,
            took: started.elapsed(),
            stdout: output_shown(&raw, masker),
            stderr: String::new(),
            raw_stdout: Vec::new(),
        })
    }
}

impl Pending for Guard {
    fn put_right(&self) -> Option<String> {
        let command = self.masker.mask(&shown(self.command())).into_owned();
        Some(match self.undo()? {
            Ok(finished) => format!("undo `{command}` {}", finished.account()),
            Err(error) => format!("undo: {error}"),
        })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.undo();
    }
}
