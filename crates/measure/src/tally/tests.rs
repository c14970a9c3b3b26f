use super::*;
use crate::delta::Glance;
use crate::judge::Observed;
use crate::sample::{ErrorKind, Outcome, Phases};
use proptest::prelude::*;

const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;

/// A journey (0) with a plain step (1) and one (2) with two hops (3, 4).
fn catalogue() -> Arc<Catalogue> {
    let mut catalogue = Catalogue::default();
    catalogue.add_journey("buy", [("home", 0), ("login", 2)]);
    Arc::new(catalogue)
}

const JOURNEY: Series = Series(0);
const HOME: Series = Series(1);
const LOGIN: Series = Series(2);
const HOP: Series = Series(3);

fn sample(series: Series, outcome: Outcome, intended: u64, end: u64) -> Sample {
    Sample {
        series,
        outcome,
        error: (outcome == Outcome::Failed).then_some(ErrorKind::Reset),
        status: 0,
        intended,
        end,
        thinking: 0,
        phases: Phases::default(),
        body_bytes: 0,
        client: None,
        retries: 0,
    }
}

fn watch(scope: Scope, text: &str) -> Watched {
    Watched {
        scope,
        threshold: text.parse().unwrap(),
    }
}

#[test]
fn journeys_requests_and_hops_are_counted_apart() {
    let mut tally = Tally::new(catalogue(), Vec::new(), Default::default());
    for series in [JOURNEY, HOME, LOGIN] {
        tally.intend(series, 0, 1);
        tally.record(&sample(series, Outcome::Ok, 0, MS));
    }
    tally.record(&sample(HOP, Outcome::Ok, 0, 2 * MS));
    let requests = tally.requests();
    assert_eq!(
        (
            requests.outcomes.ledger.intended,
            requests.outcomes.ledger.ok
        ),
        (2, 2)
    );
    assert_eq!(requests.outcomes.response_ok.count(), 2);
    assert_eq!(tally.series(JOURNEY).outcomes.ledger.ok, 1);
    assert_eq!(tally.series(HOP).outcomes.ledger, Default::default());
    assert_eq!(tally.series(HOP).outcomes.response_ok.max(), Some(2 * MS));
    assert_eq!(tally.take_deltas().len(), 3);
}

#[test]
fn thresholds_of_the_test_are_counted_over_all_steps() {
    let test = watch(Scope::Test, "p99 < 10ms");
    let own = watch(Scope::Series(HOME), "p95 <= 5ms");
    let mut tally = Tally::new(
        catalogue(),
        vec![test.clone(), own.clone()],
        Default::default(),
    );
    for (series, ms) in [(HOME, 5), (HOME, 6), (LOGIN, 10), (JOURNEY, 21)] {
        tally.intend(series, 0, 1);
        tally.record(&sample(series, Outcome::Ok, 0, ms * MS));
    }
    assert_eq!(tally.scope(test.scope).exceeding(&test.threshold), Some(1));
    assert_eq!(tally.scope(own.scope).exceeding(&own.threshold), Some(1));
    assert_eq!(tally.requests().outcomes.limits().len(), 1);
    assert_eq!(tally.series(HOME).outcomes.limits().len(), 2);
    assert_eq!(tally.series(JOURNEY).outcomes.limits().len(), 0);
    let deltas = tally.take_deltas();
    let exceeding =
        |at: usize, watched: &Watched| deltas[at].outcomes.exceeding(&watched.threshold);
    assert_eq!(deltas[1].series, HOME);
    assert_eq!(
        (exceeding(1, &test), exceeding(1, &own)),
        (Some(0), Some(1))
    );
    assert_eq!(
        (exceeding(2, &test), exceeding(2, &own)),
        (Some(1), Some(1))
    );
}

#[test]
fn a_late_end_is_filed_under_the_second_in_which_it_was_intended() {
    let mut tally = Tally::new(catalogue(), Vec::new(), Default::default());
    tally.record(&sample(HOME, Outcome::Ok, S - 1, S + MS));
    tally.record(&sample(HOME, Outcome::Ok, S, S + MS));
    let first = tally.take_deltas();
    assert_eq!(
        first
            .iter()
            .map(|d| (d.second, d.outcomes.ledger.ok))
            .collect::<Vec<_>>(),
        [(0, 1), (1, 1)]
    );
    tally.recycle(first);
    tally.record(&sample(HOME, Outcome::Timeout, S - 2, 9 * S));
    let late = tally.take_deltas();
    assert_eq!(
        (late.len(), late[0].second, late[0].outcomes.ledger.timeout),
        (1, 0, 1)
    );
    assert!(late[0].outcomes.response_ok.is_empty());
    assert!(tally.take_deltas().is_empty());
}

