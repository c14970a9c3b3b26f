//! How many instructions a request costs in user space, held against `instructions.toml`.
//!
//!     plimsoll-instructions PROGRAM [--update] [--repeat N]
//!
//! The program runs under valgrind's callgrind, as one user over one connection, with few requests and with
//! many. The difference of instructions over the difference of requests leaves out its start and its end, and
//! hardly depends on the machine. Only worker threads count: what the main thread does (figures, files, the
//! progress line) happens once a second, so that it depends on how long a run takes. Worker threads do a
//! little by the clock too, which only ever adds: so the least of several runs counts. It says nothing of
//! what the kernel does.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are the result"
)]

use anyhow::{Context, bail};
use clap::Parser;
use plimsoll_benches::bounds::{Bounds, with_bound};
use plimsoll_benches::callgrind::{Callgrind, Load};
use plimsoll_benches::interrupt;
use std::path::PathBuf;
use std::process::ExitCode;

const BOUNDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.toml");
/// So many runs may be needed until one was disturbed by nothing.
const TRIES: u32 = 5;

/// Count the instructions of a request and hold them against benches/instructions.toml.
#[derive(Debug, Parser)]
#[command(name = "plimsoll-instructions")]
struct Arguments {
    /// The program to measure
    program: PathBuf,
    /// Write what was counted into benches/instructions.toml
    #[arg(long)]
    update: bool,
    /// Run exactly so often, to see how repeatable it is [default: until it is within the bound, at most 5 times]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: Option<u32>,
}

/// What is counted.
struct Case {
    name: &'static str,
    load: Load,
    /// Iterations of the short run and of the long ones.
    iterations: [u64; 2],
}

const CASES: [Case; 2] = [
    Case {
        name: "plain",
        load: Load::Plain,
        iterations: [100, 1_100],
    },
    Case {
        name: "journey",
        load: Load::Journey,
        iterations: [20, 220],
    },
];

fn main() -> ExitCode {
    match check(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn check(arguments: &Arguments) -> anyhow::Result<()> {
    interrupt::watch()?;
    let callgrind = Callgrind::new(&arguments.program)?;
    let mut text = std::fs::read_to_string(BOUNDS).context("benches/instructions.toml")?;
    let bounds = Bounds::read(&text)?;
    let mut complaints = Vec::new();
    for case in CASES {
        let (profile, count) = least(&callgrind, &case, &bounds, arguments)?;
        if arguments.update {
            text = with_bound(&text, profile, case.name, count)
                .with_context(|| format!("no `{}` under [{profile}]", case.name))?;
        } else {
            complaints.extend(bounds.complaint(profile, case.name, count)?);
        }
    }
    if arguments.update {
        std::fs::write(BOUNDS, text).context("cannot write benches/instructions.toml")?;
    }
    if complaints.is_empty() {
        return Ok(());
    }
    bail!(
        "{}\nIf that is worth it, say why in the commit, and write the new numbers with\n  \
         cargo run -p plimsoll-benches --bin plimsoll-instructions -- {} --update",
        complaints.join("\n"),
        arguments.program.display()
    )
}

/// The profile that the program was built with, and the least that a request was seen to take.
fn least(
    callgrind: &Callgrind,
    case: &Case,
    bounds: &Bounds,
    arguments: &Arguments,
) -> anyhow::Result<(&'static str, u64)> {
    let [short, long] = case.iterations;
    let short = callgrind.count(case.load, short)?;
    let profile = if short.is_debug_build {
        "debug"
    } else {
        "release"
    };
    let mut least = u64::MAX;
    for _ in 0..arguments.repeat.unwrap_or(TRIES) {
        let long = callgrind.count(case.load, long)?;
        let requests = long.requests.saturating_sub(short.requests).max(1);
        let count = long.instructions.saturating_sub(short.instructions) / requests;
        println!("{profile} {}: {count} instructions a request", case.name);
        least = least.min(count);
        let may_end = arguments.repeat.is_none() && !arguments.update;
        if may_end && bounds.complaint(profile, case.name, least)?.is_none() {
            break;
        }
    }
    Ok((profile, least))
}
