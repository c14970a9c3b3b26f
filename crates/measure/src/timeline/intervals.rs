//! The median response time of each interval of a run.

use crate::histogram::{Histogram, Precision};
use crate::timetable::INTERVALS;

/// The response times of successes by interval. What remains of an interval that is over is its median, so
/// that the memory does not grow with the run.
#[derive(Debug)]
pub(super) struct Intervals {
    width_ns: u64,
    /// The medians of the intervals that are over, from the first on.
    over: Vec<Option<u64>>,
    /// Those after them, all that may still get something.
    open: Vec<Histogram>,
}

impl Intervals {
    pub(super) fn new(width_ns: u64) -> Self {
        Self {
            width_ns,
            over: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Files the response time of a success. What was sent so late that its interval is over counts in the next one.
    pub(super) fn record(&mut self, intended_ns: u64, response_ns: u64) {
        let interval = intended_ns / self.width_ns;
        if interval >= INTERVALS {
            return;
        }
        let place = (interval as usize).saturating_sub(self.over.len());
        if place >= self.open.len() {
            let open = || Histogram::new(Precision::Fine);
            self.open.resize_with(place + 1, open);
        }
        self.open[place].record(response_ns);
    }

    /// Keeps the medians alone of intervals that end by `until_ns`: everything intended before has ended.
    pub(super) fn settle(&mut self, until_ns: u64) {
        let over = (until_ns / self.width_ns).min(INTERVALS) as usize;
        let settled = over.saturating_sub(self.over.len());
        let medians = self.open.drain(..settled.min(self.open.len()));
        self.over.extend(medians.map(|open| median(&open)));
        if self.over.len() < over {
            self.over.resize(over, None);
        }
    }

    /// The medians of the intervals that lie within `from..until`, in nanoseconds. `None` where nothing
    /// ended well.
    pub(super) fn medians(&self, from: u64, until: u64) -> Vec<Option<f64>> {
        let width = self.width_ns;
        let open = self.open.iter().map(median);
        let known = self.over.iter().copied().chain(open);
        let all = known.chain(std::iter::repeat(None));
        (0..INTERVALS)
            .zip(all)
            .filter(|(i, _)| i * width >= from && (i + 1) * width <= until)
            .map(|(_, median)| median.map(|ns| ns as f64))
            .collect()
    }
}

fn median(histogram: &Histogram) -> Option<u64> {
    histogram.quantile(1, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_that_are_over_keep_their_medians() {
        let mut intervals = Intervals::new(10);
        for (intended, response) in [(0, 5), (9, 7), (9, 6), (25, 1), (31, 9)] {
            intervals.record(intended, response);
        }
        let expected = [Some(6.0), None, Some(1.0), Some(9.0)];
        assert_eq!(intervals.medians(0, 40), expected);
        intervals.settle(29);
        assert_eq!((intervals.over.len(), intervals.open.len()), (2, 2));
        assert_eq!(intervals.medians(0, 40), expected);
        intervals.settle(45);
        assert_eq!((intervals.over.len(), intervals.open.len()), (4, 0));
        assert_eq!(intervals.medians(10, 40), expected[1..]);
        assert_eq!(intervals.medians(0, 9), []);
    }

    #[test]
    fn what_comes_too_late_for_its_interval_counts_in_the_next() {
        let mut intervals = Intervals::new(10);
        intervals.record(3, 5);
        intervals.settle(20);
        intervals.record(4, 8);
        intervals.settle(30);
        assert_eq!(intervals.medians(0, 30), [Some(5.0), None, Some(8.0)]);
    }

    #[test]
    fn nothing_is_kept_after_the_last_interval() {
        let mut intervals = Intervals::new(10);
        intervals.record(10 * INTERVALS, 5);
        intervals.settle(u64::MAX);
        assert_eq!((intervals.over.len(), intervals.open.len()), (60, 0));
        intervals.record(599, 5);
        assert!(intervals.medians(0, u64::MAX).iter().all(Option::is_none));
    }
}
