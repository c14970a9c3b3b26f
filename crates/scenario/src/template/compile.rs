//! From text to [`Template`] and [`Condition`]: the load-time half.

use super::jinja::{Jinja, Root};
use super::segments::{Segment, split};
use super::{Condition, Escape, Piece, Source, Template, Test, Value, Variables};
use std::ops::Range;
use std::sync::Arc;

/// What a name turned out to be.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// How a plain `{{ name }}` gets its value; `None` where only an expression can use it.
    pub(crate) plain: Option<Plain>,
    /// How an expression gets it, under the name's first part.
    pub(crate) root: Root,
}

/// The value of a plain name.
#[derive(Debug, Clone)]
pub(crate) enum Plain {
    /// Known now.
    Constant(Value),
    /// Known when the journey runs.
    Source(Source),
}

/// Something wrong in a template, at a place in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Decides what names mean: takes `["travellers", "home"]`. An error is a message and a help.
pub(crate) type Resolve<'a> = dyn FnMut(&[&str]) -> Result<Named, (String, Option<String>)> + 'a;

/// Puts a template together from texts that are escaped in different ways.
#[derive(Default)]
pub(crate) struct Builder {
    pieces: Vec<Piece>,
    pub(crate) faults: Vec<Fault>,
}

impl Builder {
    /// Adds text as it is.
    pub(crate) fn literal(&mut self, text: &str) {
        if let Some(Piece::Text(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            self.pieces.push(Piece::Text(text.to_owned()));
        }
    }

    /// Adds a text with parts, its values and its own characters escaped as `escape` says.
    pub(crate) fn text(&mut self, text: &str, escape: Escape, resolve: &mut Resolve<'_>) {
        let segments = match split(text) {
            Ok(segments) => segments,
            Err(range) => {
                self.fault(
                    range,
                    "`{{` without `}}`".to_owned(),
                    Some("close it, or write `{{ \"{{\" }}` for the characters".to_owned()),
                );
                return;
            }
        };
        for segment in segments {
            match segment {
                Segment::Text(range) => {
                    let mut escaped = String::new();
                    escape.write_literal(&text[range], &mut escaped);
                    self.literal(&escaped);
                }
                Segment::Part(whole, inner) => {
                    let inside = escape == Escape::UrlStart && whole.start > 0;
                    let escape = if inside { Escape::Url } else { escape };
                    self.part(text, whole, inner, escape, resolve);
                }
                Segment::Blocks => {
                    let escape = if escape == Escape::UrlStart {
                        Escape::Url
                    } else {
                        escape
                    };
                    self.jinja(text, 0..text.len(), escape, resolve);
                }
            }
        }
    }

    /// Adds a JSON value: a text that is exactly one part keeps the part's type.
    pub(crate) fn json_leaf(&mut self, text: &str, resolve: &mut Resolve<'_>) {
        match split(text).as_deref() {
            Ok([Segment::Part(whole, inner)]) => {
                self.part(text, whole.clone(), inner.clone(), Escape::Json, resolve);
            }
            _ => {
                self.literal("\"");
                self.text(text, Escape::JsonText, resolve);
                self.literal("\"");
            }
        }
    }

    /// Adds what `inner` renders to, in Base64.
    pub(crate) fn base64(&mut self, inner: Template) {
        self.pieces.push(Piece::Base64(inner));
    }

    /// The template, and what was wrong with it.
    pub(crate) fn finish(self) -> (Template, Vec<Fault>) {
        (
            Template {
                pieces: self.pieces,
            },
            self.faults,
        )
    }

    fn part(
        &mut self,
        text: &str,
        whole: Range<usize>,
        inner: Range<usize>,
        escape: Escape,
        resolve: &mut Resolve<'_>,
    ) {
        let expression = text[inner].trim();
        let Some(parts) = plain_name(expression) else {
            return self.jinja(text, whole, escape, resolve);
        };
        match resolve(&parts) {
            Ok(Named {
                plain: Some(Plain::Constant(value)),
                ..
            }) => {
                let mut out = String::new();
                escape.write(&value, &mut out);
                self.literal(&out);
            }
            Ok(Named {
                plain: Some(Plain::Source(source)),
                ..
            }) => {
                self.pieces.push(Piece::Value(source, escape));
            }
            Ok(Named { plain: None, .. }) => self.jinja(text, whole, escape, resolve),
            Err((message, help)) => self.fault(whole, message, help),
        }
    }

    fn jinja(
        &mut self,
        text: &str,
        range: Range<usize>,
        escape: Escape,
        resolve: &mut Resolve<'_>,
    ) {
        let compiled = Jinja::template(&text[range.clone()], escape);
        let Some(jinja) = self.bound(compiled, range.clone(), resolve) else {
            return;
        };
        if jinja.is_constant() {
            let mut out = String::new();
            match jinja.render(&Variables::default(), &mut out) {
                Ok(()) => self.literal(&out),
                Err(error) => self.fault(range, error.0, None),
            }
        } else {
            self.pieces.push(Piece::Jinja(Arc::new(jinja)));
        }
    }

    /// Resolves the names of a compiled expression and tries it out.
    fn bound(
        &mut self,
        compiled: Result<Jinja, minijinja::Error>,
        range: Range<usize>,
        resolve: &mut Resolve<'_>,
    ) -> Option<Jinja> {
        let faults = self.faults.len();
        let mut jinja = match compiled {
            Ok(jinja) => jinja,
            Err(error) => {
                self.fault(range, said(&error), None);
                return None;
            }
        };
        for name in jinja.uses() {
            let parts: Vec<&str> = name.iter().map(String::as_str).collect();
            match (resolve(&parts), parts.first()) {
                (Ok(named), Some(first)) => jinja.bind(first, named.root),
                (Ok(_), None) => {}
                (Err((message, help)), _) => self.fault(range.clone(), message, help),
            }
        }
        if self.faults.len() == faults
            && let Err(error) = jinja.rehearse()
        {
            self.fault(range, said(&error), None);
        }
        (self.faults.len() == faults).then_some(jinja)
    }

    fn fault(&mut self, range: Range<usize>, message: String, help: Option<String>) {
        self.faults.push(Fault {
            range,
            message,
            help,
        });
    }
}

impl Condition {
    /// A condition that always or never holds.
    pub(crate) fn constant(holds: bool) -> Self {
        Self(Test::Constant(holds))
    }

