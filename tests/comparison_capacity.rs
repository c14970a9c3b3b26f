//! How much a system bears.

use crate::{beside, demo, folder, json, run, turn};
use plimsoll_report::document::Run;
use plimsoll_target::{Behaviour, Demo};
use plimsoll_tests::Finished;
use plimsoll_tests::nginx::free_ports;
use plimsoll_tests::program::program;
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

/// A shop that refuses what is above 150 a second.
pub(crate) fn small() -> Demo {
    demo(Behaviour {
        latency: vec!["50ms".parse().expect("a latency")],
        capacity: Some("150/s".parse().expect("a capacity")),
        queue: Some(20),
        ..Behaviour::default()
    })
}

pub(crate) fn scenario(folder: &Path, target: &str) {
    let text = format!(
        "name: shop\ntarget: {target}\njourneys: {{ buy: {{ weight: 1, steps: [ {{ name: home, GET: /null }} ] }} }}\n"
    );
    fs::write(folder.join("shop.yaml"), text).expect("written");
}

pub(crate) const SHORT: [&str; 10] = [
    "--probe",
    "2s",
    "--longest",
    "4s",
    "--trim",
    "500ms",
    "--confirm",
    "2s",
    "--cool-down",
    "12s",
];

pub(crate) fn capacity(folder: &Path, file: &str, arguments: &[&str]) -> Finished {
    let mut all = vec!["capacity", file, "--out", "out", "--json"];
    all.extend(SHORT);
    all.extend(arguments);
    run(folder, &[], &all)
}

/// The document of the folder, in which everything that was tried has its test.
#[track_caller]
pub(crate) fn whole(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("out/run.json")).expect("run.json");
    Run::read(&text).expect("a run");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let probes = document["capacity"]["probes"].as_array().expect("probes");
    let named: Vec<&Value> = probes
        .iter()
        .filter(|probe| probe["kind"] != "cool_down")
        .map(|probe| &probe["test"])
        .collect();
    let tests = document["tests"].as_array().expect("tests");
    let tests: Vec<&Value> = tests.iter().map(|test| &test["name"]).collect();
    assert_eq!(named, tests);
    for test in document["tests"].as_array().expect("tests") {
        let step = &test["journeys"][0]["steps"][0];
        assert!(step["totals"]["intended"].as_u64() > Some(0), "{step:#}");
    }
    document
}

/// What was tried, as its kind and outcome.
pub(crate) fn tried(document: &Value) -> Vec<(String, String, f64)> {
    let probes = document["capacity"]["probes"].as_array().expect("probes");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    probes
        .iter()
        .map(|probe| {
            let rate = probe["rate"].as_f64().expect("a rate");
            (text(&probe["kind"]), text(&probe["outcome"]), rate)
        })
        .collect()
}

