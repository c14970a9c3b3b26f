//! Templates and conditions: one Jinja-style language, compiled once.
//!
//! Text without `{{ }}` is a constant. `{{ name }}` and `{{ feed.column }}` become indices that
//! cost a look-up in an array; every other expression is left to minijinja, with undefined values
//! being errors. What a part may refer to is decided where templates are compiled, never here.

mod compile;
mod escape;
mod jinja;
mod segments;

pub(crate) use compile::{Builder, Fault, Named, Plain, is_identifier};
pub(crate) use escape::Escape;
pub(crate) use jinja::Root;
/// A value that templates see: a feed's cell, a capture, a secret.
pub use minijinja::Value;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jinja::Jinja;
use std::sync::Arc;

/// One row of a feed: a value per column.
pub type Row = Arc<[Value]>;

/// What a user's templates can refer to while a journey runs.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    /// Captured values, by slot (see [`crate::Capture::slot`]); `None` until saved.
    pub slots: Vec<Option<Value>>,
    /// The current row of each feed, by index in [`crate::Scenario::feeds`].
    pub rows: Vec<Option<Row>>,
    /// `{{ client.id }}`: the persistent client's identity, or the user's number.
    pub client: u64,
    /// `{{ iteration }}`: the number of the arrival or iteration, from 0.
    pub iteration: u64,
    /// `{{ repeat.index }}`: the counter of the innermost `repeat`, from 0; 0 outside of any. Branches of a
    /// `parallel` have one each, so that whoever looks at variables says first which one it is.
    pub repeat: u64,
}

/// Why a template could not be rendered; the text names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RenderError(pub String);

/// Where a part's value comes from at run time.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A captured value.
    Slot { slot: usize, name: Arc<str> },
    /// A cell of a feed's current row.
    Cell {
        feed: usize,
        column: usize,
        name: Arc<str>,
    },
    /// The user's identity.
    Client,
    /// The number of the arrival.
    Iteration,
    /// The innermost repeat's counter.
    Repeat,
}

impl Source {
    /// Hands the value to `use_value`, without cloning it.
    fn with<T>(
        &self,
        variables: &Variables,
        use_value: impl FnOnce(&Value) -> T,
    ) -> Result<T, RenderError> {
        let found = match self {
            Self::Slot { slot, .. } => variables.slots.get(*slot).and_then(Option::as_ref),
            Self::Cell { feed, column, .. } => {
                let row = variables.rows.get(*feed).and_then(Option::as_ref);
                row.and_then(|row| row.get(*column))
                    .filter(|cell| !cell.is_undefined())
            }
            Self::Client => return Ok(use_value(&Value::from(variables.client))),
            Self::Iteration => return Ok(use_value(&Value::from(variables.iteration))),
            Self::Repeat => return Ok(use_value(&Value::from(variables.repeat))),
        };
        found.map(use_value).ok_or_else(|| self.missing())
    }

    fn missing(&self) -> RenderError {
        RenderError(match self {
            Self::Cell { name, .. } => format!("`{name}` has no value in this row"),
            Self::Slot { name, .. } => {
                format!("`{name}` has no value yet: the step that saves it was not taken")
            }
            Self::Client | Self::Iteration | Self::Repeat => "no value".to_owned(),
        })
    }
}

/// A part of a template.
#[derive(Debug, Clone)]
enum Piece {
    /// As it is.
    Text(String),
    /// A value that is looked up.
    Value(Source, Escape),
    /// An expression.
    Jinja(Arc<Jinja>),
    /// The rendered parts in Base64 (RFC 4648, section 4).
    Base64(Template),
}

/// Text with `{{ }}` parts. A template with no variable is a constant and costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// A template that renders to exactly this text, whatever is in it.
    pub fn literal(text: impl Into<String>) -> Self {
        Self {
            pieces: vec![Piece::Text(text.into())],
        }
    }

    /// The text, when it has no variable part.
    pub fn as_constant(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Appends the rendered text to `out`.
    ///
    /// # Errors
    /// When a variable has no value yet or an expression fails.
    pub fn render(&self, variables: &Variables, out: &mut String) -> Result<(), RenderError> {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Value(source, escape) => {
                    source.with(variables, |value| escape.write(value, out))?;
                }
                Piece::Jinja(jinja) => jinja.render(variables, out)?,
                Piece::Base64(inner) => {
                    let mut plain = String::new();
                    inner.render(variables, &mut plain)?;
                    BASE64_STANDARD.encode_string(plain, out);
                }
            }
        }
        Ok(())
    }
}

/// A compiled condition or expression.
#[derive(Debug, Clone)]
pub struct Condition(Test);

#[derive(Debug, Clone)]
enum Test {
    Constant(bool),
    Value(Source),
    Jinja(Arc<Jinja>),
}

impl Condition {
    /// Whether it holds: truthiness as in Jinja, and the texts `false`, `no`, `0` and `` (from CSV cells) are false.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn holds(&self, variables: &Variables) -> Result<bool, RenderError> {
        match &self.0 {
            Test::Constant(holds) => Ok(*holds),
            Test::Value(source) => source.with(variables, jinja::is_true),
            Test::Jinja(jinja) => {
                let mut out = String::new();
                jinja.render(variables, &mut out)?;
                Ok(out == jinja::HOLDS)
            }
        }
    }
}

#[cfg(test)]
mod tests;
