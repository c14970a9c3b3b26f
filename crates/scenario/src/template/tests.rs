use super::*;
use crate::{Body, LoadOptions, MapLoader, Request, Scenario, Step};
use std::path::Path;

/// A scenario whose last step is `step`, after one that saves `token`, `user` and `link`.
fn load(step: &str) -> Result<Scenario, String> {
    let text = format!(
        "name: t
target: demo
data:
  travellers: {{ rows: [ {{ home: \"L HR/ä\", vip: \"false\", seats: 2, tags: [ a, b ] }} ] }}
journeys:
  j:
    steps:
      - {{ name: first, GET: /, save: {{ token: $.token, user: $.user, link: {{ header: location }} }} }}
      - {step}
"
    );
    let loader = MapLoader::default().with("t.yaml", text);
    let env = |name: &str| (name == "PASSWORD").then(|| "p\"w d".to_owned());
    Scenario::load(Path::new("t.yaml"), &loader, &LoadOptions { env: &env })
        .map(|loaded| loaded.scenario)
        .map_err(|problems| problems.to_string())
}

fn variables(scenario: &Scenario) -> Variables {
    let user: serde_json::Value = serde_json::json!({ "id": 7, "name": "Ada" });
    Variables {
        slots: vec![
            Some(Value::from("t0/k n")),
            Some(crate::response::from_json(&user)),
            Some(Value::from("https://x.example/a b?c=d")),
        ],
        rows: vec![Some(scenario.feeds[0].rows[0].clone())],
        client: 42,
        iteration: 3,
        repeat: 5,
    }
}

fn last(scenario: &Scenario) -> &Request {
    match scenario.journeys[0].steps.last() {
        Some(Step::Request(request)) => request,
        other => panic!("no request: {other:?}"),
    }
}

fn rendered(template: &Template, variables: &Variables) -> String {
    let mut out = String::new();
    template.render(variables, &mut out).expect("renders");
    out
}

fn body(step: &str) -> String {
    let scenario = load(step).expect("valid");
    match &last(&scenario).body {
        Body::Text(template) => rendered(template, &variables(&scenario)),
        other => panic!("no text: {other:?}"),
    }
}

fn url(text: &str) -> String {
    let scenario = load(&format!("{{ name: x, GET: '{text}' }}")).expect("valid");
    rendered(&last(&scenario).url, &variables(&scenario))
}

#[test]
fn plain_bodies_take_values_as_they_are() {
    assert_eq!(
        body(
            r#"{ POST: /x, body: "{{ token }} {{travellers.home}} {{ client.id }} {{ iteration }} {{ user.name }} {{ travellers.tags }}" }"#
        ),
        r#"t0/k n L HR/ä 42 3 Ada ["a","b"]"#
    );
}

#[test]
fn expressions_and_blocks_are_jinja() {
    assert_eq!(
        body(
            r#"{ POST: /x, body: "{{ token | upper }}{% for tag in travellers.tags %}-{{ tag }}{% endfor %}{{ travellers['seats'] + 1 }}" }"#
        ),
        "T0/K N-a-b3"
    );
    assert_eq!(body(r#"{ POST: /x, body: "{{ '{{' }}" }"#), "{{");
    assert_eq!(
        body("{ POST: /x, body: \"{% if true %}x{% endif %}\\n\" }"),
        "x\n"
    );
}

#[test]
fn json_bodies_keep_types_and_escape_texts() {
    assert_eq!(
        body(
            r#"{ POST: /x, json: { seats: "{{ travellers.seats }}", text: "{{ travellers.seats }}!", id: "{{ user.id }}", user: "{{ user }}", tags: "{{ travellers.tags }}", quoted: "a\"{{ secret.password }}", whole: "{{ secret.password }}", n: 1.50, none: null, up: "{{ token | upper }}", sum: "{{ travellers.seats + 1 }}", "a\"b": [ true ] } }"#
        ),
        r#"{"seats":2,"text":"2!","id":7,"user":{"id":7,"name":"Ada"},"tags":["a","b"],"quoted":"a\"p\"w d","whole":"p\"w d","n":1.5,"none":null,"up":"T0/K N","sum":3,"a\"b":[true]}"#
            .replace("a\\\"p\"w d", "a\\\"p\\\"w d")
            .replace(":\"p\"w d", ":\"p\\\"w d")
    );
}

#[test]
fn every_json_body_is_json() {
    let text = body(
        r#"{ POST: /x, json: { a: "x{{ token }}\n", b: "{{ travellers.home }}", c: "{{ secret.password | upper }}" } }"#,
    );
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["a"], "xt0/k n\n");
    assert_eq!(json["c"], "P\"W D");
}

#[test]
fn values_in_urls_are_percent_encoded() {
    assert_eq!(
        url("/search?from={{ travellers.home }}&to=ROM"),
        "/search?from=L%20HR%2F%C3%A4&to=ROM"
    );
    assert_eq!(url("/users/{{ token }}/x y"), "/users/t0%2Fk%20n/x%20y");
    assert_eq!(url("/u/{{ token | upper }}"), "/u/T0%2FK%20N");
}

#[test]
fn a_captured_link_at_the_start_and_safe_values_stay_as_they_are() {
    assert_eq!(url("{{ link }}"), "https://x.example/a%20b?c=d");
    assert_eq!(
        url("{{ link }}&e={{ token }}"),
        "https://x.example/a%20b?c=d&e=t0%2Fk%20n"
    );
    assert_eq!(url("/x/{{ token | safe }}"), "/x/t0/k n");
}

#[test]
fn queries_and_forms_are_urlencoded() {
    let scenario = load(r#"{ GET: "/s?a=1", query: { "b c": "{{ token }}", d: [ 1, "x&y" ] } }"#)
        .expect("valid");
    assert_eq!(
        rendered(&last(&scenario).url, &variables(&scenario)),
        "/s?a=1&b%20c=t0%2Fk%20n&d=1&d=x%26y"
    );
    assert_eq!(
        body(r#"{ POST: /x, form: { user: "{{ travellers.home }}", "a&b": "1+1=2" } }"#),
        "user=L%20HR%2F%C3%A4&a%26b=1%2B1%3D2"
    );
}

#[test]
fn basic_authentication_is_base64() {
    let scenario =
        load(r#"{ GET: /, basic_auth: { user: Aladdin, password: "open {{ token }}" } }"#)
            .expect("valid");
    let request = last(&scenario);
    let (name, template) = request.headers.last().expect("a header");
    assert_eq!(name, "authorization");
    assert_eq!(
        rendered(template, &variables(&scenario)),
        "Basic QWxhZGRpbjpvcGVuIHQwL2sgbg=="
    );
}

#[test]
fn what_is_known_at_load_time_is_constant() {
    let scenario = load(r#"{ POST: /x, body: "a {{ secret.PASSWORD }} {{ 1 + 1 }} {{ secret.PASSWORD | upper }}" }"#).expect("valid");
    match &last(&scenario).body {
        Body::Text(template) => assert_eq!(template.as_constant(), Some("a p\"w d 2 P\"W D")),
        other => panic!("no text: {other:?}"),
    }
    assert_eq!(Template::default().as_constant(), Some(""));
}

#[test]
fn a_missing_value_names_the_variable_and_no_value() {
    let scenario = load(r#"{ POST: /x, body: "{{ token }}", headers: { x: "{{ token | upper }}", y: "{{ user.nothing }}" } }"#).expect("valid");
    let request = last(&scenario);
    let mut out = String::new();
    let Body::Text(template) = &request.body else {
        panic!("no text")
    };
    let empty = Variables::default();
    assert_eq!(
        template.render(&empty, &mut out).expect_err("unset").0,
        "`token` has no value yet: the step that saves it was not taken"
    );
    assert_eq!(
        request.headers[0]
            .1
            .render(&empty, &mut out)
            .expect_err("unset")
            .0,
        "`token` has no value yet, in `{{ token | upper }}`"
    );
    assert_eq!(
        request.headers[1]
            .1
            .render(&variables(&scenario), &mut out)
            .expect_err("no attribute")
            .0,
        "undefined value in `{{ user.nothing }}`"
    );
}

fn condition(text: &str) -> bool {
    let scenario = load(&format!("{{ if: {text}, steps: [ {{ GET: /x }} ] }}")).expect("valid");
    match scenario.journeys[0].steps.last() {
        Some(Step::If { condition, .. }) => {
            condition.holds(&variables(&scenario)).expect("evaluates")
        }
        other => panic!("no condition: {other:?}"),
    }
}

#[test]
fn conditions_follow_jinja_but_for_the_texts_that_say_no() {
    for text in [
        "true",
        "\"{{ token }}\"",
        "token",
        "travellers.seats > 1",
        "\"travellers.home == 'L HR/ä' and not travellers.vip == 'true'\"",
        "token is defined",
        "iteration % 2 == 1",
    ] {
        assert!(condition(text), "{text}");
    }
    for text in [
        "false",
        "\"{{ travellers.vip }}\"",
        "travellers.vip",
        "travellers.seats > 2",
        "\"'No'\"",
        "\"''\"",
        "\"'0'\"",
        "1 == 2",
    ] {
        assert!(!condition(text), "{text}");
    }
}

#[test]
fn a_repeat_index_is_the_innermost() {
    let scenario = load(r#"{ repeat: 2, steps: [ { repeat: { while: "repeat.index < 2", times: 9 }, steps: [ { GET: "/{{ repeat.index }}" } ] } ] }"#).expect("valid");
    let Some(Step::Repeat {
        times: 2,
        while_: None,
        steps,
    }) = scenario.journeys[0].steps.last()
    else {
        panic!("no repeat")
    };
    let Step::Repeat {
        times: 9,
        while_: Some(condition),
        steps,
    } = &steps[0]
    else {
        panic!("no repeat")
    };
    let Step::Request(request) = &steps[0] else {
        panic!("no request")
    };
    let mut variables = variables(&scenario);
    assert_eq!(rendered(&request.url, &variables), "/5");
    assert_eq!(condition.holds(&variables), Ok(false));
    variables.repeat = 1;
    assert_eq!(condition.holds(&variables), Ok(true));
}
