//! Scenario text to a validated, compiled [`Scenario`].
#![forbid(unsafe_code)]

pub mod model;
pub mod template;

pub use model::*;
pub use template::{Condition, RenderError, Template, Value, Variables};
