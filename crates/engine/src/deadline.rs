//! Time limits of requests. Nearly all requests end long before theirs, so that having one must cost
//! next to nothing: an entry in a list, and its place in the order of deadlines, at whose end it mostly
//! belongs. A place whose request has ended stays there until it is due, or until most places are such.

use crate::timer::Timers;
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Whoever is due is woken no more often than this, in nanoseconds.
const GRAIN_NS: u64 = 1_000_000;
/// So many places without a request may be left beside as many as there are requests.
const LEFT: usize = 1024;
const NEVER: u64 = u64::MAX;

struct Entry {
    at: u64,
    /// `None`: it is due.
    waker: Option<Waker>,
}

/// A thread's requests that wait for something, each with the time at which it has waited enough.
pub(crate) struct Deadlines {
    timers: Rc<Timers>,
    entries: RefCell<Slab<Entry>>,
    /// Deadlines in their order, each with its entry; what has another deadline there by now, or nothing, is over.
    order: RefCell<BinaryHeap<Reverse<(u64, usize)>>>,
    /// When to look again: none is due before.
    next: Cell<u64>,
    earlier: tokio::sync::Notify,
}

impl Deadlines {
    pub(crate) fn new(timers: Rc<Timers>) -> Self {
        Self {
            timers,
            entries: RefCell::default(),
            order: RefCell::default(),
            next: Cell::new(NEVER),
            earlier: tokio::sync::Notify::new(),
        }
    }

    /// Runs a future until `at` (nanoseconds since the start), at most a millisecond longer; `None`: it
    /// was not ready by then. The future is borrowed, since one that is moved in would be there twice.
    pub(crate) fn limit<'a, F: Future>(
        &'a self,
        at: u64,
        mut future: Pin<&'a mut F>,
    ) -> impl Future<Output = Option<F::Output>> + 'a {
        let mut registered: Option<Registered<'a>> = None;
        poll_fn(move |context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            match &registered {
                None => registered = Some(self.register(at, context.waker())),
                Some(registered) if registered.is_due(context.waker()) => return Poll::Ready(None),
                Some(_) => {}
            }
            Poll::Pending
        })
    }

    fn register(&self, at: u64, waker: &Waker) -> Registered<'_> {
        let mut entries = self.entries.borrow_mut();
        let key = entries.insert(Entry {
            at,
            waker: Some(waker.clone()),
        });
        let mut order = self.order.borrow_mut();
        if order.len() >= 2 * entries.len() + LEFT {
            order.retain(|Reverse((at, key))| is_waiting(&entries, *at, *key));
        }
        order.push(Reverse((at, key)));
        drop((entries, order));
        if at < self.next.get() {
            self.next.set(at);
            self.earlier.notify_one();
        }
        Registered {
            deadlines: self,
            key,
        }
    }

    /// Wakes whoever has waited enough, for as long as the thread lives.
    pub(crate) async fn drive(&self) {
        loop {
            let next = self.next.get();
            if next == NEVER {
                self.earlier.notified().await;
                continue;
            }
            tokio::select! {
                () = self.timers.sleep_until(next) => self.sweep(),
                () = self.earlier.notified() => {}
            }
        }
    }

    fn sweep(&self) {
        let now = self.timers.now();
        let mut next = NEVER;
        let mut entries = self.entries.borrow_mut();
        let mut order = self.order.borrow_mut();
        while let Some(&Reverse((at, key))) = order.peek() {
            if is_waiting(&entries, at, key) {
                if at > now {
                    next = at.max(now + GRAIN_NS);
                    break;
                }
                if let Some(waker) = entries.get_mut(key).and_then(|entry| entry.waker.take()) {
                    waker.wake();
                }
            }
            order.pop();
        }
        self.next.set(next);
    }
}

/// Whether a request with this deadline still waits there.
fn is_waiting(entries: &Slab<Entry>, at: u64, key: usize) -> bool {
    entries.get(key).is_some_and(|entry| entry.at == at)
}

