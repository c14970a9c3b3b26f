use super::*;
use crate::error::EngineError;
use crate::run::local_runtime;
use crate::testing::{OK, drive, drive_with, journeys, serve_http1, shared, worker};
use crate::timer::TimerMode;
use plimsoll_schedule::{Arrivals, LoadShape, Rate, Shard};
use std::future::poll_fn;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::{Duration, Instant};

const SCENARIO: &str = "{ name: d, target: 'http://127.0.0.1:1/', journeys: { j: { steps: [ { name: a, GET: / } ] } } }";

/// Runs something on a worker that is cut off at once, and returns how many journeys and requests were intended,
/// and how many ended.
fn counted(what: impl AsyncFnOnce(Rc<Worker>, Arc<Shared>)) -> (Vec<u64>, Vec<u64>) {
    let shared = shared(SCENARIO);
    let runtime = local_runtime(TimerMode::default()).unwrap();
    let batches = runtime.block_on(async {
        let (worker, batches) = worker(shared.clone());
        what(worker, shared).await;
        batches
    });
    drop(runtime);
    let (mut intended, mut ended) = (vec![0; 2], vec![0; 2]);
    for batch in batches {
        for (_, counts) in batch.intended {
            (0..2).for_each(|series| intended[series] += u64::from(counts[series]));
        }
        for sample in batch.samples {
            ended[sample.series.0 as usize] += 1;
        }
    }
    (intended, ended)
}

#[test]
fn who_arrived_and_had_no_turn_is_counted() {
    let (intended, ended) = counted(async |worker, _| start(&worker, 0, 0, 0, &[]));
    assert_eq!((intended, ended), (vec![1, 1], vec![1, 1]));
}

#[test]
fn what_was_due_is_counted_when_the_dispatch_has_no_further_turn() {
    let (intended, ended) = counted(async |worker, _| {
        let shape = LoadShape::constant(Rate::per_second(1000.0).unwrap(), 50_000_000);
        let schedule = Schedule::new(shape.unwrap(), Arrivals::Even, 1, Shard::WHOLE);
        // A thread that is held up for longer than the load lasts is what the test is about.
        std::thread::sleep(Duration::from_millis(60));
        let (_phase, phases) = watch::channel(Phase::Running);
        let mut dispatch = Box::pin(open(worker, schedule, phases));
        poll_fn(|context| {
            assert!(
                dispatch.as_mut().poll(context).is_pending(),
                "others have their turn"
            );
            Poll::Ready(())
        })
        .await;
    });
    assert_eq!((intended, ended), (vec![50, 50], vec![50, 50]));
}

#[test]
fn a_user_whose_task_panics_fails_the_run() {
    let runtime = local_runtime(TimerMode::default()).unwrap();
    let worked = runtime.block_on(async {
        let (worker, _batches) = worker(shared(SCENARIO));
        let presence = worker.arrive();
        tokio::task::spawn_local(async move {
            let _presence = presence;
            panic!("on purpose");
        });
        let (_phase, phases) = watch::channel(Phase::Running);
        worker.work(async {}, phases).await
    });
    assert!(matches!(worked, Err(EngineError::Worker(_))), "{worked:?}");
}

#[test]
fn users_who_were_held_up_do_not_make_up_for_what_was_not_started() {
    let began = OnceLock::new();
    let address = serve_http1(move |_| {
        let answers = *began.get_or_init(Instant::now) + Duration::from_secs(1);
        // A service that stalls for its first second is what the test is about.
        std::thread::sleep(answers.saturating_duration_since(Instant::now()));
        OK.to_vec()
    });
    let yaml = format!(
        "{{ name: slow, target: 'http://{address}/', load: {{ users: 20, duration: 2s }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: / }} ] }} }} }}"
    );
    let finished = drive_with(&yaml, |options| options.max_rate = Some(50.0));
    let started = journeys(&finished).outcomes.ledger.intended;
    assert!(started > 20, "they go on: {started}");
    assert!(
        started <= 20 + 51,
        "one each in the first second, 50 in the other: {started}"
    );
}

#[test]
fn places_are_given_in_the_order_of_asking_and_never_in_the_past() {
    let shared = shared(SCENARIO);
    let starts = [0, 0, 100, 5, 31].map(|wanted| shared.reserve_start(wanted, 10));
    assert_eq!(starts, [0, 10, 100, 110, 120]);
}

/// How many journeys went well and how many were dropped, of users who take a row from a feed of 20 for each.
fn taken(more: &str, journeys: &str) -> (u64, u64) {
    let address = serve_http1(|_| OK.to_vec());
    let rows: Vec<_> = (0..20).map(|row| format!("{{ n: {row} }}")).collect();
    let rows = rows.join(", ");
    let finished = drive(&format!(
        "{{ name: rows, target: 'http://{address}/', abort_on: 'off', {more},
            data: {{ rows: {{ rows: [ {rows} ], take: once }} }}, journeys: {{ {journeys} }} }}"
    ));
    let ledger = &finished.tally.requests().outcomes.ledger;
    (ledger.ok, ledger.dropped)
}

#[test]
fn who_finds_no_row_in_a_closed_load_leaves_without_a_trace() {
    let step = "steps: [ { name: a, GET: '/{{ rows.n }}' } ]";
    let load = "load: { users: 10, duration: 5s }";
    assert_eq!(taken(load, &format!("j: {{ {step} }}")), (20, 0));
    let shares = format!("j: {{ weight: 997, {step} }}, k: {{ weight: 3, {step} }}");
    assert_eq!(taken(load, &shares), (20, 0));
    let never = format!("j: {{ {step} }}, k: {{ weight: 0, steps: [ {{ name: b, GET: / }} ] }}");
    assert_eq!(
        taken(load, &never),
        (20, 0),
        "what is never loaded keeps nobody"
    );
}

#[test]
fn a_client_without_a_row_sends_nobody_away() {
    let (ok, dropped) = taken(
        "clients: { population: 40 }, load: { users: 2, iterations: 400 }",
        "j: { steps: [ { name: a, GET: '/{{ rows.n }}' } ] }",
    );
    assert_eq!(ok + dropped, 400);
    assert!(
        (150..250).contains(&ok),
        "half of the clients have one: {ok}"
    );
}
