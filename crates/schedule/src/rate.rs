//! Arrivals per second, as a number that is known to be usable.

use thiserror::Error;

/// Arrivals per second: finite and not negative.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Rate(f64);

/// A number that is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("{0} is no rate: a rate is a finite number of arrivals per second, 0 or more")]
pub struct RateError(f64);

impl Rate {
    /// No arrivals at all.
    pub const ZERO: Self = Self(0.0);

    /// A rate of `arrivals` per second.
    ///
    /// # Errors
    /// If the number is negative, infinite or not a number.
    pub fn per_second(arrivals: f64) -> Result<Self, RateError> {
        if arrivals.is_finite() && arrivals >= 0.0 {
            // Adding zero turns -0.0 into 0.0.
            Ok(Self(arrivals + 0.0))
        } else {
            Err(RateError(arrivals))
        }
    }

    /// Arrivals per second.
    pub const fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_numbers_from_zero_up_are_rates() {
        assert_eq!(Rate::per_second(2.5).map(Rate::get), Ok(2.5));
        assert_eq!(Rate::per_second(0.0), Ok(Rate::ZERO));
        for wrong in [-1.0, f64::INFINITY, f64::NAN] {
            assert!(Rate::per_second(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            Rate::per_second(-1.0).unwrap_err().to_string(),
            "-1 is no rate: a rate is a finite number of arrivals per second, 0 or more"
        );
    }
}
