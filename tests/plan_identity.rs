//! Is the tested build the release?

use crate::*;
use plimsoll_target::{Behaviour, Demo, Release};
use plimsoll_tests::nginx::free_ports;
use plimsoll_tests::plimsoll;
use plimsoll_tests::program::program;
use std::net::TcpListener;
use std::process::Command;

const RELEASE: &str = "release:
  version: 1.0.0
  revision: 9f2c1e07aa0b4c1d8e9f00112233445566778899
  min_sources: 2
  components:
    - name: web
      tier: critical
      sources: [ { endpoint: /version, version: version, revision: commit }, { header: x-release-id } ]
tests:
  - { name: expected, at: 1x, hold: 6s }
  - { name: headroom, at: target, hold: 6s }
";

fn demo(version: &str) -> Demo {
    let behaviour = Behaviour {
        release: Release {
            version: version.to_owned(),
            ..Release::default()
        },
        ..Behaviour::default()
    };
    Demo::start(behaviour, ([127, 0, 0, 1], 0).into()).expect("the demo service starts")
}

#[test]
fn another_build_stops_the_run_before_any_load() {
    let _turn = turn();
    let (folder, demo) = (folder(), demo("1.0.1"));
    write(folder.path(), &demo.url(), &format!("{PROMISES}{RELEASE}"));
    let finished = run(folder.path(), &[]);
    assert_code(&finished, 22);
    let run = document(folder.path());
    assert_eq!(run["identity"]["status"], "mismatch");
    assert_eq!(state(&run, "identity/web"), "invalid");
    assert_eq!(state(&run, "expected/buy/errors"), "not_run");
    assert!(finished.stdout.contains("1.0.1"), "{}", finished.stdout);
    let counts = demo.counts();
    assert_eq!(
        counts.of("/search"),
        0,
        "nothing but questions was sent: {counts:?}"
    );
}

#[test]
fn a_change_that_nobody_declared_spoils_what_comes_after_it() {
    let _turn = turn();
    let (folder, demo) = (folder(), demo("1.0.0"));
    let baseline = "baseline: { release: 0.9.0, thresholds: [ 'errors <= +10%' ] }\n";
    let plan = format!("{PROMISES}{RELEASE}{baseline}");
    write(folder.path(), &demo.url(), &plan);
    // A run of the release before, which the second test is compared with.
    let only = ["run", "plan.yaml", "--only", "headroom", "--out", "earlier"];
    plimsoll(folder.path(), only);
    let add = ["history", "add", "earlier", "--release", "0.9.0"];
    plimsoll(folder.path(), add).expect(0);
    let before = demo.counts().requests;
    let arguments = ["run", "plan.yaml", "--out", "out"];
    let running = plimsoll_tests::Running::start(folder.path(), arguments);
    // In the second test: a good half of all requests are those of the first.
    plimsoll_tests::wait_for("the second test", || {
        (demo.counts().requests > before + 320).then_some(())
    });
    demo.merge_behaviour(serde_json::json!({ "release": { "version": "1.0.1" } }))
        .expect("it changes");
    let finished = running.wait();
    assert_code(&finished, 22);
    let run = document(folder.path());
    assert_eq!(
        run["identity"]["status"], "changed",
        "{:#}",
        run["identity"]
    );
    assert_passed(&run, "expected/buy/errors");
    assert_eq!(state(&run, "headroom/buy/errors"), "invalid");
    let reason = item(&run, "headroom/buy/errors")["reason"].to_string();
    assert!(
        reason.contains("`headroom`"),
        "the moment is named: {reason}"
    );
    // Nor does it show anything beside the release before.
    assert_eq!(state(&run, "headroom/buy/baseline/errors"), "invalid");
}

#[test]
fn on_launch_day_the_deployed_build_is_compared_with_the_tested_one() {
    let _turn = turn();
    let (folder, demo) = (folder(), demo("1.0.0"));
    write(folder.path(), &demo.url(), &format!("{PROMISES}{RELEASE}"));
    let finished = run(folder.path(), &[]);
    assert_code(&finished, unless_disturbed(&document(folder.path()), 0));
    let verify = || plimsoll(folder.path(), ["verify", "out", "--deployed"]);
    let same = verify().expect(0);
    assert!(
        same.stdout.contains("is what was tested"),
        "{}",
        same.stdout
    );
    demo.merge_behaviour(serde_json::json!({ "release": { "version": "1.0.2" } }))
        .expect("it changes");
    let other = verify().expect(22);
    assert!(other.stdout.contains("ANOTHER BUILD"), "{}", other.stdout);
    assert!(
        other.stdout.contains("NOT what was tested"),
        "{}",
        other.stdout
    );
}

#[test]
fn the_release_is_started_watched_and_stopped() {
    let _turn = turn();
    let folder = folder();
    let [port] = free_ports();
    let listen = format!("127.0.0.1:{port}");
    let digest = Command::new("sha256sum")
        .arg(program())
        .output()
        .expect("sha256sum runs");
    let digest = String::from_utf8_lossy(&digest.stdout)[..64].to_owned();
    let plan = |digest: &str| {
        format!(
            "{PROMISES}target: {{ run: [ '{}', target, --listen, '{listen}' ], ready: /healthz, sha256: '{digest}' }}\ntests: [ {{ name: expected, at: 1x, hold: 6s }} ]\n",
            program().display()
        )
    };
    write(folder.path(), &format!("http://{listen}"), &plan(&digest));
    let finished = run(folder.path(), &[]);
    let run_document = document(folder.path());
    assert_code(&finished, unless_disturbed(&run_document, 0));
    let points = run_document["tests"][0]["resources"][0]["points"]
        .as_array()
        .expect("points");
    assert!(
        points
            .iter()
            .any(|point| point["rss_bytes"].as_u64() > Some(1_000_000)),
        "{points:#?}"
    );
    assert!(folder.path().join("out/target.log").is_file());
    assert!(
        TcpListener::bind(&listen).is_ok(),
        "it is stopped when the run is over"
    );
    write(
        folder.path(),
        &format!("http://{listen}"),
        &plan(&"0".repeat(64)),
    );
    let other = run(folder.path(), &[]);
    assert_code(&other, 22);
    assert!(
        other.stderr.contains("nothing was started"),
        "{}",
        other.stderr
    );
}

#[test]
fn configurations_may_differ_only_as_declared() {
    let _turn = turn();
    let folder = folder();
    let release = "release:
  version: 4.12.0
  components: [ { name: web, tier: critical, sources: [ { endpoint: /version, version: version } ] } ]
  config: { rendered: prod.yaml, deployed: perf.yaml, allowed_differences: [ { path: /web/host, reason: a test host, owner: sre } ] }
tests: [ { name: expected, at: 1x, hold: 6s } ]
";
    write(folder.path(), "demo", &format!("{PROMISES}{release}"));
    let config =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("it is written");
    config("prod.yaml", "web: { host: shop.example, pool: 20 }\n");
    config("perf.yaml", "web: { host: perf.example, pool: 20 }\n");
    let finished = run(folder.path(), &[]);
    let allowed = document(folder.path());
    assert_code(&finished, unless_disturbed(&allowed, 0));
    assert_eq!(allowed["identity"]["config"]["matches"], true);
    config("perf.yaml", "web: { host: perf.example, pool: 200 }\n");
    let finished = run(folder.path(), &[]);
    assert_code(&finished, 22);
    let differs = document(folder.path());
    assert_eq!(differs["identity"]["config"]["matches"], false);
    assert!(
        differs["identity"]["config"]["differences"]
            .to_string()
            .contains("/web/pool")
    );
}
