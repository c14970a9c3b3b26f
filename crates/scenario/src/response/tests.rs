use super::*;
use crate::{Request, Scenario, Step, Variables};
use http::HeaderMap;

const BODY: &str = r#"{"token":"t1","flights":[{"id":"F1","price":10.0},{"id":"F2","price":20}],"empty":[],"user":{"name":"Ada","vip":true},"none":null,"text":"two words"}"#;
const PAGE: &str =
    r#"<!doctype html><form><input name="csrf" value="c0de"><h1> Hello <b>Ada</b></h1></form>"#;

fn request(step: &str) -> Request {
    let text = format!(
        "{{ name: t, target: demo, journeys: {{ j: {{ steps: [ {{ GET: /, {step} }} ] }} }} }}"
    );
    let loaded =
        Scenario::from_bytes(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let mut journeys = loaded.scenario.journeys;
    match journeys.remove(0).steps.remove(0) {
        Step::Request(request) => *request,
        other => panic!("no request: {other:?}"),
    }
}

fn examine_as(step: &str, status: u16, body: &str) -> Result<Variables, Finding> {
    let request = request(step);
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        http::HeaderValue::from_static("application/json"),
    );
    headers.insert("location", http::HeaderValue::from_static("/next"));
    let cookie = |name: &str| (name == "session").then(|| "s3".to_owned());
    let view = ResponseView {
        status,
        header: &|name| headers.get(name).map(http::HeaderValue::as_bytes),
        body: if request.looks_at_body() {
            body.as_bytes()
        } else {
            b""
        },
        body_bytes: 1_500,
        response_ns: 20_000_000,
        cookie: &cookie,
    };
    let mut variables = Variables::default();
    request.examine(&view, &mut variables)?;
    Ok(variables)
}

fn examine(step: &str) -> Result<Variables, Finding> {
    examine_as(step, 200, BODY)
}

fn holds(expect: &str) {
    if let Err(finding) = examine(&format!("expect: {{ {expect} }}")) {
        panic!("{expect}: {finding}");
    }
}

fn fails(expect: &str) -> String {
    let finding = examine(&format!("expect: {{ {expect} }}")).expect_err(expect);
    assert_eq!(finding.kind, FindingKind::Expectation, "{expect}");
    finding.text
}

#[test]
fn statuses() {
    assert!(examine_as("name: a", 204, "").is_ok());
    assert!(examine_as("name: a", 302, "").is_ok());
    assert!(examine_as("expect: [ 201, 4xx ]", 404, "").is_ok());
    let finding = examine_as("name: a", 500, "").expect_err("500");
    assert_eq!(
        (finding.kind, finding.text.as_str()),
        (FindingKind::Status, "expected status 2xx or 3xx, got 500")
    );
    let finding = examine_as("expect: [ 201, 4xx ]", 200, "").expect_err("200");
    assert_eq!(finding.text, "expected status 201 or 4xx, got 200");
    let finding = examine_as(
        "expect: { status: 201, body: { contains: x } }",
        500,
        "sorry",
    )
    .expect_err("500");
    assert_eq!(finding.text, "expected status 201, got 500: `sorry`");
}

#[test]
fn json_tests_that_hold() {
    for test in [
        "$.token: t1",
        "$.user.vip: true",
        "$.none: null",
        "$.flights: { min_items: 2, max_items: 2, type: list }",
        "\"$.flights[0].price\": 10",
        "\"$.flights[*].price\": { min: 10, max: 20 }",
        "\"$.flights[*].id\": { contains: F2, matches: \"^F\\\\d$\" }",
        "$.user: { equals: { vip: true, name: Ada }, type: object }",
        "$.user: { min_items: 2 }",
        "$.nothing: { exists: false, max_items: 0 }",
        "$.text: { contains: words, not: other }",
        "\"$.flights[*].id\": { min_items: 2 }",
        "\"$.flights[?@.price > 15].id\": F2",
        "$.empty: { max_items: 0 }",
        "$.none: { type: null }",
        "$.token: { equals: \"{{ 't' ~ 1 }}\" }",
    ] {
        holds(&format!("json: {{ {test} }}"));
    }
}

