//! Settings of several parts as one text, for command lines: `state=down,latency=2s`.

use crate::quantity::ParseError;
use std::fmt::Display;
use std::str::FromStr;

/// What is being read, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pairs<'a> {
    pub(super) text: &'a str,
    pub(super) expected: &'static str,
    pub(super) cure: &'static str,
}

impl<'a> Pairs<'a> {
    /// Takes every `KEY=VALUE` in turn, with blanks around them dropped.
    pub(super) fn read(
        self,
        mut take: impl FnMut(&'a str, &'a str) -> Result<(), ParseError>,
    ) -> Result<(), ParseError> {
        for pair in self.text.split(',') {
            let Some((key, value)) = pair.split_once('=') else {
                return Err(self.error(format!("`{pair}` is not of the form KEY=VALUE")));
            };
            take(key.trim(), value.trim())?;
        }
        Ok(())
    }

    pub(super) fn error(self, cause: impl Into<String>) -> ParseError {
        ParseError::new(self.text, self.expected, cause, self.cure)
    }

    pub(super) fn unknown(self, key: &str) -> ParseError {
        self.error(format!("`{key}` is not one of its parts"))
    }

    /// A part's value, or what is wrong with it.
    pub(super) fn value<T: FromStr<Err: Display>>(self, text: &str) -> Result<T, ParseError> {
        text.parse()
            .map_err(|error: T::Err| self.error(error.to_string()))
    }
}
