//! Texts, truth values, numbers and quantities.

use super::Decoder;
use crate::quantity;
use crate::text::{Kind, Node};
use std::ops::RangeInclusive;
use std::time::Duration;

impl Decoder<'_> {
    /// A text. Numbers and truth values count as the text that they were written as.
    pub(super) fn plain<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n str> {
        let text = node.scalar_text();
        if text.is_none() {
            self.wrong(node, expected);
        }
        text
    }

    /// A text that says something.
    pub(super) fn named<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n str> {
        let text = self.plain(node, expected)?;
        if text.trim().is_empty() || text.contains(char::is_control) || text.len() > 200 {
            self.error(
                &node.span,
                format!("expected {expected} of 1 to 200 characters on one line"),
                None,
            );
            return None;
        }
        Some(text)
    }

    pub(super) fn boolean(&mut self, node: &Node) -> Option<bool> {
        if let Kind::Bool(value) = node.kind {
            return Some(value);
        }
        let help = match node.scalar_text().map(str::to_ascii_lowercase).as_deref() {
            Some("yes" | "on" | "y") => Some("write `true`".to_owned()),
            Some("no" | "off" | "n") => Some("write `false`".to_owned()),
            _ => None,
        };
        self.error(
            &node.span,
            format!("expected `true` or `false`, found {}", node.describe()),
            help,
        );
        None
    }

    pub(super) fn count(&mut self, node: &Node, range: RangeInclusive<u64>) -> Option<u64> {
        let number = match &node.kind {
            Kind::Number(number, _) => number.as_u64(),
            _ => None,
        };
        if let Some(number) = number.filter(|number| range.contains(number)) {
            return Some(number);
        }
        let (from, to) = (range.start(), range.end());
        let expected = match *to {
            u64::MAX => format!("a whole number from {from}"),
            _ => format!("a whole number from {from} to {to}"),
        };
        self.wrong(node, &expected);
        None
    }

    /// Parses a text; what the parser says becomes the message.
    pub(super) fn quantity<T>(
        &mut self,
        node: &Node,
        expected: &str,
        help: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let Some(text) = node.scalar_text() else {
            self.wrong(node, expected);
            return None;
        };
        match parse(text) {
            Ok(value) => Some(value),
            Err(message) => {
                let help = match &node.kind {
                    Kind::Number(_, raw) if expected == "a duration" => {
                        format!("write `{raw}s` for seconds or `{raw}ms` for milliseconds")
                    }
                    Kind::Number(_, raw) if expected == "a rate" => format!("write `{raw}/s`"),
                    _ => help.to_owned(),
                };
                self.error(&node.span, message, help);
                None
            }
        }
    }

    pub(super) fn duration(&mut self, node: &Node) -> Option<Duration> {
        self.quantity(
            node,
            "a duration",
            quantity::DURATION_HELP,
            quantity::duration,
        )
    }

    /// A duration above zero.
    pub(super) fn positive_duration(&mut self, node: &Node) -> Option<Duration> {
        let duration = self.duration(node)?;
        if duration.is_zero() {
            self.error(&node.span, "a duration above zero is needed here", None);
            return None;
        }
        Some(duration)
    }
}
