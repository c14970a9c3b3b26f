//! What must hold of a response, and what is kept of it.

mod body;
mod capture;
mod check;
mod examine;
mod json;

pub use capture::{Capture, CaptureSource, CssPath};
pub use check::{Check, CheckKind, Expectations, NumberTest, StatusRange, TextTest};
pub use examine::{Finding, FindingKind};
pub use json::{JsonPath, JsonTest, JsonType};

pub(crate) use json::from_json;

use http::HeaderName;

/// What the engine knows of a response when it checks and captures.
#[derive(Clone, Copy)]
pub struct ResponseView<'a> {
    /// Status.
    pub status: u16,
    /// Looks up the first value of a header.
    pub header: &'a dyn Fn(&HeaderName) -> Option<&'a [u8]>,
    /// The decoded body; empty where nothing looks at it.
    pub body: &'a [u8],
    /// The body's size as received.
    pub body_bytes: u64,
    /// Response time, in nanoseconds.
    pub response_ns: u64,
    /// Looks up a cookie the user holds.
    pub cookie: &'a dyn Fn(&str) -> Option<String>,
}

impl std::fmt::Debug for ResponseView<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ResponseView")
            .field("status", &self.status)
            .field("body_bytes", &self.body_bytes)
            .field("response_ns", &self.response_ns)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
