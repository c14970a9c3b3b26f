//! Every complete scenario in the documentation is valid, without warnings.

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
    found.retain(|example| example.text.starts_with("name:"));
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
