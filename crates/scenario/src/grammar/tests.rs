use super::{plan_schema, schema};
use crate::text::{Kind, Node, parse};
use proptest::prelude::*;
use serde_json::Value as Json;
use std::path::Path;

const EXAMPLES: [&str; 3] = [
    include_str!("../../../../scenarios/travel-shop.yaml"),
    include_str!("../../../../scenarios/api-checks.yaml"),
    include_str!("../../../../scenarios/closed-users.yaml"),
];

const PLANS: [&str; 2] = [
    include_str!("../../tests/scenario/travel-shop-plan.yaml"),
    crate::plan::init::INIT_PLAN,
];

fn json(node: &Node) -> Json {
    match &node.kind {
        Kind::Null => Json::Null,
        Kind::Bool(value) => (*value).into(),
        Kind::Number(number, _) => Json::Number(number.clone()),
        Kind::Text(text) => text.as_str().into(),
        Kind::List(items) => items.iter().map(json).collect(),
        Kind::Map(entries) => Json::Object(
            entries
                .iter()
                .map(|entry| (entry.key.clone(), json(&entry.value)))
                .collect(),
        ),
    }
}

fn read(text: &str) -> Json {
    json(&parse(Path::new("s.yaml"), text).expect("YAML"))
}

/// As much of JSON Schema as the schema uses.
fn accepts(root: &Json, schema: &Json, value: &Json) -> bool {
    let has_type = |name: &str| match name {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    };
    schema
        .as_object()
        .expect("a schema")
        .iter()
        .all(|(keyword, rule)| match keyword.as_str() {
            "$ref" => {
                let pointer = rule.as_str().expect("a reference").trim_start_matches('#');
                accepts(root, root.pointer(pointer).expect("a definition"), value)
            }
            "anyOf" => rule
                .as_array()
                .expect("a list")
                .iter()
                .any(|schema| accepts(root, schema, value)),
            "type" => match rule {
                Json::String(name) => has_type(name),
                names => names
                    .as_array()
                    .expect("a list")
                    .iter()
                    .any(|name| has_type(name.as_str().expect("a name"))),
            },
            "enum" => rule.as_array().expect("a list").contains(value),
            "pattern" => value.as_str().is_none_or(|text| {
                regex::Regex::new(rule.as_str().expect("a pattern"))
                    .expect("a regex")
                    .is_match(text)
            }),
            "minimum" => value
                .as_f64()
                .is_none_or(|number| number >= rule.as_f64().expect("a number")),
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= rule.as_u64().expect("a number")),
            "items" => value
                .as_array()
                .is_none_or(|items| items.iter().all(|item| accepts(root, rule, item))),
            "required" => value.as_object().is_none_or(|map| {
                rule.as_array()
                    .expect("a list")
                    .iter()
                    .all(|key| map.contains_key(key.as_str().expect("a key")))
            }),
            "properties" => value.as_object().is_none_or(|map| {
                map.iter().all(|(key, value)| {
                    rule.get(key)
                        .is_none_or(|schema| accepts(root, schema, value))
                })
            }),
            "additionalProperties" => value.as_object().is_none_or(|map| {
                let known = schema.get("properties");
                map.iter()
                    .filter(|(key, _)| known.and_then(|known| known.get(key.as_str())).is_none())
                    .all(|(_, value)| match rule {
                        Json::Bool(allowed) => *allowed,
                        schema => accepts(root, schema, value),
                    })
            }),
            "$schema" | "title" | "description" | "$defs" => true,
            other => panic!("unknown keyword {other}"),
        })
}

#[test]
fn the_examples_fit_the_schema() {
    let schema = schema();
    for text in EXAMPLES {
        assert!(accepts(&schema, &schema, &read(text)), "{text}");
    }
}

#[test]
fn the_plans_fit_their_schema() {
    let schema = plan_schema();
    for text in PLANS {
        assert!(accepts(&schema, &schema, &read(text)), "{text}");
    }
    for wrong in [
        "{ name: p, scenario: s, expected_load: { peak: 1/s } }",
        "{ name: p, scenario: s, expected_load: { peak: 1 }, tests: [] }",
        "{ name: p, scenario: s, expected_load: { peak: 1/s }, tests: [ { name: t, tier: vital } ] }",
        "{ name: p, scenario: s, expected_load: { peak: 1/s }, tests: [], decision: { meeting: 2026-11-18 } }",
    ] {
        assert!(!accepts(&schema, &schema, &read(wrong)), "{wrong}");
    }
}

