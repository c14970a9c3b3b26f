//! The thread that waits for a server's end, and starts it again when nobody asked for that.

use super::leash::Leash;
use super::log::Log;
use super::ready::Ready;
use super::{MOST_RESTARTS, Restart, STOP_GRACE, ServerError, ServerPlan};
use crate::command::{end_group, explain, locate, signal_group, to_command, wait_for_exit};
use crate::digest::sha256_of_file;
use crate::fetch::Fetch;
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The pause before the first restart; it doubles with each.
const PAUSE: Duration = Duration::from_millis(100);
/// How often it is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// How long one answer to that may take.
const ASK_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) struct Supervisor {
    plan: ServerPlan,
    log: Log,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Its process, as long as its number is not given away.
    child: Option<Child>,
    /// What ends that process when we are gone.
    leash: Option<Leash>,
    /// How it ended, while nobody starts it again.
    ended: Option<String>,
    /// Whether an end is unexpected.
    keep: bool,
    stopping: bool,
    /// The supervising thread has nothing left to do.
    over: bool,
    restarts: Vec<Restart>,
}

fn lock(supervisor: &Supervisor) -> MutexGuard<'_, State> {
    supervisor
        .state
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

impl Supervisor {
    pub(super) fn start(plan: ServerPlan) -> Result<Arc<Self>, ServerError> {
        check_digest(&plan)?;
        let log =
            Log::create(&plan.log, plan.masker.clone()).map_err(|error| ServerError::File {
                path: plan.log.display().to_string(),
                cause: error.to_string(),
            })?;
        let child = spawn(&plan, &log)?;
        let leash = Leash::on(child.id());
        let supervisor = Arc::new(Self {
            plan,
            log,
            state: Mutex::new(State {
                child: Some(child),
                leash,
                ..State::default()
            }),
            changed: Condvar::new(),
        });
        let watching = Arc::clone(&supervisor);
        std::thread::spawn(move || watching.watch());
        Ok(supervisor)
    }

    pub(super) fn program(&self) -> String {
        self.plan.program()
    }

    pub(super) fn process(&self) -> Option<u32> {
        lock(self).child.as_ref().map(Child::id)
    }

    pub(super) fn restarts(&self) -> Vec<Restart> {
        lock(self).restarts.clone()
    }

    /// From now on, an end is unexpected. One that came just before is looked at now.
    pub(super) fn keep_running(&self) {
        lock(self).keep = true;
        self.changed.notify_all();
    }

    fn watch(&self) {
        while let Some(id) = self.process() {
            wait_for_exit(id);
            let mut state = lock(self);
            let leash = state.leash.take();
            let status = state.child.take().and_then(|mut child| {
                // Nothing of it goes on: what it left would hold its port.
                signal_group(id, Signal::KILL);
                // Before its number is given away.
                drop(leash);
                child.wait().ok()
            });
            let ending = ending(status);
            state.ended = Some(ending.clone());
            self.changed.notify_all();
            while !state.keep && !state.stopping {
                state = wait(&self.changed, state);
            }
            if state.stopping || !self.start_again(state, &ending) {
                break;
            }
        }
        lock(self).over = true;
        self.changed.notify_all();
    }

