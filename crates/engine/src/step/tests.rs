use crate::testing::{OK, deaf, drive, drive_with, errors, keep_silent, serve, serve_http1};
use plimsoll_measure::SeriesTally;
use std::io::{Read, Write};
use std::time::Duration;

const MS: u64 = 1_000_000;

fn step(finished: &crate::Finished) -> SeriesTally {
    let tally = &finished.tally;
    let step = tally.catalogue().journeys()[0].steps[0].series;
    tally.series(step).clone()
}

#[test]
fn a_connection_that_a_redirect_waits_for_in_vain_is_a_connect_timeout() {
    let (there, _waiting, _listener) = deaf();
    let here = serve_http1(move |_| {
        format!("HTTP/1.1 302 Found\r\nlocation: http://{there}/\r\ncontent-length: 0\r\n\r\n")
            .into_bytes()
    });
    let finished = drive(&format!(
        "{{ name: r, targets: {{ here: 'http://{here}/', there: 'http://{there}/' }}, load: {{ users: 1, iterations: 1 }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: /, timeout: 300ms }} ] }} }} }}"
    ));
    assert_eq!(errors(&finished), [("connect_timeout", 1)]);
}

#[test]
fn neither_the_first_attempt_nor_the_pause_is_a_wait_for_a_connection() {
    let address = serve(|number, mut stream| {
        if number == 0 {
            return keep_silent(&stream);
        }
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(OK);
    });
    let finished = drive(&format!(
        "{{ name: again, target: 'http://{address}/', load: {{ users: 1, iterations: 1 }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: /, timeout: 500ms, retry: {{ times: 1, pause: 500ms }} }} ] }} }} }}"
    ));
    let step = step(&finished);
    assert_eq!((step.outcomes.ledger.ok, step.retries), (1, 1));
    assert!(
        step.outcomes.response_ok.min().unwrap() >= 1000 * MS,
        "all of it is in the time"
    );
    assert!(
        step.conn_wait.max().unwrap() < 500 * MS,
        "{:?}",
        step.conn_wait.max()
    );
}

#[test]
fn what_was_tried_again_and_then_cut_off_keeps_its_retries() {
    let address = serve(|number, mut stream| {
        if number > 0 {
            return keep_silent(&stream);
        }
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream
            .write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
    let yaml = format!(
        "{{ name: cut, target: 'http://{address}/', load: {{ users: 1, duration: 300ms }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: /, retry: 1 }} ] }} }} }}"
    );
    let finished = drive_with(&yaml, |options| options.grace = Duration::from_millis(100));
    let step = step(&finished);
    assert_eq!(
        (step.outcomes.ledger.in_flight_at_end, step.retries),
        (1, 1)
    );
}

#[test]
fn a_connection_that_is_reset_in_the_handshake_of_tls_is_a_connect_reset() {
    let address = serve(|_, mut stream| {
        let _ = stream.read(&mut [0; 64]);
    });
    let finished = drive(&format!(
        "{{ name: tls, target: {{ url: 'https://{address}/', tls: {{ verify: false }} }}, load: {{ users: 1, iterations: 1 }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: / }} ] }} }} }}"
    ));
    assert_eq!(errors(&finished), [("connect_reset", 1)]);
}

#[test]
fn examples_are_cut_to_a_few_kib_and_nothing_that_is_masked_stands_half_before_a_cut() {
    let (filler, name) = ("x".repeat(2040), "ada@example.org");
    let body = format!("{filler}{name}{}", "y".repeat(58_000));
    let large = "h".repeat(6000);
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nx-large: {large}\r\n\r\n{body}",
        body.len()
    );
    let address = serve(move |_, mut stream| {
        let mut request = [0; 4096];
        while stream.read(&mut request).is_ok_and(|read| read == 4096) {}
        let _ = stream.write_all(answer.as_bytes());
        keep_silent(&stream);
    });
    let finished = drive(&format!(
        "{{ name: large, target: 'http://{address}/', load: {{ users: 1, iterations: 1 }}, abort_on: 'off',
            data: {{ users: {{ rows: [ {{ name: {name} }} ] }} }},
            journeys: {{ j: {{ steps: [ {{ name: a, POST: /, headers: {{ x-large: {large} }},
                body: '{filler}{{{{ users.name }}}}{}', expect: {{ body: {{ contains: nothing }} }} }} ] }} }} }}",
        "z".repeat(58_000)
    ));
    let [example] = &finished.examples[..] else {
        panic!("{:?}", finished.examples)
    };
    for text in [&example.request, &example.response] {
        assert!(text.len() < 8 * 1024, "{}", text.len());
        assert!(
            text.contains("HTTP/1.1") && text.contains("x-large: hhh"),
            "{text}"
        );
        assert!(text.contains("\n\nxxx"), "{text}");
        assert!(!text.contains("ada"), "{text}");
        assert_eq!(text.matches(" bytes more)").count(), 2, "{text}");
    }
}

#[test]
fn a_refusal_that_is_not_encoded_as_it_claims_is_a_refusal() {
    let address = serve_http1(|_| {
        b"HTTP/1.1 503 Busy\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nbusy".to_vec()
    });
    let finished = drive(&format!(
        "{{ name: busy, target: 'http://{address}/', load: {{ users: 1, iterations: 1 }},
            shed: {{ status: [ 503 ], within: 10s }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: /, retry: 1, expect: {{ json: {{ $.a: 1 }} }} }} ] }} }} }}"
    ));
    let step = step(&finished);
    assert_eq!((step.outcomes.ledger.shed, step.retries), (1, 1));
}

#[test]
fn a_redirect_to_an_error_is_no_success_of_its_hop_and_starts_with_its_own_attempt() {
    let address = serve(|number, mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let answer: &[u8] = match number {
            0 | 2 => b"HTTP/1.1 302 Found\r\nlocation: /home\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            _ => b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        };
        let _ = stream.write_all(answer);
    });
    let finished = drive(&format!(
        "{{ name: hops, target: 'http://{address}/', load: {{ users: 1, iterations: 1 }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: /, retry: {{ times: 1, pause: 500ms }} }} ] }} }} }}"
    ));
    let tally = &finished.tally;
    let hops = &tally.catalogue().journeys()[0].steps[0].hops;
    let [first, second] = [0, 1].map(|hop| tally.series(hops[hop]));
    assert_eq!(first.outcomes.response_ok.count(), 2);
    assert!(
        first.outcomes.response_ok.max().unwrap() < 500 * MS,
        "neither the attempt before nor the pause is in it"
    );
    assert_eq!(second.outcomes.response_ok.count(), 0);
    assert_eq!(second.response_failed.count(), 2);
    assert_eq!(second.statuses()[&500], 2);
}

#[test]
fn the_first_byte_is_that_of_the_response_and_not_of_a_hint_before_it() {
    let late = Duration::from_millis(200);
    let address = serve(move |_, mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n");
        // What is tested is a server that answers later than it hints.
        std::thread::sleep(late);
        let _ = stream.write_all(OK);
    });
    let finished = drive(&format!(
        "{{ name: hints, target: 'http://{address}/', load: {{ users: 1, iterations: 1 }},
            journeys: {{ j: {{ steps: [ {{ name: a, GET: / }} ] }} }} }}"
    ));
    let step = step(&finished);
    assert_eq!(step.outcomes.ledger.ok, 1);
    assert!(u128::from(step.ttfb.min().unwrap()) >= late.as_nanos());
}
