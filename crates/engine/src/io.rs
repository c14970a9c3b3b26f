//! The socket under a connection: clear text or TLS, and for HTTP/2 with the times of first writes.

use crate::clock::Clock;
use crate::http1::Quiet;
use hyper::rt::ReadBufCursor;
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Clear text or TLS.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

macro_rules! on_stream {
    ($self:ident, $stream:ident => $call:expr) => {
        match &mut *$self {
            Stream::Plain(stream) => {
                let $stream = Pin::new(stream);
                $call
            }
            Stream::Tls(stream) => {
                let $stream = Pin::new(stream.as_mut());
                $call
            }
        }
    };
}

impl Quiet for Stream {
    fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        match self {
            Self::Plain(stream) => {
                let read = stream.try_read(&mut byte);
                read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
            }
            // What TLS has to say to itself, such as a ticket for the next session, is nothing.
            Self::Tls(stream) => {
                let mut context = Context::from_waker(Waker::noop());
                let mut buffer = ReadBuf::new(&mut byte);
                let read = Pin::new(stream.as_mut()).poll_read(&mut context, &mut buffer);
                read.is_pending()
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        on_stream!(self, stream => stream.poll_read(context, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        on_stream!(self, stream => stream.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(self, stream => stream.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(self, stream => stream.poll_shutdown(context))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        on_stream!(self, stream => stream.poll_write_vectored(context, slices))
    }
}

/// When the first byte of a request was written; 0: not yet.
#[derive(Debug, Default)]
pub(crate) struct Marks(Cell<u64>);

impl Marks {
    /// When the first byte was written.
    pub(crate) fn written(&self) -> Option<u64> {
        Some(self.0.get()).filter(|&at| at != 0)
    }
}

/// The requests of an HTTP/2 connection whose first write is still to come.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    unwritten: RefCell<Vec<Rc<Marks>>>,
    reads: Cell<u64>,
}

impl Watch {
    /// Begins to time a request.
    pub(crate) fn begin(&self) -> Rc<Marks> {
        let marks = Rc::new(Marks::default());
        self.unwritten.borrow_mut().push(marks.clone());
        marks
    }

    /// Whether anything was ever read from the connection.
    pub(crate) fn received(&self) -> bool {
        self.reads() > 0
    }

    /// How often anything was read from the connection.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.get()
    }

    /// The time, if a request waits for its first write. Taken before the write, because the kernel may
    /// let the server run, and even answer, before the call returns.
    fn before_write(&self, clock: Clock) -> u64 {
        if self.unwritten.borrow().is_empty() {
            0
        } else {
            clock.now().max(1)
        }
    }

    fn on_write(&self, began: u64) {
        for marks in self.unwritten.borrow_mut().drain(..) {
            marks.0.set(began);
        }
    }
}

/// A stream for hyper whose first bytes are timed.
pub(crate) struct TimedIo {
    stream: Stream,
    clock: Clock,
    watch: Rc<Watch>,
}

impl TimedIo {
    pub(crate) fn new(stream: Stream, clock: Clock) -> (Self, Rc<Watch>) {
        let watch = Rc::new(Watch::default());
        let io = Self {
            stream,
            clock,
            watch: watch.clone(),
        };
        (io, watch)
    }
}

/// How much is read at a time when hyper offers a larger buffer.
const READ_SIZE: usize = 16 * 1024;

impl hyper::rt::Read for TimedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // Hyper's cursor lends uninitialised memory, which only unsafe code can fill in place;
        // a copy through a stack buffer costs less than 1 µs for 16 KiB and keeps this crate safe.
        let mut bytes = [std::mem::MaybeUninit::uninit(); READ_SIZE];
        let room = cursor.remaining().min(READ_SIZE);
        let mut buffer = ReadBuf::uninit(&mut bytes[..room]);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        let filled = buffer.filled();
        if !filled.is_empty() {
            self.watch.reads.set(self.watch.reads.get() + 1);
            cursor.put_slice(filled);
        }
        Poll::Ready(Ok(()))
    }
}

impl hyper::rt::Write for TimedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let began = self.watch.before_write(self.clock);
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.watch.on_write(began);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let began = self.watch.before_write(self.clock);
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, slices))?;
        self.watch.on_write(began);
        Poll::Ready(Ok(written))
    }
}
