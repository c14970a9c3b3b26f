//! HTTP/1.1 (RFC 9112), spoken by the request that uses the connection: no task, no channel, no
//! allocation. Requests are prepared ahead, and a response stays where it was received.

mod chunked;
#[cfg(test)]
mod differential;
mod head;
mod known;
mod response;
pub(crate) mod wire;

use crate::answer::{Answer, Hold};
use crate::attempt::{Failure, Progress};
use crate::buffer::Buffers;
use crate::clock::Clock;
use crate::timer::Timers;
use http::Method;
use known::KnownHeads;
use response::Response;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A request as it goes over the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    /// Request line and headers, the empty line included.
    pub(crate) head: &'a [u8],
    pub(crate) body: &'a [u8],
    pub(crate) method: &'a Method,
    /// Whether it asks the server to close the connection.
    pub(crate) closes: bool,
}

/// Why an exchange came to nothing.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The connection took not a byte of the request.
    NotSent(Failure),
    /// Anything else.
    Failed(Failure),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The last response is complete.
    Idle,
    /// A request is under way, or was given up.
    Busy,
    /// No other request can follow.
    Ended,
}

/// What the connections of a thread share.
#[derive(Default)]
pub(crate) struct Means {
    buffers: Rc<Buffers>,
    known: RefCell<KnownHeads>,
    open: Cell<usize>,
    timers: Option<Rc<Timers>>,
}

impl Means {
    /// Those of a thread that has timers.
    pub(crate) fn with(timers: Rc<Timers>) -> Rc<Self> {
        Rc::new(Self {
            timers: Some(timers),
            ..Self::default()
        })
    }

    /// What can wait for a time, where somebody set it up.
    pub(crate) fn timers(&self) -> Option<&Rc<Timers>> {
        self.timers.as_ref()
    }

    /// How many connections there are, those being opened included.
    pub(crate) fn open(&self) -> usize {
        self.open.get()
    }

    /// Counts a connection in, from before it is opened until it is closed.
    pub(crate) fn enter(self: &Rc<Self>) -> Place {
        self.open.set(self.open.get() + 1);
        Place(self.clone())
    }
}

/// A connection's place among those of its thread, left when dropped.
pub(crate) struct Place(Rc<Means>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get().saturating_sub(1));
    }
}

