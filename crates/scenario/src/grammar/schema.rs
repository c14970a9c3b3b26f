//! The tables as JSON Schema (draft 2020-12), for editors.

use super::{GROUP, IF, PARALLEL, REPEAT, REQUEST, THINK};
use super::{PLAN, SCENARIO, Shape, Table};
use serde_json::{Map, Value, json};

const DURATION: &str = r"^\s*(0|([0-9.]+\s*(ns|us|µs|ms|s|m|h|d)\s*)+)$";
const RATE: &str = r"^\s*[0-9.]+\s*/\s*(s|sec|m|min|h)\s*$";
const SHARE: &str = r"^\s*[0-9.]+\s*%\s*$";
const COMPARISON: &str = r"^\s*(<|<=|>|>=)\s*[0-9.]+\s*\S*\s*$";
const THRESHOLD: &str = r"^\s*\S+\s*(<|<=|>|>=)\s*\S+.*$";

const TIMESTAMP: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9.]+)?\s*([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$";
const DATE: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// The JSON Schema of a readiness plan's file.
pub fn plan_schema() -> Value {
    let mut definitions = Map::new();
    let plan = of_table(&PLAN, &mut definitions);
    root("Plimsoll readiness plan", plan, definitions)
}

/// The JSON Schema of a scenario file.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let scenario = of_table(&SCENARIO, &mut definitions);
    let steps: Vec<Value> = [&REQUEST, &THINK, &IF, &REPEAT, &PARALLEL, &GROUP]
        .into_iter()
        .map(|table| reference(table, &mut definitions))
        .collect();
    definitions.insert(
        "steps".to_owned(),
        json!({ "type": "array", "minItems": 1, "items": { "anyOf": steps } }),
    );
    root("Plimsoll scenario", scenario, definitions)
}

/// The whole schema of a file whose top is this.
fn root(title: &str, top: Value, definitions: Map<String, Value>) -> Value {
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
    });
    if let (Some(root), Value::Object(top)) = (root.as_object_mut(), top) {
        root.extend(top);
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    root
}

/// A reference to a table, which becomes a definition.
fn reference(table: &'static Table, definitions: &mut Map<String, Value>) -> Value {
    let name = table.name.replace(' ', "_");
    if !definitions.contains_key(&name) {
        // A place first: a table may lead back to itself.
        definitions.insert(name.clone(), Value::Null);
        let definition = of_table(table, definitions);
        definitions.insert(name.clone(), definition);
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn of_table(table: &'static Table, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for key in table.keys {
        let mut schema = of_shape(&key.shape, definitions);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), key.about.into());
        }
        properties.insert(key.name.to_owned(), schema);
    }
    let required: Vec<&str> = table
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let mut schema = json!({
        "description": table.about,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn of_shape(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Value {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match shape {
        Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Template => json!({ "type": "string" }),
        Shape::Duration => text(DURATION),
        Shape::Rate => text(RATE),
        Shape::Share => text(SHARE),
        Shape::Timestamp => text(TIMESTAMP),
        Shape::Date => text(DATE),
        Shape::Comparison => text(COMPARISON),
        Shape::Threshold => text(THRESHOLD),
        Shape::Count => json!({ "type": "integer", "minimum": 0 }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Scalar => json!({ "type": ["string", "number", "boolean", "null"] }),
        Shape::Anything => json!({}),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::Map(table) => reference(table, definitions),
        Shape::MapOf(value) => {
            json!({ "type": "object", "additionalProperties": of_shape(value, definitions) })
        }
        Shape::ListOf(item) => json!({ "type": "array", "items": of_shape(item, definitions) }),
        Shape::Either(shapes) => {
            let any: Vec<Value> = shapes
                .iter()
                .map(|shape| of_shape(shape, definitions))
                .collect();
            json!({ "anyOf": any })
        }
        Shape::Steps => json!({ "$ref": "#/$defs/steps" }),
    }
}
