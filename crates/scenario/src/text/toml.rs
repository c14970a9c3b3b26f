//! TOML to [`Node`]s.

use super::{Entry, Kind, Node, SyntaxError};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// Parses a TOML document; reports every syntax error at once.
pub(super) fn parse(text: &str) -> Result<Node, Vec<SyntaxError>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let span = table.span();
        return Ok(Node {
            span: span.start..span.start,
            kind: map(table.get_ref()),
        });
    }
    let errors = errors.into_iter().map(|error| SyntaxError {
        span: error.span().unwrap_or(0..0),
        message: format!("not valid TOML: {}", error.message()),
        help: None,
    });
    Err(errors.collect())
}

fn map(table: &DeTable<'_>) -> Kind {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value): (&Spanned<DeString<'_>>, _)| Entry {
            key: key.get_ref().to_string(),
            key_span: key.span(),
            value: node(value),
        })
        .collect();
    // The parser's table is sorted by name, but the order of journeys and headers is the file's.
    entries.sort_by_key(|entry| entry.key_span.start);
    Kind::Map(entries)
}

fn node(value: &Spanned<DeValue<'_>>) -> Node {
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Boolean(value) => Kind::Bool(*value),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Kind::Number(number.into(), integer.to_string()),
            Err(_) => Kind::Text(integer.to_string()),
        },
        DeValue::Float(float) => {
            let number = float
                .as_str()
                .parse()
                .ok()
                .and_then(serde_json::Number::from_f64);
            match number {
                Some(number) => Kind::Number(number, float.as_str().to_owned()),
                None => Kind::Text(float.as_str().to_owned()),
            }
        }
        DeValue::Datetime(datetime) => Kind::Text(datetime.to_string()),
        DeValue::Array(items) => Kind::List(items.iter().map(node).collect()),
        DeValue::Table(table) => map(table),
    };
    Node {
        span: value.span(),
        kind,
    }
}
