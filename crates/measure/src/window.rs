//! `for 10s`: every stretch of so many consecutive seconds, and those of them that decide.

use crate::histogram::Moments;
use crate::judge::latency::{SMALLEST_SAMPLE_OF_A_MEAN, leaves_out_too_much};
use crate::ledger::Ledger;
use crate::sample::{Outcome, Sample};
use crate::statistics::design::Batch;
use crate::statistics::{binomial, normal, poisson};
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

    /// How likely it would be to see as little, and as much, if the true value were the limit. Where
    /// what was seen is all there is to judge, the same for all stretches.
    fn tails(&self, threshold: &Threshold, seconds: usize) -> (f64, f64) {
        const UNKNOWN: (f64, f64) = (1.0, 1.0);
        match (self.batch(threshold), threshold.share_limit()) {
            (Some(batch), Some(limit)) if limit > 0.0 && limit < 1.0 => {
                let (x, n) = (batch.exceeding as f64, batch.n as f64);
                return (
                    binomial::at_most(x, n, limit),
                    binomial::at_least(x, n, limit),
                );
            }
            (Some(_), _) => return UNKNOWN,
            (None, _) => {}
        }
        let of_events = |count: u64| {
            let mean = threshold.value * seconds as f64;
            if mean <= 0.0 {
                return UNKNOWN;
            }
            let count = count as f64;
            (
                poisson::at_most(count, mean),
                poisson::at_least(count, mean),
            )
        };
        match threshold.metric {
            Metric::Goodput => of_events(self.ledger.ok.saturating_sub(self.late)),
            Metric::Rate => of_events(self.ledger.completed()),
            Metric::Mean => {
                let count = self.responses.count as f64;
                let off = self.responses.mean - threshold.value;
                let deviation = self.responses.deviation();
                let Some(error) = deviation.map(|deviation| deviation / count.sqrt()) else {
                    return UNKNOWN;
                };
                if count < SMALLEST_SAMPLE_OF_A_MEAN || (off == 0.0 && error == 0.0) {
                    return UNKNOWN;
                }
                let z = off / error;
                match leaves_out_too_much(&self.ledger) {
                    true if threshold.comparison.is_upper_limit() => (1.0, normal::below(-z)),
                    true => (normal::below(z), 1.0),
                    false => (normal::below(z), normal::below(-z)),
                }
            }
            _ => UNKNOWN,
        }
    }
}

/// A window that was looked at, and how it stands to the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    first: u64,
    stretch: Stretch,
    /// How likely as much evidence for the threshold is if it does not hold.
    doubt: f64,
    /// How likely as much evidence against it is if it does.
    excuse: f64,
    /// How large a value is that should be small, and how small one that should be large.
    badness: f64,
}

impl Seen {
    /// Of windows in which nothing may ever happen, or that tell all there is to know, the larger value
    /// decides, and then the smaller number.
    fn is_less_proven_than(&self, other: &Self) -> bool {
        let key = |seen: &Self| {
            (
                seen.doubt,
                seen.badness,
                -(seen.stretch.ledger.intended as f64),
            )
        };
        key(self) > key(other)
    }

    fn is_more_refuted_than(&self, other: &Self) -> bool {
        let key = |seen: &Self| (-seen.excuse, seen.badness);
        key(self) > key(other)
    }
}

/// A window of fixed length that slides over a run second by second. Its memory depends on its
/// length alone.
#[derive(Debug, Clone, PartialEq)]
pub struct SlidingWindow {
    threshold: Threshold,
    first_second: u64,
    length: usize,
    seconds: VecDeque<Stretch>,
    seen: u64,
    worst: Option<Seen>,
    least_proven: Option<Seen>,
}

impl SlidingWindow {
    /// A window as long as that of the threshold, in whole seconds, that will be moved from
    /// `first_second` on; `None` if the threshold has none.
    pub fn new(threshold: &Threshold, first_second: u64) -> Option<Self> {
        let length = usize::try_from(threshold.window?.div_ceil(1_000_000_000)).ok()?;
        Some(Self {
            threshold: threshold.clone(),
            first_second,
            length: length.max(1),
            seconds: VecDeque::new(),
            seen: 0,
            worst: None,
            least_proven: None,
        })
    }

    /// Moves on by one second, which must be complete: all that was intended in it has ended.
    pub fn push(&mut self, second: Stretch) {
        if self.seconds.len() == self.length {
            self.seconds.pop_front();
        }
        self.seconds.push_back(second);
        self.seen += 1;
        let Some(stretch) = self.current() else {
            return;
        };
        let (low, high) = stretch.tails(&self.threshold, self.length);
        // Without a value there is nothing good to say of it.
        let value = stretch.value(&self.threshold, self.length);
        let (doubt, excuse, badness) = if self.threshold.comparison.is_upper_limit() {
            (low, high, value.unwrap_or(f64::INFINITY))
        } else {
            (high, low, value.map_or(f64::INFINITY, |value| -value))
        };
        let seen = Seen {
            first: self.first_second + self.seen - self.length as u64,
            stretch,
            doubt,
            excuse,
            badness,
        };
        if self
            .worst
            .is_none_or(|worst| seen.is_more_refuted_than(&worst))
        {
            self.worst = Some(seen);
        }
        let least = self.least_proven;
        if least.is_none_or(|least| seen.is_less_proven_than(&least)) {
            self.least_proven = Some(seen);
        }
    }

    /// What the last full window holds, unless nothing was intended in it.
    fn current(&self) -> Option<Stretch> {
        if self.seconds.len() < self.length {
            return None;
        }
        let mut sum = Stretch::default();
        self.seconds.iter().for_each(|second| sum.merge(second));
        (sum.ledger.intended > 0).then_some(sum)
    }

    /// Whether the comparison holds of the last full window as it was seen, without statistics:
    /// for giving up on a run. `None` before the first full window, or if nothing was intended.
    pub fn holds_now(&self) -> Option<bool> {
        let value = self.current()?.value(&self.threshold, self.length)?;
        let limit = self.threshold.share_limit();
        let limit = limit.unwrap_or(self.threshold.value);
        Some(self.threshold.comparison.holds(value, limit))
    }

    /// The window that speaks most against the threshold so far: its first second, and what it holds.
    pub fn worst(&self) -> Option<(u64, Stretch)> {
        self.worst.map(|seen| (seen.first, seen.stretch))
    }

    /// The window that speaks least for the threshold so far. It need not be the worst one: few
    /// requests, all of them good, prove little.
    pub fn least_proven(&self) -> Option<(u64, Stretch)> {
        self.least_proven.map(|seen| (seen.first, seen.stretch))
    }

    /// The second from which on it moves.
    pub const fn first_second(&self) -> u64 {
        self.first_second
    }

    /// The threshold.
    pub const fn threshold(&self) -> &Threshold {
        &self.threshold
    }

    /// Its length in seconds.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// How many windows were looked at: one begins every second.
    pub const fn windows(&self) -> u64 {
        (self.seen + 1).saturating_sub(self.length as u64)
    }
}

#[cfg(test)]
mod tests;
