use super::*;
use crate::testing::{options, shared, worker};

const SCENARIO: &str = "{ name: r, target: 'http://127.0.0.1:1/', load: { users: 1, duration: 1m },
    journeys: { j: { steps: [ { name: a, GET: / } ] } } }";

#[test]
fn a_worker_that_cannot_be_set_up_ends_the_run_of_all() {
    let shared = shared(SCENARIO);
    let scenario = shared.compiled.scenario.clone();
    let options = options(&scenario);
    let (hand_over, shared_of) = mpsc::channel();
    hand_over.send(shared.clone()).unwrap();
    let (_running, phase) = watch::channel(Phase::Running);
    let start = Start {
        index: 0,
        threads: 2,
        shared: shared_of,
        recorder: Recorder::new(0, 2, mpsc::channel().0, mpsc::channel().1),
        ready: Arc::new(Barrier::new(1)),
        phase: phase.clone(),
        plan: Plan::of(&scenario, &options).unwrap(),
    };
    let failed = start.run(Err(std::io::Error::other("too many open files")));
    assert!(matches!(failed, Err(EngineError::Setup(_))), "{failed:?}");
    assert!(shared.broken().is_some(), "which ends the run");
    let runtime = local_runtime(TimerMode::default()).unwrap();
    let other = runtime.block_on(async {
        let (worker, _batches) = worker(shared);
        worker.work(async {}, phase).await
    });
    let said = other.unwrap_err().to_string();
    assert!(said.ends_with("too many open files"), "{said}");
}
