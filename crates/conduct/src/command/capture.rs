//! Takes in what a program writes, as fast as it writes, and keeps the start.

use super::LONGEST_OUTPUT;
use plimsoll_scenario::Masker;
use std::io::Read;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What is read beyond the limit, so that a secret that lies across the limit is seen whole.
const MARGIN: usize = 4 * 1024;

/// Most that is read of an output, in bytes.
pub(crate) const MOST_READ: u64 = (LONGEST_OUTPUT + MARGIN) as u64;

/// An output that is being read by a thread of its own.
pub(super) struct Capture {
    kept: Arc<Mutex<Vec<u8>>>,
    ended: Receiver<()>,
}

impl Capture {
    /// Begins to read. The thread goes on until the end of the output, whoever still waits for it: a
    /// service that a script leaves behind is not killed by a closed pipe.
    pub(super) fn begin(output: Option<impl Read + Send + 'static>) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (sender, ended) = channel();
        let into = Arc::clone(&kept);
        if let Some(mut output) = output {
            std::thread::spawn(move || {
                let mut buffer = [0; 8 * 1024];
                loop {
                    match output.read(&mut buffer) {
                        Ok(0) => break,
                        Ok(count) => {
                            let mut kept = into.lock().unwrap_or_else(PoisonError::into_inner);
                            let room = (LONGEST_OUTPUT + MARGIN).saturating_sub(kept.len());
                            kept.extend_from_slice(&buffer[..count.min(room)]);
                        }
                        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                        Err(_) => break,
                    }
                }
                let _ = sender.send(());
            });
        }
        Self { kept, ended }
    }

    /// What came until the end of the output, or until then.
    pub(super) fn collect(self, until: Instant) -> Vec<u8> {
        let patience = until.saturating_duration_since(Instant::now());
        let _ = self.ended.recv_timeout(patience);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *kept)
    }
}

/// Output as it may be shown: masked, then cut.
pub(crate) fn shown(raw: &[u8], masker: &Masker) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut masked = masker.mask(&text).into_owned();
    if raw.len() > LONGEST_OUTPUT {
        // What lies across the end of what was read may be part of a secret.
        let keep = masked.len().saturating_sub(MARGIN).min(LONGEST_OUTPUT);
        masked.truncate(crate::text::boundary(&masked, keep));
        masked.push_str("\n(cut)");
    }
    masked
}
