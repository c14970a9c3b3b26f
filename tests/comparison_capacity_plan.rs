//! How much a system bears, and what a plan promises.

use crate::comparison_capacity::{capacity, scenario, small, tried};
use crate::{folder, json, run, turn};
use serde_json::Value;
use std::fs;

#[test]
fn a_plan_says_what_is_borne_and_what_was_promised() {
    let (_turn, folder) = (turn(), folder());
    let demo = small();
    scenario(folder.path(), &format!("http://{}", demo.address()));
    let plan = "name: shop-1\nscenario: shop.yaml\nexpected_load: { peak: 60/s, headroom: 50%, source: guess, owner: sales }\ntiers: { critical: { thresholds: [ 'errors < 20%' ] } }\njourneys: { buy: { tier: critical, thresholds: [ 'p90 < 1s', 'goodput >= 50/s' ] } }\ntests: [ { name: peak, at: 1x, hold: 1s } ]\n";
    fs::write(folder.path().join("plan.yaml"), plan).expect("written");
    let done = capacity(
        folder.path(),
        "plan.yaml",
        &["--most", "60/s", "--not-from-above"],
    );
    let document = json(&done);
    let tried = tried(&document);
    assert_eq!(tried[0].2, 30.0, "from half of the peak on");
    assert_eq!(
        document["capacity"]["objectives"],
        serde_json::json!(["p90 < 1s of buy", "errors < 20% of buy"])
    );
    // Which no rate below meets, whatever the system does.
    let notices = document["notices"].as_array().expect("notices");
    let mut notices = notices.iter().filter_map(|notice| notice["text"].as_str());
    assert!(
        notices.any(|text| text.starts_with("`goodput >= 50/s of buy` is no objective")),
        "{document:#}"
    );
    let planning = &document["capacity"]["planning"];
    assert_eq!(
        (&planning["peak"], &planning["target"]),
        (&60.0.into(), &90.0.into())
    );
    // Nobody said how the peak grows.
    assert_eq!(planning["months_left"], Value::Null);
    let forecasts = planning["forecasts"].as_array().expect("forecasts");
    assert!(forecasts.iter().all(|one| one["is_assumed"] == true));
    let objectives = &document["capacity"]["probes"][0]["objectives"];
    assert_eq!(objectives[0]["journey"], "buy");
    let item = &document["items"][0];
    assert_eq!(
        (&item["id"], &item["expression"]),
        (&"capacity".into(), &"capacity >= 90/s".into())
    );
    // At least 60/s, and 90/s were promised: not shown.
    if document["capacity"]["end"] == "most" {
        let done = done.expect(21);
        assert!(
            done.stdout
                .contains("not shown to be the 90/s that were promised"),
            "{}",
            done.stdout
        );
    }
}

#[test]
fn a_plan_shows_what_a_search_before_it_found() {
    let (_turn, folder) = (turn(), folder());
    let demo = small();
    scenario(folder.path(), &format!("http://{}", demo.address()));
    let plan = "name: shop-1\nscenario: shop.yaml\nexpected_load: { peak: 20/s, headroom: 50%, source: guess, owner: sales }\ntiers: { critical: { thresholds: [ 'errors < 20%' ] } }\njourneys: { buy: { tier: critical, thresholds: [ 'p90 < 1s' ] } }\ntests: [ { name: peak, at: 1x, hold: 1s } ]\n";
    fs::write(folder.path().join("plan.yaml"), plan).expect("written");
    let searched = capacity(
        folder.path(),
        "shop.yaml",
        &[
            "--slo",
            "p90 < 1s",
            "--start",
            "40/s",
            "--most",
            "40/s",
            "--not-from-above",
            "--growth",
            "5%",
        ],
    );
    let found = json(&searched)["capacity"]["sustained_rate"].clone();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    let planned = [
        "run",
        "plan.yaml",
        "--out",
        "planned",
        "--capacity",
        "out",
        "--json",
    ];
    let document = json(&run(folder.path(), &[], &planned));
    let block = &document["capacity"];
    assert_eq!(block["sustained_rate"], found);
    assert_eq!(block["planning"]["peak"], 20.0);
    assert_eq!(block["planning"]["growth"], 0.05);
    let earlier = &block["earlier"];
    assert_eq!(
        (&earlier["folder"], &earlier["name"]),
        (&"out".into(), &"shop".into())
    );
    assert!(earlier["age_ns"].as_u64() > Some(0), "{earlier:#}");
    assert_eq!(earlier["differences"], serde_json::json!([]));
    // The plan names no release, so that nobody knows.
    assert_eq!(earlier["unknown"].as_array().map(Vec::len), Some(1));
    let has_role = |source: &Value| source["role"] == "capacity";
    let sources = document["sources"].as_array().expect("sources");
    assert!(sources.iter().any(has_role));
    for name in ["planned/report.html", "planned/summary.md"] {
        assert!(
            read(name).contains("not known to be the same: the release"),
            "{name}"
        );
    }
    run(folder.path(), &[], &["verify", "planned"]).expect(0);
    // Of another scenario it is said, also where it is shown afterwards.
    let changed = read("shop.yaml") + "# changed\n";
    fs::write(folder.path().join("shop.yaml"), changed).expect("written");
    run(folder.path(), &[], &["run", "plan.yaml", "--out", "later"]);
    run(
        folder.path(),
        &[],
        &["report", "later", "--capacity", "out", "-o", "later.html"],
    );
    assert!(read("later.html").contains("NOT THE SAME: the scenario is another"));
    let wrong = ["run", "plan.yaml", "--capacity", "later"];
    let wrong = run(folder.path(), &[], &wrong).expect(2).stderr;
    assert!(wrong.contains("no search for capacity"), "{wrong}");
    let alone = run(folder.path(), &[], &["report", "out", "--capacity", "out"]).expect(2);
    assert!(
        alone
            .stderr
            .contains("goes with the run of a readiness plan"),
        "{}",
        alone.stderr
    );
}
