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
