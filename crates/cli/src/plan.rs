//! `plimsoll run` of a readiness plan: everything from the file to the folder with the evidence.

mod baseline;
mod claims;
mod demo;
mod document;
mod expectations;
mod fetch;
mod findings;
mod identity;
mod items;
mod outputs;
mod overview;
mod release_rate;
mod resources;
mod runner;
mod smoke;
mod taken_back;
mod test;

pub(crate) use fetch::Http;
pub(crate) use overview::overview;
pub(crate) use resources::Sampling;

use crate::args::{self, Output};
use crate::bundle::Bundle;
use crate::circumstances;
use crate::drive;
use crate::earlier_search::Search;
use crate::failure::Failure;
use crate::files::load_plan;
use crate::notices;
use crate::record::{self, Record};
use crate::signals;
use crate::terminal;
use anyhow::Context;
use identity::Watch;
use items::Items;
use jiff::Timestamp;
use plimsoll_conduct::Fetch;
use plimsoll_conduct::server::{Ready, Server, ServerError, ServerPlan};
use plimsoll_engine::{Stop, raise_descriptor_limit};
use plimsoll_history::{History, HistoryError};
use plimsoll_report::document::Notice;
use plimsoll_report::events::Event;
use plimsoll_scenario::plan::{OwnTarget, ReadinessPlan};
use plimsoll_target::Demo;
use runner::Runner;
use std::path::Path;
use std::sync::Arc;
use taken_back::TakenBack;

/// Runs a plan and returns the exit code of its verdict.
pub(crate) fn run(arguments: &args::Run, output: &Output) -> Result<u8, Failure> {
    refuse_loads(&arguments.load)?;
    let mut plan = load_plan(&arguments.file, output)?;
    if let Some(factor) = arguments.rehearse {
        plan.rehearse(factor);
    }
    check_names(&plan, &arguments.only)?;
    check_rates(&plan, arguments.load.max_rate)?;
    let search = arguments
        .capacity
        .as_deref()
        .map(Search::read)
        .transpose()?;
    check_history(&plan, arguments.history.as_deref())?;
    let key = outputs::signing_key(arguments.sign.as_deref())?;
    drive::ask_permission(&plan.scenario, &arguments.load.outlet.yes_i_may_load)?;
    terminal::say(output, overview(&plan).trim_end());

    let demo = start_demo(&plan)?;
    let address = demo.as_ref().map(|demo| demo.address());
    let http = Arc::new(Http::new(plan.scenario.clone(), address)?);
    let base_url = http.base_url();
    let fetch: Arc<dyn Fetch> = http;
    let started_at = Timestamp::now();
    let folder = match &arguments.load.outlet.out {
        Some(folder) => folder.clone(),
        None => drive::usual_folder(&plan.name, started_at),
    };
    let threads = drive::threads(arguments.load.driving.threads);
    let mut record = begin(&plan, arguments, &folder, started_at, threads)?;
    record.circumstances = Some(circumstances::of_plan(&plan, &arguments.load));
    notices(&plan)
        .into_iter()
        .for_each(|notice| record.notice(notice));

    let stop = Stop::default();
    signals::listen(stop.clone(), || {
        terminal::tell(
            "interrupted: no new users, then what was done to the system is undone (Ctrl-C again: at once)",
        );
    })
    .context("cannot listen for signals")?;
    let server = start_server(&plan, &folder, (&*fetch, &base_url), &stop)?;
    let mut runner = Runner {
        plan: &plan,
        items: Items::of(&plan),
        arguments,
        output,
        record,
        stop,
        watch: Watch::of(&plan, &*fetch),
        sampling: Sampling::of(&plan, server, fetch.clone()),
        threads,
        demo: address,
        control: demo.clone().map(demo::control),
        environment: environment(&base_url, &folder),
        taken_back: TakenBack::default(),
    };
    runner.describe();
    if let Some(search) = &search {
        search.attach_to(&mut runner.record)?;
    }
    let run = match runner.run() {
        Ok(run) => run,
        Err(problem) => {
            if runner.keep(&problem.to_string()) {
                let kept = format!(
                    "what the tests showed that are over is kept in {}",
                    folder.join("run.json").display()
                );
                terminal::say(output, &kept);
            }
            return Err(problem);
        }
    };
    let Runner {
        mut record,
        sampling,
        ..
    } = runner;
    // The release is stopped before its log is digested.
    drop(sampling);
    record.bundle.event(
        record.elapsed_ns(),
        Event::Ended {
            status: run.status,
            outcome: run.verdict.outcome,
            exit_code: run.verdict.exit_code,
        },
    );
    outputs::write(&mut record, &run, key.as_ref())?;
    drive::show(&run, &record, output)
}

/// A plan says what load there is, so that the command line does not.
fn refuse_loads(load: &args::Load) -> Result<(), Failure> {
    let given = [
        ("--rate", load.rate.is_some()),
        ("--users", load.users.is_some()),
        ("--duration", load.duration.is_some()),
        ("--arrivals", load.driving.arrivals.is_some()),
        ("--threshold", !load.thresholds.is_empty()),
        ("--warmup", load.warmup.is_some()),
        ("--stop-when-decided", load.stop_when_decided),
        ("--abort-on", load.abort_on.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Failure::Usage(format!(
            "{name} does not go with a readiness plan, which says this itself: change the plan, or run its scenario alone"
        ))),
        None => Ok(()),
    }
}

