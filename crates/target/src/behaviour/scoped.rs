//! A setting for the whole service or for some of its paths.

use crate::quantity::ParseError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A value with the path it holds for: `20ms` everywhere, `20ms@/search` for `/search` and what lies below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scoped<T> {
    /// The value.
    pub value: T,
    /// The path it holds for, with all paths below; `None`: everywhere.
    pub path: Option<String>,
}

impl<T> Scoped<T> {
    /// A value that holds everywhere.
    pub fn everywhere(value: T) -> Self {
        Self { value, path: None }
    }

    /// Whether it holds for this path (without a query).
    pub(crate) fn covers(&self, path: &str) -> bool {
        self.path.as_deref().is_none_or(|scope| covers(scope, path))
    }

    /// The place of the setting for a path: the longest path that covers it; of two equal ones the later.
    pub(crate) fn most_specific(settings: &[Self], path: &str) -> Option<usize> {
        let length = |setting: &Self| setting.path.as_ref().map_or(0, String::len);
        let covering = settings
            .iter()
            .enumerate()
            .filter(|(_, setting)| setting.covers(path));
        covering
            .max_by_key(|(_, setting)| length(setting))
            .map(|(place, _)| place)
    }
}

/// Whether a path is `scope` or lies below it.
pub(super) fn covers(scope: &str, path: &str) -> bool {
    // Only the page itself: "everything below the root" is what no path says.
    if scope == "/" {
        return path == "/";
    }
    path.strip_prefix(scope)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl<T: FromStr<Err = ParseError>> FromStr for Scoped<T> {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.split_once('@') {
            None => Ok(Self::everywhere(text.parse()?)),
            Some((value, path)) if path.starts_with('/') => {
                let path = if path.len() > 1 {
                    path.trim_end_matches('/')
                } else {
                    path
                };
                Ok(Self {
                    value: value.parse()?,
                    path: Some(path.to_owned()),
                })
            }
            Some((_, path)) => Err(ParseError::new(
                text,
                "a setting for a path",
                format!("the path `{path}` does not begin with a slash"),
                "VALUE@/PATH, such as `20ms@/search`",
            )),
        }
    }
}

impl<T: fmt::Display> fmt::Display for Scoped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            None => self.value.fmt(f),
            Some(path) => write!(f, "{}@{path}", self.value),
        }
    }
}

impl<T: fmt::Display> Serialize for Scoped<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: FromStr<Err = ParseError>> Deserialize<'de> for Scoped<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Latency;

    fn chosen(settings: &[&str], path: &str) -> Option<String> {
        let settings: Vec<Scoped<Latency>> = settings
            .iter()
            .map(|text| text.parse().expect(text))
            .collect();
        Scoped::most_specific(&settings, path).map(|place| settings[place].to_string())
    }

    #[test]
    fn the_longest_covering_path_wins() {
        let settings = ["1ms", "2ms@/search", "3ms@/search/deep", "4ms@/"];
        let chosen = |path| chosen(&settings, path);
        assert_eq!(chosen("/login").as_deref(), Some("1ms"));
        assert_eq!(chosen("/search").as_deref(), Some("2ms@/search"));
        assert_eq!(chosen("/search/x").as_deref(), Some("2ms@/search"));
        assert_eq!(chosen("/searching").as_deref(), Some("1ms"));
        assert_eq!(
            chosen("/search/deep/er").as_deref(),
            Some("3ms@/search/deep")
        );
        assert_eq!(chosen("/").as_deref(), Some("4ms@/"));
    }

    #[test]
    fn the_later_of_two_equal_ones_wins_and_none_may_cover() {
        assert_eq!(chosen(&["1ms", "2ms"], "/").as_deref(), Some("2ms"));
        assert_eq!(chosen(&["1ms@/login"], "/"), None);
    }

    #[test]
    fn a_path_begins_with_a_slash() {
        let error = "1ms@search"
            .parse::<Scoped<Latency>>()
            .expect_err("no slash");
        assert!(error.to_string().contains("does not begin with a slash"));
    }
}
