//! The one monotonic clock of a test: nanoseconds since its start.

use rustix::time::{ClockId, clock_gettime};

/// A clock that all threads share by copying. Reading it is a vDSO call, not a system call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    epoch_ns: u64,
}

impl Clock {
    /// A clock whose zero is `lead_ns` from now, so that every thread is ready when it strikes.
    pub(crate) fn starting_in(lead_ns: u64) -> Self {
        Self {
            epoch_ns: monotonic_ns() + lead_ns,
        }
    }

    /// Nanoseconds since the start; 0 before it.
    pub(crate) fn now(self) -> u64 {
        monotonic_ns().saturating_sub(self.epoch_ns)
    }

    /// Blocks the thread until the clock strikes zero. Nothing may start before: a start that has no
    /// time of its own could not be timed.
    pub(crate) fn wait_for_start(self) {
        loop {
            let left = self.epoch_ns.saturating_sub(monotonic_ns());
            if left == 0 {
                return;
            }
            // A couple of milliseconds, before there is any user whom the sleep could delay.
            std::thread::sleep(std::time::Duration::from_nanos(left));
        }
    }

    /// The same instant on the system's monotonic clock, for an absolute timer.
    pub(crate) fn absolute(self, at: u64) -> u64 {
        self.epoch_ns.saturating_add(at)
    }
}

/// `CLOCK_MONOTONIC` in nanoseconds.
pub(crate) fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    // Both parts are non-negative on this clock.
    (now.tv_sec as u64) * 1_000_000_000 + now.tv_nsec as u64
}

/// The processor time of the calling thread in nanoseconds.
pub(crate) fn thread_cpu_ns() -> u64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    (spent.tv_sec as u64) * 1_000_000_000 + spent.tv_nsec as u64
}
