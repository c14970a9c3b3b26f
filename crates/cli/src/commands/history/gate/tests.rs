use super::super::fixture::course;
use super::*;

fn gate(courses: &[Course]) -> Gate {
    Gate::of(Metric::P95, courses, &Runs::new(), 20)
}

#[track_caller]
fn assert_exit(levels: &[(usize, f64)], code: u8) -> Gate {
    let gate = gate(&[course("load", levels)]);
    assert_eq!(gate.exit_code, code, "{levels:?}: {}", gate.sentence);
    gate
}

#[test]
fn the_level_counts_and_not_the_last_change() {
    let partly = assert_exit(&[(10, 100e6), (5, 150e6), (5, 140e6)], 20);
    let told = &partly.regressions[0].sentence;
    assert!(
        told.starts_with("+40.0 % worse from 100 ms to 140 ms since")
            && told.contains("the last of several changes since"),
        "{told}"
    );
    // Taken back altogether.
    assert_exit(&[(10, 100e6), (5, 150e6), (6, 100e6)], 0);
    assert_exit(&[(10, 100e6), (5, 80e6), (6, 75e6)], 0);
    // Better for weeks, and no longer.
    assert_exit(&[(30, 100e6), (10, 80e6), (6, 100e6)], 20);
    // Some good nights were no level.
    assert_exit(&[(30, 100e6), (3, 80e6), (6, 100e6)], 0);
}

#[test]
fn what_is_provisional_may_take_a_regression_back_and_makes_none() {
    let early = assert_exit(&[(12, 100e6), (4, 150e6)], 0);
    assert_eq!(early.provisional.len(), 1);
    assert_exit(&[(12, 100e6), (6, 150e6), (4, 100e6)], 0);
    assert_exit(&[(12, 100e6), (6, 150e6), (4, 200e6)], 20);
}

#[test]
fn a_regression_is_the_known_level_after_a_while() {
    assert_exit(&[(12, 100e6), (20, 150e6)], 20);
    assert_exit(&[(12, 100e6), (21, 150e6)], 0);
}

#[test]
fn a_series_that_is_gone_is_not_judged() {
    let mut soak = course("soak", &[(10, 100e6), (6, 150e6)]);
    let load = course("load", &[(56, 100e6)]);
    soak.is_current = false;
    let gate = gate(&[load, soak]);
    assert_eq!((gate.exit_code, gate.judged), (0, 1));
    assert_eq!(
        gate.sentence,
        "OK: p95 got worse for good in none of 1 series within the last 20 results; 1 is not judged, because the newest run does not have it"
    );
}

#[test]
fn what_was_not_judged_is_not_ok() {
    for courses in [
        Vec::new(),
        vec![course("load", &[])],
        vec![course("load", &[(7, 100e6)])],
    ] {
        let gate = gate(&courses);
        assert_eq!((gate.exit_code, gate.judged), (0, 0));
        assert!(
            gate.sentence.starts_with("NOTHING TO JUDGE: "),
            "{}",
            gate.sentence
        );
        assert_eq!(gate.annotations()[0].level, annotations::Level::Warning);
    }
    assert_exit(&[(8, 100e6)], 0).sentence.starts_with("OK: ");
}

#[test]
fn a_gate_that_can_never_fail_is_refused() {
    let told = |within, limit| {
        let checked = check(Metric::P95, within, limit);
        checked.err().map(|problem| problem.to_string())
    };
    assert_eq!(told(20, None), None);
    assert_eq!(told(5, Some(8)), None);
    assert!(told(4, None).is_some_and(|told| told.contains("say 5 or more")));
    assert!(told(20, Some(7)).is_some_and(|told| told.contains("say 8 or more")));
}
