//! Time limits of requests. Nearly all requests end long before theirs, so that having one must cost
//! next to nothing: an entry in a list, in whose whole life nobody looks at it. The list is gone through
//! when something may be due that was added since the last time, which is once within the shortest
//! limit, and then put in order, so that those that run out meanwhile are found without the others.

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
    /// The deadlines that there were when the list was last gone through, each with its entry. What has another
    /// one there by now, or nothing, has ended.
    known: RefCell<BinaryHeap<Reverse<(u64, usize)>>>,
    /// The earliest deadline that was added since.
    added: Cell<u64>,
    /// When to look again: none is due before.
    next: Cell<u64>,
    earlier: tokio::sync::Notify,
}

impl Deadlines {
    pub(crate) fn new(timers: Rc<Timers>) -> Self {
        Self {
            timers,
            entries: RefCell::default(),
            known: RefCell::default(),
            added: Cell::new(NEVER),
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
        let key = self.entries.borrow_mut().insert(Entry {
            at,
            waker: Some(waker.clone()),
        });
        if at < self.added.get() {
            self.added.set(at);
        }
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
        let mut entries = self.entries.borrow_mut();
        let mut known = self.known.borrow_mut();
        if self.added.get() <= now {
            self.added.set(NEVER);
            known.clear();
            known.extend(entries.iter().map(|(key, entry)| Reverse((entry.at, key))));
        }
        let mut next = self.added.get();
        while let Some(&Reverse((at, key))) = known.peek() {
            if is_waiting(&entries, at, key) {
                if at > now {
                    next = next.min(at);
                    break;
                }
                if let Some(waker) = entries.get_mut(key).and_then(|entry| entry.waker.take()) {
                    waker.wake();
                }
            }
            known.pop();
        }
        self.next.set(next.max(now + GRAIN_NS));
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
    fn those_that_run_out_are_found_without_the_others() {
        run(async |deadlines, clock| {
            let (now, hour) = (clock.now(), 3_600_000 * MS);
            let wait = |at| deadlines.register(at, Waker::noop());
            let mut waiting: Vec<_> = (0..1000).map(|n| wait(now + hour + n)).collect();
            let soon = wait(now + 1);
            drop(wait(now + 2));
            deadlines.sweep();
            assert!(soon.is_due(Waker::noop()) && !waiting[0].is_due(Waker::noop()));
            assert_eq!(deadlines.known.borrow().len(), 1000);
            assert_eq!(deadlines.next.get(), now + hour, "the first of the rest");

            waiting.push(wait(now + 2 * hour));
            drop(waiting.remove(0));
            deadlines.sweep();
            assert_eq!(
                deadlines.known.borrow().len(),
                999,
                "nobody looked at those added since"
            );
            assert_eq!(deadlines.next.get(), now + hour + 1);
            waiting.push(wait(clock.now()));
            deadlines.sweep();
            assert!(
                waiting.last().unwrap().is_due(Waker::noop()),
                "until one of them may be due"
            );
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
