//! What was counted in the parts of a run, by the intended time.

use crate::catalogue::Series;
use crate::outcomes::Outcomes;
use crate::sample::Sample;

/// Outcomes by period and series. A run that never has to be taken apart has one period, and
/// nothing is counted twice for it.
#[derive(Debug)]
pub(crate) struct Periods {
    /// When each begins, from 0 on, ascending.
    starts: Vec<u64>,
    /// By period and series.
    outcomes: Vec<Vec<Outcomes>>,
}

impl Periods {
    /// Periods that begin at `starts`, for series with the limits of `series`.
    pub(crate) fn new(starts: Vec<u64>, series: &[&Outcomes]) -> Self {
        let is_whole = starts.len() < 2;
        let outcomes = starts.iter().filter(|_| !is_whole).map(|_| {
            let empty = series.iter().map(|series| Outcomes::like(series, None));
            empty.collect()
        });
        Self {
            outcomes: outcomes.collect(),
            starts,
        }
    }

    /// Files an end. What has not ended is not in the ledger of its period.
    pub(crate) fn record(&mut self, sample: &Sample) {
        if self.outcomes.is_empty() {
            return;
        }
        let after = self
            .starts
            .partition_point(|start| *start <= sample.intended);
        let period = after.saturating_sub(1);
        let outcomes = &mut self.outcomes[period][sample.series.0 as usize];
        outcomes.ledger.intended += 1;
        outcomes.record(sample);
    }

    /// What was counted of a series in the periods that begin within `from..until`. `None` if the
    /// run was not taken apart.
    pub(crate) fn between(&self, series: Series, from: u64, until: u64) -> Option<Outcomes> {
        let mut parts = self
            .starts
            .iter()
            .zip(&self.outcomes)
            .filter(|(start, _)| (from..until).contains(*start))
            .map(|(_, period)| &period[series.0 as usize]);
        let mut sum = match parts.next() {
            Some(first) => first.clone(),
            None => Outcomes::like(&self.outcomes.first()?[series.0 as usize], None),
        };
        parts.for_each(|part| sum.merge(part));
        Some(sum)
    }
}
