//! Connections to one origin: idle ones are reused, the most recent first; more are opened as needed,
//! up to a limit. A user with connections of its own simply has a pool of its own.
//!
//! A connection of HTTP/1.1 is opened by the request that it is for. One of HTTP/2 is for everybody who
//! waits, and so the pool opens it: it does not end with the time limit of whoever happened to be first.

use crate::attempt::{Failure, Progress, Stage};
use crate::clock::Clock;
use crate::connect::{self, Route};
use crate::connection::Connection;
use crate::http1::{Http1, Means};
use crate::http2::Http2;
use crate::io::Stream;
use crate::queue::Queue;
use crate::resolve::Resolver;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tokio::task::AbortHandle;

/// What an opening for everybody has at least, in nanoseconds, whatever the time limit of the request that
/// began it.
const OPENING_NS: u64 = 10_000_000_000;

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
    queue: Queue,
    opener: Opener,
}

/// What opens a connection for everybody, which ends with the pool.
#[derive(Default)]
struct Opener(Cell<Option<AbortHandle>>);

impl Drop for Opener {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

/// How a connection is opened.
#[derive(Clone, Copy)]
pub(crate) struct Way<'a> {
    pub(crate) route: &'a Rc<Route>,
    pub(crate) resolver: &'a Rc<Resolver>,
    pub(crate) means: &'a Rc<Means>,
    pub(crate) clock: Clock,
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
        way: Way<'_>,
        progress: &Progress,
    ) -> Result<Lease, Failure> {
        progress.enter(Stage::Waiting);
        if self.queue.is_empty() {
            if let Some(lease) = self.take() {
                progress.ready_at_once();
                return Ok(lease);
            }
            if !self.is_full() && !self.is_for_all(way.route) {
                // Boxed, because opening needs much room and seldom happens.
                return Box::pin(self.open_own(Opening::begin(self), way, progress)).await;
            }
        }
        Box::pin(self.wait(way, progress)).await
    }

    /// Queues up for a connection.
    async fn wait(self: &Rc<Self>, way: Way<'_>, progress: &Progress) -> Result<Lease, Failure> {
        let ticket = self.queue.join();
        let mut begun: Option<Rc<Progress>> = None;
        let came = loop {
            if ticket.is_first() {
                if let Some(lease) = self.take() {
                    ticket.leave(self.has_more());
                    progress.ready(way.clock.now());
                    break Ok(lease);
                }
                if !self.is_full() {
                    if !self.is_for_all(way.route) {
                        let opening = Opening::begin(self);
                        ticket.leave(self.has_more());
                        return self.open_own(opening, way, progress).await;
                    }
                    if self.opening.get() == 0 {
                        begun = Some(self.open_for_all(way, progress.deadline()));
                    }
                }
            }
            let expects = self.opening.get() > 0 && self.is_for_all(way.route);
            progress.enter(if expects {
                Stage::Connecting
            } else {
                Stage::Waiting
            });
            if let Err(failure) = ticket.called().await {
                break Err(failure);
            }
        };
        if let Some(begun) = begun {
            // What it cost to open is told of the request that it was begun for.
            let opening = begun.phases();
            progress.note(|phases| {
                (phases.dns, phases.connect, phases.tls) =
                    (opening.dns, opening.connect, opening.tls);
            });
        }
        came
    }

    async fn open_own(
        self: &Rc<Self>,
        opening: Opening<'_>,
        way: Way<'_>,
        progress: &Progress,
    ) -> Result<Lease, Failure> {
        let connection =
            connect::open(way.route, way.resolver, way.means, way.clock, progress).await?;
        opening.succeed();
        progress.ready(way.clock.now());
        if let Connection::Http2(shared) = &connection {
            shared.occupy();
            if self.reuse {
                self.share(shared.clone());
            }
        }
        Ok(Lease {
            pool: self.clone(),
            connection: Some(connection),
            reused: false,
        })
    }

    /// Begins to open a connection for whoever waits, for longer than until `deadline` if that is soon.
    fn open_for_all(self: &Rc<Self>, way: Way<'_>, deadline: u64) -> Rc<Progress> {
        self.open.set(self.open.get() + 1);
        self.opening.set(self.opening.get() + 1);
        let progress = Rc::new(Progress::default());
        let noted = progress.clone();
        let pool = Rc::downgrade(self);
        let (route, resolver) = (way.route.clone(), way.resolver.clone());
        let (means, clock) = (way.means.clone(), way.clock);
        let until = deadline.max(clock.now().saturating_add(OPENING_NS));
        let task = tokio::task::spawn_local(async move {
            let opened = connect::open_until(until, &route, &resolver, &means, clock, &noted).await;
            if let Some(pool) = pool.upgrade() {
                pool.opening.set(pool.opening.get() - 1);
                match opened {
                    Ok(Connection::Http2(connection)) => pool.share(connection),
                    Ok(Connection::Http1(connection)) => {
                        pool.speaks_http2.set(false);
                        pool.idle.borrow_mut().push(connection);
                    }
                    Err(failure) => {
                        pool.open.set(pool.open.get() - 1);
                        pool.queue.fail_all(&failure);
                    }
                }
                pool.queue.call_all();
            }
        });
        self.opener.0.set(Some(task.abort_handle()));
        progress
    }

    /// Lets everybody use a connection.
    fn share(&self, connection: Rc<Http2>) {
        self.speaks_http2.set(true);
        self.shared.borrow_mut().push(connection);
        self.queue.call_first();
    }

    /// Whether somebody else would find something too.
    fn has_more(&self) -> bool {
        let roomy = |connection: &Rc<Http2>| connection.room(self.streams) > 0;
        !self.is_full() || !self.idle.borrow().is_empty() || self.shared.borrow().iter().any(roomy)
    }

    fn is_full(&self) -> bool {
        self.max.is_some_and(|max| self.open.get() >= max)
    }

    /// Whether the next connection is for everybody who waits.
    fn is_for_all(&self, route: &Route) -> bool {
        self.reuse && (route.is_http2() || self.speaks_http2.get())
    }

    fn take(self: &Rc<Self>) -> Option<Lease> {
        let lease = |connection, reused| Lease {
            pool: self.clone(),
            connection: Some(connection),
            reused,
        };
        loop {
            let Some(mut idle) = self.idle.borrow_mut().pop() else {
                break;
            };
            if idle.is_reusable() {
                return Some(lease(Connection::Http1(idle), true));
            }
            self.lost();
        }
        let mut shared = self.shared.borrow_mut();
        shared.retain(|connection| {
            let keep = !connection.is_useless();
            if !keep {
                self.lost();
            }
            keep
        });
        let roomy = shared
            .iter()
            .find(|connection| connection.room(self.streams) > 0)?;
        roomy.occupy();
        let reused = roomy.has_answered();
        Some(lease(Connection::Http2(roomy.clone()), reused))
    }

    fn lost(&self) {
        self.open.set(self.open.get().saturating_sub(1));
        self.queue.call_first();
    }
}

/// Counts a connection that is being opened, however the opening ends.
struct Opening<'a> {
    pool: &'a Pool,
    succeeded: bool,
}

impl<'a> Opening<'a> {
    fn begin(pool: &'a Pool) -> Self {
        pool.open.set(pool.open.get() + 1);
        pool.opening.set(pool.opening.get() + 1);
        Self {
            pool,
            succeeded: false,
        }
    }

    /// From now on it is a connection that there is.
    fn succeed(mut self) {
        self.succeeded = true;
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.pool.opening.set(self.pool.opening.get() - 1);
        if self.succeeded {
            self.pool.queue.call_first();
        } else {
            self.pool.lost();
        }
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
                    self.pool.queue.call_first();
                } else {
                    drop(connection);
                    self.pool.lost();
                }
            }
            Some(Connection::Http2(connection)) => {
                connection.vacate();
                if self.pool.reuse {
                    self.pool.queue.call_first();
                } else {
                    self.pool.lost();
                }
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
