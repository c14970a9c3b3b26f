//! How much less a sample tells because its members depend on each other.
//!
//! Slow requests come in bursts: a stall delays everything that arrives during it. A count of them
//! then scatters more than independent ones would, by a factor called the design effect.

use super::normal;

/// What happened in one stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Batch {
    /// How many requests exceeded the limit.
    pub exceeding: u64,
    /// How many requests there were.
    pub n: u64,
}

/// With fewer batches, the scatter between them is itself too uncertain.
const FEWEST_BATCHES: usize = 20;

/// How the sum over dependent samples scatters, in comparison with one over independent ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dependence {
    /// The design effect: how many samples tell as much as one independent one, at least 1.
    pub deff: f64,
    /// The skewness of the sum. A few large bursts among many small ones make it positive: most
    /// runs then see less than their share, and an estimate of the scatter that is too small.
    pub skewness: f64,
}

impl Dependence {
    /// Independent samples, whose sum is as good as normal.
    pub const NONE: Self = Self {
        deff: 1.0,
        skewness: 0.0,
    };

    /// The design effect for the claim that the true value is above what was seen, which a skewed
    /// sum makes harder to dismiss. `z` is how many standard errors off it would have to be if the
    /// sum were normal; with the skewness γ of the sum, it has to be off by as many as
    /// t with t − γ(2t² + 1)/6 = z, at first order: the scatter counts (z / (z − γ(2z² + 1)/6))²
    /// times.
    ///
    /// A binomial test knows the skewness of independent counts already, so that this is a little
    /// more cautious than it need be where nothing depends on anything. Taking only the excess would
    /// cost less, but passes too often where bursts differ in size.
    ///
    /// Source: Johnson, "Modified t tests and confidence intervals for asymmetrical populations",
    /// JASA 73 (1978), equation 2.6.
    pub fn deff_from_below(&self, z: f64) -> f64 {
        let shift = self.skewness.max(0.0) * (2.0 * z * z + 1.0) / 6.0;
        // More than this is never reached: the skewness of a sum is at most about 1.
        self.deff * (z / (z - shift).max(z / 20.0)).powi(2)
    }

    /// What it will be after `factor` times as long: the skewness of sums wanes with the root of
    /// their length.
    pub(crate) fn after(&self, factor: f64) -> Self {
        Self {
            deff: self.deff,
            skewness: self.skewness / factor.sqrt(),
        }
    }
}

/// The dependence in a series of consecutive batches of equal duration; `None` for
/// fewer than two batches, or none with a request.
///
/// The largest scatter over batches of one, two, four … intervals, as long as there
/// are at least 20, because dependence may reach further than one interval; times
/// (t₀.₉₇₅ / 1.96)² for the uncertainty of an estimate from few batches.
pub fn dependence(batches: &[Batch]) -> Option<Dependence> {
    let exceeding: u64 = batches.iter().map(|batch| batch.exceeding).sum();
    let n: u64 = batches.iter().map(|batch| batch.n).sum();
    let p = exceeding as f64 / n as f64;
    let sums: Vec<_> = batches
        .iter()
        .map(|batch| (batch.exceeding as f64, batch.n))
        .collect();
    of_sums(sums, p * (1.0 - p))
}

/// The dependence behind a mean, from the sums and numbers of consecutive batches of equal duration.
/// The scatter within batches is not known from them, so that the variance of a single value has to
/// be given.
pub fn dependence_of_mean(sums: &[(f64, u64)], variance: f64) -> Option<Dependence> {
    of_sums(sums.to_vec(), variance)
}

