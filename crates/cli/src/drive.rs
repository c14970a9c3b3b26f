//! A load test from a resolved scenario to an exit code: the same for `run` and `hit`.

use crate::args::{self, Output};
use crate::bundle::Bundle;
use crate::calibration;
use crate::circumstances;
use crate::claims;
use crate::failure::Failure;
use crate::notices;
use crate::observe::{self, Observing};
use crate::record::{self, Record};
use crate::signals::{self, INTERRUPTED};
use crate::terminal;
use crate::test_context::TestContext;
use anyhow::Context;
use jiff::Timestamp;
use plimsoll_engine::{Ended, Reach, Rules, RunOptions, Stop, check_reach, raise_descriptor_limit};
use plimsoll_report::annotations;
use plimsoll_report::document::Run;
use plimsoll_report::events::Event;
use plimsoll_report::facts::Ending;
use plimsoll_scenario::{Address, Load, Scenario};
use plimsoll_target::{Behaviour, Demo};
use std::path::PathBuf;
use std::sync::Arc;

/// The name of the test, where a scenario is run without a plan.
const TEST: &str = "load";

/// A load test to be run.
pub(crate) struct Job<'a> {
    /// What users do.
    pub scenario: Scenario,
    /// How many of them.
    pub load: Load,
    /// What the command line says besides.
    pub arguments: &'a args::Load,
}

/// Runs a load test and returns the exit code of its verdict.
pub(crate) fn drive(job: Job<'_>, output: &Output) -> Result<u8, Failure> {
    let Job {
        scenario,
        load,
        arguments,
    } = job;
    ask_permission(&scenario, &arguments.outlet.yes_i_may_load)?;
    let limits = raise_descriptor_limit();
    let mut notices = notices::of_scenario(&scenario, &load, limits);
    let threads = threads(arguments.driving.threads);
    notices.extend(calibration::doubt(
        &scenario,
        &load,
        threads,
        arguments.driving.timer.mode(),
    ));
    for notice in &notices {
        terminal::say(
            output,
            &format!("{}{}", notices::mark(notice.level), notice.text),
        );
    }
    let demo = start_demo(&scenario)?;
    let started_at = Timestamp::now();
    let folder = arguments
        .outlet
        .out
        .clone()
        .unwrap_or_else(|| usual_folder(&scenario.name, started_at));
    let circumstances = circumstances::of_scenario(&scenario, arguments);
    let claims = claims::of_scenario(TEST, &scenario);
    let rules = Rules {
        watched: claims::watched(&claims),
        ..Rules::of(&scenario)
    };
    let scenario = Arc::new(scenario);
    let options = RunOptions {
        load,
        demo: demo.as_ref().map(Demo::address),
        threads,
        seed: arguments.driving.seed,
        drop_after: arguments.drop_after,
        grace: arguments.driving.grace,
        max_rate: arguments.max_rate,
        timer: arguments.driving.timer.mode(),
        stop_when_decided: arguments.stop_when_decided,
        rules,
    };
    let catalogue = Arc::new(scenario.catalogue());
    let bundle = Bundle::create(&folder, scenario.sources.first(), false, started_at)?;
    let mut record = Record::begin(
        &scenario.name,
        started_at,
        bundle,
        record::engine(options.timer, options.threads),
        record::sources(&scenario),
        &scenario.secrets,
    );
    record.circumstances = Some(circumstances);
    notices.into_iter().for_each(|notice| record.notice(notice));
    let context = TestContext {
        name: TEST.to_owned(),
        catalogue,
        load: options.load.clone(),
        seed: options.seed,
        claims,
        has_plan: false,
        trend_matters: true,
    };
    let mut observing = Observing::new(&mut record, context, output);

    let stop = Stop::default();
    signals::listen(stop.clone(), || {
        terminal::tell(
            "interrupted: no new users; waiting a few seconds for those on a journey (Ctrl-C again ends at once)",
        );
    })
    .context("cannot listen for signals")?;
    let finished = plimsoll_engine::run(scenario, &options, &mut observing, &stop)?;
    let facts = observing.finish(&finished);
    let ending = ending(&finished.ended);
    let elapsed_ns = finished.elapsed_ns;
    let run = record.document(Some(facts), ending, elapsed_ns);
    // The document has what was counted, and with thousands of steps the files need the memory.
    drop(finished);
    let bundle = &mut record.bundle;
    bundle.event(
        elapsed_ns,
        Event::Ended {
            status: run.status,
            outcome: run.verdict.outcome,
            exit_code: run.verdict.exit_code,
        },
    );
    bundle.finish(&run);
    show(&run, &record, output)
}

