//! Values that are kept of a response.

use super::ResponseView;
use super::body::ParsedBody;
use super::json::{JsonPath, from_json};
use crate::template::Value;
use http::HeaderName;
use regex::Regex;
use scraper::Selector;
use scraper::error::SelectorErrorKind;

/// Where the value to be saved comes from.
#[derive(Debug)]
pub struct Capture {
    /// The variable's name.
    pub name: String,
    /// Its slot in [`crate::Variables::slots`].
    pub slot: usize,
    /// Its source.
    pub source: CaptureSource,
    /// Taken where the source has nothing, instead of failing.
    pub default: Option<String>,
}

/// A source of a value. Where a source finds several, the first is taken.
#[derive(Debug)]
pub enum CaptureSource {
    /// A node of a JSON body, with its type. `null` counts as nothing.
    Json(JsonPath),
    /// A header.
    Header(HeaderName),
    /// A group of a regular expression on the body as text.
    Regex(Regex, usize),
    /// The text of an element of an HTML body, or one of its attributes.
    Css(CssPath, Option<String>),
    /// A cookie that the user holds after this response.
    Cookie(String),
}

impl CaptureSource {
    pub(super) fn looks_at_body(&self) -> bool {
        matches!(self, Self::Json(_) | Self::Regex(..) | Self::Css(..))
    }
}

/// A compiled CSS selector, and the text it was compiled from.
#[derive(Debug, Clone)]
pub struct CssPath {
    text: String,
    selector: Selector,
}

impl CssPath {
    /// Compiles a selector such as `form input[name=csrf]`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > 1_000 || text.bytes().filter(|byte| *byte == b'(').count() > 16 {
            return Err("longer than 1000 bytes or nested more than 16 levels deep".to_owned());
        }
        match Selector::parse(text) {
            Ok(selector) => Ok(Self {
                text: text.to_owned(),
                selector,
            }),
            // What else the parser may say is meant for its own developers.
            Err(SelectorErrorKind::UnexpectedSelectorParseError(_)) => {
                Err("it has no meaning".to_owned())
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Capture {
    /// The value. Parses the body anew: [`crate::Request::examine`] does so only once.
    ///
    /// # Errors
    /// Where it was looked for and that nothing was there, when there is no default.
    pub fn take(&self, view: &ResponseView<'_>) -> Result<Value, String> {
        self.take_from(view, &ParsedBody::new(view.body))
    }

    pub(super) fn take_from(
        &self,
        view: &ResponseView<'_>,
        body: &ParsedBody<'_>,
    ) -> Result<Value, String> {
        let why = match self.look(view, body) {
            Ok(value) => return Ok(value),
            Err(why) => why,
        };
        match &self.default {
            Some(default) => Ok(Value::from(default.as_str())),
            None => Err(format!("nothing to save as `{}`: {why}", self.name)),
        }
    }

    fn look(&self, view: &ResponseView<'_>, body: &ParsedBody<'_>) -> Result<Value, String> {
        match &self.source {
            CaptureSource::Json(path) => match path.find(body.json()?).first() {
                Some(serde_json::Value::Null) => Err("the JSON value is null".to_owned()),
                Some(json) => Ok(from_json(json)),
                None => Err(format!(
                    "the JSONPath finds nothing in `{}`",
                    crate::excerpt::short(body.text())
                )),
            },
            CaptureSource::Header(name) => match (view.header)(name) {
                Some(value) => Ok(Value::from(String::from_utf8_lossy(value).as_ref())),
                None => Err(format!("there is no header `{name}`")),
            },
            CaptureSource::Regex(regex, group) => {
                let found = regex
                    .captures(body.text())
                    .and_then(|captures| captures.get(*group));
                match found {
                    Some(found) => Ok(Value::from(found.as_str())),
                    None => Err(format!(
                        "`{}` does not match `{}`",
                        regex.as_str(),
                        crate::excerpt::short(body.text())
                    )),
                }
            }
            CaptureSource::Css(path, attribute) => {
                let Some(element) = body.html().select(&path.selector).next() else {
                    return Err(format!("no element matches `{}`", path.text));
                };
                match attribute {
                    None => Ok(Value::from(element.text().collect::<String>().trim())),
                    Some(name) => match element.value().attr(name) {
                        Some(value) => Ok(Value::from(value)),
                        None => Err(format!(
                            "the element `{}` has no attribute `{name}`",
                            path.text
                        )),
                    },
                }
            }
            CaptureSource::Cookie(name) => match (view.cookie)(name) {
                Some(value) => Ok(Value::from(value)),
                None => Err(format!("there is no cookie `{name}`")),
            },
        }
    }
}
