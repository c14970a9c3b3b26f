//! Degradation and recovery, on a server whose behaviour can be computed: it serves 1,000 requests
//! per second in order, clients wait for one second, and from 10 to 20 s there are 1,500 calls per
//! second instead of the usual rate. Abandoned requests are served like others.
//!
//! The figures follow from the fluid model: a backlog grows by what comes above 1,000/s and shrinks
//! by what is missing to that, and the delay is the backlog over 1,000/s.

#[path = "fifo/server.rs"]
mod server;

use plimsoll_measure::degradation::{
    Metastability, Objective, Recovery, capacity, collapse_ratio, mean_goodput, metastable,
    recovers_within, recovery, release_rate,
};
use plimsoll_measure::{Seconds, State};
use server::{ATTEMPTS, CALLS, SECOND_NS, Server};

const REMOVED_AT_S: f64 = 20.0;
const LENGTH_S: u64 = 200;

fn spike(base: u64, retries: u64) -> Server {
    Server::run(&[(10, base), (20, 1500), (LENGTH_S, base)], retries)
}

fn calls(server: &Server) -> Seconds {
    server.tally.seconds(&[CALLS])
}

/// The first second from which on all is well, since the start; `None` if there is none.
fn recovers_at(server: &Server) -> Option<f64> {
    match recovery(&calls(server), REMOVED_AT_S, &Objective::default()) {
        Recovery::Recovered { after_s, .. } => Some(REMOVED_AT_S + after_s),
        Recovery::NotRecovered { .. } => None,
    }
}

#[test]
fn a_spike_builds_a_backlog_and_the_time_after_it_drains_it() {
    let server = spike(500, 0);
    // 500 too many per second for 10 s.
    assert!((4999..=5001).contains(&server.peak_backlog));
    let slowest = server.delays.iter().map(|(_, delay)| *delay).max();
    let off = slowest.unwrap().abs_diff(5 * SECOND_NS);
    assert!(off <= SECOND_NS / 500, "{off}");
    // Drained by 500 per second: half after 5 s, all after 10 s, and 1 s of delay is left after 8 s.
    let delay_at = |second: u64| {
        let after = server
            .delays
            .iter()
            .find(|(at, _)| *at >= second * SECOND_NS);
        after.unwrap().1 as f64 / SECOND_NS as f64
    };
    for (second, expected) in [(20, 5.0), (25, 2.5), (28, 1.0), (30, 0.0), (40, 0.0)] {
        let delay = delay_at(second);
        assert!((delay - expected).abs() < 0.005, "{second}: {delay}");
    }
}

#[test]
fn without_retries_it_recovers_when_the_delay_is_back_at_the_timeout() {
    for (base, expected) in [(400, 27.0..=28.0), (500, 28.0..=29.0), (600, 30.0..=31.0)] {
        let at = recovers_at(&spike(base, 0)).unwrap();
        assert!(expected.contains(&at), "{base}: {at}");
    }
}

#[test]
fn bad_requests_are_those_of_the_seconds_between() {
    let seconds = calls(&spike(500, 0));
    let found = recovery(&seconds, REMOVED_AT_S, &Objective::default());
    // 500 a second for the 8 s in which the delay is above the timeout.
    assert!((3990..=4010).contains(&found.bad()), "{found:?}");
    let judge =
        |limit_s| recovers_within(&seconds, REMOVED_AT_S, &Objective::default(), limit_s).state;
    assert_eq!((judge(9.0), judge(7.0)), (State::Pass, State::Fail));
}

#[test]
fn one_retry_makes_it_slow_or_keeps_it_down() {
    let at = recovers_at(&spike(400, 1)).unwrap();
    assert!((97.0..=101.0).contains(&at), "{at}");
    assert_eq!(recovers_at(&spike(500, 1)), None);
}

#[test]
fn two_retries_keep_it_down_under_less_load() {
    assert_eq!(recovers_at(&spike(400, 2)), None);
}

#[test]
fn retries_are_attempts_and_no_arrivals() {
    let server = spike(500, 1);
    let of = |journey| {
        let seconds = server.tally.seconds(&[journey]);
        let between = &seconds.seconds[100..190];
        between.iter().map(|second| second.intended).sum::<u64>() / 90
    };
    // Every call fails, and so each is tried twice.
    assert_eq!((of(CALLS), of(ATTEMPTS)), (500, 1000));
    let attempts = server.tally.seconds(&[ATTEMPTS]).seconds;
    assert!(attempts.iter().all(|second| second.arrivals == 0));
    let capacity = capacity(&calls(&server), 10.0).unwrap();
    assert!(capacity.until_s <= 13.0, "{capacity:?}");
    let left = mean_goodput(&calls(&server), &(100.0..190.0)).unwrap();
    assert!(collapse_ratio(left, capacity.per_second).unwrap().ratio < 0.01);
}

fn found(server: &Server) -> Metastability {
    let (before, after) = (0.0..10.0, REMOVED_AT_S..LENGTH_S as f64);
    metastable(&calls(server), &before, &after, 1.0, 1.0)
}

#[test]
fn what_stays_down_is_metastable_and_what_recovers_is_not() {
    for (base, retries) in [(500, 1), (400, 2)] {
        let found = found(&spike(base, retries));
        let Metastability::Metastable { for_s, .. } = found else {
            panic!("{base}, {retries}: {found:?}");
        };
        assert_eq!(for_s, 180.0);
    }
    assert_eq!(found(&spike(500, 0)), Metastability::Recovers);
    assert_eq!(found(&spike(400, 0)), Metastability::Recovers);
}

/// Every call takes two attempts while the server is down, so that it drains only under less than
/// 500 calls per second: a backlog of 5 s and more by 20 per second at 490/s, by 400 at 300/s.
#[test]
fn it_is_released_by_stepping_the_load_down() {
    let steps = [(20, 1500), (100, 500), (160, 495), (220, 490), (350, 300)];
    let server = Server::run(&[&[(10, 500)], &steps[..]].concat(), 1);
    let stretches = [20.0..100.0, 100.0..160.0, 160.0..220.0, 220.0..350.0];
    let release = release_rate(&calls(&server), &stretches, &Objective::default()).unwrap();
    assert_eq!(release.rate, 300.0);
    assert!(
        release.after_s > 1.0 && release.after_s < 100.0,
        "{release:?}"
    );
    let never = release_rate(&calls(&server), &stretches[..3], &Objective::default());
    assert_eq!(never, None);
}
