//! Two builds that take turns.

use crate::{beside, demo, folder, json, run, start, turn};
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::nginx::free_ports;
use plimsoll_tests::program::program;
use plimsoll_tests::{Finished, wait_for};
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

fn slow(latency: &str) -> Demo {
    demo(Behaviour {
        latency: vec![latency.parse().expect("a latency")],
        ..Behaviour::default()
    })
}

fn url(demo: &Demo) -> String {
    format!("http://{}", demo.address())
}

/// A shop of one step.
fn scenario(folder: &Path, target: &str) {
    let text = format!(
        "name: shop\ntarget: {target}\njourneys: {{ buy: {{ weight: 1, steps: [ {{ name: home, GET: /null }} ] }} }}\nload: {{ rate: 40/s, duration: 1s }}\n"
    );
    fs::write(folder.join("shop.yaml"), text).expect("written");
}

fn duel_json(folder: &Path) -> Value {
    let text = fs::read(folder.join("duel.json")).expect("duel.json");
    serde_json::from_slice(&text).expect("JSON")
}

/// The rounds that are kept in a folder.
fn rounds(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("rounds.ndjson")).unwrap_or_default();
    let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
    let lines = whole.lines().skip(1);
    lines
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["round"].is_object())
        .collect()
}

const SHORT: [&str; 6] = ["--rounds", "6", "--most", "6", "--round", "1s"];

fn duel(folder: &Path, arguments: &[&str]) -> Finished {
    let mut all = vec!["duel"];
    all.extend(SHORT);
    all.extend(arguments);
    run(folder, &[], &all)
}

#[test]
fn a_build_that_is_plainly_slower_is_found() {
    let (_turn, folder) = (turn(), folder());
    scenario(folder.path(), "demo");
    let (a, b) = (slow("20ms"), slow("70ms"));
    let (a_url, b_url) = (url(&a), url(&b));
    let arguments = [
        "shop.yaml",
        "--a",
        &a_url,
        "--b",
        &b_url,
        "--metric",
        "p50",
        "--metric",
        "errors",
        "--out",
        "out",
    ];
    let out = folder.path().join("out");
    let mut done = duel(folder.path(), &arguments);
    // A machine that did not keep up says nothing of a build.
    for _ in 0..2 {
        if done.code == Some(22) {
            fs::remove_dir_all(&out).expect("removed");
            done = duel(folder.path(), &arguments);
        }
    }
    let done = done.expect(20);
    assert!(
        done.stdout.contains("REGRESSED: buy/home p50 +"),
        "{}",
        done.stdout
    );
    let document = duel_json(&out);
    assert_eq!(document["schema"], "plimsoll.duel/1");
    assert_eq!(document["verdict"]["outcome"], "regressed");
    let finding = &document["findings"][0];
    assert_eq!(finding["verdict"], "regressed");
    let change = finding["change"].as_f64().expect("a change");
    assert!(change > 0.5, "{finding:#}");
    let (lower, upper) = (&finding["interval"][0], &finding["interval"][1]);
    assert!(lower.as_f64() <= Some(change) && upper.as_f64() >= Some(change));
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(2));
    assert!(document["rounds"]["valid"].as_u64() >= Some(6));
    // Who comes first takes turns, and both have the same seed.
    let rounds = rounds(&out);
    assert_eq!(rounds[0]["round"]["order"], "AB");
    assert_eq!(rounds[1]["round"]["order"], "BA");
    assert_eq!(rounds[1]["round"]["seed"], 2);
    let summary = fs::read_to_string(out.join("summary.md")).expect("summary.md");
    assert!(summary.contains("REGRESSED"), "{summary}");
    // It was judged, so that it does not go on; its verdict is written again, in case it never was.
    fs::remove_file(out.join("duel.json")).expect("removed");
    let again = run(folder.path(), &[], &["duel", "--resume", "out"]).expect(20);
    assert!(again.stderr.contains("it was judged"), "{}", again.stderr);
    assert_eq!(again.stdout, done.stdout);
    assert_eq!(duel_json(&out), document);
    assert_eq!(self::rounds(&out), rounds);
}

#[test]
fn a_build_against_itself_is_not_found_to_be_worse() {
    let (_turn, folder) = (turn(), folder());
    let demo = slow("20ms");
    let url = format!("{}/null", url(&demo));
    let done = duel(
        folder.path(),
        &[
            "--self-test",
            "--a",
            &url,
            "--rate",
            "40/s",
            "--out",
            "out",
            "--json",
            "--quiet",
        ],
    );
    let document = json(&done);
    let outcome = document["verdict"]["outcome"].as_str().expect("an outcome");
    assert!(
        ["ok", "improved", "inconclusive", "invalid"].contains(&outcome),
        "{document:#}"
    );
    assert!(
        document["verdict"]["sentence"]
            .as_str()
            .is_some_and(|told| told.starts_with("A/A: "))
    );
    assert_eq!(document, duel_json(&folder.path().join("out")));
    assert_eq!(done.stderr, "");
}

