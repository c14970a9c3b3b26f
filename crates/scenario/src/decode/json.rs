//! JSONPaths and expectations on what they find.

use super::data::plain_json;
use super::expect::written;
use super::{Decoder, Fields};
use crate::grammar::{JSON_TEST, Table};
use crate::response::{Check, CheckKind, JsonPath, JsonTest, JsonType};
use crate::template::Escape;
use crate::text::{Kind, Node};

impl Decoder<'_> {
    pub(super) fn json_path(&mut self, span: &crate::text::Span, text: &str) -> Option<JsonPath> {
        match JsonPath::parse(text) {
            Ok(path) => Some(path),
            Err(message) => {
                let text = crate::excerpt::short(text);
                let help = (!text.starts_with('$')).then(|| format!("write `$.{text}`"));
                self.error(span, format!("not a JSONPath: {message}"), help);
                None
            }
        }
    }

    pub(super) fn json_checks(&mut self, node: &Node, checks: &mut Vec<Check>) {
        for entry in self
            .map(node, "a map from JSONPaths to values or tests")
            .unwrap_or_default()
        {
            let Some(path) = self.json_path(&entry.key_span, &entry.key) else {
                continue;
            };
            let subject = format!("json {}", entry.key);
            let mut add = |name: &str, value: &Node, test: Option<JsonTest>| {
                let text = format!("{subject} {name} {}", written(value));
                checks.extend(test.map(|test| Check {
                    text,
                    kind: CheckKind::Json(path.clone(), test),
                }));
            };
            if let Kind::Map(_) = entry.value.kind {
                let Some(fields) = self.json_fields(&entry.value) else {
                    continue;
                };
                for test in fields.entries {
                    let decoded = self.json_test(&test.key, &test.value);
                    add(&test.key, &test.value, decoded);
                }
            } else {
                let decoded = self.json_test("equals", &entry.value);
                add("equals", &entry.value, decoded);
            }
        }
    }

    fn json_fields<'n>(&mut self, node: &'n Node) -> Option<Fields<'n>> {
        let table: &'static Table = &JSON_TEST;
        let fields = self.fields(node, table)?;
        if fields.entries.is_empty() {
            self.error(
                &node.span,
                "there is no test",
                "to compare with an empty map write `equals: {}`".to_owned(),
            );
        }
        Some(fields)
    }

    fn json_test(&mut self, name: &str, node: &Node) -> Option<JsonTest> {
        match name {
            "equals" | "not" => {
                let template = match &node.kind {
                    Kind::Text(_) => Some(self.template(node, Escape::None, "a value")),
                    _ => None,
                };
                Some(
                    match (
                        name,
                        template.filter(|template| template.as_constant().is_none()),
                    ) {
                        ("equals", Some(template)) => JsonTest::EqualsText(template),
                        (_, Some(template)) => JsonTest::NotText(template),
                        ("equals", None) => JsonTest::Equals(self.constant_json(node)),
                        (_, None) => JsonTest::Not(self.constant_json(node)),
                    },
                )
            }
            "exists" => self.boolean(node).map(JsonTest::Exists),
            "min_items" => self.count(node, 0..=u64::MAX).map(JsonTest::MinItems),
            "max_items" => self.count(node, 0..=u64::MAX).map(JsonTest::MaxItems),
            "min" => self.number(node).map(JsonTest::Min),
            "max" => self.number(node).map(JsonTest::Max),
            "contains" => Some(JsonTest::Contains(self.template(
                node,
                Escape::None,
                "a text",
            ))),
            "matches" => self.regex(node).map(JsonTest::Matches),
            "type" => {
                let names: Vec<&'static str> = JsonType::NAMES
                    .iter()
                    .flat_map(|(_, names)| names.iter().copied())
                    .collect();
                let name = match node.kind {
                    Kind::Null => "null",
                    _ => self.word(node, &names)?,
                };
                JsonType::NAMES
                    .iter()
                    .find(|(_, names)| names.contains(&name))
                    .map(|(kind, _)| JsonTest::Type(*kind))
            }
            _ => None,
        }
    }

    /// A value to compare with; a text in which `env` or `secret` stands is resolved.
    fn constant_json(&mut self, node: &Node) -> serde_json::Value {
        match &node.kind {
            Kind::Text(text) if text.contains("{{") => {
                let template = self.template(node, Escape::None, "a value");
                template.as_constant().unwrap_or_default().into()
            }
            _ => plain_json(node),
        }
    }

    pub(super) fn number(&mut self, node: &Node) -> Option<f64> {
        match &node.kind {
            Kind::Number(number, _) => number.as_f64(),
            _ => {
                self.wrong(node, "a number");
                None
            }
        }
    }
}
