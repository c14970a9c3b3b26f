use super::*;
use crate::Threshold;
use crate::catalogue::Series;
use crate::sample::Phases;

const MS: u64 = 1_000_000;

fn sample(outcome: Outcome, response_ms: u64) -> Sample {
    Sample {
        series: Series(0),
        outcome,
        error: None,
        status: 0,
        intended: 5 * MS,
        end: (5 + response_ms) * MS,
        thinking: 0,
        phases: Phases::default(),
        body_bytes: 0,
        client: None,
        retries: 0,
    }
}

fn tally(samples: impl IntoIterator<Item = Sample>, limits: &[u64]) -> SeriesTally {
    let mut tally = SeriesTally::new(limits.iter().copied());
    for sample in samples {
        tally.outcomes.ledger.intended += 1;
        tally.record(&sample);
    }
    tally
}

fn many(count: usize, outcome: Outcome, response_ms: u64) -> impl Iterator<Item = Sample> {
    std::iter::repeat_n(sample(outcome, response_ms), count)
}

fn threshold(text: &str) -> Threshold {
    text.parse().unwrap()
}

#[test]
fn fast_failures_make_the_headline_infinite_and_leave_successes_alone() {
    let tally = tally(
        many(985, Outcome::Ok, 100).chain(many(15, Outcome::Failed, 1)),
        &[],
    );
    assert_eq!(
        tally.outcomes.headline_quantile(99, 100),
        Quantile::Infinite
    );
    assert_eq!(tally.outcomes.response_ok.quantile(99, 100), Some(100 * MS));
    assert_eq!(
        tally.outcomes.headline_quantile(985, 1000),
        Quantile::Finite(100 * MS)
    );
    assert_eq!(
        tally.outcomes.headline_quantile(9851, 10_000),
        Quantile::Infinite
    );
    assert_eq!(
        SeriesTally::default().outcomes.headline_quantile(1, 2),
        Quantile::NoData
    );
}

#[test]
fn several_headlines_at_once_are_each_of_them() {
    let fractions = [(1, 2), (985, 1000), (9851, 10_000), (1, 1)];
    for (ok, failed) in [(0, 0), (0, 3), (985, 15), (7, 0)] {
        let all = many(ok, Outcome::Ok, 100).chain(many(failed, Outcome::Failed, 1));
        let outcomes = tally(all, &[]).outcomes;
        let each = fractions.map(|(n, d)| outcomes.headline_quantile(n, d));
        let at_once: Vec<_> = outcomes.headline_quantiles(fractions).collect();
        match ok + failed {
            0 => assert_eq!(at_once, []),
            _ => assert_eq!(at_once, each),
        }
    }
}

#[test]
fn what_is_still_unanswered_counts_as_infinitely_slow() {
    let mut tally = tally(many(98, Outcome::Ok, 1), &[2 * MS]);
    tally.outcomes.ledger.intended += 2;
    assert_eq!(
        tally.outcomes.headline_quantile(98, 100),
        Quantile::Finite(MS)
    );
    assert_eq!(
        tally.outcomes.headline_quantile(99, 100),
        Quantile::Infinite
    );
    assert_eq!(tally.outcomes.exceeding(&threshold("p99 < 2ms")), Some(2));
}

#[test]
fn exceedances_are_exact_on_either_side_of_a_limit() {
    let (strict, loose) = (threshold("p99 < 50ms"), threshold("p99 <= 50ms"));
    let limits = [strict.slow_from().unwrap(), loose.slow_from().unwrap()];
    let mut just_above = sample(Outcome::Ok, 50);
    just_above.end += 1;
    let tally = tally(
        [
            sample(Outcome::Ok, 49),
            sample(Outcome::Ok, 50),
            just_above,
            sample(Outcome::Shed, 1),
        ],
        &limits,
    );
    assert_eq!(tally.outcomes.exceeding(&strict), Some(3));
    assert_eq!(tally.outcomes.exceeding(&loose), Some(2));
    // A limit that was not watched is known to the histogram's precision.
    assert_eq!(tally.outcomes.exceeding(&threshold("p99 < 40ms")), Some(4));
    assert_eq!(tally.outcomes.exceeding(&threshold("p99 < 60ms")), Some(1));
    assert_eq!(tally.outcomes.exceeding(&threshold("max < 60ms")), None);
}

