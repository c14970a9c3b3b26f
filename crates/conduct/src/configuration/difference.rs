//! Where two trees differ.

use super::MOST_DIFFERENCES;
use plimsoll_report::document::Difference;
use plimsoll_scenario::Masker;
use plimsoll_scenario::plan::AllowedDifference;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Longest value that is shown, in bytes.
const LONGEST_VALUE: usize = 200;

/// The differences found so far.
pub(super) struct Differences<'a> {
    allowed: &'a [AllowedDifference],
    masker: &'a Masker,
    undeclared: Vec<Difference>,
    declared: Vec<Difference>,
    undeclared_count: usize,
}

impl<'a> Differences<'a> {
    pub(super) const fn new(allowed: &'a [AllowedDifference], masker: &'a Masker) -> Self {
        Self {
            allowed,
            masker,
            undeclared: Vec::new(),
            declared: Vec::new(),
            undeclared_count: 0,
        }
    }

    pub(super) fn between(&mut self, rendered: &Value, deployed: &Value) {
        self.compare("", Some(rendered), Some(deployed), false);
    }

    pub(super) const fn undeclared(&self) -> usize {
        self.undeclared_count
    }

    /// Those that were not declared first: they must not fall to the limit.
    pub(super) fn listed(self) -> Vec<Difference> {
        let mut all = self.undeclared;
        all.extend(self.declared);
        all.truncate(MOST_DIFFERENCES);
        all
    }

    fn compare(
        &mut self,
        at: &str,
        rendered: Option<&Value>,
        deployed: Option<&Value>,
        secret: bool,
    ) {
        match (rendered, deployed) {
            (Some(Value::Object(one)), Some(Value::Object(other))) => {
                let secret = secret || names_a_secret(one) || names_a_secret(other);
                for (key, value) in one {
                    self.member(at, key, Some(value), other.get(key), secret);
                }
                for (key, value) in other.iter().filter(|(key, _)| !one.contains_key(*key)) {
                    self.member(at, key, None, Some(value), secret);
                }
            }
            (Some(Value::Array(one)), Some(Value::Array(other))) => {
                for index in 0..one.len().max(other.len()) {
                    let at = format!("{at}/{index}");
                    self.compare(&at, one.get(index), other.get(index), secret);
                }
            }
            (Some(one), Some(other)) if same(one, other) => {}
            (None, None) => {}
            _ => self.push(at, rendered, deployed, secret),
        }
    }

    fn member(
        &mut self,
        at: &str,
        key: &str,
        rendered: Option<&Value>,
        deployed: Option<&Value>,
        secret: bool,
    ) {
        let at = format!("{at}/{}", escaped(key));
        let is_name = matches!(key, "name" | "key");
        let secret = !is_name && (secret || Masker::is_credential(key));
        self.compare(&at, rendered, deployed, secret);
    }

    fn push(&mut self, at: &str, rendered: Option<&Value>, deployed: Option<&Value>, secret: bool) {
        let allowed = self
            .allowed
            .iter()
            .find(|allowed| lies_below(at, &allowed.path));
        let show = |value: Option<&Value>| value.map(|value| self.shown(value, secret));
        let difference = Difference {
            path: at.to_owned(),
            rendered: show(rendered),
            deployed: show(deployed),
            reason: allowed.map(|allowed| allowed.reason.clone()),
            owner: allowed.map(|allowed| allowed.owner.clone()),
        };
        let list = match allowed {
            Some(_) => &mut self.declared,
            None => {
                self.undeclared_count += 1;
                &mut self.undeclared
            }
        };
        if list.len() < MOST_DIFFERENCES {
            list.push(difference);
        }
    }

    fn shown(&self, value: &Value, secret: bool) -> String {
        let text = match value {
            // What is in them may be secret.
            Value::Object(map) => return format!("(a map of {})", map.len()),
            Value::Array(list) => return format!("(a list of {})", list.len()),
            _ if secret => return "***".to_owned(),
            other => other.to_string(),
        };
        let text = without_password(&text);
        crate::text::head(&self.masker.mask(&text), LONGEST_VALUE)
    }
}

/// A key as a part of a JSON pointer: RFC 6901, section 3.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Whether a pointer is another or lies below it.
fn lies_below(pointer: &str, other: &str) -> bool {
    let other = other.strip_suffix('/').unwrap_or(other);
    match pointer.strip_prefix(other) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// Whether a map is an entry about a secret, such as `{ name: DB_PASSWORD, value: … }`.
fn names_a_secret(map: &Map<String, Value>) -> bool {
    ["name", "key"].iter().any(|key| {
        let name = map.get(*key).and_then(Value::as_str);
        name.is_some_and(Masker::is_credential)
    })
}

/// Numbers are the same by value: `1` and `1.0`.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
        }
        _ => one == other,
    }
}

/// A text without the user and password of a URL in it.
fn without_password(text: &str) -> Cow<'_, str> {
    let Some((before, rest)) = text.split_once("://") else {
        return Cow::Borrowed(text);
    };
    let authority = rest.split(['/', '?', '#', '"']).next().unwrap_or_default();
    match authority.rfind('@') {
        Some(at) => Cow::Owned(format!("{before}://***{}", &rest[at..])),
        None => Cow::Borrowed(text),
    }
}
