use super::*;
use crate::testing::{OK, drive, journeys, serve_http1};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MS: u64 = 1_000_000;

/// The shortest response time of the journeys of one user.
fn shortest(steps: &str) -> (u64, u64) {
    let address = serve_http1(|_| {
        // An answer that takes a time of which a journey has to have at least as much.
        std::thread::sleep(Duration::from_millis(60));
        OK.to_vec()
    });
    let yaml = format!(
        "{{ name: thinks, target: 'http://{address}/', load: {{ users: 1, iterations: 2 }}, journeys: {{ j: {{ steps: {steps} }} }} }}"
    );
    let journeys = journeys(&drive(&yaml));
    let shortest = journeys.outcomes.response_ok.min().unwrap();
    (shortest, journeys.duration.min().unwrap_or(shortest))
}

#[test]
fn what_is_thought_after_the_last_request_is_not_in_the_time_and_not_taken_out_of_it() {
    let (response, duration) = shortest("[ { name: a, GET: /a }, { think: 300ms } ]");
    assert!(response >= 60 * MS && duration >= 60 * MS, "{response}");
    let (response, duration) =
        shortest("[ { repeat: 3, steps: [ { name: a, GET: /a }, { think: 100ms } ] } ]");
    assert!(response >= 180 * MS, "{response}");
    assert!(
        duration >= 380 * MS,
        "two thoughts are in between: {duration}"
    );
    let parallel = "[ { parallel: [ { name: a, GET: /a }, { group: g, steps: [ { name: b, GET: /b }, { think: 300ms } ] } ] } ]";
    let (response, _) = shortest(parallel);
    assert!(response >= 60 * MS, "{response}");
}

#[test]
fn branches_say_apart_when_the_journey_goes_on_and_when_its_last_request_ended() {
    let thinks = Cursor {
        at: 1100,
        end: 100,
        thinking: 1000,
        thought: 0,
        round: 0,
        failed: None,
    };
    let requests = Cursor {
        at: 500,
        end: 500,
        thinking: 200,
        thought: 200,
        round: 0,
        failed: None,
    };
    let joined = joined(&[thinks, requests]).unwrap();
    assert_eq!((joined.at, joined.thinking), (1100, 1000));
    assert_eq!((joined.end, joined.thought), (500, 200));
}

#[test]
fn branches_count_the_rounds_of_their_repeats_apart() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = seen.clone();
    let address = serve_http1(move |head| {
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let pause = if path.starts_with("/quick") { 5 } else { 20 };
        noted.lock().unwrap().push(path.clone());
        // Answers of different speed, so that the branches do not go on in step.
        std::thread::sleep(Duration::from_millis(pause));
        format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{path}",
            path.len()
        )
        .into_bytes()
    });
    let branch = |name: &str, times: u64| {
        let request = |step: &str| {
            let path = format!("/{name}/{{{{ repeat.index }}}}/{step}");
            format!(
                "{{ name: {name} {step}, GET: '{path}', expect: {{ body: {{ equals: '{path}' }} }} }}"
            )
        };
        let (a, b) = (request("a"), request("b"));
        format!(
            "{{ repeat: {{ times: 9, while: repeat.index < {times} }},
                steps: [ {a}, {{ if: repeat.index < {times}, steps: [ {b} ] }} ] }}"
        )
    };
    let finished = drive(&format!(
        "{{ name: rounds, target: 'http://{address}/', load: {{ users: 1, iterations: 1 }}, journeys: {{ j: {{ steps: [
            {{ repeat: 2, steps: [
                {{ parallel: [ {}, {} ] }},
                {{ name: after, GET: '/after/{{{{ repeat.index }}}}/' }} ] }} ] }} }} }}",
        branch("quick", 3),
        branch("slow", 2),
    ));
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    let mut expected = vec!["/after/0/".to_owned(), "/after/1/".to_owned()];
    for _ in 0..2 {
        for (name, times) in [("quick", 3), ("slow", 2)] {
            for round in 0..times {
                expected.extend(["a", "b"].map(|step| format!("/{name}/{round}/{step}")));
            }
        }
    }
    expected.sort();
    assert_eq!(seen, expected);
    assert_eq!(journeys(&finished).outcomes.ledger.ok, 1);
}
