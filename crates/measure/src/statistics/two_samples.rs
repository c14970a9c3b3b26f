//! Whether two samples have the same mean.

use super::normal;

/// Mean and scatter of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// How many values.
    pub n: usize,
    /// Their mean; 0 if there are none.
    pub mean: f64,
    /// Their standard deviation (divisor n − 1); 0 for fewer than two.
    pub deviation: f64,
}

impl Level {
    /// Of these values.
    pub fn of(values: &[f64]) -> Self {
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n.max(1) as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            n,
            mean,
            deviation: (squares / n.saturating_sub(1).max(1) as f64).sqrt(),
        }
    }
}

/// The probability of means as far apart, on either side, if both samples come from one normal
/// distribution. 1 for fewer than three values together, or an empty sample.
///
/// Source: Student's two-sample test with a common variance, as in Fisher, "Statistical Methods for
/// Research Workers" (1925), section 24.
pub fn p(one: &Level, other: &Level) -> f64 {
    let (n, m) = (one.n as f64, other.n as f64);
    let freedom = n + m - 2.0;
    if one.n == 0 || other.n == 0 || freedom < 1.0 {
        return 1.0;
    }
    let squares = (n - 1.0) * one.deviation.powi(2) + (m - 1.0) * other.deviation.powi(2);
    let error = (squares / freedom * (1.0 / n + 1.0 / m)).sqrt();
    let apart = (one.mean - other.mean).abs();
    if apart == 0.0 {
        1.0
    } else if error == 0.0 {
        0.0
    } else {
        let p = 2.0 * normal::student_below(-apart / error, freedom);
        // Where squares overflow nothing is known.
        if p.is_nan() { 1.0 } else { p.min(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probability_is_that_of_student() {
        // By scipy.stats.ttest_ind.
        let one = Level::of(&[30.02, 29.99, 30.11, 29.97, 30.01, 29.99]);
        let other = Level::of(&[29.89, 29.93, 29.72, 29.98, 30.02, 29.98]);
        assert!(
            (p(&one, &other) - 0.078_565_8).abs() < 1e-6,
            "{}",
            p(&one, &other)
        );
        assert!((one.mean - 30.015).abs() < 1e-12);
        assert!((one.deviation - 0.049_699).abs() < 1e-6);
    }

    #[test]
    fn without_scatter_any_difference_is_certain_and_without_values_none() {
        let level = |values: &[f64]| Level::of(values);
        assert_eq!(p(&level(&[1.0, 1.0]), &level(&[2.0, 2.0])), 0.0);
        assert_eq!(p(&level(&[1.0, 1.0]), &level(&[1.0])), 1.0);
        assert_eq!(p(&level(&[1.0]), &level(&[2.0])), 1.0);
        assert_eq!(p(&level(&[]), &level(&[2.0, 3.0, 4.0])), 1.0);
        assert_eq!(p(&level(&[1e300, -1e300]), &level(&[1e308, 1e307])), 1.0);
    }
}
