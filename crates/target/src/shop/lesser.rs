//! Answers that are less than usual, and answers that are wrong.

use super::reply::{self, Reply};
use crate::body::Content;
use crate::route::Route;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderName, HeaderValue, StatusCode};

const DEGRADED: HeaderName = HeaderName::from_static("x-degraded");

/// What is recommended to everybody, when nobody knows better.
const EVERYBODYS: &[u8] = br#"{"recommended":[{"to":"ROM","from_price":49.0}],"degraded":true}"#;

/// The page of a route without what its dependency knows: as correct as ever, and marked.
pub(super) fn degrade(route: Route, mut reply: Reply) -> Reply {
    if route == Route::Recommend && reply.status() == StatusCode::OK {
        reply.headers_mut().remove(CONTENT_LENGTH);
        *reply.body_mut() = Content::Whole(Bytes::from_static(EVERYBODYS));
    }
    reply
        .headers_mut()
        .insert(DEGRADED, HeaderValue::from_static("true"));
    reply
}

/// An answer with the status of a good one that does not hold what the shop promises.
pub(super) fn wrong(route: Route) -> Reply {
    let (status, body): (_, &'static [u8]) = match route {
        Route::Search => (StatusCode::OK, br#"{"flights":[]}"#),
        Route::Recommend => (StatusCode::OK, br#"{"recommended":[]}"#),
        Route::Basket | Route::Checkout => (StatusCode::CREATED, b"{}"),
        _ => (StatusCode::OK, b"{}"),
    };
    reply::prepared(status, Bytes::from_static(body))
}
