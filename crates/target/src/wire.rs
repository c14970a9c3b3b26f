//! Faults below HTTP: what the service writes, or does not, when it takes a connection out of the HTTP library's hands.

use crate::behaviour::Fault;
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

/// A connection that its owner can take back from the HTTP library.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Rc<RefCell<TcpStream>>);

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self(Rc::new(RefCell::new(stream)))
    }

    /// The stream, once every other holder is gone.
    pub(crate) fn take(self) -> Option<TcpStream> {
        Rc::try_unwrap(self.0).ok().map(RefCell::into_inner)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_shutdown(context)
    }
}

/// How long a closing connection waits for the other side, so that unread bytes do not turn the close into a reset.
const FAREWELL: Duration = Duration::from_secs(1);

const GARBAGE: &[u8] = b"\x15\x03\x01\x00\x02\x02\x28 this is not HTTP \xff\xfe\x00\r\n\r\n";

const TRUNCATED: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\nten bytes!";

const TRUNCATED_CHUNKED: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n100\r\nten bytes!";

const KEPT_ALIVE: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\nconnection: keep-alive\r\n\r\nok\n";

const HEADER_LINES: usize = 100_000;

/// Plays a fault on a connection whose request has been read, and ends it.
///
/// # Errors
/// When the other side has gone, which is nobody's concern.
pub(crate) async fn play(mut stream: TcpStream, fault: Fault) -> io::Result<()> {
    match fault {
        Fault::Reset => stream.set_zero_linger(),
        Fault::Close => {
            // Unread bytes, such as the rest of a body, would turn the close into a reset.
            while matches!(stream.try_read(&mut [0; 4096]), Ok(1..)) {}
            Ok(())
        }
        Fault::HalfClose => {
            stream.shutdown().await?;
            discard(&mut stream).await
        }
        Fault::Garbage => say(stream, GARBAGE).await,
        Fault::Truncated => say(stream, TRUNCATED).await,
        Fault::TruncatedChunked => say(stream, TRUNCATED_CHUNKED).await,
        Fault::CloseSilently => say(stream, KEPT_ALIVE).await,
        Fault::EndlessHeaders => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n")
                .await?;
            let mut lines = String::with_capacity(32 * 1024);
            for number in 0..HEADER_LINES {
                lines.push_str("x-endless-");
                lines.push_str(&number.to_string());
                lines.push_str(": again\r\n");
                if lines.len() > 31 * 1024 {
                    stream.write_all(lines.as_bytes()).await?;
                    lines.clear();
                }
            }
            lines.push_str("\r\n");
            say(stream, lines.as_bytes()).await
        }
        // These are answers in HTTP, or none at all.
        Fault::Never
        | Fault::SlowDrip
        | Fault::HugeBody
        | Fault::CloseAfter
        | Fault::RedirectLoop
        | Fault::RedirectAway => Ok(()),
    }
}

/// Sends the bytes and closes the connection so that they all arrive.
async fn say(mut stream: TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await?;
    // Whether the other side closes in time changes nothing here.
    tokio::time::timeout(FAREWELL, discard(&mut stream))
        .await
        .unwrap_or(Ok(()))
}

async fn discard(stream: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}
