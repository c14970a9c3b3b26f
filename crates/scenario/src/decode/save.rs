//! Captures.

use super::{Decoder, names};
use crate::grammar::CAPTURE;
use crate::response::{Capture, CaptureSource, CssPath};
use crate::text::{Entry, Kind, Node};
use http::HeaderName;

impl Decoder<'_> {
    pub(super) fn captures(&mut self, node: Option<&Node>) -> Vec<Capture> {
        let Some(node) = node else { return Vec::new() };
        let entries = self
            .map(node, "a map from variables to JSONPaths or sources")
            .unwrap_or_default();
        entries
            .iter()
            .filter_map(|entry| self.capture(entry))
            .collect()
    }

    fn capture(&mut self, entry: &Entry) -> Option<Capture> {
        if let Err(message) = names::usable(&entry.key) {
            self.error(&entry.key_span, message, None);
        } else if self.feeds.iter().any(|feed| feed.name == entry.key) {
            self.error(
                &entry.key_span,
                format!("`{}` is already the name of a data feed", entry.key),
                None,
            );
        }
        // The variable exists even if its source is wrong, so that its uses are no further problems.
        let slot = self.scope.slot(&entry.key, &entry.key_span);
        let decoded = self.source(&entry.value);
        let (source, default) = match decoded {
            Some(decoded) => decoded,
            None => {
                self.scope.show([slot]);
                return None;
            }
        };
        Some(Capture {
            name: entry.key.clone(),
            slot,
            source,
            default,
        })
    }

    fn source(&mut self, node: &Node) -> Option<(CaptureSource, Option<String>)> {
        let Kind::Map(_) = node.kind else {
            let text = self.plain(node, "a JSONPath or a map")?;
            return Some((CaptureSource::Json(self.json_path(&node.span, text)?), None));
        };
        let fields = self.fields(node, &CAPTURE)?;
        let default = match fields.get("default") {
            Some(node) => Some(self.plain(node, "a text")?.to_owned()),
            None => None,
        };
        let (kind, node) = self.one_of(
            fields,
            &["json", "header", "regex", "css", "cookie"],
            "a capture",
        )?;
        for (key, only) in [("group", "regex"), ("attribute", "css")] {
            if let Some(entry) = fields.entry(key).filter(|_| kind != only) {
                self.error(&entry.key_span, format!("`{key}` goes with `{only}`"), None);
            }
        }
        let text = self.named(node, "a text")?;
        let source = match kind {
            "json" => CaptureSource::Json(self.json_path(&node.span, text)?),
            "header" => match HeaderName::from_bytes(text.as_bytes()) {
                Ok(name) => CaptureSource::Header(name),
                Err(_) => {
                    self.error(
                        &node.span,
                        format!("`{text}` cannot be a header's name"),
                        None,
                    );
                    return None;
                }
            },
            "cookie" => CaptureSource::Cookie(text.to_owned()),
            "css" => {
                let attribute = match fields.get("attribute") {
                    Some(node) => Some(self.named(node, "an attribute's name")?.to_owned()),
                    None => None,
                };
                match CssPath::parse(text) {
                    Ok(path) => CaptureSource::Css(path, attribute),
                    Err(message) => {
                        self.error(&node.span, format!("not a CSS selector: {message}"), None);
                        return None;
                    }
                }
            }
            _ => {
                let regex = self.regex(node)?;
                let groups = regex.captures_len() as u64 - 1;
                let group = match fields.get("group") {
                    Some(node) => self.count(node, 0..=groups)?,
                    None => groups.min(1),
                };
                CaptureSource::Regex(regex, group as usize)
            }
        };
        Some((source, default))
    }
}
