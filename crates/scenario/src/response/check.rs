//! Expectations other than those on JSON, and what each says when it does not hold.

use super::body::ParsedBody;
use super::json::{JsonPath, JsonTest};
use super::{ResponseView, json};
use crate::excerpt::short;
use crate::template::{RenderError, Template, Variables};
use http::HeaderName;
use plimsoll_measure::Comparison;
use regex::Regex;
use std::borrow::Cow;

/// What must hold of a response.
#[derive(Debug, Default)]
pub struct Expectations {
    /// Statuses that are expected; empty: any 2xx or 3xx.
    pub status: Vec<StatusRange>,
    /// Everything else, in file order.
    pub checks: Vec<Check>,
}

impl Expectations {
    /// Whether the status is one of those expected.
    pub fn accepts(&self, status: u16) -> bool {
        match self.status.as_slice() {
            [] => (200..400).contains(&status),
            ranges => ranges
                .iter()
                .any(|range| (range.from..=range.to).contains(&status)),
        }
    }

    /// The statuses that are expected, as text: `200 or 3xx`.
    pub fn statuses(&self) -> String {
        match self.status.as_slice() {
            [] => "2xx or 3xx".to_owned(),
            ranges => {
                let texts: Vec<String> = ranges.iter().map(ToString::to_string).collect();
                texts.join(" or ")
            }
        }
    }
}

/// Statuses `from` to `to`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRange {
    /// First.
    pub from: u16,
    /// Last.
    pub to: u16,
}

impl std::fmt::Display for StatusRange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.from, self.to) {
            (from, to) if from == to => write!(formatter, "{from}"),
            (from, to) if from % 100 == 0 && to == from + 99 => {
                write!(formatter, "{}xx", from / 100)
            }
            (from, to) => write!(formatter, "{from} to {to}"),
        }
    }
}

/// An expectation other than the status, with the text it was written as.
#[derive(Debug)]
pub struct Check {
    /// As written, for messages: `json $.flights min_items 1`.
    pub text: String,
    /// Its meaning.
    pub kind: CheckKind,
}

/// What a check demands. Evaluated by [`Check::holds`].
#[derive(Debug)]
#[non_exhaustive]
pub enum CheckKind {
    /// A header, one of the operators on its value.
    Header(HeaderName, TextTest),
    /// The decoded body as text.
    Body(TextTest),
    /// Nodes of a JSON body.
    Json(JsonPath, JsonTest),
    /// The body's size as received, in bytes.
    Size(NumberTest),
    /// The response time, in nanoseconds.
    Latency(NumberTest),
}

impl CheckKind {
    /// Whether it can only be judged with the body at hand.
    pub(super) fn looks_at_body(&self) -> bool {
        matches!(self, Self::Body(_) | Self::Json(..))
    }
}

impl Check {
    /// Whether the check holds. Parses the body anew: [`crate::Request::examine`] does so only once.
    ///
    /// # Errors
    /// What was expected and what came instead.
    pub fn holds(&self, view: &ResponseView<'_>, variables: &Variables) -> Result<(), String> {
        self.holds_on(view, &ParsedBody::new(view.body), variables)
    }

    pub(super) fn holds_on(
        &self,
        view: &ResponseView<'_>,
        body: &ParsedBody<'_>,
        variables: &Variables,
    ) -> Result<(), String> {
        let got = match &self.kind {
            CheckKind::Header(name, test) => {
                let value = (view.header)(name).map(String::from_utf8_lossy);
                test.judge(value.as_deref(), variables)
            }
            CheckKind::Body(test) => test.judge(Some(body.text()), variables),
            CheckKind::Json(path, test) => json::judge(path, test, body, variables),
            CheckKind::Size(test) => test.judge(view.body_bytes, |bytes| format!("{bytes} bytes")),
            CheckKind::Latency(test) => test.judge(view.response_ns, |nanoseconds| {
                format!("{:.3} ms", nanoseconds as f64 / 1e6)
            }),
        };
        match got {
            Ok(None) => Ok(()),
            Ok(Some(got)) => Err(format!("expected {}, got {got}", self.text)),
            Err(RenderError(text)) => Err(format!("expected {}, but {text}", self.text)),
        }
    }
}

/// A test on text.
#[derive(Debug)]
pub enum TextTest {
    /// The text is exactly this.
    Equals(Template),
    /// The text is anything but this.
    Not(Template),
    /// This is somewhere in it.
    Contains(Template),
    /// This is nowhere in it.
    NotContains(Template),
    /// The regular expression finds something.
    Matches(Regex),
    /// Whether there is such a text at all.
    Exists(bool),
}

/// What a test got instead of what it expected; `None` where it holds.
pub(super) type Got = Result<Option<String>, RenderError>;

impl TextTest {
    fn judge(&self, found: Option<&str>, variables: &Variables) -> Got {
        if let Self::Exists(expected) = self {
            return Ok((found.is_some() != *expected).then(|| describe(found)));
        }
        let Some(text) = found else {
            return Ok(Some("none".to_owned()));
        };
        let holds = match self {
            Self::Equals(template) => text == rendered(template, variables)?,
            Self::Not(template) => text != rendered(template, variables)?,
            Self::Contains(template) => text.contains(&*rendered(template, variables)?),
            Self::NotContains(template) => !text.contains(&*rendered(template, variables)?),
            Self::Matches(regex) => regex.is_match(text),
            Self::Exists(_) => true,
        };
        Ok((!holds).then(|| describe(found)))
    }
}

fn describe(found: Option<&str>) -> String {
    match found {
        None => "none".to_owned(),
        Some("") => "nothing at all (0 bytes)".to_owned(),
        Some(text) => format!("`{}`", short(text)),
    }
}

/// The template's text; borrowed where it is constant.
pub(super) fn rendered<'a>(
    template: &'a Template,
    variables: &Variables,
) -> Result<Cow<'a, str>, RenderError> {
    if let Some(text) = template.as_constant() {
        return Ok(Cow::Borrowed(text));
    }
    let mut text = String::new();
    template.render(variables, &mut text)?;
    Ok(Cow::Owned(text))
}

/// A test on a number: `< 500ms`, in base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberTest {
    /// The direction.
    pub comparison: Comparison,
    /// Bytes or nanoseconds.
    pub value: f64,
}

impl NumberTest {
    fn judge(self, observed: u64, text: impl Fn(u64) -> String) -> Got {
        let number = observed as f64;
        let holds = match self.comparison {
            Comparison::Less => number < self.value,
            Comparison::LessOrEqual => number <= self.value,
            Comparison::Greater => number > self.value,
            Comparison::GreaterOrEqual => number >= self.value,
        };
        Ok((!holds).then(|| text(observed)))
    }
}