#[test]
fn json_tests_that_fail_say_what_was_there() {
    for (test, text) in [
        (
            "$.token: t2",
            "expected json $.token equals t2, got `\"t1\"`",
        ),
        (
            "$.empty: { min_items: 1 }",
            "expected json $.empty min_items 1, got 0 items",
        ),
        (
            "$.nothing: 1",
            "expected json $.nothing equals 1, got nothing there",
        ),
        (
            "$.nothing: { min_items: 1 }",
            "expected json $.nothing min_items 1, got nothing there",
        ),
        (
            "\"$.flights[*].price\": { max: 15 }",
            "expected json $.flights[*].price max 15, got 2 values, the first `10.0`",
        ),
        (
            "$.token: { type: number }",
            "expected json $.token type number, got `\"t1\"`",
        ),
        (
            "$.token: { exists: false }",
            "expected json $.token exists false, got `\"t1\"`",
        ),
        (
            "$.token: { not: t1 }",
            "expected json $.token not t1, got `\"t1\"`",
        ),
        (
            "$.text: { matches: \"^words\" }",
            "expected json $.text matches ^words, got `\"two words\"`",
        ),
        (
            "$.text: { min: 1 }",
            "expected json $.text min 1, got `\"two words\"`",
        ),
    ] {
        assert_eq!(fails(&format!("json: {{ {test} }}")), text);
    }
}

#[test]
fn a_body_that_is_no_json_is_shown() {
    let expect = "expect: { json: { $.a: 1 } }";
    assert_eq!(
        examine_as(expect, 200, "<html>").expect_err("no JSON").text,
        "expected json $.a equals 1, got no JSON (expected value at line 1 column 1): `<html>`"
    );
    assert_eq!(
        examine_as(expect, 200, "").expect_err("empty").text,
        "expected json $.a equals 1, got an empty body, which is no JSON"
    );
}

#[test]
fn headers_bodies_sizes_latencies() {
    holds(
        "header: { content-type: application/json, Location: { contains: next, exists: true }, x-debug: { exists: false } }",
    );
    holds(
        "body: { contains: [ token, flights ], not_contains: error, matches: \"F[12]\" }, size: \"<= 1.5kB\", latency: \"< 21ms\"",
    );
    assert_eq!(
        fails("header: { x-debug: \"1\" }"),
        "expected header x-debug equals 1, got none"
    );
    assert_eq!(
        fails("header: { location: { not: /next } }"),
        "expected header location not /next, got `/next`"
    );
    assert_eq!(
        fails("size: \"< 1kB\""),
        "expected size < 1kB, got 1500 bytes"
    );
    assert_eq!(
        fails("latency: \"<= 10ms\""),
        "expected latency <= 10ms, got 20.000 ms"
    );
    let text = fails("body: { contains: confirmed }");
    assert!(
        text.starts_with("expected body contains confirmed, got `{\"token\"")
            && text.ends_with("…`"),
        "{text}"
    );
}

#[test]
fn expectations_see_variables() {
    let request = request(
        "expect: { json: { $.token: \"{{ client.id }}\" }, header: { x: \"{{ iteration }}\" } }",
    );
    let mut headers = HeaderMap::new();
    headers.insert("x", http::HeaderValue::from_static("5"));
    let view = ResponseView {
        status: 200,
        header: &|name| headers.get(name).map(http::HeaderValue::as_bytes),
        body: br#"{"token":7}"#,
        body_bytes: 0,
        response_ns: 0,
        cookie: &|_| None,
    };
    let variables = Variables {
        client: 7,
        iteration: 5,
        ..Variables::default()
    };
    assert_eq!(request.judge(&view, &variables), Ok(()));
    let finding = request
        .judge(
            &view,
            &Variables {
                client: 8,
                ..variables
            },
        )
        .expect_err("another client");
    assert_eq!(
        finding.text,
        "expected json $.token equals {{ client.id }}, got `7`"
    );
}

