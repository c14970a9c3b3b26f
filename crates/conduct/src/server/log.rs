//! A server's output: masked line by line into a file, the last lines remembered.

use plimsoll_scenario::Masker;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Most that is written into the file, in bytes: a service that logs every request fills a disk.
const LARGEST: u64 = 64 << 20;
/// Longest line; a longer one is broken.
const LONGEST_LINE: u64 = 64 * 1024;
/// How many lines are remembered.
const REMEMBERED: usize = 20;
/// How long the last output of a server that has ended is waited for.
const LINGERING: Duration = Duration::from_secs(2);

/// Where the output of a server goes, also when it is started again.
#[derive(Clone)]
pub(super) struct Log(Arc<(Mutex<Inner>, Condvar)>);

struct Inner {
    file: File,
    written: u64,
    last: VecDeque<String>,
    /// Outputs that have not ended.
    open: usize,
    masker: Masker,
}

impl Log {
    pub(super) fn create(path: &Path, masker: Masker) -> io::Result<Self> {
        let inner = Inner {
            file: File::create(path)?,
            written: 0,
            last: VecDeque::new(),
            open: 0,
            masker,
        };
        Ok(Self(Arc::new((Mutex::new(inner), Condvar::new()))))
    }

    /// Follows an output to its end on a thread of its own.
    pub(super) fn follow(&self, output: Option<impl Read + Send + 'static>) {
        let Some(output) = output else { return };
        self.inner().open += 1;
        let log = self.clone();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = Vec::new();
            loop {
                line.clear();
                match (&mut output)
                    .take(LONGEST_LINE)
                    .read_until(b'\n', &mut line)
                {
                    Ok(0) | Err(_) => break,
                    Ok(_) => log.line(&String::from_utf8_lossy(&line)),
                }
            }
            log.inner().open -= 1;
            log.0.1.notify_all();
        });
    }

    pub(super) fn line(&self, line: &str) {
        let mut inner = self.inner();
        let line = inner.masker.mask(line.trim_end()).into_owned();
        if inner.written < LARGEST {
            inner.written += line.len() as u64 + 1;
            let full = inner.written >= LARGEST;
            let note = if full { "\n(the log is full)\n" } else { "\n" };
            // A full disk must not end the server.
            let _ = inner.file.write_all(format!("{line}{note}").as_bytes());
        }
        if inner.last.len() == REMEMBERED {
            inner.last.pop_front();
        }
        inner.last.push_back(line);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last lines, for an error. Of a server that has ended, what it wrote just before is waited for.
    pub(super) fn last_lines(&self, has_ended: bool) -> String {
        let inner = self.inner();
        let patience = if has_ended { LINGERING } else { Duration::ZERO };
        let waited = self
            .0
            .1
            .wait_timeout_while(inner, patience, |inner| inner.open > 0);
        let (inner, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<&str> = inner.last.iter().map(String::as_str).collect();
        lines.join("\n")
    }
}
