//! Mistakes on the command line and in files: place, cause, cure, and exit code 2.

use crate::folder;
use plimsoll_tests::plimsoll;
use std::fs;

#[track_caller]
fn mistake(scenario: &str, expected: &[&str]) {
    let folder = folder();
    fs::write(folder.path().join("shop.yaml"), scenario).expect("a scenario");
    for command in ["check", "run", "try"] {
        let run = plimsoll(folder.path(), [command, "shop.yaml"]).expect(2);
        for part in expected {
            assert!(run.stderr.contains(part), "`{part}` in\n{}", run.stderr);
        }
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn every_problem_of_a_file_is_told_at_once() {
    mistake(
        "name: shop
target: demo
journeys:
  visit:
    wait: 70
    steps:
      - { name: home, GTE: / }
      - { name: search, GET: '/search?q={{ nobody }}', timeout: 5 }
load: { rate: 10, duration: 5s }
",
        &[
            "shop.yaml:5:5",
            "wait",
            "GTE",
            "GET",
            "nobody",
            "timeout",
            "10/s",
        ],
    );
}

#[test]
fn a_rule_to_give_up_by_must_be_about_a_share() {
    mistake(
        "name: shop
target: demo
abort_on: p99 > 1s
journeys: { visit: { steps: [ { name: home, GET: / } ] } }
load: { rate: 1/s, duration: 1s }
",
        &["shop.yaml:3:11", "`p99`", "errors > 50% for 10s"],
    );
}

#[test]
fn a_file_that_is_not_there_or_no_yaml() {
    let folder = folder();
    let run = plimsoll(folder.path(), ["run", "nowhere.yaml"]).expect(2);
    assert!(run.stderr.contains("nowhere.yaml"), "{}", run.stderr);
    mistake("journeys: [", &["shop.yaml"]);
    mistake("", &["shop.yaml"]);
}

#[test]
fn a_host_that_does_not_resolve_sends_nothing() {
    let folder = folder();
    let hit = plimsoll(
        folder.path(),
        [
            "hit",
            "http://nowhere.invalid/",
            "--rate",
            "1/s",
            "--duration",
            "1s",
        ],
    )
    .expect(2);
    assert!(hit.stderr.contains("nowhere.invalid"), "{}", hit.stderr);
}

#[test]
fn the_command_line_explains_itself() {
    let folder = folder();
    let help = plimsoll(folder.path(), ["--help"]).expect(0);
    for taught in ["plimsoll run", "plimsoll hit", "Exit codes"] {
        assert!(help.stdout.contains(taught), "{taught} in {}", help.stdout);
    }
    for (arguments, expected) in [
        (&["hit", "http://127.0.0.1/", "--rate", "fast"][..], "120/s"),
        (&["hit", "http://127.0.0.1/", "--duration", "5"], "5s"),
        (
            &["hit", "http://127.0.0.1/", "--threshold", "p99 < 50"],
            "50ms",
        ),
        (
            &["hit", "http://127.0.0.1/", "--threshold", "p99x < 50ms"],
            "p99",
        ),
        (
            &["hit", "http://127.0.0.1/", "--stop-when-decided"],
            "--warmup, 0s if there is none",
        ),
        (&["hit", "ftp://127.0.0.1/"], "http"),
        (&["rum", "x.yaml"], "run"),
        (&["report", "nowhere"], "nowhere"),
    ] {
        let run = plimsoll(folder.path(), arguments.iter().copied()).expect(2);
        assert!(
            run.stderr.contains(expected),
            "`{expected}` in\n{}",
            run.stderr
        );
    }
}

#[test]
fn the_schema_and_completions_are_printed() {
    let folder = folder();
    let schema = plimsoll(folder.path(), ["schema", "scenario"]).expect(0);
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).expect("JSON");
    assert!(schema["properties"]["journeys"].is_object());
    for shell in ["bash", "zsh", "fish"] {
        let script = plimsoll(folder.path(), ["completions", shell]).expect(0);
        assert!(script.stdout.contains("plimsoll"));
    }
}

#[test]
fn a_run_does_not_write_into_the_folder_of_a_search_or_a_duel() {
    for journal in ["probes.ndjson", "rounds.ndjson"] {
        let folder = folder();
        fs::create_dir(folder.path().join("out")).expect("a folder");
        fs::write(folder.path().join("out").join(journal), "{}\n").expect("a file");
        let arguments = ["hit", "demo/null", "--duration", "1s", "--out", "out"];
        let run = plimsoll(folder.path(), arguments).expect(2);
        assert!(run.stderr.contains(journal), "{}", run.stderr);
        assert!(!folder.path().join("out/run.json").exists());
    }
}

#[test]
fn a_release_is_not_measured_where_something_else_listens_already() {
    let folder = folder();
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = other.local_addr().expect("an address").port();
    let scenario = format!(
        "name: shop\ntarget: http://127.0.0.1:{port}\njourneys: {{ visit: {{ steps: [ {{ name: home, GET: / }} ] }} }}\n"
    );
    fs::write(folder.path().join("shop.yaml"), scenario).expect("a scenario");
    let plan = "name: ready\nscenario: shop.yaml\nexpected_load: { peak: 1/s }
journeys: { visit: { tier: critical, thresholds: [ 'errors < 1%' ] } }
target: { run: [ sh, -c, 'touch started; sleep 100' ] }
tests: [ { name: expected, at: 1x, hold: 5s } ]
";
    fs::write(folder.path().join("plan.yaml"), plan).expect("a plan");
    let serve = "touch started; sleep 100";
    for arguments in [
        &["run", "plan.yaml"][..],
        &[
            "duel",
            "--a",
            serve,
            "--b",
            serve,
            "shop.yaml",
            "--rate",
            "1/s",
        ],
        &[
            "capacity",
            "shop.yaml",
            "--slo",
            "errors < 1%",
            "--server",
            serve,
        ],
    ] {
        let run = plimsoll(folder.path(), arguments.iter().copied()).expect(2);
        let expected = format!("something listened at http://127.0.0.1:{port}");
        assert!(run.stderr.contains(&expected), "{}", run.stderr);
        assert!(!folder.path().join("started").exists());
    }
}

#[test]
fn a_service_that_is_down_is_told_before_anything_is_measured() {
    let folder = folder();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let scenario = format!(
        "name: shop\ntarget: {url}\njourneys: {{ visit: {{ steps: [ {{ name: home, GET: / }} ] }} }}\n"
    );
    fs::write(folder.path().join("shop.yaml"), scenario).expect("a scenario");
    let search = ["capacity", "shop.yaml", "--slo", "errors < 1%"];
    let duel = ["duel", "--a", &url, "--b", &url, "--rate", "1/s"];
    for arguments in [&search[..], &duel] {
        let run = plimsoll(folder.path(), arguments.iter().copied()).expect(2);
        let parts = [url.as_str(), "refused", "is the service up"];
        assert!(
            parts.iter().all(|part| run.stderr.contains(part)),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn an_argument_that_is_no_text_is_no_panic() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = crate::folder();
    let mut command = std::process::Command::new(plimsoll_tests::program::program());
    command.args([
        "hit",
        "http://127.0.0.1:9/",
        "--users",
        "1",
        "--iterations",
        "1",
    ]);
    command.arg("--out").arg(OsStr::from_bytes(b"out-\xff"));
    let done = plimsoll_tests::Running::spawn(folder.path(), command).wait();
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let out = folder.path().join(OsStr::from_bytes(b"out-\xff"));
    let run = plimsoll_tests::run_json(&out);
    assert_eq!(run["command"][8], "out-\u{fffd}", "{:#}", run["command"]);
}
