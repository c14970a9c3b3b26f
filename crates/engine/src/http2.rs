//! HTTP/2 (RFC 9113), spoken by hyper.

use crate::answer::{Answer, Content, Hold};
use crate::attempt::{Failure, Progress};
use crate::clock::Clock;
use crate::connect::Route;
use crate::http1::{Broken, Place};
use crate::io::{TimedIo, Watch};
use crate::message::Message;
use bytes::{Bytes, BytesMut};
use h2::Reason;
use http::{HeaderMap, Uri, header};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2;
use plimsoll_measure::ErrorKind;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use tokio::task::AbortHandle;

type Driver = http2::Connection<TimedIo, Full<Bytes>, OnThisThread>;

/// As for HTTP/1.1 (`http1::response`).
const MAX_HEAD: u32 = 400 * 1024;

/// A connection, which carries many requests at once. A task of its own drives it.
pub(crate) struct Http2 {
    sender: http2::SendRequest<Full<Bytes>>,
    /// `None` when it has ended. It is dropped then, because that is what tells the requests that it has not
    /// taken up.
    driver: RefCell<Option<Pin<Box<Driver>>>>,
    active: Cell<usize>,
    /// Whether a response has come over it.
    answered: Cell<bool>,
    /// How often something had been read when a request was given up over it for which nothing was.
    mute_since: Cell<Option<u64>>,
    task: Cell<Option<AbortHandle>>,
    watch: Rc<Watch>,
    _place: Place,
}

impl Drop for Http2 {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

impl Http2 {
    pub(crate) async fn open(
        io: TimedIo,
        watch: Rc<Watch>,
        place: Place,
    ) -> Result<Rc<Self>, hyper::Error> {
        let (sender, driver) = http2::Builder::new(OnThisThread)
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(8 << 20)
            .max_header_list_size(MAX_HEAD)
            .handshake(io)
            .await?;
        let connection = Rc::new(Self {
            sender,
            driver: RefCell::new(Some(Box::pin(driver))),
            active: Cell::new(0),
            answered: Cell::new(false),
            mute_since: Cell::new(None),
            task: Cell::new(None),
            watch,
            _place: place,
        });
        // The task holds the connection weakly, so that it ends with its last user.
        let weak = Rc::downgrade(&connection);
        let task = tokio::task::spawn_local(poll_fn(move |context| {
            let Some(connection) = weak.upgrade() else {
                return Poll::Ready(());
            };
            let mut driver = connection.driver.borrow_mut();
            let state = match driver.as_mut() {
                Some(driver) => driver.as_mut().poll(context).map(|_| ()),
                None => Poll::Ready(()),
            };
            if state.is_ready() {
                *driver = None;
            }
            state
        }));
        connection.task.set(Some(task.abort_handle()));
        Ok(connection)
    }

    /// How many more requests may be sent now.
    pub(crate) fn room(&self, limit: Option<usize>) -> usize {
        if self.is_closed() || self.is_mute() {
            return 0;
        }
        // What the peer allows is only known once its SETTINGS have come.
        let allowed = match self.driver.borrow().as_ref() {
            Some(driver) if self.watch.received() => driver.current_max_send_streams(),
            _ => 100,
        };
        limit
            .unwrap_or(usize::MAX)
            .min(allowed)
            .saturating_sub(self.active.get())
    }

    /// Whether it can never be used again.
    fn is_closed(&self) -> bool {
        self.driver.borrow().is_none() || self.sender.is_closed()
    }

    /// Whether a request was given up over it and nothing at all has been read since that was sent: the other
    /// side may be gone without a word.
    fn is_mute(&self) -> bool {
        self.mute_since.get() == Some(self.watch.reads())
    }

    /// Whether there is no point in keeping it.
    pub(crate) fn is_useless(&self) -> bool {
        self.is_closed() || (self.is_mute() && self.active.get() == 0)
    }

    /// Whether it has carried a request before.
    pub(crate) fn has_answered(&self) -> bool {
        self.answered.get()
    }

    /// Counts a request in.
    pub(crate) fn occupy(&self) {
        self.active.set(self.active.get() + 1);
    }

    /// Counts a request out.
    pub(crate) fn vacate(&self) {
        self.active.set(self.active.get().saturating_sub(1));
    }

    /// Sends a request and reads its response.
    ///
    /// # Errors
    /// Anything but a complete response.
    pub(crate) async fn exchange(
        &self,
        route: &Route,
        message: &Message,
        hold: Hold,
        clock: Clock,
        progress: &Progress,
    ) -> Result<Answer, Broken> {
        let request = request(route, message).map_err(Broken::Failed)?;
        let marks = self.watch.begin();
        let patience = Patience::begin(self);
        let head = self.sender.clone().send_request(request).await;
        progress.note(|phases| {
            phases.first_byte_written = marks.written();
            // Streams share the socket; the head of the response is as near as the first byte gets.
            phases.first_byte_read = head.is_ok().then(|| clock.now());
        });
        let head = match head {
            Ok(head) => head,
            Err(error) => {
                patience.end();
                let failure = classify(&error, false);
                return Err(if marks.written().is_none() || is_unprocessed(&error) {
                    Broken::NotSent(failure)
                } else {
                    Broken::Failed(failure)
                });
            }
        };
        self.answered.set(true);
        let (head, body) = head.into_parts();
        let received = receive(body, hold).await;
        patience.end();
        let (body, body_bytes) = received.map_err(Broken::Failed)?;
        Ok(Answer {
            status: head.status,
            version: head.version,
            body_bytes,
            end: clock.now(),
            content: Content::Parsed {
                headers: head.headers,
                body,
            },
        })
    }
}

/// A request that waits for its response. Dropped before it came, it leaves word of a connection over which
/// nothing came at all.
struct Patience<'a> {
    connection: &'a Http2,
    reads: u64,
    ended: bool,
}

