//! Precise sleeping. Tokio rounds every deadline up to its 1 ms wheel, a median lateness of about a
//! millisecond; one absolute timerfd per thread is some 50 µs late. Every moment at which something
//! *should* start (an arrival, the end of a think time) is waited for here; request timeouts, where
//! a millisecond is nothing, stay with tokio.

use crate::clock::Clock;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

struct Waiting {
    deadline: u64,
    waker: Rc<RefCell<Option<Waker>>>,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.deadline == other.deadline
    }
}
impl Eq for Waiting {}
impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.deadline.cmp(&other.deadline)
    }
}

/// A thread's queue of deadlines, driven by one timer.
pub(crate) struct Timers {
    clock: Clock,
    alarm: alarm::Alarm,
    waiting: RefCell<BinaryHeap<Reverse<Waiting>>>,
    armed: Cell<u64>,
}

impl Timers {
    /// Needs a runtime with I/O on this thread.
    pub(crate) fn new(clock: Clock) -> io::Result<Rc<Self>> {
        Ok(Rc::new(Self {
            clock,
            alarm: alarm::Alarm::new()?,
            waiting: RefCell::default(),
            armed: Cell::new(u64::MAX),
        }))
    }

    /// Waits until `deadline` (nanoseconds since the start); at once if it is past.
    pub(crate) fn sleep_until(self: &Rc<Self>, deadline: u64) -> Sleep {
        Sleep {
            timers: self.clone(),
            deadline,
            waker: None,
        }
    }

    fn arm(&self, deadline: u64) {
        if deadline < self.armed.get() {
            self.armed.set(deadline);
            self.alarm.set(self.clock, deadline);
        }
    }

    /// Wakes whatever is due, for as long as the thread lives.
    pub(crate) async fn drive(self: Rc<Self>) {
        loop {
            self.alarm.rang(self.clock, self.armed.get()).await;
            self.armed.set(u64::MAX);
            let now = self.clock.now();
            let mut waiting = self.waiting.borrow_mut();
            while waiting.peek().is_some_and(|next| next.0.deadline <= now) {
                if let Some(Reverse(due)) = waiting.pop()
                    && let Some(waker) = due.waker.borrow_mut().take()
                {
                    waker.wake();
                }
            }
            let next = waiting.peek().map(|next| next.0.deadline);
            drop(waiting);
            if let Some(next) = next {
                self.arm(next);
            }
        }
    }
}

/// A wait for one deadline.
pub(crate) struct Sleep {
    timers: Rc<Timers>,
    deadline: u64,
    waker: Option<Rc<RefCell<Option<Waker>>>>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.timers.clock.now() >= self.deadline {
            return Poll::Ready(());
        }
        match &self.waker {
            Some(slot) => {
                let mut slot = slot.borrow_mut();
                match &mut *slot {
                    Some(waker) => waker.clone_from(context.waker()),
                    none => *none = Some(context.waker().clone()),
                }
            }
            None => {
                let slot = Rc::new(RefCell::new(Some(context.waker().clone())));
                self.timers.waiting.borrow_mut().push(Reverse(Waiting {
                    deadline: self.deadline,
                    waker: slot.clone(),
                }));
                self.waker = Some(slot);
                self.timers.arm(self.deadline);
            }
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        // The entry stays in the heap until it is due; without a waker it wakes nobody.
        if let Some(slot) = &self.waker {
            slot.borrow_mut().take();
        }
    }
}

#[cfg(target_os = "linux")]
mod alarm {
    use crate::clock::Clock;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::os::fd::OwnedFd;
    use tokio::io::unix::AsyncFd;

    /// One absolute timerfd.
    pub(super) struct Alarm(AsyncFd<OwnedFd>);

    impl Alarm {
        pub(super) fn new() -> io::Result<Self> {
            let timer = timerfd_create(
                TimerfdClockId::Monotonic,
                TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
            )?;
            #[expect(
                deprecated,
                reason = "`register` is an unsafe fn; an OwnedFd keeps the promise that it asks for"
            )]
            Ok(Self(AsyncFd::new(timer)?))
        }

        pub(super) fn set(&self, clock: Clock, deadline: u64) {
            // All zeroes would disarm it.
            let at = clock.absolute(deadline).max(1);
            let value = Itimerspec {
                it_interval: Timespec {
                    tv_sec: 0,
                    tv_nsec: 0,
                },
                it_value: Timespec {
                    tv_sec: (at / 1_000_000_000).cast_signed(),
                    tv_nsec: (at % 1_000_000_000).cast_signed() as _,
                },
            };
            // It can only fail for a bad descriptor or time, and neither can be had here.
            let _ = timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::ABSTIME, &value);
        }

        pub(super) async fn rang(&self, _clock: Clock, _armed: u64) {
            loop {
                let Ok(mut ready) = self.0.readable().await else {
                    return;
                };
                let read = ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut [0_u8; 8])?));
                if matches!(read, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod alarm {
    use crate::clock::Clock;
    use std::io;
    use std::time::Duration;
    use tokio::sync::Notify;

    /// Where there is no timerfd: tokio's own timer, a millisecond coarser.
    pub(super) struct Alarm(Notify);

    impl Alarm {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self(Notify::new()))
        }

        pub(super) fn set(&self, _clock: Clock, _deadline: u64) {
            self.0.notify_one();
        }

        pub(super) async fn rang(&self, clock: Clock, armed: u64) {
            if armed == u64::MAX {
                self.0.notified().await;
                return;
            }
            let wait = Duration::from_nanos(armed.saturating_sub(clock.now()));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.0.notified() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wakes_in_order_of_deadlines_and_never_early() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async {
            let clock = Clock::starting_in(0);
            let timers = Timers::new(clock).unwrap();
            tokio::task::spawn_local(timers.clone().drive());
            let order = Rc::new(RefCell::new(Vec::new()));
            let tasks: Vec<_> = [3_000_000_u64, 1_000_000, 2_000_000, 0]
                .into_iter()
                .map(|deadline| {
                    let (timers, order) = (timers.clone(), order.clone());
                    tokio::task::spawn_local(async move {
                        timers.sleep_until(deadline).await;
                        assert!(clock.now() >= deadline);
                        order.borrow_mut().push(deadline);
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            assert_eq!(*order.borrow(), [0, 1_000_000, 2_000_000, 3_000_000]);
        });
    }

    #[test]
    fn a_dropped_sleep_does_not_disturb_the_others() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async {
            let timers = Timers::new(Clock::starting_in(0)).unwrap();
            tokio::task::spawn_local(timers.clone().drive());
            let mut dropped = timers.sleep_until(1_000_000);
            std::future::poll_fn(|context| {
                assert!(Pin::new(&mut dropped).poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
            drop(dropped);
            timers.sleep_until(2_000_000).await;
        });
    }
}
