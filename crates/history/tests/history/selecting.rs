//! Like is compared with like, and what is left out is told.

use std::collections::BTreeSet;

use crate::common::*;
use plimsoll_history::{
    Baseline, BaselineQuery, Environment, Exclusion, History, LeftOut, Metric, Part, Provenance,
    RunId, Trend, TrendQuery, Value,
};
use plimsoll_report::document::{Status, ValidityStatus};
use plimsoll_report::fixture;

fn trend(history: &History, disregarded: &BTreeSet<Part>, limit: Option<usize>) -> Trend {
    history
        .trend(&TrendQuery {
            series: &results(),
            metric: Metric::P99,
            environment: &environment(&on("EPYC")),
            disregarded,
            branch: Some("main"),
            limit,
        })
        .unwrap()
}

fn values(trend: &Trend) -> Vec<f64> {
    let values = trend.points.iter();
    values.map(|point| point.value.finite().unwrap()).collect()
}

fn expected(numbers: &[u64]) -> Vec<f64> {
    numbers
        .iter()
        .map(|number| p99_ns(*number) as f64)
        .collect()
}

/// Two machines, two branches.
fn mixed() -> (tempfile::TempDir, History) {
    let (folder, mut history) = begun();
    for number in [4, 0, 1, 2, 3] {
        add_number(&mut history, number);
    }
    for number in [10, 11] {
        add(&mut history, &run(number), &on("Xeon"), &of_branch("main")).unwrap();
    }
    add(&mut history, &run(20), &on("EPYC"), &of_branch("feature")).unwrap();
    (folder, history)
}

#[test]
fn a_trend_has_the_points_of_one_environment_oldest_first_and_says_what_it_left_out() {
    let (_folder, history) = mixed();
    let trend = trend(&history, &STRICT, None);
    assert_eq!(values(&trend), expected(&[0, 1, 2, 3, 4]));
    assert_eq!(trend.points[0].started_at, minute(0));
    assert_eq!(trend.points[0].samples, 5_460);
    assert_eq!(trend.points[0].run, RunId::of(&run(0)));
    let told: Vec<_> = trend.left_out.iter().map(LeftOut::to_string).collect();
    assert_eq!(
        told,
        ["2 runs were left out: processor was `Xeon` and is `EPYC`"]
    );
}

#[test]
fn what_may_differ_is_compared_all_the_same() {
    let (_folder, history) = mixed();
    let trend = trend(&history, &BTreeSet::from([Part::PROCESSOR]), None);
    assert_eq!(values(&trend), expected(&[0, 1, 2, 3, 4, 10, 11]));
    assert_eq!(trend.left_out, []);
}

#[test]
fn a_limit_keeps_the_newest() {
    let (_folder, history) = mixed();
    let trend = trend(&history, &STRICT, Some(2));
    assert_eq!(values(&trend), expected(&[3, 4]));
    assert_eq!(trend.left_out.len(), 1);
}

#[test]
fn runs_that_were_cut_short_or_are_not_valid_or_have_no_such_figure_are_left_out() {
    let (_folder, mut history) = begun();
    add_number(&mut history, 0);
    let mut cut = run(1);
    cut.status = Status::Interrupted;
    let mut invalid = run(2);
    invalid.validity.status = ValidityStatus::Invalid;
    let mut without = run(3);
    without.tests[0].journeys[0].steps.remove(1);
    let mut doubtful = run(4);
    doubtful.validity.status = ValidityStatus::Warn;
    for run in [cut, invalid, without, doubtful] {
        add(&mut history, &run, &on("EPYC"), &of_branch("main")).unwrap();
    }
    let trend = trend(&history, &STRICT, None);
    assert_eq!(values(&trend), expected(&[0, 4]));
    let mut why: Vec<_> = trend.left_out.into_iter().map(|one| one.why).collect();
    why.sort();
    assert_eq!(
        why,
        [
            Exclusion::NotComplete,
            Exclusion::Invalid,
            Exclusion::NoFigure
        ]
    );
}

#[test]
fn a_test_of_a_plan_that_was_given_up_is_left_out_although_the_run_went_on() {
    let (_folder, mut history) = begun();
    let of_plan = |number: u64, cut_short: bool| {
        let mut run = run(number);
        run.plan = fixture::go().plan;
        run.tests[0].cut_short = cut_short;
        run
    };
    for run in [of_plan(0, false), of_plan(1, true), of_plan(2, false)] {
        add(&mut history, &run, &on("EPYC"), &of_branch("main")).unwrap();
    }
    let whole = of_plan(0, false);
    let environment = &Environment::of(&whole, &whole.tests[0], &on("EPYC"));
    let trend = history.trend(&TrendQuery {
        series: &results(),
        metric: Metric::P99,
        environment,
        disregarded: &STRICT,
        branch: None,
        limit: None,
    });
    let trend = trend.unwrap();
    assert_eq!(values(&trend), expected(&[0, 2]));
    let cut_short = [LeftOut {
        runs: 1,
        why: Exclusion::NotComplete,
    }];
    assert_eq!(trend.left_out, cut_short);
    let release = fixture::go().plan.unwrap().version.unwrap();
    let baseline = history.baseline(&BaselineQuery {
        scenario: "travel-shop",
        test: "expected",
        release: &release,
        environment,
        disregarded: &STRICT,
    });
    let baseline = baseline.unwrap();
    assert_eq!(p99s(&baseline), expected(&[0, 2]));
    assert_eq!(baseline.left_out, cut_short);
}

