//! Counts by bucket, in HdrHistogram's layout, of the range that occurs.
//!
//! The buckets are ours because they are counted into for every request and walked through for every
//! quantile: the range that occurs is a vector without gaps, so that both are a few instructions, and
//! memory is what that range needs. As long as few buckets of a wide range hold something they are a list instead: a run
//! with thousands of steps has thousands of histograms, and thousands a second with a handful of counts each. What leaves
//! the program leaves it in HdrHistogram's own formats.

/// Memory grows by this many buckets.
const GRAIN: usize = 64;

/// So many buckets are a list at most: four kilobytes of it. A vector of two doublings of three digits has sixteen.
const FEW: usize = 512;

/// So many are a list in any case; beyond that, as long as a vector would be [`SPARSE`] times as large.
const FEW_OF_ANY: usize = 64;
const SPARSE: usize = 4;

/// Counts by bucket.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    /// Each doubling of the value has 2 to the power of this many buckets; below the first two of
    /// them, each value has its own.
    bits: u32,
    /// Buckets and their counts, by bucket; empty once there are `counts`.
    few: Vec<(u32, u32)>,
    /// The bucket of the first of `counts`.
    first: usize,
    counts: Vec<u64>,
}

impl Buckets {
    /// No bucket yet, for a precision of this many significant digits: HdrHistogram's smallest power
    /// of two that tells 10 to that power apart within a doubling.
    pub(super) fn new(digits: u8) -> Self {
        let bits = (2 * 10_u64.pow(u32::from(digits)))
            .next_power_of_two()
            .ilog2()
            - 1;
        Self {
            bits,
            few: Vec::new(),
            first: 0,
            counts: Vec::new(),
        }
    }

    fn bucket(&self, value: u64) -> usize {
        let doubling = value.max(1).ilog2().saturating_sub(self.bits);
        ((doubling as usize) << self.bits) + (value >> doubling) as usize
    }

    /// The smallest and the largest value of a bucket.
    fn bounds(&self, bucket: usize) -> (u64, u64) {
        let doubling = (bucket >> self.bits).saturating_sub(1);
        let low = ((bucket - (doubling << self.bits)) as u64) << doubling;
        (low, low + ((1 << doubling) - 1))
    }

    /// Counts a value.
    pub(super) fn record(&mut self, value: u64, times: u64) {
        self.count(self.bucket(value), times);
    }

    fn count(&mut self, bucket: usize, times: u64) {
        if let Some(count) = self.counts.get_mut(bucket.wrapping_sub(self.first)) {
            *count += times;
        } else if self.counts.is_empty() {
            self.count_in_list(bucket, times);
        } else {
            self.cover(bucket, bucket);
            self.counts[bucket - self.first] += times;
        }
    }

    fn count_in_list(&mut self, bucket: usize, times: u64) {
        // There are fewer buckets than 2^32, for 64 doublings of at most 2^17.
        match self.few.binary_search_by_key(&bucket, |few| few.0 as usize) {
            Ok(at) => match u32::try_from(u64::from(self.few[at].1) + times) {
                Ok(sum) => self.few[at].1 = sum,
                Err(_) => self.count_in_vector(bucket, times),
            },
            Err(at) => match u32::try_from(times) {
                Ok(times) if self.has_room(bucket) => self.few.insert(at, (bucket as u32, times)),
                _ => self.count_in_vector(bucket, times),
            },
        }
    }

    /// Whether `bucket` had better be one more in the list than have a vector made of it.
    fn has_room(&self, bucket: usize) -> bool {
        let (Some((low, _)), Some((high, _))) = (self.few.first(), self.few.last()) else {
            return true;
        };
        let range = (*high as usize).max(bucket) + 1 - (*low as usize).min(bucket);
        self.few.len() < FEW_OF_ANY || self.few.len() < FEW.min(range / SPARSE)
    }

    fn count_in_vector(&mut self, bucket: usize, times: u64) {
        self.spread();
        self.cover(bucket, bucket);
        self.counts[bucket - self.first] += times;
    }

    /// Makes a vector without gaps of the list.
    fn spread(&mut self) {
        if let (Some((low, _)), Some((high, _))) = (self.few.first(), self.few.last()) {
            self.cover(*low as usize, *high as usize);
        }
        for (bucket, times) in std::mem::take(&mut self.few) {
            self.counts[bucket as usize - self.first] += u64::from(times);
        }
    }

    /// Makes room for the buckets from `low` to `high`.
    fn cover(&mut self, low: usize, high: usize) {
        let low = low - low % GRAIN;
        let length = |first: usize| (high + 1 - first).next_multiple_of(GRAIN);
        if self.counts.is_empty() {
            self.first = low;
        }
        if low < self.first {
            let more = self.first - low;
            self.counts.splice(..0, std::iter::repeat_n(0, more));
            self.first = low;
        }
        if high >= self.first + self.counts.len() {
            let length = length(self.first);
            self.counts.reserve_exact(length - self.counts.len());
            self.counts.resize(length, 0);
        }
    }

    /// Adds other counts; of another precision, they are counted by the smallest value of their bucket.
    pub(super) fn add(&mut self, other: &Self) {
        if other.bits != self.bits {
            for (low, _, count) in other.steps() {
                self.record(low, count);
            }
            return;
        }
        for (bucket, count) in &other.few {
            self.count(*bucket as usize, u64::from(*count));
        }
        let (Some(low), Some(high)) = (
            other.counts.iter().position(|count| *count > 0),
            other.counts.iter().rposition(|count| *count > 0),
        ) else {
            return;
        };
        self.spread();
        self.cover(other.first + low, other.first + high);
        let ours = &mut self.counts[other.first + low - self.first..];
        for (ours, theirs) in ours.iter_mut().zip(&other.counts[low..=high]) {
            *ours += theirs;
        }
    }

    /// Forgets the counts and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.few.clear();
        self.counts.clear();
    }

    /// Every bucket that holds something, in order: its smallest and largest value, and its count.
    pub(super) fn steps(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        self.filled().map(|(bucket, count)| {
            let (low, high) = self.bounds(bucket);
            (low, high, count)
        })
    }

    /// Every bucket that holds something, in order, and its count.
    pub(super) fn filled(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let counts = (self.first..).zip(self.counts.iter().copied());
        let counts = counts.filter(|(_, count)| *count > 0);
        let few = self.few.iter();
        let few = few.map(|(bucket, count)| (*bucket as usize, u64::from(*count)));
        few.chain(counts)
    }

    /// The largest value in the bucket of each rank, from 1; the ranks ascend and are not beyond the
    /// count.
    pub(super) fn at_ranks(&self, ranks: impl Iterator<Item = u64>) -> impl Iterator<Item = u64> {
        let mut buckets = self.filled();
        let (mut bucket, mut until) = (self.first, 0);
        ranks.map(move |rank| {
            while until < rank
                && let Some((next, count)) = buckets.next()
            {
                bucket = next;
                until += count;
            }
            self.bounds(bucket).1
        })
    }

    /// How many values are in buckets whose largest value is below `value`.
    pub(super) fn below(&self, value: u64) -> u64 {
        let bucket = self.bucket(value);
        let few = self.few.iter();
        let few = few.take_while(|(known, _)| (*known as usize) < bucket);
        let until = bucket.saturating_sub(self.first);
        let counts = &self.counts[..until.min(self.counts.len())];
        few.map(|(_, count)| u64::from(*count)).sum::<u64>() + counts.iter().sum::<u64>()
    }
}
