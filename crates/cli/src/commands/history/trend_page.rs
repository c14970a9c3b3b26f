//! A trend for people and for programs.

use super::figure;
use super::gate::Gate;
use super::kept::short;
use super::trend::path;
use plimsoll_history::{Exclusion, KeptRun, Metric, RunId, Series, Trend, Value};
use plimsoll_measure::change_points::{ChangePoint, Options};
use plimsoll_report::page::{Page, Sheet, Tone};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// So many results have to follow a change before it counts as settled.
pub(super) fn settled_after() -> usize {
    Options::default().settled_after
}

/// How a figure of a series went.
pub(super) struct Course {
    pub series: Series,
    /// Whether the newest run has it.
    pub is_current: bool,
    pub metric: Metric,
    /// The run whose circumstances the others were held against.
    pub newest: KeptRun,
    pub trend: Trend,
    /// The changes, each with the point that is the first of the new level.
    pub changes: Vec<(usize, ChangePoint)>,
}

/// Runs that are kept, to say where a result comes from.
pub(super) type Runs = BTreeMap<RunId, KeptRun>;

/// Where a build comes from, in a few words.
fn origin(run: Option<&KeptRun>) -> String {
    let Some(run) = run else {
        return String::new();
    };
    let parts = [
        run.label.clone(),
        run.release.clone(),
        run.revision.as_deref().map(short),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(" ")
}

/// How large a change was, and whether for the worse.
fn change(metric: Metric, change: &ChangePoint) -> (Tone, String) {
    let is_up = change.after.mean > change.before.mean;
    let is_better = is_up == metric.is_better_high();
    let tone = match (metric, is_better) {
        (Metric::Offered, _) => Tone::Normal,
        (_, true) => Tone::Good,
        (_, false) => Tone::Bad,
    };
    let amount = match change.change() {
        Some(share) => format!("{:+.1} %", share * 100.0),
        None => "from 0".to_owned(),
    };
    let word = match (metric, is_better) {
        (Metric::Offered, _) => "",
        (_, true) => " better",
        (_, false) => " worse",
    };
    let provisional = match change.is_provisional {
        true => ", provisional",
        false => "",
    };
    (tone, format!("{amount}{word}{provisional}"))
}

fn level(metric: Metric, value: f64) -> String {
    figure(metric, Value::Finite(value))
}

/// Whether a change is for the worse.
pub(super) fn is_worse(metric: Metric, change_point: &ChangePoint) -> bool {
    change(metric, change_point).0 == Tone::Bad
}

/// Between which runs something changed: `since b2 (4.12), after a1 (4.11)`.
pub(super) fn since(course: &Course, index: usize, runs: &Runs) -> String {
    let point = course.trend.points.get(index);
    let run = point.and_then(|point| runs.get(&point.run));
    let before = index
        .checked_sub(1)
        .and_then(|at| course.trend.points.get(at));
    let last_good = before.and_then(|point| runs.get(&point.run));
    let name = |run: Option<&KeptRun>| {
        let shown = run.map_or_else(String::new, |run| run.id.short().to_owned());
        match origin(run) {
            origin if origin.is_empty() => shown,
            origin => format!("{shown} ({origin})"),
        }
    };
    format!("since {}, after {}", name(run), name(last_good))
}

/// A change, with the levels and the runs that it lies between.
pub(super) fn sentence(
    course: &Course,
    index: usize,
    change_point: &ChangePoint,
    runs: &Runs,
) -> String {
    let metric = course.metric;
    let provisional = match change_point.is_provisional {
        true => format!(
            "; provisional until {} results follow, {} did",
            settled_after(),
            change_point.after.n
        ),
        false => String::new(),
    };
    format!(
        "{} from {} to {} {}{provisional}",
        change(metric, change_point)
            .1
            .trim_end_matches(", provisional"),
        level(metric, change_point.before.mean),
        level(metric, change_point.after.mean),
        since(course, index, runs),
    )
}

/// What was left out, and why.
fn left_out(page: &mut Page, course: &Course) {
    for left_out in &course.trend.left_out {
        page.labelled(Tone::Doubtful, "left out", &left_out.to_string());
    }
    if let Some(infinite) = infinite(course) {
        page.labelled(Tone::Doubtful, "infinite", &infinite);
    }
}

/// The same of several series: once for each test what is left out of all its series, and of each
/// series what is its own.
fn left_out_of_all(page: &mut Page, courses: &[Course]) {
    let mut said = BTreeSet::new();
    for course in courses {
        let name = path(&course.series);
        let is_first = said.insert(&course.series.test);
        for left_out in &course.trend.left_out {
            let text = match left_out.why {
                Exclusion::NoFigure => format!("{name}: {left_out}"),
                _ if is_first => left_out.to_string(),
                _ => continue,
            };
            page.labelled(Tone::Doubtful, "left out", &text);
        }
        if let Some(infinite) = infinite(course) {
            page.labelled(Tone::Doubtful, "infinite", &format!("{name}: {infinite}"));
        }
    }
}

/// How many results are infinite, if any is.
fn infinite(course: &Course) -> Option<String> {
    let points = course.trend.points.iter();
    let infinite = points
        .filter(|point| point.value == Value::Infinite)
        .count();
    let runs = match infinite {
        0 => return None,
        1 => "1 result falls".to_owned(),
        count => format!("{count} results fall"),
    };
    Some(format!(
        "{runs} among requests that did not succeed: shown, and not searched for changes"
    ))
}

/// One series, run by run.
pub(super) fn page_of_one(course: &Course, runs: &Runs) -> Page {
    let mut page = Page::default();
    let name = course.metric.name();
    page.line(
        Tone::Strong,
        &format!("{} of {}, run by run", name, path(&course.series)),
    );
    let mut sheet = Sheet::new(&["started", "run", "build", "", name, "samples"], 4);
    let finite = course.trend.points.iter();
    let largest = finite
        .filter_map(|point| point.value.finite())
        .fold(0.0_f64, f64::max);
    for (index, point) in course.trend.points.iter().enumerate() {
        let found = course.changes.iter().find(|(at, _)| *at == index);
        let (tone, mark) = match found {
            Some((_, change_point)) => change(course.metric, change_point),
            None => (Tone::Quiet, bar(point.value, largest)),
        };
        let started = point.started_at.strftime("%Y-%m-%d %H:%M").to_string();
        sheet.row([
            (Tone::Normal, started),
            (Tone::Strong, point.run.short().to_owned()),
            (Tone::Normal, origin(runs.get(&point.run))),
            (tone, mark),
            (Tone::Normal, figure(course.metric, point.value)),
            (Tone::Quiet, plimsoll_report::quantity::count(point.samples)),
        ]);
    }
    page.table(sheet);
    page.gap();
    if course.trend.points.is_empty() {
        page.line(Tone::Doubtful, "no run can be shown");
    } else if course.changes.is_empty() {
        page.line(
            Tone::Normal,
            &format!("no change found in {} results", course.trend.points.len()),
        );
    }
    for (index, change_point) in &course.changes {
        let (tone, _) = change(course.metric, change_point);
        page.labelled(
            tone,
            "change",
            &sentence(course, *index, change_point, runs),
        );
    }
    left_out(&mut page, course);
    page
}

/// A figure as a bar.
fn bar(value: Value, largest: f64) -> String {
    const WIDTH: f64 = 16.0;
    let share = match value {
        Value::Infinite => 1.0,
        Value::Finite(value) if largest > 0.0 => value / largest,
        Value::Finite(_) => 0.0,
    };
    "▇".repeat((share.clamp(0.0, 1.0) * WIDTH).round() as usize)
}

/// All series, a line each.
pub(super) fn page_of_all(scenario: &str, metric: Metric, courses: &[Course], runs: &Runs) -> Page {
    let mut page = Page::default();
    page.line(
        Tone::Strong,
        &format!("{} of every series of {scenario}", metric.name()),
    );
    let columns = ["series", "results", "newest", "last change", "since"];
    let mut sheet = Sheet::new(&columns, 1);
    for course in courses {
        let points = &course.trend.points;
        let newest = points.last();
        let newest = newest.map_or_else(String::new, |point| figure(metric, point.value));
        let last = course.changes.last();
        let (changed, since) = match last {
            None => ((Tone::Quiet, "none".to_owned()), String::new()),
            Some((index, change_point)) => {
                let point = points.get(*index);
                let run = point.and_then(|point| runs.get(&point.run));
                let shown = run.map_or_else(String::new, |run| {
                    format!("{} {}", run.id.short(), origin(Some(run)))
                });
                (change(metric, change_point), shown.trim().to_owned())
            }
        };
        sheet.row([
            (Tone::Normal, path(&course.series)),
            (Tone::Normal, points.len().to_string()),
            (Tone::Normal, newest),
            changed,
            (Tone::Normal, since),
        ]);
    }
    page.table(sheet);
    if courses.is_empty() {
        page.line(
            Tone::Doubtful,
            &format!("no run has a figure {}", metric.name()),
        );
    }
    left_out_of_all(&mut page, courses);
    page
}

#[derive(Serialize)]
pub(super) struct Document {
    schema: &'static str,
    scenario: String,
    metric: &'static str,
    unit: &'static str,
    series: Vec<SeriesDocument>,
    /// Of `--gate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    gate: Option<Gate>,
}

#[derive(Serialize)]
struct SeriesDocument {
    test: String,
    journey: Option<String>,
    step: Option<String>,
    /// The run whose circumstances the others were held against.
    compared_with: String,
    points: Vec<PointDocument>,
    changes: Vec<ChangeDocument>,
    left_out: Vec<LeftOutDocument>,
}

#[derive(Serialize)]
struct PointDocument {
    run: String,
    started_at: String,
    revision: Option<String>,
    /// `null` is infinite.
    value: Option<f64>,
    samples: u64,
}

#[derive(Serialize)]
struct ChangeDocument {
    /// The first point of the new level, from 0.
    index: usize,
    run: String,
    before: f64,
    after: f64,
    change: Option<f64>,
    p: f64,
    provisional: bool,
    worse: bool,
}

#[derive(Serialize)]
struct LeftOutDocument {
    runs: usize,
    why: String,
}

/// What `--json` prints.
pub(super) fn document(
    scenario: &str,
    metric: Metric,
    courses: &[Course],
    runs: &Runs,
    gate: Option<Gate>,
) -> Document {
    let of = |course: &Course| {
        let points = &course.trend.points;
        SeriesDocument {
            test: course.series.test.clone(),
            journey: course.series.journey.clone(),
            step: course.series.step.clone(),
            compared_with: course.newest.id.as_str().to_owned(),
            points: points
                .iter()
                .map(|point| PointDocument {
                    run: point.run.as_str().to_owned(),
                    started_at: point.started_at.to_string(),
                    revision: runs.get(&point.run).and_then(|run| run.revision.clone()),
                    value: point.value.finite(),
                    samples: point.samples,
                })
                .collect(),
            changes: course
                .changes
                .iter()
                .map(|(index, change_point)| ChangeDocument {
                    index: *index,
                    run: points
                        .get(*index)
                        .map_or_else(String::new, |point| point.run.as_str().to_owned()),
                    before: change_point.before.mean,
                    after: change_point.after.mean,
                    change: change_point.change(),
                    p: change_point.p,
                    provisional: change_point.is_provisional,
                    worse: is_worse(metric, change_point),
                })
                .collect(),
            left_out: course
                .trend
                .left_out
                .iter()
                .map(|left_out| LeftOutDocument {
                    runs: left_out.runs,
                    why: left_out.to_string(),
                })
                .collect(),
        }
    };
    Document {
        schema: "plimsoll.history.trend/1",
        scenario: scenario.to_owned(),
        metric: metric.name(),
        unit: metric.unit().name(),
        series: courses.iter().map(of).collect(),
        gate,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::course;
    use super::*;
    use plimsoll_history::LeftOut;
    use plimsoll_report::terminal::Style;

    #[test]
    fn what_is_left_out_is_told_of_every_series_and_of_a_test_once() {
        let left_out = |runs, why| LeftOut { runs, why };
        let mut all = [course("load", &[(8, 1e6)]), course("load", &[(8, 2e6)])];
        for (journey, course) in ["buy", "look"].iter().zip(&mut all) {
            course.series.journey = Some((*journey).to_owned());
            course.trend.left_out = vec![left_out(3, Exclusion::Invalid)];
        }
        all[1].trend.left_out.push(left_out(2, Exclusion::NoFigure));
        all[1].trend.points[4].value = Value::Infinite;
        let page = page_of_all("shop", Metric::P95, &all, &Runs::new());
        let text = page.terminal(Style {
            color: false,
            columns: None,
        });
        assert_eq!(text.matches("3 runs were left out: not valid").count(), 1);
        assert!(
            text.contains("load/look: 2 runs were left out: without such a figure")
                && text.contains("load/look: 1 result falls among requests"),
            "{text}"
        );
    }
}
