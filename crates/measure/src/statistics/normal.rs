//! The normal and Student's t distribution.

use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::erf::{erfc, erfc_inv};
use std::f64::consts::SQRT_2;

/// P(Z ≤ `z`) for a standard normal Z.
pub fn below(z: f64) -> f64 {
    erfc(-z / SQRT_2) / 2.0
}

/// The `p` quantile of the standard normal distribution, for 0 < p < 1.
pub fn quantile(p: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * p)
}

/// P(T ≤ `t`) for T by Student's t distribution with `freedom` degrees of freedom. NaN with none.
pub fn student_below(t: f64, freedom: f64) -> f64 {
    if t.is_nan() {
        return t;
    }
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |student| student.cdf(t))
}

/// The `p` quantile of Student's t distribution with `freedom` degrees of freedom, for
/// 0 < p < 1. Infinite with no freedom.
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        assert!((quantile(0.975) - 1.959_963_985).abs() < 1e-8);
        assert!((quantile(0.05) + 1.644_853_627).abs() < 1e-8);
        assert!((below(1.959_963_985) - 0.975).abs() < 1e-9);
        for (freedom, expected) in [(1.0, 12.7062), (5.0, 2.570_582), (19.0, 2.093_024)] {
            let got = student_quantile(0.975, freedom);
            assert!((got / expected - 1.0).abs() < 1e-5, "{got}");
            assert!((student_below(expected, freedom) - 0.975).abs() < 1e-6);
        }
        assert_eq!(student_quantile(0.975, 0.0), f64::INFINITY);
        assert!(student_below(1.0, 0.0).is_nan() && student_below(f64::NAN, 5.0).is_nan());
    }
}
