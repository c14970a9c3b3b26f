//! Every sort of test, passing and failing for its own reason.

use crate::*;

/// A shop that bears 150 requests a second, gives up what matters least first, and gets well again.
const HEALTHY: &str = "
target: { demo: { capacity: 150/s, queue: 30, priority: [ '2@/recommend', '1@/search', '0@/null' ] } }
tests:
  - { name: expected, at: 1x, hold: 8s }
  - name: spike
    stages: [ { at: 0.5x, hold: 3s }, { jump: 2x, hold: 3s }, { jump: 0.5x, hold: 14s } ]
    expect: { recover_within: 3s }
  - { name: soak, at: 1x, hold: 14s, expect: { drift: { p50: '<= 900%' } } }
  - name: scale-out
    stages: [ { at: 1x, hold: 3s }, { jump: 3x, hold: 16s } ]
    inject: { after: 0s, demo: { capacity: 80/s, scale: { to: 400/s, after: 1s, load: 50% } } }
    expect: { objective_within: 6s }
  - name: overload
    stages: [ { at: 1x, hold: 4s }, { jump: 6x, hold: 8s }, { jump: 1x, hold: 14s } ]
    expect:
      goodput: '>= 50% of capacity'
      clients_harmed: '<= 90%'
      protected: [ critical ]
      shed: { status: [ 503 ], header: retry-after, within: 1s }
      recover_within: 4s
  - name: tips-down
    at: 1x
    hold: 8s
    inject: { after: 2s, demo: { dependency: { state: down, paths: [ /recommend ] } } }
    expect: { unaffected: [ buy, look ] }
  - name: rollback
    at: 1x
    hold: 9s
    inject: { after: 2s, demo: { release: { version: 0.9.0, commit: '1111111' } }, serves: { version: 0.9.0 } }
    expect: { served_within: 3s, errors: '< 30%', invariants: [ [ 'true' ] ] }
release: { version: 4.12.0, components: [ { name: web, tier: critical, sources: [ { header: x-release-id } ] } ] }
";

#[test]
fn a_healthy_shop_passes_every_sort_of_test() {
    let _turn = turn();
    let folder = folder();
    write(folder.path(), "demo", &format!("{PROMISES}{HEALTHY}"));
    let finished = run(folder.path(), &[]);
    let run = document(folder.path());
    for id in [
        "smoke/buy",
        "smoke/look",
        "smoke/tips",
        "identity/web",
        "expected/buy/errors",
        "expected/buy/p80",
        "expected/tips/errors",
        "spike/recover_within",
        "soak/drift/p50",
        "scale-out/objective_within",
        "overload/goodput",
        "overload/clients_harmed",
        "overload/buy/errors",
        "overload/shed",
        "overload/recover_within",
        "tips-down/buy/errors",
        "tips-down/look/errors",
        "rollback/served_within",
        "rollback/errors",
        "rollback/invariant/1",
    ] {
        assert_passed(&run, id);
    }
    assert_code(&finished, unless_disturbed(&run, 0));
    let finding = |test: usize, name: &str| {
        let findings = run["tests"][test]["findings"].as_array().expect("findings");
        findings
            .iter()
            .find(|finding| finding["name"] == name)
            .unwrap_or_else(|| panic!("no {name} in {findings:#?}"))
    };
    assert!(
        finding(4, "first_shed/nice_to_have")["ns"].is_u64(),
        "what matters least is refused"
    );
    assert!(finding(4, "isolation/critical")["value"].as_f64() > Some(0.9));
    assert!(finding(6, "served_within")["ns"].is_u64());
    let marks = run["tests"][6]["marks"].as_array().expect("marks");
    assert!(
        marks.iter().any(|mark| mark["kind"] == "undo"),
        "{marks:#?}"
    );
}

