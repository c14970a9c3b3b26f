//! JSONPath (RFC 9535) on bodies, and tests on what it finds.

use super::body::ParsedBody;
use super::check::{Got, rendered};
use crate::excerpt::short;
use crate::template::{Template, Value, Variables};
use regex::Regex;
use serde_json::Value as Json;

/// Longest path, and deepest nesting of its brackets, that is compiled: the parser recurses.
const LONGEST: usize = 1_000;
const DEEPEST: usize = 16;

/// A compiled JSONPath (RFC 9535).
#[derive(Debug, Clone)]
pub struct JsonPath {
    path: serde_json_path::JsonPath,
    /// The way to the one node that there can be, of a path that has nothing but names and indices, as most have.
    plain: Option<Vec<Child>>,
}

/// A child of a node (RFC 9535, section 2.3).
#[derive(Debug, Clone)]
enum Child {
    /// Of a map, by its name.
    Name(String),
    /// Of a list, by its place from 0.
    Index(usize),
}

impl Child {
    fn of<'a>(&self, node: &'a Json) -> Option<&'a Json> {
        match (self, node) {
            (Self::Name(name), Json::Object(map)) => map.get(name),
            (Self::Index(index), Json::Array(list)) => list.get(*index),
            _ => None,
        }
    }

    /// The children of a valid path such as `$.flights[0].id`; `None` if there is anything else in it.
    fn all(path: &str) -> Option<Vec<Self>> {
        let mut rest = path.strip_prefix('$')?;
        let mut children = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
                let end = after.find(|char| !is_name(char)).unwrap_or(after.len());
                let (name, more) = after.split_at(end);
                if name.is_empty() {
                    return None;
                }
                children.push(Self::Name(name.to_owned()));
                rest = more;
            } else {
                let (index, more) = rest.strip_prefix('[')?.split_once(']')?;
                if !index.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                children.push(Self::Index(index.parse().ok()?));
                rest = more;
            }
        }
        Some(children)
    }
}

impl JsonPath {
    /// Compiles a path such as `$.flights[0].id`.
    ///
    /// # Errors
    /// What is wrong with it, and the byte where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut depth = 0usize;
        for byte in text.bytes() {
            match byte {
                b'(' | b'[' | b'!' => depth += 1,
                b')' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEEPEST {
                return Err(format!("nested more than {DEEPEST} levels deep"));
            }
        }
        if text.len() > LONGEST {
            return Err(format!("longer than {LONGEST} bytes"));
        }
        serde_json_path::JsonPath::parse(text)
            .map(|path| Self {
                path,
                plain: Child::all(text),
            })
            .map_err(|error| match error.position() {
                0 => "it starts with `$`, as in `$.flights[0].id`".to_owned(),
                at => format!(
                    "not from byte {at} on, `{}`",
                    short(text.get(at..).unwrap_or_default())
                ),
            })
    }

    /// What it finds, in document order.
    pub fn find<'a>(&self, json: &'a Json) -> Vec<&'a Json> {
        match &self.plain {
            Some(children) => {
                let node = children.iter().try_fold(json, |node, child| child.of(node));
                node.into_iter().collect()
            }
            None => self.path.query(json).all(),
        }
    }
}

/// A test on the nodes that a JSONPath finds. Where it finds several, every one must hold, but
/// for [`JsonTest::Contains`], for which one is enough.
#[derive(Debug)]
pub enum JsonTest {
    /// Equal to this value; numbers by value (`1` equals `1.0`).
    Equals(Json),
    /// Not equal to this value.
    Not(Json),
    /// Its text (of a text, the text; of anything else, its JSON) is what this renders to.
    EqualsText(Template),
    /// Its text is anything but what this renders to.
    NotText(Template),
    /// Whether anything is found.
    Exists(bool),
    /// A list or map with at least so many items; of several nodes, at least so many nodes.
    MinItems(u64),
    /// A list or map with at most so many items; of several nodes, at most so many nodes.
    MaxItems(u64),
    /// A number of at least this.
    Min(f64),
    /// A number of at most this.
    Max(f64),
    /// A text with this in it, or a list with this text (or the value of this text) as an item.
    Contains(Template),
    /// A text in which the regular expression finds something.
    Matches(Regex),
    /// Of this type.
    Type(JsonType),
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    /// `text`
    Text,
    /// `number`
    Number,
    /// `bool`
    Bool,
    /// `list`
    List,
    /// `map`
    Map,
    /// `null`
    Null,
}

impl JsonType {
    /// Every type and its names, the usual one first.
    pub const NAMES: [(Self, &'static [&'static str]); 6] = [
        (Self::Text, &["text", "string"]),
        (Self::Number, &["number"]),
        (Self::Bool, &["bool", "boolean"]),
        (Self::List, &["list", "array"]),
        (Self::Map, &["map", "object"]),
        (Self::Null, &["null"]),
    ];

    fn of(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(_) => Self::Bool,
            Json::Number(_) => Self::Number,
            Json::String(_) => Self::Text,
            Json::Array(_) => Self::List,
            Json::Object(_) => Self::Map,
        }
    }
}

