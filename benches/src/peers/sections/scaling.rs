//! What more of everything costs, at the same rate of requests: threads, steps, journeys, users, series.

use crate::bench::Bench;
use crate::figure::{Figure, Unit};
use crate::generators::plimsoll;
use crate::measured::Measured;
use crate::row::{Goal, Row};
use crate::turns::{Contender, Turns, in_turn};
use plimsoll_benches::interrupt;
use plimsoll_benches::program::Running;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Requests a second.
const RATE: u64 = 5_000;
/// How many times as long as other sections, because what is done once, such as a page with fifty rows, is not what is asked.
const LONGER: u64 = 5;
/// The same where there are a thousand rows.
const MUCH_LONGER: u64 = 15;
/// How much more the larger of two may cost for each request.
const WITHIN: f64 = 1.05;

/// Journeys with steps, at a rate that makes [`RATE`] requests.
struct Shape {
    journeys: u64,
    steps: u64,
    /// Between two steps, in milliseconds.
    think_ms: u64,
}

impl Shape {
    const fn new(journeys: u64, steps: u64) -> Self {
        Self {
            journeys,
            steps,
            think_ms: 0,
        }
    }

    fn text(&self, bench: &Bench, seconds: u64) -> String {
        let Self {
            journeys,
            steps,
            think_ms,
        } = *self;
        let think = match think_ms {
            0 => String::new(),
            ms => format!("      - think: {ms}ms\n"),
        };
        let steps: Vec<String> = (0..steps)
            .map(|step| format!("      - {{ name: step-{step}, GET: /plain }}\n"))
            .collect();
        let journey = |number| format!("  journey-{number}:\n    steps:\n{}", steps.join(&think));
        let journeys: String = (0..journeys).map(journey).collect();
        let rate = RATE as f64 / steps.len() as f64;
        format!(
            "name: scaling
target: {{ url: \"{}\", connections: {{ pooled: {{ max: 64 }} }} }}
defaults: {{ redirects: none }}
load: {{ rate: {rate}/s, duration: {seconds}s }}
journeys:
{journeys}",
            bench.server.origin(false)
        )
    }

    fn file(&self, bench: &Bench, name: &str, seconds: u64) -> anyhow::Result<PathBuf> {
        bench.file(&format!("{name}.yaml"), &self.text(bench, seconds))
    }
}

/// The rows.
pub(crate) fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let mut rows = vec![threads(bench)?];
    let slow = |think_ms| Shape {
        think_ms,
        ..Shape::new(1, 2)
    };
    for (what, times, few, many) in [
        (
            "10 x steps: 50 rather than 5 in a journey",
            LONGER,
            Shape::new(1, 5),
            Shape::new(1, 50),
        ),
        (
            "10 x journeys: 50 rather than 5",
            LONGER,
            Shape::new(5, 2),
            Shape::new(50, 2),
        ),
        (
            "10 x users at once: 2,500 rather than 250",
            LONGER,
            slow(100),
            slow(1_000),
        ),
        (
            "10 x series: 1,100 rather than 110",
            MUCH_LONGER,
            Shape::new(10, 10),
            Shape::new(100, 10),
        ),
    ] {
        let seconds = times * bench.seconds;
        let few = few.file(bench, "few", seconds)?;
        let many = many.file(bench, "many", seconds)?;
        let run = |file: &Path| plimsoll::scenario(bench, file, &["--threads", "1"]);
        let turns = in_turn(
            bench,
            &[
                Contender::new("with more", || run(&many)),
                Contender::new("with fewer", || run(&few)),
            ],
        )?;
        rows.push(compared(what, &turns));
    }
    rows.extend(memory(bench)?);
    Ok(rows)
}

fn compared(what: &str, turns: &[Turns]) -> Row {
    let [many, few] = turns else {
        unreachable!("there are two");
    };
    Row {
        what: format!("{what}, at {RATE}/s: CPU a request"),
        ours: many.cpu(),
        other: Some((few.name.clone(), few.cpu())),
        in_turn: many.times(few, Measured::cpu_us),
        goal: Goal::Times(WITHIN),
        notes: [many.notes(), few.notes()].concat(),
    }
}

fn threads(bench: &Bench) -> anyhow::Result<Row> {
    let file = Shape::new(1, 1).file(bench, "threads", bench.seconds)?;
    let run = |threads| plimsoll::scenario(bench, &file, &["--threads", threads]);
    let turns = in_turn(
        bench,
        &[
            Contender::new("2 threads", || run("2")),
            Contender::new("1 thread", || run("1")),
        ],
    )?;
    Ok(compared("2 threads on the one processor", &turns))
}

/// Memory with 50 steps, and whether it grows in proportion with thousands of series.
fn memory(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let sizes = [1, 20, 40, 80];
    let mut seen = [const { Vec::new() }; 4];
    for _ in 0..bench.rounds {
        for (seen, journeys) in seen.iter_mut().zip(sizes) {
            seen.push(resident_mb(bench, journeys)?);
        }
    }
    let figures = seen.map(|seen| Figure::median(seen, Unit::Megabytes));
    let [one, twenty, forty, eighty] = figures.map(|figure| figure.map_or(0.0, |one| one.value));
    // As far as can be: what an allocator has at once, some megabytes, would be multiplied by a short line.
    let straight = forty + (forty - one) * (4_000.0 - 2_000.0) / (2_000.0 - 50.0);
    Ok(vec![
        Row::limit(
            "memory of a run with 50 steps",
            figures[0],
            Figure::once(64.0, Unit::Megabytes),
        ),
        Row {
            what: "memory with 4,000 steps, against a straight line through 50 and 2,000".into(),
            ours: figures[3],
            other: Some((
                "the line".to_owned(),
                Some(Figure::once(straight, Unit::Megabytes)),
            )),
            in_turn: None,
            goal: Goal::Times(WITHIN),
            notes: vec![format!(
                "1,000: {twenty:.0} MB, 2,000: {forty:.0} MB; {:.1} KiB a step",
                (eighty - one) * 1e6 / 1024.0 / 3_950.0
            )],
        },
    ])
}

/// The most that a run with so many journeys of 50 steps has, all of them taken.
fn resident_mb(bench: &Bench, journeys: u64) -> anyhow::Result<f64> {
    // Every step is taken at least twice.
    let seconds = (journeys * 100).div_ceil(RATE).max(bench.seconds.min(5)) + 1;
    let file = Shape::new(journeys, 50).file(bench, "series", seconds)?;
    let out = tempfile::tempdir_in(bench.scratch.path())?;
    let mut command = bench.generator(&bench.plimsoll);
    command
        .arg("run")
        .arg(file)
        .args(["--threads", "1", "--quiet", "--out"]);
    command.arg(out.path().join("result"));
    let mut running = Running::start(command)?;
    let mut most = 0;
    while !running.has_ended()? {
        most = most.max(running.most_resident_bytes().unwrap_or(0));
        interrupt::sleep(Duration::from_millis(10))?;
    }
    running.wait(Duration::from_secs(1))?.success()?;
    bench.say(&format!(
        "  {} steps: {:.1} MB",
        journeys * 50,
        most as f64 / 1e6
    ));
    Ok(most as f64 / 1e6)
}
