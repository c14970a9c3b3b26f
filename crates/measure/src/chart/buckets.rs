//! Which durations are not told apart in a chart.
//!
//! Logarithmic buckets of which each half is linear, as in HdrHistogram: 128 to every doubling, so
//! that a bucket is at most 1/128 of its values wide, and at least 64 ns.

/// How many buckets there are.
pub(super) const BUCKETS: usize = 4352;

/// The width of the narrowest bucket is 2^6 = 64 ns.
const UNIT_BITS: u32 = 6;
/// There are 2^7 = 128 buckets to every doubling.
const PART_BITS: u32 = 7;
/// The last bucket ends here, after 19 hours, and has everything longer in it.
const LARGEST: u64 = (1 << 40) - 1;

/// The bucket of a duration in nanoseconds.
pub(super) const fn bucket(ns: u64) -> u16 {
    let units = ns >> UNIT_BITS;
    let units = if units > LARGEST { LARGEST } else { units };
    let doublings = (units | 1).ilog2().saturating_sub(PART_BITS);
    // At most 32 · 128 + 255.
    ((doublings << PART_BITS) as u64 + (units >> doublings)) as u16
}

/// The largest duration in a bucket, in nanoseconds.
pub(super) const fn top(bucket: u16) -> u64 {
    let doublings = (bucket as u32 >> PART_BITS).saturating_sub(1);
    let part = (bucket as u32 - (doublings << PART_BITS)) as u64;
    ((part + 1) << doublings << UNIT_BITS) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buckets_follow_each_other_without_gaps() {
        for at in 0..BUCKETS as u16 - 1 {
            assert_eq!(bucket(top(at)), at);
            assert_eq!(bucket(top(at) + 1), at + 1);
        }
        assert_eq!(bucket(u64::MAX) as usize, BUCKETS - 1);
        assert_eq!(top(BUCKETS as u16 - 1), (1 << 46) - 1);
    }

    proptest! {
        #[test]
        fn a_bucket_is_a_128th_of_its_values_wide(ns in 0..1_u64 << 46) {
            let off = top(bucket(ns)).checked_sub(ns);
            prop_assert!(off.is_some_and(|off| off < 64.max(ns / 127)), "{:?}", off);
        }
    }
}
