//! How many times one thing is of another, and how far apart what was seen of it is.

use crate::figure::{Figure, Unit, short};
use std::fmt;

/// A ratio that was seen several times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Times {
    /// The median.
    pub(crate) median: f64,
    /// The lowest.
    pub(crate) lowest: f64,
    /// The highest.
    pub(crate) highest: f64,
}

impl Times {
    /// Of what was seen; `None` if that is nothing. A ratio to nothing is none.
    pub(crate) fn of(seen: impl IntoIterator<Item = f64>) -> Option<Self> {
        let seen: Vec<f64> = seen.into_iter().filter(|one| one.is_finite()).collect();
        Some(Self {
            lowest: seen.iter().copied().reduce(f64::min)?,
            highest: seen.iter().copied().reduce(f64::max)?,
            median: Figure::median(seen, Unit::Count)?.value,
        })
    }
}

impl fmt::Display for Times {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, lowest, highest] = [self.median, self.lowest, self.highest].map(short);
        write!(formatter, "{median} x")?;
        if lowest != highest {
            write!(formatter, " ({lowest} to {highest})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_told_with_what_was_seen_around_it() {
        let times = |seen: &[f64]| Times::of(seen.iter().copied()).map(|times| times.to_string());
        let expected = Some("1.04 x (0.99 to 1.21)".to_owned());
        assert_eq!(times(&[1.21, 0.99, 1.04]), expected);
        assert_eq!(times(&[1.5]), Some("1.50 x".to_owned()));
        assert_eq!(times(&[f64::NAN, f64::INFINITY]), None);
    }
}
