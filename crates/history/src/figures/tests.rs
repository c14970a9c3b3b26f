use super::*;
use plimsoll_report::fixture;

fn figure(all: &[SeriesFigures<'_>], names: [Option<&str>; 2], metric: Metric) -> Option<Figure> {
    let series = all
        .iter()
        .find(|series| [series.journey, series.step] == names)
        .unwrap();
    let mut figures = series.figures.iter();
    figures.find(|figure| figure.metric == metric).copied()
}

#[test]
fn a_run_has_the_figures_of_its_test_its_journeys_and_their_steps() {
    let run = fixture::healthy();
    let all = of(&run.tests[0]);
    let names: Vec<_> = all.iter().map(|one| (one.journey, one.step)).collect();
    assert_eq!(
        names,
        [
            (None, None),
            (Some("search"), None),
            (Some("search"), Some("home")),
            (Some("search"), Some("results")),
            (Some("book"), None),
            (Some("book"), Some("checkout")),
        ]
    );
    let results = [Some("search"), Some("results")];
    assert_eq!(
        figure(&all, results, Metric::P99),
        Some(Figure {
            metric: Metric::P99,
            value: Value::Finite(388e6),
            samples: 5_460
        })
    );
    // 13,260 − 240 late ones of users who arrived for 60 s; the last answer came after 60.012 s.
    let goodput = figure(&all, [None, None], Metric::Goodput).unwrap();
    assert_eq!(goodput.samples, 13_020);
    assert!((goodput.value.finite().unwrap() - 217.0).abs() < 1e-4);
    let rate = figure(&all, [None, None], Metric::Rate).unwrap();
    assert!((rate.value.finite().unwrap() - 221.0).abs() < 1e-4);
    let offered = figure(&all, [None, None], Metric::Offered).unwrap();
    assert_eq!(
        (offered.value, offered.samples),
        (Value::Finite(130.0), 7_800)
    );
    assert_eq!(figure(&all, results, Metric::Offered), None);
}

#[test]
fn what_falls_among_failures_is_infinite_and_successes_stand_by_themselves() {
    let run = fixture::failing();
    let all = of(&run.tests[0]);
    let checkout = [Some("book"), Some("checkout")];
    let value = |metric| figure(&all, checkout, metric).unwrap().value;
    assert_eq!(value(Metric::P95), Value::Infinite);
    assert_eq!(value(Metric::Max), Value::Infinite);
    assert_eq!(value(Metric::P99OfSuccesses), Value::Finite(412e6));
    // 180 failed and 54 timed out, of 2,340.
    assert_eq!(value(Metric::Errors), Value::Finite(0.1));
    assert_eq!(value(Metric::Timeouts), Value::Finite(54.0 / 2_340.0));
    let samples = |metric| figure(&all, checkout, metric).unwrap().samples;
    assert_eq!(samples(Metric::P95), 2_340);
    assert_eq!(samples(Metric::P95OfSuccesses), 2_106);
    assert_eq!(samples(Metric::Errors), 2_340);
}

#[test]
fn where_there_was_no_sample_there_is_no_figure() {
    let run = fixture::empty();
    for test in &run.tests {
        for series in of(test) {
            let metrics: Vec<_> = series.figures.iter().map(|one| one.metric).collect();
            assert!(
                metrics.iter().all(|one| *one == Metric::Offered),
                "{series:?}"
            );
        }
    }
}

#[test]
fn series_of_one_name_are_refused_by_it() {
    assert_eq!(told_apart(&fixture::healthy()), Ok(()));
    let mut run = fixture::healthy();
    run.tests[0].journeys[1].name = "search".to_owned();
    let refusal = Refusal::SameName {
        name: "search".to_owned(),
    };
    assert_eq!(told_apart(&run), Err(refusal));
    let mut run = fixture::healthy();
    run.tests[0].journeys[0].steps[1].name = "home".to_owned();
    assert!(told_apart(&run).is_err());
    let mut run = fixture::healthy();
    run.tests.push(run.tests[0].clone());
    assert!(told_apart(&run).is_err());
}
