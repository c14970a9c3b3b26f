use super::*;
use crate::catalogue::Series;
use crate::ledger::Ledger;
use crate::sample::{Outcome, Phases, Sample};
use crate::statistics::design::Dependence;
use State::{Fail, Inconclusive, Pass};
use proptest::prelude::*;

const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;

fn threshold(text: &str) -> Threshold {
    text.parse().unwrap()
}

fn add(tally: &mut Outcomes, count: u64, outcome: Outcome, response_ns: u64) {
    for _ in 0..count {
        tally.ledger.intended += 1;
        tally.record(&Sample {
            series: Series(0),
            outcome,
            error: None,
            status: 0,
            intended: 0,
            end: response_ns,
            thinking: 0,
            phases: Phases::default(),
            body_bytes: 0,
            client: None,
            retries: 0,
        });
    }
}

/// `n` intended, of which `slow` take 60 ms and the others 10 ms.
fn tally(threshold: &Threshold, n: u64, slow: u64) -> Outcomes {
    let mut tally = Outcomes::new(threshold.slow_from());
    add(&mut tally, n - slow, Outcome::Ok, 10 * MS);
    add(&mut tally, slow, Outcome::Ok, 60 * MS);
    tally
}

fn counted(ledger: Ledger) -> Outcomes {
    let mut tally = Outcomes::default();
    tally.ledger = ledger;
    tally
}

fn quantile_state(text: &str, n: u64, slow: u64, deff: f64) -> State {
    let threshold = threshold(text);
    let rules = Rules {
        dependence: Dependence {
            deff,
            skewness: 0.0,
        },
        ..Rules::default()
    };
    let tally = tally(&threshold, n, slow);
    rules.judge(&threshold, &tally, S).state
}

#[test]
fn the_table_of_verdicts() {
    for (text, n, pass, fail) in [
        ("p99 < 50ms", 299, 0, 7),
        ("p99 < 50ms", 1000, 4, 16),
        ("p99 < 50ms", 10_000, 83, 118),
        ("p99 < 50ms", 100_000, 948, 1053),
        ("p99.9 < 50ms", 10_000, 4, 16),
    ] {
        let state = |slow| quantile_state(text, n, slow, 1.0);
        assert_eq!(state(pass), Pass, "{text} {n}");
        assert_eq!(state(pass + 1), Inconclusive, "{text} {n}");
        assert_eq!(state(fail - 1), Inconclusive, "{text} {n}");
        assert_eq!(state(fail), Fail, "{text} {n}");
    }
    assert_eq!(quantile_state("p99 < 50ms", 298, 0, 1.0), Inconclusive);
}

#[test]
fn dependent_samples_prove_less() {
    let state = |slow| quantile_state("p99 < 50ms", 10_000, slow, 4.0);
    assert_eq!(
        (state(60), state(90), state(150)),
        (Pass, Inconclusive, Fail)
    );
    assert_eq!(quantile_state("p99 < 50ms", 10_000, 83, 4.0), Inconclusive);
    let low = crate::statistics::binomial::at_most(60.0 / 4.0, 2500.0, 0.01);
    let high = crate::statistics::binomial::at_least(150.0 / 4.0, 2500.0, 0.01);
    assert!((low - 0.0218).abs() < 5e-5 && (high - 0.0112).abs() < 5e-5);
}

#[test]
fn a_claim_of_more_is_judged_the_other_way_round() {
    assert_eq!(quantile_state("p99 > 50ms", 1000, 16, 1.0), Pass);
    assert_eq!(quantile_state("p99 > 50ms", 1000, 10, 1.0), Inconclusive);
    assert_eq!(quantile_state("p99 > 50ms", 1000, 4, 1.0), Fail);
}

#[test]
fn failures_count_against_a_quantile() {
    let threshold = threshold("p99 < 50ms");
    let mut tally = tally(&threshold, 985, 0);
    add(&mut tally, 15, Outcome::Failed, MS);
    tally.ledger.intended += 1;
    let judgement = judge(&threshold, &tally, S);
    assert_eq!(judgement.state, Fail);
    assert_eq!(judgement.observed, Observed::Infinite);
    assert_eq!((judgement.n, judgement.exceeding), (1001, Some(16)));
    assert_eq!(
        judgement.explanation,
        "16 of 1001 (1.598%) were over the limit (16 did not end well, which counts as infinitely \
         slow), which refutes p99 < 50ms"
    );
    let interval = judgement.interval.unwrap();
    assert_eq!((interval.lower, interval.upper), (10.0 * MS as f64, None));
}