#[test]
fn the_schemas_say_what_they_are() {
    assert!(plan_schema()["properties"]["tests"]["description"].is_string());
    for schema in [schema(), plan_schema()] {
        is_complete(&schema);
    }
}

fn is_complete(schema: &Json) {
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(schema["properties"]["journeys"]["description"].is_string());
    assert!(
        !schema.to_string().contains(":null"),
        "every definition is filled in"
    );
    // Every reference leads somewhere.
    let text = schema.to_string();
    for (at, _) in text.match_indices("#/$defs/") {
        let pointer = text[at + 1..].split('"').next().expect("a pointer");
        assert!(schema.pointer(pointer).is_some(), "{pointer}");
    }
}

/// Pointers to every map of a document whose keys are the format's, not the author's own.
fn maps_with_fixed_keys(value: &Json, pointer: &str, found: &mut Vec<String>) {
    const NAMES_INSIDE: [&str; 2] = ["data", "journeys"];
    const FREE: [&str; 7] = [
        "headers", "query", "json", "form", "save", "header", "secrets",
    ];
    match value {
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                maps_with_fixed_keys(item, &format!("{pointer}/{index}"), found);
            }
        }
        Json::Object(map) => {
            found.push(pointer.to_owned());
            for (key, value) in map.iter().filter(|(key, _)| !FREE.contains(&key.as_str())) {
                let pointer = format!("{pointer}/{key}");
                match value
                    .as_object()
                    .filter(|_| NAMES_INSIDE.contains(&key.as_str()))
                {
                    Some(named) => named.iter().for_each(|(name, value)| {
                        maps_with_fixed_keys(value, &format!("{pointer}/{name}"), found)
                    }),
                    None => maps_with_fixed_keys(value, &pointer, found),
                }
            }
        }
        _ => {}
    }
}

proptest! {
    /// Decoder and schema agree on which keys there are.
    #[test]
    fn an_unknown_key_anywhere_is_refused_by_both(example in 0usize..3, place in any::<prop::sample::Index>()) {
        let schema = schema();
        let mut document = read(EXAMPLES[example]);
        let mut found = Vec::new();
        maps_with_fixed_keys(&document, "", &mut found);
        let map = document.pointer_mut(&found[place.index(found.len())]).and_then(Json::as_object_mut).expect("a map");
        map.insert("zzz".to_owned(), Json::from(1));
        prop_assert!(!accepts(&schema, &schema, &document), "{}", document);
        let loaded = crate::Scenario::from_bytes(document.to_string().as_bytes());
        let problems = loaded.expect_err("an unknown key");
        prop_assert!(problems.all().iter().any(|problem| problem.message.contains("`zzz`")), "{}", problems);
    }

    /// The same of plans.
    #[test]
    fn an_unknown_key_anywhere_in_a_plan_is_refused_by_both(place in any::<prop::sample::Index>()) {
        let schema = plan_schema();
        let mut document = read(PLANS[0]);
        let mut found = Vec::new();
        maps_with_fixed_keys(&document, "", &mut found);
        // What the demo service is to do is its own affair, and steps are named by the scenario.
        found.retain(|pointer| !pointer.ends_with("/demo") && !pointer.ends_with("/steps"));
        let map = document.pointer_mut(&found[place.index(found.len())]).and_then(Json::as_object_mut).expect("a map");
        map.insert("zzz".to_owned(), Json::from(1));
        prop_assert!(!accepts(&schema, &schema, &document), "{}", document);
        let files = crate::MapLoader::default().with("plan.yaml", document.to_string());
        let loaded = crate::plan::ReadinessPlan::load(Path::new("plan.yaml"), &files, &crate::LoadOptions::default());
        let problems = loaded.expect_err("an unknown key");
        prop_assert!(problems.all().iter().any(|problem| problem.message.contains("`zzz`")), "{}", problems);
    }
}