    /// Starts it again after a pause, if that was not done too often.
    fn start_again(&self, mut state: MutexGuard<'_, State>, ending: &str) -> bool {
        let at = Instant::now();
        let program = self.program();
        let before = state.restarts.len();
        let tell = |state: &mut State, what: String, restarted: bool| {
            let text = format!("`{program}` {ending} unexpectedly and {what}");
            self.log.line(&format!("(plimsoll: {text})"));
            state.restarts.push(Restart {
                at,
                text,
                restarted,
            });
            restarted
        };
        if before == MOST_RESTARTS {
            return tell(
                &mut state,
                format!("was not started again, after {MOST_RESTARTS} times; see its log"),
                false,
            );
        }
        let until = at + PAUSE * (1 << before);
        while !state.stopping && Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            state = wait_for(&self.changed, state, left);
        }
        if state.stopping {
            return false;
        }
        match check_digest(&self.plan).and_then(|()| spawn(&self.plan, &self.log)) {
            Ok(child) => {
                state.leash = Leash::on(child.id());
                state.child = Some(child);
                state.ended = None;
                let times = before + 1;
                tell(
                    &mut state,
                    format!("was started again (number {times})"),
                    true,
                )
            }
            Err(error) => tell(
                &mut state,
                format!("could not be started again: {error}"),
                false,
            ),
        }
    }

    pub(super) fn wait_until_ready(
        &self,
        ready: &Ready,
        within: Duration,
        fetch: &dyn Fetch,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<(), ServerError> {
        let deadline = Instant::now() + within;
        let mut seen = "was not asked in time".to_owned();
        loop {
            // Not in the condition below, where the lock would be held while the last lines are read.
            let ended = lock(self).ended.clone();
            if let Some(ending) = ended {
                return Err(ServerError::Ended {
                    program: self.program(),
                    ending,
                    last_lines: self.last_lines(),
                });
            }
            if is_interrupted() {
                return Err(ServerError::Interrupted {
                    program: self.program(),
                });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ServerError::NotReady {
                    program: self.program(),
                    within,
                    seen: self
                        .plan
                        .masker
                        .mask(&format!("{} {seen}", ready.place()))
                        .into_owned(),
                    cure: self.plan.cure.clone(),
                    last_lines: self.last_lines(),
                });
            }
            match ready.look(fetch, ASK_TIMEOUT.min(left)) {
                // Somebody else may have answered from its port while it died of that.
                Ok(_) if lock(self).ended.is_none() => return Ok(()),
                Ok(_) => continue,
                Err(problem) => seen = problem,
            }
            let state = lock(self);
            if state.ended.is_none() {
                drop(wait_for(&self.changed, state, ASK_EVERY.min(left)));
            }
        }
    }

    fn last_lines(&self) -> String {
        let has_ended = lock(self).ended.is_some();
        match self.log.last_lines(has_ended) {
            lines if lines.is_empty() => "(none)".to_owned(),
            lines => lines,
        }
    }

    /// Stops it and waits until it is gone. `false` if that was done before.
    pub(super) fn stop(&self) -> bool {
        let mut state = lock(self);
        let first = !state.stopping;
        state.stopping = true;
        self.changed.notify_all();
        // The child is in its place until it is reaped, and that needs this lock.
        let id = state.child.as_ref().map(Child::id);
        if let Some(id) = id.filter(|_| first) {
            signal_group(id, Signal::TERM);
        }
        let deadline = Instant::now() + STOP_GRACE;
        while !state.over && Instant::now() < deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            state = wait_for(&self.changed, state, left);
        }
        if let Some(id) = state.child.as_ref().map(Child::id) {
            signal_group(id, Signal::KILL);
        }
        while !state.over {
            state = wait(&self.changed, state);
        }
        drop(state);
        if let Some(id) = id {
            end_group(id, Duration::ZERO);
        }
        first
    }
}

fn wait<'a>(changed: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    changed.wait(state).unwrap_or_else(PoisonError::into_inner)
}

fn wait_for<'a>(
    changed: &Condvar,
    state: MutexGuard<'a, State>,
    time: Duration,
) -> MutexGuard<'a, State> {
    match changed.wait_timeout(state, time) {
        Ok((state, _)) => state,
        Err(poisoned) => poisoned.into_inner().0,
    }
}

fn ending(status: Option<ExitStatus>) -> String {
    let status = status.map(|status| (status.code(), status.signal()));
    match status {
        Some((Some(code), _)) => format!("exited with {code}"),
        Some((None, Some(signal))) => format!("was killed by signal {signal}"),
        _ => "ended".to_owned(),
    }
}

fn spawn(plan: &ServerPlan, log: &Log) -> Result<Child, ServerError> {
    let mut command = to_command(&plan.run, &plan.folder, &plan.environment)?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| explain(&plan.run, &plan.folder, &error))?;
    log.follow(child.stdout.take());
    log.follow(child.stderr.take());
    Ok(child)
}

fn check_digest(plan: &ServerPlan) -> Result<(), ServerError> {
    let (Some(expected), Some(program)) = (&plan.sha256, plan.run.first()) else {
        return Ok(());
    };
    let Some(file) = locate(program, &plan.folder) else {
        let missing = std::io::ErrorKind::NotFound.into();
        return Err(explain(&plan.run, &plan.folder, &missing).into());
    };
    let found = sha256_of_file(&file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => explain(&plan.run, &plan.folder, &error).into(),
        _ => ServerError::File {
            path: file.display().to_string(),
            cause: error.to_string(),
        },
    })?;
    let expected = expected.trim_start_matches("sha256:");
    if found.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(ServerError::Digest {
        program: program.clone(),
        found,
        expected: expected.to_owned(),
    })
}