#[test]
fn the_rate_that_is_borne_is_found_and_confirmed() {
    let (_turn, folder) = (turn(), folder());
    let demo = small();
    scenario(folder.path(), &format!("http://{}", demo.address()));
    // Of a run before it.
    let left = folder.path().join("out/junit.xml");
    fs::create_dir(folder.path().join("out")).expect("a folder");
    fs::write(&left, "of another run").expect("written");
    let done = capacity(
        folder.path(),
        "shop.yaml",
        &[
            "--slo",
            "p90 < 500ms",
            "--start",
            "50/s",
            "--resolution",
            "100%",
            "--peak",
            "40/s",
            "--growth",
            "5%",
        ],
    );
    let document = json(&done);
    let tried = tried(&document);
    assert_eq!(document["schema"], "plimsoll.run/1");
    whole(folder.path());
    assert!(!left.exists(), "it would be taken for that of the search");
    assert_eq!((tried[0].0.as_str(), tried[0].2), ("probe", 50.0));
    let found = &document["capacity"];
    // A machine that does not keep up ends the search early, and is said to.
    match found["end"].as_str().expect("an end") {
        "confirmed" => {
            let done = done.expect(0);
            assert!(found["sustained_rate"].as_f64() <= Some(150.0), "{found:#}");
            // Unless all that did not pass was only not proven.
            let is_refuted = found["refuted_rate"].is_f64();
            assert_eq!(found["limited_by"] == "target", is_refuted, "{found:#}");
            assert_eq!(found["at_least"], !is_refuted, "{found:#}");
            let planning = &found["planning"];
            assert!(planning["headroom"].as_f64() > Some(0.0), "{planning:#}");
            assert!(planning["months_left"].as_f64() > Some(0.0), "{planning:#}");
            let failed = tried
                .iter()
                .position(|one| one.1 == "failed" || one.1 == "inconclusive");
            let failed = failed.expect("a rate that is too much");
            assert_eq!(tried[failed + 1].0, "cool_down", "{tried:?}");
            assert!(tried.iter().any(|one| one.0 == "confirm"), "{tried:?}");
            let is_overloaded = tried.iter().any(|one| one.0 == "from_above");
            assert_eq!(is_overloaded, is_refuted, "{tried:?}");
            assert!(done.stderr.contains("probe 50/s"), "{}", done.stderr);
        }
        "generator_limited" => assert!(matches!(done.code, Some(0 | 21 | 22))),
        _ => assert!(matches!(done.code, Some(20 | 21)), "{document:#}"),
    }
    let probe = &found["probes"][0];
    // Fifty a second, some 50 ms each.
    assert!(
        probe["in_flight"].as_f64().is_some_and(|n| n > 1.0),
        "{probe:#}"
    );
    let refused = found["scalability"]["law_refused"].as_str();
    assert!(
        refused.is_some_and(|why| why.contains("different loads")),
        "{refused:?}"
    );
    let out = folder.path().join("out");
    for name in ["run.json", "summary.md", "report.html", "probes.ndjson"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    // All of it is made anew from the document, and other commands know it for what it is.
    let told = run(folder.path(), &[], &["report", "out"]);
    let sentence = document["verdict"]["sentence"]
        .as_str()
        .expect("a sentence");
    assert!(told.stdout.contains(sentence), "{}", told.stdout);
    for (file, part) in [
        ("again.html", "id=\"probes\""),
        ("again.md", "how much it bears"),
        ("again.xml", "name=\"capacity\""),
    ] {
        run(folder.path(), &[], &["report", "out", "-o", file]);
        let text = fs::read_to_string(folder.path().join(file)).expect("a file");
        assert!(text.contains(part), "{file}: {text}");
    }
    let kept = run(folder.path(), &[], &["history", "add", "out"]).expect(2);
    assert!(
        kept.stderr.contains("it is a search for capacity"),
        "{}",
        kept.stderr
    );
    let verified = run(folder.path(), &[], &["verify", "out"]).expect(2);
    assert!(
        verified.stderr.contains("only a run of a readiness plan"),
        "{}",
        verified.stderr
    );
    // A probe of the same name under another load is another one.
    let mut other = document.clone();
    other["tests"][0]["load"]["target_per_s"] = 49.0.into();
    let file = folder.path().join("other.json");
    fs::write(&file, other.to_string()).expect("a document");
    let beside = |b: &str| json(&run(folder.path(), &[], &["compare", "out", b, "--json"]));
    let (same, changed) = (beside("out"), beside("other.json"));
    assert_eq!(same["capacity"]["a"], same["capacity"]["b"]);
    assert_eq!(
        same["capacity"]["a"]["sustained_rate"],
        found["sustained_rate"]
    );
    let pairs = |beside: &Value| beside["tests"].as_array().map(Vec::len);
    let all = document["tests"].as_array().map(Vec::len);
    assert_eq!(pairs(&same), all);
    assert_eq!(pairs(&changed), all.map(|all| all - 1));
    assert_eq!(changed["unmatched"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_capacity_above_all_that_was_tried_is_at_least_that() {
    let (_turn, folder) = (turn(), folder());
    let [port] = free_ports();
    scenario(folder.path(), &format!("http://127.0.0.1:{port}"));
    let server = format!("'{}' target --listen 127.0.0.1:{port}", program().display());
    let done = capacity(
        folder.path(),
        "shop.yaml",
        &[
            "--slo", "p50 < 1s", "--start", "40/s", "--most", "80/s", "--server", &server,
            "--ready", "/version",
        ],
    );
    let document = json(&done);
    let found = &document["capacity"];
    let probe = &found["probes"][0];
    assert!(
        probe["processors"].as_f64().is_some_and(|used| used >= 0.0),
        "{probe:#}"
    );
    assert!(found["resources"]["refused"].is_string(), "{document:#}");
    if found["end"] == "most" {
        done.expect(0);
        assert_eq!(found["sustained_rate"], 80.0);
        assert_eq!(found["at_least"], true);
        assert_eq!(found["limited_by"], Value::Null);
        assert!(
            document["verdict"]["sentence"]
                .as_str()
                .is_some_and(|told| told.contains("at least 80.0"))
        );
    }
    // Nobody listens any more.
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
}

#[test]
fn a_system_that_does_not_stay_up_is_said_to() {
    let (_turn, folder) = (beside(), folder());
    let [port] = free_ports();
    scenario(folder.path(), &format!("http://127.0.0.1:{port}"));
    let server = format!(
        "exec timeout 3 '{}' target --listen 127.0.0.1:{port}",
        program().display()
    );
    // Whatever comes of it passes, so that the search is a probe and its confirmation: longer than the system is up.
    let mut arguments = vec!["--slo", "errors < 99%", "--start", "20/s", "--most", "20/s"];
    arguments.extend(["--server", &server, "--ready", "/version"]);
    let done = capacity(folder.path(), "shop.yaml", &arguments);
    let document = json(&done);
    let probes = document["capacity"]["probes"].as_array().expect("probes");
    let mut reasons = probes.iter().filter_map(|probe| probe["reason"].as_str());
    assert!(
        reasons.any(|reason| {
            reason.contains("the system did not stay up: ") && reason.contains("exited with 124")
        }),
        "{document:#}"
    );
}

#[test]
fn a_generator_at_its_limit_is_said_to_be() {
    let (_turn, folder) = (turn(), folder());
    scenario(folder.path(), "demo");
    let arguments = [
        "capacity",
        "shop.yaml",
        "--out",
        "out",
        "--json",
        "--slo",
        "p50 < 10s",
        // What was never sent is no failure of the system.
        "--slo",
        "errors < 1%",
        "--start",
        "40000/s",
        "--probe",
        "500ms",
        "--longest",
        "500ms",
        "--trim",
        "0s",
        "--confirm",
        "500ms",
        "--threads",
        "1",
    ];
    let done = run(folder.path(), &[], &arguments);
    let document = json(&done);
    // A machine that can do this is welcome to.
    if document["capacity"]["probes"][0]["outcome"] != "passed" {
        let done = done.expect(22);
        assert_eq!(
            document["capacity"]["end"], "generator_limited",
            "{document:#}"
        );
        assert_eq!(document["capacity"]["limited_by"], "generator");
        assert!(
            done.stdout
                .contains("the generator was at its limit at 40000.0 per second")
        );
    }
}

#[test]
fn the_demo_service_tells_what_it_costs() {
    let (_turn, folder) = (turn(), folder());
    scenario(folder.path(), "demo");
    let done = capacity(
        folder.path(),
        "shop.yaml",
        &[
            "--slo",
            "p50 < 1s",
            "--start",
            "50/s",
            "--most",
            "100/s",
            "--not-from-above",
        ],
    );
    let document = json(&done);
    let capacity = &document["capacity"];
    let used = capacity["probes"][0]["processors"].as_f64();
    assert!(
        used.is_some_and(|used| used > 0.0 && used < 1.1),
        "{used:?}"
    );
    assert_eq!(
        capacity["resources"]["source"],
        "thread of the demo service"
    );
    let resources = &document["tests"][0]["resources"][0];
    assert_eq!(resources["source"], "thread of the demo service");
}

#[test]
fn mistakes_name_place_cause_and_cure() {
    let folder = folder();
    scenario(folder.path(), "demo");
    let told = |arguments: &[&str]| {
        let mut all = vec!["capacity"];
        all.extend(arguments);
        run(folder.path(), &[], &all).expect(2).stderr
    };
    let aimless = told(&["shop.yaml"]);
    assert!(aimless.contains("say --slo \"p99 < 400ms\""), "{aimless}");
    let slo = told(&["shop.yaml", "--slo", "p99 fast"]);
    assert!(slo.contains("--slo \"p99 fast\""), "{slo}");
    let window = told(&["shop.yaml", "--slo", "errors < 1% for 10s"]);
    assert!(window.contains("leave `for …` out"), "{window}");
    let reversed = told(&[
        "shop.yaml",
        "--slo",
        "p50 < 1s",
        "--start",
        "50/s",
        "--most",
        "10/s",
    ]);
    assert!(reversed.contains("--most is 10/s: "), "{reversed}");
    let rate = told(&["shop.yaml", "--slo", "goodput >= 100/s"]);
    assert!(rate.contains("any lower rate misses that"), "{rate}");
    assert!(told(&["--resume", "nowhere"]).contains("give the folder of a search"));
}

#[test]
fn a_secret_of_the_command_line_is_not_kept() {
    const CANARY: &str = "canary-of-the-server-5f2";
    let (_turn, folder) = (beside(), folder());
    let [port] = free_ports();
    fs::write(folder.path().join("key.txt"), CANARY).expect("a secret");
    let text = format!(
        "name: shop
target: http://127.0.0.1:{port}
secrets: {{ key: {{ file: key.txt }} }}
journeys: {{ buy: {{ steps: [ {{ name: home, GET: /null, headers: {{ x-key: '{{{{ secret.key }}}}' }} }} ] }} }}
"
    );
    fs::write(folder.path().join("shop.yaml"), text).expect("written");
    let server = format!(
        "KEY={CANARY} '{}' target --listen 127.0.0.1:{port}",
        program().display()
    );
    let mut arguments = vec!["--slo", "p50 < 1s", "--start", "20/s", "--most", "20/s"];
    arguments.extend(["--server", &server, "--ready", "/version"]);
    let done = capacity(folder.path(), "shop.yaml", &arguments);
    let document = json(&done);
    // What the server's processors did is told with what it was started with.
    let source = document["capacity"]["resources"]["source"]
        .as_str()
        .expect("a source");
    assert!(source.contains("target --listen"), "{source}");
    let mut told = done.stdout + &done.stderr;
    for entry in fs::read_dir(folder.path().join("out")).expect("a folder") {
        let path = entry.expect("an entry").path();
        told += &String::from_utf8_lossy(&fs::read(path).expect("a file"));
    }
    assert!(told.contains("plimsoll.capacity.probes/1"), "{told}");
    assert!(!told.contains(CANARY), "{told}");
    let again = run(folder.path(), &[], &["capacity", "--resume", "out"]);
    assert!(again.stderr.contains("a secret stood"), "{}", again.stderr);
}
