//! `for 10s`: every stretch of so many consecutive seconds, and the worst of them.

use crate::histogram::Moments;
use crate::ledger::Ledger;
use crate::sample::{Outcome, Sample};
use crate::statistics::design::Batch;
use crate::threshold::{Metric, Threshold};
use std::collections::VecDeque;

/// What a threshold needs to know of the arrivals intended in a stretch of time, once all of them
/// have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stretch {
    /// How they ended.
    pub ledger: Ledger,
    /// How many exceed the threshold's limit; 0 if it is about no quantile.
    pub exceeding: u64,
    /// Successes that were late ([`crate::Outcomes::late`]).
    pub late: u64,
    /// Response times of successes.
    pub responses: Moments,
    /// The largest of these, in nanoseconds.
    pub slowest: u64,
}

impl Stretch {
    /// Adds the end of an arrival, which exceeds the threshold's limit or not, and is a late success
    /// or not.
    pub fn add_end(&mut self, sample: &Sample, exceeds: bool, is_late: bool) {
        self.ledger.intended += 1;
        self.ledger.end(sample.outcome);
        self.exceeding += u64::from(exceeds);
        self.late += u64::from(is_late);
        if sample.outcome == Outcome::Ok {
            let response = sample.response();
            self.responses.merge(&Moments {
                count: 1,
                mean: response as f64,
                squares: 0.0,
            });
            self.slowest = self.slowest.max(response);
        }
    }

    /// Adds another stretch.
    pub fn merge(&mut self, other: &Self) {
        self.ledger.merge(&other.ledger);
        self.exceeding += other.exceeding;
        self.late += other.late;
        self.responses.merge(&other.responses);
        self.slowest = self.slowest.max(other.slowest);
    }

    /// How many count against the threshold, where that is a matter of counting.
    pub fn batch(&self, threshold: &Threshold) -> Option<Batch> {
        let exceeding = match threshold.metric {
            Metric::Quantile { .. } => self.exceeding,
            Metric::Errors => self.ledger.not_ok(),
            Metric::Timeouts => self.ledger.timeout,
            Metric::Shed => self.ledger.shed,
            Metric::Max | Metric::Mean | Metric::Goodput | Metric::Rate => return None,
        };
        Some(Batch {
            exceeding,
            n: self.ledger.intended,
        })
    }

    /// What to compare, over `seconds`: the share that counts against the limit, a duration in
    /// nanoseconds, or events per second. `None` if nothing was intended.
    fn value(&self, threshold: &Threshold, seconds: usize) -> Option<f64> {
        if self.ledger.intended == 0 {
            return None;
        }
        if let Some(batch) = self.batch(threshold) {
            return Some(batch.exceeding as f64 / batch.n as f64);
        }
        match threshold.metric {
            Metric::Max if self.ledger.not_ok() > 0 => Some(f64::INFINITY),
            Metric::Max => Some(self.slowest as f64),
            Metric::Mean => (self.responses.count > 0).then_some(self.responses.mean),
            Metric::Goodput => {
                Some(self.ledger.ok.saturating_sub(self.late) as f64 / seconds as f64)
            }
            _ => Some(self.ledger.completed() as f64 / seconds as f64),
        }
    }
}

/// A window of fixed length that slides over a run second by second. Its memory depends on its
/// length alone.
#[derive(Debug, Clone, PartialEq)]
pub struct SlidingWindow {
    threshold: Threshold,
    length: usize,
    seconds: VecDeque<Stretch>,
    seen: u64,
    worst: Option<(f64, u64, Stretch)>,
}

impl SlidingWindow {
    /// A window as long as that of the threshold, in whole seconds; `None` if it has none.
    pub fn new(threshold: &Threshold) -> Option<Self> {
        let length = usize::try_from(threshold.window?.div_ceil(1_000_000_000)).ok()?;
        Some(Self {
            threshold: threshold.clone(),
            length: length.max(1),
            seconds: VecDeque::new(),
            seen: 0,
            worst: None,
        })
    }

    /// Moves on by one second, which must be complete: all that was intended in it has ended.
    pub fn push(&mut self, second: Stretch) {
        if self.seconds.len() == self.length {
            self.seconds.pop_front();
        }
        self.seconds.push_back(second);
        self.seen += 1;
        let Some((value, stretch)) = self.current() else {
            return;
        };
        let is_upper_limit = self.threshold.comparison.is_upper_limit();
        let is_worse = |worst: f64| (value > worst) == is_upper_limit && value != worst;
        if self.worst.is_none_or(|(worst, ..)| is_worse(worst)) {
            self.worst = Some((value, self.seen - self.length as u64, stretch));
        }
    }

    /// The value of the last full window and what it holds.
    fn current(&self) -> Option<(f64, Stretch)> {
        if self.seconds.len() < self.length {
            return None;
        }
        let mut sum = Stretch::default();
        self.seconds.iter().for_each(|second| sum.merge(second));
        Some((sum.value(&self.threshold, self.length)?, sum))
    }

    /// Whether the comparison holds of the last full window as it was seen, without statistics:
    /// for giving up on a run. `None` before the first full window, or if nothing was intended.
    pub fn holds_now(&self) -> Option<bool> {
        let (value, _) = self.current()?;
        let limit = self.threshold.share_limit();
        let limit = limit.unwrap_or(self.threshold.value);
        Some(self.threshold.comparison.holds(value, limit))
    }

    /// The worst window so far: its first second, and what it holds.
    pub fn worst(&self) -> Option<(u64, Stretch)> {
        self.worst.map(|(_, first, stretch)| (first, stretch))
    }

    /// The threshold.
    pub const fn threshold(&self) -> &Threshold {
        &self.threshold
    }

    /// Its length in seconds.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// How many windows there were that do not overlap.
    pub const fn disjoint(&self) -> u64 {
        self.seen / self.length as u64
    }
}

#[cfg(test)]
mod tests;
