//! Which journey the nth arrival takes: shares are exact, not drawn at random.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use thiserror::Error;

/// The longest cycle that is laid out in memory.
const LONGEST_CYCLE: u64 = 100_000;

/// Why weights make no mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MixError {
    /// There is no weight.
    #[error("a mix needs at least one journey")]
    Empty,
    /// Every weight is zero.
    #[error("every weight is 0, so no journey would ever be taken: give one a weight above 0")]
    AllZero,
    /// The weights only repeat after too many arrivals.
    #[error(
        "these weights repeat only after {0} arrivals, at most {LONGEST_CYCLE} are possible: use rounder weights"
    )]
    TooFine(u64),
}

/// Which journey the nth arrival takes.
///
/// The order repeats after as many arrivals as the weights sum to once they are divided by their
/// greatest common divisor, and each such cycle has exactly the shares asked for. In between, after
/// any number of arrivals, no journey is further from its exact share than 1 − 1/(2n − 2) arrivals,
/// where n is the number of journeys of a weight above zero: the best bound there is.
///
/// Source: R. Tijdeman, "The chairman assignment problem", Discrete Mathematics 32 (1980).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mix {
    cycle: Box<[u32]>,
    journeys: usize,
}

impl Mix {
    /// A mix of as many journeys as there are weights. One of weight 0 is never taken.
    ///
    /// # Errors
    /// If there is no weight above zero, or if the cycle would be longer than 100,000 arrivals.
    pub fn new(weights: &[u32]) -> Result<Self, MixError> {
        if weights.is_empty() {
            return Err(MixError::Empty);
        }
        let divisor = weights.iter().fold(0, |divisor, &w| gcd(divisor, w));
        if divisor == 0 {
            return Err(MixError::AllZero);
        }
        let sum: u64 = weights.iter().map(|&w| u64::from(w / divisor)).sum();
        if sum > LONGEST_CYCLE {
            return Err(MixError::TooFine(sum));
        }
        let shares: Vec<(u32, u64)> = (0..)
            .zip(weights)
            .map(|(journey, &w)| (journey, u64::from(w / divisor)))
            .filter(|&(_, weight)| weight > 0)
            .collect();
        Ok(Self {
            cycle: lay_out(&shares, sum),
            journeys: weights.len(),
        })
    }

    /// The journey of arrival `index` of the whole stream, as an index into the weights.
    pub fn pick(&self, index: u64) -> usize {
        self.cycle[(index % self.cycle.len() as u64) as usize] as usize
    }

    /// How many journeys there are, those of weight 0 included.
    pub const fn journeys(&self) -> usize {
        self.journeys
    }

    /// After how many arrivals the order repeats.
    pub const fn cycle_length(&self) -> usize {
        self.cycle.len()
    }
}

/// The mix of a single journey.
impl Default for Mix {
    fn default() -> Self {
        Self {
            cycle: Box::new([0]),
            journeys: 1,
        }
    }
}

const fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Gives each occurrence of each journey the slots in which it keeps the bound, and fills every slot
/// with the occurrence whose last slot is nearest.
fn lay_out(shares: &[(u32, u64)], sum: u64) -> Box<[u32]> {
    if let [(journey, _)] = shares {
        return Box::new([*journey]);
    }
    // The bound is 1 − 1/parts. Slots are counted from 1 here: after slot k, occurrence x (from 0)
    // of a journey may be there from k·share ≥ x + 1/parts and must be there once
    // k·share > x + 1 − 1/parts.
    let parts = 2 * (shares.len() as u64 - 1);
    let first = |weight: u64, x: u64| (sum * (1 + x * parts)).div_ceil(weight * parts);
    let last = |weight: u64, x: u64| (sum * ((x + 1) * parts - 1)) / (weight * parts) + 1;

    let mut waiting: BinaryHeap<_> = (0..shares.len())
        .map(|share| Reverse((first(shares[share].1, 0), share, 0)))
        .collect();
    let mut ready = BinaryHeap::new();
    let mut cycle = Vec::with_capacity(sum as usize);
    for slot in 1..=sum {
        while let Some(&Reverse((from, share, x))) = waiting.peek()
            && from <= slot
        {
            waiting.pop();
            ready.push(Reverse((last(shares[share].1, x), share, x)));
        }
        if let Some(Reverse((_, share, x))) = ready.pop() {
            let (journey, weight) = shares[share];
            cycle.push(journey);
            waiting.push(Reverse((first(weight, x + 1), share, x + 1)));
        }
    }
    cycle.into_boxed_slice()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picks(weights: &[u32], count: u64) -> Vec<usize> {
        let mix = Mix::new(weights).unwrap();
        (0..count).map(|i| mix.pick(i)).collect()
    }

    #[test]
    fn shares_are_interleaved() {
        assert_eq!(picks(&[1], 3), [0, 0, 0]);
        assert_eq!(picks(&[1, 1], 4), [0, 1, 0, 1]);
        assert_eq!(picks(&[0, 3], 3), [1, 1, 1]);
        assert_eq!(picks(&[70, 10, 20], 10), [0, 0, 2, 0, 0, 1, 0, 0, 2, 0]);
        assert_eq!(Mix::default(), Mix::new(&[5]).unwrap());
    }

    #[test]
    fn weights_are_reduced() {
        let mix = Mix::new(&[7_000, 1_000, 2_000]).unwrap();
        assert_eq!((mix.cycle_length(), mix.journeys()), (10, 3));
        assert_eq!(Mix::new(&[u32::MAX, u32::MAX]).unwrap().cycle_length(), 2);
    }

    #[test]
    fn many_journeys_are_laid_out_in_no_time() {
        let mix = Mix::new(&vec![1; 100_000]).unwrap();
        assert_eq!(mix.cycle_length(), 100_000);
    }

    #[test]
    fn useless_weights_are_refused() {
        assert_eq!(Mix::new(&[]), Err(MixError::Empty));
        assert_eq!(Mix::new(&[0, 0]), Err(MixError::AllZero));
        let error = Mix::new(&[100_000, 1]).unwrap_err();
        assert_eq!(error, MixError::TooFine(100_001));
        assert_eq!(
            error.to_string(),
            "these weights repeat only after 100001 arrivals, at most 100000 are possible: use rounder weights"
        );
    }

    proptest! {
        #[test]
        fn every_prefix_keeps_the_bound_and_every_cycle_is_exact(
            weights in prop::collection::vec(0_u32..60, 1..12)
        ) {
            prop_assume!(weights.iter().any(|&w| w > 0));
            let mix = Mix::new(&weights).unwrap();
            let sum: u64 = weights.iter().map(|&w| u64::from(w)).sum();
            let active = weights.iter().filter(|&&w| w > 0).count() as i64;
            let parts = (2 * (active - 1)).max(1);
            let mut counts = vec![0_i64; weights.len()];
            let length = mix.cycle_length() as u64;
            prop_assert_eq!(sum % length, 0);
            for i in 0..2 * length {
                counts[mix.pick(i)] += 1;
                for (count, &weight) in counts.iter().zip(&weights) {
                    // |count − (i+1)·weight/sum| ≤ 1 − 1/parts, in whole numbers.
                    let off = count * sum as i64 - (i as i64 + 1) * i64::from(weight);
                    prop_assert!(off.abs() * parts <= sum as i64 * (parts - 1));
                }
            }
            for (count, &weight) in counts.iter().zip(&weights) {
                prop_assert_eq!(*count as u64 * (sum / length), 2 * u64::from(weight));
            }
        }
    }
}
