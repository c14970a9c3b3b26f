//! `plimsoll calibrate`: what this machine can do as a generator.

use crate::args::{Calibrate, Output};
use crate::calibration::{Calibration, Generator, TimerLateness};
use crate::drive::threads;
use crate::failure::Failure;
use crate::terminal;
use anyhow::Context;
use plimsoll_engine::{
    Rules, RunOptions, Stop, Tick, TimerMode, measure_timers, raise_descriptor_limit, run,
};
use plimsoll_scenario::{HitOptions, Load, Scenario};
use plimsoll_schedule::{Arrivals, LoadShape, Rate};
use plimsoll_target::NullServer;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// How many waits of each timer are measured.
const WAITS: usize = 1000;
/// The first rate that is tried.
const FIRST_RATE: f64 = 1000.0;
/// Nothing beyond this is tried.
const LAST_RATE: f64 = 1_000_000.0;
/// How long each rate is tried, in nanoseconds.
const PROBE_NS: u64 = 2_000_000_000;
/// The search ends when the bounds are this close.
const RESOLUTION: f64 = 1.1;
/// What is still on time: the limit below which the dispatch lag of a run raises no warning.
const ON_TIME_NS: u64 = 1_000_000;
/// A worker thread busier than this in any second has no time to spare.
const BUSIEST: f64 = 0.9;

/// A rate that was tried.
struct Probe {
    is_sustained: bool,
    cpu_per_request_ns: Option<u64>,
    lag_p99_ns: Option<u64>,
}

/// Measures, shows and keeps what was found.
pub(crate) fn calibrate(arguments: &Calibrate, output: &Output) -> Result<u8, Failure> {
    let threads = threads(arguments.threads);
    let timer = arguments.timer.mode();
    let limits = raise_descriptor_limit();
    if cfg!(debug_assertions) {
        terminal::say(
            output,
            "WARNING: this is a debug build: what it finds is true of debug builds only",
        );
    }
    let mut timers = Vec::new();
    for mode in TimerMode::ALL {
        terminal::say(output, &format!("measuring the {} timer…", mode.name()));
        let lateness = measure_timers(mode, WAITS).context("cannot measure timers")?;
        timers.push(TimerLateness {
            timer: mode.name().to_owned(),
            p50_ns: lateness.quantile(50, 100),
            p99_ns: lateness.quantile(99, 100),
            max_ns: lateness.max(),
        });
    }
    let server = NullServer::start().context("cannot start a server to send to")?;
    let scenario = Scenario::single(HitOptions::get(format!("http://{}/", server.address())))
        .map_err(|problems| Failure::Usage(problems.render(false)))?;
    let scenario = Arc::new(scenario);
    let mut best = None;
    let (mut sustained, mut upper) = (0.0, None);
    let mut rate = FIRST_RATE;
    while rate <= LAST_RATE {
        terminal::say(output, &format!("sending {rate:.0}/s…"));
        let found = probe(&scenario, rate, threads, timer)?;
        if found.is_sustained {
            sustained = rate;
            best = Some(found);
        } else {
            upper = Some(rate);
        }
        rate = match upper {
            None => rate * 2.0,
            // Not even the first rate: there is nothing to search.
            Some(_) if sustained == 0.0 => break,
            Some(upper) if upper / sustained <= RESOLUTION => break,
            Some(upper) => (sustained * upper).sqrt(),
        };
    }
    let calibration = Calibration {
        generator: Generator::this(threads, timer),
        timers,
        sustained_rate: sustained,
        upper_rate: upper,
        cpu_per_request_ns: best.as_ref().and_then(|probe| probe.cpu_per_request_ns),
        dispatch_lag_p99_ns: best.as_ref().and_then(|probe| probe.lag_p99_ns),
        descriptors: limits.descriptors,
        ports: limits.ports,
    };
    if output.json {
        let text = serde_json::to_string_pretty(&calibration).context("cannot write JSON")?;
        terminal::print(&format!("{text}\n"));
    } else {
        terminal::print(&table(&calibration));
    }
    match calibration.keep() {
        Ok(path) => terminal::say(
            output,
            &format!(
                "kept in {}: runs that ask for more will say so",
                path.display()
            ),
        ),
        Err(problem) => terminal::tell(&format!("WARNING: this could not be kept: {problem}")),
    }
    Ok(0)
}

