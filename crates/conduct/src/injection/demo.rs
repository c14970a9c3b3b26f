//! Changes of the demo service's behaviour, which may overlap.

use serde_json::Value;

/// The demo service's behaviour, in somebody else's hands.
pub trait DemoControl: Send + Sync {
    /// Replaces the members that are named; the others stay. Answers the behaviour before.
    ///
    /// # Errors
    /// Why the behaviour cannot be, in words.
    fn merge(&self, behaviour: &Value) -> Result<Value, String>;

    /// Replaces the whole behaviour.
    ///
    /// # Errors
    /// Why the behaviour cannot be, in words.
    fn replace(&self, behaviour: &Value) -> Result<(), String>;
}

/// The changes that are in force. What holds is the behaviour before the first of them, and then every
/// change that is not undone, in order: so the order of undoing does not matter.
#[derive(Default)]
pub(super) struct Changes {
    original: Option<Value>,
    active: Vec<(usize, Value)>,
}

impl Changes {
    pub(super) fn apply(
        &mut self,
        control: &dyn DemoControl,
        which: usize,
        change: &Value,
    ) -> Result<(), String> {
        let before = control.merge(change)?;
        self.original.get_or_insert(before);
        self.active.push((which, change.clone()));
        Ok(())
    }

    pub(super) fn revert(&mut self, control: &dyn DemoControl, which: usize) -> Result<(), String> {
        self.active.retain(|(active, _)| *active != which);
        if let Some(original) = &self.original {
            control.replace(original)?;
        }
        for (_, change) in &self.active {
            control.merge(change)?;
        }
        if self.active.is_empty() {
            self.original = None;
        }
        Ok(())
    }
}
