//! How much a request matters when not all can be served.

use crate::quantity::{ParseError, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// How much a request matters: `0` most, up to `9` least. `critical`, `important` and `nice_to_have` are 0, 1 and 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Priority(u8);

impl Priority {
    /// What matters most: the priority of whatever has none.
    pub const FIRST: Self = Self(0);

    /// Its number; higher matters less.
    pub fn rank(self) -> u8 {
        self.0
    }

    /// How many may wait in a line of `limit` for a request of this priority to be let in, where `least` matters least.
    ///
    /// With priorities 0 to n, priority p may use (n + 1 − p) of n + 1 equal parts of the line, rounded up.
    pub(crate) fn room(self, limit: u32, least: Self) -> u32 {
        let parts = u64::from(least.0) + 1;
        let own = parts - u64::from(self.0.min(least.0));
        // At most `limit`, as `own` is at most `parts`.
        (u64::from(limit) * own).div_ceil(parts) as u32
    }
}

impl FromStr for Priority {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.as_bytes() {
            [digit @ b'0'..=b'9'] => Ok(Self(digit - b'0')),
            b"critical" => Ok(Self(0)),
            b"important" => Ok(Self(1)),
            b"nice_to_have" => Ok(Self(2)),
            _ => Err(ParseError::new(
                text,
                "a priority",
                "no priority is written like this",
                "a digit (0 matters most), or critical, important or nice_to_have",
            )),
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

serde_as_text!(Priority);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_shared_out_in_equal_parts() {
        let room = |rank, limit| Priority(rank).room(limit, Priority(2));
        assert_eq!((room(0, 90), room(1, 90), room(2, 90)), (90, 60, 30));
        assert_eq!((room(0, 1), room(1, 1), room(2, 1)), (1, 1, 1));
        assert_eq!(room(2, 0), 0);
        assert_eq!(room(9, 90), 30, "beyond the least is the least");
        assert_eq!(Priority::FIRST.room(u32::MAX, Priority(9)), u32::MAX);
    }

    #[test]
    fn tiers_have_names() {
        let read = |text: &str| text.parse().map(Priority::rank);
        assert_eq!((read("critical"), read("important")), (Ok(0), Ok(1)));
        assert_eq!((read("nice_to_have"), read("7")), (Ok(2), Ok(7)));
        let error = "urgent".parse::<Priority>().expect_err("unknown");
        assert!(error.to_string().contains("0 matters most"), "{error}");
        assert!("10".parse::<Priority>().is_err());
    }
}
