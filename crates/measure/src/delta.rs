//! What is new since the last look, second by second.

use crate::catalogue::{Catalogue, Series, SeriesKind};
use crate::histogram::Histogram;
use crate::ledger::Ledger;
use crate::outcomes::Outcomes;
use crate::sample::Sample;
use crate::threshold::Scope;

/// What has ended, since the last look, of the arrivals that were intended in one second. A late
/// end makes another delta of an old second; all deltas of a second add up to that second.
#[derive(Debug, Clone)]
pub struct Delta {
    /// The second of the intended time, from 0.
    pub second: u64,
    /// The journey or step.
    pub series: Series,
    /// How they ended. What has not ended is not in `intended`.
    pub outcomes: Outcomes,
}

impl Delta {
    /// How everything of a scope ended: all requests, or those of one series alone.
    pub fn ended(scope: Scope, catalogue: &Catalogue, deltas: &[Self]) -> Ledger {
        let is_of = |delta: &&Self| match scope {
            Scope::Test => *catalogue.kind(delta.series) == SeriesKind::Step,
            Scope::Series(series) => delta.series == series,
        };
        let mut ended = Ledger::default();
        let deltas = deltas.iter().filter(is_of);
        deltas.for_each(|delta| ended.merge(&delta.outcomes.ledger));
        ended
    }
}

const NS_PER_SECOND: u64 = 1_000_000_000;

/// The deltas since the last look, and histograms to use again. Memory is bounded by the number
/// of series times the number of seconds whose arrivals end between two looks.
#[derive(Debug, Default)]
pub(crate) struct Deltas {
    open: Vec<Delta>,
    /// By second, the latest mostly last, and there by series: the place in `open`, if there is one.
    places: Vec<(u64, Vec<Option<u32>>)>,
    series: usize,
    spare: Vec<Histogram>,
}

/// About two looks' worth of spare histograms for each series: samples usually end in the second of
/// their intention or in the one after it.
const MOST_SPARE: usize = 4;

impl Deltas {
    pub(crate) fn new(series: usize) -> Self {
        Self {
            series,
            ..Self::default()
        }
    }

    /// Files an end; `series` is what was counted of its series, for the limits.
    pub(crate) fn record(&mut self, sample: &Sample, series: &Outcomes) {
        let second = sample.intended / NS_PER_SECOND;
        let places = &mut self.places;
        let known = places.iter().rposition(|(known, _)| *known == second);
        let at = known.unwrap_or_else(|| {
            places.push((second, vec![None; self.series]));
            places.len() - 1
        });
        let place = &mut places[at].1[sample.series.0 as usize];
        let place = *place.get_or_insert_with(|| {
            self.open.push(Delta {
                second,
                series: sample.series,
                outcomes: Outcomes::like(series, self.spare.pop()),
            });
            (self.open.len() - 1) as u32
        });
        let outcomes = &mut self.open[place as usize].outcomes;
        outcomes.ledger.intended += 1;
        outcomes.record(sample);
    }

    pub(crate) fn take(&mut self) -> Vec<Delta> {
        // In order by where they are, because to sort them would move each several times.
        let mut places = std::mem::take(&mut self.places);
        places.sort_unstable_by_key(|(second, _)| *second);
        let mut open: Vec<_> = self.open.drain(..).map(Some).collect();
        let mut deltas = Vec::with_capacity(open.len());
        let places = places.iter().flat_map(|(_, places)| places).flatten();
        deltas.extend(places.filter_map(|place| open.get_mut(*place as usize)?.take()));
        deltas
    }

    pub(crate) fn recycle(&mut self, deltas: Vec<Delta>) {
        for mut delta in deltas {
            if self.spare.len() < MOST_SPARE * self.series
                && delta.outcomes.response_ok.has_memory()
            {
                delta.outcomes.response_ok.clear();
                self.spare.push(delta.outcomes.response_ok);
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
                self.ledger.merge(&delta.outcomes.ledger);
                self.response_ok.merge(&delta.outcomes.response_ok);
            }
        }
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
