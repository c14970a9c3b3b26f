//! Compares `plimsoll` with its peers on this machine, in turn, and says which goals are met.
//! `benches/peers` installs what is missing and runs this; `benches/README.md` says what each row means.
#![forbid(unsafe_code)]

mod bench;
mod figure;
mod generators;
mod measured;
mod readme;
mod row;
mod sections;
mod table;
mod times;
mod turns;
mod versions;

use anyhow::{Context, ensure};
use bench::Bench;
use clap::Parser;
use plimsoll_benches::interrupt;
use plimsoll_benches::machine::Machine;
use plimsoll_benches::server::Server;
use row::{Answer, Row};
use sections::Section;
use std::path::PathBuf;
use std::process::ExitCode;
use table::Style;

/// Compare plimsoll with its peers on this machine, and say which goals are met.
#[derive(Debug, Parser)]
#[command(name = "benches/peers")]
struct Arguments {
    /// What to compare
    #[arg(value_enum, default_value = "all")]
    sections: Vec<Section>,
    /// How often each generator runs; the table has medians
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    rounds: u64,
    /// How long each run takes
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// One round of a second, fewer connections, a short soak: to see that it works
    #[arg(long, conflicts_with_all = ["rounds", "seconds"])]
    quick: bool,
    /// Print the table as Markdown
    #[arg(long)]
    markdown: bool,
    /// Put the table into benches/README.md
    #[arg(long)]
    write: bool,
    /// The program to measure
    #[arg(long, default_value = "target/release/plimsoll")]
    plimsoll: PathBuf,
    /// Where peers are that were installed for this
    #[arg(long, default_value = "target/peers")]
    tools: PathBuf,
}

#[allow(clippy::print_stderr, reason = "problems belong there")]
fn main() -> ExitCode {
    match compare(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem:#}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout, reason = "the table is the result")]
fn compare(arguments: &Arguments) -> anyhow::Result<()> {
    interrupt::watch()?;
    let machine = Machine::look();
    let plimsoll = std::path::absolute(&arguments.plimsoll)?;
    ensure!(
        plimsoll.is_file(),
        "{} is not there: cargo build --release",
        plimsoll.display()
    );
    let (rounds, seconds) = match arguments.quick {
        true => (1, 1),
        false => (usize::try_from(arguments.rounds)?, arguments.seconds),
    };
    let bench = Bench {
        server: Server::start(Some(machine.server_core()), machine.descriptors)
            .context("cannot start nginx")?,
        machine,
        plimsoll,
        tools: std::path::absolute(&arguments.tools)?,
        rounds,
        seconds,
        is_quick: arguments.quick,
        scratch: tempfile::TempDir::with_prefix("plimsoll-peers-")?,
    };
    let about = about(&bench);
    bench.say(&about);
    let rows = rows(&bench, &arguments.sections)?;
    let style = if arguments.markdown {
        Style::Markdown
    } else {
        Style::Terminal
    };
    println!("{about}\n\n{}", table::render(&rows, style));
    let not_met = |row: &&Row| matches!(row.answer(), Answer::NotMet | Answer::Unknown);
    let not_met = rows.iter().filter(not_met).count();
    let goals = rows
        .iter()
        .filter(|row| row.answer() != Answer::NoGoal)
        .count();
    println!("\n{} of {goals} goals met", goals - not_met);
    if arguments.write {
        readme::write(&format!(
            "{about}\n\n{}",
            table::render(&rows, Style::Markdown)
        ))?;
    }
    Ok(())
}

/// The rows of the sections that are wanted, in the order of the table.
fn rows(bench: &Bench, wanted: &[Section]) -> anyhow::Result<Vec<Row>> {
    let is_wanted = |section| wanted.contains(section) || wanted.contains(&Section::All);
    let mut rows = Vec::new();
    for section in Section::EACH.iter().filter(|section| is_wanted(section)) {
        bench.say(&format!("{}:", section.name()));
        match section.rows(bench) {
            Ok(more) => rows.extend(more),
            Err(problem) => {
                interrupt::check()?;
                rows.push(Row::missing(section.name(), &problem));
            }
        }
    }
    Ok(rows)
}

/// Machine, versions, and how long it took.
fn about(bench: &Bench) -> String {
    let (server, generator) = (bench.machine.server_core(), bench.machine.generator_core());
    let quick = if bench.is_quick {
        "\nQUICK: to see that it works; its figures prove nothing."
    } else {
        ""
    };
    format!(
        "{}\n{}\nnginx, one worker, on processor {server}, the generator on processor {generator}; \
         {} rounds of {} s in turn, medians.{quick}",
        bench.machine,
        versions::line(bench),
        bench.rounds,
        bench.seconds
    )
}
