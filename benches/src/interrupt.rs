//! Ctrl-C: whoever waits for a program looks here, gives up, and its guards end what was started.

use anyhow::{Context, ensure};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

static WAS_ASKED: AtomicBool = AtomicBool::new(false);

/// How often a wait looks whether it is over. Rare enough to disturb nobody's processor.
const LOOK: Duration = Duration::from_millis(10);

/// From now on SIGINT and SIGTERM end no process at once, but make [`check`] fail.
///
/// # Errors
/// When signals cannot be listened to.
pub fn watch() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot listen to signals")?;
    let (ready, is_ready) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime.block_on(async {
            let signals = signal(SignalKind::interrupt())
                .and_then(|interrupt| Ok((interrupt, signal(SignalKind::terminate())?)));
            let (mut interrupt, mut terminate) = match signals {
                Ok(signals) => signals,
                Err(problem) => return drop(ready.send(Err(problem))),
            };
            let _ = ready.send(Ok(()));
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            WAS_ASKED.store(true, Ordering::SeqCst);
        });
    });
    is_ready.recv()?.context("cannot listen to signals")
}

/// Goes on, unless somebody wants this to end.
///
/// # Errors
/// When somebody does.
pub fn check() -> anyhow::Result<()> {
    ensure!(!WAS_ASKED.load(Ordering::SeqCst), "interrupted");
    Ok(())
}

/// Whether somebody wants this to end.
pub fn was_asked() -> bool {
    WAS_ASKED.load(Ordering::SeqCst)
}

/// Waits, unless somebody wants this to end.
///
/// # Errors
/// When somebody does.
pub fn sleep(duration: Duration) -> anyhow::Result<()> {
    let until = Instant::now() + duration;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        check()?;
        // In short rests, because nothing wakes a thread that sleeps when somebody asks for the end.
        std::thread::sleep(left.min(LOOK));
    }
    check()
}
