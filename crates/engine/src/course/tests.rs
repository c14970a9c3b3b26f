use super::*;
use crate::testing::{OK, deaf, drive, drive_with, errors, serve_http1, shared};
use plimsoll_measure::Timetable;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// A run of ten seconds with a minute of grace.
fn course() -> Course {
    let shared = shared(
        "{ name: c, target: 'http://127.0.0.1:1/', journeys: { j: { steps: [ { name: a, GET: / } ] } } }",
    );
    let (catalogue, timetable) = (shared.compiled.catalogue.clone(), Timetable::default());
    Course {
        clock: shared.clock,
        shared,
        is_closed: false,
        collector: Collector::new(catalogue, Vec::new(), timetable, Vec::new()),
        received: mpsc::channel().1,
        events: mpsc::channel().1,
        phase: watch::channel(Phase::Running).0,
        planned_ns: Some(10 * SECOND),
        grace_ns: 60 * SECOND,
        abort: Vec::new(),
        stop_when_decided: false,
        ended: Ended::Complete,
        arrivals_ended: None,
        hurried_until: None,
        is_over: false,
        last_batch_ns: 0,
    }
}

#[test]
fn an_interrupted_run_waits_a_few_seconds_and_one_that_saw_enough_the_whole_grace() {
    let (mut course, stop) = (course(), Stop::default());
    assert_eq!(course.heed(&stop, 4 * SECOND), u64::MAX);
    stop.stop();
    assert_eq!(course.heed(&stop, 4 * SECOND), 9 * SECOND);
    assert_eq!(course.ended, Ended::Interrupted);
    assert_eq!(course.arrivals_ns(70 * SECOND), 4 * SECOND);

    let (mut course, stop) = (self::course(), Stop::default());
    stop.enough();
    assert_eq!(course.heed(&stop, 4 * SECOND), 64 * SECOND);
    assert_eq!(course.ended, Ended::Decided);
    stop.stop();
    assert_eq!(
        course.heed(&stop, 20 * SECOND),
        25 * SECOND,
        "unless somebody has no patience"
    );
    assert_eq!(course.heed(&stop, 21 * SECOND), 25 * SECOND);
}

#[test]
fn a_stop_after_the_last_arrival_shortens_the_grace_alone() {
    let (mut course, stop) = (course(), Stop::default());
    stop.stop();
    assert_eq!(course.heed(&stop, 12 * SECOND), 17 * SECOND);
    assert_eq!(course.ended, Ended::Complete, "all of the load was driven");
    assert_eq!(course.arrivals_ns(17 * SECOND), 10 * SECOND);
}

#[test]
fn what_hangs_after_the_last_arrival_aborts_nothing() {
    let asked = AtomicUsize::new(0);
    let address = serve_http1(move |_| {
        if asked.fetch_add(1, Ordering::Relaxed) >= 10 {
            // A server that hangs is what the test is about; nobody waits for it.
            std::thread::sleep(std::time::Duration::from_secs(10));
        }
        OK.to_vec()
    });
    let finished = drive(&format!(
        "{{ name: hangs, target: 'http://{address}/', load: {{ rate: 20/s, duration: 1s }}, abort_on: timeouts > 90% for 1s,
            journeys: {{ j: {{ steps: [ {{ name: a, GET: /, timeout: 1500ms }} ] }} }} }}"
    ));
    assert_eq!(errors(&finished), [("timeout", 10)]);
    assert_eq!(finished.ended, Ended::Complete);
    assert_eq!(finished.arrivals_ns, SECOND);
}

#[test]
fn users_who_have_all_gone_end_the_arrivals() {
    let address = serve_http1(|_| OK.to_vec());
    let finished = drive(&format!(
        "{{ name: few, target: 'http://{address}/', load: {{ users: 2, iterations: 4, duration: 60s }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: / }} ] }} }} }}"
    ));
    assert_eq!(finished.tally.requests().outcomes.ledger.ok, 4);
    assert!(finished.arrivals_ns < 60 * SECOND && finished.arrivals_ns <= finished.elapsed_ns);
}

#[test]
fn users_who_are_cut_off_were_there_to_the_end() {
    let (address, _waiting, _listener) = deaf();
    let yaml = format!(
        "{{ name: hung, target: 'http://{address}/', load: {{ users: 2, duration: 200ms }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: / }} ] }} }} }}"
    );
    let finished = drive_with(&yaml, |options| {
        options.grace = std::time::Duration::from_millis(100);
    });
    assert_eq!(
        finished.tally.requests().outcomes.ledger.in_flight_at_end,
        2
    );
    assert_eq!(finished.arrivals_ns, SECOND / 5);
}

#[test]
fn a_task_that_panicked_ends_the_run_at_once() {
    let mut course = course();
    let (batches, received) = mpsc::channel();
    course.received = received;
    let phase = course.phase.subscribe();
    let worker = std::thread::spawn(move || {
        while *phase.borrow() < Phase::Over {
            // Between two looks; how long it takes decides nothing.
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(batches);
    });
    course.shared.breaks("on purpose");
    course.follow(&mut |_: &crate::Tick<'_>| {}, &Stop::default());
    worker.join().unwrap();
}
