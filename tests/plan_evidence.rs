//! What a plan's run leaves: verdicts by tier, files that can be verified, several runs put together.

use crate::*;
use plimsoll_tests::{Running, plimsoll, wait_for};
use std::process::Command;

const TWO_TESTS: &str = "tests:
  - { name: expected, at: 1x, hold: 7s }
  - { name: headroom, at: target, hold: 7s }
";

#[test]
fn a_kill_between_two_tests_loses_nothing_of_the_first() {
    let _turn = turn();
    let folder = folder();
    let tests = "tests:
  - { name: expected, at: 1x, hold: 3s, expect: { invariants: [ [ 'true' ] ] } }
  - { name: headroom, at: target, hold: 3s }
";
    let promises = PROMISES.replace("settle: 1s", "settle: 10m");
    write(folder.path(), "demo", &format!("{promises}{tests}"));
    let running = Running::start(folder.path(), ["run", "plan.yaml", "--out", "out"]);
    // It is judged when the test is over, and not while it goes on.
    let invariant = |run: &Value| {
        let mut items = run["items"].as_array()?.iter();
        items
            .any(|item| item["id"] == "expected/invariant/1")
            .then_some(())
    };
    wait_for("the end of the first test", || {
        let text = fs::read_to_string(folder.path().join("out/run.json")).ok()?;
        invariant(&serde_json::from_str(&text).ok()?)
    });
    running.signal("KILL");
    running.wait();
    let run = document(folder.path());
    assert_eq!(run["status"], "incomplete");
    assert_eq!(run["tests"].as_array().map(Vec::len), Some(1));
    assert!(invariant(&run).is_some());
}

#[test]
fn a_plan_that_holds_is_a_go_with_evidence_that_can_be_verified() {
    let _turn = turn();
    let folder = folder();
    write(folder.path(), "demo", &format!("{PROMISES}{TWO_TESTS}"));
    let key = folder.path().join("key.pem");
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "ed25519", "-out"])
        .arg(&key)
        .output()
        .expect("openssl runs");
    assert!(made.status.success());
    let public = Command::new("openssl")
        .args(["pkey", "-pubout", "-out", "key.pub", "-in"])
        .arg(&key)
        .current_dir(folder.path())
        .output()
        .expect("openssl runs");
    assert!(public.status.success());
    let finished = run(folder.path(), &["--sign", "key.pem"]);
    let document = document(folder.path());
    assert_code(&finished, unless_disturbed(&document, 0));
    let out = folder.path().join("out");
    for file in [
        "run.json",
        "summary.md",
        "junit.xml",
        "metrics.txt",
        "report.html",
        "attestation.json",
        "intervals.hlog",
        "events.ndjson",
        "plan.yaml",
        "shop.yaml",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let verify = |more: &[&str]| {
        let all = ["verify", "out"].into_iter().chain(more.iter().copied());
        plimsoll(folder.path(), all)
    };
    let verified = verify(&["--key", "key.pub"]).expect(0);
    assert!(
        verified.stdout.contains("signed with the key"),
        "{}",
        verified.stdout
    );
    let html = fs::read_to_string(out.join("report.html")).expect("a page");
    fs::write(out.join("report.html"), html.replace("shop", "sh0p")).expect("it is changed");
    let changed = verify(&["--key", "key.pub"]).expect(22);
    assert!(changed.stdout.contains("report.html"), "{}", changed.stdout);
    // Every figure can be traced to its line, and every test of the plan is told.
    let item = item(&document, "headroom/buy/p80");
    assert_eq!(item["promised_at"], "plan.yaml:10", "{item:#}");
    assert_eq!(item["owner"], "checkout");
    assert_eq!(item["tier"], "critical");
    assert!(item["offered_rate"].as_f64() > Some(45.0), "{item:#}");
}

#[test]
fn what_holds_by_the_lenient_limit_only_is_a_risk() {
    let _turn = turn();
    let folder = folder();
    let plan = PROMISES.replace(
        "'p80 < 500ms'",
        "{ pass: 'p80 < 5ms', warn: 'p80 < 800ms' }",
    );
    let slow = "target: { demo: { latency: [ '30ms@/null' ] } }\ntests: [ { name: expected, at: 1x, hold: 7s } ]\n";
    write(folder.path(), "demo", &format!("{plan}{slow}"));
    let finished = run(folder.path(), &[]);
    let run = document(folder.path());
    assert_passed(&run, "expected/buy/p80");
    assert_code(&finished, unless_disturbed(&run, 10));
    if finished.code == Some(10) {
        assert_eq!(item(&run, "expected/buy/p80")["marginal"], true);
        assert!(
            finished.stdout.contains("GO-WITH-RISK"),
            "{}",
            finished.stdout
        );
    }
}

