//! Expectations.

use super::data::plain_json;
use super::{Decoder, Fields};
use crate::grammar::{BODY_TEST, EXPECT, HEADER_TEST};
use crate::quantity;
use crate::response::{Check, CheckKind, Expectations, NumberTest, StatusRange, TextTest};
use crate::template::Escape;
use crate::text::{Kind, Node};
use http::HeaderName;
use regex::Regex;

impl Decoder<'_> {
    pub(super) fn expectations(&mut self, node: Option<&Node>) -> Expectations {
        let mut expectations = Expectations::default();
        let Some(node) = node else {
            return expectations;
        };
        let Kind::Map(_) = node.kind else {
            expectations.status = self.statuses(node);
            return expectations;
        };
        let Some(fields) = self.fields(node, &EXPECT) else {
            return expectations;
        };
        for entry in fields.entries {
            match entry.key.as_str() {
                "status" => expectations.status = self.statuses(&entry.value),
                "header" => self.header_checks(&entry.value, &mut expectations.checks),
                "body" => {
                    if let Some(fields) = self.fields(&entry.value, &BODY_TEST) {
                        self.text_checks(fields, "body", &mut expectations.checks, CheckKind::Body);
                    }
                }
                "json" => self.json_checks(&entry.value, &mut expectations.checks),
                "size" => {
                    let check = self.number_check(&entry.value, "size", "< 10kB", quantity::size);
                    expectations.checks.extend(check.map(|(text, test)| Check {
                        text,
                        kind: CheckKind::Size(test),
                    }));
                }
                "latency" => {
                    let nanoseconds = |text: &str| {
                        quantity::duration(text).map(|duration| duration.as_nanos() as f64)
                    };
                    let check = self.number_check(&entry.value, "latency", "< 500ms", nanoseconds);
                    expectations.checks.extend(check.map(|(text, test)| Check {
                        text,
                        kind: CheckKind::Latency(test),
                    }));
                }
                _ => {}
            }
        }
        expectations
    }

    /// `200`, `2xx`, or a list of those.
    fn statuses(&mut self, node: &Node) -> Vec<StatusRange> {
        let items = self.one_or_more(node);
        if items.is_empty() {
            self.error(
                &node.span,
                "there is no status",
                "write `200`, `2xx`, or a list of those".to_owned(),
            );
        }
        items.iter().filter_map(|item| self.status(item)).collect()
    }

    fn status(&mut self, node: &Node) -> Option<StatusRange> {
        let text = node.scalar_text().unwrap_or_default();
        let class = text
            .strip_suffix("xx")
            .or_else(|| text.strip_suffix("XX"))
            .and_then(|class| class.parse::<u16>().ok());
        let range = match (class, text.parse::<u16>()) {
            (Some(class @ 1..=5), _) => Some(StatusRange {
                from: class * 100,
                to: class * 100 + 99,
            }),
            (_, Ok(status @ 100..=599)) => Some(StatusRange {
                from: status,
                to: status,
            }),
            _ => None,
        };
        if range.is_none() {
            let help = "write a status from 100 to 599 or a class such as `2xx`, or a map with `status`, `header`, `body`, `json`, `size`, `latency`";
            self.error(
                &node.span,
                format!("expected a status, found {}", node.describe()),
                help.to_owned(),
            );
        }
        range
    }

    fn header_checks(&mut self, node: &Node, checks: &mut Vec<Check>) {
        for entry in self
            .map(node, "a map from headers to values or tests")
            .unwrap_or_default()
        {
            let Ok(name) = HeaderName::from_bytes(entry.key.as_bytes()) else {
                let message = format!(
                    "`{}` cannot be a header's name",
                    crate::excerpt::short(&entry.key)
                );
                self.error(&entry.key_span, message, None);
                continue;
            };
            let subject = format!("header {name}");
            if let Kind::Map(_) = entry.value.kind {
                if let Some(fields) = self.fields(&entry.value, &HEADER_TEST) {
                    self.text_checks(fields, &subject, checks, |test| {
                        CheckKind::Header(name.clone(), test)
                    });
                }
                continue;
            }
            let Some(text) = self.plain(&entry.value, "a value or a map of tests") else {
                continue;
            };
            let template = self.template(&entry.value, Escape::None, "a value");
            let text = format!("{subject} equals {}", crate::excerpt::short(text));
            checks.push(Check {
                text,
                kind: CheckKind::Header(name, TextTest::Equals(template)),
            });
        }
    }

    fn text_checks(
        &mut self,
        fields: Fields<'_>,
        subject: &str,
        checks: &mut Vec<Check>,
        kind: impl Fn(TextTest) -> CheckKind,
    ) {
        if fields.entries.is_empty() {
            self.error(fields.span, "there is no test", None);
        }
        for entry in fields.entries {
            let several = matches!(entry.key.as_str(), "contains" | "not_contains");
            let items = if several {
                self.one_or_more(&entry.value)
            } else {
                std::slice::from_ref(&entry.value)
            };
            for item in items {
                let test = match entry.key.as_str() {
                    "equals" => Some(TextTest::Equals(self.template(
                        item,
                        Escape::None,
                        "a text",
                    ))),
                    "not" => Some(TextTest::Not(self.template(item, Escape::None, "a text"))),
                    "contains" => Some(TextTest::Contains(self.template(
                        item,
                        Escape::None,
                        "a text",
                    ))),
                    "not_contains" => Some(TextTest::NotContains(self.template(
                        item,
                        Escape::None,
                        "a text",
                    ))),
                    "matches" => self.regex(item).map(TextTest::Matches),
                    "exists" => self.boolean(item).map(TextTest::Exists),
                    _ => None,
                };
                let text = format!("{subject} {} {}", entry.key, written(item));
                checks.extend(test.map(|test| Check {
                    text,
                    kind: kind(test),
                }));
            }
        }
    }

    pub(super) fn regex(&mut self, node: &Node) -> Option<Regex> {
        let text = self.plain(node, "a regular expression")?;
        match Regex::new(text) {
            Ok(regex) => Some(regex),
            Err(error) => {
                // The last line says what is wrong; those before draw the expression.
                let message = error.to_string();
                let last = message
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .to_owned();
                self.error(
                    &node.span,
                    format!("not a regular expression: {last}"),
                    None,
                );
                None
            }
        }
    }

    fn number_check(
        &mut self,
        node: &Node,
        subject: &str,
        example: &str,
        parse: impl Fn(&str) -> Result<f64, String>,
    ) -> Option<(String, NumberTest)> {
        let text = self.plain(node, &format!("a comparison such as `{example}`"))?;
        let help = format!("write a comparison such as `{example}`");
        let Some((comparison, value)) = quantity::comparison(text) else {
            let message = format!("`{}` is no comparison", crate::excerpt::short(text));
            self.error(&node.span, message, help);
            return None;
        };
        match parse(value) {
            Ok(value) => Some((
                format!("{subject} {}", text.trim()),
                NumberTest { comparison, value },
            )),
            Err(message) => {
                self.error(&node.span, message, help);
                None
            }
        }
    }
}

/// A value as it was written, for messages.
pub(super) fn written(node: &Node) -> String {
    let text = match node.scalar_text() {
        Some(text) => text.to_owned(),
        None => plain_json(node).to_string(),
    };
    crate::excerpt::short(&text).into_owned()
}
