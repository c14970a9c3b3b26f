//! What has to be put right before the program ends, however it ends.
//!
//! Whoever is about to call [`std::process::exit`], where nothing is dropped, calls [`undo_pending_now`] first.

use crate::command::signal_group;
use rustix::process::Signal;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What a shell does that is to act when we are gone: it holds the read end of a pipe, and only we hold the
/// other. A line says that there is nothing to do; the end of the pipe without one, that its arguments are to be
/// run. Signals are ignored meanwhile: a service manager that ends everything must not end that.
pub(crate) const UNLESS_TOLD: &str = "trap '' HUP INT QUIT TERM; if read -r word; then exit 0; fi; \
    trap - HUP INT QUIT TERM; exec \"$@\" </dev/null";

/// Something to put right.
pub(crate) trait Pending: Send + Sync {
    /// Puts it right, if that was not done yet, and waits until it is. Says what was done.
    fn put_right(&self) -> Option<String>;
}

static PENDING: Mutex<Vec<Weak<dyn Pending>>> = Mutex::new(Vec::new());

/// Remembers something for as long as it is held elsewhere.
pub(crate) fn register(pending: &Arc<impl Pending + 'static>) {
    let pending: Weak<dyn Pending> = Arc::downgrade(pending) as Weak<dyn Pending>;
    let mut all = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|other| other.strong_count() > 0);
    all.push(pending);
}

/// The process groups of checks and questions that are running.
static QUESTIONS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A check or a question that is running. Dropped when it has ended, before it is reaped.
pub(crate) struct Question(u32);

impl Question {
    /// Remembers it by its process group.
    pub(crate) fn asked(group: u32) -> Self {
        let mut all = QUESTIONS.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(group);
        Self(group)
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        let mut all = QUESTIONS.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|group| *group != self.0);
    }
}

/// Undoes every command injection of this process that is not undone yet, the newest first, and stops
/// the servers that it started. Waits until that is done; each undo is bounded by its time limit. A command that
/// is still at its injection is ended first, and so are checks and questions.
///
/// It may be called from any thread, such as one that handles signals, while others are at work, and
/// more than once: nothing is undone twice. Says what was done, one sentence each. Changes of the demo
/// service are not undone: it ends with the program.
pub fn undo_pending_now() -> Vec<String> {
    {
        // Held meanwhile, so that none is reaped and its number given away.
        let questions = QUESTIONS.lock().unwrap_or_else(PoisonError::into_inner);
        for group in questions.iter() {
            signal_group(*group, Signal::KILL);
        }
    }
    let all = PENDING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let alive = all.iter().rev().filter_map(Weak::upgrade);
    alive.filter_map(|pending| pending.put_right()).collect()
}