fn of_sums(mut sums: Vec<(f64, u64)>, variance: f64) -> Option<Dependence> {
    let mut largest = scatter(&sums, variance)?;
    let mut count = sums.len();
    let mut skewness = skewness(&sums);
    while sums.len() / 2 >= FEWEST_BATCHES {
        sums = sums
            .chunks(2)
            .map(|pair| {
                pair.iter()
                    .fold((0.0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
            })
            .collect();
        if let Some(effect) = scatter(&sums, variance).filter(|&effect| effect > largest) {
            (largest, count) = (effect, sums.len());
            skewness = self::skewness(&sums);
        }
    }
    let uncertainty = normal::student_quantile(0.975, (count - 1) as f64) / normal::quantile(0.975);
    Some(Dependence {
        deff: largest.max(1.0) * uncertainty.powi(2),
        skewness,
    })
}

/// The skewness of the sum of all, as it shows between batches: Σd³ / (Σd²)^1.5 of their deviations.
fn skewness(sums: &[(f64, u64)]) -> f64 {
    let total: f64 = sums.iter().map(|sum| sum.0).sum();
    let n: u64 = sums.iter().map(|sum| sum.1).sum();
    let mean = total / n as f64;
    let (squares, cubes) = sums.iter().fold((0.0, 0.0), |(squares, cubes), (sum, n)| {
        let off = sum - mean * *n as f64;
        (squares + off * off, cubes + off * off * off)
    });
    if squares > 0.0 {
        cubes / squares.powf(1.5)
    } else {
        0.0
    }
}

/// The variance of a sum as it shows between batches, over that of as many independent values of
/// this variance: `B/(B−1) · Σ(s_b − s̄·m_b)² / (M·variance)`. 1 where there is no variance, for then
/// there is no scatter to see.
///
/// Source: Cochran, "Sampling Techniques", chapter 9 (ratio estimates of cluster samples).
fn scatter(sums: &[(f64, u64)], variance: f64) -> Option<f64> {
    let total: f64 = sums.iter().map(|sum| sum.0).sum();
    let n: u64 = sums.iter().map(|sum| sum.1).sum();
    if sums.len() < 2 || n == 0 {
        return None;
    }
    if variance <= 0.0 {
        return Some(1.0);
    }
    let (count, mean) = (sums.len() as f64, total / n as f64);
    let scatter: f64 = sums
        .iter()
        .map(|(sum, n)| (sum - mean * *n as f64).powi(2))
        .sum();
    Some(count / (count - 1.0) * scatter / (n as f64 * variance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_schedule::SplitMix64;

    fn between_batches(batches: &[Batch]) -> Option<f64> {
        let sums: Vec<_> = batches.iter().map(|b| (b.exceeding as f64, b.n)).collect();
        let (k, n) = batches
            .iter()
            .fold((0, 0), |sum, b| (sum.0 + b.exceeding, sum.1 + b.n));
        let p = k as f64 / n as f64;
        scatter(&sums, p * (1.0 - p))
    }

    fn paired(batches: &[Batch]) -> Vec<Batch> {
        let sum = |pair: &[Batch]| Batch {
            exceeding: pair.iter().map(|batch| batch.exceeding).sum(),
            n: pair.iter().map(|batch| batch.n).sum(),
        };
        batches.chunks(2).map(sum).collect()
    }

    #[test]
    fn a_mean_of_independent_values_has_no_effect_and_one_of_bursts_has() {
        let numbers = SplitMix64::new(7);
        // Uniform values have the variance 1/12.
        let sums: Vec<(f64, u64)> = (0..200)
            .map(|b| ((0..50).map(|i| numbers.uniform(50 * b + i)).sum(), 50))
            .collect();
        let effect = dependence_of_mean(&sums, 1.0 / 12.0).unwrap().deff;
        assert!((1.0..1.6).contains(&effect), "{effect}");
        let bursts: Vec<_> = (0..200).map(|b| (50.0 * numbers.uniform(b), 50)).collect();
        let effect = dependence_of_mean(&bursts, 1.0 / 12.0).unwrap().deff;
        assert!((40.0..75.0).contains(&effect), "{effect}");
    }

    const EXAMPLE: [u64; 20] = [3, 1, 0, 2, 12, 9, 1, 0, 2, 1, 0, 3, 8, 11, 2, 1, 0, 1, 2, 1];

    fn batches(exceeding: impl IntoIterator<Item = u64>, n: u64) -> Vec<Batch> {
        let batch = |exceeding| Batch { exceeding, n };
        exceeding.into_iter().map(batch).collect()
    }

    #[test]
    fn bursts_are_worth_fewer_samples() {
        let single = batches(EXAMPLE, 100);
        let effect = between_batches(&single).unwrap();
        assert!((effect - 4.8833).abs() < 5e-5, "{effect}");
        assert!((2000.0 / effect - 409.56).abs() < 5e-3);
        let effect = between_batches(&paired(&single)).unwrap();
        assert!((effect - 9.5456).abs() < 5e-5, "{effect}");
        assert!((2000.0 / effect - 209.52).abs() < 5e-3);
    }

    #[test]
    fn few_batches_widen_the_effect() {
        // Twenty batches cannot be paired, so it is 4.8833 · (2.0930 / 1.9600)².
        let effect = dependence(&batches(EXAMPLE, 100)).unwrap().deff;
        assert!((effect - 4.8833 * 1.140_39).abs() < 1e-3, "{effect}");
        assert!(dependence(&batches([1, 1], 100)).unwrap().deff > 40.0);
    }

    #[test]
    fn no_scatter_is_no_effect_and_no_batches_are_no_estimate() {
        let effect = dependence(&batches([0; 200], 100)).unwrap().deff;
        assert!((1.0..1.02).contains(&effect), "{effect}");
        assert_eq!(between_batches(&batches([100; 30], 100)), Some(1.0));
        assert_eq!(dependence(&batches([5], 100)), None);
        assert_eq!(dependence(&batches([0; 9], 0)), None);
    }

    /// An autoregressive series of order 1 inflates the variance of its mean by (1+φ)/(1−φ): 3 for
    /// φ = 0.5 and 19 for φ = 0.9.
    #[test]
    fn longer_batches_find_dependence_between_intervals() {
        let numbers = SplitMix64::new(42);
        for (phi, inflation) in [(0.5_f64, 3.0), (0.9, 19.0)] {
            let mut level = 0.0;
            let scale = (1.0 - phi * phi).sqrt();
            let series = batches(
                (0..4096).map(|i| {
                    // A sum of 12 uniforms is nearly normal, of variance 1.
                    let draw: f64 = (0..12).map(|j| numbers.uniform(12 * i + j)).sum();
                    level = phi * level + scale * (draw - 6.0);
                    // As many exceedances per interval as independent requests would scatter.
                    (1000.0 + 30.0 * level).round() as u64
                }),
                10_000,
            );
            let single = between_batches(&series).unwrap();
            assert!((single - 1.0).abs() < 0.2, "{single}");
            let effect = dependence(&series).unwrap().deff;
            let expected = 0.7 * inflation..2.0 * inflation;
            assert!(expected.contains(&effect), "{phi}: {effect}");
        }
    }
}
