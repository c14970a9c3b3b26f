//! Whether `plimsoll duel` and `plimsoll capacity` find what is known: services of the demo whose difference or
//! capacity is set, and an nginx with a limit. The verdicts are counted and held against what is promised.
//!
//!     cargo build --release && target/release/plimsoll-truth
//!
//! takes two hours and a half; `target/release/plimsoll-truth tail --runs 3` less.
#![forbid(unsafe_code)]

mod capacity;
mod duels;

use anyhow::{Context, ensure};
use clap::{Parser, ValueEnum};
use plimsoll_benches::interrupt;
use plimsoll_benches::program::{Finished, Running};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Count how often duels and searches for a capacity find what is known.
#[derive(Debug, Parser)]
#[command(name = "plimsoll-truth")]
struct Arguments {
    /// What to try
    #[arg(value_enum, default_values_t = Question::ALL)]
    questions: Vec<Question>,
    /// How often each [default: as often as is promised, 60 to 4 times]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    runs: Option<u64>,
    /// The program to try
    #[arg(long, default_value = "target/release/plimsoll")]
    plimsoll: PathBuf,
}

/// What is asked, and what is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Question {
    /// Duels of a build with itself, 60: at most one in twenty REGRESSED
    Same,
    /// Duels with a build that is 10 % slower, 20: at least nine of ten REGRESSED
    Slower,
    /// Duels with a build whose p99 of one step of five is 20 % higher, 10: found there and nowhere else
    Tail,
    /// Capacity of a service with a queue, 10: within 5 % in nine of ten, and it comes back from overload
    Fifo,
    /// Capacity of a service that sheds, 10: the same
    Shedding,
    /// Capacity of a service that collapses under overload, 10: within 5 % in nine of ten, and it does not come back
    Collapsing,
    /// Capacity of an nginx with `limit_req`, 4: within 5 %
    Nginx,
}

impl Question {
    const ALL: [Self; 7] = [
        Self::Same,
        Self::Slower,
        Self::Tail,
        Self::Fifo,
        Self::Shedding,
        Self::Collapsing,
        Self::Nginx,
    ];
}

/// What all tries have in common.
struct Field {
    plimsoll: PathBuf,
    runs: Option<u64>,
    scratch: tempfile::TempDir,
}

impl Field {
    /// Runs the program in the scratch folder, to its end.
    fn run(&self, arguments: &[String]) -> anyhow::Result<Finished> {
        let mut command = Command::new(&self.plimsoll);
        command.args(arguments).current_dir(self.scratch.path());
        Running::start(command)?.wait(Duration::from_secs(1_800))
    }

    /// The same, and what it printed as JSON.
    fn json(&self, arguments: &[String]) -> anyhow::Result<Value> {
        let finished = self.run(arguments)?;
        let words = || format!("{}: {}", finished.status, finished.stderr);
        serde_json::from_str(&finished.stdout).with_context(words)
    }

    /// Writes a file and says where it is.
    fn file(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.scratch.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// How the demo service is started, behaving as told, with random numbers that differ each time: two services with
    /// the same seed would differ from those with another in the same way in every round.
    fn service(&self, port: u16, behaviour: &str) -> String {
        format!(
            "exec '{}' target --listen 127.0.0.1:{port} --seed $(od -An -N4 -tu4 /dev/urandom) {behaviour}",
            self.plimsoll.display()
        )
    }
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace().map(str::to_owned)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[allow(clippy::print_stderr, reason = "problems belong there")]
fn main() -> ExitCode {
    match ask(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem:#}");
            ExitCode::FAILURE
        }
    }
}

/// Asks all that is to be asked; whether every promise was kept.
fn ask(arguments: &Arguments) -> anyhow::Result<bool> {
    interrupt::watch()?;
    let plimsoll = std::path::absolute(&arguments.plimsoll)?;
    ensure!(
        plimsoll.is_file(),
        "{} is not there: cargo build --release",
        plimsoll.display()
    );
    let field = Field {
        plimsoll,
        runs: arguments.runs,
        scratch: tempfile::TempDir::with_prefix("plimsoll-truth-")?,
    };
    let mut is_kept = true;
    for question in &arguments.questions {
        is_kept &= match question {
            Question::Same => duels::same(&field)?,
            Question::Slower => duels::slower(&field)?,
            Question::Tail => duels::tail(&field)?,
            Question::Fifo => capacity::fifo(&field)?,
            Question::Shedding => capacity::shedding(&field)?,
            Question::Collapsing => capacity::collapsing(&field)?,
            Question::Nginx => capacity::nginx(&field)?,
        };
    }
    Ok(is_kept)
}

/// Says what was found, and whether it is as promised.
#[allow(clippy::print_stdout, reason = "this is the result")]
fn conclude(what: &str, found: &str, is_kept: bool) -> bool {
    let kept = if is_kept {
        "as promised"
    } else {
        "NOT AS PROMISED"
    };
    println!("{what}: {found}: {kept}");
    is_kept
}

/// Says how a single try ended.
#[allow(clippy::print_stdout, reason = "this is the result")]
fn tell(line: &str) {
    println!("  {line}");
}