    /// Compiles an expression, with or without `{{ }}` around it.
    pub(crate) fn compile(text: &str, resolve: &mut Resolve<'_>) -> Result<Self, Vec<Fault>> {
        let trimmed = text.trim();
        let expression = match split(trimmed).as_deref() {
            Ok([Segment::Part(_, inner)]) => trimmed[inner.clone()].trim(),
            _ => trimmed,
        };
        let mut builder = Builder::default();
        let all = 0..text.len();
        if let Some(parts) = plain_name(expression) {
            match resolve(&parts) {
                Ok(Named {
                    plain: Some(Plain::Constant(value)),
                    ..
                }) => {
                    return Ok(Self(Test::Constant(super::jinja::is_true(&value))));
                }
                Ok(Named {
                    plain: Some(Plain::Source(source)),
                    ..
                }) => return Ok(Self(Test::Value(source))),
                Ok(Named { plain: None, .. }) => {}
                Err((message, help)) => {
                    return Err(vec![Fault {
                        range: all,
                        message,
                        help,
                    }]);
                }
            }
        }
        let compiled = Jinja::condition(expression);
        match builder.bound(compiled, all.clone(), resolve) {
            Some(jinja) if jinja.is_constant() => {
                let condition = Self(Test::Jinja(Arc::new(jinja)));
                match condition.holds(&Variables::default()) {
                    Ok(holds) => Ok(Self::constant(holds)),
                    Err(error) => Err(vec![Fault {
                        range: all,
                        message: error.0,
                        help: None,
                    }]),
                }
            }
            Some(jinja) => Ok(Self(Test::Jinja(Arc::new(jinja)))),
            None => Err(builder.faults),
        }
    }
}

/// What minijinja has to say, which at load time cannot quote a value.
fn said(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

/// The parts of a dotted name, if the expression is nothing else.
fn plain_name(expression: &str) -> Option<Vec<&str>> {
    if matches!(
        expression,
        "true" | "false" | "none" | "True" | "False" | "None"
    ) {
        return None;
    }
    let parts: Vec<&str> = expression.split('.').collect();
    parts
        .iter()
        .all(|part| is_identifier(part))
        .then_some(parts)
}

/// Whether a name can stand in a template as it is.
pub(crate) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