/// The same shop with everything that can be wrong.
const ILL: &str = "
target: { demo: { capacity: 150/s, queue: 30 } }
tests:
  - name: spike
    stages: [ { at: 0.5x, hold: 2s }, { jump: 2x, hold: 2s }, { jump: 0.5x, hold: 5s } ]
    inject: { after: 3s, demo: { errors: [ '50%' ] } }
    expect: { recover_within: 2s }
  - name: soak
    at: 1x
    hold: 12s
    inject: { after: 0s, demo: { ageing: 20ms/s } }
    expect: { drift: { p50: '<= 10%' } }
  - name: scale-out
    stages: [ { at: 1x, hold: 2s }, { jump: 3x, hold: 6s } ]
    inject: { after: 0s, demo: { capacity: 60/s } }
    expect: { objective_within: 2s }
  - name: overload
    stages: [ { at: 1x, hold: 4s }, { jump: 6x, hold: 8s }, { jump: 1x, hold: 4s } ]
    inject: { after: 4s, demo: { collapse: 20ms, queue: 600 } }
    expect:
      goodput: '>= 90% of capacity'
      clients_harmed: '<= 1%'
      protected: [ critical ]
      recover_within: 1s
  - name: refusals
    stages: [ { at: 1x, hold: 2s }, { jump: 6x, hold: 5s } ]
    expect: { shed: { status: [ 503 ], header: x-apology, within: 1s } }
  - name: tips-down
    at: 1x
    hold: 8s
    inject: { after: 1s, demo: { dependency: { state: slow, latency: 2s, paths: [ /recommend ], pool: 2 } } }
    expect: { unaffected: [ buy, look ] }
  - name: rollback
    at: 1x
    hold: 8s
    inject:
      after: 1s
      demo: { errors: [ '30%' ], release_switch: { to: { version: 0.9.0, commit: '1111111' }, over: 60s } }
      serves: { version: 0.9.0 }
    expect: { served_within: 3s, errors: '< 10%', invariants: [ [ 'true' ], [ 'false' ] ] }
release: { version: 4.12.0, components: [ { name: web, tier: critical, sources: [ { header: x-release-id } ] } ] }
";

#[test]
fn an_ill_shop_fails_every_sort_of_test() {
    let _turn = turn();
    let folder = folder();
    write(folder.path(), "demo", &format!("{PROMISES}{ILL}"));
    let finished = run(folder.path(), &[]);
    let run = document(folder.path());
    for id in [
        "spike/recover_within",
        "soak/drift/p50",
        "scale-out/objective_within",
        "overload/goodput",
        "overload/clients_harmed",
        "overload/buy/errors",
        "overload/recover_within",
        "refusals/shed",
        "tips-down/buy/errors",
        "rollback/served_within",
        "rollback/errors",
        "rollback/invariant/2",
    ] {
        assert_eq!(state(&run, id), "fail", "{:#}", item(&run, id));
    }
    // "invalid" where the machine had no time for the test.
    let invariant = state(&run, "rollback/invariant/1");
    assert!(["pass", "invalid"].contains(&invariant), "{invariant}");
    assert_code(&finished, 20);
    assert_eq!(run["verdict"]["outcome"], "no_go");
    assert!(finished.stdout.contains("NO-GO"), "{}", finished.stdout);
}

#[test]
fn a_journey_that_does_not_work_stops_the_run_before_any_load() {
    let _turn = turn();
    let folder = folder();
    let plan = "target: { demo: { wrong: [ '100%@/search' ], errors: [ '100%@/null' ] } }\ntests: [ { name: expected, at: 1x, hold: 30s } ]\n";
    write(folder.path(), "demo", &format!("{PROMISES}{plan}"));
    let finished = run(folder.path(), &[]);
    assert_code(&finished, 20);
    let run = document(folder.path());
    assert_eq!(state(&run, "smoke/buy"), "fail");
    assert_eq!(state(&run, "smoke/look"), "fail", "all are tried");
    assert_eq!(state(&run, "smoke/tips"), "pass");
    assert_eq!(state(&run, "expected/buy/errors"), "not_run");
    assert_eq!(run["tests"].as_array().map(Vec::len), Some(0));
}

