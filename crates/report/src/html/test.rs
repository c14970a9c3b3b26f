//! The charts of a test, each with a sentence and a table that say the same.

use super::chart::per_journey;
use super::table::{Cell, Table};
use crate::document::{Point, Run, Test};
use crate::plain::start_of;
use crate::quantity::{count, duration, number, plural, rate, share, span};
use crate::wording;

/// Rows of the table behind a chart.
const MOST_ROWS: usize = 24;

/// One test: what was driven, and its charts.
pub(super) struct TestSection {
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) driven: String,
    pub(super) caveat: String,
    pub(super) marks: Vec<String>,
    pub(super) charts: Vec<Chart>,
}

/// A chart.
pub(super) struct Chart {
    /// What the script draws here.
    pub(super) kind: &'static str,
    /// Which of several of a kind.
    pub(super) number: usize,
    pub(super) title: String,
    pub(super) sentence: String,
    pub(super) table: Table,
}

impl TestSection {
    pub(super) fn of(run: &Run, at: usize, test: &Test) -> Self {
        let mut charts = Vec::new();
        if !test.course.points.is_empty() {
            charts.push(load(run, test));
            charts.push(latency(test));
            charts.extend(errors(test));
        }
        charts.extend(curve(test));
        charts.extend(resources(test));
        Self {
            at,
            name: start_of(&test.name, 200),
            driven: format!(
                "{}. {}. {}.",
                wording::capital(&wording::model(test)),
                wording::capital(&wording::driven(test)),
                wording::capital(&wording::warmup(test))
            ),
            caveat: wording::model_caveat(test).unwrap_or_default(),
            marks: test
                .marks
                .iter()
                .take(MOST_ROWS)
                .map(|mark| {
                    format!(
                        "{}: {} {}",
                        span(mark.at_ns),
                        mark.kind,
                        start_of(&mark.text, 200)
                    )
                })
                .collect(),
            charts,
        }
    }
}

/// Places of at most [`MOST_ROWS`] points, evenly apart.
fn thinned(length: usize) -> impl Iterator<Item = usize> {
    let step = length.div_ceil(MOST_ROWS).max(1);
    (0..length).step_by(step)
}

fn of_course(test: &Test, headings: &[&str], cells: impl Fn(&Point, f64) -> Vec<Cell>) -> Table {
    let course = &test.course;
    let width = course.width_ns as f64 / 1e9;
    let headings: Vec<_> = std::iter::once("#after")
        .chain(headings.iter().copied())
        .collect();
    let mut table = Table::new("", "", &headings);
    table.sorts = false;
    for at in thinned(course.points.len()) {
        let time = Cell::new(span(at as u64 * course.width_ns));
        let cells = cells(&course.points[at], width);
        table
            .rows
            .push(std::iter::once(time).chain(cells).collect());
    }
    table
}

fn load(run: &Run, test: &Test) -> Chart {
    let of = per_journey(&test.course);
    let good = of.unwrap_or(1.0);
    let figure = |value: f64| Cell::new(number(value));
    let table = of_course(
        test,
        &["#offered/s", "#goodput/s", "#requests/s"],
        |point, width| {
            let offered = if of.is_some() {
                point.arrivals
            } else {
                point.intended
            };
            vec![
                figure(offered as f64 / width),
                figure(point.good as f64 / width / good),
                figure(point.intended as f64 / width),
            ]
        },
    );
    let width = test.course.width_ns as f64 / 1e9;
    let points = test.course.points.iter();
    let best = points
        .map(|point| point.good as f64 / width / good)
        .fold(0.0, f64::max);
    let unit = match of {
        Some(of) => format!(
            " In journeys a second: goodput is correct answers in time, divided by the {} requests that a journey asks for.",
            number(of)
        ),
        None => " In requests a second.".to_owned(),
    };
    let lines = match &run.plan {
        Some(plan) => format!(
            " Expected {}, target {}.",
            rate(plan.expected.peak_per_s),
            rate(plan.expected.target_per_s)
        ),
        None => String::new(),
    };
    let or_none = |value: Option<f64>| value.map_or_else(|| wording::NONE.to_owned(), rate);
    Chart {
        kind: "load",
        number: 0,
        title: "Offered load and goodput".to_owned(),
        sentence: format!(
            "On average {} were offered; the best goodput of a stretch was {}.{lines}{unit}",
            or_none(test.offered_rate),
            rate(best)
        ),
        table,
    }
}

