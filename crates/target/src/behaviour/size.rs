//! Amounts of memory as users write them: `50KB`, `512MiB`.

use crate::quantity::{ParseError, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// An amount of memory, in bytes: `50KB` (thousands), `512MiB` (powers of two), `4096B`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

/// The units, largest first, so that the first that divides a size is its shortest text.
const UNITS: [(u64, &str); 7] = [
    (1 << 30, "GiB"),
    (1_000_000_000, "GB"),
    (1 << 20, "MiB"),
    (1_000_000, "MB"),
    (1 << 10, "KiB"),
    (1_000, "KB"),
    (1, "B"),
];

/// More than any machine that this is for has; sums stay far from overflowing.
const LARGEST: u64 = 1 << 50;

impl Size {
    /// So many bytes, at most 1 PiB.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(if bytes < LARGEST { bytes } else { LARGEST })
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for Size {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = |cause: String| {
            ParseError::new(
                text,
                "a size",
                cause,
                "a whole number and a unit (B, KB, MB, GB, KiB, MiB, GiB), such as `50KB`",
            )
        };
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim());
        if number.is_empty() {
            return Err(error("it does not begin with a number".to_owned()));
        }
        if unit.is_empty() {
            return Err(error("the unit is missing".to_owned()));
        }
        let Some((bytes_per_unit, _)) = UNITS.iter().find(|(_, name)| *name == unit) else {
            return Err(error(format!("`{unit}` is not a unit of size")));
        };
        let bytes = number.parse::<u64>().ok();
        match bytes.and_then(|number| number.checked_mul(*bytes_per_unit)) {
            Some(bytes) if bytes <= LARGEST => Ok(Self(bytes)),
            _ => Err(error("it is more than 1 PiB".to_owned())),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fitting = UNITS
            .iter()
            .find(|(size, _)| self.0 >= *size && self.0.is_multiple_of(*size));
        let (size, unit) = fitting.unwrap_or(&(1, "B"));
        write!(f, "{}{unit}", self.0 / size)
    }
}

serde_as_text!(Size);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_have_units() {
        let read = |text: &str| text.parse().map(Size::bytes);
        assert_eq!(read("50KB"), Ok(50_000));
        assert_eq!(read("512MiB"), Ok(536_870_912));
        assert_eq!(read("0B"), Ok(0));
        let said = |text: &str| text.parse::<Size>().expect_err(text).cause;
        assert!(said("50").contains("the unit is missing"));
        assert!(said("50kb").contains("`kb` is not a unit of size"));
        assert!(said("KB").contains("begin with a number"));
        assert!(said("99999999999GiB").contains("more than 1 PiB"));
    }

    proptest! {
        #[test]
        fn a_written_size_reads_back(bytes in 0..LARGEST) {
            let size = Size::from_bytes(bytes);
            prop_assert_eq!(size.to_string().parse(), Ok(size));
        }
    }
}
