//! One injection from its beginning to its undo.

use super::demo::Changes;
use super::guard::Guard;
use super::{DeclaredBuild, Record, Surroundings};
use crate::command::{Job, Leftovers, shown};
use plimsoll_report::document::Mark;
use plimsoll_scenario::plan::{Action, Injection};
use serde_json::Value;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the threads of a test's injections share.
pub(super) struct Shared {
    started: Instant,
    surroundings: Surroundings,
    slots: Vec<Slot>,
    demo: Mutex<Changes>,
    stopped: (Mutex<bool>, Condvar),
    pub(super) record: Mutex<Record>,
}

/// An injection and where it stands. Locked while its command runs.
pub(super) struct Slot {
    injection: Injection,
    state: Mutex<Standing>,
}

#[derive(Default)]
struct Standing {
    begun_ns: Option<u64>,
    undo: Option<Undo>,
    /// Which of the record's declared builds is this one's.
    declared: Option<usize>,
}

enum Undo {
    Command(Arc<Guard>),
    /// Back to the behaviour before.
    Demo,
    /// This behaviour.
    DemoTo(Value),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(
        injections: &[Injection],
        surroundings: Surroundings,
        started: Instant,
    ) -> Self {
        let slot = |injection: &Injection| Slot {
            injection: injection.clone(),
            state: Mutex::default(),
        };
        Self {
            started,
            surroundings,
            slots: injections.iter().map(slot).collect(),
            demo: Mutex::default(),
            stopped: (Mutex::new(false), Condvar::new()),
            record: Mutex::default(),
        }
    }

    /// From its time to that of its undo; ends early when the test does.
    pub(super) fn carry_out(&self, which: usize) {
        let injection = &self.slots[which].injection;
        if self.wait_until(injection.after) {
            self.problem(format!(
                "the injection of line {} never took place: the test ended before {:?}; let the test go on for longer",
                injection.line, injection.after
            ));
            return;
        }
        self.inject(which);
        if let Some(after) = injection.undo_after
            && !self.wait_until(after)
        {
            self.undo(which);
        }
    }

