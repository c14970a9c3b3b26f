//! Feeds bytes to the readers of scenarios and of readiness plans, as YAML and as TOML: whatever they
//! are, they load or are refused with problems that can be shown. An input may hold a second part
//! after a NUL byte, which is then the content of every file that a scenario can name, and of the
//! SLO documents of a plan.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_scenario::plan::{LoadedPlan, ReadinessPlan, items, kind_of};
use plimsoll_scenario::{LoadOptions, Loaded, MapLoader, Problems, Scenario};
use std::hint::black_box;
use std::path::Path;

/// The files there are, one of each kind that the loader tells apart by name.
const FILES: [&str; 4] = ["travellers.csv", "rows.json", "rows.jsonl", "file"];

fuzz_target!(|input: &[u8]| {
    use_up(Scenario::from_bytes(input));

    let split = input.iter().position(|byte| *byte == 0);
    let (text, file) = match split {
        Some(at) => (&input[..at], &input[at + 1..]),
        None => (input, &[][..]),
    };
    if split.is_some() {
        use_up(load("scenario.yaml", text, file));
    }
    use_up(load("scenario.toml", text, file));
    use_up_plan(load_plan("plan.yaml", text, file));
    use_up_plan(load_plan("plan.toml", text, file));
});

/// The scenario of every plan.
const SCENARIO: &str = "name: t\ntarget: demo\nclients: { population: 9 }\njourneys:\n  \
    browse: { weight: 80, steps: [ { name: results, GET: / } ] }\n  \
    login: { weight: 20, steps: [ { name: login, POST: /login } ] }\n";

/// Loads a plan that may name a scenario and one SLO document.
fn load_plan(name: &str, text: &[u8], file: &[u8]) -> Result<LoadedPlan, Problems> {
    let loader = MapLoader::default()
        .with("shop.yaml", SCENARIO)
        .with("slo.yaml", file)
        .with(name, text);
    black_box(kind_of(Path::new(name), &loader));
    ReadinessPlan::load(Path::new(name), &loader, &LoadOptions::default())
}

/// Does what every caller does with a plan.
fn use_up_plan(outcome: Result<LoadedPlan, Problems>) {
    match outcome {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                black_box(warning.render(false));
            }
            let mut plan = loaded.plan;
            let before = items::all_items(&plan).len();
            plan.rehearse(0.02);
            assert_eq!(items::all_items(&plan).len(), before, "items come and go");
        }
        Err(problems) => {
            assert!(!problems.all().is_empty(), "refused without a problem");
            black_box(problems.render(false));
        }
    }
}

/// Loads a scenario that may name files and variables of the environment.
fn load(name: &str, text: &[u8], file: &[u8]) -> Result<Loaded, Problems> {
    let loader = FILES
        .iter()
        .fold(MapLoader::default().with(name, text), |loader, path| {
            loader.with(*path, file)
        });
    let env = |variable: &str| (variable == "HOME").then(|| "/home/ada?<\"&".to_owned());
    Scenario::load(Path::new(name), &loader, &LoadOptions { env: &env })
}

/// Does what every caller does with the outcome.
fn use_up(outcome: Result<Loaded, Problems>) {
    match outcome {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                black_box(warning.render(false));
            }
            black_box(loaded.scenario.catalogue());
            black_box(loaded.scenario.watched());
        }
        Err(problems) => {
            assert!(!problems.all().is_empty(), "refused without a problem");
            black_box(problems.render(false));
            black_box(problems.render(true));
        }
    }
}
