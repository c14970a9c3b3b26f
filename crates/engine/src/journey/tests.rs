use super::*;
use crate::testing::{OK, drive, journeys, serve_http1};
use std::time::Duration;

const MS: u64 = 1_000_000;

/// The shortest response time of the journeys of one user.
fn shortest(steps: &str) -> (u64, u64) {
    let address = serve_http1(|_| {
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
        failed: None,
    };
    let requests = Cursor {
        at: 500,
        end: 500,
        thinking: 200,
        thought: 200,
        failed: None,
    };
    let joined = joined(&[thinks, requests]).unwrap();
    assert_eq!((joined.at, joined.thinking), (1100, 1000));
    assert_eq!((joined.end, joined.thought), (500, 200));
}