#[test]
fn a_glance_is_over_the_requests_of_all_threads() {
    let catalogue = catalogue();
    let mut glance = Glance::default();
    for ms in 1..=2 {
        let mut thread = Tally::new(Arc::clone(&catalogue), Vec::new(), Default::default());
        thread.record(&sample(HOME, Outcome::Ok, 0, ms * MS));
        thread.record(&sample(LOGIN, Outcome::Shed, 0, MS));
        thread.record(&sample(JOURNEY, Outcome::Failed, 0, 5 * MS));
        glance.add(&catalogue, &thread.take_deltas());
    }
    assert_eq!((glance.ledger.ok, glance.ledger.shed), (2, 2));
    assert_eq!(glance.ledger.failed, 0);
    assert_eq!(glance.p50(), Some(1_000_447));
    assert_eq!(glance.p99(), Some(2 * MS));
}

#[test]
fn one_answer_that_hangs_does_not_make_the_others_fewer() {
    let watched = ["goodput > 90/s", "rate > 90/s"].map(|text| watch(Scope::Test, text));
    let mut tally = Tally::new(catalogue(), watched.to_vec(), Default::default());
    for i in 0..6000 {
        let intended = i * 10 * MS;
        let took = if i == 5999 { 30 * S } else { MS };
        tally.intend(HOME, intended / S, 1);
        tally.record(&sample(HOME, Outcome::Ok, intended, intended + took));
    }
    // The second step of somebody's journey, who was not replaced any more.
    tally.intend(LOGIN, 70, 1);
    tally.record(&sample(LOGIN, Outcome::Ok, 70 * S, 71 * S));
    for judgement in tally.judge(0.05, &tally.warmup(90 * S), 60 * S) {
        assert_eq!(judgement.state, State::Pass, "{judgement:?}");
        assert_eq!(judgement.observed, Observed::PerSecond(100.0));
    }
    assert_eq!(tally.goodput_rate(60 * S), Some(100.0));
    assert_eq!(tally.goodput_rate(0), None);
    // Of what comes after the end of arrivals, in the second in which they ended, nothing counts.
    assert_eq!(tally.goodput_rate(30 * S + S / 2), Some(100.0));
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let one = (0_u32..4, 0_usize..6, 0_u64..4 * S, 0_u64..S);
    prop::collection::vec(one, 0..60).prop_map(|list| {
        list.into_iter()
            .map(|(series, outcome, intended, took)| {
                sample(
                    Series(series),
                    Outcome::ALL[outcome],
                    intended,
                    intended + took,
                )
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn in_whatever_order_samples_come_the_sums_are_the_same(
        samples in samples(), split in 0_usize..60,
    ) {
        let catalogue = catalogue();
        let watched = vec![watch(Scope::Test, "p99 < 500ms")];
        let fill = |samples: &[Sample]| {
            let mut tally = Tally::new(Arc::clone(&catalogue), watched.clone(), Default::default());
            for sample in samples {
                tally.intend(sample.series, 0, 1);
                tally.record(sample);
            }
            tally
        };
        let (left, right) = samples.split_at(split.min(samples.len()));
        let other_order = [right, left].concat();
        let (other, mut whole) = (fill(&other_order), fill(&samples));
        let (sum, expected) = (other.requests(), whole.requests());
        prop_assert_eq!(sum.outcomes.ledger, expected.outcomes.ledger);
        prop_assert!(sum.outcomes.ledger.balances());
        prop_assert_eq!(sum.outcomes.limits(), expected.outcomes.limits());
        prop_assert_eq!(sum.outcomes.response_ok.sum(), expected.outcomes.response_ok.sum());
        prop_assert!(sum.errors().eq(expected.errors()));

        let mut glance = Glance::default();
        glance.add(&catalogue, &whole.take_deltas());
        prop_assert_eq!(glance.ledger, expected.outcomes.ledger);
        prop_assert_eq!(glance.response_ok.sum(), expected.outcomes.response_ok.sum());
    }
}
