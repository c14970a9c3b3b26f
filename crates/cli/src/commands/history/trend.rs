//! How a figure went over runs, and where it changed.

use super::gate::{self, Gate};
use super::trend_page::{Course, document, page_of_all, page_of_one};
use crate::args::Output;
use crate::args::history::Trend;
use crate::failure::Failure;
use crate::terminal;
use plimsoll_history::{
    Environment, Filter, History, KeptRun, Metric, Part, Series, TrendQuery, Value,
};
use plimsoll_measure::change_points::{Options, change_points};
use plimsoll_report::document::Status;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Shows trends, and returns the exit code of the gate if there is one.
pub(super) fn trend(file: &Path, arguments: &Trend, output: &Output) -> Result<u8, Failure> {
    let usage = |text: String| Failure::Usage(text);
    let metric: Metric = arguments
        .metric
        .parse()
        .map_err(|problem| usage(format!("--metric: {problem}")))?;
    if arguments.gate {
        gate::check(metric, arguments.within, arguments.limit)?;
    }
    let disregarded = arguments
        .disregard
        .iter()
        .map(|part| part.parse())
        .collect::<Result<BTreeSet<Part>, _>>()
        .map_err(|problem| usage(format!("--disregard: {problem}")))?;
    let history = History::open(file)?;
    let scenario = scenario(&history, arguments)?;
    let all = history.all_series(Some(&scenario))?;
    let chosen = match &arguments.series {
        Some(wanted) => vec![find(&all, wanted)?],
        None => all,
    };
    let mut newest = BTreeMap::<String, Option<(KeptRun, Environment)>>::new();
    let runs = history.list(&Filter {
        scenario: Some(scenario.clone()),
        ..Filter::default()
    })?;
    let current = current(&history, &runs, arguments.branch.as_deref())?;
    let runs: BTreeMap<_, _> = runs.into_iter().map(|run| (run.id.clone(), run)).collect();
    let (mut courses, mut empty) = (Vec::new(), Vec::new());
    for series in chosen {
        let branch = arguments.branch.as_deref();
        if !newest.contains_key(&series.test) {
            let of_test = history.newest_environment(&scenario, &series.test, branch)?;
            newest.insert(series.test.clone(), of_test);
        }
        let Some(Some((newest_run, environment))) = newest.get(&series.test) else {
            continue;
        };
        let trend = history.trend(&TrendQuery {
            series: &series,
            metric,
            environment,
            disregarded: &disregarded,
            branch,
            limit: arguments.limit,
        })?;
        // What falls among failures is no number, and has no level.
        let finite: Vec<(usize, f64)> = trend
            .points
            .iter()
            .enumerate()
            .filter_map(|(index, point)| match point.value {
                Value::Finite(value) => Some((index, value)),
                Value::Infinite => None,
            })
            .collect();
        let values: Vec<f64> = finite.iter().map(|(_, value)| *value).collect();
        let changes = change_points(&values, &Options::default())
            .map_err(|problem| usage(problem.to_string()))?
            .into_iter()
            .map(|change| (finite[change.index].0, change))
            .collect();
        let is_empty = trend.points.is_empty() && arguments.series.is_none();
        let course = Course {
            is_current: current.contains(&series),
            series,
            metric,
            newest: newest_run.clone(),
            trend,
            changes,
        };
        match is_empty {
            true => empty.push(course),
            false => courses.push(course),
        }
    }
    // Where nothing can be compared, why not is all there is to tell.
    if courses.is_empty() {
        empty.retain(|course| course.is_current);
        courses = empty;
    }
    let mut page = match (&arguments.series, courses.as_slice()) {
        (Some(_), [course]) => page_of_one(course, &runs),
        _ => page_of_all(&scenario, metric, &courses, &runs),
    };
    let gate = arguments
        .gate
        .then(|| Gate::of(metric, &courses, &runs, arguments.within));
    let exit_code = gate.as_ref().map_or(0, |gate| gate.exit_code);
    let annotations = gate.as_ref().map(Gate::annotations).unwrap_or_default();
    if let Some(gate) = &gate {
        gate.tell(&mut page);
    }
    let document = document(&scenario, metric, &courses, &runs, gate);
    super::show(&page, &document, output)?;
    terminal::annotate(output, &annotations);
    Ok(exit_code)
}

