//! When arrivals came and how the service was meanwhile, over all requests together.

mod intervals;

use crate::catalogue::Series;
use crate::folding::{Fold, Folding};
use crate::sample::{Outcome, Sample};
use crate::timetable::Timetable;
use intervals::Intervals;
use std::collections::BTreeMap;

const SECOND_NS: u64 = 1_000_000_000;
/// Fine enough to tell when within a second arrivals were made: a 4,096th of a run at the coarsest.
const SHAPE_NS: u64 = 10_000_000;
const MOST_BINS: usize = 8192;

/// Requests by the second of their intended time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Second {
    pub(crate) intended: u64,
    pub(crate) dropped: u64,
}

impl Fold for Second {
    fn fold(&mut self, later: Self) {
        self.intended += later.intended;
        self.dropped += later.dropped;
    }
}

/// Requests by the time at which they should have been made, and by that at which they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Shape {
    intended: u64,
    made: u64,
}

impl Fold for Shape {
    fn fold(&mut self, later: Self) {
        self.intended += later.intended;
        self.made += later.made;
    }
}

/// The course of a run.
#[derive(Debug)]
pub(crate) struct Timeline {
    seconds: Folding<Second>,
    shape: Folding<Shape>,
    intervals: Option<Intervals>,
    /// What was asked for and has not ended, by second of the intended time, and there by series.
    under_way: BTreeMap<u64, Vec<u64>>,
    series: usize,
}

impl Timeline {
    pub(crate) fn new(timetable: &Timetable, series: usize) -> Self {
        Self {
            seconds: Folding::new(SECOND_NS, MOST_BINS),
            shape: Folding::new(SHAPE_NS, MOST_BINS),
            intervals: timetable.interval_ns().map(Intervals::new),
            under_way: BTreeMap::new(),
            series,
        }
    }

    pub(crate) fn intend(&mut self, series: Series, second: u64, count: u64) {
        let under_way = self.under_way.entry(second);
        let by_series = under_way.or_insert_with(|| vec![0; self.series]);
        by_series[series.0 as usize] += count;
    }

    /// Notes that a request or journey has ended.
    pub(crate) fn end(&mut self, sample: &Sample) {
        if let Some(by_series) = self.under_way.get_mut(&(sample.intended / SECOND_NS)) {
            let count = &mut by_series[sample.series.0 as usize];
            *count = count.saturating_sub(1);
        }
    }

    /// Files the end of a request.
    pub(crate) fn record_request(&mut self, sample: &Sample) {
        let second = self.seconds.at(sample.intended);
        second.intended += 1;
        second.dropped += u64::from(sample.outcome == Outcome::Dropped);
        if let Some(made) = sample.phases.dispatched {
            self.shape.at(sample.intended).intended += 1;
            self.shape.at(made).made += 1;
        }
        if sample.outcome == Outcome::Ok
            && let Some(intervals) = &mut self.intervals
        {
            intervals.record(sample.intended, sample.response());
        }
    }

    /// Forgets what nothing can be added to any more, where everything intended before `now_ns` is
    /// known of.
    pub(crate) fn tidy(&mut self, now_ns: u64) {
        self.under_way
            .retain(|_, series| series.iter().any(|count| *count > 0));
        let under_way = self.under_way.first_key_value();
        let under_way_ns = under_way.map_or(u64::MAX, |(second, _)| second * SECOND_NS);
        if let Some(intervals) = &mut self.intervals {
            intervals.settle(now_ns.min(under_way_ns));
        }
    }

    /// Whether nothing of these series that was intended in a second is under way.
    pub(crate) fn has_ended(&self, second: u64, mut series: impl Iterator<Item = Series>) -> bool {
        self.under_way
            .get(&second)
            .is_none_or(|by_series| series.all(|series| by_series[series.0 as usize] == 0))
    }

    /// The second, or longer stretch in a long run, in which the largest share was not sent.
    pub(crate) fn worst_second(&self) -> Second {
        let share = |second: &Second| second.dropped as f64 / second.intended.max(1) as f64;
        let seconds = self.seconds.bins().iter().copied();
        seconds
            .max_by(|a, b| share(a).total_cmp(&share(b)))
            .unwrap_or_default()
    }

    /// Requests made and intended, over equal stretches.
    pub(crate) fn shape(&self) -> (Vec<u64>, Vec<u64>) {
        let bins = self.shape.bins().iter();
        bins.map(|bin| (bin.made, bin.intended)).unzip()
    }

    /// The medians of the intervals that lie within `from..until`, in nanoseconds. `None` where
    /// nothing ended well.
    pub(crate) fn medians(&self, from: u64, until: u64) -> Vec<Option<f64>> {
        let intervals = self.intervals.as_ref();
        intervals.map_or_else(Vec::new, |intervals| intervals.medians(from, until))
    }
}
