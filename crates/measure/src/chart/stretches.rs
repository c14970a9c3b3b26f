//! Response times of successes, stretch by stretch, in a memory that does not grow with the test.

use super::MOST_POINTS;
use super::buckets::{BUCKETS, bucket, top};
use crate::folding::{Fold, Folding};
use crate::histogram::rank;

const SECOND_NS: u64 = 1_000_000_000;
/// Samples mostly end within seconds of their intention, so that the last few stretches get nearly
/// all of them.
const OPEN: usize = 4;

/// The response times of a stretch: the buckets that hold any, in order, with their counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Stretch {
    counts: Vec<(u16, u32)>,
    max: u64,
}

impl Stretch {
    fn record(&mut self, bucket: u16) {
        match self.counts.binary_search_by_key(&bucket, |count| count.0) {
            Ok(at) => self.counts[at].1 = self.counts[at].1.saturating_add(1),
            Err(at) => self.counts.insert(at, (bucket, 1)),
        }
    }

    fn add(&mut self, other: impl Iterator<Item = (u16, u32)>) {
        self.counts.extend(other);
        self.counts.sort_unstable_by_key(|count| count.0);
        self.counts.dedup_by(|later, first| {
            let is_same = later.0 == first.0;
            if is_same {
                first.1 = first.1.saturating_add(later.1);
            }
            is_same
        });
    }

    /// The quantile `numerator / denominator`: the upper end of its bucket, or the largest
    /// response if that is less.
    pub(super) fn quantile(&self, numerator: u64, denominator: u64) -> Option<u64> {
        let all = self.counts.iter().map(|count| u64::from(count.1)).sum();
        let rank = rank(all, numerator, denominator);
        let mut seen = 0;
        let found = self.counts.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        });
        found.map(|(bucket, _)| top(*bucket).min(self.max))
    }

    /// The largest, exactly.
    pub(super) fn max(&self) -> Option<u64> {
        (!self.counts.is_empty()).then_some(self.max)
    }
}

impl Fold for Stretch {
    fn fold(&mut self, later: Self) {
        self.max = self.max.max(later.max);
        self.add(later.counts.into_iter());
        self.counts.shrink_to_fit();
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
/// one addition. Those before are kept as the buckets that hold any, eight bytes each. An ordinary
/// second fills a few hundred of them: one to three megabytes in all. The most that is possible, if
/// every stretch had responses of every length from nanoseconds to hours, is 960 times 34 KiB, which
/// are 33 megabytes.
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
                stretch.record(bucket);
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
        let counts: Vec<_> = open.counts().collect();
        open.counts.fill(0);
        if let Some(stretch) = self.bins.bin(open.stretch)
            && !counts.is_empty()
        {
            stretch.add(counts.into_iter());
        }
    }

    /// The length of a stretch, in nanoseconds.
    pub(crate) const fn width_ns(&self) -> u64 {
        self.bins.width_ns()
    }

    /// The stretches, in a length that is a power of two of their own.
    pub(super) fn coarsened(&self, width_ns: u64) -> Vec<Stretch> {
        let mut stretches = self.bins.bins().to_vec();
        for open in &self.open {
            if let Some(stretch) = stretches.get_mut(open.stretch) {
                stretch.add(open.counts());
            }
        }
        let each = usize::try_from(width_ns / self.bins.width_ns()).unwrap_or(usize::MAX);
        let sum = |chunk: &[Stretch]| {
            let mut sum = Stretch::default();
            chunk.iter().for_each(|stretch| sum.fold(stretch.clone()));
            sum
        };
        stretches.chunks(each.max(1)).map(sum).collect()
    }
}

impl Open {
    /// The buckets that hold any.
    fn counts(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
        let counts = (0..).zip(self.counts.iter().copied());
        counts.filter(|(_, count)| *count > 0)
    }
}
