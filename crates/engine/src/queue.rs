//! Whoever waits for a connection: first come, first served.
//!
//! Only the first may take what has become free, and whoever comes while somebody waits queues up behind;
//! otherwise users that go on at once would take every connection from those that wait.

use crate::attempt::Failure;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::task::{Poll, Waker};

struct Entry {
    number: u64,
    waker: Option<Waker>,
    /// Whether there may be something for it since it looked last.
    called: bool,
    /// Why there will be nothing for it.
    failure: Option<Failure>,
}

/// The queue of a pool.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: RefCell<VecDeque<Entry>>,
    numbers: Cell<u64>,
}

impl Queue {
    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    /// Has whoever is first look again.
    pub(crate) fn call_first(&self) {
        if let Some(first) = self.waiting.borrow_mut().front_mut() {
            first.call();
        }
    }

    /// Has everybody look again at what they wait for.
    pub(crate) fn call_all(&self) {
        self.waiting.borrow_mut().iter_mut().for_each(Entry::call);
    }

    /// Sends everybody away.
    pub(crate) fn fail_all(&self, failure: &Failure) {
        for entry in &mut *self.waiting.borrow_mut() {
            entry.failure = Some(failure.clone());
            entry.call();
        }
    }

    /// Queues up.
    pub(crate) fn join(&self) -> Ticket<'_> {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        self.waiting.borrow_mut().push_back(Entry {
            number,
            waker: None,
            called: false,
            failure: None,
        });
        Ticket {
            queue: self,
            number,
            is_more: true,
        }
    }
}

impl Entry {
    fn call(&mut self) {
        self.called = true;
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// A place in the queue, left when dropped.
pub(crate) struct Ticket<'a> {
    queue: &'a Queue,
    number: u64,
    is_more: bool,
}

impl Ticket<'_> {
    /// Whether nobody is before it.
    pub(crate) fn is_first(&self) -> bool {
        let waiting = self.queue.waiting.borrow();
        waiting
            .front()
            .is_some_and(|entry| entry.number == self.number)
    }

    /// Leaves with what it was called for. `is_more`: whether there may be something for the next one.
    pub(crate) fn leave(mut self, is_more: bool) {
        self.is_more = is_more;
    }

    /// Waits until it is called.
    ///
    /// # Errors
    /// Why it was sent away.
    pub(crate) fn called(&self) -> impl Future<Output = Result<(), Failure>> + '_ {
        poll_fn(|context| {
            let mut waiting = self.queue.waiting.borrow_mut();
            let place = waiting.binary_search_by_key(&self.number, |entry| entry.number);
            let Some(entry) = place.ok().and_then(|place| waiting.get_mut(place)) else {
                return Poll::Ready(Ok(()));
            };
            if let Some(failure) = entry.failure.take() {
                return Poll::Ready(Err(failure));
            }
            if std::mem::take(&mut entry.called) {
                return Poll::Ready(Ok(()));
            }
            entry.waker = Some(context.waker().clone());
            Poll::Pending
        })
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut waiting = self.queue.waiting.borrow_mut();
        if let Ok(place) = waiting.binary_search_by_key(&self.number, |entry| entry.number) {
            waiting.remove(place);
            // What it was called for, and did not take, is for the next one.
            if place == 0
                && self.is_more
                && let Some(first) = waiting.front_mut()
            {
                first.call();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_measure::ErrorKind;
    use std::pin::pin;
    use std::task::Context;

    /// Whether somebody was called, or was sent away.
    fn look(ticket: &Ticket<'_>) -> Poll<Result<(), Failure>> {
        let mut context = Context::from_waker(Waker::noop());
        pin!(ticket.called()).poll(&mut context)
    }

    #[test]
    fn who_came_first_is_called_first_and_a_call_that_nobody_heeds_is_passed_on() {
        let queue = Queue::default();
        let (first, second, third) = (queue.join(), queue.join(), queue.join());
        assert!(first.is_first() && !second.is_first());
        queue.call_first();
        assert!(look(&first).is_ready() && look(&second).is_pending());
        first.leave(false);
        assert!(
            second.is_first() && look(&second).is_pending(),
            "there was one only"
        );
        queue.call_first();
        drop(second);
        assert!(look(&third).is_ready(), "for the next one");
        drop(third);
        assert!(queue.is_empty());
    }

    #[test]
    fn who_gives_up_behind_others_takes_nothing_from_them() {
        let queue = Queue::default();
        let (first, second) = (queue.join(), queue.join());
        drop(second);
        assert!(first.is_first() && look(&first).is_pending());
        let failure = Failure::new(ErrorKind::ConnectRefused, "nobody there");
        queue.fail_all(&failure);
        assert_eq!(look(&first), Poll::Ready(Err(failure)));
    }
}
