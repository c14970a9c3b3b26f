//! Runs kept in one file.

use crate::{beside, demo, folder, json, run, start};
use plimsoll_target::Behaviour;
use plimsoll_tests::run_json;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Leaves the result of a short run in `out`.
fn measure(folder: &Path) -> Value {
    let _turn = beside();
    let demo = demo(Behaviour::default());
    let url = format!("http://{}/null", demo.address());
    let arguments = [
        "hit",
        &url,
        "--rate",
        "50/s",
        "--duration",
        "1s",
        "--out",
        "out",
    ];
    let commit = [("CI_COMMIT_SHA", "abc123"), ("CI_COMMIT_REF_NAME", "main")];
    run(folder, &commit, &arguments);
    run_json(&folder.join("out"))
}

/// Writes the same run as if it had been made on another day, with another p95.
fn another(folder: &Path, of: &Value, day: usize, p95_ns: u64) -> String {
    let mut other = of.clone();
    other["started_at"] = json!(format!(
        "2026-{:02}-{:02}T03:00:00Z",
        1 + day / 28,
        1 + day % 28
    ));
    other["tests"][0]["response"]["p95_ns"] = json!(p95_ns);
    other["tests"][0]["journeys"][0]["steps"][0]["response"]["p95_ns"] = json!(p95_ns);
    other["status"] = json!("complete");
    other["validity"]["status"] = json!("valid");
    let name = format!("run-{day}.json");
    fs::write(folder.join(&name), other.to_string()).expect("written");
    name
}

#[test]
fn a_run_is_kept_once_and_shown_with_where_it_comes_from() {
    let folder = folder();
    let document = measure(folder.path());
    assert_eq!(document["circumstances"]["origin"]["revision"], "abc123");
    let machine = &document["circumstances"]["machine"];
    assert!(
        machine["cores"].as_u64().is_some_and(|cores| cores > 0),
        "{machine}"
    );
    assert_eq!(document["tests"][0]["started_ns"], 0);

    let added = run(
        folder.path(),
        &[],
        &["history", "add", "out", "--label", "nightly", "--json"],
    )
    .expect(0);
    let added = &json(&added)["added"][0];
    assert_eq!(added["known"], false);
    assert_eq!(added["run"]["branch"], "main");
    assert_eq!(added["run"]["revision"], "abc123");
    assert!(folder.path().join("plimsoll-history.db").is_file());
    let again = run(folder.path(), &[], &["history", "add", "out/run.json"]).expect(0);
    assert!(
        again.stdout.contains("was there already"),
        "{}",
        again.stdout
    );

    // What is said now: a label is taken, where it comes from is not.
    let said = [
        "history", "add", "out", "--label", "golden", "--branch", "b",
    ];
    let said = run(folder.path(), &[], &said).expect(0).stdout;
    assert!(
        said.contains("was there already; labelled (main, abc123, golden)")
            && said.contains("--branch not taken: of a run that is kept only the label changes"),
        "{said}"
    );
    let back = ["history", "add", "out", "--label", "nightly"];
    run(folder.path(), &[], &back).expect(0);
    // None is added if one cannot be.
    let good = another(folder.path(), &document, 1, 1_000_000);
    let mut bad = document.clone();
    bad["status"] = json!("incomplete");
    fs::write(folder.path().join("bad.json"), bad.to_string()).expect("written");
    let refused = run(folder.path(), &[], &["history", "add", &good, "bad.json"]).expect(2);
    assert!(
        refused.stderr.contains("cannot be kept"),
        "{}",
        refused.stderr
    );

    let listed = run(folder.path(), &[], &["history", "list"]).expect(0);
    assert_eq!(
        listed.stdout.matches("nightly").count(),
        1,
        "{}",
        listed.stdout
    );
    assert_eq!(
        listed.stdout.matches("main").count(),
        1,
        "{}",
        listed.stdout
    );
    let id = added["run"]["id"].as_str().expect("an id");
    let shown = run(folder.path(), &[], &["history", "show", &id[..6], "--json"]).expect(0);
    let shown = json(&shown);
    let series = &shown["tests"][0]["series"];
    assert_eq!(series[0]["figures"]["errors"], 0.0, "{series:#}");
    assert!(
        series[2]["histogram_samples"]
            .as_u64()
            .is_some_and(|count| count > 0)
    );
    let target = shown["tests"][0]["environment"]["target"].as_str();
    assert!(target.is_some_and(|target| target.starts_with("http://127.0.0.1:")));
}

