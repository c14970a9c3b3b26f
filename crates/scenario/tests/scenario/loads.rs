//! What load blocks mean.

use crate::support::valid;
use plimsoll_scenario::{Load, Scenario};
use plimsoll_schedule::Arrivals;
use std::time::Duration;

fn scenario(rest: &str) -> Scenario {
    valid(&format!(
        "name: t\ntarget: demo\njourneys: {{ j: {{ steps: [ {{ GET: / }} ] }} }}\n{rest}\n"
    ))
}

fn segments(load: &str) -> Vec<(u64, f64, f64)> {
    match scenario(&format!("load: {load}")).load {
        Some(Load::Open { shape, .. }) => shape
            .segments()
            .map(|segment| {
                (
                    segment.duration_ns / 1_000_000_000,
                    segment.from.get(),
                    segment.to.get(),
                )
            })
            .collect(),
        other => panic!("no open load: {other:?}"),
    }
}

#[test]
fn expected_load_is_driven_with_its_headroom() {
    assert_eq!(
        segments("{ expected: 100/s, headroom: 30%, duration: 20s }"),
        [(20, 130.0, 130.0)]
    );
    assert_eq!(
        segments("{ rate: 120/min, duration: 1m30s }"),
        [(90, 2.0, 2.0)]
    );
}

#[test]
fn stages_go_on_from_one_another() {
    assert_eq!(
        segments(
            "{ stages: [ { ramp: 5m, to: 100/s }, { at: 50/s, hold: 5m }, { jump: 2/s, hold: 3m }, { hold: 1m } ] }"
        ),
        [
            (300, 0.0, 100.0),
            (300, 50.0, 50.0),
            (180, 2.0, 2.0),
            (60, 2.0, 2.0)
        ]
    );
    assert_eq!(
        segments(
            "{ expected: 100/s, headroom: 50%, stages: [ { at: 0.5x, hold: 10s }, { ramp: 10s, to: target }, { hold: 5s } ] }"
        ),
        [(10, 50.0, 50.0), (10, 50.0, 150.0), (5, 150.0, 150.0)]
    );
}

#[test]
fn arrivals_are_even_unless_stated() {
    for (text, expected) in [
        ("", Arrivals::Even),
        (", arrivals: poisson", Arrivals::Poisson),
    ] {
        match scenario(&format!("load: {{ rate: 1/s, duration: 1s{text} }}")).load {
            Some(Load::Open {
                arrivals,
                promise: None,
                ..
            }) => assert_eq!(arrivals, expected),
            other => panic!("no open load: {other:?}"),
        }
    }
}

#[test]
fn users_make_a_closed_load() {
    match scenario("load: { users: 50, pacing: 1s, iterations: 7 }").load {
        Some(Load::Closed {
            users: 50,
            pacing: Some(pacing),
            duration: None,
            iterations: Some(7),
        }) => {
            assert_eq!(pacing, Duration::from_secs(1));
        }
        other => panic!("no closed load: {other:?}"),
    }
}

#[test]
fn giving_up_early_has_a_default_and_can_be_switched_off() {
    let usual = scenario("").abort_on.expect("a rule");
    assert_eq!((usual.value, usual.window), (0.5, Some(10_000_000_000)));
    assert_eq!(scenario("abort_on: off").abort_on, None);
    assert_eq!(
        scenario("abort_on: errors > 5% for 3s")
            .abort_on
            .expect("a rule")
            .window,
        Some(3_000_000_000)
    );
    assert_eq!(
        scenario("shed: { status: 503, within: 2s }").shed.statuses,
        [503]
    );
}
