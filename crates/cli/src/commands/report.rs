//! `plimsoll report`: shows the results of earlier runs from their folders.

use crate::args::{Output, Report};
use crate::bundle;
use crate::earlier_search::Search;
use crate::failure::Failure;
use crate::observe;
use crate::terminal;
use anyhow::Context;
use jiff::Timestamp;
use plimsoll_report::annotations;
use plimsoll_report::document::Run;
use plimsoll_report::merge::merge;
use std::fs;
use std::io;
use std::path::Path;

/// Shows result folders, one exactly as its run showed it, and returns the exit code of the verdict.
pub(crate) fn report(report: &Report, output: &Output) -> Result<u8, Failure> {
    let mut runs = Vec::new();
    for folder in &report.folders {
        runs.push((folder.display().to_string(), bundle::read(folder)?));
    }
    let mut run = match runs.len() {
        1 => runs.remove(0).1,
        _ => {
            merge(runs, Timestamp::now()).map_err(|problem| Failure::Usage(problem.to_string()))?
        }
    };
    if let Some(search) = &report.capacity {
        Search::read(search)?.attach(&mut run)?;
    }
    match &report.out {
        None => terminal::print(&observe::rendered(&run, output)?),
        Some(file) => {
            write(&run, file)?;
            terminal::say(output, &format!("written: {}", file.display()));
        }
    }
    terminal::annotate(output, &annotations::of_run(&run));
    Ok(run.verdict.exit_code)
}

/// Writes a run to a file, in the format that its name asks for.
fn write(run: &Run, file: &Path) -> Result<(), Failure> {
    let mut text = Vec::new();
    let extension = file.extension().and_then(|extension| extension.to_str());
    match extension {
        Some("html" | "htm") => plimsoll_report::html::render(run, &mut text),
        Some("md") => plimsoll_report::summary::render(run, &mut text),
        Some("json") => run.write(&mut text),
        Some("xml") => plimsoll_report::junit::render(run, &mut text),
        Some("txt") => plimsoll_report::metrics::render(run, &mut text),
        _ => {
            return Err(Failure::Usage(format!(
                "what {} is to be is not clear; end its name in .html (a page), .md (a summary), .json (the document), .xml (JUnit test results) or .txt (OpenMetrics)",
                file.display()
            )));
        }
    }
    .context("cannot render the result")?;
    fs::write(file, text).map_err(|problem: io::Error| {
        Failure::Usage(format!(
            "cannot write {}: {problem}; choose another file with -o",
            file.display()
        ))
    })
}
