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
const FEW_OF_ANY: usize = 16;
const SPARSE: usize = 4;

/// So many values wait to be put into the list together: to add each by itself would be a search in memory that is
/// in no cache, where there are thousands of lists.
const RECENT: usize = 64;

/// Counts by bucket.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    /// Each doubling of the value has 2 to the power of this many buckets; below the first two of
    /// them, each value has its own.
    bits: u32,
    /// Buckets and their counts, by bucket; empty once there are `counts`.
    few: Vec<(u32, u32)>,
    /// The buckets of values that are not in `few` yet, in no order; empty once there are `counts`.
    recent: Vec<u32>,
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
            recent: Vec::new(),
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
    pub(super) fn record(&mut self, value: u64) {
        self.count(self.bucket(value));
    }

    /// Counts a value of a bucket.
    fn count(&mut self, bucket: usize) {
        if let Some(count) = self.counts.get_mut(bucket.wrapping_sub(self.first)) {
            *count += 1;
        } else if self.counts.is_empty() {
            // There are fewer buckets than 2^32: 64 doublings of at most 2^17.
            self.recent.push(bucket as u32);
            if self.recent.len() >= RECENT {
                self.settle();
            }
        } else {
            self.add_to_vector(std::iter::once((bucket, 1)));
        }
    }

    /// Puts recent values where they belong.
    fn settle(&mut self) {
        if self.recent.is_empty() {
            return;
        }
        let mut recent = std::mem::take(&mut self.recent);
        recent.sort_unstable();
        self.add_ascending(recent.iter().map(|bucket| (*bucket as usize, 1)));
        if self.counts.is_empty() {
            recent.clear();
            self.recent = recent;
        }
    }

    /// Adds counts of ascending buckets where nothing is recent: to the list, or to a vector if there had better be one.
    fn add_ascending(&mut self, more: impl Iterator<Item = (usize, u64)> + Clone) {
        if self.counts.is_empty() {
            let list = merged(listed(&self.few), more.clone());
            let list = list.map(|(bucket, count)| Some((bucket as u32, count.try_into().ok()?)));
            // Counts of more than 32 bits are for a vector.
            let list: Option<Vec<_>> = list.collect();
            if let Some(list) = list.filter(|list| is_few(list)) {
                self.few = list;
                return;
            }
            let few = std::mem::take(&mut self.few);
            self.add_to_vector(listed(&few));
        }
        self.add_to_vector(more);
    }

    fn add_to_vector(&mut self, more: impl Iterator<Item = (usize, u64)> + Clone) {
        if let (Some((low, _)), Some((high, _))) = (more.clone().next(), more.clone().last()) {
            self.cover(low, high);
        }
        for (bucket, count) in more {
            self.counts[bucket - self.first] += count;
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
        if other.bits == self.bits && other.few.is_empty() && other.counts.is_empty() {
            // A handful: many of them one after the other are not to be a walk through the list each.
            let theirs = other.recent.iter();
            theirs.for_each(|bucket| self.count(*bucket as usize));
            return;
        }
        self.settle();
        if other.bits != self.bits {
            let theirs: Vec<_> = other
                .steps()
                .map(|(low, _, count)| (self.bucket(low), count))
                .collect();
            self.add_ascending(theirs.iter().copied());
            return;
        }
        if other.counts.is_empty() {
            let theirs: Vec<_> = other.filled().collect();
            self.add_ascending(theirs.iter().copied());
            return;
        }
        let (Some(low), Some(high)) = (
            other.counts.iter().position(|count| *count > 0),
            other.counts.iter().rposition(|count| *count > 0),
        ) else {
            return;
        };
        let few = std::mem::take(&mut self.few);
        self.cover(other.first + low, other.first + high);
        self.add_to_vector(listed(&few));
        let ours = &mut self.counts[other.first + low - self.first..];
        for (ours, theirs) in ours.iter_mut().zip(&other.counts[low..=high]) {
            *ours += theirs;
        }
    }

    /// Forgets the counts and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.few.clear();
        self.recent.clear();
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
        let mut recent = self.recent.clone();
        recent.sort_unstable();
        let recent = recent.into_iter().map(|bucket| (bucket as usize, 1));
        let counts = (self.first..).zip(self.counts.iter().copied());
        let counts = counts.filter(|(_, count)| *count > 0);
        merged(listed(&self.few), recent).chain(counts)
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
        let few = listed(&self.few).take_while(|(known, _)| *known < bucket);
        let recent = self.recent.iter();
        let recent = recent.filter(|known| (**known as usize) < bucket);
        let until = bucket.saturating_sub(self.first);
        let counts = &self.counts[..until.min(self.counts.len())];
        few.map(|(_, count)| count).sum::<u64>()
            + recent.count() as u64
            + counts.iter().sum::<u64>()
    }
}

/// Whether buckets had better be a list than a vector.
fn is_few(list: &[(u32, u32)]) -> bool {
    let (Some((low, _)), Some((high, _))) = (list.first(), list.last()) else {
        return true;
    };
    let range = (high + 1 - low) as usize;
    list.len() <= FEW_OF_ANY || list.len() <= FEW.min(range / SPARSE)
}

fn listed(few: &[(u32, u32)]) -> impl Iterator<Item = (usize, u64)> + Clone + '_ {
    let few = few.iter();
    few.map(|(bucket, count)| (*bucket as usize, u64::from(*count)))
}

/// Counts of buckets that ascend, as one list in which each bucket is there once.
fn merged(
    a: impl Iterator<Item = (usize, u64)>,
    b: impl Iterator<Item = (usize, u64)>,
) -> impl Iterator<Item = (usize, u64)> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || {
        let bucket = match (a.peek(), b.peek()) {
            (Some(a), Some(b)) => a.0.min(b.0),
            (Some(one), None) | (None, Some(one)) => one.0,
            (None, None) => return None,
        };
        let mut sum = 0;
        while let Some((_, count)) = a.next_if(|one| one.0 == bucket) {
            sum += count;
        }
        while let Some((_, count)) = b.next_if(|one| one.0 == bucket) {
            sum += count;
        }
        Some((bucket, sum))
    })
}
