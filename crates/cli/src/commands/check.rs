//! `plimsoll check`: every mistake at once, and nothing is sent.

use crate::args::{Check, Output};
use crate::failure::Failure;
use crate::files::{FileKind, kind_of, load_plan, load_scenario};
use crate::plan::overview;
use crate::terminal;
use plimsoll_report::quantity::plural;
use plimsoll_scenario::{Load, Scenario};
use std::path::Path;

/// Checks files; the exit code is 0 if all of them are right.
pub(crate) fn check(check: &Check, output: &Output) -> Result<u8, Failure> {
    let mut code = 0;
    for path in &check.files {
        match describe_file(path, output) {
            Ok(description) => {
                terminal::print(&format!("{}: {description}\n", path.display()));
            }
            Err(failure) => {
                code = failure.exit_code();
                terminal::complain(&failure.to_string());
            }
        }
    }
    Ok(code)
}

fn describe_file(path: &Path, output: &Output) -> Result<String, Failure> {
    Ok(match kind_of(path) {
        FileKind::Scenario => describe(&load_scenario(path, output)?),
        FileKind::Plan => {
            let plan = load_plan(path, output)?;
            format!("ok\n{}", overview(&plan).trim_end())
        }
    })
}

/// What would run, in a line.
fn describe(scenario: &Scenario) -> String {
    let requests: usize = scenario
        .journeys
        .iter()
        .map(|journey| journey.requests.len())
        .sum();
    let load = match &scenario.load {
        None => "no load of its own (--rate or --users)".to_owned(),
        Some(Load::Open { shape, .. }) => format!(
            "{} in {:.0} s, at most {}/s",
            plural(shape.total_arrivals().round() as usize, "arrival"),
            shape.duration_ns() as f64 / 1e9,
            shape.peak_rate().get()
        ),
        Some(Load::Closed { users, .. }) => {
            format!("{} (closed model)", plural(*users as usize, "user"))
        }
    };
    format!(
        "ok: {}, {}, {load}, {}",
        plural(scenario.journeys.len(), "journey"),
        plural(requests, "request"),
        plural(scenario.watched().len(), "threshold")
    )
}
