//! A process that ends a server when we are gone, so that nobody measures what a killed run left behind.

use crate::pending::UNLESS_TOLD;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};

/// The server's process group has five seconds to end.
const END: &str = "\
    kill -s TERM -- \"-$1\"; left=50; \
    while [ $left -gt 0 ] && kill -s 0 -- \"-$1\"; do sleep 0.1; left=$((left - 1)); done; \
    kill -s KILL -- \"-$1\"";

/// What a server hangs on. Dropping it lets go of the server.
pub(super) struct Leash {
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Leash {
    /// Puts a process group on a leash. `None` where there is no shell: then a killed run leaves its server.
    pub(super) fn on(group: u32) -> Option<Self> {
        let mut child = Command::new("sh")
            .args(["-c", UNLESS_TOLD, "leash"])
            .args(["sh", "-c", END, "end", &group.to_string()])
            // Out of reach of Ctrl-C.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let pipe = child.stdin.take();
        Some(Self { child, pipe })
    }

    #[cfg(test)]
    pub(super) fn forget_for_test(&mut self) {
        drop(self.pipe.take());
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.pipe.take() {
            let _ = pipe.write_all(b"gone\n");
        }
        let _ = self.child.wait();
    }
}
