//! An exact share of a stream: after n requests it has taken n·share of them, rounded down or up.

use crate::quantity::Share;
use crate::random::uniform;

/// Takes its share of the requests that it is asked about, in no regular pattern, the same ones for the same seed.
///
/// The stream is cut into blocks of 1/share requests; one of each block, drawn at random, is taken.
#[derive(Debug)]
pub(crate) struct Quota {
    share: f64,
    seed: u64,
    seen: u64,
    block: u64,
    next: Option<u64>,
}

impl Quota {
    pub(crate) fn new(share: Share, seed: u64) -> Self {
        let mut quota = Self {
            share: share.fraction(),
            seed,
            seen: 0,
            block: 0,
            next: None,
        };
        quota.next = quota.draw(0);
        quota
    }

    /// Whether the next request is taken.
    pub(crate) fn takes(&mut self) -> bool {
        let number = self.seen;
        self.seen += 1;
        if self.next != Some(number) {
            return false;
        }
        self.block += 1;
        self.next = self.draw(number + 1);
        true
    }

    /// The one of the current block, `earliest` or later: where blocks are no whole number of requests,
    /// the last of a block may be the first of the next one too.
    fn draw(&self, earliest: u64) -> Option<u64> {
        if self.share <= 0.0 {
            return None;
        }
        let drawn = (self.block as f64 + uniform(self.seed, self.block)) / self.share;
        Some((drawn as u64).max(earliest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn taken(share: &str, seed: u64, requests: usize) -> Vec<usize> {
        let mut quota = Quota::new(share.parse().expect("a share"), seed);
        (0..requests).filter(|_| quota.takes()).collect()
    }

    #[test]
    fn one_percent_of_ten_thousand_is_a_hundred() {
        assert_eq!(taken("1%", 1, 10_000).len(), 100);
        assert_eq!(taken("0%", 1, 10_000).len(), 0);
        assert_eq!(taken("100%", 1, 10_000).len(), 10_000);
        assert_eq!(taken("33.3%", 1, 1_000_000).len(), 333_000);
    }

    #[test]
    fn seeds_take_different_ones_and_the_pattern_is_not_regular() {
        assert_eq!(taken("1%", 1, 10_000), taken("1%", 1, 10_000));
        assert_ne!(taken("1%", 1, 10_000), taken("1%", 2, 10_000));
        let taken = taken("1%", 1, 10_000);
        let gaps: std::collections::HashSet<usize> =
            taken.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(gaps.len() > 30, "{gaps:?}");
    }

    proptest! {
        #[test]
        fn every_prefix_is_exact(thousandths in 0u32..=100_000, seed: u64) {
            let percent = f64::from(thousandths) / 1000.0;
            let mut quota = Quota::new(format!("{percent}%").parse().expect("a share"), seed);
            let mut taken = 0.0;
            for seen in 1..=2_000u32 {
                taken += f64::from(u8::from(quota.takes()));
                let expected = f64::from(seen) * percent / 100.0;
                prop_assert!((taken - expected).abs() < 1.0 + 1e-6, "{taken} of {seen}, not {expected}");
            }
        }
    }
}