/// A connection, which carries one request at a time.
pub(crate) struct Http1<S> {
    stream: S,
    place: Place,
    state: State,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Http1<S> {
    /// A connection that was just opened.
    pub(crate) fn new(stream: S, place: Place) -> Self {
        Self {
            stream,
            place,
            state: State::Idle,
        }
    }

    /// Sends a request and reads its response.
    ///
    /// # Errors
    /// Anything but a complete response.
    pub(crate) async fn exchange(
        &mut self,
        request: Outgoing<'_>,
        hold: Hold,
        clock: Clock,
        progress: &Progress,
    ) -> Result<Answer, Broken> {
        self.state = State::Busy;
        let mut turn = Turn {
            connection: self,
            request,
            hold,
            clock,
            progress,
            sent: 0,
            is_sent: false,
            unsent: None,
            response: None,
        };
        let ended = poll_fn(|context| turn.poll(context)).await?;
        let answer = turn.response.take().map(|response| {
            let keeps_alive = response.keeps_alive() && turn.is_sent && !request.closes;
            (keeps_alive, response.finish(ended))
        });
        let Some((keeps_alive, Some(answer))) = answer else {
            let text = "the response ended before it was complete";
            return Err(Broken::Failed(Failure::new(
                plimsoll_measure::ErrorKind::Protocol,
                text,
            )));
        };
        self.state = if keeps_alive {
            State::Idle
        } else {
            State::Ended
        };
        Ok(answer)
    }

    /// Whether the last response is complete, and another request may follow.
    pub(crate) fn is_idle(&self) -> bool {
        self.state == State::Idle
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Quiet> Http1<S> {
    /// Whether the next request can go over it: it is idle, and the server has not closed it since, or
    /// said anything more.
    pub(crate) fn is_reusable(&mut self) -> bool {
        self.is_idle() && self.stream.is_quiet()
    }
}

/// A stream that can say whether anything has happened.
pub(crate) trait Quiet {
    /// Whether nothing has come and nobody has closed it, as far as the event loop has seen: the system
    /// is not asked.
    fn is_quiet(&mut self) -> bool;
}

/// One request and its response.
struct Turn<'a, S> {
    connection: &'a mut Http1<S>,
    request: Outgoing<'a>,
    hold: Hold,
    clock: Clock,
    progress: &'a Progress,
    /// Bytes of the request that were written.
    sent: usize,
    is_sent: bool,
    /// Why the rest of the request could not be sent, where some of it was.
    unsent: Option<io::Error>,
    /// Has something of the response in it, or is not there, so that waiting takes no memory.
    response: Option<Response<'a>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Turn<'_, S> {
    /// Ready with the time of the response's last byte.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<u64, Broken>> {
        if !self.is_sent && self.unsent.is_none() {
            match self.write(context) {
                Poll::Ready(Ok(())) => self.is_sent = true,
                Poll::Ready(Err(error)) if self.sent == 0 => {
                    let failure = Failure::of_stream(&error, false);
                    return Poll::Ready(Err(Broken::NotSent(failure)));
                }
                // A server that refuses a large body answers and closes. The answer counts.
                Poll::Ready(Err(error)) => self.unsent = Some(error),
                Poll::Pending => {}
            }
        }
        self.read(context).map_err(Broken::Failed)
    }

    fn write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (head, body) = (self.request.head, self.request.body);
        let mut stream = Pin::new(&mut self.connection.stream);
        while self.sent < head.len() + body.len() {
            // Before the write, because the kernel may let the server run, and even answer, before
            // the call returns.
            let began = (self.sent == 0).then(|| self.clock.now());
            let written = match head.get(self.sent..) {
                Some(head) if !head.is_empty() && body.is_empty() => {
                    stream.as_mut().poll_write(context, head)
                }
                Some(head) if !head.is_empty() => {
                    let slices = [IoSlice::new(head), IoSlice::new(body)];
                    stream.as_mut().poll_write_vectored(context, &slices)
                }
                _ => {
                    let body = &body[self.sent - head.len()..];
                    stream.as_mut().poll_write(context, body)
                }
            };
            match std::task::ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                bytes => self.sent += bytes,
            }
            if began.is_some() {
                self.progress
                    .note(|phases| phases.first_byte_written = began);
            }
        }
        stream.poll_flush(context)
    }

    fn read(&mut self, context: &mut Context<'_>) -> Poll<Result<u64, Failure>> {
        loop {
            let is_new = self.response.is_none();
            let response = self.response.get_or_insert_with(|| {
                let buffer = self.connection.place.0.buffers.take();
                Response::new(self.request.method, self.hold, buffer)
            });
            let mut room = ReadBuf::new(response.room());
            let read = Pin::new(&mut self.connection.stream).poll_read(context, &mut room);
            let bytes = room.filled().len();
            match read {
                Poll::Pending => {
                    if is_new {
                        self.response = None;
                    }
                    return Poll::Pending;
                }
                Poll::Ready(Err(error)) => {
                    let error = self.unsent.take().unwrap_or(error);
                    return Poll::Ready(Err(Failure::of_stream(&error, response.has_head())));
                }
                Poll::Ready(Ok(())) => {}
            }
            let now = self.clock.now();
            let is_complete = if bytes == 0 {
                response.close()?;
                true
            } else {
                let note = |at| self.progress.note(|phases| phases.first_byte_read = at);
                if !response.is_begun() {
                    note(Some(now));
                }
                let is_complete = response.advance(bytes, &self.connection.place.0.known)?;
                if response.has_passed_over() {
                    // What came before was not the response.
                    note(response.is_begun().then_some(now));
                }
                is_complete
            };
            if is_complete {
                return Poll::Ready(Ok(now));
            }
        }
    }
}
