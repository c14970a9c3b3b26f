//! How many instructions a request costs in user space, held against `instructions.toml`.
//!
//!     plimsoll-instructions PROGRAM [--update] [--repeat N]
//!
//! The program runs under valgrind's callgrind twice, as one user over one connection, and the second time
//! with more requests. The difference of instructions over the difference of requests leaves out its start
//! and its end, and hardly depends on the machine or on what else it does: what is left of that is in the
//! margin. Only worker threads count. What the main thread does (figures, files, the progress line) happens
//! once a second, so that it depends on how long a run takes. It says nothing of what the kernel does.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are the result"
)]

use anyhow::{Context, bail, ensure};
use clap::Parser;
use plimsoll_benches::interrupt;
use plimsoll_benches::program::{Running, find};
use plimsoll_benches::result::Document;
use plimsoll_benches::server::Server;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;
use tempfile::TempDir;

const BOUNDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.toml");
const JOURNEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/journey/journey.yaml");
/// Longer than a run takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Count the instructions of a request and hold them against benches/instructions.toml.
#[derive(Debug, Parser)]
#[command(name = "plimsoll-instructions")]
struct Arguments {
    /// The program to measure
    program: PathBuf,
    /// Write what was counted into benches/instructions.toml
    #[arg(long)]
    update: bool,
    /// Count so often and show every count, to see how repeatable it is
    #[arg(long, default_value_t = 1, value_name = "N")]
    repeat: u32,
}

/// What is counted.
struct Case {
    name: &'static str,
    /// Iterations of the shorter and of the longer run.
    iterations: [u64; 2],
}

const CASES: [Case; 2] = [
    Case {
        name: "plain",
        iterations: [200, 2_200],
    },
    Case {
        name: "journey",
        iterations: [40, 440],
    },
];

/// What a run came to.
struct Counted {
    instructions: u64,
    requests: u64,
    is_debug_build: bool,
}