fn check_names(plan: &ReadinessPlan, only: &[String]) -> Result<(), Failure> {
    let names: Vec<&str> = plan.tests.iter().map(|test| test.name.as_str()).collect();
    let unknown = only.iter().find(|name| !names.contains(&name.as_str()));
    let Some(unknown) = unknown else {
        return Ok(());
    };
    let nearest = plimsoll_scenario::nearest(unknown, names.iter().copied());
    let hint = match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("there are {}", names.join(", ")),
    };
    Err(Failure::Usage(format!(
        "--only {unknown}: the plan has no test of this name; {hint}"
    )))
}

/// Sees that a history that was named can be read, before anything is sent. It need not be there: the first
/// run of a job has none.
fn check_history(plan: &ReadinessPlan, named: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = named.filter(|_| plan.baseline.is_some()) else {
        return Ok(());
    };
    match History::open(file) {
        Ok(_) | Err(HistoryError::Missing { .. }) => Ok(()),
        Err(problem) => Err(problem.into()),
    }
}

fn check_rates(plan: &ReadinessPlan, maximum: Option<f64>) -> Result<(), Failure> {
    for test in &plan.tests {
        crate::load::check_maximum(&test.load, maximum)?;
    }
    Ok(())
}

/// The demo service, behaving as the plan says, where a target is the demo service.
pub(crate) fn start_demo(plan: &ReadinessPlan) -> Result<Option<Arc<Demo>>, Failure> {
    let Some(demo) = drive::start_demo(&plan.scenario)? else {
        return Ok(None);
    };
    if let Some(OwnTarget::Demo(behaviour)) = &plan.target {
        let changed = demo.merge_behaviour(behaviour.clone());
        changed.map_err(|problem| {
            Failure::Usage(format!(
                "{}: target/demo: {problem}",
                plan.sources
                    .first()
                    .map(|source| source.path.display().to_string())
                    .unwrap_or_default()
            ))
        })?;
    }
    Ok(Some(Arc::new(demo)))
}

fn begin(
    plan: &ReadinessPlan,
    arguments: &args::Run,
    folder: &Path,
    started_at: Timestamp,
    threads: usize,
) -> Result<Record, Failure> {
    let scenario = &plan.scenario;
    let copies = plan.sources.iter().chain(scenario.sources.first());
    let bundle = Bundle::create(folder, copies, true, started_at)?;
    let plans = plan.sources.iter().enumerate();
    let mut sources: Vec<_> = plans
        .map(|(index, file)| record::source(if index == 0 { "plan" } else { "slo" }, file))
        .collect();
    sources.extend(record::sources(scenario));
    sources.extend(record::program());
    let engine = record::engine(arguments.load.driving.timer.mode(), threads);
    Ok(Record::begin(
        &plan.name,
        started_at,
        bundle,
        engine,
        sources,
        &scenario.secrets,
    ))
}

fn notices(plan: &ReadinessPlan) -> Vec<Notice> {
    let limits = raise_descriptor_limit();
    let loads = plan.tests.iter().map(|test| &test.load);
    let mut notices: Vec<Notice> = Vec::new();
    for notice in loads.flat_map(|load| notices::of_run(&plan.scenario, load, limits)) {
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }
    notices
}

/// Starts the release itself, if the plan has it started.
pub(crate) fn start_server(
    plan: &ReadinessPlan,
    folder: &Path,
    (fetch, base_url): (&dyn Fetch, &str),
    stop: &Stop,
) -> Result<Option<Server>, Failure> {
    let Some(OwnTarget::Command {
        run,
        ready,
        ready_within,
        sha256,
        env,
    }) = &plan.target
    else {
        return Ok(None);
    };
    let server = Server::start(
        ServerPlan {
            run: run.clone(),
            environment: env.clone(),
            folder: plan.folder.clone(),
            sha256: sha256.clone(),
            ready: Some(
                ready
                    .clone()
                    .map_or_else(|| Ready::Listens(base_url.to_owned()), Ready::Answers),
            ),
            ready_within: *ready_within,
            cure: "give it more time (`ready_within`)".to_owned(),
            log: folder.join("target.log"),
            masker: plan.scenario.secrets.clone(),
        },
        fetch,
        &|| stop.is_stopped(),
    );
    match server {
        Ok(server) => Ok(Some(server)),
        // Another build than the release is broken evidence, not a slip of the pen.
        Err(problem @ ServerError::Digest { .. }) => Err(Failure::Identity(problem.to_string())),
        Err(problem @ ServerError::Interrupted { .. }) => {
            Err(Failure::Interrupted(problem.to_string()))
        }
        Err(problem) => Err(Failure::Usage(problem.to_string())),
    }
}

/// What commands find in their environment.
fn environment(base_url: &str, folder: &Path) -> Vec<(String, String)> {
    let program = std::env::current_exe().unwrap_or_default();
    // Commands run in the plan's folder, which may be another than this one.
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    [
        ("PLIMSOLL_TARGET", base_url.to_owned()),
        ("PLIMSOLL_RESULTS", folder.display().to_string()),
        ("PLIMSOLL", program.display().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}
