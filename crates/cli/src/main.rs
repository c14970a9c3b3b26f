//! The `plimsoll` program: arguments, files, terminal, signals, exit codes. What is measured, judged
//! and rendered is done by the libraries.
#![forbid(unsafe_code)]

mod args;
mod begun;
mod bundle;
mod calibration;
mod capacity;
mod circumstances;
mod claims;
mod commands;
mod drive;
mod duel;
mod earlier_search;
mod failure;
mod files;
mod folder;
mod journal;
mod load;
mod notices;
mod observe;
mod plan;
mod progress;
mod record;
mod results;
mod session;
mod signals;
mod started;
mod terminal;
mod test_context;

use args::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

// The system's allocator serialises threads on some platforms (musl's most of all).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = arguments.output;
    let done = match arguments.command {
        Command::Run(run) => commands::run::run(&run, &output),
        Command::Init(init) => commands::init::init(&init, &output),
        Command::Hit(hit) => commands::hit::hit(&hit, &output),
        Command::Try(try_) => commands::try_journeys::try_journeys(&try_, &output),
        Command::Calibrate(calibrate) => commands::calibrate::calibrate(&calibrate, &output),
        Command::Check(check) => commands::check::check(&check, &output),
        Command::Schema(schema) => commands::print::schema(&schema),
        Command::Target(target) => commands::target::serve(&target, &output),
        Command::Report(report) => commands::report::report(&report, &output),
        Command::Verify(verify) => commands::verify::verify(&verify, &output),
        Command::Capacity(capacity) => capacity::capacity(&capacity, &output),
        Command::Compare(compare) => commands::compare::compare(&compare, &output),
        Command::Duel(duel) => duel::duel(&duel, &output),
        Command::History(history) => commands::history::history(&history, &output),
        Command::Completions(completions) => commands::print::completions(&completions),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            terminal::complain(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}
