use super::*;
use crate::catalogue::{Catalogue, Series};
use crate::sample::{Outcome, Phases, Sample};
use crate::tally::Tally;
use proptest::prelude::*;
use std::sync::Arc;

const MS: u64 = 1_000_000;
const S: u64 = 1_000 * MS;
const HOME: Series = Series(1);

fn tally() -> Tally {
    let mut catalogue = Catalogue::default();
    catalogue.add_journey("visit", [("home", 0)]);
    Tally::new(Arc::new(catalogue), Vec::new(), Default::default())
}

fn request(tally: &mut Tally, intended: u64, outcome: Outcome, took: u64) {
    tally.intend(HOME, intended / S, 1);
    tally.record(&Sample {
        series: HOME,
        outcome,
        error: None,
        status: 0,
        intended,
        end: intended + took,
        thinking: 0,
        phases: Phases::default(),
        body_bytes: 0,
        client: None,
        retries: 0,
    });
}

#[test]
fn every_second_has_its_counts_and_the_response_times_of_its_successes() {
    let mut tally = tally();
    for n in 0..100 {
        request(&mut tally, 2 * S + n, Outcome::Ok, (n + 1) * MS);
    }
    request(&mut tally, 2 * S, Outcome::Shed, 1);
    request(&mut tally, 3 * S, Outcome::Timeout, 9 * S);
    tally.intend(Series(0), 2, 7);
    tally.intend(HOME, 4, 1);
    let chart = tally.chart();
    assert_eq!((chart.width_ns, chart.points.len()), (S, 5));
    assert_eq!(chart.points[0], ChartPoint::default());
    let point = chart.points[2];
    assert_eq!(
        (point.arrivals, point.intended, point.ok, point.shed),
        (7, 101, 100, 1)
    );
    for (found, expected) in [(point.p50, 50), (point.p95, 95), (point.p99, 99)] {
        let found = found.unwrap();
        assert!(found >= expected * MS && found < expected * MS * 128 / 127);
    }
    assert_eq!(point.max, Some(100 * MS));
    assert_eq!((chart.points[3].timeout, chart.points[3].p50), (1, None));
    assert_eq!(chart.points[4].bad_share(), Some(1.0));
    let median = |point: &ChartPoint| point.p50.map(|ns| ns as f64);
    let medians = chart.over_time(median);
    assert_eq!((medians.len(), medians[0].0), (1, 2.5));
}

#[test]
fn late_ends_count_in_stretches_that_are_over() {
    let mut tally = tally();
    for second in 0..50 {
        request(&mut tally, second * S, Outcome::Ok, MS);
    }
    // Ends that come when many stretches have passed, some of them as long as others before.
    for took in [MS, 2 * MS, 45 * S] {
        request(&mut tally, 3 * S, Outcome::Ok, took);
    }
    let point = tally.chart().points[3];
    assert_eq!((point.ok, point.max), (4, Some(45 * S)));
    assert!(point.p50.unwrap() < 2 * MS && point.p95.unwrap() > 44 * S);
}

#[test]
fn a_long_test_has_no_more_stretches_and_loses_nothing() {
    let mut tally = tally();
    let hours = 3 * 3600;
    for second in 0..hours {
        request(&mut tally, second * S, Outcome::Ok, (second + 1) * MS);
    }
    let chart = tally.chart();
    assert_eq!((chart.width_ns, chart.points.len()), (16 * S, 675));
    assert!(chart.points.iter().all(|point| point.ok == 16));
    for (at, point) in (1..).zip(&chart.points) {
        assert_eq!(point.max, Some(at * 16 * MS));
        let median = point.p50.unwrap();
        let expected = (at * 16 - 8) * MS;
        assert!((expected..=expected * 128 / 127 + 64).contains(&median));
    }
}

#[test]
fn what_was_asked_for_and_never_ended_makes_stretches_too() {
    let mut tally = tally();
    request(&mut tally, 0, Outcome::Ok, MS);
    tally.intend(HOME, 2000, 1);
    let chart = tally.chart();
    assert_eq!((chart.width_ns, chart.points.len()), (4 * S, 501));
    assert_eq!(chart.points[0].max, Some(MS));
    tally.intend(HOME, u64::MAX, 1);
    assert!(tally.chart().points.len() <= MOST_POINTS);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_order_of_samples_does_not_matter(
        times in prop::collection::vec((0_u64..5000, 1_u64..10_000), 1..200),
    ) {
        let fill = |times: &[(u64, u64)]| {
            let mut tally = tally();
            for (second, ms) in times {
                request(&mut tally, second * S, Outcome::Ok, ms * MS);
            }
            tally.chart()
        };
        let mut sorted = times.clone();
        sorted.sort_unstable();
        let chart = fill(&times);
        prop_assert_eq!(&chart, &fill(&sorted));
        let ok: u64 = chart.points.iter().map(|point| point.ok).sum();
        prop_assert_eq!(ok, times.len() as u64);
        for point in chart.points {
            prop_assert!(point.p50 <= point.p95 && point.p95 <= point.p99 && point.p99 <= point.max);
        }
    }
}
