//! Everything counted of one series: its ledger, its errors and its latencies.

use crate::histogram::{Histogram, Precision};
use crate::outcomes::Outcomes;
use crate::sample::{ErrorKind, Outcome, Sample};
use std::collections::BTreeMap;

/// How many responses that ended well were slower than a limit, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The smallest response time that counts, in nanoseconds ([`crate::Threshold::slow_from`]).
    pub slow_from: u64,
    /// How many were this slow.
    pub slower: u64,
}

impl Limit {
    pub(crate) const fn new(slow_from: u64) -> Self {
        Self {
            slow_from,
            slower: 0,
        }
    }

    /// Holds a response time against it.
    pub(crate) fn hold(&mut self, response_ns: u64) {
        self.slower += u64::from(response_ns >= self.slow_from);
    }

    /// How many were slower than one of `limits`, which ascend; `None` if it is not among them.
    pub(crate) fn find(limits: &[Self], slow_from: u64) -> Option<u64> {
        let at = limits.binary_search_by_key(&slow_from, |limit| limit.slow_from);
        at.ok().map(|at| limits[at].slower)
    }
}

/// A quantile over everything that was intended, where what did not end well is infinitely slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantile {
    /// Nothing was intended.
    NoData,
    /// A response time, in nanoseconds.
    Finite(u64),
    /// The quantile falls among those that did not end well.
    Infinite,
}

/// What was counted of one series. Latencies are in nanoseconds.
#[derive(Debug, Clone)]
pub struct SeriesTally {
    /// How everything ended, with the response times of successes.
    pub outcomes: Outcomes,
    /// Response times of failures, so that a fast failure improves nothing.
    pub response_failed: Histogram,
    /// Response times of what was shed.
    pub response_shed: Histogram,
    /// Response times of timeouts: how long they were waited for.
    pub response_timeout: Histogram,
    /// Times of successful journeys with their think times left in; of those that think.
    pub duration: Histogram,
    /// Service times of what was answered in time, whatever the answer.
    pub service: Histogram,
    /// Times to first byte, of whatever had a first byte.
    pub ttfb: Histogram,
    /// Durations of the TCP connects that were made.
    pub connect: Histogram,
    /// Durations of the TLS handshakes that were made.
    pub tls: Histogram,
    /// Durations of the name look-ups that were made.
    pub dns: Histogram,
    /// Waits for a connection.
    pub conn_wait: Histogram,
    /// How late the generator itself was.
    pub dispatch_lag: Histogram,
    /// Bytes of bodies as received.
    pub body_bytes: u64,
    /// Attempts after the first, which nobody asked for.
    pub retries: u64,
    /// Waits for a connection of more than [`Self::LONG_WAIT_NS`].
    pub long_conn_waits: u64,
    errors: [u64; ErrorKind::ALL.len()],
    statuses: BTreeMap<u16, u64>,
}

impl Default for SeriesTally {
    fn default() -> Self {
        Self::new([])
    }
}

impl SeriesTally {
    /// From when on a wait for a connection is long: 1 ms.
    pub const LONG_WAIT_NS: u64 = 1_000_000;

    /// Nothing counted yet; responses will be held against `limits` ([`crate::Threshold::slow_from`]).
    pub fn new(limits: impl IntoIterator<Item = u64>) -> Self {
        let fine = || Histogram::new(Precision::Fine);
        let coarse = || Histogram::new(Precision::Coarse);
        Self {
            outcomes: Outcomes::new(limits),
            response_failed: fine(),
            response_shed: fine(),
            response_timeout: fine(),
            duration: coarse(),
            service: fine(),
            ttfb: coarse(),
            connect: coarse(),
            tls: coarse(),
            dns: coarse(),
            conn_wait: coarse(),
            dispatch_lag: coarse(),
            body_bytes: 0,
            retries: 0,
            long_conn_waits: 0,
            errors: [0; ErrorKind::ALL.len()],
            statuses: BTreeMap::new(),
        }
    }

