//! What steps become.

use crate::support::{load, steps, valid};
use plimsoll_scenario::{Body, PartContent, Request, Step, Template, Think, Variables};
use std::time::Duration;

fn request(step: &str) -> Request {
    let mut scenario = valid(&format!(
        "name: t\ntarget: {{ url: 'https://{{{{ env.HOST }}}}/base' }}\ndefaults: {{ headers: {{ Accept: json, x-a: 1 }}, timeout: 3s }}\njourneys: {{ j: {{ steps: [ {step} ] }} }}\n"
    ));
    match scenario.journeys.remove(0).steps.remove(0) {
        Step::Request(request) => *request,
        other => panic!("no request: {other:?}"),
    }
}

fn text(template: &Template) -> String {
    let mut out = String::new();
    template
        .render(&Variables::default(), &mut out)
        .expect("renders");
    out
}

fn headers(request: &Request) -> Vec<String> {
    request
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", text(value)))
        .collect()
}

#[test]
fn a_steps_headers_go_before_the_defaults() {
    assert_eq!(headers(&request("{ GET: / }")), ["accept: json", "x-a: 1"]);
    assert_eq!(
        headers(&request(
            "{ GET: /, headers: { ACCEPT: html, x-a: null, x-b: true } }"
        )),
        ["accept: html", "x-b: true"]
    );
}

#[test]
fn bodies_bring_their_content_type_unless_it_is_given() {
    for (body, content_type) in [
        ("json: { a: 1 }", "application/json"),
        ("form: { a: 1 }", "application/x-www-form-urlencoded"),
        ("body: x", "text/plain; charset=utf-8"),
        ("file: picture.png", "image/png"),
        ("body: x, headers: { content-type: a/b }", "a/b"),
    ] {
        let request = request(&format!("{{ POST: /, {body} }}"));
        assert_eq!(
            headers(&request).last(),
            Some(&format!("content-type: {content_type}"))
        );
    }
}

#[test]
fn files_and_parts_are_read_when_the_scenario_is_loaded() {
    let request = request(
        "{ POST: /, multipart: { note: 'hi {{ client.id }}', picture: { file: picture.png, file_name: me.png }, raw: { value: 5, type: text/x } } }",
    );
    let Body::Multipart { boundary, parts } = &request.body else {
        panic!("no multipart")
    };
    assert_eq!(
        headers(&request).last(),
        Some(&format!(
            "content-type: multipart/form-data; boundary={boundary}"
        ))
    );
    assert!(matches!(&parts[0].content, PartContent::Text(template) if text(template) == "hi 0"));
    assert!(matches!(&parts[1].content, PartContent::Bytes(bytes) if bytes.starts_with(&[137])));
    assert_eq!(
        (
            parts[1].file_name.as_deref(),
            parts[1].content_type.as_deref()
        ),
        (Some("me.png"), Some("image/png"))
    );
    assert_eq!(parts[2].content_type.as_deref(), Some("text/x"));
}

#[test]
fn redirects_and_timeouts() {
    for (step, redirects) in [
        ("{ GET: / }", 10),
        ("{ GET: /, redirects: none }", 0),
        ("{ GET: /, redirects: 3 }", 3),
        ("{ GET: /, redirects: follow }", 10),
    ] {
        assert_eq!(request(step).redirects, redirects);
    }
    assert_eq!(request("{ GET: / }").timeout, Duration::from_secs(3));
    assert_eq!(
        request("{ GET: /, timeout: 1m }").timeout,
        Duration::from_secs(60)
    );
}

