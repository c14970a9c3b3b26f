//! What was asked for and what came of it, second by second: what every figure of degradation and
//! recovery is made from.

use crate::catalogue::{Catalogue, Series, SeriesKind};
use crate::folding::{Fold, Folding};
use crate::sample::{Outcome, Sample};

const SECOND_NS: u64 = 1_000_000_000;
/// Two hours and a quarter at one second each; half a mebibyte a journey.
const MOST_BINS: usize = 8192;

/// What became of what was intended in a second.
///
/// `intended` is counted when a request is asked for and the others when it ends, so that a request
/// that is never answered is not good either.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Second {
    /// Journeys asked for.
    pub arrivals: u64,
    /// Requests asked for.
    pub intended: u64,
    /// Requests that ended well.
    pub ok: u64,
    /// Those among them that were in time ([`crate::Outcomes::late_from`]).
    pub good: u64,
    /// Refused on purpose.
    pub shed: u64,
    /// Wrong.
    pub failed: u64,
    /// Not answered in time.
    pub timeout: u64,
    /// Never sent.
    pub dropped: u64,
}

impl Second {
    /// Requests that were not good: wrong, refused, late, given up, or not answered (yet).
    pub const fn bad(&self) -> u64 {
        self.intended.saturating_sub(self.good)
    }

    /// The share of requests that were good; `None` if none was intended.
    pub fn good_share(&self) -> Option<f64> {
        (self.intended > 0).then(|| self.good as f64 / self.intended as f64)
    }

    /// Adds what became of another stretch, or of other journeys in the same one.
    pub const fn add(&mut self, other: &Self) {
        self.arrivals += other.arrivals;
        self.intended += other.intended;
        self.ok += other.ok;
        self.good += other.good;
        self.shed += other.shed;
        self.failed += other.failed;
        self.timeout += other.timeout;
        self.dropped += other.dropped;
    }

    fn end(&mut self, outcome: Outcome, is_good: bool) {
        self.good += u64::from(is_good);
        match outcome {
            Outcome::Ok => self.ok += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Shed => self.shed += 1,
            Outcome::Timeout => self.timeout += 1,
            Outcome::Dropped => self.dropped += 1,
            Outcome::InFlight => {}
        }
    }
}

impl Fold for Second {
    fn fold(&mut self, later: Self) {
        self.add(&later);
    }
}

/// A test in stretches of equal length from its start on, by the intended time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seconds {
    /// The length of a stretch, in nanoseconds: a second, or in runs of more than two hours a power
    /// of two of them.
    pub width_ns: u64,
    /// The stretches, in order and without gaps.
    pub seconds: Vec<Second>,
}

impl Seconds {
    /// The length of a stretch, in seconds.
    pub fn width_s(&self) -> f64 {
        self.width_ns as f64 / SECOND_NS as f64
    }

    /// Until when there is something, in seconds since the start.
    pub fn length_s(&self) -> f64 {
        self.seconds.len() as f64 * self.width_s()
    }

    /// The stretches that lie wholly within `from_s..until_s` (seconds since the start), in order.
    pub fn within(&self, from_s: f64, until_s: f64) -> &[Second] {
        // Times that are whole numbers of stretches may be off by the last digit of a division.
        let at = |seconds: f64| seconds / self.width_s();
        let first = (at(from_s) - 1e-9).ceil().max(0.0) as usize;
        let end = (at(until_s) + 1e-9).floor().max(0.0) as usize;
        let end = end.min(self.seconds.len());
        &self.seconds[first.min(end)..end]
    }

    /// How many stretches make up so many seconds: at least one.
    pub(crate) fn stretches(&self, seconds: f64) -> usize {
        ((seconds / self.width_s() - 1e-9).ceil() as usize).max(1)
    }

    /// The same in stretches of at least `width_ns`, which is a power of two of their length.
    pub(crate) fn coarsened(&self, width_ns: u64) -> Self {
        let mut coarse = Self {
            width_ns: self.width_ns.max(width_ns),
            seconds: Vec::new(),
        };
        coarse.add(self.width_ns, &self.seconds);
        coarse
    }

    /// Adds bins that are no wider than its own.
    fn add(&mut self, width_ns: u64, bins: &[Second]) {
        let each = usize::try_from(self.width_ns / width_ns.max(1)).unwrap_or(usize::MAX);
        for (at, chunk) in bins.chunks(each.max(1)).enumerate() {
            if at == self.seconds.len() {
                self.seconds.push(Second::default());
            }
            chunk.iter().for_each(|bin| self.seconds[at].add(bin));
        }
    }
}

/// The seconds of every journey. A bin is 64 bytes, so that a journey takes half a mebibyte at most,
/// and 230 kilobytes in an hour.
#[derive(Debug)]
pub(crate) struct SecondsOfJourneys {
    journeys: Vec<Folding<Second>>,
    /// By series: the index of its journey.
    journey_of: Vec<usize>,
}

impl SecondsOfJourneys {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let mut journey_of = vec![0; catalogue.len()];
        for (index, journey) in catalogue.journeys().iter().enumerate() {
            let steps = journey.steps.iter().map(|step| step.series);
            for series in steps.chain([journey.series]) {
                journey_of[series.0 as usize] = index;
            }
        }
        let bins = |_: &_| Folding::new(SECOND_NS, MOST_BINS);
        Self {
            journeys: catalogue.journeys().iter().map(bins).collect(),
            journey_of,
        }
    }

    fn at(&mut self, series: Series, ns: u64) -> &mut Second {
        self.journeys[self.journey_of[series.0 as usize]].at(ns)
    }

    /// Counts what was asked for.
    pub(crate) fn intend(&mut self, series: Series, kind: &SeriesKind, second: u64, count: u64) {
        let ns = second.saturating_mul(SECOND_NS);
        match kind {
            SeriesKind::Journey => self.at(series, ns).arrivals += count,
            SeriesKind::Step => self.at(series, ns).intended += count,
            SeriesKind::Hop(_) => {}
        }
    }

    /// Files the end of a request.
    pub(crate) fn record(&mut self, sample: &Sample, is_good: bool) {
        let second = self.at(sample.series, sample.intended);
        second.end(sample.outcome, is_good);
    }

    /// The sum over journeys, in stretches as long as the longest of any; indices of no journey
    /// are passed over.
    pub(crate) fn sum(&self, journeys: impl Iterator<Item = usize> + Clone) -> Seconds {
        let of = |index| self.journeys.get(index);
        let widths = journeys.clone().filter_map(of).map(Folding::width_ns);
        let mut sum = Seconds {
            width_ns: widths.max().unwrap_or(SECOND_NS),
            seconds: Vec::new(),
        };
        for bins in journeys.filter_map(of) {
            sum.add(bins.width_ns(), bins.bins());
        }
        sum
    }

    /// The sum over all of them.
    pub(crate) fn all(&self) -> Seconds {
        self.sum(0..self.journeys.len())
    }
}

#[cfg(test)]
mod tests;
