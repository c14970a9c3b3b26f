use super::*;
use crate::testing::{OK, deaf, drive, serve_http1, shared, worker};
use crate::worker::Worker;
use plimsoll_measure::ErrorKind;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

#[test]
fn users_get_the_connections_of_a_limited_pool_in_the_order_in_which_they_asked() {
    let asked: Arc<Mutex<Vec<usize>>> = Arc::default();
    let seen = asked.clone();
    let address = serve_http1(move |head| {
        let number = head
            .split(['/', ' '])
            .nth(2)
            .and_then(|text| text.parse().ok());
        seen.lock().unwrap().push(number.unwrap());
        std::thread::sleep(std::time::Duration::from_millis(5));
        OK.to_vec()
    });
    let finished = drive(&format!(
        "{{ name: few, target: {{ url: 'http://{address}/', connections: {{ pooled: {{ max: 10 }} }} }}, load: {{ users: 64, iterations: 640 }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: '/{{{{ iteration }}}}' }} ] }} }} }}"
    ));
    assert_eq!(finished.tally.requests().outcomes.ledger.ok, 640);
    for (place, number) in asked.lock().unwrap().iter().enumerate() {
        assert!(
            place.abs_diff(*number) <= 64,
            "{number} was asked for as number {place}"
        );
    }
}

/// Runs something with a worker whose only target speaks HTTP/2 by prior knowledge.
fn with_http2(address: SocketAddr, test: impl AsyncFnOnce(&Worker)) {
    let yaml = format!(
        "{{ name: h2, target: {{ url: 'http://{address}/', http: 2 }}, journeys: {{ j: {{ steps: [ {{ name: a, GET: / }} ] }} }} }}"
    );
    let runtime = crate::run::local_runtime(crate::timer::TimerMode::default()).unwrap();
    runtime.block_on(async {
        let (worker, _batches) = worker(shared(&yaml));
        test(&worker).await;
    });
}

async fn poll_once<F: Future>(future: &mut Pin<Box<F>>) -> Option<F::Output> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[test]
fn an_opening_for_all_outlives_whoever_began_it() {
    let (address, _waiting, _listener) = deaf();
    with_http2(address, async |worker| {
        let endpoint = worker.endpoint(0);
        let way = Way {
            route: &endpoint.route,
            resolver: &worker.resolver,
            means: &worker.means,
            clock: worker.clock,
        };
        let pool = Pool::new(None, None);
        let (first, second) = (Progress::default(), Progress::default());
        let mut began = Box::pin(pool.lease(way, &first));
        let mut waits = Box::pin(pool.lease(way, &second));
        assert!(poll_once(&mut began).await.is_none());
        assert!(poll_once(&mut waits).await.is_none());
        tokio::task::yield_now().await;
        drop(began);
        assert!(poll_once(&mut waits).await.is_none());
        assert_eq!(
            (pool.opening.get(), pool.open.get()),
            (1, 1),
            "the same one goes on"
        );
        assert_eq!(second.stage(), Stage::Connecting);
    });
}

#[test]
fn all_who_wait_for_a_connection_hear_why_there_is_none() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    with_http2(address, async |worker| {
        let endpoint = worker.endpoint(0);
        let way = Way {
            route: &endpoint.route,
            resolver: &worker.resolver,
            means: &worker.means,
            clock: worker.clock,
        };
        let pool = Pool::new(Some(1), None);
        let progress = Progress::default();
        let mut first = Box::pin(pool.lease(way, &progress));
        let mut second = Box::pin(pool.lease(way, &progress));
        assert!(poll_once(&mut first).await.is_none());
        assert!(poll_once(&mut second).await.is_none());
        for lease in [first, second] {
            let failure = lease.await.err().unwrap();
            assert_eq!(failure.kind, ErrorKind::ConnectRefused);
        }
        assert!(pool.queue.is_empty());
        assert_eq!((pool.opening.get(), pool.open.get()), (0, 0));
    });
}
