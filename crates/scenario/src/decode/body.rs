//! Bodies of requests.

use super::{Decoder, Fields};
use crate::grammar::PART;
use crate::model::{Body, Part, PartContent};
use crate::template::{Builder, Escape, Template};
use crate::text::{Kind, Node};
use bytes::Bytes;
use std::path::Path;

/// The boundary of multipart bodies: long enough not to be in any content by accident.
const BOUNDARY: &str = "plimsoll-7e3f9ab1c64d4f20-boundary";

const KINDS: [&str; 5] = ["json", "form", "multipart", "body", "file"];

impl Decoder<'_> {
    /// The body, and its content type.
    pub(super) fn body(&mut self, fields: Fields<'_>) -> (Body, Option<String>) {
        if !KINDS.iter().any(|kind| fields.get(kind).is_some()) {
            return (Body::Empty, None);
        }
        let Some((kind, node)) = self.one_of(fields, &KINDS, "a request") else {
            return (Body::Empty, None);
        };
        let mut builder = Builder::default();
        let content_type = match kind {
            "json" => {
                self.json(node, &mut builder);
                "application/json".to_owned()
            }
            "form" => {
                let mut first = true;
                self.pairs(node, &mut builder, &mut |builder| {
                    if !std::mem::take(&mut first) {
                        builder.literal("&");
                    }
                });
                "application/x-www-form-urlencoded".to_owned()
            }
            "multipart" => {
                let parts = self.parts(node);
                let body = Body::Multipart {
                    boundary: BOUNDARY.to_owned(),
                    parts,
                };
                return (
                    body,
                    Some(format!("multipart/form-data; boundary={BOUNDARY}")),
                );
            }
            "file" => {
                let Some((name, content)) = self.file(node) else {
                    return (Body::Empty, None);
                };
                return (
                    Body::Bytes(Bytes::from_owner(content)),
                    Some(content_type_of(&name).to_owned()),
                );
            }
            _ => {
                let template = self.template(node, Escape::None, "a text");
                return (
                    Body::Text(template),
                    Some("text/plain; charset=utf-8".to_owned()),
                );
            }
        };
        (Body::Text(builder.finish().0), Some(content_type))
    }

    /// A value as JSON, each of its texts a template.
    fn json(&mut self, node: &Node, builder: &mut Builder) {
        match &node.kind {
            Kind::Null => builder.literal("null"),
            Kind::Bool(value) => builder.literal(if *value { "true" } else { "false" }),
            Kind::Number(number, _) => builder.literal(&number.to_string()),
            Kind::Text(text) => self.build(builder, &node.span, text, Escape::Json),
            Kind::List(items) => {
                builder.literal("[");
                for (index, item) in items.iter().enumerate() {
                    builder.literal(if index > 0 { "," } else { "" });
                    self.json(item, builder);
                }
                builder.literal("]");
            }
            Kind::Map(entries) => {
                builder.literal("{");
                for (index, entry) in entries.iter().enumerate() {
                    builder.literal(if index > 0 { "," } else { "" });
                    builder.literal(&serde_json::Value::from(entry.key.as_str()).to_string());
                    builder.literal(":");
                    self.json(&entry.value, builder);
                }
                builder.literal("}");
            }
        }
    }

    fn parts(&mut self, node: &Node) -> Vec<Part> {
        let entries = self
            .map(node, "a map from fields to parts")
            .unwrap_or_default();
        let mut parts = Vec::new();
        for entry in entries {
            if entry.key.contains(['"', '\r', '\n']) {
                self.error(
                    &entry.key_span,
                    "a field's name cannot contain quotes or line breaks",
                    None,
                );
            }
            parts.extend(self.part(&entry.key, &entry.value));
        }
        parts
    }

    fn part(&mut self, name: &str, node: &Node) -> Option<Part> {
        let Kind::Map(_) = node.kind else {
            let content = PartContent::Text(self.template(node, Escape::None, "a value or a part"));
            return Some(Part {
                name: name.to_owned(),
                file_name: None,
                content_type: None,
                content,
            });
        };
        let fields = self.fields(node, &PART)?;
        let own = |decoder: &mut Self, key| {
            let node: &Node = fields.get(key)?;
            let text = decoder.named(node, "a text")?.to_owned();
            if text.contains('"') {
                decoder.error(&node.span, "quotes cannot stand here", None);
            }
            Some(text)
        };
        let (mut file_name, mut content_type) = (own(self, "file_name"), own(self, "type"));
        let (kind, node) = self.one_of(fields, &["value", "file"], "a part")?;
        let content = if kind == "file" {
            let (path, content) = self.file(node)?;
            let last = Path::new(&path)
                .file_name()
                .map(|name| name.to_string_lossy().replace('"', "_"));
            content_type = content_type.or_else(|| Some(content_type_of(&path).to_owned()));
            file_name = file_name.or(last);
            PartContent::Bytes(Bytes::from_owner(content))
        } else {
            PartContent::Text(self.value_template(node))
        };
        Some(Part {
            name: name.to_owned(),
            file_name,
            content_type,
            content,
        })
    }

    fn value_template(&mut self, node: &Node) -> Template {
        self.template(node, Escape::None, "a text, number or truth value")
    }
}

/// The content type that a file's name suggests.
fn content_type_of(name: &str) -> &'static str {
    let extension = Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("svg") => "image/svg+xml",
        Some("webp") => "image/webp",
        Some("pdf") => "application/pdf",
        Some("zip") => "application/zip",
        Some("gz") => "application/gzip",
        _ => "application/octet-stream",
    }
}
