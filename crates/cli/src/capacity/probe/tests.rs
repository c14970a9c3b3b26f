use super::*;
use plimsoll_report::document::ResourcePoint;

const S: u64 = 1_000_000_000;

#[test]
fn throughput_and_processors_are_of_the_same_time() {
    // 100 a second from 5 s to 35 s. One answer hangs until 65 s.
    let mut looks: Vec<(u64, u64)> = (1..=35).map(|second| (second * S, 100)).collect();
    looks.extend((36..=64).map(|second| (second * S, 0)));
    looks.push((65 * S, 1));
    let span = Served(looks).within(5 * S, 35 * S).unwrap();
    assert_eq!((span.from_ns, span.until_ns), (5 * S, 35 * S));
    assert_eq!(span.throughput(), Some(100.0));
    let points = (1..=65).map(|second| ResourcePoint {
        at_ns: second * S,
        processors: Some(if second <= 35 { 0.4 } else { 0.0 }),
        ..ResourcePoint::default()
    });
    let resources = Resources {
        source: String::new(),
        restarts: 0,
        points: points.collect(),
    };
    let used = processors(&[resources], &span).unwrap();
    assert!((used - 0.4).abs() < 1e-9, "{used}");
}

#[test]
fn a_span_is_between_looks() {
    let served = Served(vec![(S, 10), (2 * S, 20), (3 * S, 30), (4 * S, 40)]);
    // What came before the first look within is not of it.
    let span = served.within(S + 1, 3 * S + 1).unwrap();
    assert_eq!((span.from_ns, span.until_ns, span.ok), (2 * S, 3 * S, 30));
    assert_eq!(served.within(2 * S, 2 * S + 1), None);
    assert_eq!(Served::default().within(0, S), None);
}

#[test]
fn goodput_is_of_journeys_and_not_of_requests() {
    // Of 100 journeys of ten steps each, 10 end with a step that fails.
    let journeys = Ledger {
        intended: 100,
        ok: 90,
        failed: 10,
        ..Ledger::default()
    };
    let mut requests = Outcomes::default();
    (requests.ledger.intended, requests.ledger.ok) = (1000, 990);
    let told = |requests: &Outcomes| goodput(50.0, &journeys, requests).unwrap();
    assert!((told(&requests) - 45.0).abs() < 1e-9);
    requests.late = 99;
    assert!((told(&requests) - 40.5).abs() < 1e-9);
    assert_eq!(goodput(50.0, &Ledger::default(), &requests), None);
    assert_eq!(goodput(50.0, &journeys, &Outcomes::default()), Some(0.0));
}

#[test]
fn each_jump_of_the_load_is_marked() {
    let offer = Offer {
        kind: "from_above",
        number: 1,
        rate: 100.0,
        before: vec![(125.0, 30.0), (80.0, 60.0)],
        trimmed_s: 5.0,
        lengths_s: vec![120.0],
    };
    let told: Vec<_> = jumps(&offer)
        .into_iter()
        .map(|mark| (mark.at_ns / S, mark.text))
        .collect();
    assert_eq!(
        told,
        [
            (30, "125/s to 80/s".to_owned()),
            (90, "80/s to 100/s".to_owned())
        ]
    );
    assert_eq!(
        jumps(&Offer {
            before: Vec::new(),
            ..offer
        })
        .len(),
        0
    );
}
