//! `plimsoll target`: the demo service alone, behaving as told.

use crate::args::{Output, Target};
use crate::failure::Failure;
use crate::signals;
use crate::terminal;
use anyhow::Context;
use plimsoll_engine::Stop;
use plimsoll_report::quantity::plural;
use plimsoll_target::{Behaviour, Demo, Release};
use std::str::FromStr;
use std::sync::mpsc;
use std::time::Duration;

/// Serves until a signal or the end of `--duration`.
pub(crate) fn serve(target: &Target, output: &Output) -> Result<u8, Failure> {
    let behaviour = behaviour(target)?;
    let demo = Demo::start(behaviour, target.listen).map_err(|problem| {
        Failure::Usage(format!("{problem}; choose another address with --listen"))
    })?;
    // The address alone on the first line, for scripts that asked for port 0.
    terminal::print(&format!("{}\n", demo.url()));
    terminal::say(
        output,
        "the demo service is up; pages: / /search?to=ROM /recommend /version /metrics /null; Ctrl-C ends it",
    );
    let (ended, end) = mpsc::channel();
    signals::listen(Stop::default(), move || {
        let _ = ended.send(());
    })
    .context("cannot listen for signals")?;
    let limit = target.duration.unwrap_or(Duration::MAX);
    // A time-out and a signal both mean the end.
    let _ = end.recv_timeout(limit);
    let counts = demo.stop();
    terminal::say(
        output,
        &format!(
            "{} over {}",
            plural(counts.requests as usize, "request"),
            plural(counts.connections as usize, "connection")
        ),
    );
    Ok(0)
}

fn behaviour(target: &Target) -> Result<Behaviour, Failure> {
    let usual = Release::default();
    let behaviour = Behaviour {
        latency: parse_all("--latency", &target.latency)?,
        stall: parse("--stall", target.stall.as_deref())?,
        fifo: target.fifo,
        capacity: parse("--capacity", target.capacity.as_deref())?,
        queue: target.queue,
        refusal: parse("--refusal", target.refusal.as_deref())?.unwrap_or_default(),
        priority: parse_all("--priority", &target.priority)?,
        scale: parse("--scale", target.scale.as_deref())?,
        collapse: target.collapse,
        ageing: parse("--ageing", target.ageing.as_deref())?,
        leak: parse("--leak", target.leak.as_deref())?,
        leak_limit: parse("--leak-limit", target.leak_limit.as_deref())?,
        dependency: parse("--dependency", target.dependency.as_deref())?,
        wrong: parse_all("--wrong", &target.wrong)?,
        errors: parse_all("--errors", &target.errors)?,
        faults: parse_all("--fault", &target.fault)?,
        seed: target.seed,
        release: Release {
            version: target.version.clone().unwrap_or(usual.version),
            commit: target.commit.clone().unwrap_or(usual.commit),
            id: None,
        },
        release_switch: parse("--release-switch", target.release_switch.as_deref())?,
    };
    behaviour
        .check()
        .map_err(|problem| Failure::Usage(problem.to_string()))?;
    Ok(behaviour)
}

fn parse<T: FromStr<Err: std::fmt::Display>>(
    flag: &str,
    text: Option<&str>,
) -> Result<Option<T>, Failure> {
    text.map(|text| {
        text.parse()
            .map_err(|problem| Failure::Usage(format!("{flag}: {problem}")))
    })
    .transpose()
}

fn parse_all<T: FromStr<Err: std::fmt::Display>>(
    flag: &str,
    texts: &[String],
) -> Result<Vec<T>, Failure> {
    texts
        .iter()
        .filter_map(|text| parse(flag, Some(text)).transpose())
        .collect()
}
