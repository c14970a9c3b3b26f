//! Reproducible randomness: a number for every (seed, index), with no state to carry.

/// SplitMix64's output function (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) fn mix(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The `index`th output of SplitMix64 started from `seed`.
pub(crate) fn splitmix(seed: u64, index: u64) -> u64 {
    mix(seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

/// The `index`th draw of a stream, evenly spread over the open interval from 0 to 1.
pub(crate) fn uniform(seed: u64, index: u64) -> f64 {
    ((splitmix(seed, index) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// A well-mixed number for a text.
pub(crate) fn hash(seed: u64, text: &[u8]) -> u64 {
    text.iter()
        .fold(mix(seed ^ 0x5851_F42D_4C95_7F2D), |state, byte| {
            mix(state ^ u64::from(*byte))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_matches_the_published_stream() {
        assert_eq!(splitmix(42, 0), 0xbdd7_3226_2feb_6e95);
        assert_eq!(splitmix(42, 1), 0x28ef_e333_b266_f103);
        assert_eq!(splitmix(42, 2), 0x4752_6757_130f_9f52);
    }

    #[test]
    fn texts_differ() {
        assert_ne!(hash(1, b"AMS-ROM"), hash(1, b"ROM-AMS"));
        assert_ne!(hash(1, b"AMS-ROM"), hash(2, b"AMS-ROM"));
    }
}
