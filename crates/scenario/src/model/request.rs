//! A request, compiled.

use crate::response::{Capture, Expectations};
use crate::template::Template;
use http::{HeaderName, Method};
use std::time::Duration;

/// A request, compiled.
#[derive(Debug)]
pub struct Request {
    /// Its place in [`crate::Journey::requests`].
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Index of its target.
    pub target: usize,
    /// Method.
    pub method: Method,
    /// Path and query (starts with `/`, or empty for an absolute URL's own path), or an absolute URL.
    pub url: Template,
    /// Headers, defaults included, content-type of the body included. Names in lower case.
    pub headers: Vec<(HeaderName, Template)>,
    /// Body.
    pub body: Body,
    /// From sending to the last byte, redirects included.
    pub timeout: Duration,
    /// How many redirects are followed; 0: none.
    pub redirects: u8,
    /// Whether and how it is tried again.
    pub retry: Retry,
    /// What must hold of the response.
    pub expect: Expectations,
    /// What is kept of the response.
    pub save: Vec<Capture>,
}

/// How a request is tried again that was not answered, or with a status that says so (429, 500, 502, 503,
/// 504). Each attempt has the whole timeout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retry {
    /// How often at most; 0: never.
    pub times: u8,
    /// How long before each.
    pub pause: Duration,
}

/// A request's body.
#[derive(Debug)]
pub enum Body {
    /// None.
    Empty,
    /// Rendered text: `json`, `form` and `body` all compile to this.
    Text(Template),
    /// Bytes of a file, read when the scenario was loaded.
    Bytes(bytes::Bytes),
    /// `multipart/form-data` with a fixed boundary (the content-type header names it).
    Multipart {
        /// The boundary.
        boundary: String,
        /// The parts.
        parts: Vec<Part>,
    },
}

/// One part of a multipart body.
#[derive(Debug)]
pub struct Part {
    /// Field name.
    pub name: String,
    /// File name to send, for files.
    pub file_name: Option<String>,
    /// Content type to send.
    pub content_type: Option<String>,
    /// Content.
    pub content: PartContent,
}

/// Content of a part.
#[derive(Debug)]
pub enum PartContent {
    /// Rendered text.
    Text(Template),
    /// A file's bytes.
    Bytes(bytes::Bytes),
}
