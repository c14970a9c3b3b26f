//! A body, decoded at most once however many checks and captures look at it.

use scraper::Html;
use std::borrow::Cow;
use std::cell::OnceCell;

/// A response's body and what it has been read as so far.
pub(super) struct ParsedBody<'a> {
    bytes: &'a [u8],
    text: OnceCell<Cow<'a, str>>,
    json: OnceCell<Result<serde_json::Value, String>>,
    html: OnceCell<Html>,
}

impl<'a> ParsedBody<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            text: OnceCell::new(),
            json: OnceCell::new(),
            html: OnceCell::new(),
        }
    }

    /// As text; what is not UTF-8 becomes U+FFFD.
    pub(super) fn text(&self) -> &str {
        self.text
            .get_or_init(|| String::from_utf8_lossy(self.bytes))
    }

    /// As JSON, or why it is none.
    pub(super) fn json(&self) -> Result<&serde_json::Value, &str> {
        let parsed = self.json.get_or_init(|| {
            serde_json::from_slice(self.bytes).map_err(|error| match self.bytes {
                [] => "an empty body, which is no JSON".to_owned(),
                _ => format!(
                    "no JSON ({error}): `{}`",
                    crate::excerpt::short(self.text())
                ),
            })
        });
        parsed.as_ref().map_err(String::as_str)
    }

    /// As HTML, which parses whatever it is.
    pub(super) fn html(&self) -> &Html {
        self.html.get_or_init(|| Html::parse_document(self.text()))
    }
}
