//! The one thing that wakes a thread's timers.

use super::TimerMode;
use crate::clock::Clock;
use std::io;
use std::time::Duration;
use tokio::sync::Notify;

/// One alarm, which is set again and again.
pub(super) enum Alarm {
    #[cfg(target_os = "linux")]
    Timerfd(timerfd::Timerfd),
    Tokio(Notify),
}

impl Alarm {
    /// Needs a runtime with I/O on this thread.
    pub(super) fn new(mode: TimerMode) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if mode != TimerMode::Tokio {
            return Ok(Self::Timerfd(timerfd::Timerfd::new()?));
        }
        let _ = mode;
        Ok(Self::Tokio(Notify::new()))
    }

    /// Makes it ring at `at` (nanoseconds since the start) rather than when it was to ring before.
    /// Whoever waits for it already has to be [nudged](Self::nudge) besides.
    pub(super) fn set(&self, clock: Clock, at: u64) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Timerfd(timer) => timer.set(clock, at),
            // It is set by waiting for it.
            Self::Tokio(_) => {
                let _ = (clock, at);
            }
        }
    }

    /// Tells whoever waits for it that it has been set to another time.
    pub(super) fn nudge(&self) {
        match self {
            // The kernel does.
            #[cfg(target_os = "linux")]
            Self::Timerfd(_) => {}
            Self::Tokio(changed) => changed.notify_one(),
        }
    }

    /// Waits until it rings, or, where it cannot be set from outside, until it is set anew. `rings`
    /// is when it is to ring; `u64::MAX`: it is not set.
    pub(super) async fn rang(&self, clock: Clock, rings: u64) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Timerfd(timer) => timer.rang().await,
            Self::Tokio(changed) if rings == u64::MAX => changed.notified().await,
            Self::Tokio(changed) => {
                let wait = Duration::from_nanos(rings.saturating_sub(clock.now()));
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = changed.notified() => {}
                }
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod timerfd {
    use crate::clock::Clock;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::os::fd::OwnedFd;
    use tokio::io::unix::AsyncFd;

    /// One absolute timerfd.
    pub(in crate::timer) struct Timerfd(AsyncFd<OwnedFd>);

    impl Timerfd {
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

        pub(super) fn set(&self, clock: Clock, at: u64) {
            // All zeroes would disarm it.
            let at = clock.absolute(at).max(1);
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

        /// It is not read: setting it anew takes back what it has counted, and each time that it goes
        /// off is an event of its own, because the event loop's descriptors are edge-triggered.
        pub(super) async fn rang(&self) {
            if let Ok(mut ready) = self.0.readable().await {
                ready.clear_ready();
            }
        }
    }
}
