//! Answers: a status, a content type, a body.

use crate::body::Content;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

/// An answer.
pub(crate) type Reply = Response<Content>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BINARY: HeaderValue = HeaderValue::from_static("application/octet-stream");

pub(crate) fn with(status: StatusCode, kind: Option<HeaderValue>, content: Content) -> Reply {
    let mut reply = Response::new(content);
    *reply.status_mut() = status;
    if let Some(kind) = kind {
        reply.headers_mut().insert(CONTENT_TYPE, kind);
    }
    reply
}

pub(crate) fn empty(status: StatusCode) -> Reply {
    with(status, None, Content::empty())
}

pub(crate) fn text(status: StatusCode, text: &'static str) -> Reply {
    with(
        status,
        Some(TEXT),
        Content::Whole(Bytes::from_static(text.as_bytes())),
    )
}

pub(crate) fn html(page: Bytes) -> Reply {
    with(StatusCode::OK, Some(HTML), Content::Whole(page))
}

pub(crate) fn binary(content: Content) -> Reply {
    with(StatusCode::OK, Some(BINARY), content)
}

/// JSON that is ready.
pub(crate) fn prepared(status: StatusCode, json: Bytes) -> Reply {
    with(status, Some(JSON), Content::Whole(json))
}

/// A value as JSON.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Reply {
    match serde_json::to_vec(value) {
        Ok(json) => prepared(status, json.into()),
        // Only maps with keys other than text fail, and there are none.
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

#[derive(Serialize)]
struct Problem<'a> {
    error: &'a str,
}

/// What is wrong, as JSON: `{"error": …}`.
pub(crate) fn problem(status: StatusCode, error: &str) -> Reply {
    json(status, &Problem { error })
}

/// A redirect; an address that cannot stand in a header is refused.
pub(crate) fn redirect(to: &str) -> Reply {
    match HeaderValue::from_str(to) {
        Ok(to) => {
            let mut reply = empty(StatusCode::FOUND);
            reply.headers_mut().insert(LOCATION, to);
            reply
        }
        Err(_) => problem(
            StatusCode::BAD_REQUEST,
            "`to` cannot stand in a header; percent-encode it",
        ),
    }
}
