use super::*;
use crate::histogram::Histogram;
use crate::series::SeriesTally;
use crate::statistics::warmup::mser;
use Status::{Invalid, Valid, Warn};

const MS: u64 = 1_000_000;

fn lag(values_us: impl IntoIterator<Item = u64>) -> Histogram {
    let mut lag = Histogram::default();
    values_us.into_iter().for_each(|us| lag.record(us * 1000));
    lag
}

#[test]
fn missing_load_is_judged_over_the_run_and_in_its_worst_second() {
    let status = |run, second| offered_load(run, second).status;
    let (all, none) = ((0, 100_000), (0, 0));
    assert_eq!(status(all, none), Valid);
    assert_eq!(status((10, 100_000), none), Valid);
    assert_eq!(status((11, 100_000), none), Warn);
    assert_eq!(status((101, 100_000), none), Invalid);
    assert_eq!(status(all, (11, 1000)), Warn);
    assert_eq!(status(all, (51, 1000)), Invalid);
    let check = offered_load((11, 100_000), (51, 1000));
    assert_eq!((check.observed, check.limit), (0.051, 0.05));
    assert_eq!(
        check.sentence,
        "5.100% is above the limit of 5.000%: part of the load was never sent; lower the rate, or give the generator more cores or machines"
    );
}

#[test]
fn lag_is_judged_by_the_tightest_threshold() {
    let status = |values: &[u64], tightest| {
        let check = dispatch_lag(&lag(values.iter().copied()), tightest).unwrap();
        (check.name, check.status)
    };
    let name = CheckName::DispatchLag;
    assert_eq!(status(&[900; 100], None), (name, Valid));
    assert_eq!(status(&[1100; 100], None), (name, Warn));
    assert_eq!(status(&[11_000; 100], None), (name, Invalid));
    // 5 % and 20 % of 10 ms.
    assert_eq!(status(&[600; 100], Some(10e6)), (name, Warn));
    assert_eq!(status(&[2_100; 100], Some(10e6)), (name, Invalid));
    let one_late = |us| [vec![100; 199], vec![us]].concat();
    assert_eq!(status(&one_late(11_000), None), (name, Warn));
    assert_eq!(status(&one_late(11_000), Some(100e6)), (name, Warn));
    assert_eq!(status(&one_late(101_000), Some(100e6)), (name, Invalid));
    assert_eq!(dispatch_lag(&Histogram::default(), None), None);
}

#[test]
fn waits_for_connections_only_warn() {
    let mut tally = SeriesTally::default();
    assert_eq!(conn_wait(&tally).status, Valid);
    (0..1000).for_each(|_| tally.conn_wait.record(MS));
    tally.long_conn_waits = 1;
    assert_eq!(conn_wait(&tally).status, Valid);
    tally.long_conn_waits = 1000;
    assert_eq!(
        (conn_wait(&tally).status, conn_wait(&tally).cause),
        (Warn, Cause::Configuration)
    );
}

#[test]
fn arrivals_must_be_spread_as_intended() {
    let status = |late: u64| {
        let made = [10_000 - late, 10_000, 10_000 + late];
        arrival_shape(&made, &[10_000; 3]).unwrap().status
    };
    // 1.63 / √30,000 is 0.0094.
    assert_eq!(
        (status(280), status(290), status(601)),
        (Valid, Warn, Invalid)
    );
    assert_eq!(arrival_shape(&[], &[]), None);
}

#[test]
fn the_machine_and_its_resources_have_limits() {
    let cpu = |share| generator_cpu(share).status;
    assert_eq!((cpu(0.7), cpu(0.71), cpu(0.91)), (Valid, Warn, Invalid));
    let environment = |throttled, stolen| environment(throttled, stolen).status;
    assert_eq!(environment(0.0, 0.01), Valid);
    assert_eq!(
        (environment(0.001, 0.0), environment(0.02, 0.0)),
        (Warn, Invalid)
    );
    assert_eq!(
        (environment(0.0, 0.02), environment(0.0, 0.06)),
        (Warn, Invalid)
    );
    let stall = |ms: f64, tightest| loop_stall(ms * 1e6, tightest).status;
    assert_eq!(
        (stall(5.0, None), stall(6.0, None), stall(51.0, None)),
        (Valid, Warn, Invalid)
    );
    assert_eq!(stall(11.0, Some(20e6)), Invalid);
    let lacking = |descriptors, ports, retransmits| Lacking {
        descriptors,
        ports,
        retransmits,
        requests: 10_000,
    };
    let status = |lacking| resources(&lacking).status;
    assert_eq!(status(lacking(0, 0, 0)), Valid);
    assert_eq!(status(lacking(1, 0, 0)), Warn);
    assert_eq!(status(lacking(5, 3, 3)), Invalid);
    let sentence = resources(&lacking(0, 3, 0)).sentence;
    assert!(sentence.contains("3 connections found no local port"));
    assert!(!sentence.contains("descriptor") && !sentence.contains("TCP"));
    let crowded = |busy| shared_processors(busy, &["demo".into()]);
    assert_eq!((crowded(0.8).status, crowded(1.0).status), (Valid, Warn));
    assert!(crowded(0.9).sentence.contains("target `demo` runs"));
}

#[test]
fn a_large_drift_is_no_good() {
    assert_eq!(
        (trend(0.04).status, trend(0.1).status, trend(0.3).status),
        (Valid, Warn, Invalid)
    );
}

#[test]
fn a_long_warmup_is_no_good() {
    let check = |values: &[f64]| warmup(&mser(values, 5, 0.5).unwrap(), values.len()).status;
    let after = |n: usize| [vec![100.0; n], vec![10.0; 100 - n]].concat();
    assert_eq!((check(&after(20)), check(&after(40))), (Valid, Warn));
    let falling: Vec<_> = (0..100).map(|i| f64::from(100 - i).powi(3)).collect();
    assert_eq!(check(&falling), Invalid);
}

