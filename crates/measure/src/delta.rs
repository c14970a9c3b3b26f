//! What is new since the last look, second by second.

use crate::catalogue::{Catalogue, Series, SeriesKind};
use crate::histogram::{Histogram, Precision};
use crate::ledger::Ledger;
use crate::sample::{Outcome, Sample};
use crate::series::Limit;
use crate::threshold::Threshold;
use std::collections::HashMap;

/// What has ended, since the last look, of the arrivals that were intended in one second. A late
/// end makes another delta of an old second; all deltas of a second add up to that second.
#[derive(Debug, Clone)]
pub struct Delta {
    /// The second of the intended time, from 0.
    pub second: u64,
    /// The journey or step.
    pub series: Series,
    /// How they ended. What has not ended is not in `intended`.
    pub ledger: Ledger,
    /// Response times of successes.
    pub response_ok: Histogram,
    /// The limits of the series, ascending, with what was slower in this delta.
    pub limits: Vec<Limit>,
}

impl Delta {
    /// How many exceed the limit of a quantile, as [`SeriesTally::exceeding`] counts them.
    ///
    /// [`SeriesTally::exceeding`]: crate::SeriesTally::exceeding
    pub fn exceeding(&self, threshold: &Threshold) -> Option<u64> {
        let slow_from = threshold.slow_from()?;
        let slower = Limit::find(&self.limits, slow_from)
            .unwrap_or_else(|| self.response_ok.at_or_above(slow_from));
        Some(slower + self.ledger.not_ok())
    }
}

const NS_PER_SECOND: u64 = 1_000_000_000;

/// The deltas since the last look, and histograms to use again. Memory is bounded by the number
/// of series times the number of seconds whose arrivals end between two looks.
#[derive(Debug, Default)]
pub(crate) struct Deltas {
    open: HashMap<(u64, Series), Delta>,
    spare: Vec<Histogram>,
    most_spare: usize,
}

impl Deltas {
    pub(crate) fn new(series: usize) -> Self {
        Self {
            // About two looks' worth: samples usually end in the second of their intention or in
            // the one after it.
            most_spare: 4 * series,
            ..Self::default()
        }
    }

    /// Files an end; `limits` are those of its series.
    pub(crate) fn record(&mut self, sample: &Sample, limits: &[Limit]) {
        let (second, series) = (sample.intended / NS_PER_SECOND, sample.series);
        let spare = &mut self.spare;
        let delta = self.open.entry((second, series)).or_insert_with(|| Delta {
            second,
            series,
            ledger: Ledger::default(),
            response_ok: spare
                .pop()
                .unwrap_or_else(|| Histogram::new(Precision::Fine)),
            limits: limits
                .iter()
                .map(|limit| Limit {
                    slower: 0,
                    ..*limit
                })
                .collect(),
        });
        delta.ledger.intended += 1;
        delta.ledger.end(sample.outcome);
        if sample.outcome == Outcome::Ok {
            let response = sample.response();
            delta.response_ok.record(response);
            delta
                .limits
                .iter_mut()
                .for_each(|limit| limit.hold(response));
        }
    }

    pub(crate) fn take(&mut self) -> Vec<Delta> {
        let mut deltas: Vec<_> = self.open.drain().map(|(_, delta)| delta).collect();
        deltas.sort_unstable_by_key(|delta| (delta.second, delta.series));
        deltas
    }

    pub(crate) fn recycle(&mut self, deltas: Vec<Delta>) {
        for mut delta in deltas {
            if self.spare.len() < self.most_spare && delta.response_ok.inner().is_some() {
                delta.response_ok.clear();
                self.spare.push(delta.response_ok);
            }
        }
    }
}

/// What ended since the last look, over all requests: for a line of progress. Add the deltas of
/// every thread; percentiles then come from the counts of all.
#[derive(Debug, Clone, Default)]
pub struct Glance {
    /// How requests ended. What has not ended is not in `intended`.
    pub ledger: Ledger,
    /// Response times of successful requests.
    pub response_ok: Histogram,
}

impl Glance {
    /// Adds deltas of steps; those of whole journeys are passed over.
    pub fn add(&mut self, catalogue: &Catalogue, deltas: &[Delta]) {
        for delta in deltas {
            if *catalogue.kind(delta.series) == SeriesKind::Step {
                self.ledger.merge(&delta.ledger);
                self.response_ok.merge(&delta.response_ok);
            }
        }
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.ledger = Ledger::default();
        self.response_ok.clear();
    }

    /// The median response time of successes, in nanoseconds.
    pub fn p50(&self) -> Option<u64> {
        self.response_ok.quantile(50, 100)
    }

    /// The 99th percentile of the response times of successes, in nanoseconds.
    pub fn p99(&self) -> Option<u64> {
        self.response_ok.quantile(99, 100)
    }
}
