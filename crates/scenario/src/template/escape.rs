//! How a value is written where it is put.

use super::Value;
use minijinja::value::ValueKind;
use std::fmt::Write;

/// What the surrounding text demands of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    /// Nothing: headers and plain bodies.
    None,
    /// The inside of a JSON string.
    JsonText,
    /// A whole JSON value, of the value's own type.
    Json,
    /// Part of a path or query, or of a form: all but unreserved characters is percent-encoded
    /// (RFC 3986, section 2.3).
    Url,
    /// A value of a query or form that is written as a map: what the author wrote is encoded as
    /// strictly as what is put in, because it is no URL but one value in it.
    UrlValue,
    /// The beginning of a URL, such as a captured link: only what no URL can contain is encoded.
    UrlStart,
}

impl Escape {
    /// Every way, for the names by which the template engine knows them.
    pub(super) const ALL: [Self; 6] = [
        Self::None,
        Self::JsonText,
        Self::Json,
        Self::Url,
        Self::UrlValue,
        Self::UrlStart,
    ];

    /// A name of its own.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::JsonText => "json_text",
            Self::Json => "json",
            Self::Url => "url",
            Self::UrlValue => "url_value",
            Self::UrlStart => "url_start",
        }
    }

    /// Writes a value; one marked `| safe` is written as it is.
    pub(crate) fn write(self, value: &Value, out: &mut String) {
        if self == Self::Json && !value.is_safe() {
            write_json(value, out);
        } else if let Some(text) = value.as_str() {
            self.write_text(text, value.is_safe(), out);
        } else {
            let mut text = String::new();
            write_json(value, &mut text);
            self.write_text(&text, false, out);
        }
    }

    fn write_text(self, text: &str, safe: bool, out: &mut String) {
        match self {
            Self::None | Self::Json => out.push_str(text),
            _ if safe => out.push_str(text),
            Self::JsonText => write_json_text(text, out),
            Self::Url | Self::UrlValue => write_url_value(text, out),
            Self::UrlStart => write_url_literal(text, out),
        }
    }

    /// Writes text that the scenario's author wrote, as opposed to a value.
    pub(super) fn write_literal(self, text: &str, out: &mut String) {
        match self {
            Self::None | Self::Json => out.push_str(text),
            Self::JsonText => write_json_text(text, out),
            Self::Url | Self::UrlStart => write_url_literal(text, out),
            Self::UrlValue => write_url_value(text, out),
        }
    }
}

/// Encodes all but unreserved characters.
fn write_url_value(text: &str, out: &mut String) {
    percent_encode(text, out, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
    });
}

/// Encodes only what cannot stand in a URL at all.
fn write_url_literal(text: &str, out: &mut String) {
    percent_encode(text, out, |byte| {
        byte.is_ascii_graphic()
            && !matches!(
                byte,
                b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
            )
    });
}

fn percent_encode(text: &str, out: &mut String, keep: impl Fn(u8) -> bool) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if keep(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// The inside of a JSON string (RFC 8259, section 7).
fn write_json_text(text: &str, out: &mut String) {
    if text
        .bytes()
        .all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
    {
        out.push_str(text);
    } else {
        let quoted = serde_json::Value::from(text).to_string();
        out.push_str(&quoted[1..quoted.len() - 1]);
    }
}

/// Writes a value as JSON; what JSON cannot express is `null`.
fn write_json(value: &Value, out: &mut String) {
    match value.kind() {
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => {
            let text = value.to_string();
            let finite = text.bytes().any(|byte| byte.is_ascii_digit());
            out.push_str(if finite { &text } else { "null" });
        }
        ValueKind::Seq | ValueKind::Iterable => {
            out.push('[');
            for (index, item) in value.try_iter().into_iter().flatten().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(&item, out);
            }
            out.push(']');
        }
        ValueKind::Map => {
            out.push('{');
            for (index, key) in value.try_iter().into_iter().flatten().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", serde_json::Value::from(key.to_string()));
                write_json(&value.get_item(&key).unwrap_or(Value::UNDEFINED), out);
            }
            out.push('}');
        }
        ValueKind::None | ValueKind::Undefined => out.push_str("null"),
        _ => {
            out.push('"');
            match value.as_str() {
                Some(text) => write_json_text(text, out),
                None => write_json_text(&value.to_string(), out),
            }
            out.push('"');
        }
    }
}
