//! Every mistake is reported with its place and its cure. The snapshots are what users read.

use crate::support::{load, load_as, steps};

fn told(text: &str) -> String {
    match load(text) {
        Err(problems) => problems.render(false),
        Ok(loaded) => panic!("no problem in {text}\n{loaded:?}"),
    }
}

/// With `load:` and `thresholds:` of a scenario that is otherwise right.
fn with(rest: &str) -> String {
    told(&format!(
        "name: t\ntarget: demo\njourneys: {{ j: {{ steps: [ {{ name: s, GET: / }} ] }} }}\n{rest}\n"
    ))
}

macro_rules! mistakes {
    ($($name:ident: $text:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), $text);
        })*
    };
}

mistakes! {
    several_at_once: told(
        "name: shop
targt: demo
target: demo
defaults: { timeout: 5 }
journeys:
  search:
    weigth: 3
    steps:
      - { name: home, GET: / }
      - { name: home, GET: /again }
      - think: 3 seconds
      - { GTE: /x }
      - name: results
        GET: \"/search?from={{ travelers.home }}\"
        expect: { status: 99, jsn: {} }
        save: { token: token }
      - { name: last, POST: /last, json: { t: \"{{ tokn }}\" }, thresholds: [ \"p95 > 2 bananas\" ] }
thresholds: [ \"p101 < 5ms\" ]
"
    );
    not_yaml: told("name: t\njourneys: [ }\n");
    not_a_map: told("just text");
    empty_file: told("");
    not_utf8: plimsoll_scenario::Scenario::from_bytes(b"name: t\nx: \xff").expect_err("not UTF-8").render(false);
    duplicate_keys: told("name: a\nname: b\ntarget: demo\njourneys: { j: { steps: [ { GET: / } ], steps: [] } }\n");
    missing_keys: told("description: nothing else\n");
    two_documents: told("name: a\n---\nname: b\n");
    merge_key: told("name: a\n<<: { target: demo }\n");
    unknown_tag: told("name: !!python/object a\n");
    yes_is_no_truth_value: told("name: t\ntarget: { url: https://shop.example, tls: { verify: no } }\njourneys: { j: { steps: [ { GET: / } ] } }\n");
    bad_target: told("name: t\ntarget: ftp://shop.example\njourneys: { j: { steps: [ { GET: / } ] } }\n");
    target_and_targets: told("name: t\ntarget: demo\ntargets: { a: demo }\njourneys: { j: { steps: [ { GET: / } ] } }\n");
    unknown_target: told("name: t\ntargets: { shop: demo, bank: demo }\njourneys: { j: { steps: [ { GET: /, target: shp } ] } }\n");
    credentials_in_the_url: told("name: t\ntarget: https://ada:pw@shop.example\njourneys: { j: { steps: [ { GET: / } ] } }\n");
    bad_resolve: told("name: t\ntarget: { url: https://shop.example, resolve: { 'shop.example:x': 1.2.3.4, shop.example: nowhere } }\njourneys: { j: { steps: [ { GET: / } ] } }\n");
    key_without_certificate: told("name: t\ntarget: { url: https://shop.example, tls: { client_key: ca.pem, ca: missing.pem } }\njourneys: { j: { steps: [ { GET: / } ] } }\n");
    unknown_connections: told("name: t\ntarget: { url: demo, connections: per-user }\njourneys: { j: { steps: [ { GET: / } ] } }\n");
    data_outside: told("name: t\ntarget: demo\ndata: { a: { file: ../secrets.csv }, b: { file: /etc/passwd }, c: { file: missing.csv } }\njourneys: { j: { steps: [ { GET: / } ] } }\n");
    bad_data: told("name: t\ntarget: demo\ndata:\n  a: { file: empty.csv }\n  b: { file: ragged.csv }\n  c: { file: twice.csv }\n  d: { file: bad.jsonl }\n  e: { rows: [] }\n  f: { rows: [ 1 ] }\n  g: { file: travellers.csv, rows: [], take: twice }\n  not-a-name: { file: travellers.csv }\njourneys: { j: { steps: [ { GET: / } ] } }\n");
    unknown_column: told(&steps("      - { GET: '/{{ travellers.hme }}' }"));
    unknown_names: told(&steps("      - { name: a, GET: '/{{ foo }}/{{ client.name }}/{{ repeat.index }}/{{ env }}/{{ traveller.home }}' }"));
    used_before_saved: told(&steps("      - { name: buy, GET: '/{{ token }}' }\n      - { name: login, GET: /, save: { token: $.token } }"));
    not_seen_in_another_branch: told(&steps("      - parallel:\n          - { name: a, GET: /a, save: { x: $.x } }\n          - { name: b, GET: '/{{ x }}' }\n      - { name: c, GET: '/{{ x }}' }"));
    secrets: told("name: t\ntarget: demo\nsecrets: { pin: { file: /run/secrets/pin }, gone: { file: /nowhere }, both: { env: A, file: b } }\njourneys: { j: { steps: [ { POST: /, json: [ '{{ secret.EMPTY }}', '{{ secret.missing }}', '{{ secret.pni }}', '{{ env.MISSING }}' ] } ] } }\n");
    bad_templates: told(&steps("      - { name: a, GET: '/{{ travellers.home' }\n      - { name: b, GET: '/{{ travellers.home | uper }}' }\n      - { name: c, GET: '/{{ travellers.home + }}' }\n      - { name: d, GET: '/{{ rnge(3) }}' }"));
    bad_condition: told(&steps("      - { if: 'travellers.vp == ', steps: [ { GET: / } ] }\n      - { if: travellers.vp, steps: [ { name: x, GET: / } ] }"));
    bad_urls: told(&steps("      - { GET: search }\n      - { GET: '/a#b' }\n      - { GET: /x, POST: /y }"));
    bad_headers: told(&steps("      - { POST: /, headers: { 'a b': x, content-length: 5, x: \"a\\nb\", y: [ 1 ] }, multipart: { a: 1 } }\n      - { POST: /b, headers: { content-type: x }, multipart: { a: { value: 1, file: x } } }"));
    two_bodies: told(&steps("      - { POST: /, json: {}, body: text }"));
    bad_expectations: told(&steps("      - { name: a, GET: /, expect: 2x }\n      - { name: b, GET: /, expect: { status: [ 200, 700 ], size: 10kB, latency: '< 5', body: confirmed } }\n      - { name: c, GET: /, expect: { json: { flights: 1, $.a: { min_item: 1 }, $.b: { matches: '(' , type: txt }, $.c: {} } } }"));
    bad_captures: told(&steps("      - { name: a, GET: /, save: { a: token, b: { regex: '(' }, c: { css: '??' }, d: { header: x, cookie: y }, e: { json: $.x, group: 1 }, f: { regex: 'x', group: 1 }, client: $.x, travellers: $.y, 'a-b': $.z } }"));
    bad_thinks: told(&steps("      - { GET: / }\n      - think: 5\n      - think: 3s..1s\n      - think: { normal: { mean: 1s } }\n      - think: { gaussian: 1 }"));
    bad_repeats: told(&steps("      - { repeat: 0, steps: [ { GET: / } ] }\n      - { repeat: {}, steps: [ { name: b, GET: / } ] }\n      - { repeat: 9000000, steps: [] }"));
    no_requests: told(&steps("      - think: 1s"));
    not_a_step: told(&steps("      - home\n      - { name: x }\n      - { get: / }"));
    names: told("name: t\ntarget: demo\njourneys: { 'a/b': { steps: [ { GET: /, name: '' } ] } }\n");
    weights: told("name: t\ntarget: demo\njourneys: { a: { weight: 0, steps: [ { GET: / } ] }, b: { weight: 0, steps: [ { GET: / } ] } }\n");
    negative_weight: told("name: t\ntarget: demo\njourneys: { a: { weight: -1, steps: [ { GET: / } ] } }\n");
    load_without_unit: with("load: { rate: 50, duration: 20 }");
    load_of_two_kinds: with("load: { users: 5, rate: 50/s }");
    load_without_end: with("load: { users: 5 }");
    headroom_of_nothing: with("load: { headroom: 30%, duration: 5s }");
    headroom_without_unit: with("load: { expected: 5/s, headroom: 0.3, duration: 5s }");
    bad_stages: with("load: { stages: [ { ramp: 5m }, { at: 1x, hold: 5m }, { jump: 5/s }, { to: 5/s }, { ramp: 1m, to: 5/s, hold: 1m }, { hold: 0s } ] }");
    bad_thresholds: with("thresholds: [ 'p95 <', { pass: 'p95 < 5s' }, 'latency < 5s', 5 ]");
    bad_clients: with("clients: { population: 0, id_header: 'x y' }\nallow: [ 'https://x' ]\nshed: { status: [ 42 ], within: 0s }");
    not_toml: load_as("scenario.toml", "name = \njourneys = [\n").expect_err("no TOML").render(false);
    mistakes_in_toml: load_as("s.toml", "name = \"t\"\ntarget = \"demo\"\n[journeys.j]\nwieght = 1\n[[journeys.j.steps]]\nGET = \"/{{ x }}\"\n").expect_err("mistakes").render(false);
    too_many_series: {
        let steps: String = (0..500).map(|n| format!("      - {{ GET: /{n} }}\n")).collect();
        told(&format!("name: t\ntarget: demo\njourneys:\n  j:\n    steps:\n{steps}"))
    };
    too_many_requests: {
        let steps: String = (0..10_001).map(|n| format!("      - {{ GET: /{n} }}\n")).collect();
        told(&format!("name: t\ntarget: demo\njourneys:\n  j:\n    steps:\n{steps}"))
    };
    too_deep: {
        let steps = format!("{}{}{}", "{ repeat: 1, steps: [ ".repeat(70), "{ GET: / }", " ] }".repeat(70));
        told(&format!("name: t\ntarget: demo\njourneys:\n  j:\n    steps: [ {steps} ]\n")).lines().take(1).collect::<String>()
    };
}

#[test]
fn problems_can_be_read_by_programs() {
    let problems =
        load("name: t\ntarget: demo\njourneys:\n  j:\n    stps: []\n").expect_err("a mistake");
    let found: Vec<_> = problems
        .all()
        .iter()
        .map(|problem| (problem.line, problem.column, problem.message.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (5, 5, "unknown key `stps` in journey"),
            (5, 5, "the key `steps` is missing in journey")
        ]
    );
    assert_eq!(
        problems.all()[0].help.as_deref(),
        Some("did you mean `steps`?")
    );
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let problems = load("nme: t\n").expect_err("a mistake");
    assert!(problems.render(true).contains('\u{1b}'));
    assert!(!problems.render(false).contains('\u{1b}'));
}

#[test]
fn no_message_shows_a_secret() {
    let text = told(&steps(
        "      - { POST: /, json: { a: '{{ secret.password | int }}', b: '{{ secret.password.x.y }}' } }",
    ));
    assert!(!text.contains("hunter2"), "{text}");
}
