//! Ctrl-C: the first stops arrivals and lets the run end in order, the second ends the program.

use plimsoll_engine::Stop;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a run that a person ended at once (128 + SIGINT).
pub(crate) const EXIT_CODE: u8 = 130;

/// The reason of a run that a person ended.
pub(crate) const INTERRUPTED: &str = "SIGINT, SIGTERM or SIGHUP";

/// What comes so soon after the first is the same request to end: `timeout` and service managers signal a program
/// and then its whole group. Nobody presses Ctrl-C twice as fast.
const SAME_REQUEST: Duration = Duration::from_millis(100);

/// Listens for SIGINT, SIGTERM and SIGHUP (the terminal is gone) for as long as the program runs. `noticed` is called for the first.
pub(crate) fn listen(stop: Stop, noticed: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let (mut interrupt, mut terminate, mut hangup) = {
        let _entered = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        )
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            runtime.block_on(async {
                let mut noticed = Some(noticed);
                let mut first = Instant::now();
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                        _ = hangup.recv() => {}
                    }
                    match noticed.take() {
                        Some(noticed) => {
                            first = Instant::now();
                            stop.stop();
                            noticed();
                        }
                        None if first.elapsed() < SAME_REQUEST => {}
                        None => {
                            for sentence in plimsoll_conduct::undo_pending_now() {
                                crate::terminal::complain(&sentence);
                            }
                            std::process::exit(i32::from(EXIT_CODE))
                        }
                    }
                }
            });
        })?;
    Ok(())
}
