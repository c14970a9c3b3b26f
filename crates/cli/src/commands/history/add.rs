//! Keeps finished runs.

use super::kept::{RunLine, run_line};
use crate::args::Output;
use crate::args::history::Add;
use crate::circumstances;
use crate::failure::Failure;
use crate::results::{self, Stored};
use plimsoll_history::{Added, Histograms, History, KeptRun, NewRun, Provenance};
use plimsoll_report::document;
use plimsoll_report::page::{Page, Tone};
use serde::Serialize;
use std::fs;
use std::io;
use std::path::Path;

/// What came of it, as `--json` prints it.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    added: Vec<AddedLine>,
}

#[derive(Serialize)]
struct AddedLine {
    /// Whether it was there already.
    known: bool,
    run: RunLine,
}

pub(super) fn add(file: &Path, arguments: &Add, output: &Output) -> Result<(), Failure> {
    // All of them are read before any is added, so that a slip of the pen changes nothing.
    let stored = arguments.results.iter().map(|path| results::read(path));
    let stored: Vec<Stored> = stored.collect::<Result<_, _>>()?;
    let logs = stored.iter().map(|stored| histograms(stored, arguments));
    let logs: Vec<Histograms> = logs.collect::<Result<_, _>>()?;
    for stored in &stored {
        History::accepts(&stored.run)?;
    }
    let mut history = History::create(file)?;
    let (mut page, mut lines) = (Page::default(), Vec::new());
    for (stored, histograms) in stored.iter().zip(&logs) {
        let run = &stored.run;
        let known = run.circumstances.clone().unwrap_or_default();
        let provenance = provenance(&known, arguments);
        let mut added = history.add(&NewRun {
            run,
            circumstances: &circumstances::for_history(&known),
            provenance: &provenance,
            histograms,
        })?;
        let (tone, word) = match &mut added {
            Added::New(_) => (Tone::Good, "added"),
            Added::Known(kept) => match label(&mut history, kept, arguments)? {
                true => (Tone::Good, "was there already; labelled"),
                false => (Tone::Quiet, "was there already"),
            },
        };
        let kept = added.run();
        let of = [&kept.branch, &kept.revision, &kept.label];
        let of: Vec<&str> = of.into_iter().flatten().map(String::as_str).collect();
        let of = match of.is_empty() {
            true => String::new(),
            false => format!(" ({})", of.join(", ")),
        };
        page.labelled(tone, kept.id.short(), &format!("{} {word}{of}", kept.name));
        if let (Added::Known(_), Some(text)) = (&added, not_taken(kept, arguments)) {
            page.line(Tone::Doubtful, &text);
        }
        if run.circumstances.is_none() {
            page.line(
                Tone::Doubtful,
                "its result was written by an older plimsoll and does not say on which machine and against what it ran: it is compared with runs of which that is not known either",
            );
        }
        lines.push(AddedLine {
            known: matches!(added, Added::Known(_)),
            run: run_line(kept),
        });
    }
    let document = Document {
        schema: "plimsoll.history.add/1",
        added: lines,
    };
    super::show(&page, &document, output)
}

/// Gives a run that was there already the label that is said now; whether it had another.
fn label(history: &mut History, kept: &mut KeptRun, arguments: &Add) -> Result<bool, Failure> {
    let label = arguments.label.clone().filter(|label| !label.is_empty());
    if label.is_none() || label == kept.label {
        return Ok(false);
    }
    history.set_label(&kept.id, label.as_deref())?;
    kept.label = label;
    Ok(true)
}

/// What was said of a run that was there already, and is otherwise there.
fn not_taken(kept: &KeptRun, arguments: &Add) -> Option<String> {
    let scenario = Some(kept.scenario.clone());
    let said = [
        ("--branch", &arguments.branch, &kept.branch),
        ("--commit", &arguments.commit, &kept.revision),
        ("--release", &arguments.release, &kept.release),
        ("--scenario", &arguments.scenario, &scenario),
    ];
    let flags = said.into_iter().filter_map(|(flag, said, kept)| {
        let said = said.as_ref().filter(|said| !said.is_empty())?;
        (Some(said) != kept.as_ref()).then_some(flag)
    });
    let flags: Vec<&str> = flags.collect();
    (!flags.is_empty()).then(|| {
        format!(
            "{} not taken: of a run that is kept only the label changes",
            flags.join(", ")
        )
    })
}

/// Where it comes from: what is said, else what the result says, else what a forge says in the environment of
/// the job. The Git repository here may be another's.
fn provenance(known: &document::Circumstances, arguments: &Add) -> Provenance {
    let said = known.origin.clone();
    let here = match (&said.revision, &said.branch) {
        (Some(_), _) | (_, Some(_)) => document::Origin::default(),
        (None, None) => circumstances::origin_of_job(),
    };
    Provenance {
        scenario: arguments.scenario.clone().or(known.scenario.clone()),
        release: arguments.release.clone(),
        revision: arguments.commit.clone().or(said.revision).or(here.revision),
        branch: arguments.branch.clone().or(said.branch).or(here.branch),
        label: arguments.label.clone(),
    }
}

/// The response times of a run, if its log is there.
fn histograms(stored: &Stored, arguments: &Add) -> Result<Histograms, Failure> {
    let path = stored.folder.join("intervals.hlog");
    if arguments.without_log {
        return Ok(Histograms::default());
    }
    let log = match fs::read(&path) {
        Ok(log) => log,
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => {
            return Ok(Histograms::default());
        }
        Err(problem) => {
            return Err(Failure::Usage(format!(
                "cannot read {}: {problem}; allow it, or say --without-log",
                path.display()
            )));
        }
    };
    Histograms::read_log(&log, &stored.run)
        .map_err(|problem| Failure::Usage(format!("{}: {problem} (--without-log)", path.display())))
}
