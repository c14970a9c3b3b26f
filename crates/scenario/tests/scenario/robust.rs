//! Whatever is in a file, loading ends with a scenario or with problems.

use crate::support::{TRAVELLERS, environment};
use plimsoll_scenario::{LoadOptions, MapLoader, Scenario};
use proptest::prelude::*;
use std::path::Path;

const SHOP: &str = include_str!("../../../../scenarios/travel-shop.yaml");
const CHECKS: &str = include_str!("../../../../scenarios/api-checks.yaml");

fn try_to_load(name: &str, bytes: &[u8]) {
    let loader = MapLoader::default()
        .with("travellers.csv", TRAVELLERS)
        .with(name, bytes);
    match Scenario::load(Path::new(name), &loader, &LoadOptions { env: &environment }) {
        Ok(loaded) => assert!(!loaded.scenario.journeys.is_empty()),
        Err(problems) => {
            assert!(!problems.all().is_empty());
            assert!(!problems.render(true).is_empty());
            for problem in problems.all() {
                assert!(problem.line == 0 || problem.column > 0);
            }
        }
    }
}

/// Pieces of text that mean something somewhere.
pub(crate) fn pieces() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "{{",
        "}}",
        "{%",
        "%}",
        "{{ client.id }}",
        "$.a[?@.b]",
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "\n",
        "  ",
        "\"",
        "'",
        "&a",
        "*a",
        "!!str ",
        "null",
        "true",
        "~",
        "1e9",
        "-1",
        "99999999999999999999",
        "0x",
        "5s",
        "1x",
        "30%",
        "100/s",
        "GET",
        "steps",
        "if",
        "repeat",
        "parallel",
        "json",
        "(",
        "\\",
        "\u{feff}",
        "\0",
        "ä",
        "𝄞",
        "\t",
        "#",
        "|",
        ">",
        "<<",
        "? ",
        "target",
        "p99 < 5s",
        "..",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        try_to_load("scenario.yaml", &bytes);
        try_to_load("scenario.toml", &bytes);
    }

    #[test]
    fn arbitrary_texts(text in "\\PC{0,200}") {
        try_to_load("scenario.yaml", text.as_bytes());
        try_to_load("scenario.toml", text.as_bytes());
    }

    #[test]
    fn scenarios_with_changes(
        first in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, pieces()), 1..6),
    ) {
        let mut text: Vec<char> = if first { SHOP } else { CHECKS }.chars().collect();
        for (index, removed, piece) in changes {
            let at = index.index(text.len().max(1)).min(text.len());
            let end = (at + removed).min(text.len());
            text.splice(at..end, piece.chars());
        }
        let text: String = text.into_iter().collect();
        try_to_load("scenario.yaml", text.as_bytes());
    }

    #[test]
    fn arbitrary_templates(parts in prop::collection::vec(pieces(), 0..12), place in 0usize..6) {
        let value = serde_json::Value::from(parts.concat()).to_string();
        let step = match place {
            0 => format!("GET: {value}"),
            1 => format!("POST: /, json: {{ a: {value} }}"),
            2 => format!("GET: /, save: {{ a: {value} }}"),
            3 => format!("GET: /, expect: {{ json: {{ {value}: {value} }}, body: {{ matches: {value}, contains: {value} }} }}"),
            4 => format!("GET: /, save: {{ a: {{ css: {value} }}, b: {{ regex: {value} }} }}"),
            _ => format!("if: {value}, steps: [ {{ GET: / }} ]"),
        };
        let text = format!("{{ name: t, target: demo, journeys: {{ j: {{ steps: [ {{ {step} }} ] }} }} }}");
        try_to_load("scenario.yaml", text.as_bytes());
    }
}

#[test]
fn deep_nesting_ends_in_an_error() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        try_to_load(
            "scenario.yaml",
            format!("{}1{}", open.repeat(50_000), close.repeat(50_000)).as_bytes(),
        );
    }
    try_to_load(
        "scenario.toml",
        format!("a = {}1{}", "[".repeat(50_000), "]".repeat(50_000)).as_bytes(),
    );
    for text in ["(", "[?@.a[", "!(", "((("] {
        let path = serde_json::Value::from(format!("$[?{}", text.repeat(400))).to_string();
        let text = format!(
            "{{ name: t, target: demo, journeys: {{ j: {{ steps: [ {{ GET: /, save: {{ a: {path} }} }} ] }} }} }}"
        );
        try_to_load("scenario.yaml", text.as_bytes());
    }
    let template = serde_json::Value::from(format!(
        "{{{{ {}1{} }}}}",
        "(".repeat(20_000),
        ")".repeat(20_000)
    ))
    .to_string();
    try_to_load("scenario.yaml", format!("{{ name: t, target: demo, journeys: {{ j: {{ steps: [ {{ POST: /, body: {template} }} ] }} }} }}").as_bytes());
}
