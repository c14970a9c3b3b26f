//! What the target's own processes use while a test runs, once a second.

mod fold;
mod process;

use crate::fetch::Fetch;
use crate::metrics::{Names, read};
use fold::Folded;
use plimsoll_report::document::{ResourcePoint, Resources};
use plimsoll_scenario::Masker;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Most points of a course. More are folded: two neighbours become one.
pub const MOST_POINTS: usize = 1_000;
/// The time between two looks.
const PERIOD: Duration = Duration::from_secs(1);
/// How long a metrics page may take.
const PAGE_TIMEOUT: Duration = Duration::from_millis(900);

/// What was seen at a look.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Look {
    /// Which process or counter it is: processor time of another does not follow on.
    generation: u64,
    processor_seconds: Option<f64>,
    rss_bytes: Option<u64>,
    descriptors: Option<u64>,
}

/// Looks at something once a second, on a thread of its own, from when it is made until it is finished.
pub struct Sampler {
    source: String,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<Vec<ResourcePoint>>>,
}

impl Sampler {
    /// Watches a process, its descendants, and what else is in its group. `process` tells its number, which may
    /// change. `program` is what it is called in the document, without secrets; `started` is when the test began.
    pub fn of_process(
        process: impl Fn() -> Option<u32> + Send + 'static,
        program: &str,
        started: Instant,
    ) -> Self {
        let source = match process() {
            Some(id) => format!("process {id} ({program})"),
            None => format!("process ({program})"),
        };
        let mut times = process::Times::default();
        Self::begin(source, started, move || times.look(process()?))
    }

    /// Scrapes a metrics page in the text format of Prometheus. `masker` hides what is secret in its URL.
    pub fn of_metrics(
        url: &str,
        names: Names,
        fetch: Arc<dyn Fetch>,
        masker: &Masker,
        started: Instant,
    ) -> Self {
        let source = format!("metrics {}", masker.mask(url));
        let url = url.to_owned();
        Self::begin(source, started, move || {
            let page = fetch.get(&url, PAGE_TIMEOUT).ok()?;
            let page = page.is_success().then_some(page)?;
            let values = read(&String::from_utf8_lossy(&page.body), &names);
            Some(Look {
                generation: 0,
                processor_seconds: values.processor_seconds,
                rss_bytes: values.rss_bytes.map(|bytes| bytes as u64),
                descriptors: values.descriptors.map(|count| count as u64),
            })
        })
    }

    /// Watches the processor time of something that tells it itself.
    pub fn of_processor_time(
        source: &str,
        used: impl Fn() -> Option<Duration> + Send + 'static,
        started: Instant,
    ) -> Self {
        Self::begin(source.to_owned(), started, move || {
            Some(Look {
                processor_seconds: Some(used()?.as_secs_f64()),
                ..Look::default()
            })
        })
    }

    fn begin(
        source: String,
        started: Instant,
        look: impl FnMut() -> Option<Look> + Send + 'static,
    ) -> Self {
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || watch(started, &stopped, look));
        Self {
            source,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Looks a last time and says what was seen, and how often the process was started again.
    pub fn finish(mut self, restarts: u64) -> Resources {
        self.stop = None;
        let points = self.thread.take().and_then(|thread| thread.join().ok());
        Resources {
            source: std::mem::take(&mut self.source),
            restarts,
            points: points.unwrap_or_default(),
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(
    started: Instant,
    stopped: &Receiver<()>,
    mut look: impl FnMut() -> Option<Look>,
) -> Vec<ResourcePoint> {
    let mut folded = Folded::default();
    let mut next = Instant::now();
    loop {
        if let Some(seen) = look() {
            folded.add(started.elapsed(), seen);
        }
        // To the next whole second from the beginning on; those that were missed are left out.
        while next <= Instant::now() {
            next += PERIOD;
        }
        let left = next.saturating_duration_since(Instant::now());
        if stopped.recv_timeout(left) != Err(RecvTimeoutError::Timeout) {
            if let Some(seen) = look() {
                folded.add(started.elapsed(), seen);
            }
            return folded.points();
        }
    }
}

#[cfg(test)]
mod tests;
