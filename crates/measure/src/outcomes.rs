//! How arrivals ended, and how long the good ones took: all that a verdict rests on.

use crate::histogram::{Histogram, Precision, rank};
use crate::ledger::Ledger;
use crate::sample::{Outcome, Sample};
use crate::series::{Limit, Quantile};
use crate::threshold::Threshold;

/// How the arrivals of a series or of a part of a run ended, with the response times of those that
/// ended well, in nanoseconds, and exact counts of those above each limit.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    /// How they ended.
    pub ledger: Ledger,
    /// Response times of successes.
    pub response_ok: Histogram,
    /// Correct, but later than it is worth anything.
    pub late: u64,
    late_from: Option<u64>,
    limits: Vec<Limit>,
}

impl Outcomes {
    /// Nothing counted yet; responses will be held against `limits` ([`Threshold::slow_from`]).
    pub fn new(limits: impl IntoIterator<Item = u64>) -> Self {
        let mut limits: Vec<_> = limits.into_iter().collect();
        limits.sort_unstable();
        limits.dedup();
        let limits = limits.into_iter().map(Limit::new).collect();
        Self::with_memory(limits, Histogram::new(Precision::Fine))
    }

    /// The same, with responses of `late_from` nanoseconds and more counted as late.
    pub const fn with_late_from(mut self, late_from: Option<u64>) -> Self {
        self.late_from = late_from;
        self
    }

    /// From how many nanoseconds on a response is late; `None` if it never is.
    pub const fn late_from(&self) -> Option<u64> {
        self.late_from
    }

    /// Correct and in time.
    pub const fn good(&self) -> u64 {
        self.ledger.ok.saturating_sub(self.late)
    }

    /// Nothing counted yet, with the limits of another and memory that was used before.
    pub(crate) fn like(other: &Self, memory: Option<Histogram>) -> Self {
        let limits = other.limits.iter();
        Self::with_memory(
            limits.map(|limit| Limit::new(limit.slow_from)).collect(),
            memory.unwrap_or_else(|| Histogram::new(Precision::Fine)),
        )
        .with_late_from(other.late_from)
    }

    const fn with_memory(limits: Vec<Limit>, response_ok: Histogram) -> Self {
        Self {
            ledger: Ledger {
                intended: 0,
                ok: 0,
                failed: 0,
                shed: 0,
                timeout: 0,
                dropped: 0,
                in_flight_at_end: 0,
            },
            response_ok,
            late: 0,
            late_from: None,
            limits,
        }
    }

    /// Counts an end and, of a success, the response time.
    pub fn record(&mut self, sample: &Sample) {
        self.ledger.end(sample.outcome);
        self.record_response(sample);
    }

    /// Counts the response time of a success alone.
    pub(crate) fn record_response(&mut self, sample: &Sample) {
        if sample.outcome == Outcome::Ok {
            let response = sample.response();
            self.response_ok.record(response);
            self.late += u64::from(self.late_from.is_some_and(|from| response >= from));
            for limit in &mut self.limits {
                limit.hold(response);
            }
        }
    }

    /// Adds what another counted. A limit that only one of the two knows is dropped, because its
    /// count would be of a part only.
    pub fn merge(&mut self, other: &Self) {
        self.ledger.merge(&other.ledger);
        self.response_ok.merge(&other.response_ok);
        self.late += other.late;
        self.limits
            .retain_mut(|limit| match Limit::find(&other.limits, limit.slow_from) {
                Some(slower) => {
                    limit.slower += slower;
                    true
                }
                None => false,
            });
    }

    /// The limits that responses were held against, ascending.
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// How many successes took at least so long. Exact if the limit was watched, otherwise to the
    /// precision of the histogram, where a bucket that reaches up to the limit counts as slower.
    pub fn slower(&self, slow_from: u64) -> u64 {
        Limit::find(&self.limits, slow_from)
            .unwrap_or_else(|| self.response_ok.at_or_above(slow_from))
    }

    /// How many of the intended exceed the limit of a quantile: [slower](Self::slower) successes and
    /// everything that did not end well. `None` if the threshold is about no quantile.
    pub fn exceeding(&self, threshold: &Threshold) -> Option<u64> {
        Some(self.slower(threshold.slow_from()?) + self.ledger.not_ok())
    }

    /// The quantile over everything that was intended, what did not end well counted as infinitely
    /// slow, so that no fast failure improves it.
    pub fn headline_quantile(&self, numerator: u64, denominator: u64) -> Quantile {
        match self.arrivals() {
            0 => Quantile::NoData,
            all => self.headline_at_rank(rank(all, numerator, denominator)),
        }
    }

    /// Several [quantiles](Self::headline_quantile) in one walk through the histogram, as fractions that ascend.
    /// None of them if nothing was intended.
    pub fn headline_quantiles(
        &self,
        fractions: impl IntoIterator<Item = (u64, u64)>,
    ) -> impl Iterator<Item = Quantile> {
        let (all, ok) = (self.arrivals(), self.response_ok.count());
        let rank = move |(numerator, denominator)| rank(all, numerator, denominator);
        let fractions = fractions.into_iter().filter(move |_| all > 0);
        let ranks: Vec<_> = fractions.map(rank).collect();
        let finite = ranks.partition_point(|rank| *rank <= ok);
        let infinite = std::iter::repeat_n(Quantile::Infinite, ranks.len() - finite);
        let times = self.response_ok.at_ranks(ranks.into_iter().take(finite));
        times.map(Quantile::Finite).chain(infinite)
    }

    /// The `rank`th fastest of everything that was intended, from 1.
    pub fn headline_at_rank(&self, rank: u64) -> Quantile {
        self.response_ok
            .at_rank(rank)
            .map_or(Quantile::Infinite, Quantile::Finite)
    }

    /// How many a quantile is over: the intended. What stands outside the ledger has its successes.
    pub fn arrivals(&self) -> u64 {
        self.ledger.intended.max(self.response_ok.count())
    }
}
