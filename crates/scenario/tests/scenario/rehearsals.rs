//! Plans in a hurry.

use crate::documented_plan::FULL;
use crate::plan_support::{valid, with};
use plimsoll_scenario::Load;
use plimsoll_scenario::plan::{PlannedTest, ReadinessPlan};
use proptest::prelude::*;
use std::time::Duration;

fn durations(test: &PlannedTest) -> Vec<u64> {
    let Load::Open { shape, .. } = &test.load else {
        panic!("no open load")
    };
    shape
        .segments()
        .map(|segment| segment.duration_ns / 1_000_000)
        .collect()
}

fn rehearsed(factor: f64) -> ReadinessPlan {
    let mut plan = valid(FULL);
    plan.rehearse(factor);
    plan
}

#[test]
fn everything_in_tests_takes_a_part_of_its_time() {
    let plan = rehearsed(1.0 / 60.0);
    assert_eq!(plan.rehearsal, Some(1.0 / 60.0));
    assert_eq!(plan.settle, Duration::from_secs(1), "not below a second");
    let [expected, _, spike, soak, scale_out, _, down, rollback] = &plan.tests[..] else {
        panic!("eight tests")
    };
    assert_eq!(durations(expected), [5_000, 20_000]);
    assert_eq!(expected.warmup, Some(Duration::from_secs(1)));
    assert_eq!(durations(spike), [5_000, 3_000, 10_000]);
    let jumps: Vec<u64> = spike.jumps.iter().map(|jump| jump.at_ns).collect();
    assert_eq!(jumps, [5_000_000_000, 8_000_000_000]);
    assert_eq!((spike.jumps[0].from, spike.jumps[0].to), (60.0, 240.0));
    let limit = |limit: Option<(Duration, u32)>| limit.map(|(limit, _)| limit.as_secs());
    assert_eq!(limit(spike.expect.recover_within), Some(2));
    assert_eq!(durations(soak), [480_000]);
    assert_eq!(limit(scale_out.expect.objective_within), Some(4));
    assert_eq!(down.inject[0].after, Duration::from_secs(1));
    assert_eq!(limit(rollback.expect.served_within), Some(5));
    assert_eq!(rollback.inject[1].undo_after, Some(Duration::from_secs(8)));
    assert_eq!(
        rollback.inject[0].timeout,
        Duration::from_secs(120),
        "commands take as long as they take"
    );
}

#[test]
fn nothing_gets_shorter_than_a_second_or_longer_than_it_was() {
    let mut plan = valid(&with(
        "  - { name: t, stages: [ { at: 1x, hold: 500ms }, { jump: 2x, hold: 5s }, { jump: 1x, hold: 1h } ], inject: { after: 3s, run: [ x ] } }",
        "",
    ));
    plan.rehearse(0.001);
    assert_eq!(durations(&plan.tests[1]), [500, 1_000, 3_600]);
    assert_eq!(
        plan.tests[1].inject[0].after,
        Duration::from_secs(1),
        "in the middle of its stage, as before"
    );
}

#[test]
fn a_rehearsal_of_a_rehearsal_multiplies() {
    let mut plan = rehearsed(0.25);
    plan.rehearse(0.5);
    assert_eq!(plan.rehearsal, Some(0.125));
    assert_eq!(durations(&plan.tests[0]), [37_500, 150_000]);
}

#[test]
fn what_does_not_shorten_is_no_rehearsal() {
    for factor in [1.0, 60.0, 0.0, -0.5, f64::NAN] {
        let plan = rehearsed(factor);
        assert_eq!(plan.rehearsal, None, "{factor}");
        assert_eq!(durations(&plan.tests[0]), [300_000, 1_200_000]);
    }
}

proptest! {
    #[test]
    fn injections_stay_inside_their_test(factor in 1e-9f64..1.0) {
        let plan = rehearsed(factor);
        for test in &plan.tests {
            let length: u64 = durations(test).iter().sum();
            for injection in &test.inject {
                prop_assert!(injection.after < Duration::from_millis(length));
                if let Some(undone) = injection.undo_after {
                    prop_assert!(injection.after < undone && undone < Duration::from_millis(length));
                }
            }
            for jump in &test.jumps {
                prop_assert!(jump.at_ns / 1_000_000 < length);
            }
        }
    }
}
