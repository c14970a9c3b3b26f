//! One connection: which HTTP it speaks, serving it, and taking it back for a fault.

use crate::behaviour::Fault;
use crate::shop::Shop;
use crate::wire::{self, Wire};
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};

/// How a request handler asks for its own connection to be broken.
#[derive(Debug, Default)]
pub(crate) struct Link {
    fault: Cell<Option<Fault>>,
    raised: Notify,
}

impl Link {
    /// Breaks the connection in this way, in place of an answer.
    pub(crate) fn raise(&self, fault: Fault) {
        self.fault.set(Some(fault));
        self.raised.notify_one();
    }
}

/// Serves a connection until it ends, breaks, or is told to stop and has finished what it was doing.
pub(crate) async fn serve(stream: TcpStream, shop: Rc<Shop>, mut stop: watch::Receiver<bool>) {
    let speaks_http2 = tokio::select! {
        spoken = is_http2(&stream) => match spoken {
            Ok(spoken) => spoken,
            Err(_) => return,
        },
        _ = stop.changed() => return,
    };
    let wire = Wire::new(stream);
    let io = TokioIo::new(wire.clone());
    let link = Rc::new(Link::default());
    let service = service_fn({
        let link = Rc::clone(&link);
        move |request| Rc::clone(&shop).answer(Rc::clone(&link), request)
    });
    if speaks_http2 {
        let mut builder = http2::Builder::new(LocalTasks);
        builder.max_concurrent_streams(1_000);
        drive(builder.serve_connection(io, service), &link, stop).await;
    } else {
        drive(
            http1::Builder::new().serve_connection(io, service),
            &link,
            stop,
        )
        .await;
    }
    // By now the HTTP library has let go of the wire.
    if let (Some(fault), Some(stream)) = (link.fault.get(), wire.take()) {
        // A client that leaves during a fault is no news.
        let _ = wire::play(stream, fault).await;
    }
}

/// Drives a connection to its end, or to the moment that a fault is raised on it.
async fn drive<C: Drain>(connection: C, link: &Link, mut stop: watch::Receiver<bool>) {
    let mut connection = pin!(connection);
    let mut draining = false;
    loop {
        tokio::select! {
            biased;
            // How a connection ended is the client's affair; requests were counted as they came.
            _ = connection.as_mut() => return,
            () = link.raised.notified() => return,
            _ = stop.changed(), if !draining => {
                draining = true;
                connection.as_mut().drain();
            }
        }
    }
}

/// A connection that can be told to finish what it has begun and take nothing new.
trait Drain: Future {
    fn drain(self: Pin<&mut Self>);
}

impl<I, B, S> Drain for http1::Connection<I, S>
where
    S: HttpService<hyper::body::Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: http_body::Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn drain(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, B, S> Drain for http2::Connection<I, S, LocalTasks>
where
    S: HttpService<hyper::body::Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: 'static,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: http_body::Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    Self: Future,
    LocalTasks: hyper::rt::bounds::Http2ServerConnExec<S::Future, B>,
{
    fn drain(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Runs HTTP/2 streams as tasks of this thread.
#[derive(Debug, Clone, Copy)]
struct LocalTasks;

impl<F: Future<Output = ()> + 'static> Executor<F> for LocalTasks {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

/// The first bytes of HTTP/2 with prior knowledge (RFC 9113, section 3.4); no method begins like this.
const HTTP2: &[u8] = b"PRI ";

/// Whether the client speaks HTTP/2, by its first bytes, which stay unread.
async fn is_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0; HTTP2.len()];
    loop {
        let length = stream.peek(&mut first).await?;
        let seen = first.get(..length).unwrap_or_default();
        if seen.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !HTTP2.starts_with(seen) {
            return Ok(false);
        }
        if length == HTTP2.len() {
            return Ok(true);
        }
        // A peek does not wait for more than is there; so short a first packet is rare.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