fn main() -> ExitCode {
    match count(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn count(arguments: &Arguments) -> anyhow::Result<()> {
    interrupt::watch()?;
    let program = std::path::absolute(&arguments.program)?;
    ensure!(program.is_file(), "{} is not there", program.display());
    let server = Server::start(None, 1_000)?;
    let scratch = TempDir::with_prefix("plimsoll-instructions-")?;
    let mut text = std::fs::read_to_string(BOUNDS).context("benches/instructions.toml")?;
    let mut too_many = Vec::new();
    for case in CASES {
        let mut most = (0, "");
        for _ in 0..arguments.repeat.max(1) {
            let counted = each(&program, &server, &scratch, &case)?;
            println!(
                "{} {}: {} instructions a request",
                counted.1, case.name, counted.0
            );
            most = most.max(counted);
        }
        let (count, profile) = most;
        if arguments.update {
            text = with_bound(&text, profile, case.name, count)
                .with_context(|| format!("no `{}` under [{profile}]", case.name))?;
        } else {
            too_many.extend(Bounds::read(&text)?.complaint(profile, case.name, count)?);
        }
    }
    if arguments.update {
        std::fs::write(BOUNDS, text).context("cannot write benches/instructions.toml")?;
    }
    if too_many.is_empty() {
        return Ok(());
    }
    bail!(
        "{}\nIf that is worth it, say why in the commit, and write the new numbers with\n  \
         cargo run -p plimsoll-benches --bin plimsoll-instructions -- {} --update",
        too_many.join("\n"),
        arguments.program.display()
    )
}

/// Instructions for each request, and the profile that the program was built with.
fn each(
    program: &Path,
    server: &Server,
    scratch: &TempDir,
    case: &Case,
) -> anyhow::Result<(u64, &'static str)> {
    let [short, long] = case.iterations;
    let short = counted(program, server, scratch, case.name, short)?;
    let long = counted(program, server, scratch, case.name, long)?;
    let instructions = long.instructions.saturating_sub(short.instructions);
    let requests = long.requests.saturating_sub(short.requests);
    ensure!(
        requests > 0,
        "the longer run sent no more requests than the shorter"
    );
    let profile = if long.is_debug_build {
        "debug"
    } else {
        "release"
    };
    Ok((instructions / requests, profile))
}

fn counted(
    program: &Path,
    server: &Server,
    scratch: &TempDir,
    case: &str,
    iterations: u64,
) -> anyhow::Result<Counted> {
    let folder = tempfile::tempdir_in(scratch.path())?;
    let (counts, out) = (
        folder.path().join("callgrind"),
        folder.path().join("result"),
    );
    let mut command = Command::new(find("valgrind")?);
    command
        .args(["--tool=callgrind", "--quiet", "--separate-threads=yes"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(program);
    match case {
        "plain" => command.args(["hit", &server.http()]),
        _ => command
            .args(["run", JOURNEY])
            .env("JOURNEY_SERVER", server.authority()),
    };
    command
        .args([
            "--users",
            "1",
            "--threads",
            "1",
            "--iterations",
            &iterations.to_string(),
        ])
        .args(["--warmup", "0s", "--quiet", "--out"])
        .arg(&out);
    Running::start(command)?.wait(PATIENCE)?.success()?;
    let document = Document::read(&out)?;
    let (intended, ok) = (document.total("intended")?, document.total("ok")?);
    ensure!(
        intended == ok,
        "{} of {intended} requests did not end well",
        intended - ok
    );
    Ok(Counted {
        instructions: of_workers(folder.path())?,
        requests: ok,
        is_debug_build: document.is_debug_build(),
    })
}

/// The sum over all threads but the main one, which valgrind counts as the first. Each has a file.
fn of_workers(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let thread = name
            .strip_prefix("callgrind-")
            .and_then(|thread| thread.parse::<u32>().ok());
        if thread.is_some_and(|thread| thread > 1) {
            let text = std::fs::read_to_string(&path)?;
            sum += total(&text).with_context(|| format!("{name} has no total"))?;
        }
    }
    ensure!(sum > 0, "callgrind counted no worker thread");
    Ok(sum)
}

/// The sum in a file of callgrind's.
fn total(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals:"));
    line?.trim().parse().ok()
}

/// `instructions.toml`.
#[derive(Debug, Deserialize)]
struct Bounds {
    /// By how much a count may exceed its bound, as a share.
    margin: f64,
    /// A bound for each case, by profile.
    #[serde(flatten)]
    profiles: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Bounds {
    fn read(text: &str) -> anyhow::Result<Self> {
        toml::from_str(text).context("benches/instructions.toml")
    }

    /// What is wrong with a count.
    fn complaint(&self, profile: &str, case: &str, count: u64) -> anyhow::Result<Option<String>> {
        let bound = self.profiles.get(profile).and_then(|cases| cases.get(case));
        let bound = *bound.with_context(|| format!("no `{case}` under [{profile}]"))?;
        let more = count as f64 / bound as f64 - 1.0;
        let percent = |share: f64| share * 100.0;
        let most = bound as f64 * (1.0 + self.margin);
        Ok((count as f64 > most).then(|| {
            format!(
                "{profile} {case}: {count} instructions a request, {:.1} % more than the bound of {bound} \
                 (margin {:.1} %)",
                percent(more),
                percent(self.margin)
            )
        }))
    }
}

/// The file with another number for one case; everything else, comments too, stays as it is.
fn with_bound(text: &str, profile: &str, case: &str, count: u64) -> Option<String> {
    let mut is_profile = false;
    let mut was_found = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            is_profile = line.trim() == format!("[{profile}]");
        }
        let key = line.split('=').next().unwrap_or_default().trim();
        if is_profile && key == case {
            was_found = true;
            lines.push(format!("{case} = {count}"));
        } else {
            lines.push(line.to_owned());
        }
    }
    was_found.then(|| lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# why\nmargin = 0.02\n\n[debug]\nplain = 1000\n\n[release]\nplain = 100\n";

    #[test]
    fn only_what_is_beyond_the_margin_is_complained_of() {
        let bounds = Bounds::read(TEXT).unwrap();
        assert_eq!(bounds.complaint("debug", "plain", 1020).unwrap(), None);
        let complaint = bounds.complaint("debug", "plain", 1021).unwrap().unwrap();
        assert!(
            complaint.contains("1021") && complaint.contains("1000"),
            "{complaint}"
        );
        assert!(bounds.complaint("debug", "other", 1).is_err());
    }

    #[test]
    fn an_update_changes_one_number_only() {
        let changed = with_bound(TEXT, "release", "plain", 90).unwrap();
        assert_eq!(changed, TEXT.replace("plain = 100\n", "plain = 90\n"));
        assert_eq!(with_bound(TEXT, "release", "journey", 90), None);
    }

    #[test]
    fn the_total_is_at_the_end_of_the_file() {
        assert_eq!(total("events: Ir\n0 1\ntotals: 42\n"), Some(42));
        assert_eq!(total("events: Ir\n"), None);
    }
}