#[test]
fn few_samples_warn() {
    assert_eq!(samples(2000.0, 0.99, 0.05).status, Valid);
    let check = samples(1000.0, 0.99, 0.05);
    assert_eq!(check.status, Warn);
    assert_eq!(
        check.sentence,
        "only 10.0 independent samples lie beyond the quantile, 20 are wanted and 299 in all are the least: run longer"
    );
}

fn judgement(state: State) -> Judgement {
    Judgement {
        state,
        observed: crate::judge::Observed::NoData,
        interval: None,
        n: 1,
        n_eff: 1.0,
        exceeding: None,
        by_failures: false,
        without_dropped: true,
        explanation: "so it was".to_owned(),
        more_time_factor: None,
    }
}

#[test]
fn an_invalid_run_passes_nothing_and_fails_only_what_it_did_not_cause() {
    let invalid = |check: Check| {
        assert_eq!(check.status, Invalid);
        Validity {
            checks: vec![generator_cpu(0.1), check],
        }
    };
    let under_delivered = invalid(offered_load((1, 2), (0, 0)));
    let saturated = invalid(generator_cpu(1.0));
    let qualified = |validity: &Validity, text: &str, state| {
        validity
            .qualify(&text.parse().unwrap(), judgement(state))
            .state
    };
    use State::{Fail, Inconclusive, Pass};
    for validity in [&under_delivered, &saturated] {
        assert_eq!(validity.status(), Invalid);
        assert_eq!(qualified(validity, "p99 < 1s", Pass), Inconclusive);
        assert_eq!(qualified(validity, "rate > 1/s", Fail), Inconclusive);
    }
    assert_eq!(qualified(&under_delivered, "p99 < 1s", Fail), Fail);
    assert_eq!(
        qualified(&under_delivered, "errors < 1%", Fail),
        Inconclusive
    );
    assert_eq!(qualified(&saturated, "p99 < 1s", Fail), Inconclusive);
    assert_eq!(qualified(&saturated, "errors < 1%", Fail), Fail);
    let words = saturated.qualify(&"p99 < 1s".parse().unwrap(), judgement(Pass));
    assert_eq!(
        words.explanation,
        "so it was; but the run is invalid (generator_cpu), so this proves nothing"
    );
}

#[test]
fn late_requests_do_not_explain_failed_ones() {
    let mut refused = crate::Outcomes::new([5_000_001]);
    refused.ledger.intended = 30;
    refused.ledger.failed = 30;
    let stalled = Validity {
        checks: vec![loop_stall(1e9, None)],
    };
    for text in ["p99 < 5ms", "max < 5ms"] {
        let threshold: Threshold = text.parse().unwrap();
        let judgement = crate::judge(&threshold, &refused, 1);
        assert!(judgement.by_failures, "{judgement:?}");
        assert_eq!(stalled.qualify(&threshold, judgement).state, State::Fail);
    }
    // Those that were never sent are another matter.
    let mut dropped = refused;
    dropped.ledger.failed = 0;
    dropped.ledger.dropped = 30;
    let threshold: Threshold = "p99 < 5ms".parse().unwrap();
    let judgement = crate::judge(&threshold, &dropped, 1);
    assert_eq!(judgement.state, State::Fail);
    assert_eq!(
        stalled.qualify(&threshold, judgement).state,
        State::Inconclusive
    );
}

#[test]
fn what_was_never_sent_fails_no_limit_on_response_times() {
    let fed_too_little = Validity {
        checks: vec![offered_load((30, 1000), (0, 0))],
    };
    let state = |text: &str, count: &dyn Fn(&mut crate::Outcomes)| {
        let threshold: Threshold = text.parse().unwrap();
        let mut outcomes = crate::Outcomes::new(threshold.slow_from());
        outcomes.ledger.intended = 1000;
        outcomes.ledger.dropped = 30;
        count(&mut outcomes);
        (outcomes.ledger.ok + outcomes.ledger.failed..970).for_each(|_| end(&mut outcomes, MS));
        let judgement = crate::judge(&threshold, &outcomes, 1);
        assert_eq!(judgement.state, State::Fail, "{text}");
        fed_too_little.qualify(&threshold, judgement).state
    };
    for text in ["p99 < 300ms", "max < 300ms"] {
        assert_eq!(state(text, &|_| ()), State::Inconclusive, "{text}");
        let failed = |outcomes: &mut crate::Outcomes| outcomes.ledger.failed = 50;
        assert_eq!(state(text, &failed), State::Fail, "{text}");
        let slow = |outcomes: &mut crate::Outcomes| (0..50).for_each(|_| end(outcomes, 900 * MS));
        assert_eq!(state(text, &slow), State::Fail, "{text}");
    }
}

/// Counts a success that took so long.
fn end(outcomes: &mut crate::Outcomes, response: u64) {
    outcomes.record(&crate::Sample {
        series: crate::Series(0),
        outcome: crate::Outcome::Ok,
        error: None,
        status: 0,
        intended: 0,
        end: response,
        thinking: 0,
        phases: crate::Phases::default(),
        body_bytes: 0,
        client: None,
        retries: 0,
    });
}

#[test]
fn a_valid_run_leaves_verdicts_alone() {
    let validity = Validity {
        checks: vec![generator_cpu(0.8)],
    };
    assert_eq!(
        (validity.status(), Validity::default().status()),
        (Warn, Valid)
    );
    let threshold = "p99 < 1s".parse().unwrap();
    let before = judgement(State::Pass);
    assert_eq!(validity.qualify(&threshold, before.clone()), before);
}