/// Prints a run that is over, says where it is, and returns the exit code of its verdict.
pub(crate) fn show(run: &Run, record: &Record, output: &Output) -> Result<u8, Failure> {
    terminal::print(&observe::rendered(run, output)?);
    terminal::annotate(output, &annotations::of_run(run));
    if let Some(problem) = record.bundle.broken() {
        return Err(Failure::Internal(anyhow::anyhow!(
            "{problem}; the result above is complete, the folder is not"
        )));
    }
    let folder = record.bundle.folder().display();
    terminal::say(output, &format!("result: {folder}"));
    Ok(run.verdict.exit_code)
}

/// How a run ended, as a document says it.
pub(crate) fn ending(ended: &Ended) -> Ending {
    match ended {
        Ended::Complete => Ending::Complete,
        Ended::Decided => Ending::Decided,
        Ended::Interrupted => Ending::Interrupted {
            reason: INTERRUPTED.to_owned(),
        },
        Ended::Aborted(reason) => Ending::Aborted {
            reason: reason.clone(),
        },
    }
}

/// How many worker threads there are to be.
pub(crate) fn threads(wanted: Option<u16>) -> usize {
    match wanted {
        Some(threads) => usize::from(threads),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    }
}

/// `plimsoll-results/NAME-20261123T101500Z`.
pub(crate) fn usual_folder(name: &str, started_at: Timestamp) -> PathBuf {
    let name: String = name
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .chars()
        .map(|char| {
            if char.is_alphanumeric() || "-_.".contains(char) {
                char
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    let time = started_at.strftime("%Y%m%dT%H%M%SZ");
    let name = format!("{}-{time}", name.trim_matches(['-', '.']));
    // Runs that start in the same second keep apart: whoever makes the folder has it.
    let results = PathBuf::from("plimsoll-results");
    let _ = std::fs::create_dir_all(&results);
    (1..1000)
        .map(|turn| match turn {
            1 => results.join(&name),
            _ => results.join(format!("{name}-{turn}")),
        })
        .find(|folder| std::fs::create_dir(folder).is_ok())
        .unwrap_or_else(|| results.join(&name))
}

/// Refuses to load somebody else's machine by mistake.
pub(crate) fn ask_permission(scenario: &Scenario, allowed: &[String]) -> Result<(), Failure> {
    match check_reach(scenario, allowed)? {
        Reach::Nearby => Ok(()),
        Reach::Public(hosts) => {
            let flags: Vec<String> = hosts
                .iter()
                .map(|host| format!("--yes-i-may-load {host}"))
                .collect();
            Err(Failure::Usage(format!(
                "{} is neither on this machine nor on a private network; nothing was sent. If you may load it, say {} or list it under `allow:` in the scenario",
                hosts.join(", "),
                flags.join(" ")
            )))
        }
    }
}

/// Starts the demo service where a target is the demo service.
pub(crate) fn start_demo(scenario: &Scenario) -> Result<Option<Demo>, Failure> {
    let wanted = scenario
        .targets
        .iter()
        .any(|target| target.address == Address::Demo);
    if !wanted {
        return Ok(None);
    }
    let demo = Demo::start(Behaviour::default(), ([127, 0, 0, 1], 0).into())
        .context("cannot start the demo service")?;
    Ok(Some(demo))
}

/// Says aloud that certificates are not verified.
pub(crate) fn warn_of_unverified(scenario: &Scenario, output: &Output) {
    for notice in notices::unverified(scenario) {
        terminal::say(
            output,
            &format!("{}{}", notices::mark(notice.level), notice.text),
        );
    }
}
