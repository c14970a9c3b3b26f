//! Every complete scenario in the documentation is valid, without warnings, and so is every block
//! of the page on plans: parts of plans within one that has the rest.

use crate::plan_support;
use plimsoll_scenario::plan::ReadinessPlan;
use plimsoll_scenario::{LoadOptions, MapLoader, Scenario};
use std::path::{Path, PathBuf};

/// A document, and how many complete scenarios it has at the least.
const DOCUMENTS: [(&str, usize); 2] = [("README.md", 1), ("docs/scenarios.md", 10)];

/// A complete scenario in a document.
struct Example {
    text: String,
    line: usize,
}

/// The blocks marked `yaml` that are scenarios rather than parts of one: they begin with `name:`.
fn scenarios(document: &str) -> Vec<Example> {
    let mut found = blocks(document);
    found.retain(|example| example.text.starts_with("name:") && !is_plan(&example.text));
    found
}

/// Whether a block is a plan: those name their scenario.
fn is_plan(text: &str) -> bool {
    text.contains("\nscenario:")
}

/// The blocks marked `yaml`.
fn blocks(document: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut block: Option<Example> = None;
    for (index, line) in document.lines().enumerate() {
        match (&mut block, line.trim_end()) {
            (None, "```yaml") => {
                block = Some(Example {
                    text: String::new(),
                    line: index + 2,
                });
            }
            (None, _) => {}
            (Some(_), "```") => found.extend(block.take()),
            (Some(example), _) => {
                example.text.push_str(line);
                example.text.push('\n');
            }
        }
    }
    assert!(block.is_none(), "a block that is never closed");
    found
}

/// The files that the examples name.
fn files() -> MapLoader {
    MapLoader::default()
        .with("users.csv", "name,password\nada,lovelace\n")
        .with("vouchers.csv", "A1\nB2\n")
        .with("picture.png", [137, 80, 78, 71])
        .with("internal-ca.pem", "PEM")
        .with("client.pem", "PEM")
        .with("client.key", "PEM")
        .with("/run/secrets/pin", "1234\n")
}

fn environment(name: &str) -> Option<String> {
    ["USER", "SHOP_API_KEY", "SHOP_PASSWORD"]
        .contains(&name)
        .then(|| format!("the value of {name}"))
}

fn load(text: &str) -> Result<plimsoll_scenario::Loaded, plimsoll_scenario::Problems> {
    Scenario::load(
        Path::new("scenario.yaml"),
        &files().with("scenario.yaml", text),
        &LoadOptions { env: &environment },
    )
}

#[test]
fn every_documented_scenario_is_valid() {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, least) in DOCUMENTS {
        let document = std::fs::read_to_string(root.join(name)).expect("the document");
        let examples = scenarios(&document);
        assert!(
            examples.len() >= least,
            "{name} has {} complete scenarios, at least {least} are expected",
            examples.len()
        );
        for Example { text, line } in examples {
            match load(&text) {
                Ok(loaded) => assert!(
                    loaded.warnings.is_empty(),
                    "{name}, the block at line {line}: {:?}",
                    loaded.warnings
                ),
                Err(problems) => panic!("{name}, the block at line {line}:\n{problems}"),
            }
        }
    }
}

#[test]
fn the_plan_of_the_first_page_fits_the_scenario_of_the_first_page() {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let document = std::fs::read_to_string(root.join("README.md")).expect("the document");
    let scenario = &scenarios(&document)[0];
    let plan = blocks(&document)
        .into_iter()
        .find(|example| is_plan(&example.text))
        .expect("a plan");
    let files = files()
        .with("shop.yaml", scenario.text.as_str())
        .with("readiness.yaml", plan.text.as_str());
    let options = LoadOptions { env: &environment };
    let loaded = ReadinessPlan::load(Path::new("readiness.yaml"), &files, &options);
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.plan.journeys.len(), 2);
}

#[test]
fn only_blocks_that_begin_with_a_name_are_scenarios() {
    let document =
        "```yaml\nname: a\n```\n```\nname: b\n```\n```yaml\nload: {}\n```\n```yaml\nname: c\n```\n";
    let lines: Vec<usize> = scenarios(document)
        .iter()
        .map(|example| example.line)
        .collect();
    assert_eq!(lines, [2, 11]);
}

#[test]
fn a_scenario_that_has_rotted_is_found() {
    assert!(load("name: old\ntarget: demo\nvirtual_users: 3\n").is_err());
}

/// What a plan has where a block does not say otherwise, an entry a line.
const REST_OF_A_PLAN: [&str; 5] = [
    "name: p",
    "scenario: travel-shop.yaml",
    "expected_load: { peak: 100/s, headroom: 50% }",
    "journeys: { search: { thresholds: p95 < 1s }, book: { thresholds: p99 < 2s }, recommend: { thresholds: p95 < 1s } }",
    "tests: [ { name: headroom, at: target, hold: 20m } ]",
];

/// A block with what it lacks to be a plan.
fn whole_plan(block: &str) -> String {
    let mut text = block.to_owned();
    for entry in REST_OF_A_PLAN {
        let key = entry.split(':').next().unwrap_or_default();
        if !block
            .lines()
            .any(|line| line.starts_with(&format!("{key}:")))
        {
            text = format!("{text}{entry}\n");
        }
    }
    text
}

/// Loads a plan beside a scenario whose targets are a URL and the demo service.
fn load_plan(plan: &str, slo: &str) -> Result<Vec<String>, plimsoll_scenario::Problems> {
    let shop = plan_support::SHOP.replace(
        "target: demo",
        "targets: { shop: http://localhost:8080, demo: demo }",
    );
    let files = MapLoader::default()
        .with("travel-shop.yaml", shop)
        .with("slo/book.openslo.yaml", slo);
    let loaded = plan_support::load_as("plan.yaml", plan, files)?;
    let warnings = loaded.warnings.iter().map(|warning| warning.render(false));
    Ok(warnings.collect())
}

#[test]
fn every_block_on_plans_is_valid() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/plans.md");
    let document = std::fs::read_to_string(path).expect("the document");
    let examples = blocks(&document);
    assert!(examples.len() >= 10, "{} blocks", examples.len());
    for Example { text, line } in examples {
        let (plan, slo) = if text.starts_with("apiVersion:") {
            let book = "journeys: { search: { thresholds: p95 < 1s }, book: { slo: slo/book.openslo.yaml }, recommend: { thresholds: p95 < 1s } }\n";
            (whole_plan(book), text.as_str())
        } else {
            (whole_plan(&text), plan_support::BOOK_SLO)
        };
        match load_plan(&plan, slo) {
            Ok(warnings) => {
                // A block of tests about something else leaves out the one at the target.
                let told: Vec<_> = warnings
                    .iter()
                    .filter(|warning| !warning.contains("no test reaches the target"))
                    .collect();
                assert!(told.is_empty(), "the block at line {line}: {told:?}");
            }
            Err(problems) => panic!("the block at line {line}:\n{problems}"),
        }
    }
}
