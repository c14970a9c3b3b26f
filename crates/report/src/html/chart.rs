//! The data that the page draws from, and the same in words.

use serde::Serialize;

use super::capacity::drawn::{self, CapacityData};
use crate::document::{Course, Point, Run, Test};
use crate::plain::start_of;

/// Offered loads that the load curve tells apart.
const BINS: usize = 40;
/// Characters of a mark's label.
const LONGEST_LABEL: usize = 48;

/// Everything that is drawn.
#[derive(Debug, Serialize)]
pub(super) struct Data {
    load: LoadCurve,
    tests: Vec<TestData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<CapacityData>,
}

/// Offered load against goodput, in journeys a second.
#[derive(Debug, Serialize)]
struct LoadCurve {
    points: Vec<(f64, f64)>,
    expected: Option<f64>,
    target: Option<f64>,
    knee: Option<f64>,
}

/// What is drawn of a test. Times are seconds, latencies milliseconds, rates a second.
#[derive(Debug, Serialize)]
struct TestData {
    time: Vec<f64>,
    offered: Vec<Option<f64>>,
    goodput: Vec<Option<f64>>,
    expected: Option<f64>,
    target: Option<f64>,
    p50: Vec<Option<f64>>,
    p95: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
    max: Vec<Option<f64>>,
    failed: Vec<f64>,
    timeout: Vec<f64>,
    shed: Vec<f64>,
    dropped: Vec<f64>,
    marks: Vec<(f64, String, String)>,
    curve: Vec<(f64, f64)>,
    failed_from: Option<f64>,
    resources: Vec<ResourceData>,
}

#[derive(Debug, Serialize)]
struct ResourceData {
    time: Vec<f64>,
    processors: Vec<Option<f64>>,
    rss_mb: Vec<Option<f64>>,
    descriptors: Vec<Option<u64>>,
}

pub(super) fn data(run: &Run) -> Data {
    let expected = run.plan.as_ref().map(|plan| plan.expected.peak_per_s);
    let target = run.plan.as_ref().map(|plan| plan.expected.target_per_s);
    Data {
        load: LoadCurve {
            points: load_curve(run),
            expected,
            target,
            knee: knee(run),
        },
        capacity: drawn::data(run),
        tests: run
            .tests
            .iter()
            .map(|test| {
                let load = test.load.as_ref();
                of_test(
                    test,
                    expected.or(load.and_then(|load| load.expected_per_s)),
                    target.or(load.and_then(|load| load.target_per_s)),
                )
            })
            .collect(),
    }
}

fn of_test(test: &Test, expected: Option<f64>, target: Option<f64>) -> TestData {
    let course = &test.course;
    let width = seconds(course.width_ns);
    let each = |read: &dyn Fn(&Point) -> Option<f64>| course.points.iter().map(read).collect();
    let per_second = |read: fn(&Point) -> u64| -> Vec<f64> {
        let points = course.points.iter();
        points
            .map(|point| rounded(read(point) as f64 / width))
            .collect()
    };
    let of = per_journey(course).unwrap_or(1.0);
    let has_journeys = per_journey(course).is_some();
    let ms = |ns: Option<u64>| ns.map(|ns| rounded(ns as f64 / 1e6));
    TestData {
        time: (0..course.points.len())
            .map(|at| rounded(at as f64 * width))
            .collect(),
        offered: each(&|point| {
            let offered = if has_journeys {
                point.arrivals
            } else {
                point.intended
            };
            finite(offered as f64 / width)
        }),
        goodput: each(&|point| finite(point.good as f64 / width / of)),
        expected: expected.filter(|_| has_journeys),
        target: target.filter(|_| has_journeys),
        p50: each(&|point| ms(point.p50_ns)),
        p95: each(&|point| ms(point.p95_ns)),
        p99: each(&|point| ms(point.p99_ns)),
        max: each(&|point| ms(point.max_ns)),
        failed: per_second(|point| point.failed),
        timeout: per_second(|point| point.timeout),
        shed: per_second(|point| point.shed),
        dropped: per_second(|point| point.dropped),
        marks: test
            .marks
            .iter()
            .map(|mark| {
                let text = start_of(&mark.text, LONGEST_LABEL);
                (seconds(mark.at_ns), mark.kind.clone(), text)
            })
            .collect(),
        curve: test
            .curve
            .points
            .iter()
            .map(|(quantile, ns)| (*quantile, rounded(*ns as f64 / 1e6)))
            .collect(),
        failed_from: test.curve.failed_from,
        resources: test
            .resources
            .iter()
            .map(|resources| {
                let points = &resources.points;
                ResourceData {
                    time: points.iter().map(|point| seconds(point.at_ns)).collect(),
                    processors: points
                        .iter()
                        .map(|point| point.processors.and_then(finite))
                        .collect(),
                    rss_mb: points
                        .iter()
                        .map(|point| point.rss_bytes.map(|bytes| rounded(bytes as f64 / 1e6)))
                        .collect(),
                    descriptors: points.iter().map(|point| point.descriptors).collect(),
                }
            })
            .collect(),
    }
}

/// How many requests a journey asks for. Goodput is divided by it, so that it can be held against
/// what was promised, which is in journeys.
pub(super) fn per_journey(course: &Course) -> Option<f64> {
    let sum = |read: fn(&Point) -> u64| course.points.iter().map(read).sum::<u64>();
    let (arrivals, intended) = (sum(|point| point.arrivals), sum(|point| point.intended));
    (arrivals > 0 && intended > 0).then(|| intended as f64 / arrivals as f64)
}

/// Goodput by offered load, both in journeys a second, over all stretches of all tests.
pub(super) fn load_curve(run: &Run) -> Vec<(f64, f64)> {
    let mut stretches = Vec::new();
    for test in &run.tests {
        let (course, width) = (&test.course, seconds(test.course.width_ns));
        let Some(of) = per_journey(course).filter(|_| width > 0.0) else {
            continue;
        };
        let points = course.points.iter().filter(|point| point.arrivals > 0);
        stretches.extend(points.map(|point| {
            let offered = point.arrivals as f64 / width;
            (offered, point.good as f64 / width / of)
        }));
    }
    let most = stretches
        .iter()
        .map(|(offered, _)| *offered)
        .fold(0.0, f64::max);
    let mut bins = vec![(0.0, 0.0, 0_u32); BINS];
    for (offered, good) in stretches {
        let at = ((offered / most * BINS as f64) as usize).min(BINS - 1);
        let bin = &mut bins[at];
        *bin = (bin.0 + offered, bin.1 + good, bin.2 + 1);
    }
    let mean = |(offered, good, count): (f64, f64, u32)| {
        let of = f64::from(count);
        (rounded(offered / of), rounded(good / of))
    };
    let filled = bins.into_iter().filter(|(_, _, count)| *count > 0);
    filled.map(mean).collect()
}

/// The load from which on goodput stops growing, if a test looked for it.
pub(super) fn knee(run: &Run) -> Option<f64> {
    let findings = run.tests.iter().flat_map(|test| &test.findings);
    findings
        .filter(|finding| matches!(finding.name.as_str(), "knee" | "capacity"))
        .find_map(|finding| finding.value)
}

pub(super) fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

/// Four significant digits: more cannot be seen, and they take room.
pub(super) fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

pub(super) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then(|| rounded(value))
}
