//! Response times of successes, stretch by stretch, in a memory that does not grow with the test.

use super::MOST_POINTS;
use super::buckets::{BUCKETS, bucket, top};
use super::packed::Packed;
use crate::folding::{Fold, Folding};
use crate::histogram::rank;

const SECOND_NS: u64 = 1_000_000_000;
/// Samples mostly end within seconds of their intention, so that the last few stretches get nearly
/// all of them.
const OPEN: usize = 4;
/// A stretch that is over is packed anew when so many more have ended: seldom enough to cost nothing each.
const MOST_LATE: usize = 256;

/// The response times of a stretch that is over: the buckets that hold any.
#[derive(Debug, Clone, Default, PartialEq)]
struct Stretch {
    counts: Packed,
    /// The buckets of what ended after the stretch was packed, in no order.
    late: Vec<u16>,
    max: u64,
}

impl Stretch {
    fn record_late(&mut self, bucket: u16) {
        self.late.push(bucket);
        if self.late.len() == MOST_LATE {
            self.pack(std::iter::empty());
        }
    }

    /// Adds counts, which are in order, and packs everything.
    fn pack(&mut self, more: impl Iterator<Item = (u16, u32)>) {
        self.counts = if self.counts.is_empty() && self.late.is_empty() {
            Packed::new(more)
        } else {
            let mut counts = Counts::default();
            counts.add_stretch(self);
            counts.add(more);
            Packed::new(counts.0.into_iter())
        };
        self.late = Vec::new();
    }
}

impl Fold for Stretch {
    fn fold(&mut self, later: Self) {
        self.max = self.max.max(later.max);
        let mut counts = Counts::default();
        counts.add_stretch(&later);
        self.pack(counts.0.into_iter());
    }
}

/// Buckets and their counts, each once and in order.
#[derive(Debug, Default)]
struct Counts(Vec<(u16, u32)>);

impl Counts {
    fn add_stretch(&mut self, stretch: &Stretch) {
        let late = stretch.late.iter().map(|bucket| (*bucket, 1));
        self.add(stretch.counts.iter().chain(late));
    }

    fn add(&mut self, more: impl Iterator<Item = (u16, u32)>) {
        self.0.extend(more);
        self.0.sort_unstable_by_key(|count| count.0);
        self.0.dedup_by(|later, first| {
            let is_same = later.0 == first.0;
            if is_same {
                first.1 = first.1.saturating_add(later.1);
            }
            is_same
        });
    }
}

/// The response times of one stretch or of several together.
#[derive(Debug, Default)]
pub(super) struct Responses {
    counts: Counts,
    max: u64,
}

impl Responses {
    /// The quantile `numerator / denominator`: the upper end of its bucket, or the largest
    /// response if that is less.
    pub(super) fn quantile(&self, numerator: u64, denominator: u64) -> Option<u64> {
        let counts = &self.counts.0;
        let all = counts.iter().map(|count| u64::from(count.1)).sum();
        let rank = rank(all, numerator, denominator);
        let mut seen = 0;
        let found = counts.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        });
        found.map(|(bucket, _)| top(*bucket).min(self.max))
    }

    /// The largest, exactly.
    pub(super) fn max(&self) -> Option<u64> {
        (!self.counts.0.is_empty()).then_some(self.max)
    }
}

/// A stretch that is being filled, with a count for every bucket.
#[derive(Debug)]
struct Open {
    stretch: usize,
    counts: Box<[u32]>,
}

/// The response times of all stretches.
///
/// Those of the last four have a count for every bucket (17 KiB each), so that filing a response is
/// one addition. Those before are packed: two or three bytes for each bucket that holds any. An ordinary
/// second fills a few hundred of them: under one megabyte in all. The most that is possible, if
/// every stretch had responses of every length from nanoseconds to hours, is 960 times 4,352 buckets of
/// six bytes, which are 25 megabytes.
#[derive(Debug)]
pub(crate) struct Stretches {
    bins: Folding<Stretch>,
    open: Vec<Open>,
}

impl Default for Stretches {
    fn default() -> Self {
        Self {
            bins: Folding::new(SECOND_NS, MOST_POINTS),
            open: Vec::new(),
        }
    }
}

impl Stretches {
    /// Files the response time of a success.
    pub(crate) fn record(&mut self, intended_ns: u64, response_ns: u64) {
        if !self.bins.reaches(intended_ns) {
            // Stretches are about to be added up, after which they are others.
            (0..self.open.len()).for_each(|slot| self.close(slot));
            self.open.clear();
        }
        let at = self.bins.place(intended_ns);
        let bucket = bucket(response_ns);
        let is_open = match self.open_at(at) {
            Some(open) => {
                let count = &mut open.counts[usize::from(bucket)];
                *count = count.saturating_add(1);
                true
            }
            None => false,
        };
        if let Some(stretch) = self.bins.bin(at) {
            stretch.max = stretch.max.max(response_ns);
            if !is_open {
                stretch.record_late(bucket);
            }
        }
    }

    /// The counts of a stretch, opened if it is newer than what is open; `None` if it is older.
    fn open_at(&mut self, stretch: usize) -> Option<&mut Open> {
        if self.open.is_empty() {
            self.open.extend((0..OPEN).map(|stretch| Open {
                stretch,
                counts: vec![0; BUCKETS].into(),
            }));
        }
        let slot = stretch % OPEN;
        if self.open[slot].stretch < stretch {
            self.close(slot);
            self.open[slot].stretch = stretch;
        }
        Some(&mut self.open[slot]).filter(|open| open.stretch == stretch)
    }

    /// Keeps what an open stretch has, and empties it.
    fn close(&mut self, slot: usize) {
        let open = &mut self.open[slot];
        if let Some(stretch) = self.bins.bin(open.stretch) {
            stretch.pack(open.counts());
        }
        open.counts.fill(0);
    }

    /// The length of a stretch, in nanoseconds.
    pub(crate) const fn width_ns(&self) -> u64 {
        self.bins.width_ns()
    }

    /// The stretches one after the other, in a length that is a power of two of their own.
    pub(super) fn coarsened(&self, width_ns: u64) -> impl Iterator<Item = Responses> + '_ {
        let each = usize::try_from(width_ns / self.bins.width_ns()).unwrap_or(usize::MAX);
        let each = each.max(1);
        let sum = move |(chunk, stretches): (usize, &[Stretch])| {
            let mut sum = Responses::default();
            for stretch in stretches {
                sum.max = sum.max.max(stretch.max);
                sum.counts.add_stretch(stretch);
            }
            let here = |open: &&Open| open.stretch / each == chunk;
            for open in self.open.iter().filter(here) {
                sum.counts.add(open.counts());
            }
            sum
        };
        self.bins.bins().chunks(each).enumerate().map(sum)
    }
}

impl Open {
    /// The buckets that hold any.
    fn counts(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
        let counts = (0..).zip(self.counts.iter().copied());
        counts.filter(|(_, count)| *count > 0)
    }
}
