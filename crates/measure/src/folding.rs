//! A record over time whose memory does not grow with the time.

/// What can be added up over time.
pub trait Fold: Default {
    /// Adds what was counted right after.
    fn fold(&mut self, later: Self);
}

/// Bins of equal width from time zero on. When there would be too many, neighbours are added up and
/// the width doubles, so that a long run has a coarser record and not a larger one.
#[derive(Debug, Clone, PartialEq)]
pub struct Folding<T> {
    width_ns: u64,
    most: usize,
    bins: Vec<T>,
}

impl<T: Fold> Folding<T> {
    /// Bins of `width_ns` nanoseconds at first, at most `most` of them (both at least 1 and 2).
    pub fn new(width_ns: u64, most: usize) -> Self {
        Self {
            width_ns: width_ns.max(1),
            most: most.max(2),
            bins: Vec::new(),
        }
    }

    /// The bin of a time.
    pub fn at(&mut self, ns: u64) -> &mut T {
        let place = self.place(ns);
        &mut self.bins[place]
    }

    /// Which bin that of a time is, from 0. There is one from then on.
    pub fn place(&mut self, ns: u64) -> usize {
        let mut bin = ns / self.width_ns;
        while bin >= self.most as u64 {
            self.halve();
            bin = ns / self.width_ns;
        }
        // Less than `most`, which is a usize.
        let bin = bin as usize;
        if bin >= self.bins.len() {
            self.bins.resize_with(bin + 1, T::default);
        }
        bin
    }

    /// A bin that there is, counted from 0.
    pub fn bin(&mut self, place: usize) -> Option<&mut T> {
        self.bins.get_mut(place)
    }

    /// Whether a time has a bin without any being added up for it.
    pub const fn reaches(&self, ns: u64) -> bool {
        ns / self.width_ns < self.most as u64
    }

    fn halve(&mut self) {
        let mut pairs = std::mem::take(&mut self.bins).into_iter();
        while let Some(mut first) = pairs.next() {
            if let Some(second) = pairs.next() {
                first.fold(second);
            }
            self.bins.push(first);
        }
        self.width_ns = self.width_ns.saturating_mul(2);
    }

    /// The bins that lie wholly within `from..until` (nanoseconds), in order.
    pub fn within(&self, from: u64, until: u64) -> &[T] {
        let first = usize::try_from(from.div_ceil(self.width_ns)).unwrap_or(usize::MAX);
        let end = usize::try_from(until / self.width_ns).unwrap_or(usize::MAX);
        let end = end.min(self.bins.len());
        &self.bins[first.min(end)..end]
    }

    /// The bins that begin within `from..until` (nanoseconds), in order, and when the first such bin begins.
    pub fn beginning_within(&self, from: u64, until: u64) -> (&[T], u64) {
        let first = from.div_ceil(self.width_ns);
        let place = |bin: u64| usize::try_from(bin).unwrap_or(usize::MAX);
        let end = place(until.div_ceil(self.width_ns)).min(self.bins.len());
        let bins = &self.bins[place(first).min(end)..end];
        (bins, first.saturating_mul(self.width_ns))
    }

    /// All bins.
    pub fn bins(&self) -> &[T] {
        &self.bins
    }

    /// How wide each is now, in nanoseconds.
    pub const fn width_ns(&self) -> u64 {
        self.width_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Fold for u64 {
        fn fold(&mut self, later: Self) {
            *self += later;
        }
    }

    #[test]
    fn a_longer_record_is_coarser_and_loses_nothing() {
        let mut folding = Folding::<u64>::new(10, 4);
        for ns in 0..40 {
            *folding.at(ns) += 1;
        }
        assert_eq!((folding.bins(), folding.width_ns()), (&[10; 4][..], 10));
        *folding.at(40) += 1;
        assert_eq!((folding.bins(), folding.width_ns()), (&[20, 20, 1][..], 20));
        *folding.at(1_000_000) += 1;
        assert!(folding.bins().len() <= 4);
        assert_eq!(folding.bins().iter().sum::<u64>(), 42);
    }

    #[test]
    fn only_whole_bins_are_within() {
        let mut folding = Folding::<u64>::new(10, 8);
        (0..5).for_each(|bin| *folding.at(10 * bin) = bin);
        assert_eq!(folding.within(0, u64::MAX), [0, 1, 2, 3, 4]);
        assert_eq!(folding.within(5, 40), [1, 2, 3]);
        assert_eq!(folding.within(10, 39), [1, 2]);
        assert!(folding.within(30, 20).is_empty() && folding.within(90, 100).is_empty());
    }

    #[test]
    fn bins_are_told_by_where_they_begin() {
        let mut folding = Folding::<u64>::new(10, 8);
        (0..5).for_each(|bin| *folding.at(10 * bin) = bin);
        assert_eq!(folding.beginning_within(5, 35), (&[1, 2, 3][..], 10));
        assert_eq!(folding.beginning_within(0, 40), (&[0, 1, 2, 3][..], 0));
        assert_eq!(folding.beginning_within(40, 900), (&[4][..], 40));
        assert_eq!(folding.beginning_within(90, 95), (&[][..], 90));
    }
}
