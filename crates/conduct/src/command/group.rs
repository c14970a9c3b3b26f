//! Process groups: waiting for their head, and ending all of them.

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
};
use std::time::{Duration, Instant};

fn pid(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}

/// Waits until a child has ended, and leaves it to be reaped: until then its number is not given away.
pub(crate) fn wait_for_exit(id: u32) {
    let Some(pid) = pid(id) else { return };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(
        waitid(WaitId::Pid(pid), options),
        Err(rustix::io::Errno::INTR)
    ) {}
}

/// Sends a signal to a group, named by its head.
pub(crate) fn signal_group(id: u32, signal: Signal) {
    if let Some(pid) = pid(id) {
        let _ = kill_process_group(pid, signal);
    }
}

/// Waits until nothing is left of a group whose head was reaped, and kills what is left after `grace`.
pub(crate) fn end_group(id: u32, grace: Duration) {
    let Some(pid) = pid(id) else { return };
    let until = Instant::now() + grace;
    while test_kill_process_group(pid).is_ok() {
        if Instant::now() >= until {
            let _ = kill_process_group(pid, Signal::KILL);
            return;
        }
        // The system says when a child has ended, but not when the last of its group has.
        std::thread::sleep(Duration::from_millis(10));
    }
}
