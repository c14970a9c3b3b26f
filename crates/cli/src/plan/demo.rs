//! The demo service in the hands of injections.

use plimsoll_conduct::injection::DemoControl;
use plimsoll_target::Demo;
use serde_json::Value;
use std::sync::Arc;

struct InProcess(Arc<Demo>);

/// The demo service of this process.
pub(crate) fn control(demo: Arc<Demo>) -> Arc<dyn DemoControl> {
    Arc::new(InProcess(demo))
}

impl DemoControl for InProcess {
    fn merge(&self, behaviour: &Value) -> Result<Value, String> {
        let before = self.0.merge_behaviour(behaviour.clone());
        let before = before.map_err(|problem| problem.to_string())?;
        serde_json::to_value(before).map_err(|problem| problem.to_string())
    }

    /// By merging, because every member is named: what waits in line stays there, as it would in a
    /// service that is mended.
    fn replace(&self, behaviour: &Value) -> Result<(), String> {
        let replaced = self.0.merge_behaviour(behaviour.clone());
        replaced.map(|_| ()).map_err(|problem| problem.to_string())
    }
}
