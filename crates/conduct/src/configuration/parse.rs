//! A configuration file to a tree.

use super::flat;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use std::path::Path;

pub(super) fn parse(path: &Path, text: &str) -> Result<Value, String> {
    let name = path
        .file_name()
        .map_or(String::new(), |name| name.to_string_lossy().to_lowercase());
    let extension = name.rsplit('.').next().unwrap_or_default();
    match extension {
        "yaml" | "yml" => yaml(text),
        "json" => serde_json::from_str::<Unique>(text)
            .map(|tree| tree.0)
            .map_err(|error| format!("is not valid JSON: {error}")),
        "toml" => toml::from_str::<Unique>(text)
            .map(|tree| tree.0)
            // Its display quotes the line, which may hold a secret.
            .map_err(|error| format!("is not valid TOML: {}", error.message())),
        "env" => flat::environment(text),
        "properties" => flat::properties(text),
        _ if name.starts_with(".env") => flat::environment(text),
        _ => Err(
            "is of an unknown sort; name it `.yaml`, `.yml`, `.json`, `.toml`, `.env` or `.properties`"
                .to_owned(),
        ),
    }
}

/// The parser's budgets bound what aliases expand to, and how deep anything is nested.
fn yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
    };
    let documents: Result<Vec<Unique>, _> = serde_saphyr::from_multiple_with_options(text, options);
    let documents = documents.map_err(|error| format!("is not valid YAML: {error}"))?;
    let mut documents: Vec<Value> = documents.into_iter().map(|tree| tree.0).collect();
    Ok(match documents.len() {
        0 => Value::Null,
        1 => documents.remove(0),
        _ => Value::Array(documents),
    })
}

/// A tree in which no key stands twice, keys that are numbers or truth values are texts, and a number
/// that JSON does not have is a text.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree).map(Self)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(value.to_string().into())
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(value.to_string().into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        let number = serde_json::Number::from_f64(value);
        Ok(number.map_or_else(|| value.to_string().into(), Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Unique(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(Unique(key)) = map.next_key()? {
            let key = match key {
                Value::String(key) => key,
                other => other.to_string(),
            };
            let Unique(value) = map.next_value()?;
            if entries.insert(key.clone(), value).is_some() {
                return Err(de::Error::custom(format_args!(
                    "the key `{key}` stands there twice"
                )));
            }
        }
        Ok(Value::Object(entries))
    }
}
