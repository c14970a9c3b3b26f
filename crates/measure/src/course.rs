//! How what a threshold is about went over time: for the dependence between its samples, for
//! sliding windows, and for stopping early.

use crate::folding::{Fold, Folding};
use crate::judge::{Rules, State};
use crate::sample::{Outcome, Sample};
use crate::statistics::design::{self, Batch, Dependence};
use crate::tally::Watched;
use crate::threshold::Metric;
use crate::window::{SlidingWindow, Stretch};
use std::collections::BTreeMap;

/// The width of a batch at first. Short runs need short batches, or they have too few of them.
const BATCH_NS: u64 = 100_000_000;
/// The most batches: after 102 s they become 200 ms wide, and so on.
const MOST_BATCHES: usize = 1024;
const SECOND_NS: u64 = 1_000_000_000;

/// What was counted in one batch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Bin {
    batch: Batch,
    ok: u64,
    /// The sum of the response times of successes, in nanoseconds.
    response_ns: f64,
}

impl Fold for Bin {
    fn fold(&mut self, later: Self) {
        self.batch.n += later.batch.n;
        self.batch.exceeding += later.batch.exceeding;
        self.ok += later.ok;
        self.response_ns += later.response_ns;
    }
}

/// The course of what one threshold is about.
#[derive(Debug)]
pub struct Course {
    watched: Watched,
    slow_from: Option<u64>,
    bins: Folding<Bin>,
    window: Option<SlidingWindow>,
    /// Seconds of which something may still be under way, for the window.
    open: BTreeMap<u64, Stretch>,
    /// Everything that was intended in the seconds before has ended.
    settled: u64,
}

/// What a threshold on events per second is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Events {
    /// How many there were.
    pub(crate) counted: u64,
    /// Of so many requests.
    pub(crate) intended: u64,
    /// In so many nanoseconds.
    pub(crate) elapsed_ns: u64,
}

impl Course {
    /// Nothing seen yet, of a run whose first `warmup_ns` nanoseconds are declared to be warm-up.
    pub(crate) fn new(watched: Watched, warmup_ns: u64) -> Self {
        let first_second = warmup_ns.div_ceil(SECOND_NS);
        Self {
            slow_from: watched.threshold.slow_from(),
            window: SlidingWindow::new(&watched.threshold, first_second),
            bins: Folding::new(BATCH_NS, MOST_BATCHES),
            open: BTreeMap::new(),
            settled: 0,
            watched,
        }
    }

    /// Which samples, held against what.
    pub const fn watched(&self) -> &Watched {
        &self.watched
    }

    pub(crate) fn record(&mut self, sample: &Sample, late_from: Option<u64>) {
        let is_ok = sample.outcome == Outcome::Ok;
        let response = sample.response();
        let is_slow = !is_ok || self.slow_from.is_some_and(|from| response >= from);
        let is_late = is_ok && late_from.is_some_and(|from| response >= from);
        let exceeds = match self.watched.threshold.metric {
            Metric::Quantile { .. } => is_slow,
            Metric::Timeouts => sample.outcome == Outcome::Timeout,
            Metric::Shed => sample.outcome == Outcome::Shed,
            Metric::Errors | Metric::Max | Metric::Mean => !is_ok,
            Metric::Goodput => !is_ok || is_late,
            Metric::Rate => matches!(sample.outcome, Outcome::Dropped | Outcome::InFlight),
        };
        let bin = self.bins.at(sample.intended);
        bin.batch.n += 1;
        bin.batch.exceeding += u64::from(exceeds);
        if is_ok {
            bin.ok += 1;
            bin.response_ns += response as f64;
        }
        if self.window.is_some() {
            // What was sent so late that its second has been looked at counts in the next one.
            let second = (sample.intended / SECOND_NS).max(self.settled);
            let stretch = self.open.entry(second).or_default();
            stretch.add_end(sample, self.slow_from.is_some() && is_slow, is_late);
        }
    }

    /// Moves on over seconds of which everything has ended, up to `until` (not included).
    pub(crate) fn settle(&mut self, until: u64, has_ended: impl Fn(u64) -> bool) {
        while self.settled < until && has_ended(self.settled) {
            if let Some(window) = &mut self.window {
                let second = self.open.remove(&self.settled).unwrap_or_default();
                if self.settled >= window.first_second() {
                    window.push(second);
                }
            }
            self.settled += 1;
        }
    }

    /// The window that slides over the settled seconds, if the threshold has one.
    pub const fn window(&self) -> Option<&SlidingWindow> {
        self.window.as_ref()
    }

    /// What a threshold on events per second is judged by: the requests that were intended from
    /// `from_ns` until `until_ns`, and that time, both to the width of a batch. What ends later counts
    /// when it was intended, so that one late answer does not make the rest slower.
    pub(crate) fn events(&self, from_ns: u64, until_ns: u64) -> Events {
        let (bins, first_ns) = self.bins.beginning_within(from_ns, until_ns);
        let intended = bins.iter().map(|bin| bin.batch.n).sum();
        let exceeding: u64 = bins.iter().map(|bin| bin.batch.exceeding).sum();
        Events {
            counted: intended - exceeding,
            intended,
            elapsed_ns: until_ns.saturating_sub(first_ns),
        }
    }

    /// How samples from `from_ns` on depend on each other. `variance` is that of a single response
    /// time, for thresholds on the mean.
    pub fn dependence(&self, from_ns: u64, variance: f64) -> Dependence {
        let bins = self.bins.within(from_ns, u64::MAX);
        let found = if self.watched.threshold.metric == Metric::Mean {
            let sums: Vec<_> = bins.iter().map(|bin| (bin.response_ns, bin.ok)).collect();
            design::dependence_of_mean(&sums, variance)
        } else {
            let batches: Vec<Batch> = bins.iter().map(|bin| bin.batch).collect();
            design::dependence(&batches)
        };
        found.unwrap_or(Dependence::NONE)
    }

    /// The share that exceeds the limit, batch by batch, of batches that are not empty.
    pub(crate) fn shares(&self, from_ns: u64, until_ns: u64, wanted: usize) -> Vec<f64> {
        let bins = self.bins.within(from_ns, until_ns);
        let width = bins.len().div_ceil(wanted.max(1)).max(1);
        bins.chunks(width)
            .filter_map(|chunk| {
                let n: u64 = chunk.iter().map(|bin| bin.batch.n).sum();
                let exceeding: u64 = chunk.iter().map(|bin| bin.batch.exceeding).sum();
                (n > 0).then(|| exceeding as f64 / n as f64)
            })
            .collect()
    }

    /// The verdict so far, by a test that may be looked at every second ([`Rules::early`]), on the
    /// seconds from `from_ns` on of which everything has ended.
    pub fn early(&self, rules: &Rules, from_ns: u64) -> State {
        let settled_ns = self.settled * SECOND_NS;
        if self.window.is_some() || settled_ns < from_ns.saturating_add(Rules::EARLIEST_NS) {
            return State::Inconclusive;
        }
        let bins = self.bins.within(from_ns, settled_ns);
        let batches: Vec<Batch> = bins.iter().map(|bin| bin.batch).collect();
        rules.early(&self.watched.threshold, &batches)
    }
}

#[cfg(test)]
mod tests;