#[test]
fn an_inconclusive_verdict_says_how_long_it_would_take() {
    let threshold = threshold("p99 < 50ms");
    let judgement = judge(&threshold, &tally(&threshold, 100, 0), S);
    assert_eq!(judgement.state, Inconclusive);
    let factor = judgement.more_time_factor.unwrap();
    assert!((factor - 2.98).abs() < 0.01, "{factor}");
    assert_eq!(
        judgement.explanation,
        "0 of 100 (0.000%) were over the limit, which neither proves nor refutes p99 < 50ms; \
         a run about 3 times as long would settle it"
    );
    let on_it = judge(&threshold, &tally(&threshold, 1000, 10), S);
    assert_eq!((on_it.state, on_it.more_time_factor), (Inconclusive, None));
}

#[test]
fn nothing_is_never_a_pass() {
    for text in [
        "p99 < 1h",
        "max < 1h",
        "mean < 1h",
        "errors < 99%",
        "errors <= 0%",
        "timeouts < 99%",
        "shed < 99%",
        "goodput < 5/s",
        "rate >= 0/s",
    ] {
        let judgement = judge(&threshold(text), &Outcomes::default(), 10 * S);
        assert_eq!(judgement.state, Inconclusive, "{text}");
        assert_eq!(judgement.observed, Observed::NoData, "{text}");
        assert_eq!(judgement.interval, None, "{text}");
    }
}

#[test]
fn shares_are_over_all_that_was_intended() {
    let tally = counted(Ledger {
        intended: 1000,
        ok: 984,
        failed: 5,
        shed: 4,
        timeout: 3,
        dropped: 2,
        in_flight_at_end: 2,
    });
    for (text, state, count) in [
        ("errors < 1%", Fail, 16),
        ("errors < 5%", Pass, 16),
        ("timeouts < 1%", Pass, 3),
        ("shed < 1%", Pass, 4),
        ("shed < 0.5%", Inconclusive, 4),
        ("errors > 50%", Fail, 16),
        ("errors <= 0%", Fail, 16),
    ] {
        let judgement = judge(&threshold(text), &tally, S);
        assert_eq!(judgement.state, state, "{text}");
        assert_eq!(judgement.exceeding, Some(count), "{text}");
        assert_eq!(judgement.observed, Observed::Share(count as f64 / 1000.0));
    }
}

#[test]
fn that_nothing_failed_is_judged_on_what_was_seen() {
    let clean = counted(Ledger {
        intended: 10,
        ok: 10,
        ..Ledger::default()
    });
    let judgement = judge(&threshold("errors <= 0%"), &clean, S);
    assert_eq!(judgement.state, Pass);
    assert!(judgement.interval.unwrap().upper.unwrap() > 0.3);
    assert_eq!(
        judgement.explanation,
        "0 of 10 (0.000%), so that errors <= 0% was seen to hold; unseen, up to 25.89% of all may be otherwise, with 95% confidence"
    );
    let largest = judge(
        &threshold("max < 1s"),
        &tally(&threshold("p50 < 1s"), 1, 0),
        S,
    );
    assert_eq!(largest.state, Pass);
    assert!(!largest.explanation.contains("proves"), "{largest:?}");
    assert!(
        largest.explanation.contains("up to 95% of all"),
        "{largest:?}"
    );
}

#[test]
fn the_largest_is_exact_and_infinite_after_a_failure() {
    let mut tally = Outcomes::default();
    add(&mut tally, 10, Outcome::Ok, 50 * MS);
    assert_eq!(judge(&threshold("max <= 50ms"), &tally, S).state, Pass);
    assert_eq!(judge(&threshold("max < 50ms"), &tally, S).state, Fail);
    add(&mut tally, 1, Outcome::Failed, MS);
    let judgement = judge(&threshold("max < 1h"), &tally, S);
    assert_eq!(
        (judgement.state, judgement.observed),
        (Fail, Observed::Infinite)
    );
}

#[test]
fn a_mean_is_judged_by_its_standard_error() {
    // 500 of 9 ms and 500 of 11 ms: a standard error of 31.6 µs.
    let mut tally = Outcomes::default();
    add(&mut tally, 500, Outcome::Ok, 9 * MS);
    add(&mut tally, 500, Outcome::Ok, 11 * MS);
    for (text, state) in [
        ("mean < 10.06ms", Pass),
        ("mean < 10.03ms", Inconclusive),
        ("mean < 9.97ms", Inconclusive),
        ("mean < 9.94ms", Fail),
        ("mean > 9.94ms", Pass),
    ] {
        assert_eq!(judge(&threshold(text), &tally, S).state, state, "{text}");
    }
    let judgement = judge(&threshold("mean < 10.03ms"), &tally, S);
    assert_eq!(judgement.observed, Observed::Duration(10 * MS));
    let factor = judgement.more_time_factor.unwrap();
    // The deviation is known to the width of a bucket.
    assert!(
        (factor - (1.6449_f64 * 31.64 / 30.0).powi(2)).abs() < 0.02,
        "{factor}"
    );
    let interval = judgement.interval.unwrap();
    assert!((interval.lower - (10e6 - 1.96 * 31.64e3)).abs() < 200.0);
}

