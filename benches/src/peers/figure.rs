//! A figure with its unit and how much it varied.

use std::fmt;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// 1024 bytes.
    Kib,
    /// A million bytes.
    Megabytes,
    /// Things.
    Count,
}

/// A figure: the median of what was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Figure {
    /// The median.
    pub(crate) value: f64,
    /// From the lowest to the highest, as a share of the median; 0 where it was seen once.
    pub(crate) spread: f64,
    /// Its unit.
    pub(crate) unit: Unit,
}

impl Figure {
    /// A figure that was seen once.
    pub(crate) const fn once(value: f64, unit: Unit) -> Self {
        Self {
            value,
            spread: 0.0,
            unit,
        }
    }

    /// The median of what was seen; `None` of nothing.
    pub(crate) fn median(seen: impl IntoIterator<Item = f64>, unit: Unit) -> Option<Self> {
        let mut seen: Vec<f64> = seen.into_iter().filter(|value| value.is_finite()).collect();
        seen.sort_by(f64::total_cmp);
        let (first, last) = (*seen.first()?, *seen.last()?);
        let middle = seen.len() / 2;
        let value = match seen.len() % 2 {
            0 => (seen[middle - 1] + seen[middle]) / 2.0,
            _ => seen[middle],
        };
        let spread = if value > 0.0 {
            (last - first) / value
        } else {
            0.0
        };
        Some(Self {
            value,
            spread,
            unit,
        })
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = short(self.value);
        match self.unit {
            Unit::Microseconds => write!(formatter, "{value} µs"),
            Unit::Milliseconds => write!(formatter, "{value} ms"),
            Unit::Kib => write!(formatter, "{value} KiB"),
            Unit::Megabytes => write!(formatter, "{value} MB"),
            Unit::Count => write!(formatter, "{}", self.value),
        }?;
        if self.spread > 0.0 {
            write!(formatter, " (spread {:.0} %)", self.spread * 100.0)?;
        }
        Ok(())
    }
}

/// Three digits that say something.
pub(crate) fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_the_spread_is_from_end_to_end() {
        let of = |seen: &[f64]| Figure::median(seen.iter().copied(), Unit::Microseconds);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[f64::NAN]), None);
        let figure = of(&[3.0, 1.0, 2.0]).unwrap();
        assert_eq!((figure.value, figure.spread), (2.0, 1.0));
        assert_eq!(of(&[4.0, 1.0, 3.0, 2.0]).unwrap().value, 2.5);
        assert_eq!(figure.to_string(), "2.00 µs (spread 100 %)");
    }
}
