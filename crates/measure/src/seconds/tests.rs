use super::*;
use crate::sample::Phases;
use crate::tally::{Tally, Watched};
use crate::threshold::Scope;
use std::sync::Arc;

const MS: u64 = 1_000_000;
const S: u64 = SECOND_NS;

/// Two journeys (0 and 3) of two steps (1, 2) and one (4).
fn tally() -> Tally {
    let mut catalogue = Catalogue::default();
    catalogue.add_journey("search", [("home", 0), ("results", 0)]);
    catalogue.add_journey("book", [("pay", 1)]);
    let late = Watched {
        scope: Scope::Test,
        threshold: "p99 < 100ms".parse().unwrap(),
    };
    Tally::new(Arc::new(catalogue), vec![late], Default::default())
}

fn request(tally: &mut Tally, series: u32, intended: u64, outcome: Outcome, took_ms: u64) {
    let series = Series(series);
    tally.intend(series, intended / S, 1);
    tally.record(&Sample {
        series,
        outcome,
        error: None,
        status: 0,
        intended,
        end: intended + took_ms * MS,
        thinking: 0,
        phases: Phases::default(),
        body_bytes: 0,
        client: None,
        retries: 0,
    });
}

#[test]
fn requests_count_in_the_second_of_their_intention_under_their_journey() {
    let mut tally = tally();
    for (series, outcome, took_ms) in [
        (0, Outcome::Ok, 1), // A journey, which is no request.
        (1, Outcome::Ok, 1),
        (1, Outcome::Ok, 100), // Late.
        (2, Outcome::Failed, 1),
        (2, Outcome::Timeout, 5000),
        (2, Outcome::InFlight, 9000),
        (4, Outcome::Shed, 1),
        (4, Outcome::Dropped, 0),
        (5, Outcome::Ok, 1), // A hop, which is part of a request.
    ] {
        request(&mut tally, series, 3 * S + 7, outcome, took_ms);
    }
    // Asked for, and never heard of again.
    tally.intend(Series(4), 4, 2);
    let search = tally.seconds(&[0]);
    assert_eq!((search.width_ns, search.seconds.len()), (S, 4));
    assert_eq!(search.seconds[..3], [Second::default(); 3]);
    let expected = Second {
        arrivals: 1,
        intended: 5,
        ok: 2,
        good: 1,
        failed: 1,
        timeout: 1,
        ..Second::default()
    };
    assert_eq!(search.seconds[3], expected);
    assert_eq!(expected.bad(), 4);
    assert_eq!(expected.good_share(), Some(0.2));

    let book = tally.seconds(&[1]);
    assert_eq!((book.seconds[3].shed, book.seconds[3].dropped), (1, 1));
    assert_eq!((book.seconds[4].intended, book.seconds[4].bad()), (2, 2));
    let both = tally.seconds(&[0, 1]);
    assert_eq!(both, tally.all_seconds());
    assert_eq!(both.seconds[3].intended, 7);
    assert_eq!(both.seconds[4], book.seconds[4]);
    assert!(tally.seconds(&[9]).seconds.is_empty());
}

#[test]
fn long_runs_are_coarser_lose_nothing_and_add_up_with_shorter_ones() {
    let mut tally = tally();
    for second in 0..20_000 {
        request(&mut tally, 1, second * S, Outcome::Ok, 1);
        if second < 100 {
            request(&mut tally, 4, second * S, Outcome::Shed, 1);
        }
    }
    let long = tally.seconds(&[0]);
    assert_eq!((long.width_ns, long.seconds.len()), (4 * S, 5000));
    assert_eq!(tally.seconds(&[1]).width_ns, S);
    let both = tally.all_seconds();
    assert_eq!((both.width_ns, both.seconds.len()), (4 * S, 5000));
    let sum = |of: fn(&Second) -> u64| both.seconds.iter().map(of).sum::<u64>();
    assert_eq!((sum(|s| s.good), sum(|s| s.shed)), (20_000, 100));
    assert_eq!(both.seconds[24].shed, 4);
    assert_eq!(both.seconds[25].shed, 0);
}

#[test]
fn only_whole_stretches_are_within() {
    let bins = (0..10).map(|ok| Second {
        ok,
        ..Second::default()
    });
    let seconds = Seconds {
        width_ns: 2 * S,
        seconds: bins.collect(),
    };
    let within = |from_s, until_s| {
        let stretches = seconds.within(from_s, until_s);
        stretches.iter().map(|s| s.ok).collect::<Vec<_>>()
    };
    assert_eq!(within(4.0, 8.0), [2, 3]);
    assert_eq!(within(4.5, 9.9), [3]);
    assert_eq!(within(17.0, 99.0), [9]);
    assert!(within(8.0, 4.0).is_empty() && within(90.0, 99.0).is_empty());
    assert!(within(f64::NAN, f64::NAN).is_empty());
    assert_eq!(seconds.length_s(), 20.0);
    let coarse = seconds.coarsened(8 * S);
    let sums: Vec<_> = coarse.seconds.iter().map(|s| s.ok).collect();
    assert_eq!(sums, [6, 22, 17]);
}
