//! Connections to one origin: idle ones are reused, the most recent first; more are opened as needed,
//! up to a limit. A user with connections of its own simply has a pool of its own.

use crate::attempt::{Failure, Progress, Stage};
use crate::clock::Clock;
use crate::connect::{self, Route};
use crate::connection::Connection;
use crate::http1::{Http1, Means};
use crate::http2::Http2;
use crate::io::Stream;
use crate::resolve::Resolver;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tokio::sync::Notify;

/// The connections to one origin.
#[derive(Default)]
pub(crate) struct Pool {
    idle: RefCell<Vec<Http1<Stream>>>,
    shared: RefCell<Vec<Rc<Http2>>>,
    /// Connections there are, those being opened included.
    open: Cell<usize>,
    opening: Cell<usize>,
    /// The protocol of the first connection tells that of the next (ALPN).
    speaks_http2: Cell<bool>,
    max: Option<usize>,
    streams: Option<usize>,
    reuse: bool,
    freed: Notify,
}

impl Pool {
    /// A pool of at most `max` connections with at most `streams` HTTP/2 requests at once on each.
    pub(crate) fn new(max: Option<usize>, streams: Option<usize>) -> Rc<Self> {
        Rc::new(Self {
            max,
            streams,
            reuse: true,
            ..Self::default()
        })
    }

    /// A pool that opens a connection for every request.
    pub(crate) fn without_reuse() -> Rc<Self> {
        Rc::new(Self::default())
    }

    /// A connection that can take a request now.
    pub(crate) async fn lease(
        self: &Rc<Self>,
        route: &Route,
        resolver: &Resolver,
        means: &Rc<Means>,
        clock: Clock,
        progress: &Progress,
    ) -> Result<Lease, Failure> {
        progress.enter(Stage::Waiting);
        if let Some(lease) = self.take() {
            // One that is at hand was ready when it was asked for.
            progress.note(|phases| phases.conn_ready = phases.dispatched);
            return Ok(lease);
        }
        loop {
            let full = self.max.is_some_and(|max| self.open.get() >= max);
            let expects_room = self.reuse
                && self.opening.get() > 0
                && (route.is_http2() || self.speaks_http2.get());
            if full || expects_room {
                self.freed.notified().await;
                if let Some(lease) = self.take() {
                    progress.note(|phases| phases.conn_ready = Some(clock.now()));
                    return Ok(lease);
                }
                continue;
            }
            let opening = Opening::begin(self);
            // Boxed, because opening needs much room and seldom happens.
            let opened = Box::pin(connect::open(route, resolver, means, clock, progress));
            let connection = opened.await;
            drop(opening);
            let connection = connection?;
            self.open.set(self.open.get() + 1);
            progress.note(|phases| phases.conn_ready = Some(clock.now()));
            if let Connection::Http2(shared) = &connection {
                self.speaks_http2.set(true);
                if self.reuse {
                    self.shared.borrow_mut().push(shared.clone());
                }
                shared.occupy();
                // Whoever waited for this connection may find room on it.
                for _ in 0..shared.room(self.streams) {
                    self.freed.notify_one();
                    if !self.reuse {
                        break;
                    }
                }
            }
            return Ok(Lease {
                pool: self.clone(),
                connection: Some(connection),
                reused: false,
            });
        }
    }

    fn take(self: &Rc<Self>) -> Option<Lease> {
        let lease = |connection| Lease {
            pool: self.clone(),
            connection: Some(connection),
            reused: true,
        };
        loop {
            let Some(mut idle) = self.idle.borrow_mut().pop() else {
                break;
            };
            if idle.is_reusable() {
                return Some(lease(Connection::Http1(idle)));
            }
            self.lost();
        }
        let mut shared = self.shared.borrow_mut();
        shared.retain(|connection| {
            let keep = !connection.is_closed();
            if !keep {
                self.lost();
            }
            keep
        });
        let roomy = shared
            .iter()
            .find(|connection| connection.room(self.streams) > 0)?;
        roomy.occupy();
        Some(lease(Connection::Http2(roomy.clone())))
    }

    fn lost(&self) {
        self.open.set(self.open.get().saturating_sub(1));
        self.freed.notify_one();
    }
}

/// Counts a connection that is being opened, however the opening ends.
struct Opening<'a>(&'a Pool);

impl<'a> Opening<'a> {
    fn begin(pool: &'a Pool) -> Self {
        pool.open.set(pool.open.get() + 1);
        pool.opening.set(pool.opening.get() + 1);
        Self(pool)
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.opening.set(self.0.opening.get() - 1);
        self.0.lost();
    }
}

/// The right to send one request over a connection; given back when dropped.
pub(crate) struct Lease {
    pool: Rc<Pool>,
    connection: Option<Connection>,
    reused: bool,
}

impl Lease {
    /// The connection; `None` never, until the lease is dropped.
    pub(crate) fn connection(&mut self) -> Option<&mut Connection> {
        self.connection.as_mut()
    }

    /// Whether the connection had carried a request before.
    pub(crate) fn is_reused(&self) -> bool {
        self.reused
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        match self.connection.take() {
            Some(Connection::Http1(connection)) => {
                // One that was left in the middle of a response is not reusable, and is closed here.
                if self.pool.reuse && connection.is_idle() {
                    self.pool.idle.borrow_mut().push(connection);
                    self.pool.freed.notify_one();
                } else {
                    drop(connection);
                    self.pool.lost();
                }
            }
            Some(Connection::Http2(connection)) => {
                connection.vacate();
                if self.pool.reuse {
                    self.pool.freed.notify_one();
                } else {
                    self.pool.lost();
                }
            }
            None => {}
        }
    }
}
