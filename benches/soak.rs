//! The evidence of a soak of 24 hours with 50 steps, from samples to page: how long it takes, how large
//! it is, and how much memory that needs.
//!
//!     cargo bench -p plimsoll-benches --bench soak
//!
//! Goals: the bundle's document renders in under 10 s, within 500 MB, to a page of under 5 MB.

// Its lines are its result.
#![allow(clippy::print_stdout)]

use plimsoll_measure::validity::assess;
use plimsoll_measure::{
    Catalogue, Outcome, Phases, Sample, Scope, Series, Stage, Tally, Timetable, Vitals, Watched,
};
use plimsoll_report::document::{Load, Run, build};
use plimsoll_report::facts::{Ending, LoadModel, RunFacts, TestFacts};
use plimsoll_schedule::SplitMix64;
use std::ffi::OsStr;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

const SECONDS: u64 = 86_400;
const STEPS: usize = 50;
const SECOND_NS: u64 = 1_000_000_000;

/// Set for the process that renders, so that its memory is its own.
const RENDER: &str = "PLIMSOLL_BENCH_RENDER";

fn main() {
    if let Some(path) = std::env::var_os(RENDER) {
        return render(&path);
    }
    let started = Instant::now();
    let tally = soak();
    let samples = tally.requests().outcomes.ledger.intended;
    println!("{samples} requests filed in {:.1?}", started.elapsed());
    let run = document(&tally);
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    run.write(&mut file.as_file()).expect("it is written");
    let program = std::env::current_exe().expect("a program knows its path");
    let status = Command::new(program).env(RENDER, file.path()).status();
    assert!(status.expect("it runs").success());
}

/// What `plimsoll report` does with the document.
fn render(path: &OsStr) {
    let started = Instant::now();
    let text = std::fs::read_to_string(path).expect("a document");
    let run = Run::read(&text).expect("it is read back");
    let mut page = Vec::new();
    plimsoll_report::html::render(&run, &mut page).expect("it is rendered");
    println!(
        "run.json of {:.2} MB, page of {:.2} MB (goal: 5) in {:.2?} (goal: 10 s), {:.0} MB of memory at most (goal: 500)",
        text.len() as f64 / 1e6,
        page.len() as f64 / 1e6,
        started.elapsed(),
        peak_mb()
    );
}

/// 24 hours of five journeys with ten steps each, a request of each step a second.
fn soak() -> Tally {
    let names: Vec<String> = (0..STEPS / 5).map(|n| format!("step-{n}")).collect();
    let mut catalogue = Catalogue::default();
    for journey in 0..5 {
        let steps = names.iter().map(|name| (name.as_str(), 0));
        catalogue.add_journey(&format!("journey-{journey}"), steps);
    }
    let watched = (0..catalogue.len() as u32).map(|series| Watched {
        scope: Scope::Series(Series(series)),
        threshold: "p99 < 400ms".parse().expect("a threshold"),
    });
    let timetable = Timetable {
        duration_ns: Some(SECONDS * SECOND_NS),
        stages: vec![Stage {
            from_ns: 0,
            until_ns: SECONDS * SECOND_NS,
            is_steady: true,
        }],
        warmup_ns: None,
    };
    let series = catalogue.len() as u32;
    let mut tally = Tally::new(Arc::new(catalogue), watched.collect(), timetable);
    let random = SplitMix64::new(1);
    for second in 0..SECONDS {
        for index in 0..series {
            let draw = u64::from(index) + second * u64::from(series);
            let response = (50e6 * (1.0 + random.exponential(draw))) as u64;
            let intended = second * SECOND_NS;
            tally.intend(Series(index), second, 1);
            tally.record(&Sample {
                series: Series(index),
                outcome: Outcome::Ok,
                error: None,
                status: 200,
                intended,
                end: intended + response,
                thinking: 0,
                phases: Phases {
                    dispatched: Some(intended),
                    ..Phases::default()
                },
                body_bytes: 1_000,
                client: None,
                retries: 0,
            });
        }
        let deltas = tally.take_deltas();
        tally.recycle(deltas);
    }
    tally
}

fn document(tally: &Tally) -> Run {
    let elapsed_ns = SECONDS * SECOND_NS;
    let warmup = tally.warmup(elapsed_ns);
    let judgements = tally.judge(0.05, &warmup, elapsed_ns);
    let validity = assess(tally, &Vitals::default(), &warmup, &judgements, elapsed_ns);
    build(&RunFacts {
        name: "soak".to_owned(),
        ending: Ending::Complete,
        started_at: None,
        duration_ns: elapsed_ns,
        command: Vec::new(),
        engine: Default::default(),
        sources: Vec::new(),
        notices: Vec::new(),
        finished: Vec::new(),
        tests: vec![TestFacts {
            name: "soak".to_owned(),
            model: LoadModel::Open {
                arrivals: "even".to_owned(),
                load: Load {
                    expected_per_s: Some(5.0),
                    headroom: None,
                    target_per_s: Some(5.0),
                    stages: Vec::new(),
                },
            },
            seed: Some(1),
            planned_ns: Some(elapsed_ns),
            elapsed_ns,
            arrivals_ns: elapsed_ns,
            offered_rate: Some(5.0),
            achieved_rate: Some(5.0),
            tally,
            warmup,
            items: Vec::new(),
            validity,
            examples: Vec::new(),
            expectations: Vec::new(),
            marks: Vec::new(),
            findings: Vec::new(),
            resources: Vec::new(),
        }],
        items: Vec::new(),
        plan: None,
        identity: None,
        capacity: None,
    })
}

/// The most memory that this process had, in MB, from procfs.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let line = line.unwrap_or_default();
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<f64>().unwrap_or_default() / 1e3
}
