//! Changing some members of a behaviour and leaving the rest: JSON merge patch.

use super::{Behaviour, BehaviourError};
use serde_json::{Map, Value};

/// Why a change cannot be made. Nothing has been changed then.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The change is no object.
    #[error(
        "a change of behaviour is a JSON object of the settings to change, such as {{\"capacity\": \"300/s\"}}"
    )]
    NotAnObject,
    /// What comes out is no behaviour.
    #[error("{0}")]
    Unreadable(#[from] serde_json::Error),
    /// What comes out contradicts itself.
    #[error(transparent)]
    Contradiction(#[from] BehaviourError),
}

impl Behaviour {
    /// This behaviour with some members changed, by JSON merge patch (RFC 7396): `null` takes a setting back to its
    /// default, a list replaces the list, an object changes the members that it names.
    ///
    /// # Errors
    /// When the change is no object, or what comes out is not a behaviour or contradicts itself.
    pub fn merged(&self, change: &Value) -> Result<Self, MergeError> {
        let Value::Object(change) = change else {
            return Err(MergeError::NotAnObject);
        };
        let mut document = serde_json::to_value(self)?;
        merge(&mut document, change);
        let merged: Self = serde_json::from_value(document)?;
        merged.check()?;
        Ok(merged)
    }
}

/// MergePatch of RFC 7396, section 2.
fn merge(target: &mut Value, patch: &Map<String, Value>) {
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(name);
            }
            Value::Object(patch) => merge(target.entry(name).or_insert(Value::Null), patch),
            other => {
                target.insert(name.clone(), other.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The test cases of RFC 7396, appendix A, whose patch is an object.
    #[test]
    fn the_cases_of_the_rfc() {
        for (mut target, patch, expected) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (
                json!({"a":"b","b":"c"}),
                json!({"a":null}),
                json!({"b":"c"}),
            ),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
        ] {
            merge(&mut target, patch.as_object().expect("an object"));
            assert_eq!(target, expected, "{patch}");
        }
    }

    fn behaviour(json: Value) -> Behaviour {
        serde_json::from_value(json).expect("a behaviour")
    }

    #[test]
    fn only_what_is_named_changes() {
        let before = behaviour(json!({
            "capacity":"10/s", "queue":5, "latency":["1ms"],
            "dependency":{"state":"up","latency":"2s","paths":["/recommend"]},
        }));
        let after = before
            .merged(&json!({"queue":null,"latency":["2ms"],"dependency":{"state":"down"}}))
            .expect("a change");
        let expected = behaviour(json!({
            "capacity":"10/s", "latency":["2ms"],
            "dependency":{"state":"down","latency":"2s","paths":["/recommend"]},
        }));
        assert_eq!(after, expected);
        assert_eq!(before.merged(&json!({})).expect("no change"), before);
    }

    /// What makes an undo of the behaviour before.
    #[test]
    fn a_whole_behaviour_merged_is_that_behaviour() {
        let rich = behaviour(json!({
            "fifo":"1ms", "queue":5, "errors":["1%"], "release":{"version":"2","commit":"c","id":"x"},
            "dependency":{"state":"slow","latency":"2s","paths":["/recommend"],"pool":3},
        }));
        let other = behaviour(json!({"capacity":"1/s","scale":{"to":"2/s","after":"1s"}}));
        for (from, to) in [(&rich, &other), (&other, &rich)] {
            let whole = serde_json::to_value(to).expect("json");
            assert_eq!(&from.merged(&whole).expect("a change"), to);
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        let before = Behaviour::default();
        let said = |change: Value| before.merged(&change).expect_err("wrong").to_string();
        assert!(said(json!([])).contains("is a JSON object"));
        assert!(said(json!({"latancy":[]})).contains("latancy"));
        assert!(said(json!({"queue":1})).contains("without a line"));
    }
}
