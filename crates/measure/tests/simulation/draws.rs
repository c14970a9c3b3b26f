//! Random numbers one after the other, from the generator of the arrival schedules.

use plimsoll_schedule::SplitMix64;

/// A stream of draws that is determined by its seed.
pub(crate) struct Draws {
    numbers: SplitMix64,
    next: u64,
}

impl Draws {
    /// The stream of replication `replication` of a simulation.
    pub(crate) fn new(seed: u64, replication: u64) -> Self {
        Self {
            numbers: SplitMix64::new(seed).fork(replication),
            next: 0,
        }
    }

    fn index(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Uniform in [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        let index = self.index();
        self.numbers.uniform(index)
    }

    /// Uniform among the first `count` whole numbers.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.uniform() * count as f64) as usize
    }

    /// Exponential, of this mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        let index = self.index();
        mean * self.numbers.exponential(index)
    }

    /// Standard normal, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (2.0 * self.exponential(1.0)).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}