fn saved(save: &str, body: &str) -> Result<String, String> {
    match examine_as(&format!("save: {{ v: {save} }}"), 200, body) {
        Ok(variables) => Ok(variables.slots[0]
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()),
        Err(finding) => {
            assert_eq!(finding.kind, FindingKind::Capture);
            Err(finding.text)
        }
    }
}

#[test]
fn captures() {
    for (save, body, value) in [
        ("$.token", BODY, "t1"),
        ("\"$.flights[*].price\"", BODY, "10.0"),
        ("{ json: \"$.flights[1].price\" }", BODY, "20"),
        ("{ header: location }", "", "/next"),
        ("{ cookie: session }", "", "s3"),
        ("{ regex: 'name=\"csrf\" value=\"(\\w+)\"' }", PAGE, "c0de"),
        ("{ regex: 'Hel+o' }", PAGE, "Hello"),
        ("{ regex: '(H)(e)l+o', group: 2 }", PAGE, "e"),
        (
            "{ css: 'input[name=csrf]', attribute: value }",
            PAGE,
            "c0de",
        ),
        ("{ css: h1 }", PAGE, "Hello Ada"),
        ("{ css: h2, default: none }", PAGE, "none"),
        ("{ json: $.none, default: 5 }", BODY, "5"),
    ] {
        assert_eq!(saved(save, body), Ok(value.to_owned()), "{save}");
    }
}

#[test]
fn captures_that_find_nothing_say_where_they_looked() {
    for (save, body, text) in [
        (
            "$.nothing",
            r#"{"a":1}"#,
            "nothing to save as `v`: the JSONPath finds nothing in `{\"a\":1}`",
        ),
        (
            "$.none",
            BODY,
            "nothing to save as `v`: the JSON value is null",
        ),
        (
            "{ header: x-id }",
            "",
            "nothing to save as `v`: there is no header `x-id`",
        ),
        (
            "{ cookie: other }",
            "",
            "nothing to save as `v`: there is no cookie `other`",
        ),
        (
            "{ regex: 'x(y)' }",
            "abc",
            "nothing to save as `v`: `x(y)` does not match `abc`",
        ),
        (
            "{ css: h2 }",
            PAGE,
            "nothing to save as `v`: no element matches `h2`",
        ),
        (
            "{ css: h1, attribute: id }",
            PAGE,
            "nothing to save as `v`: the element `h1` has no attribute `id`",
        ),
    ] {
        assert_eq!(saved(save, body), Err(text.to_owned()), "{save}");
    }
}

#[test]
fn captured_values_keep_their_json_types() {
    let variables = examine("save: { v: $.user }").expect("saved");
    let value = variables.slots[0].as_ref().expect("a value");
    assert!(value.get_attr("vip").expect("a member").is_true());
}

#[test]
fn nothing_is_saved_where_an_expectation_fails() {
    let request = request("expect: { json: { $.token: t2 } }, save: { v: $.token }");
    let headers = HeaderMap::new();
    let view = ResponseView {
        status: 200,
        header: &|name| headers.get(name).map(http::HeaderValue::as_bytes),
        body: BODY.as_bytes(),
        body_bytes: 0,
        response_ns: 0,
        cookie: &|_| None,
    };
    let mut variables = Variables {
        slots: vec![None],
        ..Variables::default()
    };
    assert!(request.examine(&view, &mut variables).is_err());
    assert_eq!(variables.slots, [None]);
}

#[test]
fn bodies_are_only_looked_at_where_something_does() {
    assert!(!request("expect: { status: 200, header: { x: y }, size: \"> 1\" }, save: { a: { header: x }, b: { cookie: c } }").looks_at_body());
    assert!(request("expect: { body: { contains: x } }").looks_at_body());
    assert!(request("save: { a: { css: x } }").looks_at_body());
}
