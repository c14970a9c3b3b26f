//! Reads a build's identity, and compares it.

use plimsoll_scenario::plan::{Component, IdentitySource};
use serde_json::Value;

/// What a source told. At least one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// A version.
    pub version: Option<String>,
    /// A commit.
    pub revision: Option<String>,
    /// A digest, `sha256:…` in lower case.
    pub digest: Option<String>,
}

/// Whether what was said is the release; `None` where it does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreement {
    /// On the version.
    pub version: Option<bool>,
    /// On the revision. `None` if the plan has none.
    pub revision: Option<bool>,
}

impl Agreement {
    /// On all that was said.
    pub fn whole(self) -> Option<bool> {
        match (self.version, self.revision) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (None, None) => None,
            _ => Some(true),
        }
    }
}

/// Fewest digits of an abbreviated revision: what `git` shows.
const SHORTEST_REVISION: usize = 7;

/// Whether two texts name the same version: equal but for a leading `v`.
pub fn same_version(one: &str, other: &str) -> bool {
    bare(one) == bare(other)
}

fn bare(version: &str) -> &str {
    let version = version.trim();
    match version.strip_prefix(['v', 'V']) {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => version,
    }
}

/// Whether two texts name the same revision: equal but for case, or one the start of the other.
pub fn same_revision(one: &str, other: &str) -> bool {
    let (one, other) = (
        one.trim().to_ascii_lowercase(),
        other.trim().to_ascii_lowercase(),
    );
    one == other
        || is_revision(&one)
            && is_revision(&other)
            && (one.starts_with(&other) || other.starts_with(&one))
}

fn is_revision(text: &str) -> bool {
    text.len() >= SHORTEST_REVISION && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A digest as `sha256:…` in lower case, if it is one.
pub(super) fn digest(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    // As `docker images --digests` and the like name it: `registry/name@sha256:…`.
    let (_, digits) = text.rsplit_once("sha256:")?;
    let whole = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| format!("sha256:{digits}"))
}

/// Whether what was said is the component's build.
pub fn agrees(said: &Said, component: &Component) -> Agreement {
    let expected: Vec<String> = component
        .sources
        .iter()
        .filter_map(declared_digest)
        .collect();
    let digest = match &said.digest {
        Some(digest) if !expected.is_empty() => Some(expected.contains(digest)),
        _ => None,
    };
    let version = said
        .version
        .as_deref()
        .map(|seen| same_version(seen, &component.version));
    let revision = match (&said.revision, &component.revision) {
        (Some(seen), Some(expected)) => Some(same_revision(seen, expected)),
        _ => None,
    };
    let both = |one: Option<bool>, other: Option<bool>| match (one, other) {
        (Some(one), Some(other)) => Some(one && other),
        (one, other) => one.or(other),
    };
    Agreement {
        version: both(version, digest),
        revision: both(revision, digest.filter(|_| component.revision.is_some())),
    }
}

fn declared_digest(source: &IdentitySource) -> Option<String> {
    match source {
        IdentitySource::File { sha256, .. } => {
            digest(sha256).or_else(|| digest(&format!("sha256:{sha256}")))
        }
        IdentitySource::Image {
            digest: expected, ..
        } => digest(expected),
        _ => None,
    }
}

/// Reads a text such as a header's value.
///
/// # Errors
/// What it is instead, and what to do.
pub fn read(text: &str, expected_version: &str) -> Result<Said, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [] => Err("it is empty; name what is asked for a version".to_owned()),
        [one] => Ok(word(one, expected_version)),
        [one, other] if is_revision(other) && digest(one).is_none() => Ok(Said {
            version: Some(one.to_owned()),
            revision: Some(other.to_owned()),
            digest: None,
        }),
        _ => Err(format!(
            "`{}` is neither `VERSION+REVISION`, `VERSION REVISION`, one of the two nor `sha256:…`; say where they are with `version` and `revision`",
            crate::text::head(text.trim(), 80)
        )),
    }
}

fn word(text: &str, expected_version: &str) -> Said {
    let version = |text: &str| Some(text.to_owned());
    if digest(text).is_some() {
        return Said {
            digest: digest(text),
            ..Said::default()
        };
    }
    // A version made of digits only looks like a revision, and one may have a `+` in it.
    if same_version(text, expected_version) {
        return Said {
            version: version(text),
            ..Said::default()
        };
    }
    if is_revision(text) {
        return Said {
            revision: Some(text.to_owned()),
            ..Said::default()
        };
    }
    match text.rsplit_once('+') {
        Some((before, after)) if is_revision(after) && !before.is_empty() => Said {
            version: version(before),
            revision: Some(after.to_owned()),
            digest: None,
        },
        _ => Said {
            version: version(text),
            ..Said::default()
        },
    }
}

/// Reads a JSON document or a text, with the places of version and revision if they are known.
///
/// # Errors
/// What is missing, and what to do.
pub(super) fn read_document(
    text: &str,
    version: Option<&str>,
    revision: Option<&str>,
    expected_version: &str,
) -> Result<Said, String> {
    let json: Option<Value> = serde_json::from_str(text.trim()).ok();
    if version.is_none() && revision.is_none() {
        return match json {
            Some(Value::Object(map)) => {
                let member = |names: &[&str]| names.iter().find_map(|name| scalar(map.get(*name)?));
                let (version, revision) = (member(&["version"]), member(&["revision", "commit"]));
                if version.is_none() && revision.is_none() {
                    return Err("its JSON has no member `version`, `revision` or `commit`; say where they are with `version` and `revision`".to_owned());
                }
                Ok(combine(version, revision, expected_version))
            }
            Some(Value::String(text)) => read(&text, expected_version),
            _ => read(text, expected_version),
        };
    }
    let Some(json) = json else {
        return Err(format!(
            "it is not JSON: `{}`; leave `version` and `revision` out to read it as a text",
            crate::text::head(text.trim(), 80)
        ));
    };
    let at = |place: Option<&str>| place.map(|place| find(&json, place)).transpose();
    Ok(combine(at(version)?, at(revision)?, expected_version))
}

/// A member may hold both, such as `4.12.0+9f2c1e0`.
fn combine(version: Option<String>, revision: Option<String>, expected_version: &str) -> Said {
    let mut said = Said {
        version,
        revision,
        digest: None,
    };
    if let Some(version) = &said.version {
        let parts = word(version, expected_version);
        if parts.version.is_some() && parts.revision.is_some() && said.revision.is_none() {
            said = parts;
        }
    }
    if let Some(found) = said.revision.as_deref().and_then(digest) {
        said.revision = None;
        said.digest = Some(found);
    }
    said
}

fn find(json: &Value, place: &str) -> Result<String, String> {
    let found = if place.starts_with('$') {
        let path = plimsoll_scenario::JsonPath::parse(place)
            .map_err(|problem| format!("`{place}` is no JSONPath: {problem}"))?;
        path.find(json).first().copied()
    } else {
        json.get(place)
    };
    found.and_then(scalar).ok_or_else(|| {
        format!("its JSON has no text or number at `{place}`; correct the place, or the release")
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
