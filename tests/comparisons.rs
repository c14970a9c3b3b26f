//! Runs, builds and rates held against each other: histories, duels, comparisons, capacity, and all of it in
//! continuous integration. What is measured here runs alone, so that nothing but the demo service makes the difference; tests
//! that read no figure run beside each other.

mod ci_jobs;
mod comparison_baseline;
mod comparison_capacity;
mod comparison_capacity_plan;
mod comparison_capacity_resumed;
mod comparison_duel;
mod comparison_history;
mod comparison_runs;

use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::program::program;
use plimsoll_tests::{Finished, Running};
use std::path::Path;
use std::process::Command;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// An empty folder for a test.
fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new().expect("a temporary folder")
}

static TURN: RwLock<()> = RwLock::new(());

/// The right to measure, of one test at a time.
fn turn() -> RwLockWriteGuard<'static, ()> {
    TURN.write().unwrap_or_else(PoisonError::into_inner)
}

/// The right to run beside others, while nobody measures: for what holds however long an answer takes.
fn beside() -> RwLockReadGuard<'static, ()> {
    TURN.read().unwrap_or_else(PoisonError::into_inner)
}

/// The demo service, behaving as told.
fn demo(behaviour: Behaviour) -> Demo {
    Demo::start(behaviour, ([127, 0, 0, 1], 0).into()).expect("the demo service starts")
}

/// Starts the program without what a continuous integration says of itself, and with some variables.
fn start(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Running {
    let mut command = Command::new(program());
    for name in [
        "GITHUB_SHA",
        "GITHUB_REF_NAME",
        "GITHUB_HEAD_REF",
        "CI_COMMIT_SHA",
        "CI_COMMIT_REF_NAME",
    ] {
        command.env_remove(name);
    }
    // No repository above a temporary folder is asked.
    command.env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder));
    command.envs(variables.iter().copied()).args(arguments);
    Running::spawn(folder, command)
}

/// The same, to its end.
fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Finished {
    start(folder, variables, arguments).wait()
}

/// What it printed with `--json`.
#[track_caller]
fn json(finished: &Finished) -> serde_json::Value {
    serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|problem| panic!("{problem}: {}\n{}", finished.stdout, finished.stderr))
}
