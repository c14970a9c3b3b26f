//! How much a system bears, searched in parts.

use crate::comparison_capacity::{SHORT, scenario, tried, whole};
use crate::{beside, demo, folder, json, run, start};
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::{Finished, Running, wait_for};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Starts a search that bears all that it tries, so that somebody else has to end it before it has tried all.
fn search_to_end_early(folder: &Path, demo: &Demo) -> Running {
    scenario(folder, &format!("http://{}", demo.address()));
    let mut arguments = vec!["capacity", "shop.yaml", "--out", "out", "--slo", "p50 < 1s"];
    arguments.extend(["--start", "10/s", "--most", "40/s"]);
    arguments.extend(SHORT);
    start(folder, &[], &arguments)
}

#[test]
fn what_was_probed_survives_ctrl_c() {
    let (_turn, folder) = (beside(), folder());
    let demo = demo(Behaviour::default());
    let out = folder.path().join("out");
    let lines = || {
        let text = fs::read_to_string(out.join("probes.ndjson")).unwrap_or_default();
        text.matches('\n').count()
    };
    let running = search_to_end_early(folder.path(), &demo);
    wait_for("a probe", || (lines() >= 2).then_some(()));
    running.signal("INT");
    let interrupted = running.wait().expect(130);
    assert!(
        interrupted
            .stdout
            .contains("INTERRUPTED: not known yet; so far"),
        "{}",
        interrupted.stdout
    );
    let before = lines();
    let document = whole(folder.path());
    assert_eq!(document["status"], "interrupted");
    assert_eq!(document["verdict"]["exit_code"], 130);
    assert_eq!(document["capacity"]["complete"], false);
    assert_eq!(document["capacity"]["end"], "open");
    let tests_before = document["tests"].clone();

    let resumed = run(
        folder.path(),
        &[],
        &["capacity", "--resume", "out", "--json"],
    );
    let document = json(&resumed);
    assert_eq!(document["capacity"]["complete"], true, "{document:#}");
    assert_eq!(document["status"], "complete");
    // It is the search that was begun, and the system rests before it goes on.
    let command = document["command"].as_array().expect("a command");
    assert!(command.iter().any(|word| word == "--most"), "{command:?}");
    let rested = "cool down 2/s: settled";
    assert!(resumed.stderr.contains(rested), "{}", resumed.stderr);
    // The tests of before are there as they were.
    let before_too = tests_before.as_array().expect("tests");
    let all = whole(folder.path())["tests"].clone();
    assert_eq!(
        all.as_array().expect("tests")[..before_too.len()],
        before_too[..]
    );
    let tried = tried(&document);
    assert!(tried.len() >= before - 1);
    assert_eq!(tried[0].2, 10.0);
    let again = tried
        .iter()
        .filter(|one| one.0 == "probe" && one.2 == 10.0 && one.1 == "passed");
    assert!(
        again.count() <= 1,
        "what passed is not offered again: {tried:?}"
    );
}

#[test]
fn what_was_probed_survives_a_kill() {
    let (_turn, folder) = (beside(), folder());
    let demo = demo(Behaviour::default());
    let tests = || {
        let text = fs::read_to_string(folder.path().join("out/run.json")).unwrap_or_default();
        let document: Value = serde_json::from_str(&text).unwrap_or_default();
        document["tests"].as_array().map_or(0, Vec::len)
    };
    let running = search_to_end_early(folder.path(), &demo);
    wait_for("a probe", || (tests() >= 1).then_some(()));
    running.signal("KILL");
    running.wait();
    let document = whole(folder.path());
    assert_eq!(document["status"], "incomplete");
    let told = run(folder.path(), &[], &["report", "out"]).expect(21);
    assert!(told.stdout.contains("INCOMPLETE"), "{}", told.stdout);
    let probe = &document["tests"][0];
    let resumed = run(
        folder.path(),
        &[],
        &["capacity", "--resume", "out", "--json"],
    );
    assert_eq!(&json(&resumed)["tests"][0], probe);
    whole(folder.path());
}

#[test]
fn what_was_probed_survives_a_document_that_cannot_be_written() {
    let (_turn, folder) = (beside(), folder());
    let demo = demo(Behaviour::default());
    let document = folder.path().join("out/run.json");
    let probes = folder.path().join("out/probes.ndjson");
    let running = search_to_end_early(folder.path(), &demo);
    // A folder in its place cannot be replaced by a file.
    wait_for("the document", || {
        fs::remove_file(&document).ok()?;
        fs::create_dir(&document).ok()
    });
    let done = running.wait().expect(70);
    assert!(
        done.stderr.contains("every probe that is over is kept"),
        "{}",
        done.stderr
    );
    assert!(!done.stderr.contains("the result above"), "{}", done.stderr);
    let kept = fs::read_to_string(probes).expect("probes").lines().count();
    assert!(kept >= 2, "{kept}");
    fs::remove_dir(&document).expect("removed");
    let resume = || {
        let arguments = ["capacity", "--resume", "out", "--json"];
        run(folder.path(), &[], &arguments)
    };
    // A busy machine answers a trickle late, which is not told from a system that is not at rest yet.
    let is_busy = |done: &Finished| done.stderr.contains("let it come to rest, and go on then");
    let mut resumed = resume();
    for _ in 0..4 {
        if is_busy(&resumed) {
            resumed = resume();
        }
    }
    assert_eq!(json(&resumed)["capacity"]["complete"], true);
}
