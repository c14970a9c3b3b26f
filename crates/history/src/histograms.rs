//! The response times of a run, series by series.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::interval_log::{
    IntervalLogHistogram, IntervalLogIterator, LogEntry, LogIteratorError,
};
use plimsoll_report::document::Run;
use plimsoll_report::hlog::tag;

use crate::codec;

/// Response times of successes in nanoseconds, for any of the series of a run.
#[derive(Debug, Clone, Default)]
pub struct Histograms {
    all: BTreeMap<Names, Histogram<u64>>,
}

/// Test, journey, step.
type Names = (String, Option<String>, Option<String>);

/// Why an interval log cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A line is none of an interval log.
    #[error("line {line} is none of an HdrHistogram interval log; add the run without its log")]
    Line {
        /// Which one, from 1.
        line: usize,
    },
    /// The histogram of a line cannot be read.
    #[error("the histogram in line {line} cannot be read; add the run without its log")]
    Histogram {
        /// Which one, from 1.
        line: usize,
    },
    /// It counts more responses than there were in the run.
    #[error(
        "the log has {counted} responses of `{series}` and the run {expected}, so that it is not the log of this run; name the one that is, or none"
    )]
    OtherRun {
        /// The series.
        series: String,
        /// How many responses the log has.
        counted: u64,
        /// How many were ok in the run.
        expected: u64,
    },
}

impl Histograms {
    /// Reads the `intervals.hlog` of a run: the seconds of each series added up, warm-up included,
    /// and the steps of a test added up for the test as a whole. Lines of series that the run does
    /// not have are left out.
    ///
    /// # Errors
    ///
    /// [`LogError`] if it is no such log, or not that of this run.
    pub fn read_log(log: &[u8], run: &Run) -> Result<Self, LogError> {
        let tags = tags(run);
        let mut read = Self::default();
        for entry in IntervalLogIterator::new(log) {
            let entry =
                entry.map_err(|LogIteratorError::ParseError { offset }| LogError::Line {
                    line: line_at(log, offset),
                })?;
            let LogEntry::Interval(interval) = entry else {
                continue;
            };
            let names = interval.tag().and_then(|tag| tags.get(tag.as_str()));
            if let Some(names) = names {
                let histogram = histogram(&interval).ok_or_else(|| LogError::Histogram {
                    line: line_of(log, interval.encoded_histogram()),
                })?;
                read.add(names.clone(), &histogram);
            }
        }
        read.add_up_tests();
        read.is_of(run)?;
        Ok(read)
    }

    /// Takes the response times of a series, in nanoseconds, in place of any it had.
    pub fn insert(
        &mut self,
        test: &str,
        journey: Option<&str>,
        step: Option<&str>,
        histogram: Histogram<u64>,
    ) {
        self.all.insert(names(test, journey, step), histogram);
    }

    /// The response times of a series.
    pub fn get(
        &self,
        test: &str,
        journey: Option<&str>,
        step: Option<&str>,
    ) -> Option<&Histogram<u64>> {
        self.all.get(&names(test, journey, step))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn add(&mut self, names: Names, histogram: &Histogram<u64>) {
        match self.all.get_mut(&names) {
            // It resizes itself, so that everything fits.
            Some(sum) => {
                let _ = sum.add(histogram);
            }
            None => {
                let mut sum = histogram.clone();
                sum.auto(true);
                self.all.insert(names, sum);
            }
        }
    }

    /// A test as a whole is the requests of its steps.
    fn add_up_tests(&mut self) {
        let steps = self.all.iter().filter(|((_, _, step), _)| step.is_some());
        let steps: Vec<_> = steps
            .map(|((test, ..), histogram)| (test.clone(), histogram.clone()))
            .collect();
        for (test, histogram) in steps {
            self.add((test, None, None), &histogram);
        }
    }

    fn is_of(&self, run: &Run) -> Result<(), LogError> {
        let mut all = Vec::new();
        for test in &run.tests {
            all.push((names(&test.name, None, None), test.totals.ok));
            for journey in &test.journeys {
                let name = Some(journey.name.as_str());
                all.push((names(&test.name, name, None), journey.totals.ok));
                for step in &journey.steps {
                    let names = names(&test.name, name, Some(&step.name));
                    all.push((names, step.totals.ok));
                }
            }
        }
        for (names, expected) in all {
            let counted = self.all.get(&names).map_or(0, Histogram::len);
            if counted > expected {
                let (test, journey, step) = names;
                let series = [Some(test), journey, step].into_iter().flatten();
                return Err(LogError::OtherRun {
                    series: series.collect::<Vec<_>>().join("/"),
                    counted,
                    expected,
                });
            }
        }
        Ok(())
    }
}

fn names(test: &str, journey: Option<&str>, step: Option<&str>) -> Names {
    let owned = |name: Option<&str>| name.map(str::to_owned);
    (test.to_owned(), owned(journey), owned(step))
}

/// The series of a run by their tags: those of a plan's run begin with the test.
fn tags(run: &Run) -> BTreeMap<String, Names> {
    let mut tags = BTreeMap::new();
    for test in &run.tests {
        let of_plan = run.plan.is_some().then_some(test.name.as_str());
        let mut insert = |journey: &str, step: Option<&str>| {
            let parts = of_plan.into_iter().chain([journey]).chain(step);
            tags.insert(tag(parts), names(&test.name, Some(journey), step));
        };
        for journey in &test.journeys {
            insert(&journey.name, None);
            for step in &journey.steps {
                insert(&journey.name, Some(&step.name));
            }
        }
    }
    tags
}

fn histogram(interval: &IntervalLogHistogram<'_>) -> Option<Histogram<u64>> {
    let bytes = STANDARD.decode(interval.encoded_histogram()).ok()?;
    codec::decode(&bytes)
}

/// The line that a part of the log stands in.
fn line_of(log: &[u8], part: &str) -> usize {
    line_at(
        log,
        part.as_ptr().addr().saturating_sub(log.as_ptr().addr()),
    )
}

fn line_at(log: &[u8], offset: usize) -> usize {
    let before = log.iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
