//! What one run of a generator showed.

use plimsoll_benches::program::{Cpu, Finished};

/// What one run of a generator showed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measured {
    /// Requests that were answered as they should, by the generator's own account.
    pub(crate) completed: u64,
    /// Requests that were not, by the generator's own account.
    pub(crate) failed: u64,
    /// Requests that were sent and are in neither, on purpose.
    pub(crate) left_out: u64,
    /// What the generator used of the processor.
    pub(crate) cpu: Cpu,
    /// From start to end, in seconds.
    pub(crate) seconds: f64,
    /// The median response time that it reports, in microseconds.
    pub(crate) median_us: Option<f64>,
    /// The median time by which it sent late, in microseconds, where it says so.
    pub(crate) lag_us: Option<f64>,
}

impl Measured {
    /// What a generator that is over used, for so many requests.
    pub(crate) fn of(finished: &Finished, completed: u64, failed: u64) -> Self {
        Self {
            completed,
            failed,
            cpu: finished.cpu,
            seconds: finished.wall.as_secs_f64(),
            ..Self::default()
        }
    }

    /// Time on the processor for each completed request, in microseconds.
    pub(crate) fn cpu_us(&self) -> f64 {
        self.cpu.total_us() / self.completed as f64
    }

    /// The part of it that the program itself used.
    pub(crate) fn user_us(&self) -> f64 {
        self.cpu.user_us / self.completed as f64
    }
}
