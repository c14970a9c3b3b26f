//! What the tests of this crate share: servers that do as they are told, and short runs.

use crate::clock::Clock;
use crate::collector::Tick;
use crate::compiled::Compiled;
use crate::recorder::{Batch, Recorder};
use crate::rules::Rules;
use crate::run::{Finished, RunOptions, Stop, run};
use crate::shared::Shared;
use crate::timer::TimerMode;
use crate::worker::Worker;
use plimsoll_measure::SeriesTally;
use plimsoll_scenario::Scenario;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

/// What a server answers that has nothing to say.
pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Gives each connection to `talk`, on a thread of its own, with its number from 0.
pub(crate) fn serve(talk: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let talk = Arc::new(talk);
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            let talk = talk.clone();
            std::thread::spawn(move || talk(number, stream));
        }
    });
    address
}

/// Answers each request without a body, given as its head, by HTTP/1.1. Nothing to say: the connection is closed.
pub(crate) fn serve_http1(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> SocketAddr {
    serve(move |_, mut stream| {
        let mut head = Vec::new();
        let mut byte = [0];
        while stream.read(&mut byte).is_ok_and(|read| read == 1) {
            head.push(byte[0]);
            if head.ends_with(b"\r\n\r\n") {
                let answer = answer(&String::from_utf8_lossy(&head));
                if answer.is_empty() || stream.write_all(&answer).is_err() {
                    return;
                }
                head.clear();
            }
        }
    })
}

/// Keeps a connection open and silent for as long as the client does.
pub(crate) fn keep_silent(mut stream: &TcpStream) {
    let mut bytes = [0; 1024];
    while stream.read(&mut bytes).is_ok_and(|read| read > 0) {}
}

/// Who listens there, and does not take any more connections: they are begun and never established.
pub(crate) fn deaf() -> (SocketAddr, Vec<TcpStream>, TcpListener) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    let listener = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        socket.listen(1).unwrap().into_std().unwrap()
    });
    let address = listener.local_addr().unwrap();
    let briefly = Duration::from_millis(100);
    let waiting = (0..4).map_while(|_| TcpStream::connect_timeout(&address, briefly).ok());
    (address, waiting.collect(), listener)
}

pub(crate) fn scenario(yaml: &str) -> Arc<Scenario> {
    let loaded = Scenario::from_bytes(yaml.as_bytes());
    Arc::new(
        loaded
            .unwrap_or_else(|problems| panic!("{problems:?}"))
            .scenario,
    )
}

/// The scenario's own load, on one thread.
pub(crate) fn options(scenario: &Scenario) -> RunOptions {
    RunOptions {
        load: scenario.load.clone().unwrap(),
        demo: None,
        threads: 1,
        seed: 1,
        drop_after: None,
        grace: Duration::from_secs(30),
        max_rate: None,
        timer: TimerMode::default(),
        stop_when_decided: false,
        rules: Rules::of(scenario),
    }
}

/// Drives a scenario.
pub(crate) fn drive(yaml: &str) -> Finished {
    drive_with(yaml, |_| {})
}

/// Drives a scenario with other options.
pub(crate) fn drive_with(yaml: &str, change: impl FnOnce(&mut RunOptions)) -> Finished {
    let scenario = scenario(yaml);
    let mut options = options(&scenario);
    change(&mut options);
    let finished = run(scenario, &options, &mut |_: &Tick<'_>| {}, &Stop::default()).unwrap();
    assert!(finished.tally.requests().outcomes.ledger.balances());
    finished
}

/// What was counted of whole journeys, of the first one.
pub(crate) fn journeys(finished: &Finished) -> SeriesTally {
    let tally = &finished.tally;
    tally.series(tally.catalogue().journeys()[0].series).clone()
}

/// The kinds of errors and how many there were of each.
pub(crate) fn errors(finished: &Finished) -> Vec<(&'static str, u64)> {
    let requests = finished.tally.requests();
    requests
        .errors()
        .map(|(kind, count)| (kind.name(), count))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// What all workers of a scenario would share, its clock started.
pub(crate) fn shared(yaml: &str) -> Arc<Shared> {
    let scenario = scenario(yaml);
    let rules = Rules::of(&scenario);
    let compiled = Compiled::compile(scenario, None).unwrap();
    let (events, _) = mpsc::channel();
    Shared::new(Clock::starting_in(0), compiled, 1, None, rules, events)
}

/// A worker, and its batches. Needs a runtime on this thread.
pub(crate) fn worker(shared: Arc<Shared>) -> (Rc<Worker>, Receiver<Batch>) {
    let (full, batches) = mpsc::channel();
    let (_, spare) = mpsc::channel();
    let recorder = Recorder::new(0, shared.compiled.catalogue.len(), full, spare);
    let worker = Worker::new(shared, recorder, 1, TimerMode::default(), None).unwrap();
    worker.spawn_services();
    (worker, batches)
}