/// The series that the newest run has which went to its end. What it does not have, such as a test that was
/// taken out of a plan, will never have another result.
fn current(
    history: &History,
    runs: &[KeptRun],
    branch: Option<&str>,
) -> Result<BTreeSet<Series>, Failure> {
    let newest = runs.iter().find(|run| {
        let is_of_branch = branch.is_none() || branch == run.branch.as_deref();
        is_of_branch && run.status == Status::Complete
    });
    let Some(newest) = newest else {
        return Ok(BTreeSet::new());
    };
    let tests = history.show(&newest.id)?.tests.into_iter();
    let series = tests.flat_map(|test| {
        let (scenario, name) = (newest.scenario.clone(), test.name);
        test.series.into_iter().map(move |series| Series {
            scenario: scenario.clone(),
            test: name.clone(),
            journey: series.journey,
            step: series.step,
        })
    });
    Ok(series.collect())
}

/// The scenario that is asked for, or that of the newest run.
fn scenario(history: &History, arguments: &Trend) -> Result<String, Failure> {
    let newest = history.list(&Filter {
        scenario: arguments.scenario.clone(),
        branch: arguments.branch.clone(),
        limit: Some(1),
        ..Filter::default()
    })?;
    if let Some(run) = newest.into_iter().next() {
        return Ok(run.scenario);
    }
    let runs = history.list(&Filter::default())?;
    let names: BTreeSet<&str> = runs.iter().map(|run| run.scenario.as_str()).collect();
    let hint = match names.is_empty() {
        true => "it holds no run yet; keep one with `plimsoll history add`".to_owned(),
        false => format!(
            "it holds runs of {}",
            names.into_iter().collect::<Vec<_>>().join(", ")
        ),
    };
    Err(Failure::Usage(format!(
        "no run in {} matches --scenario and --branch: {hint}",
        history.path().display()
    )))
}

/// The path of a series.
pub(super) fn path(series: &Series) -> String {
    let parts = [
        Some(&series.test),
        series.journey.as_ref(),
        series.step.as_ref(),
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join("/")
}

/// The series of this path, or of this end of a path where no other has it.
fn find(all: &[Series], wanted: &str) -> Result<Series, Failure> {
    let exact = all.iter().filter(|series| path(series) == wanted);
    let tail = format!("/{wanted}");
    let ending = all.iter().filter(|series| path(series).ends_with(&tail));
    let exact: Vec<&Series> = exact.collect();
    let found: Vec<&Series> = match exact.is_empty() {
        true => ending.collect(),
        false => exact,
    };
    let paths =
        |series: &[&Series]| -> Vec<String> { series.iter().map(|series| path(series)).collect() };
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let known: Vec<String> = all.iter().map(path).collect();
            let names = known.iter().map(String::as_str);
            let hint = match plimsoll_scenario::nearest(wanted, names) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("there are {}", known.join(", ")),
            };
            Err(Failure::Usage(format!(
                "no series `{wanted}` is kept: {hint}"
            )))
        }
        several => Err(Failure::Usage(format!(
            "`{wanted}` is the end of several series: say which of {}",
            paths(several).join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(journey: Option<&str>, step: Option<&str>) -> Series {
        Series {
            scenario: "shop".to_owned(),
            test: "load".to_owned(),
            journey: journey.map(str::to_owned),
            step: step.map(str::to_owned),
        }
    }

    #[test]
    fn a_series_is_found_by_the_end_of_its_path() {
        let all = [
            series(None, None),
            series(Some("buy"), None),
            series(Some("buy"), Some("home")),
            series(Some("look"), Some("home")),
        ];
        assert_eq!(find(&all, "load").unwrap(), all[0]);
        assert_eq!(find(&all, "buy").unwrap(), all[1]);
        assert_eq!(find(&all, "load/look/home").unwrap(), all[3]);
        let told = |wanted| find(&all, wanted).unwrap_err().to_string();
        assert!(told("home").contains("load/buy/home, load/look/home"));
        assert!(told("load/byu").contains("did you mean `load/buy`?"));
    }
}
