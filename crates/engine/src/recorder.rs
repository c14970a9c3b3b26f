//! How observations leave a worker thread: in batches, so that threads meet a few times a second and
//! never for a single request. A full batch is swapped for an empty one that has been used before.

use crate::clock;
use crate::served::{Counts, Served};
use plimsoll_measure::{ErrorKind, Sample, Series};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

/// One failure, for people: what was asked and what came back. Masked, and cut to a few KiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The step.
    pub series: Series,
    /// What kind of failure.
    pub kind: ErrorKind,
    /// When it was over, in nanoseconds since the start.
    pub at_ns: u64,
    /// The response's status; 0 where none came.
    pub status: u16,
    /// What was wrong.
    pub text: String,
    /// Request line and headers.
    pub request: String,
    /// Status line, headers and the beginning of the body; empty where nothing came.
    pub response: String,
}

/// How many examples of one kind are kept of a step.
pub(crate) const EXAMPLES: u8 = 5;
/// A batch this large does not wait for the next hand-over.
const FULL: usize = 4096;

/// How long a batch is waited for that the collector should give back.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a worker has seen since the last batch.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) worker: usize,
    pub(crate) samples: Vec<Sample>,
    /// By second of the intended time and there by series: how many were asked for, counted when
    /// they were, not when they ended.
    pub(crate) intended: Vec<(u64, Vec<u32>)>,
    /// How late each beat of the heart was, in nanoseconds.
    pub(crate) beats: Vec<u64>,
    /// The thread's processor time at the hand-over, less what was spun away, and the time then, in nanoseconds.
    pub(crate) cpu: (u64, u64),
    pub(crate) examples: Vec<Example>,
    pub(crate) served: Vec<Served>,
    /// Requests without an answer at the hand-over.
    pub(crate) in_flight: u64,
    /// Users there were at the hand-over.
    pub(crate) users: u64,
}

/// A worker's end of the exchange of batches.
pub(crate) struct Recorder {
    batch: RefCell<Batch>,
    full: Sender<Batch>,
    spare: Receiver<Batch>,
    /// A batch that was waited for.
    kept: Cell<Option<Batch>>,
    examples: RefCell<HashMap<(Series, ErrorKind), u8>>,
    served: RefCell<Counts>,
    in_flight: Cell<u64>,
    users: Cell<u64>,
    spun_ns: Cell<u64>,
    worker: usize,
    series: usize,
}

impl Recorder {
    pub(crate) fn new(
        worker: usize,
        series: usize,
        full: Sender<Batch>,
        spare: Receiver<Batch>,
    ) -> Self {
        let recorder = Self {
            batch: RefCell::default(),
            full,
            spare,
            kept: Cell::default(),
            examples: RefCell::default(),
            served: RefCell::default(),
            in_flight: Cell::new(0),
            users: Cell::new(0),
            spun_ns: Cell::new(0),
            worker,
            series,
        };
        recorder.batch.replace(recorder.empty());
        recorder
    }

    fn empty(&self) -> Batch {
        let spare = self.kept.take().or_else(|| self.spare.try_recv().ok());
        let mut batch = spare.unwrap_or_default();
        batch.worker = self.worker;
        batch.intended.clear();
        batch.beats.clear();
        batch
    }

    /// Which worker's it is.
    pub(crate) fn worker(&self) -> usize {
        self.worker
    }

    /// Counts a request or journey as asked for, at its intended time.
    pub(crate) fn intend(&self, series: Series, intended: u64) {
        let second = intended / 1_000_000_000;
        let intended = &mut self.batch.borrow_mut().intended;
        // The second that is passing is the last one, or nearly so.
        let at = match intended.iter().rposition(|(known, _)| *known == second) {
            Some(at) => at,
            None => {
                intended.push((second, vec![0; self.series]));
                intended.len() - 1
            }
        };
        if let Some(count) = intended[at].1.get_mut(series.0 as usize) {
            *count += 1;
        }
    }

    /// Notes how late the heart beat.
    pub(crate) fn beat(&self, late_ns: u64) {
        self.batch.borrow_mut().beats.push(late_ns);
    }

    /// Files an observation. Says whether a batch was full, and is on its way.
    pub(crate) fn record(&self, sample: Sample) -> bool {
        let mut batch = self.batch.borrow_mut();
        batch.samples.push(sample);
        let is_full = batch.samples.len() >= FULL;
        drop(batch);
        if is_full {
            self.hand_over();
        }
        is_full
    }

    /// Waits until a batch has come back, or there is no hope of it: for whoever files millions at once, which the
    /// collector takes more slowly, so that they do not pile up in memory.
    pub(crate) fn wait_for_collector(&self) {
        self.kept.set(self.spare.recv_timeout(PATIENCE).ok());
    }

    /// Keeps an example unless there are enough of its kind.
    pub(crate) fn exemplify(
        &self,
        series: Series,
        kind: ErrorKind,
        example: impl FnOnce() -> Example,
    ) {
        let mut examples = self.examples.borrow_mut();
        let count = examples.entry((series, kind)).or_default();
        if *count < EXAMPLES {
            *count += 1;
            self.batch.borrow_mut().examples.push(example());
        }
    }

    /// Counts a response by a header that names the build.
    pub(crate) fn serve(&self, header: usize, target: usize, value: Option<&[u8]>, now: u64) {
        self.served.borrow_mut().count(header, target, value, now);
    }

    /// Counts a request as sent and unanswered.
    pub(crate) fn enter(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    /// Counts it as settled.
    pub(crate) fn leave(&self) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
    }

    /// Sets the number of users there are.
    pub(crate) fn set_users(&self, users: u64) {
        self.users.set(users);
    }

    /// Sets how much processor time went into nothing but accuracy, which is not work.
    pub(crate) fn set_spun(&self, ns: u64) {
        self.spun_ns.set(ns);
    }

    /// Hands the batch over, whatever is in it.
    pub(crate) fn hand_over(&self) {
        let empty = self.empty();
        let mut batch = self.batch.replace(empty);
        batch.served = self.served.borrow_mut().take();
        batch.in_flight = self.in_flight.get();
        batch.users = self.users.get();
        let worked = clock::thread_cpu_ns().saturating_sub(self.spun_ns.get());
        batch.cpu = (worked, clock::monotonic_ns());
        // Without a collector the run is over, and nobody is left to tell.
        let _ = self.full.send(batch);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.hand_over();
    }
}
