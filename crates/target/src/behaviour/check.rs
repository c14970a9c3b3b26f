//! Whether settings go together.

use super::{Behaviour, DependencyState, Refusal};
use std::time::Duration;

impl Behaviour {
    /// Whether the settings go together.
    ///
    /// # Errors
    /// Names the settings that do not, and the cure.
    pub fn check(&self) -> Result<(), BehaviourError> {
        if self.fifo.is_some() && self.capacity.is_some() {
            return Err(BehaviourError::TwoQueues);
        }
        for (setting, duration) in [
            ("fifo", self.fifo),
            ("collapse", self.collapse),
            ("scale.after", self.scale.map(|scale| scale.after)),
        ] {
            if duration.is_some_and(|duration| duration.is_zero()) {
                return Err(BehaviourError::Zero { setting });
            }
        }
        let lined = self.fifo.is_some() || self.capacity.is_some();
        for (setting, set) in [
            ("queue", self.queue.is_some()),
            ("collapse", self.collapse.is_some()),
            ("refusal", self.refusal != Refusal::default()),
        ] {
            if set && !lined {
                return Err(BehaviourError::NoQueue { setting });
            }
        }
        for (setting, set, needs) in [
            (
                "priority",
                !self.priority.is_empty() && self.queue.is_none(),
                "queue",
            ),
            (
                "scale",
                self.scale.is_some() && self.capacity.is_none(),
                "capacity",
            ),
            (
                "leak_limit",
                self.leak_limit.is_some() && self.leak.is_none(),
                "leak",
            ),
        ] {
            if set {
                return Err(BehaviourError::Needs { setting, needs });
            }
        }
        if let (Some(scale), Some(capacity)) = (self.scale, self.capacity)
            && scale.to <= capacity
        {
            return Err(BehaviourError::NotUp);
        }
        self.check_dependency()
    }

    fn check_dependency(&self) -> Result<(), BehaviourError> {
        let Some(dependency) = &self.dependency else {
            return Ok(());
        };
        if dependency
            .pool
            .is_some_and(|pool| !(1..=MOST_WORKERS).contains(&pool))
        {
            return Err(BehaviourError::Workers);
        }
        if dependency.paths.is_empty() || dependency.paths.iter().any(|path| !path.starts_with('/'))
        {
            return Err(BehaviourError::Paths);
        }
        let slow = dependency.state == DependencyState::Slow;
        if slow && dependency.latency == Duration::ZERO {
            return Err(BehaviourError::Zero {
                setting: "dependency.latency",
            });
        }
        Ok(())
    }
}

/// The most workers of a pool.
const MOST_WORKERS: u32 = 100_000;

/// Settings that do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BehaviourError {
    /// Both kinds of line.
    #[error("`fifo` and `capacity` are both set, but a service has one line; remove one of them")]
    TwoQueues,
    /// A setting of a line that is not there.
    #[error(
        "`{setting}` is set without a line to apply to; set `capacity` (such as 1000/s) or `fifo` (such as 1ms) too"
    )]
    NoQueue {
        /// The setting.
        setting: &'static str,
    },
    /// A length of time that must not be zero.
    #[error("`{setting}` is zero; leave it out, or write a duration such as 1ms")]
    Zero {
        /// The setting.
        setting: &'static str,
    },
    /// A setting without the one that it changes.
    #[error("`{setting}` is set without `{needs}`, which it adds to; set `{needs}` too")]
    Needs {
        /// The setting.
        setting: &'static str,
        /// The one that is not there.
        needs: &'static str,
    },
    /// A scale-out that leads down.
    #[error("`scale.to` is not above `capacity`, which it grows from; write a higher rate")]
    NotUp,
    /// A pool of no workers, or of too many.
    #[error(
        "`dependency.pool` is not between 1 and 100000; write a number of workers such as 20, or leave it out"
    )]
    Workers,
    /// A dependency of no page, or of something that is no path.
    #[error(
        "`dependency.paths` has to name the pages that need it, each beginning with a slash, such as /recommend"
    )]
    Paths,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_do_not_go_together_are_told() {
        let capacity = "10/s".parse().ok();
        let millisecond = Some(Duration::from_millis(1));
        let both = Behaviour {
            fifo: millisecond,
            capacity,
            ..Behaviour::default()
        };
        assert_eq!(both.check(), Err(BehaviourError::TwoQueues));
        let alone = Behaviour {
            queue: Some(1),
            ..Behaviour::default()
        };
        assert_eq!(
            alone.check(),
            Err(BehaviourError::NoQueue { setting: "queue" })
        );
        let zero = Behaviour {
            fifo: Some(Duration::ZERO),
            ..Behaviour::default()
        };
        assert_eq!(zero.check(), Err(BehaviourError::Zero { setting: "fifo" }));
    }

    #[test]
    fn every_contradiction_names_its_setting() {
        let said = |json: &str| {
            let behaviour: Behaviour = serde_json::from_str(json).expect(json);
            behaviour.check().expect_err(json).to_string()
        };
        for (json, words) in [
            (
                r#"{"capacity":"1/s","priority":["1"]}"#,
                "`priority` is set without `queue`",
            ),
            (
                r#"{"fifo":"1s","scale":{"to":"2/s","after":"1s"}}"#,
                "`scale` is set without `capacity`",
            ),
            (
                r#"{"capacity":"2/s","scale":{"to":"2/s","after":"1s"}}"#,
                "`scale.to` is not above `capacity`",
            ),
            (
                r#"{"capacity":"1/s","scale":{"to":"2/s","after":"0s"}}"#,
                "`scale.after` is zero",
            ),
            (
                r#"{"leak_limit":"1MB"}"#,
                "`leak_limit` is set without `leak`",
            ),
            (
                r#"{"dependency":{}}"#,
                "`dependency.paths` has to name the pages",
            ),
            (
                r#"{"dependency":{"paths":["search"]}}"#,
                "beginning with a slash",
            ),
            (
                r#"{"dependency":{"paths":["/a"],"pool":0}}"#,
                "`dependency.pool` is not between",
            ),
            (
                r#"{"dependency":{"paths":["/a"],"state":"slow"}}"#,
                "`dependency.latency` is zero",
            ),
        ] {
            assert!(said(json).contains(words), "{json}: {}", said(json));
        }
    }
}
