//! `plimsoll compare`: two results side by side, and how little that tells.

mod capacity;
mod judged;
mod page;

use crate::args::Output;
use crate::args::compare::Compare;
use crate::circumstances;
use crate::failure::Failure;
use crate::results::{self, Stored};
use crate::terminal;
use plimsoll_history::Environment;
use plimsoll_report::document::{Latency, Test, Totals};
use serde::Serialize;

/// The percentiles that are shown.
const PERCENTILES: [&str; 3] = ["p50", "p95", "p99"];

/// The comparison: what `--json` prints.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    /// What single runs are worth.
    caveat: &'static str,
    a: Side,
    b: Side,
    /// How much either bears, of two searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<capacity::Capacities>,
    tests: Vec<TestPair>,
    /// Tests that only one of the two has.
    unmatched: Vec<String>,
}

#[derive(Serialize)]
struct Side {
    folder: String,
    name: String,
    started_at: Option<jiff::Timestamp>,
    revision: Option<String>,
    sentence: String,
}

#[derive(Serialize)]
struct TestPair {
    name: String,
    /// In what the circumstances differ, in words.
    differences: Vec<String>,
    figures: Vec<Figure>,
    judged: Vec<judged::Judged>,
}

/// A figure of a series in both runs. Nanoseconds, or shares of 1.
#[derive(Serialize)]
struct Figure {
    journey: Option<String>,
    step: Option<String>,
    metric: &'static str,
    a: Option<f64>,
    a_infinite: bool,
    b: Option<f64>,
    b_infinite: bool,
}

const CAVEAT: &str = "two single runs compare weakly: runs of one build differ, often by more than either of them shows. `plimsoll duel` tells whether a build is worse, `plimsoll history` when it got worse";

/// Compares two results.
pub(crate) fn compare(arguments: &Compare, output: &Output) -> Result<u8, Failure> {
    let a = results::read(&arguments.a)?;
    let b = results::read(&arguments.b)?;
    let pairs = pairs(&a, &b);
    let capacity = capacity::of(&a.run, &b.run);
    if pairs.is_empty() && capacity.is_none() {
        let names = |stored: &Stored| -> String {
            let names = stored.run.tests.iter().map(|test| test.name.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        return Err(Failure::Usage(format!(
            "{} and {} have no test in common: {} and {}; compare runs of one scenario or plan",
            arguments.a.display(),
            arguments.b.display(),
            names(&a),
            names(&b)
        )));
    }
    let tests = pairs.iter().map(|(of_a, of_b)| TestPair {
        name: of_b.name.clone(),
        differences: differences((&a, of_a), (&b, of_b)),
        figures: figures(of_a, of_b),
        judged: judged::judge((&a.run, of_a), (&b.run, of_b)),
    });
    let document = Document {
        schema: "plimsoll.compare/1",
        caveat: CAVEAT,
        capacity,
        tests: tests.collect(),
        unmatched: unmatched(&a, &b, &pairs),
        a: side(&a),
        b: side(&b),
    };
    let page = page::page(&document);
    terminal::print(&terminal::page_or_json(&page, &document, output)?);
    Ok(0)
}

fn side(stored: &Stored) -> Side {
    let run = &stored.run;
    let origin = run.circumstances.as_ref().map(|known| &known.origin);
    let of_plan = run.plan.as_ref().and_then(|plan| plan.revision.clone());
    Side {
        folder: stored.folder.display().to_string(),
        name: run.name.clone(),
        started_at: run.started_at,
        revision: of_plan.or_else(|| origin?.revision.clone()),
        sentence: run.verdict.sentence.clone(),
    }
}

/// The tests of the same name; or the only ones there are. Of two searches, the probes under the same load.
fn pairs<'s>(a: &'s Stored, b: &'s Stored) -> Vec<(&'s Test, &'s Test)> {
    if let ([of_a], [of_b]) = (a.run.tests.as_slice(), b.run.tests.as_slice()) {
        return vec![(of_a, of_b)];
    }
    let are_searches = a.run.is_search() && b.run.is_search();
    let is_pair = |of_a: &Test, of_b: &Test| {
        of_a.name == of_b.name && (!are_searches || of_a.load == of_b.load)
    };
    let tests = b.run.tests.iter();
    tests
        .filter_map(|of_b| {
            let mut tests = a.run.tests.iter();
            Some((tests.find(|of_a| is_pair(of_a, of_b))?, of_b))
        })
        .collect()
}

fn unmatched(a: &Stored, b: &Stored, pairs: &[(&Test, &Test)]) -> Vec<String> {
    if a.run.is_search() && b.run.is_search() {
        // Which rates are tried is up to what was found, and no promise.
        return Vec::new();
    }
    let tests = a.run.tests.iter().chain(&b.run.tests);
    let mut names: Vec<String> = tests
        .filter(|test| {
            let mut pairs = pairs.iter();
            !pairs.any(|(a, b)| a.name == test.name || b.name == test.name)
        })
        .map(|test| test.name.clone())
        .collect();
    names.dedup();
    names
}

/// In what the circumstances differ.
fn differences(a: (&Stored, &Test), b: (&Stored, &Test)) -> Vec<String> {
    let environment = |(stored, test): (&Stored, &Test)| {
        let known = stored.run.circumstances.clone().unwrap_or_default();
        Environment::of(&stored.run, test, &circumstances::for_history(&known))
    };
    let differences = environment(b).differences(&environment(a), &Default::default());
    differences.iter().map(ToString::to_string).collect()
}

/// What a series counted.
type Counted<'t> = (Option<&'t str>, Option<&'t str>, &'t Latency, &'t Totals);

/// All series of a test: itself, then each journey with its steps.
fn series(test: &Test) -> Vec<Counted<'_>> {
    let mut all: Vec<Counted<'_>> = vec![(None, None, &test.response, &test.totals)];
    for journey in &test.journeys {
        let name = Some(journey.name.as_str());
        all.push((name, None, &journey.response, &journey.totals));
        all.extend(
            journey.steps.iter().map(|step| -> Counted<'_> {
                (name, Some(&step.name), &step.response, &step.totals)
            }),
        );
    }
    all
}

fn figures(a: &Test, b: &Test) -> Vec<Figure> {
    let of_a = series(a);
    let mut figures = Vec::new();
    for (journey, step, response_b, totals_b) in series(b) {
        let found = of_a.iter().find(|one| (one.0, one.1) == (journey, step));
        let Some((_, _, response_a, totals_a)) = found else {
            continue;
        };
        let mut add = |metric, a: Option<f64>, b: Option<f64>, infinite: (bool, bool)| {
            figures.push(Figure {
                journey: journey.map(str::to_owned),
                step: step.map(str::to_owned),
                metric,
                a,
                a_infinite: infinite.0,
                b,
                b_infinite: infinite.1,
            });
        };
        for metric in PERCENTILES {
            let of = |latency: &Latency| latency.figure(metric).map(|ns| ns as f64);
            let infinite = |latency: &Latency| latency.is_infinite(metric);
            let are_infinite = (infinite(response_a), infinite(response_b));
            add(metric, of(response_a), of(response_b), are_infinite);
        }
        let errors = |totals: &Totals| {
            let bad = totals.intended.saturating_sub(totals.ok);
            (totals.intended > 0).then(|| bad as f64 / totals.intended as f64)
        };
        let (errors_a, errors_b) = (errors(totals_a), errors(totals_b));
        add("errors", errors_a, errors_b, (false, false));
    }
    figures
}
