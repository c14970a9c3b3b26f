use super::*;
use crate::degradation::fixture::seconds;

const OBJECTIVE: Objective = Objective {
    share: 0.99,
    consecutive_s: 10.0,
};

/// 100 requests a second of which half are good from 10 s until `bad_until`, in a test of 60 s.
fn disturbed(bad_until: usize) -> Seconds {
    seconds((0..60).map(|t| (100, if (10..bad_until).contains(&t) { 50 } else { 99 })))
}

#[test]
fn it_is_the_first_second_of_ten_that_are_well() {
    let found = |bad_until, removed_at_s| recovery(&disturbed(bad_until), removed_at_s, &OBJECTIVE);
    assert_eq!(
        found(27, 20.0),
        Recovery::Recovered {
            after_s: 7.0,
            bad: 7 * 50
        }
    );
    // What recovers before the trigger is gone is well at once.
    let at_once = Recovery::Recovered {
        after_s: 0.0,
        bad: 0,
    };
    assert_eq!(found(15, 20.0), at_once);
    assert_eq!(
        found(20, 20.5),
        Recovery::Recovered {
            after_s: 0.5,
            bad: 1
        }
    );
}

#[test]
fn one_bad_second_starts_the_ten_anew() {
    let mut seconds = disturbed(27);
    seconds.seconds[36].good = 98;
    let found = recovery(&seconds, 20.0, &OBJECTIVE);
    // 7 seconds of 50, 9 of 1, one of 2.
    let expected = Recovery::Recovered {
        after_s: 17.0,
        bad: 361,
    };
    assert_eq!(found, expected);
}

#[test]
fn seconds_without_requests_neither_count_nor_interrupt() {
    let some = |t: u64| if t.is_multiple_of(3) { (1, 1) } else { (0, 0) };
    let rare = |length| seconds((0..length).map(some));
    let found = recovery(&rare(60), 1.0, &OBJECTIVE);
    let expected = Recovery::Recovered {
        after_s: 2.0,
        bad: 0,
    };
    assert_eq!(found, expected);
    // Nine of them are too few.
    let found = recovery(&rare(30), 1.0, &OBJECTIVE);
    assert!(matches!(found, Recovery::NotRecovered { .. }), "{found:?}");
}

#[test]
fn in_stretches_of_four_seconds_three_make_ten() {
    let mut wide = seconds([(400, 400), (400, 0), (400, 400), (400, 400), (400, 400)]);
    wide.width_ns *= 4;
    let found = recovery(&wide, 4.0, &OBJECTIVE);
    let expected = Recovery::Recovered {
        after_s: 4.0,
        bad: 400,
    };
    assert_eq!(found, expected);
}

#[test]
fn not_recovered_is_a_value() {
    let found = recovery(&disturbed(60), 20.0, &OBJECTIVE);
    let expected = Recovery::NotRecovered {
        watched_s: 40.0,
        met_for_s: 0.0,
        bad: 2000,
    };
    assert_eq!(found, expected);
    let found = recovery(&disturbed(53), 20.0, &OBJECTIVE);
    let expected = Recovery::NotRecovered {
        watched_s: 40.0,
        met_for_s: 7.0,
        bad: 33 * 50 + 7,
    };
    assert_eq!(found, expected);
    let beyond = recovery(&disturbed(53), 90.0, &OBJECTIVE);
    let expected = Recovery::NotRecovered {
        watched_s: 0.0,
        met_for_s: 0.0,
        bad: 0,
    };
    assert_eq!(beyond, expected);
}

fn judged(bad_until: usize, limit_s: f64) -> Judgement {
    recovers_within(&disturbed(bad_until), 20.0, &OBJECTIVE, limit_s)
}

#[test]
fn within_the_limit_passes_and_later_fails() {
    assert_eq!(judged(27, 7.0).state, State::Pass);
    assert_eq!(judged(27, 6.5).state, State::Fail);
    let judgement = judged(27, 30.0);
    assert_eq!(judgement.observed, Observed::Duration(7_000_000_000));
    let interval = judgement.interval.unwrap();
    assert_eq!((interval.lower, interval.upper), (6e9, Some(8e9)));
    assert_eq!(judgement.exceeding, Some(350));
    assert_eq!(
        judgement.explanation,
        "from 7 s after the change on, 99% were good in every second of 10 s, with 350 bad requests until then, which is recovery within 30 s"
    );
}

#[test]
fn a_test_that_ends_too_early_settles_nothing() {
    // Bad to the end: recovery after 39 s is excluded, after 40 s it is not.
    assert_eq!(judged(60, 39.0).state, State::Fail);
    assert_eq!(judged(60, 39.0).observed, Observed::Infinite);
    let judgement = judged(60, 40.0);
    assert_eq!(judgement.state, State::Inconclusive);
    assert_eq!(judgement.more_time_factor, Some(70.0 / 60.0));
    // Well again from 33 s on, but only seven seconds of that were seen.
    assert_eq!(judged(53, 32.0).state, State::Fail);
    assert_eq!(judged(53, 33.0).state, State::Inconclusive);
    let none = recovers_within(&disturbed(53), 60.0, &OBJECTIVE, 5.0);
    assert_eq!(
        (none.state, none.observed),
        (State::Inconclusive, Observed::NoData)
    );
    let empty = recovers_within(&Seconds::default(), 0.0, &OBJECTIVE, 5.0);
    assert_eq!(empty.state, State::Inconclusive);
}

#[test]
fn scale_out_goes_by_the_same_rule() {
    let judgement = objective_within(&disturbed(27), 10.0, &OBJECTIVE, 20.0);
    assert_eq!(judgement.state, State::Pass);
    assert_eq!(judgement.observed, Observed::Duration(17_000_000_000));
    assert!(
        judgement
            .explanation
            .ends_with("which is the objective within 20 s")
    );
}