#[test]
fn commands_are_started_for_every_turn_and_stopped_after_it() {
    let (_turn, folder) = (beside(), folder());
    let [port] = free_ports();
    scenario(folder.path(), &format!("http://127.0.0.1:{port}"));
    let command = |latency: &str| {
        format!(
            "'{}' target --listen 127.0.0.1:{port} --latency {latency}",
            program().display()
        )
    };
    let (a, b) = (command("60ms"), command("10ms"));
    let done = duel(
        folder.path(),
        &[
            "shop.yaml",
            "--a",
            &a,
            "--b",
            &b,
            "--ready",
            "/version",
            "--metric",
            "p50",
            "--out",
            "out",
        ],
    );
    // On a machine that does not keep up, every round may have to be left out.
    assert!(
        matches!(done.code, Some(0 | 22)),
        "{}\n{}",
        done.stdout,
        done.stderr
    );
    let document = duel_json(&folder.path().join("out"));
    assert_eq!(document["a"]["restarted"], true);
    let kept = rounds(&folder.path().join("out"));
    assert!(kept.len() >= 6);
    for round in &kept {
        assert_eq!(round["round"]["a"]["restarts"], 0);
    }
    if done.code == Some(0) {
        assert_eq!(document["verdict"]["outcome"], "improved", "{document:#}");
    }
    // Nobody listens any more.
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
}

#[test]
fn both_can_be_loaded_at_once() {
    let (_turn, folder) = (turn(), folder());
    let (a, b) = (slow("5ms"), slow("5ms"));
    let (a_url, b_url) = (url(&a), url(&b));
    let arguments = [
        "--a", &a_url, "--b", &b_url, "--users", "2", "--duet", "--out", "out", "--json",
    ];
    let done = duel(folder.path(), &arguments);
    assert!(
        matches!(done.code, Some(0 | 20 | 21 | 22)),
        "{}",
        done.stderr
    );
    let document = json(&done);
    assert_eq!(document["duet"], true);
    assert_eq!(document["load"], "closed: 2 users");
    assert!(a.counts().requests > 0 && b.counts().requests > 0);
    assert_eq!(
        rounds(&folder.path().join("out"))[0]["round"]["order"],
        "A|B"
    );
    let metrics: Vec<_> = document["findings"]
        .as_array()
        .map(|findings| {
            findings
                .iter()
                .filter_map(|one| one["metric"].as_str())
                .collect()
        })
        .unwrap_or_default();
    assert!(
        metrics.is_empty() || metrics == ["p50", "p99", "errors", "rate"],
        "{metrics:?}"
    );
}

#[test]
fn what_was_measured_survives_ctrl_c_and_kill_9() {
    let (_turn, folder) = (beside(), folder());
    let demo = slow("5ms");
    let url = url(&demo);
    let arguments = [
        "duel", "--a", &url, "--b", &url, "--rate", "40/s", "--rounds", "7", "--most", "7",
        "--round", "500ms", "--out", "out",
    ];
    let out = folder.path().join("out");
    let running = start(folder.path(), &[], &arguments);
    wait_for("a round", || (!rounds(&out).is_empty()).then_some(()));
    running.signal("INT");
    let interrupted = running.wait().expect(130);
    assert!(
        interrupted.stdout.contains("INTERRUPTED after"),
        "{}",
        interrupted.stdout
    );
    assert!(
        interrupted.stderr.contains("--resume out"),
        "{}",
        interrupted.stderr
    );
    let document = duel_json(&out);
    assert_eq!(document["status"], "interrupted");
    assert_eq!(document["verdict"]["outcome"], Value::Null);
    let before = rounds(&out);

    let running = start(folder.path(), &[], &["duel", "--resume", "out"]);
    wait_for("another round", || {
        (rounds(&out).len() > before.len()).then_some(())
    });
    running.signal("KILL");
    running.wait();
    // A round that was being written when the machine went down.
    let mut text = fs::read_to_string(out.join("rounds.ndjson")).expect("rounds");
    text.push_str("{\"round\":{\"number\":");
    fs::write(out.join("rounds.ndjson"), text).expect("written");

    let ended = run(
        folder.path(),
        &[],
        &["duel", "--resume", "out", "--json", "--quiet"],
    );
    let document = json(&ended);
    assert_eq!(document["status"], "complete");
    let after = rounds(&out);
    assert_eq!(after[..before.len()], before[..]);
    let numbers: Vec<_> = after
        .iter()
        .filter_map(|line| line["round"]["number"].as_u64())
        .collect();
    let expected: Vec<_> = (1..=numbers.len() as u64).collect();
    assert_eq!(numbers, expected);
    assert!(document["verdict"]["outcome"] == "invalid" || document["rounds"]["valid"] == 7);
}

