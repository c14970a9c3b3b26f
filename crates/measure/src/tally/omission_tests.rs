//! Coordinated omission: a service at 100 requests a second that stands still for one second in
//! every ten. Response times count from the intended start, so the stall is seen by all who came
//! during it.

use super::*;
use crate::histogram::Histogram;
use crate::sample::{Outcome, Phases};
use plimsoll_schedule::{Arrivals, LoadShape, Rate, Schedule, Shard};

const MS: u64 = 1_000_000;
const S: u64 = 1_000 * MS;

/// When work that could begin at `ns` does: not in the last second of every ten.
fn after_stall(ns: u64) -> u64 {
    let (round, within) = (ns / (10 * S), ns % (10 * S));
    if within >= 9 * S {
        (round + 1) * 10 * S
    } else {
        ns
    }
}

/// Sends 100/s for 100 s to a service whose answer to a request intended at a time ends at
/// `serve(time)`.
fn run(mut serve: impl FnMut(u64) -> u64) -> SeriesTally {
    let mut catalogue = Catalogue::default();
    catalogue.add_journey("visit", [("home", 0)]);
    let mut tally = Tally::new(Arc::new(catalogue), Vec::new(), Default::default());
    let shape = LoadShape::constant(Rate::per_second(100.0).unwrap(), 100 * S).unwrap();
    for arrival in Schedule::new(shape, Arrivals::Even, 0, Shard::WHOLE) {
        let series = Series(1);
        tally.intend(series, 0, 1);
        tally.record(&Sample {
            series,
            outcome: Outcome::Ok,
            error: None,
            status: 200,
            intended: arrival.at_ns,
            end: serve(arrival.at_ns),
            thinking: 0,
            phases: Phases::default(),
            body_bytes: 0,
            client: None,
            retries: 0,
        });
    }
    tally.requests()
}

fn assert_ms(responses: &Histogram, numerator: u64, denominator: u64, expected: f64) {
    let got = responses.quantile(numerator, denominator).unwrap() as f64 / 1e6;
    // The width of a bucket.
    assert!(
        (got / expected - 1.0).abs() < 0.001,
        "{numerator}: {got} is not {expected}"
    );
}

#[test]
fn with_unlimited_concurrency() {
    let tally = run(|at| after_stall(at) + MS);
    assert_eq!(
        (tally.outcomes.ledger.intended, tally.outcomes.ledger.ok),
        (10_000, 10_000)
    );
    let responses = &tally.outcomes.response_ok;
    for (numerator, expected) in [
        (500, 1.0),
        (900, 1.0),
        (950, 501.0),
        (990, 901.0),
        (999, 991.0),
    ] {
        assert_ms(responses, numerator, 1000, expected);
    }
    assert_eq!(responses.max(), Some(1001 * MS));
    assert_eq!(responses.mean(), Some(51.5e6));
}

#[test]
fn with_a_single_server_and_a_queue() {
    let mut free = 0;
    let tally = run(|at| {
        free = after_stall(at.max(free)) + MS;
        free
    });
    assert_eq!(
        (tally.outcomes.ledger.intended, tally.outcomes.ledger.ok),
        (10_000, 10_000)
    );
    let responses = &tally.outcomes.response_ok;
    for (numerator, expected) in [(500, 1.0), (950, 551.0), (990, 911.0), (999, 992.0)] {
        assert_ms(responses, numerator, 1000, expected);
    }
    assert_eq!(responses.max(), Some(1001 * MS));
    let mean = responses.mean().unwrap() / 1e6;
    assert!((mean - 57.0).abs() <= 0.1, "{mean}");
}