/// A place in the list, left when dropped.
struct Registered<'a> {
    deadlines: &'a Deadlines,
    key: usize,
}

impl Registered<'_> {
    /// Whether the time is over; if not, `waker` will be woken when it is.
    fn is_due(&self, waker: &Waker) -> bool {
        let mut entries = self.deadlines.entries.borrow_mut();
        match entries.get_mut(self.key).map(|entry| &mut entry.waker) {
            Some(Some(known)) => {
                known.clone_from(waker);
                false
            }
            _ => true,
        }
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.deadlines.entries.borrow_mut().try_remove(self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::timer::TimerMode;
    use std::future::pending;
    use std::pin::pin;

    const MS: u64 = 1_000_000;

    fn run(test: impl AsyncFnOnce(Rc<Deadlines>, Clock)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let clock = Clock::starting_in(0);
            let timers = Timers::new(clock, TimerMode::default()).unwrap();
            tokio::task::spawn_local(timers.clone().drive());
            let deadlines = Rc::new(Deadlines::new(timers));
            let driven = deadlines.clone();
            tokio::task::spawn_local(async move { driven.drive().await });
            test(deadlines, clock).await;
        });
    }

    #[test]
    fn each_ends_at_its_own_time_whatever_the_order() {
        run(async |deadlines, clock| {
            let ended = Rc::new(RefCell::new(Vec::new()));
            let waits: Vec<_> = [30, 10, 20, 10]
                .into_iter()
                .map(|ms| {
                    let (deadlines, ended) = (deadlines.clone(), ended.clone());
                    tokio::task::spawn_local(async move {
                        assert_eq!(deadlines.limit(ms * MS, pin!(pending::<()>())).await, None);
                        assert!(clock.now() >= ms * MS);
                        ended.borrow_mut().push(ms);
                    })
                })
                .collect();
            for wait in waits {
                wait.await.unwrap();
            }
            assert_eq!(*ended.borrow(), [10, 10, 20, 30]);
            assert!(deadlines.entries.borrow().is_empty());
        });
    }

    #[test]
    fn only_those_that_are_due_are_looked_at() {
        run(async |deadlines, clock| {
            let now = clock.now();
            let wait = |at| deadlines.register(at, Waker::noop());
            let waiting: Vec<_> = (0..1000).map(|n| wait(now + 3_600_000 * MS + n)).collect();
            drop((0..3).map(|n| wait(now + n)).collect::<Vec<_>>());
            let due = wait(now);
            deadlines.sweep();
            assert!(due.is_due(Waker::noop()) && !waiting[0].is_due(Waker::noop()));
            assert_eq!(
                deadlines.order.borrow().len(),
                1000,
                "no more than were due are gone"
            );
            assert_eq!(
                deadlines.next.get(),
                now + 3_600_000 * MS,
                "and the rest has its time"
            );
        });
    }

    #[test]
    fn those_that_ended_in_time_take_no_memory_for_long() {
        run(async |deadlines, clock| {
            let now = clock.now();
            for n in 0..100_000 {
                drop(deadlines.register(now + 3_600_000 * MS + n, Waker::noop()));
            }
            assert!(deadlines.order.borrow().len() <= LEFT + 2);
        });
    }

    #[test]
    fn what_is_ready_in_time_leaves_nothing_behind() {
        run(async |deadlines, clock| {
            assert_eq!(deadlines.limit(0, pin!(async { 1 })).await, Some(1));
            let until = clock.now() + 5 * MS;
            let sleep = deadlines.timers.sleep_until(until);
            assert_eq!(deadlines.limit(NEVER, pin!(sleep)).await, Some(()));
            assert!(deadlines.entries.borrow().is_empty());
            let late = deadlines.limit(clock.now(), pin!(pending::<()>())).await;
            assert_eq!(late, None, "and the next one is not forgotten");
        });
    }
}
