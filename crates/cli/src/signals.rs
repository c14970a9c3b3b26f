//! Ctrl-C: the first stops arrivals and lets the run end in order, the second ends the program.

use plimsoll_engine::Stop;
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a run that a person ended at once (128 + SIGINT).
const EXIT_CODE: i32 = 130;

/// The reason of a run that a person ended.
pub(crate) const INTERRUPTED: &str = "SIGINT, SIGTERM or SIGHUP";

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
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                        _ = hangup.recv() => {}
                    }
                    match noticed.take() {
                        Some(noticed) => {
                            stop.stop();
                            noticed();
                        }
                        None => {
                            for sentence in plimsoll_conduct::undo_pending_now() {
                                crate::terminal::complain(&sentence);
                            }
                            std::process::exit(EXIT_CODE)
                        }
                    }
                }
            });
        })?;
    Ok(())
}
