use super::*;
use crate::catalogue::Series;
use crate::sample::Phases;
use crate::threshold::Scope;

const MS: u64 = 1_000_000;

fn course(text: &str) -> Course {
    course_after(text, 0)
}

fn course_after(text: &str, warmup_ns: u64) -> Course {
    let watched = Watched {
        scope: Scope::Test,
        threshold: text.parse().unwrap(),
    };
    Course::new(watched, warmup_ns)
}

fn sample(intended: u64, response: u64, outcome: Outcome) -> Sample {
    Sample {
        series: Series(0),
        outcome,
        error: None,
        status: 0,
        intended,
        end: intended + response,
        thinking: 0,
        phases: Phases::default(),
        body_bytes: 0,
        client: None,
        retries: 0,
    }
}

/// 100 requests a second for so many seconds, of which those that `is_slow` names take 60 ms.
fn filled(text: &str, seconds: u64, is_slow: impl Fn(u64) -> bool) -> Course {
    let mut course = course(text);
    for i in 0..100 * seconds {
        let response = if is_slow(i) { 60 * MS } else { MS };
        course.record(&sample(i * 10 * MS, response, Outcome::Ok), None);
    }
    course
}

#[test]
fn bursts_have_a_design_effect_and_evenly_spread_slowness_has_none() {
    let spread = filled("p99 < 50ms", 60, |i| i % 50 == 0)
        .dependence(0, 0.0)
        .deff;
    let bursts = filled("p99 < 50ms", 60, |i| i % 1000 < 20)
        .dependence(0, 0.0)
        .deff;
    assert!((1.0..1.3).contains(&spread), "{spread}");
    assert!((10.0..60.0).contains(&bursts), "{bursts}");
}

#[test]
fn the_warmup_is_not_in_the_design_effect() {
    let course = filled("p99 < 50ms", 60, |i| i < 500);
    assert!(course.dependence(0, 0.0).deff > 50.0);
    assert!(course.dependence(5 * SECOND_NS, 0.0).deff < 1.3);
}

#[test]
fn the_mean_has_an_effect_of_its_own() {
    let course = filled("mean < 50ms", 60, |i| i % 1000 < 100);
    let (slow, fast) = (60.0 * MS as f64, MS as f64);
    let variance = 0.1 * 0.9 * (slow - fast).powi(2);
    let effect = course.dependence(0, variance).deff;
    assert!(effect > 50.0, "{effect}");
}

#[test]
fn a_window_sees_whole_seconds_once_all_of_them_has_ended() {
    let mut course = filled("errors < 10% for 2s", 5, |_| false);
    course.settle(5, |second| second < 1);
    assert_eq!(course.window().unwrap().worst(), None, "second 1 is open");
    course.record(&sample(1_500 * MS, 9000 * MS, Outcome::Timeout), None);
    course.settle(5, |_| true);
    let (first, worst) = course.window().unwrap().worst().unwrap();
    assert_eq!(
        (first, worst.ledger.timeout, worst.ledger.intended),
        (0, 1, 201)
    );
    assert_eq!(course.window().unwrap().windows(), 4);
}

#[test]
fn a_window_begins_after_the_declared_warmup() {
    let mut course = course_after("errors < 10% for 2s", 1_500 * MS);
    for second in 0..5 {
        let outcome = match second {
            0 | 1 => Outcome::Failed,
            _ => Outcome::Ok,
        };
        course.record(&sample(second * SECOND_NS, MS, outcome), None);
    }
    course.settle(5, |_| true);
    let (first, worst) = course.window().unwrap().worst().unwrap();
    assert_eq!((first, worst.ledger.failed), (2, 0));
    assert_eq!(course.window().unwrap().windows(), 2);
}

#[test]
fn bursts_of_late_successes_have_an_effect_on_goodput() {
    let mut course = course("goodput > 90/s");
    for i in 0..6000 {
        let response = if i % 1000 < 100 { 60 * MS } else { MS };
        course.record(&sample(i * 10 * MS, response, Outcome::Ok), Some(50 * MS));
    }
    let effect = course.dependence(0, 0.0).deff;
    assert!(effect > 50.0, "{effect}");
}

#[test]
fn events_are_those_intended_while_users_arrived() {
    let mut course = course("goodput > 90/s");
    for i in 0..1000 {
        let response = if i == 0 { 30 * SECOND_NS } else { MS };
        course.record(&sample(i * 10 * MS, response, Outcome::Ok), Some(SECOND_NS));
    }
    // A second step after a think time, which no user had whose journey began before.
    course.record(&sample(14 * SECOND_NS, MS, Outcome::Ok), None);
    let events = |counted, intended, seconds| Events {
        counted,
        intended,
        elapsed_ns: seconds * SECOND_NS,
    };
    assert_eq!(course.events(0, 10 * SECOND_NS), events(999, 1000, 10));
    let later = course.events(2 * SECOND_NS, 10 * SECOND_NS);
    assert_eq!(later, events(800, 800, 8));
}

#[test]
fn what_is_wrong_completes_too_and_what_is_never_sent_does_not() {
    let mut course = course("rate > 1/s");
    for (at, outcome) in Outcome::ALL.into_iter().enumerate() {
        course.record(&sample(at as u64 * MS, MS, outcome), None);
    }
    assert_eq!(course.events(0, SECOND_NS).counted, 4);
}

#[test]
fn an_early_verdict_waits_for_thirty_settled_seconds() {
    let mut course = filled("p99 < 50ms", 40, |_| false);
    let rules = Rules::default();
    course.settle(29, |_| true);
    assert_eq!(course.early(&rules, 0), State::Inconclusive);
    course.settle(40, |second| second < 31);
    assert_eq!(course.early(&rules, 0), State::Pass);
    assert_eq!(course.early(&rules, 5 * SECOND_NS), State::Inconclusive);
}
