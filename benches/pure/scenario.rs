//! What a request of a journey costs before it is sent and after it was answered.

use criterion::Criterion;
use http::HeaderMap;
use plimsoll_scenario::{Body, Request, ResponseView, Scenario, Step, Template, Value, Variables};
use std::hint::black_box;

const TEXT: &str = r#"
name: pure
target: demo
data: { users: { rows: [ { name: ada, password: "p a s s", home: LHR } ] } }
journeys:
  j:
    steps:
      - name: login
        POST: "/login?from={{ users.home }}"
        json: { user: "{{ users.name }}", password: "{{ users.password }}", n: "{{ iteration }}" }
      - name: search
        GET: "/search?from={{ users.home | lower }}"
        expect:
          status: 200
          header: { content-type: application/json }
          json: { "$.flights": { min_items: 1 }, $.more: false }
          body: { contains: flights }
        save: { flight: "$.flights[0].id", seats: "$.flights[1].seats" }
      - { name: home, GET: "/{{ flight }}-{{ seats }}" }
      - { name: plain, GET: /, expect: 200 }
"#;

const ANSWER: &[u8] = br#"{"flights":[{"id":"PL-0042","price":99,"seats":9},{"id":"PL-0043","price":129,"seats":2}],"more":false}"#;

fn requests() -> Vec<Request> {
    let mut scenario = Scenario::from_bytes(TEXT.as_bytes())
        .expect("it is valid")
        .scenario;
    let steps = scenario.journeys.swap_remove(0).steps.into_iter();
    let requests = steps.filter_map(|step| match step {
        Step::Request(request) => Some(*request),
        _ => None,
    });
    requests.collect()
}

/// Templates: a look-up with escaping, an expression that minijinja evaluates, and no variable at all.
pub(crate) fn render(criterion: &mut Criterion) {
    let requests = requests();
    let cells = ["ada", "p a s s", "LHR"].map(Value::from);
    let variables = Variables {
        slots: vec![None, None],
        rows: vec![Some(cells.into())],
        ..Variables::default()
    };
    let Body::Text(body) = &requests[0].body else {
        unreachable!("the body is JSON");
    };
    let cases: [(&str, &Template); 4] = [
        ("constant", &requests[3].url),
        ("url", &requests[0].url),
        ("json body", body),
        ("expression", &requests[1].url),
    ];
    let mut group = criterion.benchmark_group("render");
    let mut out = String::new();
    for (name, template) in cases {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                let rendered = template.render(black_box(&variables), &mut out);
                rendered.expect("every value is there");
                black_box(out.len());
            });
        });
    }
    group.finish();
}

/// Judging an answer: by its status alone, and with four expectations and two values to save.
pub(crate) fn examine(criterion: &mut Criterion) {
    let requests = requests();
    let mut headers = HeaderMap::new();
    let json = http::HeaderValue::from_static("application/json");
    headers.insert(http::header::CONTENT_TYPE, json);
    let no_cookie = |_: &str| None;
    let view = ResponseView {
        status: 200,
        header: &|name| headers.get(name).map(http::HeaderValue::as_bytes),
        body: ANSWER,
        body_bytes: ANSWER.len() as u64,
        response_ns: 1_000_000,
        cookie: &no_cookie,
    };
    let mut group = criterion.benchmark_group("examine");
    for (name, request) in [("status", &requests[3]), ("json", &requests[1])] {
        let mut variables = Variables::default();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let found = request.examine(black_box(&view), &mut variables);
                found.expect("it is as expected");
            });
        });
    }
    group.finish();
}
