//! Which timer arrivals wait on.

/// How the moments at which something should start are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimerMode {
    /// One absolute timerfd per thread: some 50 µs late, at no cost. Linux only; tokio's timer
    /// takes its place elsewhere.
    Timerfd,
    /// The same, early, and then a loop that polls the clock: about a microsecond late, and burns
    /// the processors that the worker threads run on.
    Spin,
    /// Tokio's timer wheel: a millisecond late, everywhere.
    Tokio,
}

impl TimerMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Timerfd, Self::Spin, Self::Tokio];

    /// The word used on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timerfd => "timerfd",
            Self::Spin => "spin",
            Self::Tokio => "tokio",
        }
    }
}

impl Default for TimerMode {
    /// The best that costs nothing.
    fn default() -> Self {
        if cfg!(target_os = "linux") {
            Self::Timerfd
        } else {
            Self::Tokio
        }
    }
}
