//! Faults as HTTP can say them; the rest are asked of the connection.

use super::reply::{self, Reply};
use crate::behaviour::Fault;
use crate::body::{self, Content};
use crate::connection::Link;
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderName, HeaderValue, Request, StatusCode, Version};
use hyper::body::Incoming;
use std::future::pending;
use std::time::Duration;

const HUGE: u64 = 10_000_000_000;

const DRIPS: u64 = 1_000;

const DRIP_EVERY: Duration = Duration::from_millis(100);

/// A header map holds up to 32,768 lines.
const MANY_HEADERS: usize = 20_000;

/// Commits a fault. Comes back only with what HTTP can say.
pub(super) async fn misbehave(fault: Fault, link: &Link, request: &Request<Incoming>) -> Reply {
    let http2 = request.version() == Version::HTTP_2;
    match fault {
        Fault::Truncated | Fault::TruncatedChunked if http2 => {
            let mut reply = reply::binary(Content::broken(body::filler(10)));
            if fault == Fault::Truncated {
                reply
                    .headers_mut()
                    .insert(CONTENT_LENGTH, HeaderValue::from_static("1000"));
            }
            reply
        }
        Fault::EndlessHeaders if http2 => {
            let mut reply = reply::empty(StatusCode::OK);
            for number in 0..MANY_HEADERS {
                if let Ok(name) = HeaderName::from_bytes(format!("x-endless-{number}").as_bytes()) {
                    reply
                        .headers_mut()
                        .insert(name, HeaderValue::from_static("again"));
                }
            }
            reply
        }
        Fault::Reset
        | Fault::Close
        | Fault::HalfClose
        | Fault::Garbage
        | Fault::CloseSilently
        | Fault::Truncated
        | Fault::TruncatedChunked
        | Fault::EndlessHeaders => {
            link.raise(fault);
            pending().await
        }
        Fault::Never => pending().await,
        Fault::SlowDrip => reply::binary(Content::drip(DRIPS, DRIP_EVERY)),
        Fault::HugeBody => reply::binary(Content::filler(HUGE)),
        Fault::CloseAfter => {
            let mut reply = reply::text(StatusCode::OK, "ok\n");
            if !http2 {
                reply
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
            }
            reply
        }
        Fault::RedirectLoop => reply::redirect(
            request
                .uri()
                .path_and_query()
                .map_or("/", |itself| itself.as_str()),
        ),
        Fault::RedirectAway => {
            let to = super::parameter(request.uri().query().unwrap_or_default(), "to");
            reply::redirect(to.as_deref().unwrap_or("http://elsewhere.invalid/"))
        }
    }
}
