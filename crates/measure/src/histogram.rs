//! Durations by how often they occurred.

mod buckets;

use buckets::Buckets;

/// How finely a histogram tells durations apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// To two significant digits: 1 % of the value.
    Coarse,
    /// To three significant digits: 0.1 % of the value.
    #[default]
    Fine,
}

impl Precision {
    const fn digits(self) -> u8 {
        match self {
            Self::Coarse => 2,
            Self::Fine => 3,
        }
    }
}

/// Durations in nanoseconds. Count, smallest, largest and sum are exact; everything between is known
/// to the [`Precision`]. An empty one takes no memory; one of a few hundred counts takes 8 bytes for each, beyond that 8 KiB for
/// every doubling that occurs (1 KiB if it is coarse).
///
/// Source of the layout: Gil Tene, HdrHistogram.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    precision: Precision,
    buckets: Option<Buckets>,
    count: u64,
    min: u64,
    max: u64,
    sum: u128,
}

/// Count, mean and scatter of durations in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// How many.
    pub count: u64,
    /// Their mean; 0 if there is none.
    pub mean: f64,
    /// The sum of the squares of their distances from it.
    pub squares: f64,
}

impl Moments {
    /// The standard deviation of a sample (divisor n − 1); `None` for fewer than two.
    pub fn deviation(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.squares / (self.count - 1) as f64).sqrt())
    }

    /// Adds those of other durations.
    ///
    /// Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing
    /// sample variances" (1979).
    pub fn merge(&mut self, other: &Self) {
        let count = self.count + other.count;
        if other.count == 0 {
            return;
        }
        let (apart, share) = (other.mean - self.mean, other.count as f64 / count as f64);
        self.squares += other.squares + apart * apart * self.count as f64 * share;
        self.mean += apart * share;
        self.count = count;
    }
}

/// The largest duration that is told apart from larger ones: 73 years.
const LARGEST_NS: u64 = 1 << 61;

impl Histogram {
    /// An empty histogram.
    pub const fn new(precision: Precision) -> Self {
        Self {
            precision,
            buckets: None,
            count: 0,
            min: 0,
            max: 0,
            sum: 0,
        }
    }

    /// Counts one duration.
    pub fn record(&mut self, ns: u64) {
        if self.count == 0 {
            (self.min, self.max) = (ns, ns);
        } else {
            self.min = self.min.min(ns);
            self.max = self.max.max(ns);
        }
        self.count += 1;
        self.sum += u128::from(ns);
        self.buckets_mut().record(ns.min(LARGEST_NS));
    }

    fn buckets_mut(&mut self) -> &mut Buckets {
        let digits = self.precision.digits();
        self.buckets.get_or_insert_with(|| Buckets::new(digits))
    }

    /// Adds what another histogram counted. The result is as precise as the less precise of the two.
    pub fn merge(&mut self, other: &Self) {
        let Some(theirs) = &other.buckets else { return };
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            (self.min, self.max) = (other.min, other.max);
        } else {
            self.min = self.min.min(other.min);
            self.max = self.max.max(other.max);
        }
        self.count += other.count;
        self.sum += other.sum;
        self.buckets_mut().add(theirs);
    }

    /// Forgets what was counted and keeps the memory for the next use.
    pub fn clear(&mut self) {
        if let Some(buckets) = &mut self.buckets {
            buckets.clear();
        }
        (self.count, self.min, self.max, self.sum) = (0, 0, 0, 0);
    }

    /// How many durations there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The smallest, exactly.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest, exactly.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The sum of all, exactly.
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The mean of all.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// Count, mean and scatter, which add up over histograms; the scatter to the histogram's
    /// precision.
    pub fn moments(&self) -> Moments {
        let mean = self.mean().unwrap_or_default();
        Moments {
            count: self.count,
            mean,
            squares: self
                .steps()
                .map(|(ns, count)| (ns - mean).powi(2) * count as f64)
                .sum(),
        }
    }

    /// The middle of every bucket that holds something, kept within the exact extremes, and its
    /// count.
    fn steps(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.buckets.iter().flat_map(|buckets| {
            buckets.steps().map(|(low, high, count)| {
                let middle = (low as f64 + high as f64) / 2.0;
                (middle.clamp(self.min as f64, self.max as f64), count)
            })
        })
    }

    /// The quantile `numerator / denominator` (99 and 100 for p99), as the smallest duration that
    /// this share of all does not exceed. `None` if there is none.
    ///
    /// The rank is computed in whole numbers: in floating point, 7 % of 100 values would be the
    /// eighth.
    pub fn quantile(&self, numerator: u64, denominator: u64) -> Option<u64> {
        self.at_rank(rank(self.count, numerator, denominator))
    }

    /// The `rank`th smallest duration, from 1: the upper end of its bucket, kept within the exact
    /// extremes. `None` beyond the count.
    pub fn at_rank(&self, rank: u64) -> Option<u64> {
        let rank = Some(rank).filter(|rank| (1..=self.count).contains(rank));
        self.at_ranks(rank.into_iter()).next()
    }

    /// The same for several ranks, which ascend, are not 0 and not beyond the count.
    pub fn at_ranks(&self, ranks: impl Iterator<Item = u64>) -> impl Iterator<Item = u64> {
        let (min, max) = (self.min, self.max);
        let buckets = self.buckets.iter();
        let tops = buckets.flat_map({
            let mut ranks = Some(ranks);
            move |buckets| {
                ranks
                    .take()
                    .into_iter()
                    .flat_map(|ranks| buckets.at_ranks(ranks))
            }
        });
        tops.map(move |top| top.clamp(min, max))
    }

    /// Several [quantiles](Self::quantile) in one walk through the buckets, as fractions that ascend. None of them
    /// if there is no duration.
    pub fn quantiles(
        &self,
        fractions: impl IntoIterator<Item = (u64, u64)>,
    ) -> impl Iterator<Item = u64> {
        let count = self.count;
        let fractions = fractions.into_iter().filter(move |_| count > 0);
        self.at_ranks(
            fractions.map(move |(numerator, denominator)| rank(count, numerator, denominator)),
        )
    }

    /// How many durations are at least `ns`, those in the same bucket included.
    pub fn at_or_above(&self, ns: u64) -> u64 {
        if ns > self.max {
            return 0;
        }
        let below = self.buckets.as_ref().map(|buckets| buckets.below(ns));
        self.count - below.unwrap_or_default()
    }

    /// To how many significant digits durations are told apart.
    pub const fn digits(&self) -> u8 {
        self.precision.digits()
    }

    /// Every bucket that holds something, in order, as its place in HdrHistogram's layout (from 0, for a lowest
    /// discernible value of 1) and its count.
    pub fn buckets(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.buckets.iter().flat_map(Buckets::filled)
    }

    /// Whether it has memory to count in.
    pub(crate) const fn has_memory(&self) -> bool {
        self.buckets.is_some()
    }
}

/// The rank of a quantile among `count` values, from 1: `⌈count · numerator / denominator⌉`.
pub fn rank(count: u64, numerator: u64, denominator: u64) -> u64 {
    let product = u128::from(count) * u128::from(numerator);
    let rank = product.div_ceil(u128::from(denominator.max(1)));
    u64::try_from(rank).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests;