#[test]
fn a_nice_thing_that_fails_is_a_risk_and_an_important_one_can_be_waived() {
    let _turn = turn();
    let folder = folder();
    let plan = "target: { demo: { errors: [ '60%@/recommend', '60%@/search' ] } }
tests: [ { name: expected, at: 1x, hold: 7s } ]
waivers:
  - { item: expected/look/errors, ceiling: 'errors < 90%', reason: the partner is slow, approved_by: [ product ], expires: 2099-12-31 }
";
    write(folder.path(), "demo", &format!("{PROMISES}{plan}"));
    let finished = run(folder.path(), &[]);
    let run = document(folder.path());
    assert_eq!(state(&run, "expected/tips/errors"), "fail");
    assert_eq!(
        state(&run, "expected/look/errors"),
        "waived",
        "{:#}",
        run["plan"]["waivers"]
    );
    // The smoke test of a page that fails six times in ten may have failed as well: listed, or waived by nobody.
    let smoke = state(&run, "smoke/look") == "fail";
    assert_code(
        &finished,
        if smoke {
            20
        } else {
            unless_disturbed(&run, 10)
        },
    );
}

#[test]
fn what_was_not_run_is_missing_until_another_run_has_it() {
    let _turn = turn();
    let folder = folder();
    write(folder.path(), "demo", &format!("{PROMISES}{TWO_TESTS}"));
    let first = run(folder.path(), &["--only", "expected"]);
    let one = document(folder.path());
    assert_code(&first, unless_disturbed(&one, 21));
    assert_eq!(state(&one, "headroom/buy/errors"), "not_run");
    let arguments = ["run", "plan.yaml", "--only", "headroom", "--out", "second"];
    let second = plimsoll(folder.path(), arguments);
    let two = run_json(&folder.path().join("second"));
    assert_code(&second, unless_disturbed(&two, 21));
    let arguments = ["report", "out", "second", "-o", "both.json"];
    let both = plimsoll(folder.path(), arguments);
    let text = fs::read(folder.path().join("both.json")).expect("a document");
    let run: Value = serde_json::from_slice(&text).expect("JSON");
    for id in ["expected/buy/errors", "headroom/buy/errors"] {
        assert_passed(&run, id);
    }
    assert_code(&both, unless_disturbed(&run, 0));
    let attempts = item(&run, "smoke/buy")["attempts"]
        .as_array()
        .expect("attempts");
    assert_eq!(attempts.len(), 2, "every attempt is listed: {attempts:#?}");
    for (file, part) in [
        ("both.html", "<html"),
        ("both.xml", "<testsuites"),
        ("both.md", "shop-1.0"),
    ] {
        plimsoll(folder.path(), ["report", "out", "second", "-o", file]);
        let text = fs::read_to_string(folder.path().join(file)).expect("it is written");
        assert!(text.contains(part), "{file}");
    }
}

#[test]
fn a_rehearsal_is_never_a_go() {
    let _turn = turn();
    let folder = folder();
    let plan = "tests: [ { name: expected, at: 1x, hold: 70s } ]\n";
    write(folder.path(), "demo", &format!("{PROMISES}{plan}"));
    let finished = run(folder.path(), &["--rehearse", "0.1"]);
    let run = document(folder.path());
    assert_code(&finished, unless_disturbed(&run, 21));
    assert!(
        finished.stdout.starts_with("REHEARSAL"),
        "{}",
        finished.stdout
    );
    let elapsed = run["tests"][0]["elapsed_ns"].as_u64().expect("a time");
    assert!(elapsed < 30_000_000_000, "{elapsed}");
    // Nor does it become one among others.
    let merged = plimsoll(folder.path(), ["report", "out", "out"]).expect(2);
    assert!(merged.stderr.contains("rehearsal"), "{}", merged.stderr);
}

#[test]
fn mistakes_on_the_command_line_are_told_before_anything_is_sent() {
    let folder = folder();
    write(folder.path(), "demo", &format!("{PROMISES}{TWO_TESTS}"));
    for (arguments, part) in [
        (
            vec!["--rate", "5/s"],
            "--rate does not go with a readiness plan",
        ),
        (vec!["--only", "expectd"], "did you mean `expected`?"),
        (vec!["--rehearse", "2"], "between 0 and 1"),
        (vec!["--sign", "nothing.pem"], "nothing.pem"),
        (vec!["--max-rate", "45/s"], "above the 45/s"),
    ] {
        let finished = run(folder.path(), &arguments).expect(2);
        assert!(
            finished.stderr.contains(part),
            "{arguments:?}: {}",
            finished.stderr
        );
    }
    assert!(!folder.path().join("out").exists());
    let arguments = ["run", "shop.yaml", "--rehearse", "0.5"];
    let finished = plimsoll(folder.path(), arguments).expect(2);
    assert!(
        finished.stderr.contains("is a scenario"),
        "{}",
        finished.stderr
    );
    let overview = plimsoll(folder.path(), ["check", "plan.yaml"]).expect(0);
    for part in ["target 50/s", "expected", "headroom", "every journey once"] {
        assert!(overview.stdout.contains(part), "{}", overview.stdout);
    }
}

#[test]
fn what_init_writes_is_right_and_is_not_written_over() {
    let folder = folder();
    plimsoll(folder.path(), ["init", "new"]).expect(0);
    let arguments = ["check", "new/readiness.yaml", "new/shop.yaml"];
    let checked = plimsoll(folder.path(), arguments).expect(0);
    assert!(!checked.stderr.contains("warning"), "{}", checked.stderr);
    let again = plimsoll(folder.path(), ["init", "new"]).expect(2);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    plimsoll(folder.path(), ["init", "new", "--force"]).expect(0);
}