#[test]
fn every_outcome_has_response_times_of_its_own() {
    let outcomes = [
        Outcome::Ok,
        Outcome::Failed,
        Outcome::Shed,
        Outcome::Timeout,
    ];
    let tally = tally((1..).zip(outcomes).map(|(ms, o)| sample(o, ms)), &[]);
    let of = |histogram: &Histogram| (histogram.count(), histogram.max());
    assert_eq!(of(&tally.outcomes.response_ok), (1, Some(MS)));
    assert_eq!(of(&tally.response_failed), (1, Some(2 * MS)));
    assert_eq!(of(&tally.response_shed), (1, Some(3 * MS)));
    assert_eq!(of(&tally.response_timeout), (1, Some(4 * MS)));
    assert!(tally.outcomes.ledger.balances());
}

#[test]
fn phases_errors_statuses_and_bytes_are_counted() {
    let full = Sample {
        error: Some(ErrorKind::Status),
        status: 500,
        body_bytes: 7,
        phases: Phases {
            dispatched: Some(6 * MS),
            conn_ready: Some(12 * MS),
            first_byte_written: Some(13 * MS),
            first_byte_read: Some(17 * MS),
            dns: Some(MS / 2),
            connect: Some(MS),
            tls: Some(2 * MS),
        },
        ..sample(Outcome::Failed, 20)
    };
    let timeout = Sample {
        error: Some(ErrorKind::Timeout),
        status: 0,
        outcome: Outcome::Timeout,
        ..full
    };
    let tally = tally([full, timeout], &[]);
    let of = |histogram: &Histogram| (histogram.count(), histogram.min());
    assert_eq!(of(&tally.dispatch_lag), (2, Some(MS)));
    assert_eq!(of(&tally.conn_wait), (2, Some(6 * MS - 3 * MS - MS / 2)));
    assert_eq!(tally.long_conn_waits, 2);
    assert_eq!(of(&tally.dns), (2, Some(MS / 2)));
    assert_eq!(of(&tally.connect), (2, Some(MS)));
    assert_eq!(of(&tally.tls), (2, Some(2 * MS)));
    assert_eq!(of(&tally.ttfb), (2, Some(4 * MS)));
    // That of a timeout would be the generator's patience and not the server's work.
    assert_eq!(of(&tally.service), (1, Some(12 * MS)));
    assert_eq!(
        tally.errors().collect::<Vec<_>>(),
        [(ErrorKind::Status, 1), (ErrorKind::Timeout, 1)]
    );
    assert_eq!(tally.statuses(), &BTreeMap::from([(500, 1)]));
    assert_eq!(tally.body_bytes, 14);
}

#[test]
fn error_kinds_are_numbered_as_they_are_listed() {
    for (index, &kind) in ErrorKind::ALL.iter().enumerate() {
        assert_eq!(kind as usize, index);
    }
}

#[test]
fn merging_adds_everything() {
    let mut left = tally(many(3, Outcome::Ok, 10), &[5 * MS, 50 * MS]);
    let right = tally(
        many(2, Outcome::Ok, 60).chain(many(1, Outcome::Shed, 1)),
        &[50 * MS],
    );
    left.merge(&right);
    assert_eq!(
        (left.outcomes.ledger.intended, left.outcomes.ledger.ok),
        (6, 5)
    );
    assert_eq!(left.outcomes.response_ok.max(), Some(60 * MS));
    assert_eq!(
        left.outcomes.limits(),
        [Limit {
            slow_from: 50 * MS,
            slower: 2
        }]
    );
}

#[test]
fn what_was_reset_was_not_served() {
    let failed = |error| Sample {
        error: Some(error),
        phases: Phases {
            first_byte_written: Some(5 * MS),
            ..Phases::default()
        },
        ..sample(Outcome::Failed, 1)
    };
    let tally = tally(
        [
            ErrorKind::Reset,
            ErrorKind::Protocol,
            ErrorKind::BodyTruncated,
            ErrorKind::Status,
        ]
        .map(failed),
        &[],
    );
    assert_eq!(tally.service.count(), 1, "that of the wrong status");
    assert_eq!(tally.response_failed.count(), 4);
}