#[test]
fn a_mean_of_what_is_left_passes_nothing() {
    let mut left = Outcomes::default();
    add(&mut left, 40, Outcome::Ok, 20 * MS);
    add(&mut left, 960, Outcome::Failed, MS);
    let judgement = judge(&threshold("mean < 100ms"), &left, S);
    assert_eq!(judgement.state, Inconclusive);
    assert_eq!(
        judgement.explanation,
        "the mean of 40 successes, which cannot prove mean < 100ms: 960 of 1000 (96.000%) did not end well and are not in it; limit errors, or a percentile"
    );
    assert_eq!(judge(&threshold("mean < 10ms"), &left, S).state, Fail);
    let mut nearly_all = Outcomes::default();
    add(&mut nearly_all, 999, Outcome::Ok, 20 * MS);
    add(&mut nearly_all, 1, Outcome::Failed, MS);
    assert_eq!(
        judge(&threshold("mean < 100ms"), &nearly_all, S).state,
        Pass
    );
}

#[test]
fn a_mean_needs_thirty() {
    let mut tally = Outcomes::default();
    add(&mut tally, 1, Outcome::Ok, 10 * MS);
    let one = judge(&threshold("mean < 1s"), &tally, S);
    assert_eq!((one.state, one.interval), (Inconclusive, None));
    add(&mut tally, 28, Outcome::Ok, 10 * MS);
    assert_eq!(
        judge(&threshold("mean < 1s"), &tally, S).state,
        Inconclusive
    );
    add(&mut tally, 1, Outcome::Ok, 10 * MS);
    assert_eq!(judge(&threshold("mean < 1s"), &tally, S).state, Pass);
}

#[test]
fn events_per_second_are_judged_by_their_count() {
    let tally = counted(Ledger {
        intended: 1000,
        ok: 900,
        failed: 100,
        ..Ledger::default()
    });
    for (text, state) in [
        ("goodput >= 84/s", Pass),
        ("goodput >= 88/s", Inconclusive),
        ("goodput >= 96/s", Fail),
        ("rate >= 94/s", Pass),
        ("rate <= 94/s", Fail),
        ("rate >= 100/s", Inconclusive),
        ("goodput >= 0/s", Pass),
        ("goodput < 0/s", Fail),
    ] {
        assert_eq!(
            judge(&threshold(text), &tally, 10 * S).state,
            state,
            "{text}"
        );
    }
    let judgement = judge(&threshold("rate >= 100/s"), &tally, 10 * S);
    assert_eq!(judgement.observed, Observed::PerSecond(100.0));
    assert_eq!(judgement.more_time_factor, None);
    let interval = judgement.interval.unwrap();
    assert!((interval.lower - 93.9).abs() < 0.1 && (interval.upper.unwrap() - 106.4).abs() < 0.1);
}

#[test]
fn a_service_that_answers_nothing_fails_its_goodput() {
    let tally = counted(Ledger {
        intended: 1000,
        timeout: 1000,
        ..Ledger::default()
    });
    let judgement = judge(&threshold("goodput >= 1/s"), &tally, 10 * S);
    assert_eq!(judgement.state, Fail);
    assert_eq!(judgement.observed, Observed::PerSecond(0.0));
}

proptest! {
    #[test]
    fn more_against_the_limit_never_helps(n in 1_u64..3000, a in 0_u64..3000, b in 0_u64..3000, deff in 1.0..9.0_f64) {
        let rules = Rules { dependence: Dependence { deff, skewness: 0.0 }, ..Rules::default() };
        let rank = |counted: u64| match rules.share(&threshold("errors < 2%"), counted.min(n), n).state {
            Pass => 0,
            Inconclusive => 1,
            Fail => 2,
        };
        prop_assert!(rank(a.min(b)) <= rank(a.max(b)));
    }

    #[test]
    fn what_was_seen_lies_in_its_interval(n in 1_u64..3000, counted in 0_u64..3000) {
        let counted = counted.min(n);
        let judgement = Rules::default().share(&threshold("errors < 2%"), counted, n);
        let interval = judgement.interval.unwrap();
        let share = counted as f64 / n as f64;
        prop_assert!(interval.lower <= share && share <= interval.upper.unwrap());
    }
}
