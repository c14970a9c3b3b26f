//! Bodies of answers: prepared bytes, long runs of filler, a slow drip, one that breaks off.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, interval_at};

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Content {
    /// These bytes.
    Whole(Bytes),
    /// So many bytes of filler.
    Filler {
        /// How many are left.
        left: u64,
    },
    /// A byte at every tick.
    Drip {
        /// How many are left.
        left: u64,
        /// When.
        ticks: Interval,
    },
    /// These bytes, then a failure in place of the promised rest.
    Broken {
        /// What is still to come before the failure.
        first: Option<Bytes>,
        /// When it fails: a while after, since a reset of a stream throws away what has not left yet.
        then: Interval,
    },
}

/// How long a broken body's first bytes have to leave.
const BREAKS_AFTER: Duration = Duration::from_millis(20);

static FILLER: [u8; 64 * 1024] = [b'x'; 64 * 1024];

/// So many bytes of filler, at most 64 KiB, without a copy.
pub(crate) fn filler(length: usize) -> Bytes {
    Bytes::from_static(FILLER.get(..length).unwrap_or(&FILLER))
}

impl Content {
    pub(crate) fn empty() -> Self {
        Self::Whole(Bytes::new())
    }

    pub(crate) fn filler(length: u64) -> Self {
        Self::Filler { left: length }
    }

    /// `length` bytes, one in each `period`, the first at once.
    pub(crate) fn drip(length: u64, period: Duration) -> Self {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self::Drip {
            left: length,
            ticks,
        }
    }

    /// These bytes, and soon after them a failure.
    pub(crate) fn broken(first: Bytes) -> Self {
        let then = interval_at(Instant::now() + BREAKS_AFTER, BREAKS_AFTER);
        Self::Broken {
            first: Some(first),
            then,
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let bytes = match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Self::Whole(bytes) => std::mem::take(bytes),
            Self::Filler { left: 0 } | Self::Drip { left: 0, .. } => return Poll::Ready(None),
            Self::Filler { left } => {
                let length = (*left).min(FILLER.len() as u64);
                *left -= length;
                filler(length as usize)
            }
            Self::Drip { left, ticks } => {
                if ticks.poll_tick(context).is_pending() {
                    return Poll::Pending;
                }
                *left -= 1;
                filler(1)
            }
            Self::Broken { first, then } => match first.take() {
                Some(bytes) => bytes,
                None if then.poll_tick(context).is_pending() => return Poll::Pending,
                None => return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
            },
        };
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Filler { left } | Self::Drip { left, .. } => *left == 0,
            Self::Broken { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Filler { left } | Self::Drip { left, .. } => SizeHint::with_exact(*left),
            Self::Broken { .. } => SizeHint::default(),
        }
    }
}
