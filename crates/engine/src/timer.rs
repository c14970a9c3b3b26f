//! Precise sleeping. Tokio rounds every deadline up to its 1 ms wheel, a median lateness of about a
//! millisecond; one absolute timerfd per thread is some 50 µs late; spinning for the last stretch is
//! late by about a microsecond and burns the processor. Every moment at which something *should*
//! start (an arrival, the end of a think time) is waited for here. Time limits of requests, where a
//! millisecond is nothing, are a list of their own (`deadline`).

mod alarm;
mod lateness;
mod mode;

pub use lateness::measure_timers;
pub use mode::TimerMode;

use crate::clock::Clock;
use alarm::Alarm;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// When spinning, how long before a deadline the alarm rings: more than a timerfd is usually late.
const LEAD_NS: u64 = 150_000;
/// A turn of the event loop in which nothing happened takes less.
const IDLE_TURN_NS: u64 = 5_000;

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
    alarm: Alarm,
    /// How long before a deadline the alarm rings, in nanoseconds; the rest is spun away.
    lead_ns: u64,
    /// Time that went into spinning and nothing else, in nanoseconds.
    spun_ns: Cell<u64>,
    waiting: RefCell<BinaryHeap<Reverse<Waiting>>>,
    armed: Cell<u64>,
    /// Whether the alarm is about to be set anyway.
    setting: Cell<bool>,
}

impl Timers {
    /// Needs a runtime with I/O on this thread.
    pub(crate) fn new(clock: Clock, mode: TimerMode) -> io::Result<Rc<Self>> {
        Ok(Rc::new(Self {
            clock,
            alarm: Alarm::new(mode)?,
            lead_ns: if mode == TimerMode::Spin { LEAD_NS } else { 0 },
            spun_ns: Cell::new(0),
            waiting: RefCell::default(),
            armed: Cell::new(u64::MAX),
            setting: Cell::new(false),
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

    /// Nanoseconds since the start.
    pub(crate) fn now(&self) -> u64 {
        self.clock.now()
    }

    fn arm(&self, deadline: u64) {
        self.armed.set(deadline);
        let rings = deadline.saturating_sub(self.lead_ns);
        self.alarm.set(self.clock, rings);
    }

    /// Time spent spinning so far, in nanoseconds.
    pub(crate) fn spun_ns(&self) -> u64 {
        self.spun_ns.get()
    }

    /// Polls the clock until the next deadline is due, if it is near. Each turn yields, and so looks
    /// for responses too: a thread that spins is not a thread that stands still.
    async fn spin(&self) {
        if self.lead_ns == 0 {
            return;
        }
        let mut before = self.clock.now();
        loop {
            let next = self.waiting.borrow().peek().map(|next| next.0.deadline);
            let is_near = |next: u64| next > before && next - before <= 2 * self.lead_ns;
            if !next.is_some_and(is_near) {
                return;
            }
            tokio::task::yield_now().await;
            let now = self.clock.now();
            // A longer turn was somebody's work.
            if now - before < IDLE_TURN_NS {
                self.spun_ns.set(self.spun_ns.get() + now - before);
            }
            before = now;
        }
    }

    /// Wakes whatever is due; whether anything was.
    fn wake_due(&self) -> bool {
        let now = self.clock.now();
        let mut waiting = self.waiting.borrow_mut();
        let mut is_any_due = false;
        while waiting.peek().is_some_and(|next| next.0.deadline <= now) {
            is_any_due = true;
            if let Some(Reverse(due)) = waiting.pop()
                && let Some(waker) = due.waker.borrow_mut().take()
            {
                waker.wake();
            }
        }
        is_any_due
    }

    /// Wakes whatever is due, for as long as the thread lives.
    pub(crate) async fn drive(self: Rc<Self>) {
        loop {
            let armed = self.armed.get();
            let rings = armed.saturating_sub(self.lead_ns);
            // An unset alarm stays unset.
            let rings = if armed == u64::MAX { armed } else { rings };
            self.alarm.rang(self.clock, rings).await;
            self.spin().await;
            self.armed.set(u64::MAX);
            let is_any_due = self.wake_due();
            if is_any_due {
                // Whoever was woken mostly waits again at once: one setting of the alarm will do.
                self.setting.set(true);
                after_the_others().await;
                self.setting.set(false);
            }
            let next = self.waiting.borrow().peek().map(|next| next.0.deadline);
            if let Some(next) = next {
                self.arm(next);
            }
        }
    }
}

/// Lets the tasks that can run now have their turn. Other than a yield, it does not look for events.
async fn after_the_others() {
    let mut is_first = true;
    poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
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
                if !self.timers.setting.get() && self.deadline < self.timers.armed.get() {
                    self.timers.arm(self.deadline);
                    self.timers.alarm.nudge();
                }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wakes_in_order_of_deadlines_and_never_early() {
        TimerMode::ALL.into_iter().for_each(wakes_in_order);
    }

    fn wakes_in_order(mode: TimerMode) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async {
            let clock = Clock::starting_in(0);
            let timers = Timers::new(clock, mode).unwrap();
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
            let timers = Timers::new(Clock::starting_in(0), TimerMode::default()).unwrap();
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
