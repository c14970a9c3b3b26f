//! How late a machine's timers are.

use super::{TimerMode, Timers};
use crate::clock::Clock;
use crate::run::local_runtime;
use plimsoll_measure::{Histogram, Precision};
use plimsoll_schedule::SplitMix64;
use std::io;

/// Gaps between deadlines: from this on, up to this much more, in nanoseconds.
const SHORTEST_GAP_NS: f64 = 200_000.0;
const SPREAD_NS: f64 = 1_600_000.0;

/// Waits `count` times, 0.2 to 1.8 ms each, on an idle thread of its own, and says how late each wait
/// ended, in nanoseconds. Takes about a millisecond a time.
///
/// # Errors
/// When there is no thread, runtime or timer to be had.
pub fn measure_timers(mode: TimerMode, count: usize) -> io::Result<Histogram> {
    let thread = std::thread::Builder::new()
        .name("timers".to_owned())
        .spawn(move || wait(mode, count))?;
    thread
        .join()
        .map_err(|_| io::Error::other("the thread that measured timers panicked"))?
}

fn wait(mode: TimerMode, count: usize) -> io::Result<Histogram> {
    local_runtime(mode)?.block_on(async {
        let clock = Clock::starting_in(0);
        let timers = Timers::new(clock, mode)?;
        tokio::task::spawn_local(timers.clone().drive());
        let numbers = SplitMix64::new(1);
        let mut lateness = Histogram::new(Precision::Fine);
        for wait in 0..count {
            let gap = SHORTEST_GAP_NS + SPREAD_NS * numbers.uniform(wait as u64);
            let deadline = clock.now() + gap as u64;
            timers.sleep_until(deadline).await;
            lateness.record(clock.now().saturating_sub(deadline));
        }
        Ok(lateness)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wait_of_every_mode_is_measured() {
        for mode in TimerMode::ALL {
            assert_eq!(measure_timers(mode, 5).unwrap().count(), 5, "{mode:?}");
        }
    }
}