    /// Waits until that time of the test; `true` if the test is over before.
    fn wait_until(&self, time: Duration) -> bool {
        let (stopped, changed) = &self.stopped;
        let mut stopped = lock(stopped);
        loop {
            let left = (self.started + time).saturating_duration_since(Instant::now());
            if *stopped || left.is_zero() {
                return *stopped;
            }
            stopped = match changed.wait_timeout(stopped, left) {
                Ok((stopped, _)) => stopped,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    pub(super) fn stop(&self) {
        if !std::mem::replace(&mut *lock(&self.stopped.0), true) {
            lock(&self.record).ended_ns = self.now_ns();
        }
        self.stopped.1.notify_all();
    }

    fn inject(&self, which: usize) {
        let slot = &self.slots[which];
        let injection = &slot.injection;
        let mut state = lock(&slot.state);
        if *lock(&self.stopped.0) {
            return;
        }
        let at_ns = self.now_ns();
        let undo = match self.prepare(injection) {
            Ok(undo) => undo,
            Err(problem) => return self.problem(problem),
        };
        // From here on it is undone, whatever happens.
        state.begun_ns = Some(at_ns);
        state.undo = undo;
        let done = match &injection.action {
            Action::Run(run) => self.run(run, injection, state.undo.as_ref()),
            Action::Demo(change) => match &self.surroundings.demo {
                Some(control) => lock(&self.demo)
                    .apply(control.as_ref(), which, change)
                    .map_err(|problem| {
                        (
                            format!("the demo service does not take {change}: {problem}"),
                            false,
                        )
                    }),
                None => Err((
                    "there is no demo service to change: the plan's target is another".to_owned(),
                    false,
                )),
            },
        };
        if let Err((problem, begun)) = done {
            self.problem(format!("injection of line {}: {problem}", injection.line));
            if !begun {
                if let Some(Undo::Command(guard)) = state.undo.take() {
                    guard.dismiss();
                }
                return;
            }
        }
        let mut record = lock(&self.record);
        record
            .marks
            .push(self.mark(at_ns, "inject", &injection.action));
        if let Some(build) = &injection.serves {
            state.declared = Some(record.served.len());
            record.served.push(DeclaredBuild {
                from_ns: at_ns,
                until_ns: None,
                build: build.clone(),
            });
        }
    }

    /// Puts the undo in place.
    fn prepare(&self, injection: &Injection) -> Result<Option<Undo>, String> {
        match (&injection.undo, &injection.action) {
            (Some(Action::Run(run)), _) => Guard::arm(
                self.job(run, injection.timeout),
                self.surroundings.masker.clone(),
            )
            .map(|guard| Some(Undo::Command(guard)))
            .map_err(|error| {
                let line = injection.line;
                self.mask(&format!(
                    "the injection of line {line} was not carried out, as its undo {error}"
                ))
            }),
            (Some(Action::Demo(change)), _) => Ok(Some(Undo::DemoTo(change.clone()))),
            (None, Action::Demo(_)) => Ok(Some(Undo::Demo)),
            (None, Action::Run(_)) => Ok(None),
        }
    }

    /// Runs a command. Of a failure it says whether the command began at all.
    fn run(
        &self,
        run: &[String],
        injection: &Injection,
        undo: Option<&Undo>,
    ) -> Result<(), (String, bool)> {
        let (job, masker) = (self.job(run, injection.timeout), &self.surroundings.masker);
        let finished = match undo {
            Some(Undo::Command(guard)) => job.run_under(guard.as_ref(), masker),
            _ => job.run(masker),
        };
        let finished = finished.map_err(|error| (self.mask(&error.to_string()), false))?;
        if finished.is_success() {
            return Ok(());
        }
        let command = self.mask(&shown(run));
        Err((format!("`{command}` {}", finished.account()), true))
    }

    fn undo(&self, which: usize) {
        let slot = &self.slots[which];
        let mut state = lock(&slot.state);
        let Some(undo) = state.undo.take() else {
            return;
        };
        let at_ns = self.now_ns();
        let (done, action) = match undo {
            Undo::Command(guard) => {
                let done = match guard.undo() {
                    Some(Ok(finished)) if finished.is_success() => Ok(()),
                    Some(Ok(finished)) => {
                        let command = self.mask(&shown(guard.command()));
                        Err(format!("`{command}` {}", finished.account()))
                    }
                    Some(Err(error)) => Err(self.mask(&error.to_string())),
                    // Somebody else did, as the program is about to end.
                    None => Ok(()),
                };
                (done, Action::Run(guard.command().to_vec()))
            }
            Undo::Demo => {
                let done = match &self.surroundings.demo {
                    Some(control) => lock(&self.demo).revert(control.as_ref(), which),
                    None => Ok(()),
                };
                (done, Action::Demo(Value::from("the behaviour before")))
            }
            Undo::DemoTo(change) => {
                let control = self.surroundings.demo.as_ref();
                let done = control.map_or(Ok(()), |control| control.merge(&change).map(drop));
                (done, Action::Demo(change))
            }
        };
        if let Err(problem) = done {
            self.problem(format!(
                "the injection of line {} may not be undone: {problem}; see to it by hand before anything else is tested",
                slot.injection.line
            ));
        }
        let mut record = lock(&self.record);
        record.marks.push(self.mark(at_ns, "undo", &action));
        if let Some(declared) = state.declared.and_then(|at| record.served.get_mut(at)) {
            declared.until_ns = Some(at_ns);
        }
    }

    /// Undoes what is left, the newest first.
    pub(super) fn undo_rest(&self) {
        let begun = |which: &usize| lock(&self.slots[*which].state).begun_ns;
        let mut order: Vec<usize> = (0..self.slots.len()).collect();
        order.sort_by_cached_key(|which| std::cmp::Reverse(begun(which)));
        for which in order {
            self.undo(which);
        }
    }

    fn job(&self, run: &[String], limit: Duration) -> Job {
        Job {
            environment: self.surroundings.environment.clone(),
            // What a script starts, or starts again, is meant to stay.
            leftovers: Leftovers::Keep,
            ..Job::new(run, &self.surroundings.folder, limit)
        }
    }

    fn mark(&self, at_ns: u64, kind: &str, action: &Action) -> Mark {
        let text = match action {
            Action::Run(run) => shown(run),
            Action::Demo(Value::String(text)) => format!("demo: {text}"),
            Action::Demo(change) => format!("demo: {change}"),
        };
        Mark {
            at_ns,
            kind: kind.to_owned(),
            text: crate::text::head(&self.mask(&text), 200),
        }
    }

    fn mask(&self, text: &str) -> String {
        self.surroundings.masker.mask(text).into_owned()
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    pub(super) fn problem(&self, problem: String) {
        lock(&self.record).problems.push(problem);
    }
}