/// A line of a server, and a peak of three times the load for as long as `peak` says.
fn line(folder: &Path, service: &str, step: &str, timeout: &str, rate: u32, stages: &str) -> Value {
    let plan = format!(
        "name: line
scenario: line.yaml
expected_load: {{ peak: {rate}/s, headroom: 0% }}
journeys: {{ only: {{ tier: critical, thresholds: [ 'errors < 1%' ] }} }}
target: {{ demo: {{ fifo: {service} }} }}
tests: [ {{ name: peak, stages: {stages}, expect: {{ recover_within: 60s }} }} ]
"
    );
    let scenario = format!(
        "name: line
target: demo
defaults: {{ timeout: {timeout}, connections: pooled }}
journeys: {{ only: {{ steps: [ {{ name: only, GET: /null{step} }} ] }} }}
"
    );
    fs::write(folder.join("plan.yaml"), plan).expect("a plan");
    fs::write(folder.join("line.yaml"), scenario).expect("a scenario");
    run(folder, &[]);
    document(folder)
}

/// When all was well after the peak, in seconds.
#[track_caller]
fn recovered_after(run: &Value) -> f64 {
    let recovery = item(run, "peak/recover_within");
    let ns = recovery["observed_ns"].as_u64();
    ns.unwrap_or_else(|| panic!("{recovery:#}")) as f64 / 1e9
}

/// First come, first served, a hundred a second; a client gives up after a second, which the server does not
/// know. Ten seconds of half as much again as it bears leave 500 in line, which drain in ten seconds at half
/// the load: the delay is back at a second, and all is well, eight to nine seconds after the peak.
#[test]
fn a_line_drains_when_it_should() {
    let _turn = turn();
    let folder = folder();
    let stages = "[ { at: 1x, hold: 10s }, { jump: 3x, hold: 10s }, { jump: 1x, hold: 25s } ]";
    let run = line(folder.path(), "10ms", "", "1s", 50, stages);
    let seconds = recovered_after(&run);
    assert!((6.0..=11.0).contains(&seconds), "{seconds}");
}

/// The same line with clients that try once more, at a quarter of its times and four times its rates: at 40 %
/// of what it bears it is well again 79 s after the peak, here 20 s.
#[test]
fn a_line_of_clients_that_try_again_takes_much_longer() {
    let _turn = turn();
    let folder = folder();
    let stages =
        "[ { at: 1x, hold: 2500ms }, { jump: 3.75x, hold: 2500ms }, { jump: 1x, hold: 32s } ]";
    let run = line(folder.path(), "2500us", ", retry: 1", "250ms", 160, stages);
    let seconds = recovered_after(&run);
    assert!((17.0..=23.0).contains(&seconds), "{seconds}");
}

#[test]
fn a_test_is_given_up_for_the_journey_that_says_so_and_for_no_other() {
    let _turn = turn();
    let folder = folder();
    let promises = PROMISES.replace(
        "'p80 < 500ms'",
        "{ pass: 'errors < 20% for 3s', abort: true }",
    );
    let plan = "tests:
  - { name: tips, at: 1x, hold: 6s, thresholds: true, inject: { after: 1s, demo: { errors: [ '100%@/recommend' ] } } }
  - { name: buy, at: 1x, hold: 60s, thresholds: true, inject: { after: 1s, demo: { errors: [ '100%@/null' ] } } }
";
    write(folder.path(), "demo", &format!("{promises}{plan}"));
    let finished = run(folder.path(), &[]);
    assert_code(&finished, 20);
    let run = document(folder.path());
    let seconds = |test: usize| {
        run["tests"][test]["elapsed_ns"]
            .as_u64()
            .map(|ns| ns / 1_000_000_000)
    };
    assert_eq!(run["tests"][0]["name"], "tips");
    assert!(seconds(0) >= Some(5), "{:?}", seconds(0));
    assert!(seconds(1) < Some(30), "{:?}", seconds(1));
    assert_eq!(run["tests"][0]["cut_short"], Value::Null);
    assert_eq!(run["tests"][1]["cut_short"], true);
    assert_eq!(state(&run, "buy/buy/errors"), "fail");
    assert_ne!(state(&run, "buy/look/errors"), "pass", "it was cut short");
}
