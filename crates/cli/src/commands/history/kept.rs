//! Runs that are kept: as a list, and one with everything.

use super::figure;
use crate::args::Output;
use crate::args::history::{List, Show};
use crate::failure::Failure;
use plimsoll_history::{Filter, History, KeptRun, Metric};
use plimsoll_report::document::{Outcome, Status, ValidityStatus};
use plimsoll_report::page::{Page, Sheet, Tone};
use plimsoll_report::quantity::span;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The head of a run, as `--json` prints it.
#[derive(Serialize)]
pub(super) struct RunLine {
    id: String,
    scenario: String,
    name: String,
    started_at: String,
    duration_ns: u64,
    status: Status,
    outcome: Option<Outcome>,
    validity: ValidityStatus,
    sentence: String,
    release: Option<String>,
    revision: Option<String>,
    branch: Option<String>,
    label: Option<String>,
}

pub(super) fn run_line(run: &KeptRun) -> RunLine {
    RunLine {
        id: run.id.as_str().to_owned(),
        scenario: run.scenario.clone(),
        name: run.name.clone(),
        started_at: run.started_at.to_string(),
        duration_ns: run.duration_ns,
        status: run.status,
        outcome: run.outcome,
        validity: run.validity,
        sentence: run.sentence.clone(),
        release: run.release.clone(),
        revision: run.revision.clone(),
        branch: run.branch.clone(),
        label: run.label.clone(),
    }
}

/// Twelve digits of a commit are enough for people.
pub(super) fn short(revision: &str) -> String {
    let (commit, dirty) = match revision.strip_suffix("-dirty") {
        Some(commit) => (commit, "-dirty"),
        None => (revision, ""),
    };
    match commit.len() > 12 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => format!("{}{dirty}", &commit[..12]),
        false => revision.to_owned(),
    }
}

pub(super) fn list(file: &Path, arguments: &List, output: &Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Document {
        schema: &'static str,
        runs: Vec<RunLine>,
    }
    let runs = History::open(file)?.list(&Filter {
        scenario: arguments.scenario.clone(),
        branch: arguments.branch.clone(),
        label: arguments.label.clone(),
        limit: arguments.limit,
    })?;
    let mut page = Page::default();
    let columns = [
        "run", "started", "scenario", "branch", "commit", "release", "label", "result",
    ];
    let mut sheet = Sheet::new(&columns, columns.len());
    for run in &runs {
        let text = |text: &Option<String>| (Tone::Normal, text.clone().unwrap_or_default());
        sheet.row([
            (Tone::Strong, run.id.short().to_owned()),
            (
                Tone::Normal,
                run.started_at.strftime("%Y-%m-%d %H:%M").to_string(),
            ),
            (Tone::Normal, run.scenario.clone()),
            text(&run.branch),
            text(&run.revision.as_deref().map(short)),
            text(&run.release),
            text(&run.label),
            outcome(run),
        ]);
    }
    page.table(sheet);
    if runs.is_empty() {
        page.line(
            Tone::Quiet,
            "no run matches; without options all are listed",
        );
    }
    let document = Document {
        schema: "plimsoll.history.list/1",
        runs: runs.iter().map(run_line).collect(),
    };
    super::show(&page, &document, output)
}

/// How a run went, in a word or two.
fn outcome(run: &KeptRun) -> (Tone, String) {
    let (tone, word) = match run.outcome {
        _ if run.validity == ValidityStatus::Invalid => (Tone::Doubtful, "invalid"),
        _ if run.status != Status::Complete => (Tone::Doubtful, "not complete"),
        Some(Outcome::Go) => (Tone::Good, "go"),
        Some(Outcome::Risk) => (Tone::Doubtful, "go with risk"),
        Some(Outcome::NoGo) => (Tone::Bad, "no-go"),
        Some(Outcome::Inconclusive) => (Tone::Doubtful, "inconclusive"),
        Some(Outcome::Invalid) => (Tone::Doubtful, "invalid"),
        None => (Tone::Quiet, "not judged"),
    };
    (tone, word.to_owned())
}

#[derive(Serialize)]
struct ShownRun {
    schema: &'static str,
    run: RunLine,
    tests: Vec<ShownTest>,
}

#[derive(Serialize)]
struct ShownTest {
    name: String,
    elapsed_ns: u64,
    warmup_ns: u64,
    environment: BTreeMap<String, String>,
    series: Vec<ShownSeries>,
}

#[derive(Serialize)]
struct ShownSeries {
    journey: Option<String>,
    step: Option<String>,
    /// `null` is infinite.
    figures: BTreeMap<String, Option<f64>>,
    histogram_samples: Option<u64>,
}

/// The figures of the table.
const SHOWN: [Metric; 6] = [
    Metric::P50,
    Metric::P95,
    Metric::P99,
    Metric::Errors,
    Metric::Rate,
    Metric::Goodput,
];

pub(super) fn show(file: &Path, arguments: &Show, output: &Output) -> Result<(), Failure> {
    let history = History::open(file)?;
    let found = history.find(&arguments.id)?;
    let detail = history.show(&found.id)?;
    let run = &detail.run;
    let mut page = Page::default();
    page.line(Tone::Strong, &format!("{} of {}", run.id, run.name));
    let (tone, word) = outcome(run);
    page.line(tone, &format!("{word}: {}", run.sentence));
    page.line(
        Tone::Quiet,
        &format!("{}, {}", run.started_at, span(run.duration_ns)),
    );
    let origin = [
        ("release", &run.release),
        ("branch", &run.branch),
        ("commit", &run.revision),
        ("label", &run.label),
    ];
    for (name, value) in origin {
        if let Some(value) = value {
            page.labelled(Tone::Quiet, name, value);
        }
    }
    for test in &detail.tests {
        page.gap();
        let mut headings = vec![test.name.as_str()];
        headings.extend(SHOWN.iter().map(|metric| metric.name()));
        let mut sheet = Sheet::new(&headings, 1);
        for series in &test.series {
            let name = match (&series.journey, &series.step) {
                (None, _) => "all requests".to_owned(),
                (Some(journey), None) => format!("{journey} (journeys)"),
                (Some(journey), Some(step)) => format!("{journey}/{step}"),
            };
            let cells = SHOWN.iter().map(|metric| {
                let mut figures = series.figures.iter();
                let found = figures.find(|figure| figure.metric == *metric);
                let text = found.map_or_else(String::new, |found| figure(*metric, found.value));
                (Tone::Normal, text)
            });
            sheet.row(std::iter::once((Tone::Normal, name)).chain(cells));
        }
        page.table(sheet);
        for (part, value) in test.environment.parts() {
            page.labelled(Tone::Quiet, part.name(), value);
        }
    }
    let tests = detail.tests.iter().map(|test| ShownTest {
        name: test.name.clone(),
        elapsed_ns: test.elapsed_ns,
        warmup_ns: test.warmup_ns,
        environment: test
            .environment
            .parts()
            .map(|(part, value)| (part.name().to_owned(), value.to_owned()))
            .collect(),
        series: test
            .series
            .iter()
            .map(|series| ShownSeries {
                journey: series.journey.clone(),
                step: series.step.clone(),
                figures: series
                    .figures
                    .iter()
                    .map(|figure| (figure.metric.name().to_owned(), figure.value.finite()))
                    .collect(),
                histogram_samples: series.histogram_samples,
            })
            .collect(),
    });
    let document = ShownRun {
        schema: "plimsoll.history.show/1",
        run: run_line(run),
        tests: tests.collect(),
    };
    super::show(&page, &document, output)
}
