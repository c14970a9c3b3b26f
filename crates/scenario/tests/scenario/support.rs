//! Loading from texts.

use plimsoll_scenario::{LoadOptions, Loaded, MapLoader, Problems, Scenario};
use std::path::Path;

pub(crate) const TRAVELLERS: &str = "name,home,vip\nada,LHR,true\ngrace,JFK,false\n";

/// The environment of every test.
pub(crate) fn environment(name: &str) -> Option<String> {
    match name {
        "PASSWORD" => Some("hunter2".to_owned()),
        "EMPTY" => Some(String::new()),
        "HOST" => Some("shop.example".to_owned()),
        _ => None,
    }
}

/// Files beside every scenario.
pub(crate) fn files() -> MapLoader {
    MapLoader::default()
        .with("travellers.csv", TRAVELLERS)
        .with("rows.jsonl", "{\"a\":1,\"b\":\"x\"}\n\n{\"a\":2}\n")
        .with("rows.json", "[{\"a\":[1,2]}]")
        .with("bad.jsonl", "{\"a\":1}\n{oops\n")
        .with("empty.csv", "name,home\n")
        .with("ragged.csv", "a,b\n1,2\n3\n")
        .with("twice.csv", "a,a\n1,2\n")
        .with("picture.png", [137, 80, 78, 71])
        .with("/run/secrets/pin", "1234\n")
        .with("ca.pem", "PEM")
}

/// Loads a YAML scenario.
pub(crate) fn load(text: &str) -> Result<Loaded, Problems> {
    load_as("scenario.yaml", text)
}

/// Loads a scenario of this name.
pub(crate) fn load_as(name: &str, text: &str) -> Result<Loaded, Problems> {
    Scenario::load(
        Path::new(name),
        &files().with(name, text),
        &LoadOptions { env: &environment },
    )
}

/// A scenario that must be valid.
pub(crate) fn valid(text: &str) -> Scenario {
    load(text)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .scenario
}

/// A scenario of one journey with these steps.
pub(crate) fn steps(steps: &str) -> String {
    format!(
        "name: t\ntarget: demo\ndata:\n  travellers: {{ file: travellers.csv }}\njourneys:\n  j:\n    steps:\n{steps}\n"
    )
}