fn latency(test: &Test) -> Chart {
    let time = |ns: Option<u64>| Cell::new(ns.map_or_else(|| wording::NONE.to_owned(), duration));
    let table = of_course(test, &["#p50", "#p95", "#p99", "#max"], |point, _| {
        [point.p50_ns, point.p95_ns, point.p99_ns, point.max_ns]
            .map(time)
            .to_vec()
    });
    let worst = test.course.points.iter().enumerate();
    let worst = worst.filter_map(|(at, point)| Some((point.p99_ns?, at as u64)));
    let sentence = match worst.max() {
        Some((ns, at)) => format!(
            "Of successes{}: p50 {}, p99 {}. The worst stretch had a p99 of {}, {} into the test.",
            match test.warmup.until_ns {
                0 => ", over the whole test",
                _ => " after the warm-up",
            },
            wording::figure(&test.response_ok, "p50"),
            wording::figure(&test.response_ok, "p99"),
            duration(ns),
            span(at * test.course.width_ns)
        ),
        None => "Nothing succeeded.".to_owned(),
    };
    Chart {
        kind: "latency",
        number: 0,
        title: "Response times of successes".to_owned(),
        sentence,
        table,
    }
}

fn errors(test: &Test) -> Option<Chart> {
    let all = test.totals.intended.saturating_sub(test.totals.ok);
    if all == 0 {
        return None;
    }
    let headings = ["#failed", "#timeout", "#shed", "#dropped"];
    let table = of_course(test, &headings, |point, _| {
        [point.failed, point.timeout, point.shed, point.dropped]
            .map(|number| Cell::new(count(number)))
            .to_vec()
    });
    let mut kinds: Vec<_> = test
        .errors
        .iter()
        .map(|(kind, number)| format!("{} {}", count(*number), start_of(kind, 60)))
        .collect();
    let hung = test.totals.in_flight_at_end;
    kinds.extend((hung > 0).then(|| format!("{} in flight at the end", count(hung))));
    Some(Chart {
        kind: "errors",
        number: 0,
        title: "Requests that did not end well".to_owned(),
        sentence: format!(
            "{} of {} requests did not end well: {}.",
            count(all),
            count(test.totals.intended),
            wording::listed(&kinds)
        ),
        table,
    })
}

fn curve(test: &Test) -> Option<Chart> {
    let points = &test.curve.points;
    let (_, slowest) = points.last()?;
    let mut table = Table::new("", "", &["#percentile", "#response time"]);
    table.sorts = false;
    table.rows = thinned(points.len())
        .map(|at| {
            let (quantile, ns) = points[at];
            vec![Cell::new(share(quantile)), Cell::new(duration(ns))]
        })
        .collect();
    let failed_from = test.curve.failed_from;
    let failed = failed_from.map_or_else(String::new, |from| {
        format!(" From {} on, requests did not end well.", share(from))
    });
    let took = |quantile: f64, who: &str| {
        let is_well = failed_from.is_none_or(|from| quantile <= from);
        let point = points.iter().find(|point| point.0 >= quantile);
        let (_, ns) = point.filter(|_| is_well)?;
        Some(format!("{who} took at most {}, ", duration(*ns)))
    };
    let took: String = [took(0.5, "half"), took(0.99, "99 of 100")]
        .into_iter()
        .flatten()
        .collect();
    Some(Chart {
        kind: "curve",
        number: 0,
        title: "Response times by percentile".to_owned(),
        sentence: format!(
            "Of all that was intended, {took}the slowest shown {}.{failed}",
            duration(*slowest)
        ),
        table,
    })
}

fn resources(test: &Test) -> Vec<Chart> {
    let charts = test
        .resources
        .iter()
        .enumerate()
        .map(|(number_of, resources)| {
            let points = &resources.points;
            let mut table = Table::new(
                "",
                "",
                &["#after", "#processors", "#memory, MB", "#descriptors"],
            );
            table.sorts = false;
            let figure = |value: Option<f64>| {
                Cell::new(value.map_or_else(|| wording::NONE.to_owned(), number))
            };
            table.rows = thinned(points.len())
                .map(|at| {
                    let point = &points[at];
                    vec![
                        Cell::new(span(point.at_ns)),
                        figure(point.processors),
                        figure(point.rss_bytes.map(|bytes| bytes as f64 / 1e6)),
                        figure(point.descriptors.map(|open| open as f64)),
                    ]
                })
                .collect();
            let most = points
                .iter()
                .filter_map(|point| point.processors)
                .fold(0.0, f64::max);
            let memory = points.iter().filter_map(|point| point.rss_bytes).max();
            let memory = memory.map_or_else(String::new, |bytes| {
                format!(", {} MB of memory", number(bytes as f64 / 1e6))
            });
            let restarts = match resources.restarts {
                0 => String::new(),
                some => format!(" It was started again {}.", plural(some as usize, "time")),
            };
            Chart {
                kind: "resources",
                number: number_of,
                title: format!("Target: {}", start_of(&resources.source, 80)),
                sentence: format!("At most {} processors{memory}.{restarts}", number(most)),
                table,
            }
        });
    charts
        .filter(|chart| !chart.table.rows.is_empty())
        .collect()
}
