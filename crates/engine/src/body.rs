//! Request and response bodies: what is sent is whole, what comes back is read under a limit.

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;

/// A request's body.
pub(crate) type RequestBody = Full<Bytes>;

/// How much of a body is held where an expectation or capture looks at it.
pub(crate) const MAX_BODY: usize = 16 * 1024 * 1024;

/// How much is held otherwise, so that the example of a failure can show it.
pub(crate) const EXCERPT: usize = 2048;

/// What was read of a response's body.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// The bytes, as received, as far as they were to be held.
    pub(crate) bytes: Bytes,
    /// How many there were in all.
    pub(crate) size: u64,
}

/// How much of a body to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The beginning, for examples of failures; the rest is counted and forgotten.
    Excerpt(usize),
    /// All of it; more than this is an error.
    Whole(usize),
}

impl Hold {
    fn limit(self) -> usize {
        match self {
            Self::Excerpt(limit) | Self::Whole(limit) => limit,
        }
    }
}

/// Why a body could not be read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// More than may be held.
    TooLarge(usize),
    /// The connection failed or what came was not a body.
    Broken(hyper::Error),
}

/// Reads a body to its end. Memory is bounded by `hold`, time by the caller.
pub(crate) async fn receive(mut body: Incoming, hold: Hold) -> Result<Received, BodyError> {
    let mut received = Received::default();
    let limit = hold.limit();
    let mut held = BytesMut::new();
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else {
            break;
        };
        let Ok(data) = frame.map_err(BodyError::Broken)?.into_data() else {
            continue;
        };
        received.size += data.len() as u64;
        if matches!(hold, Hold::Whole(_)) && received.size > limit as u64 {
            return Err(BodyError::TooLarge(limit));
        }
        if held.is_empty() && data.len() <= limit && body.is_end_stream() {
            // The usual small body arrives in one piece and needs no copy.
            received.bytes = data;
            return Ok(received);
        }
        let room = limit.saturating_sub(held.len());
        held.extend_from_slice(&data[..data.len().min(room)]);
    }
    received.bytes = held.freeze();
    Ok(received)
}
