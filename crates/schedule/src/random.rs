//! Random numbers that can be computed from their position: every machine and every thread gets
//! the same ones without talking to another.

/// 2⁶⁴ divided by the golden ratio: the step between the states of SplitMix64.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
const TWO_POW_MINUS_53: f64 = 1.0 / (1_u64 << 53) as f64;

/// SplitMix64 by counter: the nth number is a function of the seed and n.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SplitMix64 {
    seed: u64,
}

impl SplitMix64 {
    /// The numbers that belong to `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The number at position `index`, from 0.
    pub const fn at(self, index: u64) -> u64 {
        mix(self
            .seed
            .wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// The number at position `index`, as a fraction in [0, 1).
    pub fn uniform(self, index: u64) -> f64 {
        (self.at(index) >> 11) as f64 * TWO_POW_MINUS_53
    }

    /// The number at position `index`, as a draw from the exponential distribution of mean 1.
    ///
    /// Uses a logarithm in pure Rust, because that of the platform may differ in the last bit.
    pub fn exponential(self, index: u64) -> f64 {
        let u = ((self.at(index) >> 11) as f64 + 0.5) * TWO_POW_MINUS_53;
        -libm::log(u)
    }

    /// Another stream of numbers, unrelated to this one, for another purpose of the same seed.
    pub const fn fork(self, purpose: u64) -> Self {
        Self {
            seed: mix(mix(self.seed.wrapping_add(GOLDEN)) ^ mix(purpose.wrapping_add(GOLDEN))),
        }
    }
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Draws from the exponential distribution of mean 1, one after the other, without end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exponentials {
    numbers: SplitMix64,
    next: u64,
}

impl Exponentials {
    /// The draws that belong to `seed`.
    pub const fn new(seed: u64) -> Self {
        Self {
            numbers: SplitMix64::new(seed),
            next: 0,
        }
    }

    /// The next draw.
    pub fn draw(&mut self) -> f64 {
        let value = self.numbers.exponential(self.next);
        self.next = self.next.wrapping_add(1);
        value
    }
}

impl Iterator for Exponentials {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        Some(self.draw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_seed_42_are_those_of_the_reference() {
        let numbers = SplitMix64::new(42);
        assert_eq!(
            [numbers.at(0), numbers.at(1), numbers.at(2)],
            [
                0xbdd7_3226_2feb_6e95,
                0x28ef_e333_b266_f103,
                0x4752_6757_130f_9f52
            ]
        );
    }

    #[test]
    fn exponentials_of_seed_42_are_those_of_the_reference() {
        let expected = [0.298_992_6, 1.833_141_7, 1.277_974_2];
        for (got, expected) in Exponentials::new(42).zip(expected) {
            assert!((got - expected).abs() < 5e-8, "{got} {expected}");
        }
    }

    #[test]
    fn uniforms_stay_below_one_and_average_to_a_half() {
        let numbers = SplitMix64::new(7);
        let sum: f64 = (0..100_000)
            .map(|i| numbers.uniform(i))
            .inspect(|u| assert!((0.0..1.0).contains(u)))
            .sum();
        assert!((sum / 1e5 - 0.5).abs() < 0.005, "{sum}");
    }

    #[test]
    fn forks_differ_from_each_other_and_from_their_origin() {
        let origin = SplitMix64::new(42);
        assert_ne!(origin.fork(0), origin);
        assert_ne!(origin.fork(0), origin.fork(1));
        assert_ne!(origin.fork(0), SplitMix64::new(43).fork(0));
    }
}
