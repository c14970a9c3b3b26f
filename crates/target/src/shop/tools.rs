//! Pages that are no shop at all: an echo, bytes, statuses, waiting.

use super::reply::{self, Reply};
use crate::body::Content;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// What arrived, as JSON. A header that came several times is a list; bytes that are no text are replaced.
pub(super) async fn echo(request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let body = match super::read(body).await {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    let mut headers = Map::new();
    for name in head.headers.keys() {
        let mut values: Vec<Value> = head
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into())
            .collect();
        let value = if values.len() == 1 {
            values.swap_remove(0)
        } else {
            Value::Array(values)
        };
        headers.insert(name.as_str().to_owned(), value);
    }
    let echoed = json!({
        "method": head.method.as_str(),
        "uri": head.uri.to_string(),
        "version": format!("{:?}", head.version),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    });
    reply::json(StatusCode::OK, &echoed)
}

/// So many bytes.
pub(super) fn bytes(length: &str) -> Reply {
    match length.parse() {
        Ok(length) => reply::binary(Content::filler(length)),
        Err(_) => reply::problem(
            StatusCode::BAD_REQUEST,
            "write a number of bytes: /bytes/1024",
        ),
    }
}

/// That status, with no body.
pub(super) fn status(code: &str) -> Reply {
    let code = code
        .parse::<u16>()
        .ok()
        .filter(|code| (200..600).contains(code));
    match code.and_then(|code| StatusCode::from_u16(code).ok()) {
        Some(status) => reply::empty(status),
        None => reply::problem(
            StatusCode::BAD_REQUEST,
            "write a status from 200 to 599: /status/404",
        ),
    }
}

/// An answer after so many milliseconds.
pub(super) async fn slow(query: &str) -> Reply {
    let milliseconds = super::parameter(query, "ms").and_then(|text| text.parse().ok());
    let Some(milliseconds) = milliseconds else {
        return reply::problem(
            StatusCode::BAD_REQUEST,
            "write how long to wait: /slow?ms=250",
        );
    };
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    reply::text(StatusCode::OK, "at last\n")
}
