//! A response, read to its end. Its headers stay the bytes that were received until somebody asks for
//! one, because hardly anybody does.

use crate::buffer::Buffer;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, Version, header};
use memchr::memchr;

/// How much of a body is held where an expectation or capture looks at it.
pub(crate) const MAX_BODY: usize = 16 * 1024 * 1024;

/// How much is held otherwise, so that the example of a failure can show it.
pub(crate) const EXCERPT: usize = 2048;

/// How much of a body to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The beginning, for examples of failures; the rest is counted and forgotten.
    Excerpt(usize),
    /// All of it; more than this is an error.
    Whole(usize),
}

impl Hold {
    /// The most bytes that are held.
    pub(crate) fn limit(self) -> usize {
        match self {
            Self::Excerpt(limit) | Self::Whole(limit) => limit,
        }
    }

    /// Whether a body of `size` bytes is more than may be.
    pub(crate) fn is_exceeded(self, size: u64) -> bool {
        matches!(self, Self::Whole(limit) if size > limit as u64)
    }
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) version: Version,
    /// The body's size as received.
    pub(crate) body_bytes: u64,
    /// When its last byte was read.
    pub(crate) end: u64,
    pub(crate) content: Content,
}

/// Headers, and of the body what was to be held, with its content encoding.
#[derive(Debug)]
pub(crate) enum Content {
    /// As received (HTTP/1): the head, and behind it the body.
    Raw {
        buffer: Buffer,
        head: usize,
        sets_cookies: bool,
    },
    /// Taken apart (HTTP/2).
    Parsed { headers: HeaderMap, body: Bytes },
}

impl Answer {
    /// The body, as far as it was to be held.
    pub(crate) fn body(&self) -> &[u8] {
        match &self.content {
            Content::Raw { buffer, head, .. } => &buffer.filled()[*head..],
            Content::Parsed { body, .. } => body,
        }
    }

    /// All headers: names and values.
    pub(crate) fn headers(&self) -> Headers<'_> {
        match &self.content {
            Content::Raw { buffer, head, .. } => {
                let mut lines = Lines(&buffer.filled()[..*head]);
                // Empty lines may come before the status line (RFC 9112 §2.2).
                let _status = lines.find(|line| !line.is_empty());
                Headers::Raw(lines)
            }
            Content::Parsed { headers, .. } => Headers::Parsed(headers.iter()),
        }
    }

    /// The values of a header.
    pub(crate) fn all(&self, name: &HeaderName) -> impl Iterator<Item = &[u8]> {
        self.headers()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name.as_str().as_bytes()))
            .map(|(_, value)| value)
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// Whether it sets a cookie.
    pub(crate) fn sets_cookies(&self) -> bool {
        match &self.content {
            Content::Raw { sets_cookies, .. } => *sets_cookies,
            Content::Parsed { headers, .. } => headers.contains_key(header::SET_COOKIE),
        }
    }
}

/// The headers of a response.
pub(crate) enum Headers<'a> {
    Raw(Lines<'a>),
    Parsed(http::header::Iter<'a, http::HeaderValue>),
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Raw(lines) => {
                let line = lines.next().filter(|line| !line.is_empty())?;
                let colon = memchr(b':', line)?;
                Some((&line[..colon], line[colon + 1..].trim_ascii()))
            }
            Self::Parsed(headers) => {
                let (name, value) = headers.next()?;
                Some((name.as_str().as_bytes(), value.as_bytes()))
            }
        }
    }
}

/// Lines, without what ends them.
pub(crate) struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = memchr(b'\n', self.0)?;
        let (line, rest) = (&self.0[..end], &self.0[end + 1..]);
        self.0 = rest;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}