/// What the path found instead of what the test expects.
pub(super) fn judge(
    path: &JsonPath,
    test: &JsonTest,
    body: &ParsedBody<'_>,
    variables: &Variables,
) -> Got {
    let json = match body.json() {
        Ok(json) => json,
        Err(text) => return Ok(Some(text.to_owned())),
    };
    let nodes = path.find(json);
    if let JsonTest::Exists(expected) = test {
        return Ok((nodes.is_empty() == *expected).then(|| found(&nodes)));
    }
    if let JsonTest::MinItems(_) | JsonTest::MaxItems(_) = test {
        return Ok(count_items(test, &nodes));
    }
    if nodes.is_empty() {
        return Ok(Some(found(&nodes)));
    }
    let one_is_enough = matches!(test, JsonTest::Contains(_));
    let mut held = 0;
    for node in &nodes {
        held += usize::from(holds(test, node, variables)?);
    }
    let enough = if one_is_enough {
        held > 0
    } else {
        held == nodes.len()
    };
    Ok((!enough).then(|| found(&nodes)))
}

fn count_items(test: &JsonTest, nodes: &[&Json]) -> Option<String> {
    let items = match nodes {
        [Json::Array(items)] => items.len(),
        [Json::Object(entries)] => entries.len(),
        [other] if JsonType::of(other) != JsonType::Null => return Some(found(nodes)),
        [_] => return Some("null".to_owned()),
        [] if matches!(test, JsonTest::MinItems(1..)) => return Some(found(nodes)),
        several => several.len(),
    };
    let holds = match test {
        JsonTest::MinItems(least) => items as u64 >= *least,
        JsonTest::MaxItems(most) => items as u64 <= *most,
        _ => true,
    };
    (!holds).then(|| format!("{items} {}", if items == 1 { "item" } else { "items" }))
}

fn holds(test: &JsonTest, node: &Json, variables: &Variables) -> Result<bool, crate::RenderError> {
    Ok(match test {
        JsonTest::Equals(expected) => equal(expected, node),
        JsonTest::Not(unwanted) => !equal(unwanted, node),
        JsonTest::EqualsText(template) => text_of(node) == rendered(template, variables)?,
        JsonTest::NotText(template) => text_of(node) != rendered(template, variables)?,
        JsonTest::Min(least) => node.as_f64().is_some_and(|number| number >= *least),
        JsonTest::Max(most) => node.as_f64().is_some_and(|number| number <= *most),
        JsonTest::Contains(template) => {
            let wanted = rendered(template, variables)?;
            match node {
                Json::Array(items) => items.iter().any(|item| text_of(item) == wanted),
                Json::String(text) => text.contains(&*wanted),
                other => text_of(other) == wanted,
            }
        }
        JsonTest::Matches(regex) => regex.is_match(&text_of(node)),
        JsonTest::Type(expected) => JsonType::of(node) == *expected,
        JsonTest::Exists(_) | JsonTest::MinItems(_) | JsonTest::MaxItems(_) => true,
    })
}

fn text_of(json: &Json) -> std::borrow::Cow<'_, str> {
    match json {
        Json::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

fn equal(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => {
            one == other || one.as_f64() == other.as_f64() && (one.is_f64() || other.is_f64())
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|found| equal(value, found)))
        }
        (one, other) => one == other,
    }
}

fn found(nodes: &[&Json]) -> String {
    match nodes {
        [] => "nothing there".to_owned(),
        [one] => format!("`{}`", short(&one.to_string())),
        [first, ..] => format!(
            "{} values, the first `{}`",
            nodes.len(),
            short(&first.to_string())
        ),
    }
}

/// A JSON value as templates see it.
pub(crate) fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(value), _, _) => Value::from(value),
            (_, Some(value), _) => Value::from(value),
            (_, _, value) => Value::from(value.unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::from_iter(items.iter().map(from_json)),
        Json::Object(entries) => Value::from_pairs(
            entries
                .iter()
                .map(|(key, value)| (key.as_str(), from_json(value))),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn documents() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![Just(Json::Null), any::<i32>().prop_map(Json::from)];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let key = prop::sample::select(vec!["a", "b", "_c1", "0", ""]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::vec((key, inner), 0..4)
                    .prop_map(|pairs| pairs.into_iter().collect::<Json>()),
            ]
        })
    }

    fn paths() -> impl Strategy<Value = String> {
        let child = prop::sample::select(vec![
            ".a", ".b", "._c1", "[0]", "[1]", "[-1]", "['a']", "[*]", ".*", "..a",
        ]);
        prop::collection::vec(child, 0..4).prop_map(|children| format!("${}", children.concat()))
    }

    proptest! {
        #[test]
        fn a_plain_path_finds_what_any_path_does(json in documents(), path in paths()) {
            let compiled = JsonPath::parse(&path).unwrap();
            let is_plain = ["-1", "'", "*", ".."].iter().all(|part| !path.contains(part));
            prop_assert_eq!(compiled.plain.is_some(), is_plain);
            prop_assert_eq!(compiled.find(&json), compiled.path.query(&json).all());
        }
    }
}