/// Sends at a rate for a while.
fn probe(
    scenario: &Arc<Scenario>,
    rate: f64,
    threads: usize,
    timer: TimerMode,
) -> Result<Probe, Failure> {
    let usage = |problem: String| Failure::Usage(problem);
    let rate = Rate::per_second(rate).map_err(|problem| usage(problem.to_string()))?;
    let shape =
        LoadShape::constant(rate, PROBE_NS).map_err(|problem| usage(problem.to_string()))?;
    let options = RunOptions {
        load: Load::Open {
            shape,
            arrivals: Arrivals::Even,
            promise: None,
        },
        demo: None,
        threads,
        seed: 1,
        drop_after: None,
        grace: Duration::from_secs(5),
        max_rate: None,
        timer,
        stop_when_decided: false,
        rules: Rules::of(scenario),
    };
    let mut unobserved = |_: &Tick<'_>| {};
    let finished = run(
        scenario.clone(),
        &options,
        &mut unobserved,
        &Stop::default(),
    )?;
    let requests = finished.tally.requests();
    let ledger = requests.outcomes.ledger;
    let lag = requests.dispatch_lag.quantile(99, 100);
    let is_idle_enough = finished
        .vitals
        .busiest_worker
        .is_none_or(|busiest| busiest <= BUSIEST);
    Ok(Probe {
        is_sustained: ledger.ok == ledger.intended
            && lag.is_some_and(|lag| lag <= ON_TIME_NS)
            && is_idle_enough,
        cpu_per_request_ns: finished.vitals.cpu_ns.checked_div(ledger.intended),
        lag_p99_ns: lag,
    })
}

fn table(calibration: &Calibration) -> String {
    let micros = |ns: Option<u64>| match ns {
        Some(ns) => format!("{:.1} µs", ns as f64 / 1e3),
        None => "—".to_owned(),
    };
    let mut text = String::new();
    let generator = &calibration.generator;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} processors ({}), {} worker threads, plimsoll {}\n",
        generator.processors, generator.processor, generator.threads, generator.version
    );
    let _ = writeln!(text, "timer lateness        p50          p99          max");
    for timer in &calibration.timers {
        let _ = writeln!(
            text,
            "  {:<9} {:>12} {:>12} {:>12}",
            timer.timer,
            micros(timer.p50_ns),
            micros(timer.p99_ns),
            micros(timer.max_ns)
        );
    }
    let bound = match (calibration.sustained_rate > 0.0, calibration.upper_rate) {
        (false, _) => {
            "not even 1,000/s: other programs use this machine, or it is too slow".to_owned()
        }
        (true, Some(upper)) => format!("{:.0}/s (not {upper:.0}/s)", calibration.sustained_rate),
        (true, None) => format!("at least {:.0}/s", calibration.sustained_rate),
    };
    let _ = writeln!(
        text,
        "\nsent on time          {bound}, with the {} timer, to a server on this machine that does nothing",
        generator.timer
    );
    let _ = writeln!(
        text,
        "dispatch lag p99      {} at that rate",
        micros(calibration.dispatch_lag_p99_ns)
    );
    let _ = writeln!(
        text,
        "cost per request      {} of processor time",
        micros(calibration.cpu_per_request_ns)
    );
    let _ = writeln!(text, "file descriptors      {}", calibration.descriptors);
    let _ = writeln!(
        text,
        "local ports           {} for each address of a target",
        calibration.ports
    );
    text
}
