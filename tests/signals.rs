//! Ctrl-C and `kill -9`.

use crate::folder;
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::result::assert_balanced;
use plimsoll_tests::{Running, number, plimsoll, run_json, wait_for};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::Duration;

fn demo() -> Demo {
    Demo::start(Behaviour::default(), ([127, 0, 0, 1], 0).into()).expect("the demo service starts")
}

fn start(folder: &Path, demo: &Demo, path: &str) -> Running {
    let url = format!("http://{}{path}", demo.address());
    Running::start(
        folder,
        [
            "hit",
            &url,
            "--rate",
            "100/s",
            "--duration",
            "100s",
            "--out",
            "out",
        ],
    )
}

/// Waits until the folder says that so many requests ended well, and returns how many did.
fn wait_for_ok(folder: &Path, wanted: u64) -> u64 {
    wait_for(&format!("{wanted} requests that ended well"), || {
        let json = fs::read(folder.join("out/run.json")).ok()?;
        let json: Value = serde_json::from_slice(&json).ok()?;
        json["totals"]["ok"].as_u64().filter(|ok| *ok >= wanted)
    })
}

#[test]
fn ctrl_c_stops_arrivals_drains_and_writes_everything() {
    let (folder, demo) = (folder(), demo());
    let run = start(folder.path(), &demo, "/null");
    wait_for_ok(folder.path(), 100);
    run.signal("INT");
    let run = run.wait().expect(130);
    let json = run_json(&folder.path().join("out"));
    assert_eq!(json["status"], "interrupted");
    assert_balanced(&json, "/totals");
    assert_eq!(
        number(&json, "/totals/in_flight_at_end"),
        0,
        "what was under way has finished"
    );
    assert_eq!(number(&json, "/totals/ok"), demo.counts().requests);
    assert!(run.stdout.contains("INTERRUPTED"), "{}", run.stdout);
    for file in ["summary.md", "intervals.hlog", "events.ndjson"] {
        assert!(folder.path().join("out").join(file).is_file(), "{file}");
    }
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let (folder, demo) = (folder(), demo());
    let url = format!("http://{}/fault/never", demo.address());
    let run = Running::start(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "10/s",
            "--duration",
            "100s",
            "--timeout",
            "90s",
            "--grace",
            "90s",
            "--out",
            "out",
        ],
    );
    let out = folder.path().join("out");
    wait_for("the run is on its way", || {
        out.join("run.json").exists().then_some(())
    });
    run.signal("INT");
    // The first is acknowledged in the log of events; only then is the second a second one.
    wait_for("the first signal is noted", || {
        let events = fs::read_to_string(out.join("events.ndjson")).ok()?;
        events.contains("interrupted").then_some(())
    });
    // What comes within a tenth of a second is taken for the first.
    std::thread::sleep(Duration::from_millis(150));
    run.signal("INT");
    run.wait().expect(130);
}

#[test]
fn a_signal_to_the_program_and_then_to_its_group_is_one() {
    let (folder, demo) = (folder(), demo());
    let run = start(folder.path(), &demo, "/null");
    wait_for_ok(folder.path(), 50);
    // Within one process, so that nothing comes between.
    let id = run.id().to_string();
    let script = format!("kill -s TERM {id}; kill -s TERM {id}");
    let status = std::process::Command::new("sh")
        .args(["-c", &script])
        .status();
    assert!(status.is_ok_and(|status| status.success()));
    run.wait().expect(130);
    assert_eq!(
        run_json(&folder.path().join("out"))["status"],
        "interrupted"
    );
    assert!(folder.path().join("out/summary.md").exists());
}

#[test]
fn kill_9_loses_a_second_at_most_and_the_rest_can_be_shown() {
    let (folder, demo) = (folder(), demo());
    let run = start(folder.path(), &demo, "/null");
    let seen = wait_for_ok(folder.path(), 150);
    run.signal("KILL");
    assert_eq!(run.wait().code, None);
    let served = demo.counts().requests;
    let report = plimsoll(folder.path(), ["report", "out"]);
    assert!(report.stdout.contains("INCOMPLETE"), "{}", report.stdout);
    let json = run_json(&folder.path().join("out"));
    assert_eq!(json["status"], "incomplete");
    let kept = number(&json, "/totals/ok");
    assert!(kept >= seen, "{kept} of {served}, {seen} were there before");
    // 100/s: what is written once a second may lack what came since, and what a busy machine delays.
    assert!(served - kept <= 200, "{kept} of {served}");
    let intervals =
        fs::read_to_string(folder.path().join("out/intervals.hlog")).expect("intervals");
    assert!(
        intervals
            .lines()
            .filter(|line| line.starts_with("Tag="))
            .count()
            >= 1,
        "{intervals}"
    );
}