#[test]
fn a_build_that_does_not_start_later_on_loses_no_round() {
    let (_turn, folder) = (beside(), folder());
    let [port] = free_ports();
    let command = format!(
        "echo >> starts; [ $(wc -l < starts) -le 2 ] || exit 3; exec '{}' target --listen 127.0.0.1:{port}",
        program().display()
    );
    let at = format!("127.0.0.1:{port}");
    let arguments = [
        "--a", &command, "--a-at", &at, "--b", "demo", "--ready", "/version", "--out", "out",
    ];
    let ended = duel(folder.path(), &arguments).expect(2);
    assert!(
        ended.stderr.contains("exited with 3 before it was ready"),
        "{}",
        ended.stderr
    );
    let hint = "2 rounds are kept; go on with: plimsoll duel --resume out";
    assert!(ended.stderr.contains(hint), "{}", ended.stderr);
    let out = folder.path().join("out");
    assert_eq!(rounds(&out).len(), 2);
    // The same words may start another build elsewhere.
    let elsewhere = crate::folder();
    let out = out.to_str().expect("a path of text");
    let refused = run(elsewhere.path(), &[], &["duel", "--resume", out]).expect(2);
    let told = "the command of --a was given in";
    assert!(refused.stderr.contains(told), "{}", refused.stderr);
}

#[test]
fn a_duel_can_be_ended_with_what_there_is() {
    let (_turn, folder) = (beside(), folder());
    let demo = slow("5ms");
    let url = url(&demo);
    let running = start(
        folder.path(),
        &[],
        &[
            "duel", "--a", &url, "--b", &url, "--round", "500ms", "--out", "out",
        ],
    );
    let out = folder.path().join("out");
    wait_for("a round", || (!rounds(&out).is_empty()).then_some(()));
    running.signal("INT");
    running.wait().expect(130);
    let ended = run(
        folder.path(),
        &[],
        &["duel", "--resume", "out", "--end-now"],
    );
    // Six rounds are the fewest that show anything.
    if rounds(&out).len() < 6 {
        let ended = ended.expect(21);
        assert!(
            ended.stdout.contains("too few to judge"),
            "{}",
            ended.stdout
        );
    }
    let judged = duel_json(&out);
    let before = rounds(&out);
    let code = judged["verdict"]["exit_code"].as_i64();
    let code = i32::try_from(code.expect("an exit code")).expect("a small one");
    run(folder.path(), &[], &["duel", "--resume", "out"]).expect(code);
    assert_eq!(duel_json(&out), judged);
    assert_eq!(rounds(&out), before);
}

#[test]
fn mistakes_name_place_cause_and_cure() {
    let folder = folder();
    scenario(folder.path(), "demo");
    let told = |arguments: &[&str]| {
        let mut all = vec!["duel"];
        all.extend(arguments);
        run(folder.path(), &[], &all).expect(2).stderr
    };
    let few = told(&["--self-test", "--rounds", "5"]);
    assert!(
        few.contains("a duel of 5 rounds cannot be judged; plan 6 to 40"),
        "{few}"
    );
    let metric = told(&["--self-test", "--metric", "p0"]);
    assert!(metric.contains("--metric p0"), "{metric}");
    let doubled = told(&["--self-test", "--metric", "p50", "--metric", "p50"]);
    assert!(
        doubled.contains("--metric p50: is compared already; leave one out"),
        "{doubled}"
    );
    let ready = told(&["--self-test", "--ready", "/healthz"]);
    assert!(
        ready.contains("neither --a nor --b is one: leave it out"),
        "{ready}"
    );
    let command = told(&["--a", "./serve", "--b", "./serve"]);
    assert!(
        command.contains("say where it listens with --a-at URL"),
        "{command}"
    );
    let public = told(&["--a", "http://203.0.113.1/", "--b", "demo"]);
    assert!(public.contains("--yes-i-may-load 203.0.113.1"), "{public}");
    let broken = [
        "shop.yaml",
        "--a",
        "echo broken; exit 3",
        "--b",
        "demo",
        "--a-at",
        "127.0.0.1:9",
        "--out",
        "broken",
    ];
    let ended = told(&broken);
    assert!(
        ended.contains("A: `sh -c 'echo broken; exit 3'` exited with 3 before it was ready"),
        "{ended}"
    );
    assert!(ended.contains("its last lines:\nbroken"), "{ended}");
    // What came to nothing is not in the way.
    assert_eq!(told(&broken), ended);
    assert!(told(&["--resume", "nowhere"]).contains("give the folder of a duel"));
    assert!(told(&["--a", "demo"]).contains("--b"));
}
