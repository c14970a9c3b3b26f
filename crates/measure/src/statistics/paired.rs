//! The mean of a few differences, and what it proves.

use super::normal;

/// The mean of independent values with its standard error, after Student.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// How many values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (divisor n − 1).
    pub deviation: f64,
    /// The standard deviation of the mean.
    pub standard_error: f64,
}

impl Mean {
    /// Of these values; `None` for fewer than two, and where one is not finite.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len();
        if n < 2 || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / (n - 1) as f64).sqrt();
        let is_usable = mean.is_finite() && deviation.is_finite();
        is_usable.then(|| Self {
            n,
            mean,
            deviation,
            standard_error: deviation / (n as f64).sqrt(),
        })
    }

    /// The same with a standard error of at least so much, where that is known from elsewhere.
    pub fn with_error_of_at_least(self, error: f64) -> Self {
        Self {
            standard_error: self.standard_error.max(error),
            ..self
        }
    }

    /// How many standard errors the mean is from 0: infinite if there is no error at all, and 0 if
    /// it is 0.
    pub fn t(&self) -> f64 {
        if self.mean == 0.0 {
            0.0
        } else {
            self.mean / self.standard_error
        }
    }

    /// The probability of a mean as far from 0, on either side, if the true one is 0 and the
    /// values are normal.
    ///
    /// Source: Student, "The probable error of a mean", Biometrika 6 (1908).
    pub fn p(&self) -> f64 {
        let t = self.t().abs();
        if t.is_infinite() {
            0.0
        } else {
            (2.0 * normal::student_below(-t, self.freedom())).min(1.0)
        }
    }

    /// Where the true mean lies, with an error of `alpha`, half of it on each side.
    pub fn interval(&self, alpha: f64) -> (f64, f64) {
        let reach = if self.standard_error > 0.0 {
            normal::student_quantile(1.0 - alpha / 2.0, self.freedom()) * self.standard_error
        } else {
            0.0
        };
        (self.mean - reach, self.mean + reach)
    }

    /// Where one more value of the same kind will lie, with an error of `alpha`, half of it on each
    /// side: mean ± t·s·√(1 + 1/n), where s·√(1 + 1/n) counts as at least `least_error`, if that is
    /// known from elsewhere.
    ///
    /// Source: Hahn and Meeker, "Statistical Intervals" (1991), section 4.7.
    pub fn prediction(&self, alpha: f64, least_error: f64) -> (f64, f64) {
        let scatter = self.deviation * (1.0 + 1.0 / self.n as f64).sqrt();
        let scatter = scatter.max(least_error);
        let reach = if scatter > 0.0 {
            normal::student_quantile(1.0 - alpha / 2.0, self.freedom()) * scatter
        } else {
            0.0
        };
        (self.mean - reach, self.mean + reach)
    }

    fn freedom(&self) -> f64 {
        (self.n - 1) as f64
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Ten rounds of a duel.
    pub(crate) const ROUNDS: [f64; 10] = [
        0.031, 0.012, 0.055, -0.004, 0.041, 0.028, 0.060, 0.019, 0.035, 0.008,
    ];

    #[test]
    fn the_reference_is_met() {
        let mean = Mean::of(&ROUNDS).unwrap();
        assert!((mean.mean - 0.0285).abs() < 1e-12);
        assert!((mean.deviation - 0.020_381).abs() < 5e-7);
        assert!((mean.t() - 4.4220).abs() < 5e-5, "{}", mean.t());
        assert!((mean.p() - 0.001_666).abs() < 5e-7, "{}", mean.p());
        let (lower, upper) = mean.interval(0.05);
        assert!((lower - 0.013_92).abs() < 5e-6, "{lower}");
        assert!((upper - 0.043_08).abs() < 5e-6, "{upper}");
        let percent = |log: f64| log.exp_m1() * 100.0;
        assert!((percent(mean.mean) - 2.89).abs() < 5e-3);
        assert!((percent(lower) - 1.40).abs() < 5e-3);
        assert!((percent(upper) - 4.40).abs() < 5e-3);
    }

    #[test]
    fn the_next_value_is_less_certain_than_the_mean() {
        // t₀.₉₇₅,₉ = 2.262157; 2.262157 · 0.020381 · √1.1 = 0.048355.
        let (lower, upper) = Mean::of(&ROUNDS).unwrap().prediction(0.05, 0.0);
        assert!((lower - (0.0285 - 0.048_355)).abs() < 2e-6, "{lower}");
        assert!((upper - (0.0285 + 0.048_355)).abs() < 2e-6, "{upper}");
    }

    #[test]
    fn equal_values_have_no_error_unless_one_is_given() {
        let equal = Mean::of(&[0.5; 6]).unwrap();
        assert_eq!((equal.p(), equal.interval(0.05)), (0.0, (0.5, 0.5)));
        let none = Mean::of(&[0.0; 6]).unwrap();
        assert_eq!((none.t(), none.p()), (0.0, 1.0));
        let widened = none.with_error_of_at_least(1.0).interval(0.05);
        assert!((widened.1 - 2.570_582).abs() < 1e-5, "{widened:?}");
        assert_eq!(none.prediction(0.05, 0.0), (0.0, 0.0));
        assert_eq!(none.prediction(0.05, 1.0), widened);
    }

    #[test]
    fn of_one_value_or_of_none_that_is_a_number_nothing_follows() {
        assert_eq!(Mean::of(&[1.0]), None);
        assert_eq!(Mean::of(&[1.0, f64::NAN]), None);
        assert_eq!(Mean::of(&[1.0, f64::INFINITY]), None);
        assert_eq!(Mean::of(&[f64::MAX, f64::MAX]), None);
    }
}