    /// Files how one ended: ledger, errors, statuses and latencies.
    pub fn record(&mut self, sample: &Sample) {
        self.outcomes.ledger.end(sample.outcome);
        if let Some(error) = sample.error {
            self.errors[error as usize] += 1;
        }
        self.record_latencies(sample);
    }

    /// Files status and latencies alone, for what stands outside the ledger.
    pub fn record_latencies(&mut self, sample: &Sample) {
        if sample.status != 0 {
            *self.statuses.entry(sample.status).or_default() += 1;
        }
        let response = sample.response();
        self.outcomes.record_response(sample);
        match sample.outcome {
            Outcome::Ok => {
                if sample.thinking > 0 {
                    self.duration
                        .record(response.saturating_add(sample.thinking));
                }
            }
            Outcome::Failed => self.response_failed.record(response),
            Outcome::Shed => self.response_shed.record(response),
            Outcome::Timeout => self.response_timeout.record(response),
            // Neither had a response.
            Outcome::Dropped | Outcome::InFlight => {}
        }
        let answered = match sample.outcome {
            Outcome::Ok | Outcome::Shed => true,
            // What was reset after a millisecond was not served in a millisecond.
            Outcome::Failed => sample.error.is_none_or(ErrorKind::has_response),
            Outcome::Timeout | Outcome::Dropped | Outcome::InFlight => false,
        };
        let record = |histogram: &mut Histogram, ns: Option<u64>| {
            if let Some(ns) = ns {
                histogram.record(ns);
            }
        };
        record(&mut self.service, sample.service().filter(|_| answered));
        record(&mut self.ttfb, sample.ttfb());
        record(&mut self.connect, sample.phases.connect);
        record(&mut self.tls, sample.phases.tls);
        record(&mut self.dns, sample.phases.dns);
        record(&mut self.dispatch_lag, sample.dispatch_lag());
        let waited = sample.conn_wait();
        record(&mut self.conn_wait, waited);
        self.long_conn_waits += u64::from(waited.is_some_and(|ns| ns > Self::LONG_WAIT_NS));
        self.body_bytes += sample.body_bytes;
        self.retries += u64::from(sample.retries);
    }

    /// Adds what another tally counted.
    pub fn merge(&mut self, other: &Self) {
        self.outcomes.merge(&other.outcomes);
        for (ours, theirs) in [
            (&mut self.response_failed, &other.response_failed),
            (&mut self.response_shed, &other.response_shed),
            (&mut self.response_timeout, &other.response_timeout),
            (&mut self.duration, &other.duration),
            (&mut self.service, &other.service),
            (&mut self.ttfb, &other.ttfb),
            (&mut self.connect, &other.connect),
            (&mut self.tls, &other.tls),
            (&mut self.dns, &other.dns),
            (&mut self.conn_wait, &other.conn_wait),
            (&mut self.dispatch_lag, &other.dispatch_lag),
        ] {
            ours.merge(theirs);
        }
        self.body_bytes += other.body_bytes;
        self.retries += other.retries;
        self.long_conn_waits += other.long_conn_waits;
        for (ours, theirs) in self.errors.iter_mut().zip(other.errors) {
            *ours += theirs;
        }
        for (&status, count) in &other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    /// How often each kind of error occurred, those that did only.
    pub fn errors(&self) -> impl Iterator<Item = (ErrorKind, u64)> + '_ {
        let counted = ErrorKind::ALL
            .iter()
            .map(|&kind| (kind, self.error_count(kind)));
        counted.filter(|&(_, count)| count > 0)
    }

    /// How often one kind of error occurred.
    pub const fn error_count(&self, kind: ErrorKind) -> u64 {
        self.errors[kind as usize]
    }

    /// How often each status was received.
    pub const fn statuses(&self) -> &BTreeMap<u16, u64> {
        &self.statuses
    }
}

#[cfg(test)]
mod tests;