#[test]
fn an_infinite_figure_is_a_point() {
    let (_folder, mut history) = begun();
    let mut run = run(0);
    let response = &mut run.tests[0].journeys[0].steps[1].response;
    response.p99_ns = None;
    response.infinite = ["p99", "max"].into_iter().collect();
    add(&mut history, &run, &on("EPYC"), &of_branch("main")).unwrap();
    let trend = trend(&history, &STRICT, None);
    assert_eq!(trend.points[0].value, Value::Infinite);
}

#[test]
fn a_series_that_nobody_knows_has_no_points_and_no_error() {
    let (_folder, history) = mixed();
    let unknown = plimsoll_history::Series {
        journey: Some("nobody".to_owned()),
        ..results()
    };
    let trend = history
        .trend(&TrendQuery {
            series: &unknown,
            metric: Metric::P99,
            environment: &environment(&on("EPYC")),
            disregarded: &STRICT,
            branch: None,
            limit: None,
        })
        .unwrap();
    assert_eq!(trend.points, []);
    let without: Vec<_> = trend.left_out.iter().map(|one| one.runs).collect();
    assert_eq!(without, [6, 2]);
}

#[test]
fn the_newest_environment_is_that_of_the_newest_run() {
    let (_folder, history) = mixed();
    let newest = |branch| {
        let newest = history.newest_environment("travel-shop", "expected", branch);
        newest.unwrap().map(|(run, environment)| {
            let processor = environment.get(&Part::PROCESSOR).unwrap().to_owned();
            (run.started_at, processor)
        })
    };
    assert_eq!(newest(Some("main")), Some((minute(11), "Xeon".to_owned())));
    assert_eq!(newest(None), Some((minute(20), "EPYC".to_owned())));
    assert_eq!(newest(Some("none")), None);
}

fn baseline(history: &History, release: &str) -> Baseline {
    let query = BaselineQuery {
        scenario: "travel-shop",
        test: "expected",
        release,
        environment: &environment(&on("EPYC")),
        disregarded: &STRICT,
    };
    history.baseline(&query).unwrap()
}

fn p99s(baseline: &Baseline) -> Vec<f64> {
    let Some(metrics) = baseline.points.get(&results()) else {
        return Vec::new();
    };
    let points = metrics[&Metric::P99].iter();
    points.map(|point| point.value.finite().unwrap()).collect()
}

#[test]
fn a_baseline_is_a_release_by_its_version_or_its_label() {
    let (_folder, mut history) = mixed();
    let of = |label: Option<&str>, release: Option<&str>| Provenance {
        label: label.map(str::to_owned),
        release: release.map(str::to_owned),
        ..of_branch("main")
    };
    for (number, machine, provenance) in [
        (30, "EPYC", of(Some("4.11.3"), None)),
        (31, "EPYC", of(Some("4.11.2"), None)),
        (32, "EPYC", of(None, Some("4.11.3"))),
        (33, "Xeon", of(None, Some("4.11.3"))),
    ] {
        add(&mut history, &run(number), &on(machine), &provenance).unwrap();
    }
    let mut elsewhere = run(40);
    elsewhere.name = "other".to_owned();
    let released = of(None, Some("4.11.3"));
    add(&mut history, &elsewhere, &on("EPYC"), &released).unwrap();

    let released = baseline(&history, "4.11.3");
    assert_eq!(p99s(&released), expected(&[30, 32]));
    assert_eq!(released.runs.len(), 2);
    assert_eq!(released.left_out.len(), 1);
    assert_eq!(released.left_out[0].runs, 1);
    assert!(matches!(
        released.left_out[0].why,
        Exclusion::Environment(_)
    ));
    assert_eq!(baseline(&history, "4.10"), Baseline::default());
}

#[test]
fn a_baseline_has_all_series_and_figures_of_the_test() {
    let (_folder, mut history) = mixed();
    let released = Provenance {
        release: Some("4.11.3".to_owned()),
        ..Provenance::default()
    };
    add(&mut history, &run(30), &on("EPYC"), &released).unwrap();
    let baseline = baseline(&history, "4.11.3");
    assert_eq!(baseline.points.len(), 6);
    let metrics = &baseline.points[&results()];
    assert_eq!(metrics.len(), 16, "{metrics:?}");
    assert_eq!(metrics[&Metric::Errors][0].value, Value::Finite(0.0));
}
