//! One connection, HTTP/1.1 or HTTP/2, on hyper's connection level.

use crate::body::RequestBody;
use crate::io::{Marks, TimedIo, Watch};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use tokio::task::AbortHandle;

/// An open connection.
pub(crate) enum Connection {
    /// Carries one request at a time; whoever holds it drives it.
    Http1(Http1),
    /// Carries many; a task of its own drives it.
    Http2(Rc<Http2>),
}

/// An HTTP/1.1 connection. It is driven by the request that uses it rather than by a task of its own:
/// no spawn, no wake from task to task, and nothing to look after while it is idle.
pub(crate) struct Http1 {
    sender: http1::SendRequest<RequestBody>,
    driver: Pin<Box<http1::Connection<TimedIo, RequestBody>>>,
    ended: bool,
    pub(crate) watch: Rc<Watch>,
}

impl Http1 {
    pub(crate) async fn open(io: TimedIo, watch: Rc<Watch>) -> Result<Self, hyper::Error> {
        let (sender, driver) = http1::handshake(io).await?;
        Ok(Self {
            sender,
            driver: Box::pin(driver),
            ended: false,
            watch,
        })
    }

    /// Sends a request and waits for the head of its response.
    pub(crate) async fn send(
        &mut self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, hyper::Error> {
        let response = self.sender.send_request(request);
        self.drive(response).await
    }

    /// Runs a future that waits for this connection.
    pub(crate) async fn drive<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            self.advance(context);
            future.as_mut().poll(context)
        })
        .await
    }

    fn advance(&mut self, context: &mut Context<'_>) {
        if !self.ended {
            self.ended = self.driver.as_mut().poll(context).is_ready();
        }
    }

    /// Whether the next request can go over it: the last response is complete, and the server has not
    /// closed it since.
    pub(crate) fn is_reusable(&mut self) -> bool {
        self.advance(&mut Context::from_waker(Waker::noop()));
        !self.ended && self.sender.is_ready()
    }
}

type Http2Driver = http2::Connection<TimedIo, RequestBody, OnThisThread>;

/// An HTTP/2 connection.
pub(crate) struct Http2 {
    sender: http2::SendRequest<RequestBody>,
    driver: RefCell<Pin<Box<Http2Driver>>>,
    ended: Cell<bool>,
    active: Cell<usize>,
    task: Cell<Option<AbortHandle>>,
    pub(crate) watch: Rc<Watch>,
}

impl Drop for Http2 {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

impl Http2 {
    pub(crate) async fn open(io: TimedIo, watch: Rc<Watch>) -> Result<Rc<Self>, hyper::Error> {
        let (sender, driver) = http2::Builder::new(OnThisThread)
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(8 << 20)
            .handshake(io)
            .await?;
        let connection = Rc::new(Self {
            sender,
            driver: RefCell::new(Box::pin(driver)),
            ended: Cell::new(false),
            active: Cell::new(0),
            task: Cell::new(None),
            watch,
        });
        // The task holds the connection weakly, so that it ends with its last user.
        let weak = Rc::downgrade(&connection);
        let task = tokio::task::spawn_local(poll_fn(move |context| {
            let Some(connection) = weak.upgrade() else {
                return Poll::Ready(());
            };
            let state = connection.driver.borrow_mut().as_mut().poll(context);
            if state.is_ready() {
                connection.ended.set(true);
            }
            state.map(|_| ())
        }));
        connection.task.set(Some(task.abort_handle()));
        Ok(connection)
    }

    /// How many more requests may be sent now.
    pub(crate) fn room(&self, limit: Option<usize>) -> usize {
        if self.ended.get() || self.sender.is_closed() {
            return 0;
        }
        // What the peer allows is only known once its SETTINGS have come.
        let allowed = match self.driver.try_borrow() {
            Ok(driver) if self.watch.received() => driver.current_max_send_streams(),
            _ => 100,
        };
        limit
            .unwrap_or(usize::MAX)
            .min(allowed)
            .saturating_sub(self.active.get())
    }

    /// Whether it can never be used again.
    pub(crate) fn is_closed(&self) -> bool {
        self.ended.get() || self.sender.is_closed()
    }

    /// Counts a request in.
    pub(crate) fn occupy(&self) {
        self.active.set(self.active.get() + 1);
    }

    /// Counts a request out.
    pub(crate) fn vacate(&self) {
        self.active.set(self.active.get().saturating_sub(1));
    }

    /// Sends a request and waits for the head of its response.
    pub(crate) fn send(
        &self,
        request: Request<RequestBody>,
    ) -> impl Future<Output = Result<Response<Incoming>, hyper::Error>> + use<> {
        self.sender.clone().send_request(request)
    }
}

impl Connection {
    /// Begins to time a request.
    pub(crate) fn begin(&self) -> Rc<Marks> {
        match self {
            Self::Http1(connection) => connection.watch.begin(true),
            Self::Http2(connection) => connection.watch.begin(false),
        }
    }

    /// Whether it speaks HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        matches!(self, Self::Http2(_))
    }
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