#[test]
fn think_times() {
    let scenario = valid(&steps(
        "      - { GET: / }\n      - think: 2s\n      - think: 1..3s\n      - think: { normal: { mean: 1s, sd: 200ms } }\n      - think: { exponential: { mean: 1s } }",
    ));
    let second = Duration::from_secs(1);
    let thinks: Vec<Think> = scenario.journeys[0]
        .steps
        .iter()
        .filter_map(|step| {
            if let Step::Think(think) = step {
                Some(*think)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(
        thinks,
        [
            Think::Fixed(second * 2),
            Think::Uniform(second, second * 3),
            Think::Normal {
                mean: second,
                sd: Duration::from_millis(200)
            },
            Think::Exponential { mean: second },
        ]
    );
}

#[test]
fn captures_reach_the_steps_behind_branches() {
    let scenario = valid(&steps(
        "      - { if: travellers.vip, steps: [ { name: a, GET: /, save: { x: $.x } } ], else: [ { name: b, GET: /, save: { x: $.x } } ] }
      - parallel: [ { group: g, steps: [ { name: c, GET: '/{{ x }}', save: { y: $.y } }, { name: d, GET: '/{{ y }}' } ] }, { name: e, GET: / } ]
      - { repeat: { while: 'z is undefined or z', times: 3 }, steps: [ { name: f, GET: '/{{ y }}', save: { z: { json: $.z, default: '' } } } ] }",
    ));
    let journey = &scenario.journeys[0];
    assert_eq!(journey.slots, 3);
    let names: Vec<&str> = journey
        .requests
        .iter()
        .map(|request| request.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn json_feeds_keep_types_and_files_are_listed_once() {
    let scenario = valid(
        "name: t\ntarget: demo\ndata: { a: { file: rows.jsonl, take: once }, b: { file: rows.json }, c: { file: travellers.csv, columns: [ x, y, z ] }, d: { file: rows.json } }\njourneys: { j: { steps: [ { POST: /, json: [ '{{ a.a }}', '{{ b.a }}', '{{ c.x }}', '{{ d.a[1] }}' ] } ] } }\n",
    );
    let rows: Vec<usize> = scenario.feeds.iter().map(|feed| feed.rows.len()).collect();
    assert_eq!(rows, [2, 1, 3, 1]);
    assert_eq!(scenario.sources.len(), 4);
    let variables = Variables {
        rows: scenario
            .feeds
            .iter()
            .map(|feed| feed.rows.first().cloned())
            .collect(),
        ..Variables::default()
    };
    let Step::Request(request) = &scenario.journeys[0].steps[0] else {
        panic!("no request")
    };
    let Body::Text(template) = &request.body else {
        panic!("no text")
    };
    let mut out = String::new();
    template.render(&variables, &mut out).expect("renders");
    assert_eq!(out, r#"[1,[1,2],"name",2]"#);
}

#[test]
fn what_is_odd_but_possible_is_a_warning() {
    let text = "name: t\ntarget: { url: 'http://shop.example', tls: { verify: false } }\ndata: { travellers: { file: travellers.csv } }\njourneys: { j: { steps: [ { GET: /, save: { x: $.x } } ] } }\n";
    let loaded = load(text).unwrap_or_else(|problems| panic!("{problems}"));
    let warnings: Vec<String> = loaded
        .warnings
        .iter()
        .map(|warning| format!("{}:{} {}", warning.line, warning.column, warning.message))
        .collect();
    assert_eq!(
        warnings,
        [
            "2:39 this target is spoken to without TLS, so these options do nothing",
            "3:9 no template uses the feed `travellers`",
            "4:45 nothing uses `x`",
        ]
    );
}

#[test]
fn secrets_and_keys_stay_out_of_the_result_bundle() {
    let scenario = valid(
        "name: t\ntarget: { url: 'https://shop.example', tls: { ca: ca.pem, client_cert: ca.pem, client_key: ca.pem } }\nsecrets: { pin: { file: /run/secrets/pin } }\njourneys: { j: { steps: [ { POST: /, body: '{{ secret.pin }}' } ] } }\n",
    );
    assert_eq!(scenario.sources.len(), 1);
    assert_eq!(scenario.secrets.mask("pin 1234"), "pin ***");
    assert!(scenario.targets[0].tls.client.is_some());
}
