use crate::testing::{OK, drive, serve_http1};
use std::sync::{Arc, Mutex};

/// The heads that a redirect from one server led to: to the same server, and to another port.
fn heads() -> [String; 2] {
    let heads: [Arc<Mutex<String>>; 2] = Default::default();
    let record = |at: usize| {
        let heads = heads[at].clone();
        move |head: &str| heads.lock().unwrap().push_str(head)
    };
    let seen = record(1);
    let there = serve_http1(move |head| {
        seen(head);
        OK.to_vec()
    });
    let seen = record(0);
    let here = serve_http1(move |head| {
        let to = match head.split(' ').nth(1) {
            Some("/stay") => "/end".to_owned(),
            Some("/go") => format!("http://{there}/end"),
            _ => {
                seen(head);
                return OK.to_vec();
            }
        };
        format!(
            "HTTP/1.1 302 Found\r\nlocation: {to}\r\nset-cookie: set=1\r\ncontent-length: 0\r\n\r\n"
        )
        .into_bytes()
    });
    let headers = "{ authorization: Bearer abc, proxy-authorization: Basic abc, x-api-key: abc, cookie: mine=1, x-run: plain }";
    let finished = drive(&format!(
        "{{ name: leads, targets: {{ here: 'http://{here}/', there: 'http://{there}/' }}, load: {{ users: 1, iterations: 1 }},
            defaults: {{ headers: {headers} }},
            journeys: {{ j: {{ steps: [ {{ name: stay, GET: /stay }}, {{ name: go, GET: /go }} ] }} }} }}"
    ));
    assert_eq!(finished.tally.requests().outcomes.ledger.ok, 2);
    heads.map(|head| head.lock().unwrap().clone())
}

#[test]
fn credentials_follow_a_redirect_within_the_origin_and_nowhere_else() {
    let [here, there] = heads();
    for credential in [
        "authorization: Bearer",
        "proxy-authorization: ",
        "x-api-key: ",
    ] {
        assert!(here.contains(credential), "{here}");
        assert!(!there.contains(credential), "{there}");
    }
    assert!(here.contains("cookie: mine=1; set=1\r\n"), "{here}");
    assert!(!there.contains("mine=1"), "{there}");
    for head in [here, there] {
        assert!(head.contains("x-run: plain\r\n"), "{head}");
    }
}