impl<'a> Patience<'a> {
    fn begin(connection: &'a Http2) -> Self {
        Self {
            connection,
            reads: connection.watch.reads(),
            ended: false,
        }
    }

    fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for Patience<'_> {
    fn drop(&mut self) {
        let connection = self.connection;
        if !self.ended && connection.watch.reads() == self.reads {
            connection.mute_since.set(Some(self.reads));
        }
    }
}

fn request(route: &Route, message: &Message) -> Result<http::Request<Full<Bytes>>, Failure> {
    let invalid = |text: String| Failure::new(ErrorKind::Template, text);
    let mut headers = HeaderMap::with_capacity(message.headers.len() + 1);
    let sent = message.sent_headers();
    for (name, value) in sent.filter(|(name, _)| **name != header::HOST) {
        headers.append(name, value.clone());
    }
    let authority = match message.headers.get(header::HOST) {
        Some(host) => host.to_str().unwrap_or_default().to_owned(),
        None => route.authority.clone(),
    };
    let uri = Uri::builder()
        .scheme(route.origin.scheme())
        .authority(authority)
        .path_and_query(message.path.clone())
        .build()
        .map_err(|problem| invalid(problem.to_string()))?;
    let mut request = http::Request::new(Full::new(message.body.clone()));
    *request.method_mut() = message.method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// Reads a body to its end: what is held of it, and its size. Memory is bounded by `hold`, time by
/// the caller.
async fn receive(mut body: Incoming, hold: Hold) -> Result<(Bytes, u64), Failure> {
    let limit = hold.limit();
    let mut size = 0_u64;
    let mut held = BytesMut::new();
    // A response to HEAD announces a body that does not come.
    let has_body = !body.is_end_stream();
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else {
            break;
        };
        let Ok(data) = frame.map_err(|error| classify(&error, true))?.into_data() else {
            continue;
        };
        size += data.len() as u64;
        if hold.is_exceeded(size) {
            return Err(Failure::too_large(limit));
        }
        if held.is_empty() && data.len() <= limit && body.is_end_stream() {
            // The usual small body arrives in one piece and needs no copy.
            return Ok((data, size));
        }
        let room = limit.saturating_sub(held.len());
        held.extend_from_slice(&data[..data.len().min(room)]);
    }
    // Hyper takes a stream that was reset without an error for one that ended.
    let missing = body.size_hint().lower();
    if has_body && missing > 0 {
        let text =
            format!("the stream was reset {missing} bytes before the announced end of the body");
        return Err(Failure::new(ErrorKind::BodyTruncated, text));
    }
    Ok((held.freeze(), size))
}

/// An error of hyper's and everything behind it.
fn causes(error: &hyper::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source())
}

/// What kind of failure an error of hyper's is. `in_body`: the head of the response had come.
fn classify(error: &hyper::Error, in_body: bool) -> Failure {
    let mut is_lost = error.is_incomplete_message() || error.is_canceled() || error.is_closed();
    let mut text = String::new();
    for cause in causes(error) {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
        let broken = cause.downcast_ref::<io::Error>();
        is_lost |= broken.is_some_and(|error| Failure::is_loss(error.kind()));
        let refused = cause.downcast_ref::<h2::Error>();
        is_lost |= refused.is_some_and(is_given_up);
    }
    let kind = match (is_lost, in_body) {
        (true, true) => ErrorKind::BodyTruncated,
        (true, false) => ErrorKind::Reset,
        (false, _) => ErrorKind::Protocol,
    };
    Failure::new(kind, text)
}

/// Whether the server gave a stream or the connection up (RFC 9113 §6.4, §6.8) without finding fault with
/// the protocol.
fn is_given_up(error: &h2::Error) -> bool {
    let gives_up = |reason| {
        matches!(
            reason,
            Reason::NO_ERROR
                | Reason::INTERNAL_ERROR
                | Reason::REFUSED_STREAM
                | Reason::CANCEL
                | Reason::CONNECT_ERROR
                | Reason::ENHANCE_YOUR_CALM
        )
    };
    let is_io = error
        .get_io()
        .is_some_and(|error| Failure::is_loss(error.kind()));
    is_io || (error.is_remote() && error.reason().is_some_and(gives_up))
}

/// Whether the server has certainly done nothing with a request (RFC 9113 §8.7): the request never left
/// hyper's queue, or a GOAWAY says that its stream is beyond the last one that was looked at. A stream
/// that is refused was not processed either, but its connection is still there and would refuse the next
/// one as well: that is a failure, and whether to try again is for the scenario to say.
fn is_unprocessed(error: &hyper::Error) -> bool {
    let goes_away = |error: &h2::Error| error.is_remote() && error.is_go_away();
    error.is_canceled()
        || causes(error).any(|cause| cause.downcast_ref::<h2::Error>().is_some_and(goes_away))
}

/// Spawns hyper's helper tasks on the thread that owns the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnThisThread;

impl<F> hyper::rt::Executor<F> for OnThisThread
where
    F: Future + 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

#[cfg(test)]
mod tests;
