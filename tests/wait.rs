//! Waiting for what another process does.

use std::time::{Duration, Instant};

/// Waits for something that will happen, and fails the test if it does not within two minutes.
///
/// The condition is asked for again and again, with a short rest so as not to take the processor from
/// the program under test; no test depends on how long the rest is.
///
/// # Panics
/// When it does not happen.
#[track_caller]
pub fn wait_for<T>(what: &str, mut happened: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(result) = happened() {
            return result;
        }
        assert!(Instant::now() < deadline, "in time: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