#[test]
fn a_trend_shows_where_a_figure_changed_and_mixes_nothing() {
    let folder = folder();
    let of = measure(folder.path());
    let mut arguments = vec!["history".to_owned(), "add".to_owned()];
    for day in 0..16 {
        let noise = (day as u64 * 7919) % 13 * 10_000;
        let level = if day < 10 { 10_000_000 } else { 15_000_000 };
        arguments.push(another(folder.path(), &of, day, level + noise));
    }
    // One night ran elsewhere.
    let mut elsewhere = of.clone();
    elsewhere["started_at"] = json!("2026-01-05T04:00:00Z");
    elsewhere["circumstances"]["machine"]["processor"] = json!("a larger one");
    fs::write(folder.path().join("elsewhere.json"), elsewhere.to_string()).expect("written");
    arguments.push("elsewhere.json".to_owned());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run(folder.path(), &[], &arguments).expect(0);

    let trend = run(
        folder.path(),
        &[],
        &["history", "trend", "hit/request", "--json"],
    )
    .expect(0);
    let trend = json(&trend);
    let series = &trend["series"][0];
    assert_eq!(series["points"].as_array().map(Vec::len), Some(16));
    let changes = series["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(changes[0]["index"], 10);
    assert_eq!(changes[0]["worse"], true);
    assert_eq!(changes[0]["provisional"], false);
    let why = series["left_out"][0]["why"].as_str().expect("a reason");
    assert!(why.contains("processor was `a larger one`"), "{why}");

    let table = run(folder.path(), &[], &["history", "trend"]).expect(0);
    assert!(
        table.stdout.contains("load/hit/request"),
        "{}",
        table.stdout
    );
    assert!(table.stdout.contains("worse"), "{}", table.stdout);
    assert!(table.stdout.contains("left out"), "{}", table.stdout);

    // It has lasted, and is new: it fails a build. What is older than that does not.
    let gate = |more: &[&str]| {
        let all = ["history", "trend", "hit/request", "--gate"];
        let all: Vec<&str> = all.iter().chain(more).copied().collect();
        run(folder.path(), &[], &all)
    };
    let told = gate(&["--annotations", "github"]).expect(20).stdout;
    let sentence =
        "REGRESSED: p95 got worse for good in 1 of 1 series within the last 20 results\n";
    assert!(told.contains(sentence), "{told}");
    let annotation = "::error title=REGRESSED::load/hit/request: +";
    assert!(told.contains(annotation), "{told}");
    let old = json(&gate(&["--within", "5", "--json"]).expect(0));
    assert_eq!(old["gate"]["exit_code"], 0, "{old:#}");
    let short = gate(&["--within", "4"]).expect(2).stderr;
    assert!(short.contains("say 5 or more"), "{short}");
    let few = gate(&["--limit", "7"]).expect(2).stderr;
    assert!(few.contains("say 8 or more"), "{few}");
    let offered = gate(&["--metric", "offered"]).expect(2).stderr;
    assert!(offered.contains("neither good nor bad"), "{offered}");

    // Three results after a change are a change, and not yet a settled one.
    let mut first = vec!["history", "--file", "early.db", "add"];
    first.extend(&arguments[2..15]);
    run(folder.path(), &[], &first).expect(0);
    let early = run(
        folder.path(),
        &[],
        &[
            "history",
            "trend",
            "hit/request",
            "--file",
            "early.db",
            "--gate",
            "--annotations",
            "github",
        ],
    )
    .expect(0);
    assert!(
        early
            .stdout
            .contains("OK: p95 got worse for good in none of 1 series")
            && early
                .stdout
                .contains("::warning title=may be worse::load/hit/request: +"),
        "{}",
        early.stdout
    );
    assert!(
        early.stdout.contains("provisional until 5 results follow"),
        "{}",
        early.stdout
    );
}

#[test]
fn a_test_that_is_gone_and_nights_that_are_invalid_are_no_verdict() {
    let folder = folder();
    let here = folder.path();
    let of = measure(here);
    let mut add = vec!["history".to_owned(), "add".to_owned()];
    for day in 0..24 {
        let name = another(here, &of, day, 10_000_000 + day as u64 % 3 * 1000);
        if day < 16 {
            // A test that got slower, and was taken out six nights later.
            let text = fs::read(here.join(&name)).expect("a result");
            let mut both: Value = serde_json::from_slice(&text).expect("JSON");
            let mut soak = both["tests"][0].clone();
            soak["name"] = json!("soak");
            let p95 = if day < 10 { 20_000_000 } else { 30_000_000 };
            soak["response"]["p95_ns"] = json!(p95 + day * 1000);
            both["tests"].as_array_mut().expect("tests").push(soak);
            fs::write(here.join(&name), both.to_string()).expect("written");
        }
        add.push(name);
    }
    let gate = |file: &str, add: &[String]| {
        let add: Vec<&str> = add.iter().map(String::as_str).collect();
        let file = ["--file", file];
        run(here, &[], &[&add[..], &file].concat()).expect(0);
        let trend = ["history", "trend", "--gate", "--annotations", "github"];
        run(here, &[], &[&trend[..], &file].concat())
    };
    let while_there = gate("there.db", &add[..18]).expect(20).stdout;
    assert!(while_there.contains("soak: +50.0 % worse"), "{while_there}");
    let gone = gate("gone.db", &add).expect(0).stdout;
    assert!(
        gone.contains("OK: p95 got worse for good in none of 3 series")
            && gone.contains("not judged, because the newest run does not have"),
        "{gone}"
    );

    for name in &add[2..] {
        let text = fs::read(here.join(name)).expect("a result");
        let mut invalid: Value = serde_json::from_slice(&text).expect("JSON");
        invalid["validity"]["status"] = json!("invalid");
        fs::write(here.join(name), invalid.to_string()).expect("written");
    }
    let nothing = gate("invalid.db", &add).expect(0).stdout;
    assert!(
        nothing.contains("::warning title=trend::NOTHING TO JUDGE: ")
            && nothing.contains("24 runs were left out: not valid"),
        "{nothing}"
    );
}

#[test]
fn a_figure_that_stays_infinite_fails_a_build() {
    let folder = folder();
    let of = measure(folder.path());
    let infinite_now = |response: &mut Value| {
        response["p95_ns"] = Value::Null;
        response["infinite"] = json!(["p95"]);
    };
    let gate = |nights: usize| {
        let names = (0..8 + nights).map(|day| {
            let name = another(folder.path(), &of, day, 10_000_000 + day as u64 % 3 * 1000);
            if day >= 8 {
                let path = folder.path().join(&name);
                let text = fs::read(&path).expect("a result");
                let mut infinite: Value = serde_json::from_slice(&text).expect("JSON");
                infinite_now(&mut infinite["tests"][0]["response"]);
                infinite_now(&mut infinite["tests"][0]["journeys"][0]["steps"][0]["response"]);
                fs::write(path, infinite.to_string()).expect("written");
            }
            name
        });
        let file = format!("{nights}.db");
        let names: Vec<String> = names.collect();
        let mut add = vec!["history", "--file", &file, "add"];
        add.extend(names.iter().map(String::as_str));
        run(folder.path(), &[], &add).expect(0);
        let trend = ["history", "trend", "hit/request", "--gate", "--file", &file];
        run(folder.path(), &[], &trend)
    };
    let early = gate(4).expect(0).stdout;
    assert!(
        early.contains("load/hit/request: among requests that did not succeed since")
            && early.contains("4 of them so far"),
        "{early}"
    );
    let late = gate(5).expect(20).stdout;
    assert!(late.contains("in 1 of 1 series"), "{late}");
}

#[test]
fn two_who_write_at_once_both_land_and_old_runs_go() {
    let folder = folder();
    let of = measure(folder.path());
    let names: Vec<String> = (0..8)
        .map(|day| another(folder.path(), &of, day, 1_000_000))
        .collect();
    let writers: Vec<_> = names
        .iter()
        .map(|name| start(folder.path(), &[], &["history", "add", name]))
        .collect();
    for writer in writers {
        writer.wait().expect(0);
    }
    let listed = json(&run(folder.path(), &[], &["history", "list", "--json"]).expect(0));
    assert_eq!(listed["runs"].as_array().map(Vec::len), Some(8));

    let would = run(
        folder.path(),
        &[],
        &["history", "prune", "--keep", "3", "--dry-run"],
    )
    .expect(0);
    assert!(
        would.stdout.contains("5 runs would be removed"),
        "{}",
        would.stdout
    );
    run(folder.path(), &[], &["history", "prune", "--keep", "3"]).expect(0);
    let listed = json(&run(folder.path(), &[], &["history", "list", "--json"]).expect(0));
    assert_eq!(listed["runs"].as_array().map(Vec::len), Some(3));
}

#[test]
fn mistakes_name_place_cause_and_cure() {
    let folder = folder();
    let told = |arguments: &[&str]| run(folder.path(), &[], arguments).expect(2).stderr;
    let missing = told(&["history", "list"]);
    assert!(
        missing.contains("there is no history at plimsoll-history.db"),
        "{missing}"
    );
    assert!(told(&["history", "add", "nowhere"]).contains("give the folder of a run"));
    assert!(!folder.path().join("plimsoll-history.db").exists());
    assert!(told(&["history", "prune"]).contains("--keep"));
    fs::write(
        folder.path().join("text.db"),
        "not a database, but long enough to be one",
    )
    .expect("written");
    let foreign = told(&["history", "list", "--file", "text.db"]);
    assert!(foreign.contains("is no history of runs"), "{foreign}");
    let metric = told(&["history", "trend", "--metric", "p42", "--file", "text.db"]);
    assert!(
        metric.contains("there is no metric `p42`: it is one of p50"),
        "{metric}"
    );
}
