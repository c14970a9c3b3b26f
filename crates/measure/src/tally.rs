//! Files samples under their series and under the second in which they were intended.

use crate::catalogue::{Catalogue, Series, SeriesKind};
use crate::delta::{Delta, Deltas};
use crate::sample::Sample;
use crate::series::SeriesTally;
use crate::threshold::{Scope, Threshold};
use std::sync::Arc;

/// A threshold and what it is about. Response times are held against its limit as they are
/// recorded, so that no verdict depends on the width of a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// Which samples it judges.
    pub scope: Scope,
    /// The threshold.
    pub threshold: Threshold,
}

/// What was counted of every series of a test. Each thread has its own; at the end they are merged.
///
/// Whole journeys and requests are counted apart. Redirect hops have latencies but no ledger,
/// because the step they belong to is in it already.
#[derive(Debug)]
pub struct Tally {
    catalogue: Arc<Catalogue>,
    series: Vec<SeriesTally>,
    /// What every step is held against, because the thresholds are about all of them together.
    test_limits: Vec<u64>,
    deltas: Deltas,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(catalogue: Arc<Catalogue>, watched: Vec<Watched>) -> Self {
        let limits_of = |scope| {
            watched
                .iter()
                .filter(move |watched| watched.scope == scope)
                .filter_map(|watched| watched.threshold.slow_from())
        };
        let test_limits: Vec<_> = limits_of(Scope::Test).collect();
        let series = catalogue
            .all()
            .map(|(series, kind)| {
                let shared = match kind {
                    SeriesKind::Step => test_limits.as_slice(),
                    SeriesKind::Journey | SeriesKind::Hop(_) => &[],
                };
                let own = limits_of(Scope::Series(series));
                SeriesTally::new(own.chain(shared.iter().copied()))
            })
            .collect();
        Self {
            deltas: Deltas::new(catalogue.len()),
            catalogue,
            series,
            test_limits,
        }
    }

    /// The names behind the series.
    pub const fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Counts `count` requests or journeys as asked for in a second of the intended time, however
    /// and whenever they end.
    pub fn intend(&mut self, series: Series, _second: u64, count: u64) {
        self.series[series.0 as usize].outcomes.ledger.intended += count;
    }

    /// Files how one ended.
    pub fn record(&mut self, sample: &Sample) {
        let tally = &mut self.series[sample.series.0 as usize];
        if let SeriesKind::Hop(_) = self.catalogue.kind(sample.series) {
            tally.record_latencies(sample);
        } else {
            tally.record(sample);
            self.deltas.record(sample, &tally.outcomes);
        }
    }

    /// What was counted of one series.
    pub fn series(&self, series: Series) -> &SeriesTally {
        &self.series[series.0 as usize]
    }

    /// What was counted of all steps together. Adds them up: for the end of a run, not for every
    /// second.
    pub fn requests(&self) -> SeriesTally {
        let mut requests = SeriesTally::new(self.test_limits.iter().copied());
        for (series, kind) in self.catalogue.all() {
            if *kind == SeriesKind::Step {
                requests.merge(self.series(series));
            }
        }
        requests
    }

    /// What a threshold of this scope judges.
    pub fn scope(&self, scope: Scope) -> SeriesTally {
        match scope {
            Scope::Test => self.requests(),
            Scope::Series(series) => self.series(series).clone(),
        }
    }

    /// Adds what another thread counted of the same catalogue, except for its deltas: those are
    /// taken from each thread.
    pub fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.series.iter_mut().zip(&other.series) {
            ours.merge(theirs);
        }
    }

    /// What ended since the last call, by second of the intended time and series, in this order.
    /// Meant to be called about once a second.
    pub fn take_deltas(&mut self) -> Vec<Delta> {
        self.deltas.take()
    }

    /// Gives deltas back whose memory can be used again.
    pub fn recycle(&mut self, deltas: Vec<Delta>) {
        self.deltas.recycle(deltas);
    }
}

#[cfg(test)]
mod omission_tests;
#[cfg(test)]
mod tests;
